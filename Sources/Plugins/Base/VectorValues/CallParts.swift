import Diagnostics
import RRuntime

/// Calls seen as lists of their parts, and back.
extension Call {
    /// Function first, with argument names.
    package var asList: Value {
        let list = Value.list(Vector(parts.map { $0.value }))
        guard arguments.contains(where: { $0.name != nil }) else { return list }
        return list.withNames(parts.map { $0.name?.text ?? Text("") })
    }
}

extension Value {
    /// The call whose function is the first element of a list; NULL for an empty list.
    package var asCall: Value {
        guard case .list(let list) = self, let function = list.elements.first else { return .null }
        let names = self.names
        let arguments = list.elements.indices.dropFirst().map { place -> Argument in
            guard let names, place < names.count, let name = names[place], !name.isEmpty else {
                return Argument(list[place])
            }
            return Argument(list[place], name: Symbol.named(name))
        }
        return .call(Call(function, Array(arguments), attributes: nil))
    }

    /// What `[`, `[[` and `$` say about a value they cannot look into.
    package var notSubsettable: WorkbenchError {
        unusableObject?.unusable("be used") ?? WorkbenchError(.type, "object of type '\(typeName)' is not subsettable")
    }
}

/// The name behind the right side of `$`.
package func fieldName(_ value: Value) throws -> Symbol {
    switch value {
    case .promise(let promise):
        switch promise.expression {
        case .symbol(let symbol): return symbol
        case .character(let v) where v.count == 1: return Symbol.named(v[0] ?? "NA")
        default:
            if let forced = promise.value { return try fieldName(forced) }
            throw WorkbenchError(.type, "invalid subscript type '\(promise.expression.typeName)'")
        }
    case .symbol(let symbol): return symbol
    case .character(let v) where v.count >= 1: return Symbol.named(v[0] ?? "NA")
    default: throw WorkbenchError(.type, "invalid subscript type '\(value.typeName)'")
    }
}
