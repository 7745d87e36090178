import LanguageValues
import RRuntime

/// Base R, part "language": code as data, calls and their evaluation, environments, methods, conditions.
public enum BaseLanguage: Registrant {
    /// Name in `plugins()`.
    public static var name: String { "base-language" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.attachedNamespace("base")
        registerQuoting(base)
        registerDeparsing(base)
        registerCodeParts(base)
        registerFunctionParts(base)
        registerEvaluating(base)
        registerDoCall(base)
        registerCallStack(base)
        registerDots(base)
        registerMatching(base)
        registerEnvironments(base)
        registerVariables(base)
        registerBindings(base)
        registerSearchPath(base)
        registerSignalling(base)
        registerHandling(base)
        registerRestarts(base)
        registerConditionObjects(base)
        registerStopIfNot(base)
        registerTexts(base)
        registerMethodTools(base, registry.namespace("utils"), registry.namespace("methods"))
        registerFormalArguments(registry.namespace("methods"))
        keepVisibility(
            of: [
                "eval", "evalq", "eval.parent", "local", "with", "tryCatch", "withCallingHandlers", "try",
                "suppressWarnings", "suppressMessages", "withRestarts", "do.call",
                "suppressPackageStartupMessages",
            ], in: base)
    }
}
