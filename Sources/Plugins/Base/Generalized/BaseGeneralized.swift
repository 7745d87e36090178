import RRuntime

/// Base R, part "generalized models": families, `glm()` and what describes its fits; fills the namespace stats.
public enum BaseGeneralized: Registrant {
    /// Name in `plugins()`.
    public static var name: String { "base-generalized" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let stats = registry.attachedNamespace("stats")
        registerFamilies(stats)
        registerGeneralizedModel(stats)
        registerGeneralizedSummary(stats)
        registerGeneralizedParts(stats)
        registerDevianceAnalysis(stats)
    }
}
