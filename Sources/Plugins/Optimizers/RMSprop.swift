import PluginAPI
import Tensors

/// RMSprop (Tieleman & Hinton 2012), as torch. Weight decay as in ``SGD``.
final class RMSprop: Optimizer, @unchecked Sendable {
    private var decay = WeightDecay()

    init(_ className: String, _ args: Arguments) throws {
        try checkNonNegative(args, "lr", "learning rate")
        try checkNonNegative(args, "eps", "epsilon value")
        try checkNonNegative(args, "momentum", "momentum value")
        try checkNonNegative(args, "weight_decay", "weight_decay value")
        try checkNonNegative(args, "alpha", "alpha value")
        try super.init(className, try args.required("params"), defaults: try settings(args))
    }

    override func step(_ context: Context) throws {
        decay.begin(self, context)
        try super.step(context)
    }

    override func update(
        _ parameter: Tensor, gradient: Tensor, state: State, in group: ParameterGroup
    ) throws {
        let alpha = try group.number("alpha")
        let gradient = try decay.adding(to: gradient, parameter, in: group)
        _ = state.next("step")
        let square = try state.tensor("square_avg", like: parameter)
        _ = try square.mul_(Tensor(scalar: .double(alpha))).addcmul_(gradient, gradient, value: 1 - alpha)
        var average = try square.sqrt()
        if group.flag("centered") {
            let mean = try state.tensor("grad_avg", like: parameter)
            _ = try mean.mul_(Tensor(scalar: .double(alpha))).add_(gradient, alpha: 1 - alpha)
            average = try square.addcmul(mean, mean, value: -1).sqrt()
        }
        let denominator = try average + (try group.number("eps"))
        let momentum = try group.number("momentum")
        let lr = try group.number("lr")
        guard momentum > 0 else {
            _ = try parameter.addcdiv_(gradient, denominator, value: -lr)
            return
        }
        let buffer = try state.tensor("momentum_buffer", like: parameter)
        _ = try buffer.mul_(Tensor(scalar: .double(momentum))).addcdiv_(gradient, denominator)
        _ = try parameter.add_(buffer, alpha: -lr)
    }
}

/// `optim_rmsprop()`.
func registerRMSprop(_ torch: Namespace) {
    for name in ["optim_rmsprop", "optim_ignite_rmsprop"] {
        torch.optimizer(
            name,
            [
                .value("params"), .value("lr", 1e-2), .value("alpha", 0.99), .value("eps", 1e-8),
                .value("weight_decay", 0),
                .value("momentum", 0), .value("centered", false),
            ], help: "RMSprop"
        ) { args in try RMSprop(name, args) }
    }
}
