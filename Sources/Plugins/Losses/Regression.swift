import Diagnostics
import PluginAPI
import Tensors

/// Squared, absolute and related errors, and the Kullback–Leibler divergence.
func registerRegression(_ torch: Namespace) {
    LossDefinition(name: "mse", help: "Squared error") { input, args, _, reduction in
        let target = try args.tensor("target")
        if target.shape != input.shape {
            try args.context.warn(
                "Using a target size \(sizeText(target.shape)) that is different to the input size \(sizeText(input.shape)) - this will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.",
                call: args.call)
        }
        return try input.mseLoss(target, reduction: reduction)
    }.register(torch)
    LossDefinition(name: "l1", help: "Absolute error") { input, args, _, reduction in
        try input.l1Loss(try args.tensor("target"), reduction: reduction)
    }.register(torch)
    LossDefinition(name: "smooth_l1", help: "Squared error below 1, absolute above") { input, args, _, reduction in
        try input.smoothL1Loss(try args.tensor("target"), reduction: reduction)
    }.register(torch)
    LossDefinition(
        name: "huber", settings: [.value("delta", 1, help: "where squares become straight lines")],
        help: "Squared error within delta, a straight line beyond"
    ) { input, args, setting, reduction in
        let delta = try setting("delta").asDoubles().elements.first ?? 1
        return try input.huberLoss(try args.tensor("target"), delta: delta, reduction: reduction)
    }.register(torch)
    LossDefinition(name: "kl_div", help: "Kullback–Leibler divergence of log-probabilities and probabilities") {
        input, args, setting, reduction in
        if case .character(let word) = setting("reduction"), word.elements.first??.string == "batchmean" {
            return try input.klDivLoss(try args.tensor("target"), batchMean: true)
        }
        if reduction == .mean, args.context.currentCall != nil {
            try args.context.warn(
                "reduction: 'mean' divides the total loss by both the batch size and the support size.'batchmean' divides only by the batch size, and aligns with the KL div math definition.'mean' will be changed to behave the same as 'batchmean' in the next major release.",
                call: args.call)
        }
        return try input.klDivLoss(try args.tensor("target"), reduction: reduction)
    }.register(torch)
}

private func sizeText(_ shape: [Int]) -> String { "[" + shape.map { String($0) }.joined(separator: ", ") + "]" }
