import Diagnostics
import PluginAPI
import Tensors

/// `nn_softmax(dim)`, `nn_log_softmax(dim)`, `nn_softmin(dim)` and their functions.
func registerSoftmax(_ torch: Namespace, _ methods: TensorMethods) {
    let kinds: [(name: String, help: String, compute: (Tensor, Int) throws -> Tensor)] = [
        ("softmax", "exp(x) / Σ exp(x)", { try $0.softmax($1) }),
        ("log_softmax", "x − log Σ exp(x)", { try $0.logSoftmax($1) }),
        ("softmin", "softmax(−x)", { try $0.softmin($1) }),
    ]
    for (name, help, compute) in kinds {
        torch.layer("nn_\(name)", [.value("dim", help: "dimension that sums to one")], help: help) { _, args in
            let d = try args.dimension("dim")
            return { x, _, _ in try compute(x, d) }
        }
        let implementation: Builtin.Implementation = { args in
            let x = try args.tensor(args.function.parameters[0].name.name)
            return .tensor(try compute(try args.dtype().map { try x.to($0) } ?? x, try args.dimension("dim")))
        }
        torch.function(
            "nnf_\(name)", [.value("input"), .value("dim"), .value("dtype", nil)], help: help, implementation)
        guard name != "softmin" else { continue }
        let parameters: [Parameter] = [.value("self"), .value("dim"), .value("dtype", nil)]
        torch.function("torch_\(name)", parameters, help: help, implementation)
        methods.add(name, Builtin(name, namespace: "torch", parameters, help: help, implementation))
    }
    torch.layer("nn_softmax2d", [], help: "Softmax over the channels of images") { _, _ in
        { x, layer, _ in
            guard x.dimensions == 4 || x.dimensions == 3 else {
                throw WorkbenchError(
                    .shape,
                    "\(layer.displayName) takes [N, C, H, W] or [C, H, W], not a tensor of dimension \(x.dimensions)")
            }
            return try x.softmax(-3)
        }
    }
}
