import PluginAPI

/// Base R, part "language": code as data, evaluation, environments, conditions, packages, and the small packages that
/// extend the language (magrittr, zeallot, purrr, rlang, coro, R6).
public enum BaseLanguage: Plugin {
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
        registerApplying(base)
        registerMapping(base)
        registerReplicate(base)
        registerFolding(base)
        registerFunctionTools(base)
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

        registerPackages(base)
        registerOptions(base)
        registerSessionControl(base)
        registerTiming(base)
        registerProcesses(base)
        registerSignals(registry.namespace("tools"))
        registerVersions(base, registry.namespace("utils"))
        registerPlatform(base, registry.namespace("utils"))
        registerMethodTools(base, registry.namespace("utils"), registry.namespace("methods"))
        registerHarmlessNamespaces(registry)
        registerMagrittr(registry)
        registerZeallot(registry)
        registerR6(registry)
        registerRlang(registry)
        registerPurrr(registry)
        registerCoro(registry)
        registerNamespaceTools(registry.namespace("utils"))

        keepVisibility(
            of: [
                "eval", "evalq", "eval.parent", "local", "with", "tryCatch", "withCallingHandlers", "try",
                "suppressWarnings", "suppressMessages", "withRestarts", "do.call", "Recall", "identity", "force",
                "forceAndCall", "options", "suppressPackageStartupMessages", "system", "system2",
            ], in: base)

        let methods = registry.namespace("methods")
        registerFormalArguments(methods)
    }

    /// Functions whose result is printed if what they ran last would be.
    private static func keepVisibility(of names: [String], in namespace: Namespace) {
        for name in names {
            if case .builtin(let builtin)? = namespace.environment.local(Symbol.named(name)) {
                builtin.keepsVisibility = true
            }
        }
    }
}
