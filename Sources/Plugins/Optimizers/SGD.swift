import Diagnostics
import PluginAPI
import Tensors

/// Stochastic gradient descent with momentum, as torch: the buffer starts as the first gradient.
final class SGD: Optimizer, @unchecked Sendable {
    private var decay = WeightDecay()

    init(_ className: String, _ args: Arguments) throws {
        try checkNonNegative(args, "lr", "learning rate")
        try checkNonNegative(args, "momentum", "momentum value")
        try checkNonNegative(args, "weight_decay", "weight_decay value")
        if try args.flag("nesterov") {
            guard try args.real("momentum") > 0, try args.real("dampening") == 0 else {
                var error = WorkbenchError(.value, "Nesterov momentum requires a momentum and zero dampening")
                error.conditionClass = "value_error"
                throw error
            }
        }
        try super.init(className, try args.required("params"), defaults: try settings(args))
    }

    override func step(_ context: Context) throws {
        decay.begin(self, context)
        try super.step(context)
    }

    override func update(
        _ parameter: Tensor, gradient: Tensor, state: State, in group: ParameterGroup
    ) throws {
        let momentum = try group.number("momentum")
        var direction = try decay.adding(to: gradient, parameter, in: group)
        if momentum != 0 {
            let buffer: Tensor
            if let known = state["momentum_buffer"]?.asTensor {
                buffer = known
                _ = try buffer.mul_(Tensor(scalar: .double(momentum)))
                    .add_(direction, alpha: 1 - (try group.number("dampening")))
            } else {
                buffer = try direction.detached().clone()
                state["momentum_buffer"] = .tensor(buffer)
            }
            direction = group.flag("nesterov") ? try direction.add(buffer, alpha: momentum) : buffer
        }
        _ = try parameter.add_(direction, alpha: -(try group.number("lr")))
    }
}

/// `optim_sgd()`.
func registerSGD(_ torch: Namespace) {
    for name in ["optim_sgd", "optim_ignite_sgd"] {
        torch.optimizer(
            name,
            [
                .value("params"), .value("lr", .object(RequiredSetting()), help: "learning rate"),
                .value("momentum", 0),
                .value("dampening", 0), .value("weight_decay", 0), .value("nesterov", false),
            ], help: "Stochastic gradient descent"
        ) { args in try SGD(name, args) }
    }
    torch.function("optim_required", [], help: "A setting that must be given") { _ in .object(RequiredSetting()) }
}
