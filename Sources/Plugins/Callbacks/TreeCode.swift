import Diagnostics
import PluginAPI
import Tensors

/// Nested lists with tensors in them, as named tensors and a JSON text that says how they hang together.
///
/// A tensor's name is its path in the list: `model.features.0.weight`. Nothing in the text is ever executed.
struct TreeCode {
    private(set) var tensors: [(name: String, tensor: Tensor)] = []
    private var taken: Set<String> = []

    // MARK: Writing

    /// The text for a value found at a path; its tensors are added to ``tensors``.
    mutating func encode(_ value: Value, at path: String) throws -> JSON {
        if let tensor = value.asTensor {
            var name = path
            var copy = 1
            while !taken.insert(name).inserted {
                copy += 1
                name = "\(path)#\(copy)"
            }
            tensors.append((name, try tensor.detached().contiguous()))
            return .object([("tensor", .string(name))])
        }
        var members: [(key: String, value: JSON)] = []
        switch value {
        case .list(let list):
            let names = value.names
            var elements: [JSON] = []
            for (place, element) in list.elements.enumerated() {
                let name = names?[place]?.string ?? ""
                elements.append(try encode(element, at: path + "." + (name.isEmpty ? String(place + 1) : name)))
            }
            members.append(("list", .array(elements)))
        case .double(let vector): members.append(("double", .array(vector.elements.map { TreeCode.number($0) })))
        case .integer(let vector):
            members.append(("integer", .array(vector.elements.map { $0.map { .number(Double($0)) } ?? .null })))
        case .logical(let vector):
            members.append(("logical", .array(vector.elements.map { $0.map { .bool($0) } ?? .null })))
        case .character(let vector):
            members.append(("character", .array(vector.elements.map { $0.map { .string($0.string) } ?? .null })))
        // Functions and environments stay behind: code is not saved.
        default: return .null
        }
        if let names = value.names {
            members.append(("names", .array(names.map { $0.map { .string($0.string) } ?? .null })))
        }
        if let dim = value.dim { members.append(("dim", .array(dim.map { .number(Double($0)) }))) }
        return .object(members)
    }

    private static func number(_ number: Double) -> JSON {
        if number.isFinite { return .number(number) }
        return .string(number.isNA ? "NA" : number.isNaN ? "NaN" : number > 0 ? "Inf" : "-Inf")
    }

    // MARK: Reading

    /// The value of a text; `tensor` finds tensors by name.
    static func decode(_ json: JSON, depth: Int = 0, tensor: (String) throws -> Tensor) throws -> Value {
        guard depth < 200 else { throw fault }
        guard case .object = json else { return .null }
        if case .string(let name)? = json["tensor"] { return .tensor(try tensor(name)) }
        var value = Value.null
        if case .array(let elements)? = json["list"] {
            value = .list(Vector(try elements.map { try decode($0, depth: depth + 1, tensor: tensor) }))
        } else if case .array(let elements)? = json["double"] {
            value = .numbers(try elements.map { try double($0) })
        } else if case .array(let elements)? = json["integer"] {
            value = .integer(
                Vector(
                    try elements.map { element in
                        if case .null = element { return nil }
                        guard case .number(let number) = element, let whole = Int32(exactly: number) else {
                            throw fault
                        }
                        return whole
                    }))
        } else if case .array(let elements)? = json["logical"] {
            value = .logical(
                Vector(
                    elements.map { element in
                        if case .bool(let flag) = element { return flag }
                        return nil
                    }))
        } else if case .array(let elements)? = json["character"] {
            value = .character(Vector(elements.map { text($0) }))
        } else {
            return .null
        }
        if case .array(let names)? = json["names"] {
            guard names.count == value.length else { throw fault }
            value = value.withNames(names.map { text($0) })
        }
        if case .array(let sizes)? = json["dim"] {
            let dim = try sizes.map { size -> Int in
                guard case .number(let number) = size, let whole = Int(exactly: number), whole >= 0, whole < 1 << 31
                else { throw fault }
                return whole
            }
            let count = dim.reduce(into: 1) { $0 = $0.multipliedReportingOverflow(by: $1).partialValue }
            guard count == value.length else { throw fault }
            value = value.setting(Symbol.dim, .ints(dim))
        }
        return value
    }

    private static var fault: WorkbenchError { WorkbenchError(.data, "the structure in the file contradicts itself") }

    private static func text(_ json: JSON) -> Text? {
        if case .string(let string) = json { return Text(string) }
        return nil
    }

    private static func double(_ json: JSON) throws -> Double {
        switch json {
        case .number(let number): return number
        case .string("NA"): return .na
        case .string("NaN"): return .nan
        case .string("Inf"): return .infinity
        case .string("-Inf"): return -.infinity
        default: throw fault
        }
    }
}
