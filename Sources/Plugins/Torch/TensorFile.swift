import Diagnostics
import Glibc
import PluginAPI
import Tensors

/// An object in a file as R torch 0.12 and later lays it out: safetensors with a note of what it is in the metadata
/// (`__r__`: type, version 3, which tensors require a gradient). A list lies in the file twice over: its tensors by name,
/// and the list itself in R's serialization format as the bytes `__robj__`, with a text of class `torch_tensor_address`,
/// the tensor's name, where each tensor was. R torch names tensors by their addresses, we by their places in the list.
///
/// Files of earlier workbenches have no `__robj__` but a description of the list (`workbench`); they are read as well.
///
/// - Source: github.com/mlverse/torch R/save.R and github.com/mlverse/safetensors R/write.R (descriptions of the format
///   only). R torch's own torch_load() has not been run on our files; R's unserialize() has
///   (scripts/fixtures/r-torch-layout.R).
struct TensorFile {
    private static let single = "...unnamed..."
    private static let noteKey = "__r__"
    private static let objectName = "__robj__"
    private static let addressClass = "torch_tensor_address"

    private var tensors: [(name: String, tensor: Tensor)] = []
    private var type = "list"
    private var names = FreeNames()
    private var known: [ObjectIdentifier: String] = [:]

    // MARK: Writing

    /// Takes an object apart.
    /// - Throws: `.type` for what a file cannot hold: functions, environments, other objects; `.value` for lists nested
    ///   more than 200 deep.
    init(_ value: Value, _ context: Context) throws {
        if let tensor = value.asTensor {
            type = "tensor"
            tensors = [(TensorFile.single, tensor)]
            return
        }
        for name in [TensorFile.objectName, "__metadata__"] { _ = names.take(name) }
        let object = try placed(value, at: "", depth: 0)
        guard case .raw(let bytes) = try context.base("serialize", [object, .null]) else { return }
        tensors.append((TensorFile.objectName, try Tensor(bytes.elements, shape: [bytes.count])))
    }

    /// The same value with the name of each tensor in its place.
    private mutating func placed(_ value: Value, at path: String, depth: Int) throws -> Value {
        guard depth < 200 else { throw WorkbenchError(.value, "the list is nested too deeply to be saved") }
        if let tensor = value.asTensor { return address(tensor, path) }
        func below(_ name: String) -> String { path.isEmpty ? name : path + "." + name }
        switch value {
        case .list(let list):
            let names = value.names
            let elements = try list.elements.enumerated().map { place, element in
                let name = names?[place]?.string ?? ""
                return try placed(element, at: below(name.isEmpty ? String(place + 1) : name), depth: depth + 1)
            }
            return .list(Vector(elements, value.attributes))
        case .object(let object):
            guard let module = object as? Module else { break }
            return .named(module.stateDict().map { ($0.name, address($0.tensor, below($0.name))) })
        case .null, .logical, .integer, .double, .complex, .character, .raw: return value
        default: break
        }
        throw WorkbenchError(
            .type, "torch_save() cannot write \(path.isEmpty ? "a value" : "`\(path)`") of type '\(value.typeName)'",
            hint: "tensors, modules, numbers, texts and lists of them can be written; saveRDS() writes other R values")
    }

    private mutating func address(_ tensor: Tensor, _ path: String) -> Value {
        let name: String
        if let before = known[ObjectIdentifier(tensor)] {
            name = before
        } else {
            name = names.take(path.isEmpty ? "value" : path)
            known[ObjectIdentifier(tensor)] = name
            tensors.append((name, tensor))
        }
        return Value.string(name).setting(Symbol.classAttribute, .string(TensorFile.addressClass))
    }

    /// Writes the file; it appears whole or not at all.
    func write(to path: String) throws {
        let flags = tensors.filter { $0.tensor.requiresGrad }.map { (key: $0.name, value: JSON.bool(true)) }
        let note = JSON.object([
            ("type", .string(type)), ("version", .number(3)), ("requires_grad", .object(flags)),
            ("special_dtype", .object([])),
        ])
        try Safetensors.write(tensors, metadata: [(TensorFile.noteKey, note.text)], to: path)
    }

    // MARK: Reading

    /// Reads a file and puts the object together again.
    /// - Throws: `.data` for files that are none, are damaged, or contradict themselves.
    static func read(_ path: String, _ context: Context) throws -> Value {
        try refuseOthers(path)
        let contents = try Safetensors.read(path)
        func text(_ key: String) -> String? { contents.metadata.first { $0.key == key }?.value }
        if let purpose = text("format").flatMap({ SnapshotFile.Purpose(rawValue: $0) }) {
            switch purpose {
            case .workspace:
                throw WorkbenchError(
                    .data, "'\(path)' is a saved session, not a file of torch_save()",
                    hint: "restore_session() reads it")
            case .object:
                throw WorkbenchError(
                    .data, "'\(path)' is a saved object, not a file of torch_save()",
                    hint: "readRDS() or luz_load() reads it")
            }
        }
        if let description = text(TensorTree.metadataKey) { return try described(description, contents, path) }
        guard let note = text(noteKey) else { return named(contents) }
        let fields: JSON
        do { fields = try JSON(note) } catch let error as WorkbenchError {
            throw WorkbenchError(.data, "'\(path)' has a note of R torch that is \(error.message)")
        }
        if case .object(let flags)? = fields["requires_grad"] {
            for (name, flag) in flags {
                // Only numbers with a fraction have gradients.
                if case .bool(true) = flag, let tensor = contents[name], tensor.dtype.isFloating {
                    _ = try tensor.requiresGrad_()
                }
            }
        }
        if case .string("tensor")? = fields["type"], let tensor = contents[single] ?? contents.tensors.first?.tensor {
            return .tensor(tensor)
        }
        guard let object = contents[objectName] else { return named(contents) }
        guard case .string("list")? = fields["type"] else {
            try context.warn(
                "'\(path)' holds an R object beside its tensors, which is not rebuilt: the tensors are returned by name"
            )
            return named(contents)
        }
        guard object.dtype == .uint8 else {
            throw WorkbenchError(.data, "'\(path)' is damaged: \(objectName) is not made of bytes")
        }
        let list = try context.base("unserialize", [.raw(Vector(object.toArray(of: UInt8.self)))])
        return try filled(list, contents, path, depth: 0)
    }

    /// The tensors by name, R's note of the list left out.
    private static func named(_ contents: Safetensors.Contents) -> Value {
        Value.named(contents.tensors.filter { $0.name != objectName }.map { ($0.name, .tensor($0.tensor)) })
    }

    /// The same value with tensors where their names are.
    private static func filled(
        _ value: Value, _ contents: Safetensors.Contents, _ path: String, depth: Int
    ) throws -> Value {
        guard depth < 1000 else { throw WorkbenchError(.data, "'\(path)' is damaged: its list is nested too deeply") }
        if case .character(let texts) = value, value.classes.contains(Text(addressClass)) {
            guard texts.count == 1, let name = texts[0]?.string, let tensor = contents[name] else {
                throw WorkbenchError(.data, "'\(path)' is damaged: its list names a tensor that it does not have")
            }
            return .tensor(tensor)
        }
        guard case .list(let list) = value else { return value }
        return .list(
            Vector(try list.elements.map { try filled($0, contents, path, depth: depth + 1) }, value.attributes))
    }

    /// What earlier workbenches wrote for lists.
    private static func described(_ text: String, _ contents: Safetensors.Contents, _ path: String) throws -> Value {
        try TensorTree.decode(try JSON(text)) { name in
            guard let tensor = contents[name] else {
                throw WorkbenchError(.data, "'\(path)' has no tensor \(JSON.quoted(name)), which its description names")
            }
            return tensor
        }
    }

    /// Files that are something else say what they are.
    private static func refuseOthers(_ path: String) throws {
        let file = try openRegularFile(path)
        defer { close(file) }
        var start = [UInt8](repeating: 0, count: 9)
        let count = pread(file, &start, 9, 0)
        guard count >= 2 else { throw WorkbenchError(.data, "'\(path)' is no file that torch_save() wrote") }
        // A safetensors file begins with the length of its header, whose bytes may be anybody's mark.
        if count == 9, start[4...7].allSatisfy({ $0 == 0 }), start[8] == UInt8(ascii: "{") { return }
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
}

extension Context {
    /// A call of a function of base R, whatever the session has defined under its name.
    fileprivate func base(_ name: String, _ values: [Value]) throws -> Value {
        guard let function = registry.namespace("base").environment.local(Symbol.named(name)) else {
            throw WorkbenchError(
                .plugin, "base::\(name) is not there", hint: "the plug-in that provides it is not loaded")
        }
        return try call(function, values.map { Argument($0) })
    }
}
