import RRuntime

/// The language's own keywords, registered through the door that plug-ins use.
public struct BaseKeywords {
    private let evaluator: Evaluator

    /// Keywords of an evaluator.
    public init(_ evaluator: Evaluator) { self.evaluator = evaluator }

    /// Adds them to the base namespace.
    public func register(in registry: Registry) {
        let base = registry.attachedNamespace("base")
        ControlKeywords(evaluator: evaluator).register(base)
        Assignment(evaluator: evaluator).register(base)
        MethodKeywords(evaluator: evaluator).register(base)
    }
}
