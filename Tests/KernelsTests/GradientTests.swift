import Testing

@testable import Tensors

/// A differentiable operation with inputs at which its slope is checked against central differences.
struct GradientCase: CustomTestStringConvertible, Sendable {
    let name: String
    let inputs: @Sendable (Generator) throws -> [Tensor]
    let operation: @Sendable ([Tensor]) throws -> Tensor
    /// Whether the gradient can itself be differentiated.
    var second = true

    init(
        _ name: String, _ shapes: [[Int]], second: Bool = true, shift: Double = 0, positive: Bool = false,
        _ operation: @escaping @Sendable ([Tensor]) throws -> Tensor
    ) {
        self.name = name
        self.second = second
        self.operation = operation
        inputs = { generator in
            try shapes.map {
                let x = try generator.randn($0, .float64)
                return try (positive ? x.abs() + 0.3 : x) + shift
            }
        }
    }

    /// A case at chosen numbers; its second derivatives are not checked.
    init(
        _ name: String, at values: [[Double]], shape: [Int],
        _ operation: @escaping @Sendable ([Tensor]) throws -> Tensor
    ) {
        self.name = name
        self.operation = operation
        second = false
        inputs = { _ in try values.map { try Tensor($0, shape: shape) } }
    }

    var testDescription: String { name }
}

@Sendable private func index() throws -> Tensor { try Tensor([2, 0, 2], shape: [3]) }

let gradientCases: [GradientCase] = arithmeticCases + shapeCases + reductionCases + activationCases + layerCases

private let arithmeticCases: [GradientCase] = [
    .init("add, broadcast", [[2, 3], [3]]) { try $0[0] + $0[1] },
    .init("add, same tensor twice", [[2, 3]]) { try $0[0] + $0[0] },
    .init("add with alpha", [[2, 3], [2, 1]]) { try $0[0].add($0[1], alpha: 2.5) },
    .init("sub", [[2, 3], [2, 1]]) { try $0[0] - $0[1] },
    .init("mul, broadcast", [[2, 3], [1, 3]]) { try $0[0] * $0[1] },
    .init("mul, same tensor twice", [[4]]) { try $0[0] * $0[0] },
    .init("div", [[2, 3], [3]], positive: true) { try $0[0] / $0[1] },
    .init("remainder", [[5], [5]], positive: true) { try $0[0].remainder($0[1]) },
    .init("pow tensor", [[2, 3], [2, 3]], positive: true) { try $0[0].pow($0[1]) },
    .init("pow 3", [[2, 3]]) { try $0[0].pow(3) },
    .init("pow -1", [[2, 3]], positive: true) { try $0[0].pow(-1) },
    .init("maximum", [[5], [5]]) { try $0[0].maximum($0[1]) },
    .init("minimum", [[5], [5]]) { try $0[0].minimum($0[1]) },
    .init("atan2", [[5], [5]], positive: true) { try $0[0].atan2($0[1]) },
    .init("addcmul", [[3], [3], [3]]) { try $0[0].addcmul($0[1], $0[2], value: 0.5) },
    .init("addcdiv", [[3], [3], [3]], positive: true) { try $0[0].addcdiv($0[1], $0[2], value: 0.5) },
    .init("lerp", [[3], [3]]) { try $0[0].lerp($0[1], weight: 0.3) },
    .init("neg", [[3]]) { try -$0[0] },
    .init("abs", [[6]]) { try $0[0].abs() },
    .init("exp", [[6]]) { try $0[0].exp() },
    .init("exp2", [[6]]) { try $0[0].exp2() },
    .init("expm1", [[6]]) { try $0[0].expm1() },
    .init("log", [[6]], positive: true) { try $0[0].log() },
    .init("log2", [[6]], positive: true) { try $0[0].log2() },
    .init("log10", [[6]], positive: true) { try $0[0].log10() },
    .init("log1p", [[6]], positive: true) { try $0[0].log1p() },
    .init("sqrt", [[6]], positive: true) { try $0[0].sqrt() },
    .init("rsqrt", [[6]], positive: true) { try $0[0].rsqrt() },
    .init("square", [[6]]) { try $0[0].square() },
    .init("reciprocal", [[6]], positive: true) { try $0[0].reciprocal() },
    .init("sin", [[6]]) { try $0[0].sin() },
    .init("cos", [[6]]) { try $0[0].cos() },
    .init("tan", [[6]]) { try $0[0].scaled(by: 0.3).tan() },
    .init("asin", [[6]]) { try $0[0].scaled(by: 0.2).asin() },
    .init("acos", [[6]]) { try $0[0].scaled(by: 0.2).acos() },
    .init("atan", [[6]]) { try $0[0].atan() },
    .init("sinh", [[6]]) { try $0[0].sinh() },
    .init("cosh", [[6]]) { try $0[0].cosh() },
    .init("asinh", [[6]]) { try $0[0].asinh() },
    .init("acosh", [[6]], shift: 1, positive: true) { try $0[0].acosh() },
    .init("atanh", [[6]]) { try $0[0].scaled(by: 0.2).atanh() },
    .init("erf", [[6]]) { try $0[0].erf() },
    .init("erfc", [[6]]) { try $0[0].erfc() },
    .init("erfinv", [[6]]) { try $0[0].scaled(by: 0.2).erfinv() },
    .init("lgamma", [[6]], positive: true) { try $0[0].lgamma() },
    .init("digamma", [[6]], second: false, positive: true) { try $0[0].digamma() },
    .init("nuclear norm", [[2, 3, 4]], second: false) { try $0[0].nuclearNorm().square() },
    .init("logit", [[6]]) { try ($0[0].scaled(by: 0.1) + 0.5).logit() },
    .init("clamp", [[9]]) { try $0[0].clamp(min: -0.5, max: 0.7) },
    .init("frac", [[6]]) { try $0[0].frac() },
    .init("nan_to_num", [[6]]) { try $0[0].nanToNum() },
    .init("where", [[2, 3], [3]]) { try Tensor.select($0[0].detached().gt(Tensor(scalar: .int(0))), $0[0], $0[1]) },
    .init("masked_fill", [[2, 3]]) { try $0[0].maskedFill($0[0].detached().gt(Tensor(scalar: .int(0))), .double(2)) },
    .init("xlogy", [[5], [5]], positive: true) { try $0[0].xlogy($0[1]) },
]

private let shapeCases: [GradientCase] = [
    .init("view", [[2, 6]]) { try $0[0].view([3, 4]).square() },
    .init("reshape of a transpose", [[2, 3]]) { try $0[0].t().reshape([6]).square() },
    .init("permute", [[2, 3, 4]]) { try $0[0].permute([2, 0, 1]).square() },
    .init("expand", [[3, 1]]) { try $0[0].expand([2, 3, 4]).square() },
    .init("squeeze", [[3, 1, 2]]) { try $0[0].squeeze(1).square() },
    .init("unsqueeze", [[3, 2]]) { try $0[0].unsqueeze(-1).square() },
    .init("slice with step", [[7, 2]]) { try $0[0].slice(0, from: 1, to: 7, step: 2).square() },
    .init("select", [[4, 3]]) { try $0[0].select(1, -1).square() },
    .init("diagonal", [[4, 3]]) { try $0[0].diagonal(offset: -1).square() },
    .init("unfold", [[7]]) { try $0[0].unfold(0, size: 3, step: 2).square() },
    .init("flatten", [[2, 3, 2]]) { try $0[0].flatten(1).square() },
    .init("cat", [[2, 3], [2, 2]]) { try Tensor.cat([$0[0], $0[1], $0[0]], 1).square() },
    .init("stack", [[2, 3], [2, 3]]) { try Tensor.stack([$0[0], $0[1]], 1).square() },
    .init("chunk", [[5, 2]]) { try $0[0].chunk(2)[1].square() },
    .init("unbind", [[3, 2]]) { try $0[0].unbind()[1].square() },
    .init("repeat", [[2, 3]]) { try $0[0].repeat([2, 1, 2]).square() },
    .init("repeat_interleave", [[2, 3]]) { try $0[0].repeatInterleave(2, 1).square() },
    .init("flip", [[2, 3]]) { try $0[0].flip([1]).square() },
    .init("roll", [[2, 3]]) { try $0[0].roll([1], [1]).square() },
    .init("tril", [[3, 3]]) { try $0[0].tril().square() },
    .init("triu", [[3, 3]]) { try $0[0].triu(1).square() },
    .init("diag", [[3]]) { try $0[0].diag(1).square() },
    .init("index_select", [[3, 2]]) { try $0[0].indexSelect(0, index()).square() },
    .init("index_add", [[3, 2], [3, 2]]) { try $0[0].indexAdd(0, index(), $0[1]).square() },
    .init("index", [[3, 4]]) { try $0[0].index([index(), Tensor([1, 3, 1])]).square() },
    .init("index with a hole", [[3, 4, 2]]) { try $0[0].index([nil, index(), nil]).square() },
    .init("index_put", [[3, 2], [2]]) { try $0[0].indexPut([Tensor([1])], $0[1]).square() },
    .init("index_put, adding", [[3, 2], [3, 2]]) { try $0[0].indexPut([index()], $0[1], accumulate: true).square() },
    .init("index_fill", [[3, 2]]) { try $0[0].indexFill(1, Tensor([1]), .double(2)).square() },
    .init("index_copy", [[3, 2], [2, 2]]) { try $0[0].indexCopy(0, Tensor([2, 0]), $0[1]).square() },
    .init("gather", [[3, 2]]) { try $0[0].gather(0, Tensor([2, 0, 2, 1], shape: [2, 2])).square() },
    .init("scatter", [[3, 2], [2, 2]]) { try $0[0].scatter(0, Tensor([2, 0, 0, 1], shape: [2, 2]), $0[1]).square() },
    .init("scatter_add", [[3, 2], [2, 2]]) {
        try $0[0].scatterAdd(0, Tensor([2, 0, 2, 1], shape: [2, 2]), $0[1]).square()
    },
    .init("masked_select", [[3, 2]]) { try $0[0].maskedSelect($0[0].detached().gt(Tensor(scalar: .int(0)))).square() },
    .init("pad constant", [[2, 3, 3]]) { try $0[0].pad([1, 2, 0, 1], value: 3).square() },
    .init("pad crop", [[2, 4]]) { try $0[0].pad([-1, 1]).square() },
    .init("pad reflect", [[1, 3, 4]]) { try $0[0].pad([2, 1], mode: .reflect).square() },
    .init("pad replicate", [[1, 3, 4]]) { try $0[0].pad([2, 1], mode: .replicate).square() },
    .init("pad circular", [[1, 3, 4]]) { try $0[0].pad([2, 1], mode: .circular).square() },
]

private let reductionCases: [GradientCase] = [
    .init("sum", [[2, 3]]) { try $0[0].square().sum() },
    .init("sum over a dimension", [[2, 3, 4]]) { try $0[0].sum(dims: [1]).square() },
    .init("sum keepdim", [[2, 3, 4]]) { try $0[0].sum(dims: [0, 2], keepdim: true).square() },
    .init("mean", [[2, 3]]) { try $0[0].mean(dims: [1]).square() },
    .init("prod", [[2, 3]]) { try $0[0].prod(dims: [1]) },
    GradientCase("prod with zeros", at: [[0.0, 2, 3, 1.5, 0, 0]], shape: [2, 3]) { try $0[0].prod(dims: [1]) },
    .init("var", [[2, 5]]) { try $0[0].variance(dims: [1]) },
    .init("std", [[2, 5]]) { try $0[0].std(dims: [1], correction: 0) },
    .init("norm 1", [[2, 5]]) { try $0[0].norm(1, dims: [1]) },
    .init("norm 2", [[2, 5]]) { try $0[0].norm(2, dims: [1]) },
    .init("norm 3", [[2, 5]]) { try $0[0].norm(3, dims: [1]) },
    .init("norm inf", [[2, 5]]) { try $0[0].norm(.infinity, dims: [1]) },
    .init("logsumexp", [[2, 5]]) { try $0[0].logsumexp(dims: [1]) },
    .init("max along", [[2, 5]]) { try $0[0].max(1).values.square() },
    .init("min along", [[2, 5]]) { try $0[0].min(0, keepdim: true).values.square() },
    .init("amax", [[2, 5]]) { try $0[0].amax().square() },
    .init("amin", [[2, 5]]) { try $0[0].amin(dims: [1]).square() },
    .init("cumsum", [[2, 5]]) { try $0[0].cumsum(1).square() },
    .init("cumprod", [[2, 4]]) { try $0[0].cumprod(1) },
    .init("sort", [[2, 5]]) { try $0[0].sort(1, descending: true).values.mul(Tensor([1.0, 2, 3, 4, 5])) },
    .init("topk", [[2, 5]]) { try $0[0].topk(2).values.square() },
    .init("median", [[2, 5]]) { try $0[0].median(1).values.square() },
    .init("quantile", [[6]]) { try $0[0].quantile(0.3).square() },
    .init("softmax", [[2, 5]]) { try $0[0].softmax(1).square() },
    .init("log_softmax", [[2, 5]]) { try $0[0].logSoftmax(0).square() },
    .init("mm", [[2, 3], [3, 4]]) { try $0[0].mm($0[1]).square() },
    .init("mm of transposes", [[3, 2], [4, 3]]) { try $0[0].t().mm($0[1].t()).square() },
    .init("mv", [[2, 3], [3]]) { try $0[0].mv($0[1]).square() },
    .init("dot", [[3], [3]]) { try $0[0].dot($0[1]).square() },
    .init("bmm", [[2, 2, 3], [2, 3, 2]]) { try $0[0].bmm($0[1]).square() },
    .init("matmul, broadcast", [[2, 1, 2, 3], [2, 3, 2]]) { try $0[0].matmul($0[1]).square() },
    .init("matmul, matrix for all", [[2, 2, 3], [3, 2]]) { try $0[0].matmul($0[1]).square() },
    .init("addmm", [[2], [2, 3], [3, 2]]) { try $0[0].addmm($0[1], $0[2], beta: 0.5, alpha: 2).square() },
    .init("linear", [[4, 3], [2, 3], [2]]) { try $0[0].linear($0[1], $0[2]).square() },
    .init("linear of a stack", [[2, 4, 3], [2, 3]]) { try $0[0].linear($0[1]).square() },
    .init("trace", [[3, 3]]) { try $0[0].square().trace() },
]

private let activationCases: [GradientCase] = [
    .init("relu", [[9]]) { try $0[0].relu().square() },
    .init("relu6", [[9]], shift: 3) { try $0[0].scaled(by: 2).relu6().square() },
    .init("hardtanh", [[9]]) { try $0[0].hardtanh().square() },
    .init("leaky_relu", [[9]]) { try $0[0].leakyRelu(0.2).square() },
    .init("prelu", [[2, 3], [3]]) { try $0[0].prelu($0[1]).square() },
    .init("elu", [[9]]) { try $0[0].elu(1.3) },
    .init("selu", [[9]]) { try $0[0].selu() },
    .init("celu", [[9]]) { try $0[0].celu(1.3) },
    .init("gelu", [[9]]) { try $0[0].gelu() },
    .init("gelu tanh", [[9]]) { try $0[0].gelu(tanh: true) },
    .init("sigmoid", [[9]]) { try $0[0].sigmoid() },
    .init("tanh", [[9]]) { try $0[0].tanh() },
    .init("silu", [[9]]) { try $0[0].silu() },
    .init("mish", [[9]]) { try $0[0].mish() },
    .init("hardsigmoid", [[9]]) { try $0[0].scaled(by: 2).hardsigmoid().square() },
    .init("hardswish", [[9]]) { try $0[0].scaled(by: 2).hardswish() },
    .init("softplus", [[9]]) { try $0[0].softplus(beta: 2) },
    .init("softsign", [[9]]) { try $0[0].softsign() },
    .init("softshrink", [[9]]) { try $0[0].softshrink().square() },
    .init("hardshrink", [[9]]) { try $0[0].hardshrink().square() },
    .init("tanhshrink", [[9]]) { try $0[0].tanhshrink() },
    .init("threshold", [[9]]) { try $0[0].threshold(0.1, 20).square() },
    .init("glu", [[3, 4]]) { try $0[0].glu() },
    .init("logsigmoid", [[9]]) { try $0[0].logsigmoid() },
    .init("dropout", [[20]]) { try $0[0].dropout(0.4, Generator(seed: 1)).square() },
    .init("dropout2d", [[2, 4, 2, 2]]) { try $0[0].featureDropout(0.4, Generator(seed: 1)).square() },
    .init("alpha_dropout", [[20]]) { try $0[0].alphaDropout(0.4, Generator(seed: 1)).square() },
    .init("cross_entropy", [[3, 4]]) {
        try $0[0].crossEntropy(Tensor([1, 3, 0]), weight: Tensor([0.5, 2, 1, 0.25]))
    },
    .init("cross_entropy, images, ignoring", [[2, 3, 2]]) {
        try $0[0].crossEntropy(Tensor([1, 2, 0, 1], shape: [2, 2]), ignoreIndex: 1, reduction: .none)
    },
    .init("cross_entropy, smoothed", [[3, 4]]) { try $0[0].crossEntropy(Tensor([1, 3, 0]), labelSmoothing: 0.1) },
    .init("cross_entropy, probabilities", [[3, 4]]) {
        try $0[0].crossEntropy(Generator(seed: 2).rand([3, 4], .float64))
    },
    .init("nll_loss sum", [[3, 4]]) { try $0[0].nllLoss(Tensor([1, 3, 0]), reduction: .sum) },
    .init("mse_loss", [[3, 4], [3, 4]]) { try $0[0].mseLoss($0[1]) },
    .init("l1_loss", [[3, 4], [3, 4]]) { try $0[0].l1Loss($0[1], reduction: .sum) },
    .init("smooth_l1_loss", [[3, 4], [3, 4]]) { try $0[0].smoothL1Loss($0[1]) },
    .init("huber_loss", [[3, 4], [3, 4]]) { try $0[0].huberLoss($0[1], delta: 0.7) },
    .init("bce", [[4]]) { try $0[0].sigmoid().bceLoss(Tensor([0, 1, 0.3, 0.9])) },
    .init("bce with logits", [[2, 3]]) {
        try $0[0].bceWithLogitsLoss(Tensor([0, 1, 0.3, 0.9, 1, 0], shape: [2, 3]), posWeight: Tensor([0.5, 2, 3]))
    },
    .init("kl_div", [[2, 3], [2, 3]]) { try $0[0].klDivLoss($0[1].softmax(1), batchMean: true) },
    .init("cosine_similarity", [[2, 3], [2, 3]]) { try $0[0].cosineSimilarity($0[1]) },
    .init("pairwise_distance", [[2, 3], [2, 3]]) { try $0[0].pairwiseDistance($0[1]) },
    .init("normalize", [[2, 3]]) { try $0[0].normalized() },
]

private let layerCases: [GradientCase] = [
    .init("embedding", [[4, 3]]) {
        try $0[0].embedding(Tensor([1, 3, 1, 0], shape: [2, 2]), EmbeddingOptions(paddingIndex: 2)).square()
    },
    .init("conv2d", [[2, 3, 5, 4], [4, 3, 3, 3], [4]]) {
        try $0[0].conv2d($0[1], $0[2], padding: .pixels([1])).square()
    },
    .init("conv2d strided, dilated", [[2, 2, 7, 8], [3, 2, 3, 2]]) {
        try $0[0].conv2d($0[1], stride: [2, 3], padding: .pixels([1, 2]), dilation: [2, 1]).square()
    },
    .init("conv2d grouped", [[2, 4, 4, 4], [6, 2, 3, 3], [6]]) {
        try $0[0].conv2d($0[1], $0[2], padding: .same, groups: 2).square()
    },
    .init("conv2d same, even filter", [[1, 2, 4, 4], [2, 2, 2, 4]]) {
        try $0[0].conv2d($0[1], padding: .same).square()
    },
    .init("conv2d 1×1", [[2, 3, 2, 2], [4, 3, 1, 1]]) { try $0[0].conv2d($0[1]).square() },
    .init("conv1d", [[2, 3, 6], [4, 3, 3], [4]]) {
        try $0[0].conv1d($0[1], $0[2], stride: 2, padding: .pixels([1])).square()
    },
    .init("conv_transpose2d", [[2, 3, 3, 4], [3, 2, 3, 3], [2]]) {
        try $0[0].convTranspose2d($0[1], $0[2], stride: [2], padding: [1], outputPadding: [1]).square()
    },
    .init("conv_transpose2d grouped", [[1, 4, 3, 3], [4, 2, 2, 2]]) {
        try $0[0].convTranspose2d($0[1], groups: 2, dilation: [2]).square()
    },
    .init("max_pool2d", [[2, 3, 5, 4]]) { try $0[0].maxPool2d(PoolWindow([3], stride: [2], padding: [1])).square() },
    .init("max_pool2d ceil, dilated", [[1, 2, 7, 7]]) {
        try $0[0].maxPool2d(PoolWindow([2], stride: [2], dilation: [2], ceilMode: true)).square()
    },
    .init("max_pool1d", [[2, 3, 6]]) { try $0[0].maxPool1d(2).square() },
    .init("avg_pool2d", [[2, 3, 5, 4]]) { try $0[0].avgPool2d(PoolWindow([3], stride: [2], padding: [1])).square() },
    .init("avg_pool2d without padding counted", [[1, 2, 5, 5]]) {
        try $0[0].avgPool2d(PoolWindow([3], stride: [2], padding: [1], ceilMode: true), countIncludePad: false).square()
    },
    .init("adaptive_avg_pool2d", [[2, 2, 5, 7]]) { try $0[0].adaptiveAvgPool2d([3, 2]).square() },
    .init("adaptive_avg_pool2d 1", [[2, 2, 5, 7]]) { try $0[0].adaptiveAvgPool2d([1]).square() },
    .init("adaptive_max_pool2d", [[2, 2, 5, 7]]) { try $0[0].adaptiveMaxPool2d([3, 2]).values.square() },
    .init("batch_norm, training", [[3, 2, 2, 3], [2], [2]]) {
        try $0[0].batchNorm(weight: $0[1], bias: $0[2], training: true).pow(3)
    },
    .init("batch_norm, evaluating", [[3, 2, 2, 3], [2], [2]]) {
        try $0[0].batchNorm(
            runningMean: Tensor([0.3, -0.2]), runningVar: Tensor([0.7, 1.4]), weight: $0[1], bias: $0[2],
            training: false
        ).square()
    },
    .init("batch_norm of rows", [[5, 3]]) { try $0[0].batchNorm(training: true).pow(3) },
    .init("batch_norm of sequences", [[2, 3, 4]]) { try $0[0].batchNorm(training: true).pow(3) },
    .init("layer_norm", [[3, 2, 4], [2, 4], [2, 4]]) {
        try $0[0].layerNorm([2, 4], weight: $0[1], bias: $0[2]).pow(3)
    },
    .init("group_norm", [[2, 4, 3], [4], [4]]) { try $0[0].groupNorm(2, weight: $0[1], bias: $0[2]).pow(3) },
    .init("instance_norm", [[2, 3, 4]]) { try $0[0].instanceNorm().pow(3) },
    .init("interpolate nearest", [[1, 2, 3, 4]]) { try $0[0].interpolate(size: [5, 7]).square() },
    .init("interpolate bilinear", [[1, 2, 3, 4]]) { try $0[0].interpolate(size: [5, 7], mode: .bilinear).square() },
    .init("interpolate trilinear", [[1, 2, 2, 3, 4]]) {
        try $0[0].interpolate(size: [3, 5, 7], mode: .trilinear, alignCorners: true).square()
    },
    .init("interpolate nearest, volumes", [[1, 2, 2, 3, 4]]) { try $0[0].interpolate(scale: [2]).square() },
    .init("interpolate bicubic", [[1, 2, 3, 4]]) {
        try $0[0].interpolate(scale: [2], mode: .bicubic, alignCorners: true).square()
    },
    .init("grid_sample", [[1, 2, 4, 5], [1, 3, 3, 2]], second: false) {
        try $0[0].gridSample($0[1].scaled(by: 0.4)).square()
    },
    .init("grid_sample, border", [[1, 2, 4, 5], [1, 3, 3, 2]], second: false) {
        try $0[0].gridSample($0[1], padding: .border, alignCorners: true).square()
    },
    .init("affine_grid", [[2, 2, 3]]) { try Tensor.affineGrid($0[0], [2, 1, 3, 2]).square() },
]

@Suite("Gradients") struct GradientTests {
    @Test("agree with central differences in double precision", arguments: gradientCases)
    func first(_ item: GradientCase) throws {
        try check(item.inputs(Generator(seed: 11)), item.operation)
    }

    @Test("of gradients agree with central differences", arguments: gradientCases.filter(\.second))
    func second(_ item: GradientCase) throws {
        let inputs = try item.inputs(Generator(seed: 11))
        try check(inputs, tolerance: 1e-5) { x in
            let y = try item.operation(x)
            guard y.requiresGrad else { return y }
            let seed = try Generator(seed: 6).randn(y.shape, .float64)
            let gradients = try Tensor.gradients(
                of: [y], with: x, gradOutputs: [seed], createGraph: true, allowUnused: true)
            // One number whose slope involves every gradient.
            var total = try Tensor.zeros([], .float64)
            for gradient in gradients.compactMap({ $0 }) {
                let weights = try Generator(seed: 8).randn(gradient.shape, .float64)
                total = try total.add(gradient.mul(weights).sum())
            }
            return total
        }
    }

    private func check(
        _ inputs: [Tensor], tolerance: Double = 1e-6, _ operation: ([Tensor]) throws -> Tensor
    ) throws {
        let leaves = try inputs.map { try $0.copied().requiresGrad_() }
        let y = try operation(leaves)
        let seed = try Generator(seed: 5).randn(y.shape, .float64)
        func value(_ x: [Tensor]) throws -> Double {
            try operation(x).detached().mul(seed).sum().item().doubleValue
        }
        guard y.requiresGrad else {
            // A gradient that does not depend on the inputs any more: then it must not change either.
            for (k, input) in inputs.enumerated() {
                var moved = inputs
                moved[k] = try input + 1e-4
                #expect(try abs(value(moved.map { try $0.copied().requiresGrad_() }) - value(leaves)) < 1e-6)
            }
            return
        }
        try y.backward(gradient: seed)
        for (k, leaf) in leaves.enumerated() {
            let gradient = leaf.grad?.toArray(of: Double.self) ?? [Double](repeating: 0, count: leaf.count)
            #expect(gradient.count == leaf.count)
            let base = inputs[k].toArray(of: Double.self)
            for i in base.indices {
                let h = 1e-5
                func at(_ d: Double) throws -> Double {
                    var values = base
                    values[i] += d
                    var moved = try inputs.map { try $0.copied().requiresGrad_() }
                    moved[k] = try Tensor(values, shape: inputs[k].shape).requiresGrad_()
                    return try value(moved)
                }
                let slope = try (at(h) - at(-h)) / (2 * h)
                let error = abs(slope - gradient[i])
                #expect(
                    error <= tolerance * max(1, abs(slope), abs(gradient[i])),
                    "input \(k), element \(i): gradient \(gradient[i]), difference quotient \(slope)")
            }
        }
    }
}
