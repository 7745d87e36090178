import Diagnostics
import Tensors

/// How a loader puts items together: R torch's default rules, by the class of the first item.
public enum Collation {
    /// Items as one batch: tensors and arrays are stacked, single numbers become a vector, lists go name by name.
    ///
    /// - Throws: `Can't collate data of class: '…'` for anything else, `.shape` for tensors of unequal size.
    public static func batch(_ items: [Value], _ context: Context, depth: Int = 0) throws -> Value {
        guard let first = items.first else { return .items([]) }
        guard depth < 100 else { throw WorkbenchError(.value, "items are nested too deeply to be collated") }
        if first.isTensor {
            return .tensor(
                try stacked(
                    items.map { item in
                        guard let tensor = item.asTensor else { throw unequalKinds(first, item) }
                        return tensor
                    }))
        }
        switch first {
        case .logical, .integer, .double:
            let isSingle = first.length == 1 && first.dim == nil
            guard isSingle else {
                return .tensor(
                    try stacked(
                        items.map { item in
                            guard item.isAtomic else { throw unequalKinds(first, item) }
                            return try tensorFromR(item, dtype: nil, defaultType: context.tensors.defaultType)
                        }))
            }
            return .tensor(try numbers(items, first, context))
        case .character:
            guard first.length == 1 else { break }
            return .character(
                Vector(
                    try items.map { item in
                        guard case .character(let text) = item, text.count == 1 else { throw unequalKinds(first, item) }
                        return text[0]
                    }))
        case .list(let list):
            let names = first.names
            var parts: [Value] = []
            for place in 0..<list.count {
                let column = try items.map { item -> Value in
                    guard case .list(let other) = item, other.count == list.count else {
                        throw unequalKinds(first, item)
                    }
                    guard let name = names?[place], name.string != "", let own = item.names,
                        let found = own.firstIndex(of: name)
                    else { return other[place] }
                    return other[found]
                }
                parts.append(try batch(column, context, depth: depth + 1))
            }
            return Value.list(Vector(parts)).withNames(names)
        default: break
        }
        throw WorkbenchError(
            .type, "Can't collate data of class: '\(first.classes.first?.string ?? "unknown")'",
            hint: "items are tensors, numbers, texts, arrays or lists of them; collate_fn takes anything else")
    }

    /// What a loader without batches of its own does to an item: R numbers and arrays become tensors.
    public static func converted(_ value: Value, _ context: Context, depth: Int = 0) throws -> Value {
        guard depth < 100 else { return value }
        switch value {
        case .logical, .integer, .double:
            guard !value.isObject else { return value }
            return .tensor(try tensorFromR(value, dtype: nil, defaultType: context.tensors.defaultType))
        case .list(let list):
            return .list(
                Vector(try list.elements.map { try converted($0, context, depth: depth + 1) }, list.attributes))
        default: return value
        }
    }

    private static func numbers(_ items: [Value], _ first: Value, _ context: Context) throws -> Tensor {
        for (place, item) in items.enumerated() where !item.isAtomic || item.length != 1 {
            var error = unequalKinds(first, item)
            if item.isAtomic {
                error.hint =
                    "item 1 of the batch has one number, item \(place + 1) has \(item.length): "
                    + "items of one batch must have one size"
            }
            throw error
        }
        switch first {
        case .integer:
            return try Tensor(
                items.map { item -> Int64 in
                    guard let number = try item.asIntegers().elements.first, let number else { return Int64(Int32.min) }
                    return Int64(number)
                })
        case .logical:
            return try Tensor(
                items.map { item -> Bool in
                    guard let flag = try item.asLogicals().elements.first else { return false }
                    return flag ?? false
                })
        default:
            let doubles = try items.map { try $0.asDoubles().elements.first ?? .nan }
            return try Tensor(doubles, dtype: context.tensors.defaultType)
        }
    }

    private static func stacked(_ tensors: [Tensor]) throws -> Tensor {
        if let first = tensors.first, let other = tensors.firstIndex(where: { $0.shape != first.shape }) {
            throw WorkbenchError(
                .shape,
                "stack expects each tensor to be equal size, but got \(listed(first.shape)) at entry 0 and "
                    + "\(listed(tensors[other].shape)) at entry \(other)",
                hint: "items of one batch must have one size: transform_resize(c(h, w)) makes images equal")
        }
        return try Tensor.stack(tensors, 0)
    }

    private static func unequalKinds(_ first: Value, _ other: Value) -> WorkbenchError {
        WorkbenchError(
            .type,
            "Can't collate data of class: '\(other.classes.first?.string ?? "unknown")' with data of class '\(first.classes.first?.string ?? "unknown")'",
            hint: "all items of a data set must have the same form")
    }

    private static func listed(_ shape: [Int]) -> String {
        "[" + shape.map { String($0) }.joined(separator: ", ") + "]"
    }
}
