import PluginAPI

/// Base R, part "data"; fills the namespaces base, stats and utils.
public enum BaseData: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "base-data" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.attachedNamespace("base")
        let stats = registry.attachedNamespace("stats")
        let utils = registry.attachedNamespace("utils")
        registerSets(base)
        registerPartialMatching(base)
        registerSorting(base)
        registerRuns(base, utils)
        registerReplacing(base, utils)
        registerFactors(base, stats)
        registerCutting(base)
        registerTables(base)
        registerSplitting(base, stats)
        registerCrossTables(stats)
        registerDates(base)
        registerTimes(base)
        registerTimeDifferences(base)
        registerTimeMethods(base)
        registerConstants(base)
        registerSaving(base)
        // R's names of what the generics do without a method: calls in messages bear them.
        for name in ["unique", "duplicated", "anyDuplicated", "as.Date", "as.POSIXct", "as.POSIXlt"] {
            base.alias(name + ".default", of: name)
        }
    }
}
