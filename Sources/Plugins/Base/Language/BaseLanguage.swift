import PluginAPI

/// Base R, part "language"; fills the namespaces base, stats and utils.
public enum BaseLanguage: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "base-language" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.namespace("base")
        base.isAttachedAtStart = true
    }
}
