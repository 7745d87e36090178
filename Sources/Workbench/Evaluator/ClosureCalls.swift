import Diagnostics
import RRuntime

extension Evaluator {
    /// Calls a function written in R.
    ///
    /// - Parameters:
    ///   - arguments: Promises or values, `...` spread out, in the order given.
    ///   - caller: `parent.frame()` of the call.
    ///   - dispatch: Set when it is an S3 method reached by dispatch.
    ///   - generic: The frame of `UseMethod()`, whose variables besides its parameters the method has, too (R 4.2).
    func applyClosure(
        _ closure: Closure, _ arguments: [Argument], call: Call, caller: Environment, dispatch: DispatchState?,
        inheriting generic: Frame? = nil, _ context: Context
    ) throws -> Value {
        if context.isReplacingInPlace { throw InPlaceInterruption() }
        let slots = try locating(call, context) { try match(closure.formals, arguments, context) }
        let environment = Environment(parent: closure.environment, symbols: closure.formals.names, slots: slots)
        let defaults = closure.formals.defaults
        for place in defaults.indices {
            guard environment[position: place].isMissing, !defaults[place].isMissing else { continue }
            environment[position: place] = .promise(Promise(defaults[place], in: environment, isDefault: true))
        }
        let frame = Frame(
            call: call, function: closure, environment: environment, callerEnvironment: caller, supplied: arguments)
        if let dispatch {
            frame.dispatch = dispatch
            environment.define(Symbol.generic, .character(Vector([dispatch.generic.text])))
            environment.define(Symbol.dispatchClass, .character(Vector(dispatch.remaining.map { $0 })))
        }
        if let generic { define(variablesOf: generic, in: environment) }
        try enter(context)
        context.frames.append(frame)
        let depth = context.frames.count
        defer {
            context.depth -= 1
            if context.frames.count >= depth { context.frames.removeSubrange((depth - 1)...) }
        }
        if context.interruptFlag?.pointee ?? 0 != 0 { try context.pollInterrupt() }
        if context.lock.isWanted { context.giveWay() }
        if let check = closure.check { try locating(call, context) { try check(environment, context) } }
        var result: Value
        do {
            result = try evaluate(closure.body, in: environment, context)
        } catch ControlFlow.returnValue(let value, let origin) where origin === environment {
            result = value
        } catch {
            guard !frame.onExit.isEmpty else { throw error }
            if let value = try runExitCode(of: frame, depth, context) { return value }
            throw error
        }
        if !frame.onExit.isEmpty {
            let visible = context.isVisible
            if let value = try runExitCode(of: frame, depth, context) { result = value }
            context.isVisible = visible
        }
        return result
    }

    private func define(variablesOf generic: Frame, in environment: Environment) {
        let names = generic.environment.names()
        let formals = generic.function.formals.names
        guard names.count > formals.count else { return }
        for name in names where environment.position(of: name) < 0 && !formals.contains(where: { $0 === name }) {
            if let value = generic.environment.local(name) { environment.define(name, value) }
        }
    }

    /// Runs what `on.exit` registered; a `return()` there replaces the function's value.
    private func runExitCode(of frame: Frame, _ depth: Int, _ context: Context) throws -> Value? {
        if context.frames.count > depth { context.frames.removeSubrange(depth...) }
        var replaced: Value?
        while !frame.onExit.isEmpty {
            let expression = frame.onExit.removeFirst()
            do {
                _ = try evaluate(expression, in: frame.environment, context)
            } catch ControlFlow.returnValue(let value, let origin) where origin === frame.environment {
                replaced = value
            }
        }
        return replaced
    }

    /// R's `missing(x)`: no argument, or one that is itself a missing argument of the caller. A default counts as missing
    /// in the function that has it, not in one that it is handed on to.
    func isMissing(_ symbol: Symbol, in environment: Environment) -> Bool {
        if case .promise(let promise)? = environment.local(symbol), promise.isDefault { return true }
        return isEmpty(symbol, in: environment)
    }

    /// Whether an element of `...` is none, or stands for an argument that was not given.
    func isMissing(_ element: Value) -> Bool {
        switch element {
        case .missing: return true
        case .promise(let promise):
            guard case .symbol(let symbol) = promise.expression, let home = promise.environment else { return false }
            return isMissing(symbol, in: home)
        default: return false
        }
    }

    /// Whether a variable is an argument that was not given and has no default, or stands for one of a caller: as an
    /// index it is empty, `x[i, j]` without a `j` is `x[i, ]`.
    func isEmpty(_ symbol: Symbol, in environment: Environment) -> Bool {
        var symbol = symbol
        var environment = environment
        for _ in 0..<5000 {
            guard let value = environment.local(symbol) else { return false }
            switch value {
            case .missing: return true
            case .dots(let dots): return dots.arguments.isEmpty
            case .promise(let promise):
                guard case .symbol(let next) = promise.expression, let origin = promise.environment else {
                    return false
                }
                symbol = next
                environment = origin
            default: return false
            }
        }
        return false
    }
}
