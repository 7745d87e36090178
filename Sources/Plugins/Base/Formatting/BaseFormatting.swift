import RRuntime

/// Base R, part "formatting": values as texts.
public enum BaseFormatting: Registrant {
    /// Name in `plugins()`.
    public static var name: String { "base-formatting" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.attachedNamespace("base")
        registerFormat(base)
        registerFormatC(base)
        registerTextForms(base)
        registerWrapping(base)
        registerNumberBases(base)
        registerFormatTimes(base)
    }
}
