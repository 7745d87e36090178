import PluginAPI

/// `library(luz)`: setup, fit, evaluate, predict, lr_finder.
public enum Training: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "training" }

    /// One line a file.
    public static func register(in registry: Registry) {
        let luz = registry.namespace("luz")
        registerPipes(luz, all: false)
        registerSetup(luz, registry)
        registerFit(luz)
        registerEvaluate(luz)
        registerPredict(luz)
        registerRateFinder(luz)
        registerContext(luz)
        registerRecords(luz)
        LastFit.register(registry)
        registerPrinting(luz)
        registerPlots(luz)
        registerFitFiles(luz)
        registerBackgroundFits(luz, registry)
        registerRecovery(luz, registry)
        registerPrettyUnits(registry.namespace("prettyunits"))
    }
}
