import RRuntime

/// Base R, part "inference": tests of hypotheses, densities, principal components; fills the namespace stats.
public enum BaseInference: Registrant {
    /// Name in `plugins()`.
    public static var name: String { "base-inference" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let stats = registry.attachedNamespace("stats")
        registerPrincipalComponents(stats)
        registerBandwidths(stats)
        registerDensity(stats)
        registerProportionTests(stats)
        registerRankTests(stats)
        registerHypothesisTests(stats)
        registerAdjusting(stats)
    }
}
