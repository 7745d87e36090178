import Diagnostics
import PluginAPI
import Tensors

extension TrainingContext {
    /// `loss$backward()`, unless the module has a `backward` of its own; says why a loss has no way back.
    func backpropagate(_ loss: Value) throws {
        guard let tensor = loss.asTensor else {
            throw WorkbenchError(
                .type, "the loss function must return a tensor, not \(session.deparse(loss).first ?? "a value")",
                hint: "it computes with tensors: function(input, target) torch_mean((input - target)^2)")
        }
        guard !tensor.requiresGrad else { return try tensor.backward() }
        let learns = model.namedParameters().contains { $0.tensor.requiresGrad }
        throw WorkbenchError(
            .runtime, "element 0 of tensors does not require grad and does not have a grad_fn",
            hint: learns
                ? "the loss does not come from the predictions: $detach(), $item(), as.array() and with_no_grad() cut it off"
                : "no parameter of the model requires a gradient: requires_grad_(TRUE) for those to be trained")
    }
}
