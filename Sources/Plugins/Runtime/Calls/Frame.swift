/// The activation of a function written in R: what `sys.call`, `parent.frame`, `match.call` and `on.exit` look at.
public final class Frame: @unchecked Sendable {
    /// The call as written.
    public let call: Call
    /// The function.
    public let function: Closure
    /// The function's variables.
    public let environment: Environment
    /// The environment it was called from: `parent.frame()`.
    public let callerEnvironment: Environment
    /// The arguments as supplied, promises included, before matching.
    public let supplied: [Argument]
    /// Expressions that `on.exit` registered, in order.
    public var onExit: [Value] = []
    /// Set when the call is an S3 method reached by dispatch.
    public var dispatch: DispatchState?

    /// Makes a frame.
    public init(
        call: Call, function: Closure, environment: Environment, callerEnvironment: Environment, supplied: [Argument]
    ) {
        self.call = call
        self.function = function
        self.environment = environment
        self.callerEnvironment = callerEnvironment
        self.supplied = supplied
    }
}

/// Where an S3 dispatch stands: what `NextMethod` continues.
public struct DispatchState: @unchecked Sendable {
    /// The generic's name; for operators the operator.
    public var generic: Symbol
    /// The group (`Ops`, `Math`, `Summary`) the method was found under, or empty.
    public var group: String
    /// The object dispatched on.
    public var object: Value
    /// The classes after the one whose method runs.
    public var remaining: [Text]
    /// The environment in which the generic was called (methods are looked up there).
    public var callerEnvironment: Environment

    /// Makes a state.
    public init(generic: Symbol, group: String = "", object: Value, remaining: [Text], callerEnvironment: Environment) {
        self.generic = generic
        self.group = group
        self.object = object
        self.remaining = remaining
        self.callerEnvironment = callerEnvironment
    }
}
