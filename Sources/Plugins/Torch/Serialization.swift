import Diagnostics
import Glibc
import PluginAPI
import Tensors

/// `torch_save()` and `torch_load()`: safetensors files with the names of the tensors, R torch's note of what they are
/// (`__r__`), and for lists with more than tensors in them a description of the list (`workbench`).
func registerSerialization(_ torch: Namespace) {
    torch.function(
        "torch_save",
        [
            .value("obj", help: "a tensor, module, or list of tensors, numbers, texts and lists"), .value("path"),
            .dots, .value("compress", true),
        ],
        help: "Writes tensors into a safetensors file", visible: false
    ) { args in
        let path = sessionPath(try args.string("path"), args.context)
        try TensorFile(try args.required("obj")).write(to: path)
        return .null
    }
    torch.function(
        "torch_load", [.value("path"), .value("device", "cpu")],
        help: "Reads what torch_save() wrote, or any safetensors file"
    ) { args in
        let path = sessionPath(try args.string("path"), args.context)
        return try TensorFile.read(path, args.context)
    }
}

private func sessionPath(_ path: String, _ context: Context) -> String {
    var path = path
    if path == "~" || path.hasPrefix("~/"), let home = getenv("HOME") {
        path = String(cString: home) + path.dropFirst()
    }
    return path.hasPrefix("/") ? path : context.workingDirectory + "/" + path
}

/// An object as tensors by name and a description.
struct TensorFile {
    private static let single = "...unnamed..."
    private(set) var tensors: [(name: String, tensor: Tensor)] = []
    private var type = "list"
    private var description: String?

    /// Takes an object apart.
    /// - Throws: `.type` for what a file cannot hold: functions, environments, other objects.
    init(_ value: Value) throws {
        if let tensor = value.asTensor {
            type = "tensor"
            tensors = [(TensorFile.single, tensor)]
        } else if case .object(let object) = value, let module = object as? Module {
            type = "state_dict"
            tensors = module.stateDict()
        } else if case .list(let list) = value, let names = value.names, !list.isEmpty,
            list.elements.allSatisfy({ $0.asTensor != nil }), Set(names).count == list.count,
            !names.contains(where: { $0 == nil || $0 == "" })
        {
            type = "state_dict"
            tensors = zip(names, list.elements).compactMap { name, element in
                element.asTensor.map { (name?.string ?? "", $0) }
            }
        } else {
            description = try describe(value, path: "", depth: 0)
        }
    }

    func write(to path: String) throws {
        var metadata: [(key: String, value: String)] = []
        if let description {
            metadata.append(("workbench", description))
        } else {
            let gradients = tensors.map { "\(quoted($0.name)):\($0.tensor.requiresGrad)" }.joined(separator: ",")
            metadata.append(
                (
                    "__r__",
                    "{\"type\":\"\(type)\",\"version\":3,\"requires_grad\":{\(gradients)},\"special_dtype\":{}}"
                ))
        }
        try Safetensors.write(tensors, metadata: metadata, to: path)
    }

    /// The JSON description of a value; its tensors are added to ``tensors`` under their paths.
    private mutating func describe(_ value: Value, path: String, depth: Int) throws -> String {
        guard depth < 200 else { throw WorkbenchError(.value, "the list is nested too deeply to be saved") }
        if let tensor = value.asTensor {
            var name = path.isEmpty ? "value" : path
            while tensors.contains(where: { $0.name == name }) { name += "_" }
            tensors.append((name, tensor))
            return "{\"tensor\":\(quoted(name))}"
        }
        func entry(_ kind: String, _ elements: [String]) -> String {
            var text = "{\"\(kind)\":[\(elements.joined(separator: ","))]"
            if let names = value.names {
                text += ",\"names\":[" + names.map { quoted($0?.string ?? "") }.joined(separator: ",") + "]"
            }
            if let dim = value.dim { text += ",\"dim\":[" + dim.map { String($0) }.joined(separator: ",") + "]" }
            return text + "}"
        }
        switch value {
        case .null: return "null"
        case .logical(let v): return entry("logical", v.elements.map { $0.map { String($0) } ?? "null" })
        case .integer(let v): return entry("integer", v.elements.map { $0.map { String($0) } ?? "null" })
        case .double(let v):
            return entry(
                "double", v.elements.map { $0.isNA ? "null" : $0.isFinite ? "\($0)" : "\"\($0)\"" })
        case .character(let v): return entry("character", v.elements.map { $0.map { quoted($0.string) } ?? "null" })
        case .list(let list):
            let names = value.names
            var parts: [String] = []
            for (place, element) in list.elements.enumerated() {
                let name = names?[place]?.string ?? ""
                let step = name.isEmpty ? String(place + 1) : name
                parts.append(
                    try describe(element, path: path.isEmpty ? step : path + "." + step, depth: depth + 1))
            }
            return entry("list", parts)
        case .object(let object) where object is Module:
            guard let module = object as? Module else { return "null" }
            return try describe(
                Value.named(module.stateDict().map { ($0.name, .tensor($0.tensor)) }), path: path, depth: depth + 1)
        default:
            throw WorkbenchError(
                .type,
                "torch_save() cannot write \(path.isEmpty ? "a value" : "`\(path)`") of type '\(value.typeName)'",
                hint:
                    "tensors, modules, numbers, texts and lists of them can be written; saveRDS() writes other R values"
            )
        }
    }

    // MARK: Reading

    /// Reads a file and puts the object together again.
    static func read(_ path: String, _ context: Context) throws -> Value {
        try refuseOthers(path)
        let contents = try Safetensors.read(path)
        func text(_ key: String) -> String? { contents.metadata.first { $0.key == key }?.value }
        let named = Value.named(contents.tensors.map { ($0.name, .tensor($0.tensor)) })
        if let description = text("workbench") {
            let parsed = try DescriptionJSON.parse(description)
            return try value(of: parsed, contents, depth: 0)
        }
        guard let note = text("__r__") else { return named }
        guard case .object(let fields) = try DescriptionJSON.parse(note) else { return named }
        for (name, flag) in fields.first(where: { $0.0 == "requires_grad" })?.1.members ?? [] {
            if case .flag(true) = flag { _ = try contents[name]?.requiresGrad_() }
        }
        switch fields.first(where: { $0.0 == "type" })?.1 {
        case .text("tensor")?:
            guard let tensor = contents[single] ?? contents.tensors.first?.tensor else { return named }
            return .tensor(tensor)
        case .text("module")?, .text("list")?:
            guard contents["__robj__"] != nil else { return named }
            try context.warn(
                "'\(path)' holds an R object beside its tensors, which is not rebuilt: the tensors are returned by name"
            )
            return Value.named(
                contents.tensors.filter { $0.name != "__robj__" }.map { ($0.name, .tensor($0.tensor)) })
        default: return named
        }
    }

    /// Files that are something else say what they are.
    private static func refuseOthers(_ path: String) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw WorkbenchError(.data, "cannot open '\(path)': \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var start = [UInt8](repeating: 0, count: 6)
        let count = pread(file, &start, 6, 0)
        guard count >= 2 else { throw WorkbenchError(.data, "'\(path)' is no file that torch_save() wrote") }
        if start.starts(with: [0x50, 0x4B]) {
            throw WorkbenchError(
                .data, "'\(path)' is a file of PyTorch", hint: "load_state_dict(path) reads its tensors")
        }
        if start.starts(with: [0x1F, 0x8B]) || start.starts(with: Array("RDX".utf8))
            || start.starts(with: Array("X\n".utf8))
        {
            throw WorkbenchError(
                .data, "'\(path)' is in R torch's old format (an R object), which is not read",
                hint: "in R, torch_save() of version 0.12 or later writes safetensors")
        }
    }

    private static func value(of json: DescriptionJSON, _ contents: Safetensors.Contents, depth: Int) throws -> Value {
        guard depth < 200 else { throw damaged() }
        guard case .object(let fields) = json else {
            if case .null = json { return .null }
            throw damaged()
        }
        guard let (kind, content) = fields.first else { throw damaged() }
        if kind == "tensor" {
            guard case .text(let name) = content, let tensor = contents[name] else { throw damaged() }
            return .tensor(tensor)
        }
        guard case .array(let items) = content else { throw damaged() }
        var value: Value
        switch kind {
        case "list": value = .items(try items.map { try self.value(of: $0, contents, depth: depth + 1) })
        case "logical":
            value = .logical(Vector(items.map { item in if case .flag(let flag) = item { flag } else { nil } }))
        case "integer":
            value = .integer(Vector(items.map { $0.number.flatMap { Int32(exactly: $0) } }))
        case "double":
            value = .double(
                Vector(
                    items.map { item in
                        if case .text(let text) = item { return Double(text) ?? .nan }
                        return item.number ?? .na
                    }))
        case "character":
            value = .character(Vector(items.map { item in if case .text(let text) = item { Text(text) } else { nil } }))
        default: throw damaged()
        }
        for (name, content) in fields.dropFirst() {
            guard case .array(let items) = content, name == "dim" || items.count == value.length else {
                throw damaged()
            }
            if name == "names" {
                value = value.withNames(
                    items.map { item -> Text? in if case .text(let text) = item { Text(text) } else { nil } })
            } else if name == "dim" {
                let dim = items.compactMap { $0.number.flatMap { Int(exactly: $0) } }
                guard dim.allSatisfy({ $0 >= 0 && $0 < 1 << 31 }), dim.reduce(1, { $0 &* $1 }) == value.length else {
                    throw damaged()
                }
                value = value.setting(Symbol.dim, .ints(dim))
            }
        }
        return value
    }

    private static func damaged() -> WorkbenchError {
        WorkbenchError(.data, "the description of the list in the file is damaged")
    }
}

/// A text as JSON has it.
private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\t": result += "\\t"
        case "\r": result += "\\r"
        case _ where scalar.value < 32:
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

/// JSON as the descriptions use it.
indirect enum DescriptionJSON {
    case null
    case flag(Bool)
    case numeric(Double)
    case text(String)
    case array([DescriptionJSON])
    case object([(String, DescriptionJSON)])

    var number: Double? {
        if case .numeric(let number) = self { return number }
        return nil
    }

    var members: [(String, DescriptionJSON)] {
        if case .object(let fields) = self { return fields }
        return []
    }

    static func parse(_ text: String) throws -> DescriptionJSON {
        var parser = Parser(bytes: Array(text.utf8))
        let value = try parser.value(depth: 0)
        return value
    }

    private struct Parser {
        let bytes: [UInt8]
        var at = 0

        func fault() -> WorkbenchError { WorkbenchError(.data, "the file's metadata are no JSON") }

        mutating func peek() throws -> UInt8 {
            while at < bytes.count, bytes[at] <= 32 { at += 1 }
            guard at < bytes.count else { throw fault() }
            return bytes[at]
        }

        mutating func expect(_ letter: Character) throws {
            guard try peek() == letter.asciiValue else { throw fault() }
            at += 1
        }

        mutating func value(depth: Int) throws -> DescriptionJSON {
            guard depth < 500 else { throw fault() }
            switch try peek() {
            case UInt8(ascii: "{"):
                var fields: [(String, DescriptionJSON)] = []
                try list("}") { parser in
                    guard case .text(let name) = try parser.value(depth: depth + 1) else { throw parser.fault() }
                    try parser.expect(":")
                    fields.append((name, try parser.value(depth: depth + 1)))
                }
                return .object(fields)
            case UInt8(ascii: "["):
                var items: [DescriptionJSON] = []
                try list("]") { parser in items.append(try parser.value(depth: depth + 1)) }
                return .array(items)
            case UInt8(ascii: "\""): return .text(try string())
            default: return try word()
            }
        }

        private mutating func list(_ end: Character, _ item: (inout Parser) throws -> Void) throws {
            at += 1
            if try peek() == end.asciiValue {
                at += 1
                return
            }
            while true {
                try item(&self)
                let next = try peek()
                at += 1
                if next == end.asciiValue { return }
                guard next == UInt8(ascii: ",") else { throw fault() }
            }
        }

        private mutating func word() throws -> DescriptionJSON {
            let start = at
            while at < bytes.count, ![44, 93, 125, 32, 10].contains(bytes[at]) { at += 1 }
            let text = String(decoding: bytes[start..<at], as: UTF8.self)
            switch text {
            case "null": return .null
            case "true": return .flag(true)
            case "false": return .flag(false)
            default:
                guard let number = Double(text) else { throw fault() }
                return .numeric(number)
            }
        }

        private mutating func string() throws -> String {
            at += 1
            var result: [UInt8] = []
            while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
                guard bytes[at] == UInt8(ascii: "\\") else {
                    result.append(bytes[at])
                    at += 1
                    continue
                }
                guard at + 1 < bytes.count else { throw fault() }
                let code = bytes[at + 1]
                at += 2
                switch code {
                case UInt8(ascii: "n"): result.append(10)
                case UInt8(ascii: "t"): result.append(9)
                case UInt8(ascii: "r"): result.append(13)
                case UInt8(ascii: "b"): result.append(8)
                case UInt8(ascii: "f"): result.append(12)
                case UInt8(ascii: "u"): result += try escaped()
                default: result.append(code)
                }
            }
            guard at < bytes.count else { throw fault() }
            at += 1
            return String(decoding: result, as: UTF8.self)
        }

        private mutating func escaped() throws -> [UInt8] {
            var unit = try hexadecimal()
            if (0xD800..<0xDC00).contains(unit), at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\") {
                at += 2
                let low = try hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw fault() }
                unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(unit) else { throw fault() }
            return Array(String(Character(scalar)).utf8)
        }

        private mutating func hexadecimal() throws -> UInt32 {
            guard at + 4 <= bytes.count,
                let number = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
            else { throw fault() }
            at += 4
            return number
        }
    }
}
