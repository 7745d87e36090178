import Diagnostics
import RRuntime

/// Numbers of a vector.
/// - Throws: with the text given, for anything that is no number or truth value.
package func numbers(_ value: Value, orThrow message: String) throws -> [Double] {
    switch value {
    case .logical, .integer, .double:
        if value.isFactor { break }
        return try value.asDoubles().elements
    case .null: return []
    default: break
    }
    throw WorkbenchError(.type, message)
}
