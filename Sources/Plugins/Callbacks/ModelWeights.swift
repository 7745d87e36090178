import Diagnostics
import PluginAPI
import Tensors

/// `luz_save_model_weights()`, `luz_load_model_weights()`: the tensors of a fitted model alone, as `torch_save()` writes
/// them.
func registerModelWeights(_ luz: Namespace) {
    luz.function(
        "luz_save_model_weights", [.value("obj", help: "a fitted model"), .value("path")],
        help: "Writes the weights of a fitted model to a safetensors file", visible: false
    ) { args in
        let module = try fittedModule(args, "obj")
        return try args.context.call(
            try torchFunction("torch_save", args.context),
            [Argument(.object(module)), Argument(try args.required("path"))],
            environment: args.environment)
    }
    luz.function(
        "luz_load_model_weights", [.value("obj", help: "a fitted model"), .value("path")],
        help: "Puts weights of a file into a fitted model, in place", visible: false
    ) { args in
        let module = try fittedModule(args, "obj")
        let loaded = try args.context.call(
            try torchFunction("torch_load", args.context), [Argument(try args.required("path"))],
            environment: args.environment)
        guard case .list(let list) = loaded, let names = loaded.names else {
            throw WorkbenchError(
                .data, "'\(try args.string("path"))' holds no weights of a model",
                hint: "luz_save_model_weights() writes them")
        }
        var state: [(name: String, tensor: Tensor)] = []
        for (name, value) in zip(names, list.elements) {
            if let tensor = value.asTensor { state.append((name?.string ?? "", tensor)) }
        }
        let others = try module.loadStateDict(state)
        if !others.isEmpty, !args.context.isAsPublished {
            try args.context.warn("the model has no \(others.prefix(5).joined(separator: ", "))")
        }
        return .null
    }
}

private func torchFunction(_ name: String, _ context: Context) throws -> Value {
    guard let value = context.registry.existingNamespace("torch")?.environment.local(Symbol.named(name)) else {
        throw WorkbenchError(.plugin, "torch::\(name) is not there", hint: "the plug-in that provides it is not loaded")
    }
    return value
}
