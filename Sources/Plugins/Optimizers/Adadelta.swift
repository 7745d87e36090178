import PluginAPI
import Tensors

/// Adadelta (Zeiler 2012), as torch.
final class Adadelta: Optimizer, @unchecked Sendable {
    init(_ className: String, _ args: Arguments) throws {
        for (name, text) in [
            ("lr", "learning rate"), ("rho", "rho value"), ("eps", "epsilon value"),
            ("weight_decay", "weight_decay value"),
        ] {
            try checkNonNegative(args, name, text)
        }
        try super.init(className, try args.required("params"), defaults: try settings(args))
    }

    override func update(
        _ parameter: Tensor, gradient: Tensor, state: State, in group: ParameterGroup
    ) throws {
        let decay = try group.number("weight_decay")
        let gradient = decay == 0 ? gradient : try gradient.add(parameter, alpha: decay)
        _ = state.next("step")
        let square = try state.tensor("square_avg", like: parameter)
        let accumulated = try state.tensor("acc_delta", like: parameter)
        let rho = try group.number("rho")
        let eps = try group.number("eps")
        _ = try square.mul_(Tensor(scalar: .double(rho))).addcmul_(gradient, gradient, value: 1 - rho)
        let delta = try (accumulated + eps).sqrt().div((square + eps).sqrt()).mul(gradient)
        _ = try parameter.add_(delta, alpha: -(try group.number("lr")))
        _ = try accumulated.mul_(Tensor(scalar: .double(rho))).addcmul_(delta, delta, value: 1 - rho)
    }
}

/// `optim_adadelta()`.
func registerAdadelta(_ torch: Namespace) {
    torch.optimizer(
        "optim_adadelta",
        [.value("params"), .value("lr", 1), .value("rho", 0.9), .value("eps", 1e-6), .value("weight_decay", 0)],
        help: "Adadelta"
    ) { args in try Adadelta("optim_adadelta", args) }
}
