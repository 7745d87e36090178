import PluginAPI

/// Ready-made nets of `library(torchvision)`, and files of weights.
public enum Models: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "models" }

    /// One line a file.
    public static func register(in registry: Registry) {
        registerResNets(registry)
        registerWeightFiles(registry)
    }
}
