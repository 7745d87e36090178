import PluginAPI

/// Base R, part "statistics"; fills the namespaces base and stats.
public enum BaseStatistics: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "base-statistics" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.namespace("base")
        base.isAttachedAtStart = true
        let stats = registry.namespace("stats")
        stats.isAttachedAtStart = true
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
