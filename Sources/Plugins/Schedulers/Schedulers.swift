import PluginAPI

/// The learning-rate schedulers of `library(torch)`.
public enum Schedulers: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "schedulers" }

    /// One line a file.
    public static func register(in registry: Registry) {
        let torch = registry.namespace("torch")
        registerMembers(torch)
        registerLambda(torch)
        registerStep(torch)
        registerCosineAnnealing(torch)
        registerOneCycle(torch)
        registerReduceOnPlateau(torch)
        registerScripted(torch, registry)
    }
}
