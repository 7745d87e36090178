import Diagnostics
import RRuntime

/// Classes whose methods look at the shape of their object before they run.
package enum CheckedClass: String {
    /// A list of columns with as many names.
    case dataFrame = "data.frame"
}

package extension Namespace {
    /// Adds a method that may be called by its full name, with anything: it refuses what only claims its class.
    func method(
        _ generic: String, for checked: CheckedClass, _ parameters: [Parameter], help: String = "",
        visible: Bool = true, _ implementation: @escaping Builtin.Implementation
    ) {
        let startsWithDots = parameters.first.map { $0.name === Symbol.dots } ?? true
        let isOperator = parameters.count == 2 && parameters[1].name.name == "e2"
        method(generic, for: checked.rawValue, parameters, help: help, visible: visible) { args in
            if isOperator {
                for operand in args.values where operand.isDataFrame { try operand.checkFrame() }
                guard args.values.contains(where: { $0.isDataFrame }) else { throw args.values[0].isNoFrame }
            } else if !startsWithDots {
                try args.values[0].checkFrame()
            }
            return try implementation(&args)
        }
    }
}

package extension Value {
    /// Checks that it is a list with a name for each element, as methods of data frames take it.
    func checkFrame() throws {
        guard case .list(let columns) = self, columns.isEmpty || names?.count == columns.count else { throw isNoFrame }
    }

    fileprivate var isNoFrame: WorkbenchError {
        WorkbenchError(
            .type, "the argument is not a data frame: it is of type '\(typeName)' and length \(length)",
            hint: "as.data.frame() makes one")
    }
}
