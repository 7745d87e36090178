import RRuntime

/// Base R, part "frames"; fills the namespaces base, stats and utils.
public enum BaseFrames: Registrant {
    /// Name in `plugins()`.
    public static var name: String { "base-frames" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.attachedNamespace("base")
        let stats = registry.attachedNamespace("stats")
        let utils = registry.attachedNamespace("utils")
        registerMakingFrames(base)
        registerSubsettingFrames(base)
        registerAssigningFrames(base)
        registerBindingFrames(base)
        registerSelectingRows(base, stats, utils)
        registerConvertingFrames(base, stats)
        registerFrameArithmetic(base)
        registerTibblePrinting(base)
        registerAggregating(stats)
        registerStacking(utils)
        registerReadingTables(utils)
        registerWritingTables(utils)
        // R's names of what the generics do without a method: calls in messages bear them.
        for name in ["aggregate"] {
            stats.alias(name + ".default", of: name)
        }
        for name in ["type.convert", "stack"] {
            utils.alias(name + ".default", of: name)
        }
        for name in ["subset", "transform", "merge", "as.data.frame"] {
            base.alias(name + ".default", of: name)
        }
    }
}
