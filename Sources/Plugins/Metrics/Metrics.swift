import PluginAPI

/// The metrics of `library(luz)`, and `luz_metric()` for those of one's own.
public enum Metrics: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "metrics" }

    /// One line a file.
    public static func register(in registry: Registry) {
        let luz = registry.namespace("luz")
        registry.trainingDefaults.lossMetric = LossMetric.generator
        registerMembers(luz)
        registerScripted(luz)
        registerSets(luz)
        registerAccuracy(luz)
        registerErrors(luz)
        registerBinaryCurve(luz)
        registerMulticlassCurve(luz)
    }
}
