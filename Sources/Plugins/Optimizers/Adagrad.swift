import PluginAPI
import Tensors

/// Adagrad (Duchi, Hazan & Singer 2011), as torch.
final class Adagrad: Optimizer, @unchecked Sendable {
    init(_ className: String, _ args: Arguments) throws {
        for (name, text) in [
            ("lr", "learning rate"), ("lr_decay", "lr_decay value"), ("weight_decay", "weight_decay value"),
            ("initial_accumulator_value", "initial_accumulator_value value"), ("eps", "epsilon value"),
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
        let isNew = state["sum"] == nil
        let sum = try state.tensor("sum", like: parameter)
        if isNew { _ = try sum.fill_(.double(try group.number("initial_accumulator_value"))) }
        let step = state.next("step")
        let rate = try group.number("lr") / (1 + Double(step - 1) * (try group.number("lr_decay")))
        _ = try sum.addcmul_(gradient, gradient)
        _ = try parameter.addcdiv_(gradient, sum.sqrt() + (try group.number("eps")), value: -rate)
    }
}

/// `optim_adagrad()`.
func registerAdagrad(_ torch: Namespace) {
    for name in ["optim_adagrad", "optim_ignite_adagrad"] {
        torch.optimizer(
            name,
            [
                .value("params"), .value("lr", 1e-2), .value("lr_decay", 0), .value("weight_decay", 0),
                .value("initial_accumulator_value", 0), .value("eps", 1e-10),
            ], help: "Adagrad"
        ) { args in try Adagrad(name, args) }
    }
}
