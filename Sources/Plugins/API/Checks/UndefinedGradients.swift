import Diagnostics
import Tensors

extension Checks {
    /// Refuses gradients that are not finite where the output is: one step with them makes NaN of every weight.
    ///
    /// It looks at the elements as they are and computes as a fit does. Differences tell nothing here: they are compared
    /// beside a kink, and with NaN nothing can be compared. Whether anything is reached at all is for others to say.
    func refuseUndefinedGradients(of checked: Subject, _ subject: String) throws {
        let (layer, input) = (checked.layer, checked.input)
        var targets: [(name: String, place: String, tensor: Tensor)] = learned(layer).map {
            ("parameter `\($0.name)`", "at the weights that the layer begins with", $0.tensor)
        }
        if input.dtype.isFloating {
            try input.requiresGrad_()
            targets.insert(("the input", "for this input", input), at: 0)
        }
        defer { if input.dtype.isFloating { _ = try? input.requiresGrad_(false) } }
        guard !targets.isEmpty else { return }
        let output = try output(of: layer, input, subject)
        guard output.requiresGrad, output.doubles.allSatisfy({ $0.isFinite }) else { return }
        note("\(subject): backward")
        let weights = try context.tensors.generator.randn(output.shape).to(output.dtype)
        let found = try Tensor.gradients(
            of: [try output.mul(weights).sum()], with: targets.map { $0.tensor }, allowUnused: true)
        for (target, gradient) in zip(targets, found) {
            guard let elements = gradient?.doubles, let first = elements.firstIndex(where: { !$0.isFinite }) else {
                continue
            }
            let count = elements.count { !$0.isFinite }
            let value = elements[first].isNaN ? "NaN" : elements[first] > 0 ? "Inf" : "-Inf"
            let mode = checked.isTraining ? "" : " in evaluation mode"
            throw fail(
                subject,
                "the gradient of \(target.name) is not finite \(target.place)\(mode), where the output is: \(value) at element \(first + 1), \(count) of \(elements.count) in all",
                hint:
                    "sqrt() and log() have no gradient at 0, and torch_where() multiplies that of what it leaves out by 0, which is NaN: keep what they take away from 0, as torch_clamp(x, min = 1e-6) does"
            )
        }
    }
}
