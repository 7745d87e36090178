import PluginAPI

/// Base R, part "text"; fills the namespaces base, stats and utils.
public enum BaseText: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "base-text" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.namespace("base")
        base.isAttachedAtStart = true
    }
}
