import Diagnostics
import Language
import RRuntime

/// Evaluates R: walks calls as they are.
public final class Evaluator: Interpreter {
    /// Names of S3 methods by generic and class, so that they are put together once.
    var methodNames: [MethodKey: Symbol] = [:]

    /// The assignment whose replacement function is about to run: errors and warnings show it, not its target.
    var replacing: (target: Call, assignment: Call)?

    /// The call to show for one that is being evaluated.
    func shown(_ call: Call) -> Call {
        if let replacing, replacing.target === call { return replacing.assignment }
        return call
    }

    struct MethodKey: Hashable {
        let generic: Int
        let className: Text
    }

    /// Makes an evaluator.
    public init() {}

    /// Evaluates an expression.
    public func evaluate(_ expression: Value, in environment: Environment, _ context: Context) throws -> Value {
        switch expression {
        case .symbol(let symbol):
            context.isVisible = true
            return try variable(symbol, in: environment, context)
        case .call(let call): return try evaluate(call, in: environment, context)
        case .promise(let promise): return try force(promise, context)
        case .activeBinding(let binding): return try context.call(binding.function, [])
        case .missing: throw WorkbenchError(.value, "argument is missing, with no default")
        case .dots: throw WorkbenchError(.name, "'...' used in an incorrect context")
        default:
            context.isVisible = true
            return expression
        }
    }

    /// The value of a variable as code sees it.
    func variable(_ symbol: Symbol, in environment: Environment, _ context: Context) throws -> Value {
        guard let value = environment.lookup(symbol) else {
            if symbol.dotsPosition > 0 { return try dotsElement(symbol, in: environment, context) }
            let error = WorkbenchError(
                .name, "object '\(symbol.name)' not found",
                hint: didYouMean(symbol.name, among: visibleNames(from: environment)))
            throw try context.raise(error, call: context.innermostCall)
        }
        switch value {
        case .promise(let promise):
            if let known = promise.value { return known }
            return try force(promise, context)
        case .missing:
            if symbol.name.isEmpty { return .missing }
            throw try context.raise(
                WorkbenchError(.value, "argument \"\(symbol.name)\" is missing, with no default"),
                call: context.innermostCall)
        case .activeBinding(let binding): return try context.call(binding.function, [])
        case .dots:
            throw try context.raise(
                WorkbenchError(.name, "'...' used in an incorrect context"), call: context.innermostCall)
        default: return value
        }
    }

    private func visibleNames(from environment: Environment) -> [String] {
        var names: [String] = []
        var current: Environment? = environment
        while let here = current {
            names += here.names().map { $0.name }
            current = here.parent
        }
        return names
    }

    /// `..1`, `..2`, …
    private func dotsElement(_ symbol: Symbol, in environment: Environment, _ context: Context) throws -> Value {
        guard case .dots(let dots)? = environment.lookup(Symbol.dots) else {
            throw try context.raise(
                WorkbenchError(.name, "\(symbol.name) used in an incorrect context, no ... to look in"),
                call: context.innermostCall)
        }
        guard symbol.dotsPosition <= dots.arguments.count else {
            let count = symbol.dotsPosition
            throw try context.raise(
                WorkbenchError(
                    .value, "the ... list contains fewer than \(count) element\(count == 1 ? "" : "s")"),
                call: context.innermostCall)
        }
        return try context.forced(dots.arguments[symbol.dotsPosition - 1].value)
    }

    /// The value of a promise.
    public func force(_ promise: Promise, _ context: Context) throws -> Value {
        if let value = promise.value { return value }
        guard let environment = promise.environment else { return .null }
        if promise.isUnderEvaluation {
            throw try context.raise(
                WorkbenchError(
                    .value,
                    "promise already under evaluation: recursive default argument reference or earlier problems?"),
                call: context.innermostCall)
        }
        promise.isUnderEvaluation = true
        try enter(context)
        defer { context.depth -= 1 }
        do {
            let value = try evaluate(promise.expression, in: environment, context)
            promise.fulfil(value)
            return value
        } catch {
            promise.isUnderEvaluation = false
            throw error
        }
    }

    /// Counts one more evaluation inside another.
    /// - Throws: R's error when there are more than the option `expressions` allows, or the stack is nearly used up.
    @inline(__always)
    func enter(_ context: Context) throws {
        context.depth += 1
        if context.depth > 5000 || context.depth & 7 == 0 { try checkDepth(context) }
    }

    private func checkDepth(_ context: Context) throws {
        var here: UInt8 = 0
        let address = withUnsafeMutablePointer(to: &here) { UInt(bitPattern: $0) }
        let limit = max(25, context.options.int("expressions", 5000))
        guard context.depth > limit || address < context.stackLimit else { return }
        context.depth -= 1
        throw try context.raise(
            WorkbenchError(
                .runtime, "evaluation nested too deeply: infinite recursion / options(expressions=)?",
                hint: "a function calls itself without end, or options(expressions = ) is too small",
                span: context.innermostCall?.span),
            call: nil)
    }

    /// Expressions of a text; an error's message is R's whole condition, with place and lines.
    public func parse(_ text: String, file: String?) throws -> [Value] {
        // Each line ends in R's view, the last one too.
        let program = Language.parseProgram(SourceText(text.hasSuffix("\n") ? text : text + "\n", file: file))
        guard let failure = program.failure else { return program.expressions.map(\.value) }
        var error = failure.error
        error.message = failure.conditionMessage(file ?? "<text>")
        error.span = nil
        throw error
    }

    /// Source lines of a value.
    public func deparse(_ value: Value, _ options: DeparseOptions) -> [String] {
        Language.deparse(value, options)
    }
}
