import PluginAPI

/// Base R, part "vectors": operators, subsetting, construction, attributes, mathematics and matrices.
public enum BaseVectors: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "base-vectors" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.attachedNamespace("base")
        let stats = registry.attachedNamespace("stats")
        let utils = registry.attachedNamespace("utils")
        registerOperators(base)
        registerSubsetting(base)
        registerConstruction(base, utils)
        registerAttributeFunctions(base, stats)
        registerTypes(base)
        registerMathematics(base)
        registerFourier(stats)
        registerMatrices(base)
        registerIdentical(base)
        registerAllEqual(base)
        registerChoices(base, utils)
        // R's names of what the generics do without a method: calls in messages bear them.
        for name in ["rowsum", "chol", "qr", "solve", "all.equal", "rev", "labels"] {
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

    private static func registerMathematics(_ base: Namespace) {
        registerMath(base)
        registerSpecialFunctions(base)
        registerRounding(base)
        registerZapsmall(base)
        registerCumulative(base)
        registerBitwise(base)
        registerBits(base)
        registerSummary(base)
        registerExtremes(base)
        registerComplexParts(base)
    }

    private static func registerMatrices(_ base: Namespace) {
        registerMatrix(base)
        registerBind(base)
        registerProducts(base)
        registerLinearSystems(base)
        registerQR(base)
        registerTriangles(base)
        registerEigen(base)
        registerSingularValues(base)
        registerNorms(base)
        registerDiagonals(base)
        registerMargins(base)
        registerSlices(base)
        registerApply(base)
    }

    private static func registerSubsetting(_ base: Namespace) {
        registerSubset(base)
        registerElement(base)
        registerAssignSubset(base)
        registerAssignElement(base)
    }

    private static func registerOperators(_ base: Namespace) {
        registerArithmetic(base)
        registerComparison(base)
        registerLogic(base)
        registerColon(base)
    }
}
