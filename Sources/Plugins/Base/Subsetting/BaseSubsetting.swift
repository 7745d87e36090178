import RRuntime

/// Base R, part "subsetting": `[`, `[[`, `$` and assigning through them.
public enum BaseSubsetting: Registrant {
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
