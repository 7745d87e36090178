import RRuntime

/// Base R, part "data": matching, sets, sorting, factors and tables.
public enum BaseData: Registrant {
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
        registerConstants(base)
        // R's names of what the generics do without a method: calls in messages bear them.
        for name in ["unique", "duplicated", "anyDuplicated"] {
            base.alias(name + ".default", of: name)
        }
    }
}
