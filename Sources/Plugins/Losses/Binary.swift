import PluginAPI
import Tensors

/// Binary cross entropy, of probabilities and of scores.
func registerBinary(_ torch: Namespace) {
    LossDefinition(
        name: "bce", inherits: ["nn_weighted_loss", "nn_loss"], settings: [.value("weight", nil)],
        help: "Cross entropy of probabilities and targets in 0 … 1"
    ) { input, args, setting, reduction in
        try input.bceLoss(
            try args.tensor("target"), weight: try tensorSetting(setting("weight"), args, "weight"),
            reduction: reduction)
    }.register(torch)
    LossDefinition(
        name: "bce_with_logits", settings: [.value("weight", nil), .value("pos_weight", nil)],
        help: "Cross entropy of scores and targets in 0 … 1"
    ) { input, args, setting, reduction in
        try input.bceWithLogitsLoss(
            try args.tensor("target"), weight: try tensorSetting(setting("weight"), args, "weight"),
            posWeight: try tensorSetting(setting("pos_weight"), args, "pos_weight"), reduction: reduction)
    }.register(torch)
}
