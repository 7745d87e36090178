import Diagnostics

/// What the evaluator does for everybody else; reached through ``Context``.
public protocol Interpreter: AnyObject {
    /// Evaluates an expression.
    func evaluate(_ expression: Value, in environment: Environment, _ context: Context) throws -> Value
    /// Calls a function with arguments: values, or promises that it may force.
    func apply(
        _ function: Value, _ arguments: [Argument], call: Call, environment: Environment, _ context: Context
    ) throws -> Value
    /// Calls a function whose arguments may be changed in place if nobody else holds them; the first is moved back
    /// into `arguments` when the call fails.
    func applyInPlace(
        _ function: Value, _ arguments: inout [Argument], call: Call, environment: Environment, _ context: Context
    ) throws -> Value
    /// The value of a promise.
    func force(_ promise: Promise, _ context: Context) throws -> Value
    /// Calls the S3 method for an object's class, or returns nil if there is none. `arguments` begin with the object.
    func dispatch(
        _ generic: Symbol, on object: Value, _ arguments: [Argument], call: Call, environment: Environment,
        _ context: Context
    ) throws -> Value?
    /// Expressions of a text; calls and functions carry spans.
    /// - Throws: a `.syntax` error, also for a text that ends too early.
    func parse(_ text: String, file: String?) throws -> [Value]
    /// Source lines of a value.
    func deparse(_ value: Value, _ options: DeparseOptions) -> [String]
}

/// How ``Context/deparse(_:_:)`` writes.
public struct DeparseOptions: Sendable {
    /// Bytes after which a line is broken, 20 … 500.
    public var width = 60
    /// Keep functions' own source text.
    public var useSource = false
    /// Write backticks around names that need them.
    public var backtick = true
    /// Write attributes and integer suffixes so that the text reads back (`structure(…)`, `1L`).
    public var showAttributes = true

    /// The defaults of `deparse()`.
    public init() {}
}
