import Diagnostics
import PluginAPI
import Tensors

/// Cross entropy and negative log likelihood; classes are counted from 1.
func registerClassification(_ torch: Namespace) {
    let settings: [Parameter] = [.value("weight", nil, help: "a weight for each class"), .value("ignore_index", -100)]
    LossDefinition(
        name: "cross_entropy", inherits: ["nn_weighted_loss", "nn_loss"], settings: settings,
        help: "Cross entropy of scores [N, C] and classes 1 … C"
    ) { input, args, setting, reduction in
        let weight = try tensorSetting(setting("weight"), args, "weight")
        let target = try args.tensor("target")
        if target.dtype.isFloating {
            guard target.shape == input.shape else {
                throw WorkbenchError(
                    .type,
                    "the target of cross_entropy must be whole numbers (classes 1 … C) or probabilities of the input's shape",
                    hint: "it is \(target.typeText), the input \(input.typeText); $to(dtype = torch_long())")
            }
            let logs = try input.logSoftmax(1)
            let summed = try logs.mul(target).sum(dims: [1]).neg()
            switch reduction {
            case .mean: return try summed.mean()
            case .sum: return try summed.sum()
            case .none: return summed
            }
        }
        let classes = try classTarget(input, target, setting("ignore_index"))
        return try input.crossEntropy(
            classes.target, weight: weight, ignoreIndex: classes.ignored, reduction: reduction)
    }.register(torch)
    LossDefinition(
        name: "nll", inherits: ["nn_weighted_loss", "nn_loss"], settings: settings,
        help: "Negative log likelihood of log-probabilities [N, C] and classes 1 … C"
    ) { input, args, setting, reduction in
        let weight = try tensorSetting(setting("weight"), args, "weight")
        let classes = try classTarget(input, try args.tensor("target"), setting("ignore_index"))
        return try input.nllLoss(classes.target, weight: weight, ignoreIndex: classes.ignored, reduction: reduction)
    }.register(torch)
}

/// Classes from 1 as indices from 0, and the index to leave out.
private func classTarget(_ input: Tensor, _ target: Tensor, _ ignored: Value) throws -> (target: Tensor, ignored: Int) {
    let given = try ignored.asDoubles().elements.first.flatMap { Int(exactly: $0) } ?? -100
    guard given != 0 else {
        throw WorkbenchError(.value, "ignore_index is 1-based and cannot be 0")
    }
    guard target.dtype.isInteger else {
        throw WorkbenchError(
            .type, "the target must be whole numbers, not \(target.dtype.torchName)", hint: "$to(dtype = torch_long())")
    }
    let whole = try target.to(.int64)
    let axis = input.dimensions == 1 ? 0 : 1
    let count = input.dimensions > 0 ? input.shape[axis] : 0
    if whole.count > 0 {
        let wanted = try whole.ne(Tensor(scalar: .int(Int64(given))))
        let low = try wanted.logicalAnd(whole.lt(Tensor(scalar: .int(1))))
        let high = try wanted.logicalAnd(whole.gt(Tensor(scalar: .int(Int64(count)))))
        if try low.logicalOr(high).any().item() == .bool(true) {
            let numbers = whole.toArray(of: Int64.self)
            let place = numbers.firstIndex { $0 != Int64(given) && ($0 < 1 || $0 > Int64(count)) } ?? 0
            if numbers[place] == 0 {
                throw WorkbenchError(
                    .value, "Indexing starts at 1 but found a 0.",
                    hint: "classes are counted from 1: valid are 1 … \(count); item \(place + 1) of the target is 0")
            }
            throw WorkbenchError(
                .value, "Target \(numbers[place]) is out of bounds.",
                hint:
                    "there are \(count) classes: valid are 1 … \(count); item \(place + 1) of the target is \(numbers[place])"
            )
        }
    }
    return (try whole.sub(Tensor(scalar: .int(1))), given > 0 ? given - 1 : given - 1)
}
