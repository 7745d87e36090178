import RRuntime

/// Base R, part "strings": what is done with texts, and regular expressions.
public enum BaseStrings: Registrant {
    /// Name in `plugins()`.
    public static var name: String { "base-strings" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.attachedNamespace("base")
        registerPaste(base)
        registerSprintf(base)
        registerSubstrings(base)
        registerCaseAndTrim(base)
        registerEncoding(base)
        registerNames(base)
        registerSearch(base)
        registerGlobs(registry.attachedNamespace("utils"))
        registerSubstitution(base)
        registerLocating(base)
        registerMatches(base)
        registerSplitting(base)
        registerURLs(registry.attachedNamespace("utils"))
    }
}
