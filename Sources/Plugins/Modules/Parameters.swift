import Diagnostics
import PluginAPI
import Tensors

/// `nn_parameter()`, `nn_buffer()` and tests for them.
func registerParameters(_ torch: Namespace) {
    torch.function(
        "nn_parameter", [.value("x", help: "a tensor"), .value("requires_grad", true)],
        help: "A tensor that a module learns when it is assigned to self$…"
    ) { args in
        let x = try parameterTensor(args)
        try x.requiresGrad_(try args.flag("requires_grad"))
        return .object(TensorObject(x, role: .parameter))
    }
    torch.function(
        "nn_buffer", [.value("x", help: "a tensor"), .value("persistent", true)],
        help: "A tensor that belongs to a module's state but is not learned"
    ) { args in
        guard let x = args["x"].asTensor else {
            throw WorkbenchError(.type, "`x` must be a tensor, not \(args.describe(args["x"]))")
        }
        return .object(TensorObject(x, role: .buffer(persistent: try args.flag("persistent"))))
    }
    torch.function("is_nn_parameter", [.value("x")], help: "Whether a value is a parameter") { args in
        guard case .object(let object) = args[0], case .parameter? = (object as? TensorObject)?.role else {
            return false
        }
        return true
    }
    torch.function("is_nn_buffer", [.value("x")], help: "Whether a value is a buffer") { args in
        guard case .object(let object) = args[0], case .buffer? = (object as? TensorObject)?.role else { return false }
        return true
    }
}

private func parameterTensor(_ args: Arguments) throws -> Tensor {
    guard let x = args["x"].asTensor else {
        throw WorkbenchError(
            .type, "`x` must be a tensor, not \(args.describe(args["x"]))", hint: "nn_parameter(torch_zeros(3))")
    }
    // A parameter is a leaf: the history of a computed tensor stays behind.
    return x.isLeaf ? x : x.detached()
}
