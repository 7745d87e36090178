import Diagnostics
import PluginAPI

extension Module {
    /// Adds or replaces a child.
    /// - Throws: `.value` if the module would be below itself.
    func addChild(_ name: String, _ child: Module) throws {
        try refuseCycle(through: child)
        setChild(name, child)
    }

    /// A module below itself has parameters without end.
    func refuseCycle(through child: Module) throws {
        guard child.modules().contains(where: { $0.module === self }) else { return }
        throw WorkbenchError(
            .value, "\(displayName) cannot be a child of itself or of a module below it",
            hint: "a reference that is no child goes into a list: self$owner <- list(module)")
    }
}
