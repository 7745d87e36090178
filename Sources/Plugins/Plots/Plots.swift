import PluginAPI

/// R's base plots: `plot()`, what is added to it, histograms, bars, boxes, images.
public enum Plots: Plugin {
    /// Name in `plugins()`.
    public static let name = "plots"

    /// Adds to the namespaces `graphics` and `grDevices`.
    public static func register(in registry: Registry) {
        let graphics = registry.namespace("graphics")
        let devices = registry.namespace("grDevices")
        graphics.isAttachedAtStart = true
        devices.isAttachedAtStart = true
        registerPlot(graphics)
        registerAdditions(graphics)
        registerDecorations(graphics)
        registerLegend(graphics)
        registerDistributions(graphics)
        registerRasters(graphics, devices)
    }
}
