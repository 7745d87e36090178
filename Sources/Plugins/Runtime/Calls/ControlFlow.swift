import Diagnostics

/// What unwinds calls without being an error of R: it passes everything, and only who it is for catches it.
public protocol Unwinding: Error {}

extension WorkbenchError {
    /// Any error as one of R: what a plug-in throws may come from elsewhere (files, decoders).
    /// - Returns: nil for what is on its way to somebody, see ``Unwinding``.
    package init?(of error: any Error) {
        if let known = error as? WorkbenchError {
            self = known
            return
        }
        if error is any Unwinding { return nil }
        self.init(.runtime, inOneLine("\(type(of: error)): \(error)"))
    }
}

/// `break`, `next` and `return()` on their way out. No error: nothing but the evaluator may catch them.
public enum ControlFlow: Unwinding {
    /// Leaves the innermost loop that runs in this environment: an argument that is `break` leaves the caller's.
    case breakLoop(in: Environment)
    /// Goes on with the next iteration of that loop.
    case nextIteration(in: Environment)
    /// Leaves the function whose frame this is, with a value.
    case returnValue(Value, from: Environment)
}

/// Code is about to run while a variable has let go of its value: the assignment puts it back and begins anew, on a copy.
package struct InPlaceInterruption: Unwinding {
    package init() {}
}

/// A condition on its way to the exiting handler (of `tryCatch`) that takes it.
public struct ConditionUnwind: Unwinding {
    /// The group of handlers it unwinds to.
    public let group: HandlerGroup
    /// Which handler of the group.
    public let handler: Int
    /// The condition.
    public let condition: Value
    /// What a function threw, with span and hint; nil for a condition of the user's own.
    public var origin: WorkbenchError?
}

/// A restart on its way to where it was established.
public struct RestartUnwind: Unwinding {
    /// The restart.
    public let restart: Restart
    /// Arguments given to `invokeRestart`.
    public let arguments: [Value]

    /// Makes a restart on its way.
    public init(restart: Restart, arguments: [Value]) {
        self.restart = restart
        self.arguments = arguments
    }
}

/// An error condition that no handler took, on its way to the top level.
public struct UncaughtError: Unwinding {
    /// The condition.
    public let condition: Value
    /// What a function threw, with span and hint; nil for `stop()` of a user's condition.
    public let origin: WorkbenchError?
    /// Calls active when it was raised, outermost first.
    public let traceback: [Call]

    /// Makes an error on its way out.
    public init(condition: Value, origin: WorkbenchError?, traceback: [Call]) {
        self.condition = condition
        self.origin = origin
        self.traceback = traceback
    }
}

/// Ctrl-C on its way to the top level.
public struct Interrupt: Unwinding {
    /// Makes an interrupt.
    public init() {}
}

/// `q()` on its way to the top level.
public struct QuitRequest: Unwinding {
    /// Exit status.
    public let status: Int32

    /// Asks to end the session.
    public init(status: Int32) { self.status = status }
}
