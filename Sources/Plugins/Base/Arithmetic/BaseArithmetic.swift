import RRuntime

/// Base R, part "arithmetic": operators and mathematics.
public enum BaseArithmetic: Registrant {
    /// Name in `plugins()`.
    public static var name: String { "base-arithmetic" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.attachedNamespace("base")
        registerOperators(base)
        registerMathematics(base)
        registerFourier(registry.attachedNamespace("stats"))
    }

    private static func registerOperators(_ base: Namespace) {
        registerArithmetic(base)
        registerComparison(base)
        registerLogic(base)
        registerColon(base)
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
}
