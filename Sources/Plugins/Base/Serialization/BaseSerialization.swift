import PluginAPI

/// Base R, part "serialization": `saveRDS()`, `readRDS()`, `save()`, `load()` and what they are made of.
public enum BaseSerialization: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "base-serialization" }

    /// Adds the functions.
    public static func register(in registry: Registry) { registerSaving(registry.attachedNamespace("base")) }
}
