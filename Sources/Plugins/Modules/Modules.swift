import PluginAPI

/// `nn_module()`, containers and what all modules have in common.
public enum Modules: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "modules" }

    /// Adds functions and methods.
    public static func register(in registry: Registry) {
        let torch = registry.namespace("torch")
        registerNNModule(torch, registry)
        registerParameters(torch)
        registerMembers(torch, registry)
        registerMethods(registry)
        registerCopying(registry, torch)
        registerPrinting(torch)
        registerContainers(torch, registry)
    }
}
