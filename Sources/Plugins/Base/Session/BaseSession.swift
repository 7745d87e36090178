import LanguageValues
import RRuntime

/// Base R, part "session": packages, options, files of code, processes, the platform, time taken.
public enum BaseSession: Registrant {
    /// Name in `plugins()`.
    public static var name: String { "base-session" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.attachedNamespace("base")
        let utils = registry.namespace("utils")
        registerPackages(base)
        registerOptions(base)
        registerSessionControl(base)
        registerTiming(base)
        registerProcesses(base)
        registerSignals(registry.namespace("tools"))
        registerVersions(base, utils)
        registerPlatform(base, utils)
        registerHarmlessNamespaces(registry)
        registerNamespaceTools(utils)
        keepVisibility(of: ["options", "system", "system2"], in: base)
    }
}
