import PluginAPI
import Tensors

/// Weight decay of ``SGD`` and ``RMSprop``: `weight_decay · parameter` added to the gradient.
///
/// R torch adds `weight_decay · position` instead, the position of the parameter in its group: under
/// `options(workbench.as_published = TRUE)` so does this, for the optimizers that R torch computes in R.
struct WeightDecay {
    private var addsPosition = false

    /// Called before each step.
    mutating func begin(_ optimizer: Optimizer, _ context: Context) {
        let isIgnite = optimizer.classes.first.map { $0.hasPrefix("optim_ignite") } ?? false
        addsPosition = context.isAsPublished && !isIgnite
    }

    /// The gradient with the decay added.
    func adding(to gradient: Tensor, _ parameter: Tensor, in group: ParameterGroup) throws -> Tensor {
        let decay = try group.number("weight_decay")
        guard decay != 0 else { return gradient }
        guard addsPosition, let place = group.parameters.firstIndex(where: { $0 === parameter }) else {
            return try gradient.add(parameter, alpha: decay)
        }
        return try gradient.add(Tensor(scalar: .double(decay * Double(place + 1))))
    }
}
