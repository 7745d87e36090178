import PluginAPI

/// The metrics of `library(luz)`, and `luz_metric()` for those of one's own.
public enum Metrics: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "metrics" }

    /// One line a file.
    public static func register(in registry: Registry) {
        let luz = registry.namespace("luz")
        let loss = LossMetric.generator
        registry.trainingDefaults.lossMetric = loss
        registry.savedKinds.add("loss metric") { _, _ in loss }
        registry.savedKinds.add("luz_metric_set") { parts, _ in try MetricSet(saved: parts) }
        registry.savedKinds.add("metric object") { parts, context in
            try parts.saved("generator", as: MetricGenerator.self).make(context)
        }
        registerMembers(luz)
        registerScripted(luz, registry)
        registerSets(luz)
        registerAccuracy(luz)
        registerErrors(luz)
        registerBinaryCurve(luz)
        registerMulticlassCurve(luz)
    }
}
