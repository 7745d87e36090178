import Diagnostics
import PluginAPI
import Tensors

/// Adam and AdamW (Kingma & Ba 2015; Loshchilov & Hutter 2019), the order of operations as in R torch:
/// step size lr / (1 − β₁ᵗ), denominator √v / √(1 − β₂ᵗ) + eps.
final class Adam: Optimizer, @unchecked Sendable {
    private let decoupled: Bool

    init(_ className: String, _ args: Arguments, decoupled: Bool) throws {
        self.decoupled = decoupled
        try checkNonNegative(args, "lr", "learning rate")
        try checkNonNegative(args, "eps", "eps")
        try checkNonNegative(args, "weight_decay", "weight_decay value")
        let betas = try args["betas"].asDoubles().elements
        guard betas.count == 2 else { throw WorkbenchError(.value, "betas must be two numbers, not \(betas.count)") }
        for (place, beta) in betas.enumerated() where beta < 0 || beta >= 1 {
            throw invalidSetting("beta at index \(place + 1)", beta)
        }
        try super.init(className, try args.required("params"), defaults: try settings(args))
    }

    override func update(
        _ parameter: Tensor, gradient: Tensor, state: State, in group: ParameterGroup
    ) throws {
        let step = state.next("step")
        let mean = try state.tensor("exp_avg", like: parameter)
        let square = try state.tensor("exp_avg_sq", like: parameter)
        let settings = AdamStep(
            lr: try group.number("lr"), beta1: try group.number("betas"), beta2: try group.number("betas", at: 1),
            eps: try group.number("eps"), weightDecay: try group.number("weight_decay"), decoupled: decoupled)
        guard group.flag("amsgrad") else {
            try settings.apply(parameter, gradient: gradient, mean: mean, square: square, step: step)
            return
        }
        let largest = try state.tensor("max_exp_avg_sq", like: parameter)
        try amsgrad(parameter, gradient, mean, square, largest, settings, step)
    }

    /// The variant that never lets the denominator shrink (Reddi, Kale & Kumar 2018).
    private func amsgrad(
        _ parameter: Tensor, _ gradient: Tensor, _ mean: Tensor, _ square: Tensor, _ largest: Tensor,
        _ settings: AdamStep, _ step: Int
    ) throws {
        var gradient = gradient
        if settings.weightDecay != 0 {
            if decoupled {
                _ = try parameter.mul_(Tensor(scalar: .double(1 - settings.lr * settings.weightDecay)))
            } else {
                gradient = try gradient.add(parameter, alpha: settings.weightDecay)
            }
        }
        _ = try mean.mul_(Tensor(scalar: .double(settings.beta1))).add_(gradient, alpha: 1 - settings.beta1)
        _ = try square.mul_(Tensor(scalar: .double(settings.beta2)))
            .addcmul_(gradient, gradient, value: 1 - settings.beta2)
        _ = try largest.copy_(largest.maximum(square))
        let correction1 = 1 - power(settings.beta1, step)
        let correction2 = 1 - power(settings.beta2, step)
        let denominator = try largest.sqrt().div(Tensor(scalar: .double(correction2.squareRoot()))) + settings.eps
        _ = try parameter.addcdiv_(mean, denominator, value: -settings.lr / correction1)
    }
}

/// `base` to a whole power.
private func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    var factor = base
    var rest = exponent
    while rest > 0 {
        if rest & 1 == 1 { result *= factor }
        factor *= factor
        rest >>= 1
    }
    return result
}

/// `optim_adam()`, `optim_adamw()`, and the same under R torch's names for libtorch's own.
func registerAdam(_ torch: Namespace) {
    func parameters(_ decay: Value) -> [Parameter] {
        [
            .value("params", help: "usually model$parameters"), .value("lr", 1e-3, help: "learning rate"),
            .value("betas", .numbers([0.9, 0.999]), help: "decay of the running means"),
            .value("eps", 1e-8, help: "added to the denominator"), .value("weight_decay", decay),
            .value("amsgrad", false),
        ]
    }
    for name in ["optim_adam", "optim_ignite_adam"] {
        torch.optimizer(name, parameters(0), help: "Adam") { args in try Adam(name, args, decoupled: false) }
    }
    for name in ["optim_adamw", "optim_ignite_adamw"] {
        torch.optimizer(name, parameters(1e-2), help: "Adam with decoupled weight decay") { args in
            try Adam(name, args, decoupled: true)
        }
    }
}
