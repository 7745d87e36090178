import RRuntime

/// Base R, part "vectors": construction, attributes, types and comparing.
public enum BaseVectors: Registrant {
    /// Name in `plugins()`.
    public static var name: String { "base-vectors" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.attachedNamespace("base")
        let stats = registry.attachedNamespace("stats")
        let utils = registry.attachedNamespace("utils")
        registerConstruction(base, utils)
        registerAttributeFunctions(base, stats)
        registerTypes(base)
        registerIdentical(base)
        registerAllEqual(base)
        registerChoices(base, utils)
        // R's names of what the generics do without a method: calls in messages bear them.
        for name in ["all.equal", "rev", "labels"] {
            base.alias(name + ".default", of: name)
        }
    }

    private static func registerConstruction(_ base: Namespace, _ utils: Namespace) {
        registerCombine(base)
        registerVectors(base)
        registerRepeat(base)
        registerSequences(base)
        registerEnds(base, utils)
        registerLengths(base)
    }

    private static func registerAttributeFunctions(_ base: Namespace, _ stats: Namespace) {
        registerNames(base, stats)
        registerDimensions(base)
        registerAttributes(base)
        registerClasses(base)
        registerLabels(base)
    }

    private static func registerTypes(_ base: Namespace) {
        registerPredicates(base)
        registerConversion(base)
        registerMissingValues(base)
    }
}
