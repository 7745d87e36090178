import Diagnostics
import PluginAPI

/// `torch_save()` and `torch_load()`.
func registerSerialization(_ torch: Namespace) {
    torch.function(
        "torch_save",
        [
            .value("obj", help: "a tensor, module, or list of tensors, numbers, texts and lists"), .value("path"),
            .dots, .value("compress", true),
        ],
        help: "Writes tensors into a safetensors file as R torch lays it out", visible: false
    ) { args in
        let file = try TensorFile(try args.required("obj"), args.context)
        try args.context.naming(try args.string("path")) { try file.write(to: $0) }
        return .null
    }
    torch.function(
        "torch_load", [.value("path"), .value("device", "cpu")],
        help: "Reads what torch_save() wrote, here or in R torch, or any safetensors file"
    ) { args in
        try args.context.naming(try args.string("path")) { path in
            try readingForeignText { try TensorFile.read(path, args.context) }
        }
    }
}
