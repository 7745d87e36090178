import PluginAPI

/// Base R, part "data"; fills the namespaces base, stats and utils.
public enum BaseData: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "base-data" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.namespace("base")
        base.isAttachedAtStart = true
    }
}
