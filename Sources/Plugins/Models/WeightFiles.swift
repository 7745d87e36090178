import Diagnostics
import PluginAPI
import Tensors

/// `load_state_dict()` of torch; `safe_load_file()` and `safe_save_file()` of safetensors.
func registerWeightFiles(_ registry: Registry) {
    registry.namespace("torch").function(
        "load_state_dict",
        [.value("path", help: "a .pth file of torch.save(model.state_dict(), …), or safetensors"), .dots],
        help: "Reads a state dict written by PyTorch; nothing in the file is run"
    ) { args in
        try args.context.naming(try args.string("path")) { try StateFile.readValue($0) }
    }
    let safetensors = registry.namespace("safetensors")
    safetensors.function(
        "safe_load_file",
        [.value("path"), .dots, .value("framework", "torch"), .value("device", "cpu")],
        help: "Tensors by name from a safetensors file"
    ) { args in
        guard try args.string("framework") == "torch" else {
            throw WorkbenchError(.unsupported, "framework must be \"torch\"")
        }
        let contents = try args.context.naming(try args.string("path")) { try Safetensors.read($0) }
        let list = Value.named(contents.tensors.map { ($0.name, .tensor($0.tensor)) })
        guard !contents.metadata.isEmpty else { return list }
        return list.setting(
            Symbol.named("metadata"), Value.named(contents.metadata.map { ($0.key, .string($0.value)) }))
    }
    safetensors.function(
        "safe_save_file",
        [.value("tensors", help: "named list of tensors"), .value("path"), .dots, .value("metadata", nil)],
        help: "Writes tensors by name into a safetensors file", visible: false
    ) { args in
        guard case .list(let list) = try args.required("tensors"), let names = args["tensors"].names else {
            throw WorkbenchError(.type, "`tensors` must be a named list of tensors")
        }
        let tensors = try zip(names, list.elements).map { name, value -> (name: String, tensor: Tensor) in
            guard let tensor = value.asTensor, let name, !name.isEmpty else {
                throw WorkbenchError(.type, "`tensors` must be a named list of tensors")
            }
            return (name.string, tensor)
        }
        var metadata: [(key: String, value: String)] = []
        if case .list(let texts) = args["metadata"], let keys = args["metadata"].names {
            metadata = try zip(keys, texts.elements).map { key, value in
                (key?.string ?? "", try value.asCharacters().elements.first??.string ?? "")
            }
        }
        try args.context.naming(try args.string("path")) { path in
            try Safetensors.write(tensors, metadata: metadata, to: path)
        }
        return .null
    }
}
