import PluginAPI

/// The losses of `library(torch)`, and their functions `nnf_…`.
public enum Losses: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "losses" }

    /// One line a file.
    public static func register(in registry: Registry) {
        let torch = registry.namespace("torch")
        registerClassification(torch)
        registerRegression(torch)
        registerBinary(torch)
    }
}
