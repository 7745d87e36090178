import Diagnostics
import RRuntime

/// `for (name in sequence) body`.
struct ForLoop {
    private static let colon = Symbol.named(":")

    let evaluator: Evaluator

    func register(_ base: Namespace) {
        base.keyword("for", help: "for (name in sequence) expr", run)
    }

    private func run(_ call: Call, _ environment: Environment, _ context: Context) throws -> Value {
        guard call.arguments.count == 3, case .symbol(let variable) = call.arguments[0].value else {
            throw WorkbenchError(.syntax, "invalid 'for'")
        }
        let written = call.arguments[1].value
        let body = call.arguments[2].value
        let elements =
            try range(written, environment, context)
            ?? elements(of: evaluator.evaluate(written, in: environment, context), written: written, context)
        context.loopHomes.enter(environment)
        defer { context.loopHomes.leave(environment) }
        for place in 0..<elements.count {
            if context.interruptFlag?.pointee ?? 0 != 0 { try context.pollInterrupt() }
            if context.lock.isWanted { context.giveWay() }
            try environment.set(variable, elements.element(place))
            do {
                _ = try evaluator.evaluate(body, in: environment, context)
            } catch ControlFlow.breakLoop(let home) where home === environment {
                break
            } catch ControlFlow.nextIteration(let home) where home === environment {
                continue
            }
        }
        context.isVisible = false
        return .null
    }

    /// A long `from:to` of whole numbers, which can be gone through without standing in memory; nil for anything else.
    private func range(_ written: Value, _ environment: Environment, _ context: Context) throws -> Elements? {
        guard case .call(let call) = written, call.name == ForLoop.colon, call.arguments.count == 2,
            let first = try end(call.arguments[0], environment, context),
            let last = try end(call.arguments[1], environment, context), abs(Int(last) - Int(first)) >= 1 << 20,
            case .builtin(let colon) = try context.function(ForLoop.colon, from: environment),
            case .builtin(let original)? = context.baseEnvironment.local(ForLoop.colon), colon === original
        else { return nil }
        let step = first <= last ? 1 : -1
        return Elements(count: abs(Int(last) - Int(first)) + 1) {
            .integer(Vector([Int32(truncatingIfNeeded: Int(first) + step * $0)]))
        }
    }

    /// A whole number that stands in the code or in a variable: what can be looked at twice.
    private func end(_ argument: Argument, _ environment: Environment, _ context: Context) throws -> Int32? {
        var value = argument.value
        if case .symbol(let symbol) = value {
            if case .activeBinding? = environment.lookup(symbol) { return nil }
            value = try evaluator.evaluate(value, in: environment, context)
        }
        guard value.attributes == nil, value.length == 1 else { return nil }
        switch value {
        case .integer(let numbers): return numbers[0]
        case .double(let numbers): return Int32(exactly: numbers[0])
        default: return nil
        }
    }

    private struct Elements {
        let count: Int
        let element: (Int) -> Value
    }

    /// Elements one by one: of vectors without their attributes; of factors their labels.
    private func elements(of sequence: Value, written: Value, _ context: Context) throws -> Elements {
        if sequence.inherits("factor") {
            let labels = try context.call("as.character", [Argument(sequence)])
            return try elements(of: labels.bare, written: written, context)
        }
        switch sequence {
        case .null: return Elements(count: 0) { _ in .null }
        case .logical(let v): return Elements(count: v.count) { .logical(Vector([v[$0]])) }
        case .integer(let v): return Elements(count: v.count) { .integer(Vector([v[$0]])) }
        case .double(let v): return Elements(count: v.count) { .double(Vector([v[$0]])) }
        case .complex(let v): return Elements(count: v.count) { .complex(Vector([v[$0]])) }
        case .character(let v): return Elements(count: v.count) { .character(Vector([v[$0]])) }
        case .raw(let v): return Elements(count: v.count) { .raw(Vector([v[$0]])) }
        case .list(let v), .expression(let v): return Elements(count: v.count) { v[$0] }
        case .object(let object):
            // Only a method of its own: that of environments would list nothing, and the loop would silently not run.
            let asList = Symbol.named("as.list")
            if let found = evaluator.findMethod(
                asList, classes: object.classes, from: context.globalEnvironment, context)
            {
                let listed = try evaluator.callMethod(
                    found, generic: asList, object: sequence, [Argument(sequence)],
                    call: Call("as.list", [written]), environment: context.globalEnvironment, context)
                if case .list = listed { return try elements(of: listed.bare, written: written, context) }
            }
            throw WorkbenchError(
                .type, "invalid for() loop sequence",
                hint: object.classes.first.map { "a \($0) is no vector or list" })
        default: throw WorkbenchError(.type, "invalid for() loop sequence")
        }
    }
}
