import Diagnostics
import RRuntime

/// Dimensions of extent one.
package enum Shape {
    /// The value without its dimensions of extent one (R's `drop`).
    package static func dropped(_ x: Value) -> Value {
        guard let dim = x.dim else { return x }
        let kept = dim.indices.filter { dim[$0] != 1 }
        if kept.count == dim.count { return x }
        var lists: [Value]?
        var listNames: [Text?]?
        if let dimnames = x.attributes[Symbol.dimnames], case .list(let list) = dimnames {
            lists = list.elements
            listNames = dimnames.names
        }
        var attributes = x.attributes.removing([Symbol.dim, Symbol.dimnames])
        if kept.count <= 1 {
            if let lists {
                var names: Value?
                if kept.count == 1 {
                    names = lists[kept[0]]
                } else {
                    let present = lists.filter { !$0.isNull }
                    if present.count == 1 { names = present[0] }
                }
                if let names, !names.isNull {
                    attributes = Attributes.of([(Symbol.names, names)] + (attributes?.entries ?? []))
                }
            }
        } else {
            attributes = attributes.setting(Symbol.dim, .ints(kept.map { dim[$0] }))
            if let lists {
                let left = kept.map { lists[$0] }
                if left.contains(where: { !$0.isNull }) {
                    var value = Value.items(left)
                    if let listNames { value = value.withNames(kept.map { listNames[$0] }) }
                    attributes = attributes.setting(Symbol.dimnames, value)
                }
            }
        }
        var result = x
        result.attributes = attributes
        return result
    }
}

/// `dim(x)`, by its method if there is one.
package func dimensions(_ x: Value, _ args: Arguments) throws -> [Int]? {
    guard x.isObject else { return x.dim }
    let value = try args.context.call("dim", [Argument(x)], environment: args.environment)
    if value.isNull { return nil }
    return try value.asDoubles().elements.map { $0.wholeInt ?? 0 }
}

/// Dimnames ready to be set.
package func checkedDimnames(_ value: Value, for x: Value, _ context: Context) throws -> Value {
    if value.isNull { return .null }
    guard let dim = x.dim else { throw WorkbenchError(.value, "'dimnames' applied to non-array") }
    guard case .list(let list) = value else { throw WorkbenchError(.value, "'dimnames' must be a list") }
    if list.count > dim.count {
        throw WorkbenchError(
            .value,
            "length of 'dimnames' [\(list.count)] must match that of 'dims' [\(dim.count)]")
    }
    if list.isEmpty { return .null }
    var result: [Value] = []
    for axis in dim.indices {
        let names = axis < list.count ? list[axis] : .null
        if names.isNull || names.length == 0, dim[axis] != 0 || names.length == 0 {
            result.append(.null)
            continue
        }
        guard names.isVector else {
            throw WorkbenchError(.type, "invalid type (\(names.typeName)) for 'dimnames' (must be a vector)")
        }
        if names.length != dim[axis] {
            throw WorkbenchError(
                .value, "length of 'dimnames' [\(axis + 1)] not equal to array extent")
        }
        if names.inherits("factor") {
            result.append(try context.call("as.character", [Argument(names)]).bare)
        } else {
            result.append(.character(try context.asCharacters(names)))
        }
    }
    if result.allSatisfy({ $0.isNull }), value.names == nil { return .null }
    var checked = Value.items(result)
    if var names = value.names {
        while names.count < dim.count { names.append("") }
        checked = checked.withNames(names)
    }
    return checked
}
