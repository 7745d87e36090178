import PluginAPI

/// The optimizers of `library(torch)`.
public enum Optimizers: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "optimizers" }

    /// One line a file.
    public static func register(in registry: Registry) {
        let torch = registry.namespace("torch")
        registerMembers(torch)
        registerAdam(torch)
        registerSGD(torch)
        registerRMSprop(torch)
        registerAdagrad(torch)
        registerAdadelta(torch)
        registerRprop(torch)
        registerScripted(torch, registry)
    }
}
