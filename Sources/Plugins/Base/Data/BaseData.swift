import PluginAPI

/// Base R, part "data"; fills the namespaces base, stats and utils.
public enum BaseData: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "base-data" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.namespace("base")
        base.isAttachedAtStart = true
        let stats = registry.namespace("stats")
        stats.isAttachedAtStart = true
        let utils = registry.namespace("utils")
        utils.isAttachedAtStart = true
        registerSampling(base)
        registerSets(base)
        registerPartialMatching(base)
        registerSorting(base)
        registerRuns(base, utils)
        registerReplacing(base, utils)
        registerFactors(base, stats)
        registerCutting(base)
        registerTables(base)
        registerSplitting(base, stats)
        registerMakingFrames(base)
        registerSubsettingFrames(base)
        registerAssigningFrames(base)
        registerBindingFrames(base)
        registerSelectingRows(base, stats, utils)
        registerConvertingFrames(base, stats)
        registerFrameArithmetic(base)
        registerTibblePrinting(base)
        registerAggregating(stats)
        registerCrossTables(stats)
        registerStacking(utils)
        registerAverages(base, stats)
        registerQuantiles(stats)
        registerCorrelation(stats)
        registerSummaries(base)
        registerPretty(base)
        registerSolving(stats)
        registerOptim(stats)
        registerIntegrate(stats)
        registerDates(base)
        registerTimes(base)
        registerTimeDifferences(base)
        registerTimeMethods(base)
        registerConstants(base)
        registerReadingTables(utils)
        registerWritingTables(utils)
        registerSaving(base)
        registerDistributions(stats)
    }
}
