import Diagnostics
import PluginAPI
import Tensors

/// `nn_dropout()`: in training each number (2d, 3d: each channel) is 0 with probability p, the others grow by 1/(1 − p).
func registerDropout(_ torch: Namespace) {
    func probability(_ args: Arguments) throws -> Double {
        let p = try args.real("p")
        guard p >= 0, p <= 1 else {
            var error = WorkbenchError(.value, "dropout probability has to be between 0 and 1 but got \(numberText(p))")
            error.conditionClass = "value_error"
            throw error
        }
        return p
    }
    for name in ["dropout2d", "dropout3d"] {
        torch.layer(
            "nn_\(name)", inherits: ["nn_dropout_nd"], [.value("p", 0.5), .value("inplace", false)],
            help: "Drops whole channels in training"
        ) {
            layer, args in
            let p = try probability(args)
            layer.describe { [weak session = args.context] layer in
                session.map {
                    DropoutStage(
                        p: p, training: layer.isTraining, dropsChannels: true, generator: $0.tensors.generator)
                }
            }
            return { x, layer, context in try x.featureDropout(p, training: layer.isTraining, context.tensors.generator)
            }
        }
        torch.function(
            "nnf_\(name)", [.value("input"), .value("p", 0.5), .value("training", true), .value("inplace", false)],
            help: "Drops whole channels"
        ) { args in
            .tensor(
                try args.tensor("input").featureDropout(
                    try probability(args), training: try args.flag("training"), args.context.tensors.generator))
        }
    }
    torch.layer(
        "nn_dropout", inherits: ["nn_dropout_nd"],
        [.value("p", 0.5, help: "probability, 0 … 1"), .value("inplace", false)], help: "Drops numbers in training"
    ) {
        layer, args in
        let p = try probability(args)
        layer.describe { [weak session = args.context] layer in
            session.map { DropoutStage(p: p, training: layer.isTraining, generator: $0.tensors.generator) }
        }
        return { x, layer, context in try x.dropout(p, training: layer.isTraining, context.tensors.generator) }
    }
    torch.function(
        "nnf_dropout", [.value("input"), .value("p", 0.5), .value("training", true), .value("inplace", false)],
        help: "Drops numbers"
    ) { args in
        .tensor(
            try args.tensor("input").dropout(
                try probability(args), training: try args.flag("training"), args.context.tensors.generator))
    }
    torch.function("torch_dropout", [.value("input"), .value("p"), .value("train")], help: "Drops numbers") { args in
        .tensor(
            try args.tensor("input").dropout(
                try probability(args), training: try args.flag("train"), args.context.tensors.generator))
    }
    torch.function(
        "nnf_alpha_dropout", [.value("input"), .value("p", 0.5), .value("training", false), .value("inplace", false)],
        help: "Dropout that keeps mean and variance of SELU nets"
    ) { args in
        .tensor(
            try args.tensor("input").alphaDropout(
                try probability(args), training: try args.flag("training"), args.context.tensors.generator))
    }
}
