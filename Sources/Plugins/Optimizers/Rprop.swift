import Diagnostics
import PluginAPI
import Tensors

/// Resilient backpropagation (Riedmiller & Braun 1993), as torch: only the signs of gradients count.
final class Rprop: Optimizer, @unchecked Sendable {
    init(_ className: String, _ args: Arguments) throws {
        try checkNonNegative(args, "lr", "learning rate")
        let etas = try args["etas"].asDoubles().elements
        guard etas.count == 2, etas[0] > 0, etas[0] < 1, etas[1] > 1 else {
            throw WorkbenchError(
                .value, "Invalid eta values: \(etas.map { numberText($0) }.joined(separator: ", "))",
                hint: "0 < η₁ < 1 < η₂")
        }
        try super.init(className, try args.required("params"), defaults: try settings(args))
    }

    override func update(
        _ parameter: Tensor, gradient: Tensor, state: State, in group: ParameterGroup
    ) throws {
        let isNew = state["prev"] == nil
        let previous = try state.tensor("prev", like: parameter)
        let size = try state.tensor("step_size", like: parameter)
        if isNew { _ = try size.fill_(.double(try group.number("lr"))) }
        _ = state.next("step")
        let agreement = try gradient.mul(previous).sign()
        let zero = try Tensor(scalar: .int(0))
        let grows = try agreement.gt(zero)
        let shrinks = try agreement.lt(zero)
        let one = try agreement.onesLike()
        var factor = try Tensor.select(grows, one.scaled(by: try group.number("etas", at: 1)), one)
        factor = try Tensor.select(shrinks, one.scaled(by: try group.number("etas")), factor)
        _ = try size.copy_(
            size.mul(factor).clamp(min: try group.number("step_sizes"), max: try group.number("step_sizes", at: 1)))
        // After a change of sign the gradient counts as zero.
        let used = try gradient.maskedFill(shrinks, .int(0))
        _ = try parameter.addcmul_(used.sign(), size, value: -1)
        _ = try previous.copy_(used)
    }
}

/// `optim_rprop()`.
func registerRprop(_ torch: Namespace) {
    torch.optimizer(
        "optim_rprop",
        [
            .value("params"), .value("lr", 1e-2), .value("etas", .numbers([0.5, 1.2])),
            .value("step_sizes", .numbers([1e-6, 50])),
        ],
        help: "Resilient backpropagation"
    ) { args in try Rprop("optim_rprop", args) }
}
