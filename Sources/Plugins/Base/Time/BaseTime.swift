import RRuntime

/// Base R, part "time": dates, times and their differences.
public enum BaseTime: Registrant {
    /// Name in `plugins()`.
    public static var name: String { "base-time" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.attachedNamespace("base")
        registerDates(base)
        registerTimes(base)
        registerTimeDifferences(base)
        registerTimeMethods(base)
        // R's names of what the generics do without a method: calls in messages bear them.
        for name in ["as.Date", "as.POSIXct", "as.POSIXlt"] {
            base.alias(name + ".default", of: name)
        }
    }
}
