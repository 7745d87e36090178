import LanguageValues
import RRuntime

/// Base R, part "functional": functions that take functions, such as `lapply`, `Map` and `Reduce`.
public enum BaseFunctional: Registrant {
    /// Name in `plugins()`.
    public static var name: String { "base-functional" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.attachedNamespace("base")
        registerApplying(base)
        registerMapping(base)
        registerReplicate(base)
        registerFolding(base)
        registerFunctionTools(base)
        keepVisibility(of: ["Recall", "identity", "force", "forceAndCall"], in: base)
    }
}
