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
        let file = try TensorFile(try args.required("obj"))
        try args.context.naming(try args.string("path")) { try file.write(to: $0) }
        return .null
    }
    torch.function(
        "torch_load", [.value("path"), .value("device", "cpu")],
        help: "Reads what torch_save() wrote, or any safetensors file"
    ) { args in
        try args.context.naming(try args.string("path")) { try TensorFile.read($0, args.context) }
    }
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
            var tree = TensorTree(leavingCode: false)
            description = try tree.encode(value).text
            tensors = tree.tensors
        }
    }

    func write(to path: String) throws {
        var metadata: [(key: String, value: String)] = []
        if let description {
            metadata.append((TensorTree.metadataKey, description))
        } else {
            let gradients = tensors.map { "\(JSON.quoted($0.name)):\($0.tensor.requiresGrad)" }.joined(separator: ",")
            metadata.append(
                (
                    "__r__",
                    "{\"type\":\"\(type)\",\"version\":3,\"requires_grad\":{\(gradients)},\"special_dtype\":{}}"
                ))
        }
        try Safetensors.write(tensors, metadata: metadata, to: path)
    }

    // MARK: Reading

    /// Reads a file and puts the object together again.
    static func read(_ path: String, _ context: Context) throws -> Value {
        try refuseOthers(path)
        let contents = try Safetensors.read(path)
        func text(_ key: String) -> String? { contents.metadata.first { $0.key == key }?.value }
        let named = Value.named(contents.tensors.map { ($0.name, .tensor($0.tensor)) })
        if let description = text(TensorTree.metadataKey) {
            return try TensorTree.decode(try JSON(description)) { name in
                guard let tensor = contents[name] else {
                    throw WorkbenchError(.data, "'\(path)' has no tensor \"\(name)\", which its description names")
                }
                return tensor
            }
        }
        guard let note = text("__r__") else { return named }
        let fields = try JSON(note)
        if case .object(let flags)? = fields["requires_grad"] {
            for (name, flag) in flags {
                if case .bool(true) = flag { _ = try contents[name]?.requiresGrad_() }
            }
        }
        switch fields["type"] {
        case .string("tensor")?:
            guard let tensor = contents[single] ?? contents.tensors.first?.tensor else { return named }
            return .tensor(tensor)
        case .string("module")?, .string("list")?:
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
