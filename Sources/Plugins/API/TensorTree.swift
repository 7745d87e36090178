import Diagnostics
import Tensors

/// Nested lists with tensors in them, as named tensors and a JSON text that says how they hang together: what
/// `torch_save()` and checkpoints write into safetensors files.
///
/// A tensor's name is its path in the list: `model.features.0.weight`. Nothing in the text is ever executed.
public struct TensorTree {
    /// Key of the JSON text in the metadata of a file.
    public static let metadataKey = "workbench"

    /// The tensors met so far, by path.
    public private(set) var tensors: [(name: String, tensor: Tensor)] = []
    private var free = FreeNames()
    /// Paths of the functions, environments and other objects that were left out.
    package private(set) var left: [String] = []
    private let leavesCode: Bool

    /// An empty tree.
    /// - Parameter leavingCode: Functions, environments and other objects become `NULL` instead of an error.
    public init(leavingCode: Bool) { leavesCode = leavingCode }

    // MARK: Writing

    /// The text for a value found at a path (the root's is empty); its tensors are added to ``tensors``.
    /// - Throws: `.type` for what a file cannot hold, `.value` for lists nested more than 200 deep.
    public mutating func encode(_ value: Value, at path: String = "", depth: Int = 0) throws -> JSON {
        guard depth < 200 else { throw WorkbenchError(.value, "the list is nested too deeply to be saved") }
        if let tensor = value.asTensor {
            let name = free.take(path.isEmpty ? "value" : path)
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
                let step = name.isEmpty ? String(place + 1) : name
                elements.append(
                    try encode(element, at: path.isEmpty ? step : path + "." + step, depth: depth + 1))
            }
            members.append(("list", .array(elements)))
        case .double(let vector): members.append(("double", .array(vector.elements.map { TensorTree.number($0) })))
        case .integer(let vector):
            members.append(("integer", .array(vector.elements.map { $0.map { .number(Double($0)) } ?? .null })))
        case .logical(let vector):
            members.append(("logical", .array(vector.elements.map { $0.map { .bool($0) } ?? .null })))
        case .character(let vector):
            members.append(("character", .array(vector.elements.map { $0.map { .string($0.string) } ?? .null })))
        case .complex(let vector):
            members.append(
                (
                    "complex",
                    .array(
                        vector.elements.map { .array([TensorTree.number($0.real), TensorTree.number($0.imaginary)]) })
                ))
        case .raw(let vector):
            members.append(("raw", .array(vector.elements.map { .number(Double($0)) })))
        case .object(let object) where object is Module:
            let state = (object as? Module)?.stateDict() ?? []
            return try encode(.named(state.map { ($0.name, .tensor($0.tensor)) }), at: path, depth: depth + 1)
        case .null: return .null
        default:
            if leavesCode {
                left.append(path)
                return .null
            }
            throw WorkbenchError(
                .type,
                "torch_save() cannot write \(path.isEmpty ? "a value" : "`\(path)`") of type '\(value.typeName)'",
                hint:
                    "tensors, modules, numbers, texts and lists of them can be written; saveRDS() writes other R values"
            )
        }
        if let names = value.names {
            members.append(("names", .array(names.map { $0.map { .string($0.string) } ?? .null })))
        }
        if let dim = value.dim { members.append(("dim", .array(dim.map { .number(Double($0)) }))) }
        // What makes numbers a date or a factor, and lists a data frame.
        let others = (value.attributes?.entries ?? []).filter { $0.name !== Symbol.names && $0.name !== Symbol.dim }
        if !others.isEmpty {
            let list = Value.named(others.map { ($0.name.name, $0.value) })
            members.append(("attributes", try encode(list, at: path + "@", depth: depth + 1)))
        }
        return .object(members)
    }

    private static func number(_ number: Double) -> JSON {
        if number.isFinite { return .number(number) }
        return .string(number.isNA ? "NA" : number.isNaN ? "NaN" : number > 0 ? "Inf" : "-Inf")
    }

    // MARK: Reading

    /// The value of a text; `tensor` finds tensors by name.
    /// - Throws: `.data` for a text that contradicts itself.
    public static func decode(_ json: JSON, depth: Int = 0, tensor: (String) throws -> Tensor) throws -> Value {
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
        } else if case .array(let elements)? = json["complex"] {
            value = .complex(
                Vector(
                    try elements.map { element in
                        guard case .array(let parts) = element, parts.count == 2 else { throw fault }
                        return Complex(try double(parts[0]), try double(parts[1]))
                    }))
        } else if case .array(let elements)? = json["raw"] {
            value = .raw(
                Vector(
                    try elements.map { element in
                        guard case .number(let number) = element, let byte = UInt8(exactly: number) else { throw fault }
                        return byte
                    }))
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
        if let others = json["attributes"] {
            for item in try decode(others, depth: depth + 1, tensor: tensor).namedItems where !item.name.isEmpty {
                guard item.name != "names", item.name != "dim" else { continue }
                value = value.setting(Symbol.named(item.name), item.value)
            }
            guard value.attributesFit else { throw fault }
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
        case .null, .string("NA"): return .na
        case .string("NaN"): return .nan
        case .string("Inf"): return .infinity
        case .string("-Inf"): return -.infinity
        default: throw fault
        }
    }
}
