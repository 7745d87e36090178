/// An argument that is evaluated when it is first needed, in the environment of the caller.
public final class Promise: @unchecked Sendable {
    /// The expression as written; `substitute()` returns it.
    public let expression: Value
    /// Where to evaluate it; let go once it is forced.
    @exclusivity(unchecked) public private(set) var environment: Environment?
    /// The value once it is forced.
    @exclusivity(unchecked) public private(set) var value: Value?
    /// Made from a default in the function's own frame: `missing()` is TRUE for it.
    public let isDefault: Bool
    /// Being forced: a second request is a cycle ("promise already under evaluation").
    @exclusivity(unchecked) public var isUnderEvaluation = false

    /// Makes a promise.
    public init(_ expression: Value, in environment: Environment, isDefault: Bool = false) {
        self.expression = expression
        self.isDefault = isDefault
        self.environment = environment
        value = nil
    }

    /// Makes a promise that is forced already.
    public init(_ expression: Value, value: Value) {
        self.expression = expression
        isDefault = false
        environment = nil
        self.value = value
    }

    /// Keeps the value and lets go of the environment.
    public func fulfil(_ value: Value) {
        self.value = value
        environment = nil
        isUnderEvaluation = false
    }
}
