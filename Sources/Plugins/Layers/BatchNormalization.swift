import Diagnostics
import PluginAPI
import Tensors

/// `nn_batch_norm1d/2d/3d()`: `(x − mean) / √(var + eps) · weight + bias` a channel; in training the statistics are those
/// of the batch, and the running ones move toward them (variance: the unbiased one).
func registerBatchNormalization(_ torch: Namespace) {
    let dimensions: [(name: String, allowed: [Int], text: String)] = [
        ("nn_batch_norm1d", [2, 3], "2D or 3D"), ("nn_batch_norm2d", [4], "4D"), ("nn_batch_norm3d", [5], "5D"),
    ]
    for (name, allowed, text) in dimensions {
        torch.layer(
            name, inherits: ["nn_batch_norm_", "nn_norm_base_"],
            [
                .value("num_features", help: "channels: size of dimension 2"), .value("eps", 1e-5),
                .value("momentum", 0.1, help: "share of the new statistics; NULL for a plain average"),
                .value("affine", true), .value("track_running_stats", true),
            ], help: "Batch normalisation of \(text) input"
        ) { layer, args in
            let features = try size(args, "num_features")
            let eps = try args.real("eps")
            let momentum = try args.optionalReal("momentum")
            let affine = try args.flag("affine")
            layer.setParameter("weight", affine ? try Tensor.ones([features]).requiresGrad_() : nil)
            layer.setParameter("bias", affine ? try Tensor.zeros([features]).requiresGrad_() : nil)
            let tracks = try args.flag("track_running_stats")
            if tracks {
                layer.setBuffer("running_mean", try Tensor.zeros([features]))
                layer.setBuffer("running_var", try Tensor.ones([features]))
                layer.setBuffer("num_batches_tracked", try Tensor.zeros([1], .int64))
            }
            if allowed == [4] {
                layer.describe { layer in
                    stage(layer, channels: features, tracks: tracks, momentum: momentum, eps: eps)
                }
            }
            return { x, layer, _ in
                guard allowed.contains(x.dimensions) else {
                    var error = WorkbenchError(
                        .shape, "expected \(text) input (got \(x.dimensions)D input)",
                        hint: x.dimensions == 1
                            ? "a batch of one through $squeeze() loses its batch dimension: use $flatten(start_dim = 2)"
                            : nil)
                    error.conditionClass = "value_error"
                    throw error
                }
                guard x.shape[1] == features else {
                    throw WorkbenchError(
                        .shape,
                        "\(layer.displayName) was made for \(features) channels, but the input has \(x.shape[1])",
                        hint:
                            "input shape [\(x.shape.map { String($0) }.joined(separator: ", "))], channels are dimension 2"
                    )
                }
                return try stage(layer, channels: features, tracks: tracks, momentum: momentum, eps: eps).apply(x)
            }
        }
    }
    for name in ["nnf_batch_norm", "torch_batch_norm"] {
        torch.function(
            name,
            [
                .value("input"), .value("running_mean", nil), .value("running_var", nil), .value("weight", nil),
                .value("bias", nil), .value("training", false), .value("momentum", 0.1), .value("eps", 1e-5),
            ], help: "Batch normalisation"
        ) { args in
            .tensor(
                try args.tensor("input").batchNorm(
                    runningMean: try args.optionalTensor("running_mean"),
                    runningVar: try args.optionalTensor("running_var"),
                    weight: try args.optionalTensor("weight"), bias: try args.optionalTensor("bias"),
                    training: try args.flag("training"), momentum: try args.real("momentum"), eps: try args.real("eps"))
            )
        }
    }
}

/// - Parameter tracks: Whether training moves the running statistics; evaluation uses those that are there.
private func stage(
    _ layer: ComposedLayer, channels: Int, tracks: Bool, momentum: Double?, eps: Double
) -> BatchNormStage {
    func running(_ name: String) -> Tensor? { tracks || !layer.isTraining ? layer.buffer(name) : nil }
    return BatchNormStage(
        channels: channels, runningMean: running("running_mean"), runningVar: running("running_var"),
        batches: running("num_batches_tracked"), weight: layer.parameter("weight"), bias: layer.parameter("bias"),
        training: layer.isTraining, momentum: momentum, eps: eps)
}
