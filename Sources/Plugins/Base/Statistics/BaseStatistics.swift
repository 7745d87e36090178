import PluginAPI

/// Base R, part "statistics"; fills the namespaces base and stats.
public enum BaseStatistics: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "base-statistics" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.attachedNamespace("base")
        let stats = registry.attachedNamespace("stats")
        registerSampling(base)
        registerAverages(base, stats)
        registerQuantiles(stats)
        registerCorrelation(stats)
        registerSummaries(base)
        registerPretty(base)
        registerSolving(stats)
        registerOptim(stats)
        registerIntegrate(stats)
        registerDistributions(stats)
    }
}
