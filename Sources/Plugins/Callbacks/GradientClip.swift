import Diagnostics
import PluginAPI
import Tensors

/// `luz_callback_gradient_clip()`: brings the joint norm of all gradients down to `max_norm` before each step.
final class GradientClip: SettingsCallback, @unchecked Sendable {
    init(_ args: Arguments) throws {
        super.init([], args)
        for name in ["max_norm", "norm_type"] {
            guard case .double(let number) = args[name], number.count == 1, !number[0].isNaN else {
                throw WorkbenchError(
                    .type, "`\(name)` should be a numeric scalar value.", hint: "it is \(args.describe(args[name]))")
            }
        }
    }

    override func listens(to event: TrainingEvent) -> Bool { event == .trainBatchBeforeStep }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        guard event == .trainBatchBeforeStep else { return }
        _ = try clipGradientNorm(
            training.model.namedParameters().map { $0.tensor }, maximum: try number("max_norm"),
            norm: try number("norm_type"))
    }
}

func registerGradientClip(_ luz: Namespace) {
    luz.callback(
        "luz_callback_gradient_clip",
        [
            .value("max_norm", 1, help: "largest joint norm of the gradients"),
            .value("norm_type", 2, help: "which norm: 2, another p, or Inf"),
        ], help: "Limits the norm of the gradients"
    ) { args in try GradientClip(args) }
}
