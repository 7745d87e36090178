import Diagnostics

/// A method together with the object it was taken from: what `x$add` is before it is called.
public final class BoundMethod: ForeignObject, @unchecked Sendable {
    /// The function; the object is its first argument.
    public let function: Value
    /// The object.
    public let object: Value

    /// Binds a method.
    public init(_ function: Value, to object: Value) {
        self.function = function
        self.object = object
    }

    /// `function`.
    public override var classes: [Text] { ["function"] }
    /// A closure to `typeof`.
    public override var typeName: String { "closure" }
    /// It can stand in call position.
    public override var isCallable: Bool { true }

    /// Parameters without the object.
    public override var formals: Formals? {
        function.formals.map { Formals(Array($0.names.dropFirst()), Array($0.defaults.dropFirst())) }
    }

    /// Calls the method on its object.
    public override func call(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        try context.interpreter.apply(
            function, [Argument(object)] + arguments, call: call, environment: environment, context)
    }

    /// Function and object.
    public override func visitReferences(_ visit: (Value) -> Void) {
        visit(function)
        visit(object)
    }
}
