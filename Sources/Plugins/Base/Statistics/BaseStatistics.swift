import RRuntime

/// Base R, part "statistics"; fills the namespaces base and stats.
public enum BaseStatistics: Registrant {
    /// Name in `plugins()`.
    public static var name: String { "base-statistics" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.attachedNamespace("base")
        let stats = registry.attachedNamespace("stats")
        registerSampling(base)
        registerJitter(base)
        registerAverages(base, stats)
        registerQuantiles(stats)
        registerCorrelation(stats)
        registerSummaries(base)
        registerPretty(base)
        registerSolving(stats)
        registerOptim(stats)
        registerIntegrate(stats)
        registerDistributions(stats)
        registerLowess(stats)
        registerMultinomial(stats)
        registerCovariances(stats)
        // R's names of what the generics do without a method: calls in messages bear them.
        for name in ["pretty"] {
            base.alias(name + ".default", of: name)
        }
    }
}
