import Diagnostics
import RRuntime

extension Arguments {
    /// R's error of a generic without a method for what it was given.
    package func noMethod(_ object: Value) throws -> any Error {
        let name = function.name.name
        let classes = object.dispatchClasses.map { $0.string }
        let shown =
            classes.count == 1
            ? "\"\(classes[0])\"" : "\"c(" + classes.map { "'\($0)'" }.joined(separator: ", ") + ")\""
        return try context.raise(
            WorkbenchError(.type, "no applicable method for '\(name)' applied to an object of class \(shown)"),
            call: Call("UseMethod", [.string(name)], span: call.span))
    }
}
