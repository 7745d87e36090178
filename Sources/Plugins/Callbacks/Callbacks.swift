import PluginAPI

/// The callbacks of `library(luz)`, and `luz_callback()` for those of one's own.
public enum Callbacks: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "callbacks" }

    /// One line a file.
    public static func register(in registry: Registry) {
        let luz = registry.namespace("luz")
        registerMembers(luz)
        registerScripted(luz, registry)
        registerDefaults(luz, registry)
        registerEarlyStopping(luz)
        registerRateScheduler(luz)
        RateScheduler.registerOption(registry)
        registerModelCheckpoint(luz)
        registerKeepBestModel(luz)
        registerResumption(luz)
        registerAutoResume(luz)
        registerModelWeights(luz)
        registerCSVLogger(luz)
        registerGradientClip(luz)
        registerMixup(luz)
        registerUnsupported(luz)
        registerAccelerator(luz)
    }
}
