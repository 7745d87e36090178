import PluginAPI

/// Base R, part "subsetting": `[`, `[[`, `$` and assigning through them.
public enum BaseSubsetting: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "base-subsetting" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.attachedNamespace("base")
        registerSubset(base)
        registerElement(base)
        registerAssignSubset(base)
        registerAssignElement(base)
    }
}
