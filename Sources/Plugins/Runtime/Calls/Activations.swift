/// A registered function that runs R code of its caller (`tryCatch`, `lapply`, `eval`, …), seen as an activation.
///
/// R has these functions as closures, so `stop("x")` in a `tryCatch` reports `doTryCatch(…)`, and `sys.call(-1)` counts
/// them. Frames exist for closures only; these notes stand between them.
public struct BuiltinActivation {
    /// Activations of closures below it.
    public let frames: Int
    /// The call as R would show it.
    public let call: Call
    /// The environment it was called from.
    public let environment: Environment
}

/// One activation as `sys.call()` and its kin see it.
public enum Activation {
    /// Of a function written in R.
    case frame(Frame)
    /// Of a registered function that runs code of its caller.
    case builtin(BuiltinActivation)

    /// The call as written.
    public var call: Call {
        switch self {
        case .frame(let frame): return frame.call
        case .builtin(let builtin): return builtin.call
        }
    }

    /// The environment it was called from.
    public var callerEnvironment: Environment {
        switch self {
        case .frame(let frame): return frame.callerEnvironment
        case .builtin(let builtin): return builtin.environment
        }
    }
}

extension Context {
    /// Runs a body as the activation of a registered function.
    public func activating<Result>(
        _ call: Call, from environment: Environment, _ body: () throws -> Result
    ) rethrows -> Result {
        let depth = builtinActivations.count
        builtinActivations.append(BuiltinActivation(frames: frames.count, call: call, environment: environment))
        defer {
            if builtinActivations.count > depth { builtinActivations.removeLast(builtinActivations.count - depth) }
        }
        return try body()
    }

    /// All activations, outermost first.
    public var activations: [Activation] {
        var merged: [Activation] = []
        merged.reserveCapacity(frames.count + builtinActivations.count)
        var next = 0
        for (place, frame) in frames.enumerated() {
            while next < builtinActivations.count, builtinActivations[next].frames <= place {
                merged.append(.builtin(builtinActivations[next]))
                next += 1
            }
            merged.append(.frame(frame))
        }
        for activation in builtinActivations[next...] { merged.append(.builtin(activation)) }
        return merged
    }

    /// The call of the innermost activation: what `stop()` and `warning()` name.
    public var innermostCall: Call? {
        if let builtin = builtinActivations.last, builtin.frames >= frames.count { return builtin.call }
        return frames.last?.call
    }

    /// The innermost activation of a closure whose variables these are.
    public func frame(of environment: Environment) -> Frame? {
        var place = frames.count
        while place > 0 {
            place -= 1
            if frames[place].environment === environment { return frames[place] }
        }
        return nil
    }
}
