import PluginAPI

/// Base R, part "vectors"; fills the namespaces base, stats and utils.
public enum BaseVectors: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "base-vectors" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.namespace("base")
        base.isAttachedAtStart = true
    }
}
