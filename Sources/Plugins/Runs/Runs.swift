import PluginAPI

/// Runs on record: every fit is a row in an SQLite file of the user; `runs()`, `get_run()` and `compare_runs()` read it.
public enum Runs: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "runs" }

    /// The observer of fits, and one line a file.
    public static func register(in registry: Registry) {
        registry.trainingDefaults.observers.append { training in
            switch RunsFile.choice(training.session) {
            case .off: return nil
            case .file(let file): return RunObserver(file)
            case .wrong(let reason):
                training.session.console.writeError("Warning: this fit is not on record: \(reason).\n")
                return nil
            }
        }
        RunsFile.registerOption(registry)
        let base = registry.namespace("base")
        registerList(base)
        registerRun(base)
        registerComparison(base)
        registerComparisonPlot(base)
    }
}
