import RRuntime

/// Base R, part "printing": `print()` and `str()`.
public enum BasePrinting: Registrant {
    /// Name in `plugins()`.
    public static var name: String { "base-printing" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.attachedNamespace("base")
        let utils = registry.attachedNamespace("utils")
        registerPrint(base)
        registerPrintClasses(base)
        registerPrintDataFrame(base)
        registerStr(utils)
        // R's name of what the generic does without a method: calls in messages bear it.
        utils.alias("str.default", of: "str")
    }
}
