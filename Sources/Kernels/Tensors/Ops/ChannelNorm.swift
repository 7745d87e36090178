import CKernels
import Diagnostics

/// What batch normalisation does to each channel, once the statistics are known: `x·scale + offset`.
struct ChannelNorm {
    /// Images times pixels, and channels.
    let rows: Int, C: Int
    /// Whether mean and variance are those of x itself, so that gradients pass through them.
    let fromBatch: Bool
    let mean: [Double]
    /// 1 / √(var + eps).
    let inverse: [Double]
    /// The weight, or ones.
    let weight: [Double]
    let scale: [Double], offset: [Double]

    /// Statistics of a batch (or the running ones), which also move the running ones.
    ///
    /// - Parameters:
    ///   - x: As rows of C numbers; more than one row where its own statistics are taken.
    ///   - settings: Its tensors have C numbers each.
    init(_ x: Tensor, rows: Int, channels C: Int, _ settings: BatchNormSettings) throws {
        self.rows = rows
        self.C = C
        fromBatch = settings.usesBatch
        let variance: [Double]
        if fromBatch {
            (mean, variance) = x.channelMoments?.moments(of: x) ?? ChannelNorm.moments(x, rows, C)
            if settings.training, let runningMean = settings.runningMean, let runningVar = settings.runningVar {
                let n = Double(rows), momentum = settings.momentum
                let oldMean = runningMean.toArray(of: Double.self), oldVar = runningVar.toArray(of: Double.self)
                let (mean, variance) = (mean, variance)
                let newMean = (0..<C).map { (1 - momentum) * oldMean[$0] + momentum * mean[$0] }
                let newVar = (0..<C).map { (1 - momentum) * oldVar[$0] + momentum * variance[$0] * n / (n - 1) }
                try runningMean.copyElements(from: Tensor(newMean, shape: runningMean.shape))
                try runningVar.copyElements(from: Tensor(newVar, shape: runningVar.shape))
                runningMean.storage.version += 1
                runningVar.storage.version += 1
            }
        } else {
            mean = ChannelNorm.reals(settings.runningMean, C, 0)
            variance = ChannelNorm.reals(settings.runningVar, C, 1)
        }
        let inverse = variance.map { 1 / ($0 + settings.eps).squareRoot() }
        let weight = ChannelNorm.reals(settings.weight, C, 1), bias = ChannelNorm.reals(settings.bias, C, 0)
        let mean = mean
        self.inverse = inverse
        self.weight = weight
        scale = (0..<C).map { inverse[$0] * weight[$0] }
        offset = (0..<C).map { bias[$0] - mean[$0] * inverse[$0] * weight[$0] }
    }

    private static func reals(_ t: Tensor?, _ C: Int, _ fallback: Double) -> [Double] {
        t?.toArray(of: Double.self) ?? [Double](repeating: fallback, count: C)
    }

    private static func moments(_ x: Tensor, _ rows: Int, _ C: Int) -> (mean: [Double], variance: [Double]) {
        // Deviations are taken from the first row: exact also where the mean is large.
        var shift = [Double](repeating: 0, count: C)
        for c in 0..<C { shift[c] = x.element(c).doubleValue }
        let sums = ChannelSums.banded(rows, C, sums: 2) { range, sum in
            if x.dtype == .float32 {
                kernel_moments_f32(
                    sum, sum + C, x.typed(Float.self) + range.lowerBound * C, shift, range.count, C)
            } else {
                kernel_moments_f64(
                    sum, sum + C, x.typed(Double.self) + range.lowerBound * C, shift, range.count, C)
            }
        }
        let n = Double(rows)
        let mean = sums[..<C].map { $0 / n }
        let variance = (0..<C).map { c in
            let d = mean[c] - shift[c]
            return (sums[C + c] / n - d * d).nonNegative
        }
        return (mean, variance)
    }

    /// Coefficients of the gradient `dx = a·(dy − d − (x − mean)·b)` and the gradients of weight and bias.
    struct Gradient {
        let a: [Double], b: [Double], d: [Double], ofWeight: [Double], ofBias: [Double]
    }

    /// From Σ dy and, after them, Σ dy·(x − mean) of each channel.
    func gradient(_ sums: [Double]) -> Gradient {
        let n = Double(rows)
        return Gradient(
            a: scale,
            b: (0..<C).map { fromBatch ? sums[C + $0] * inverse[$0] * inverse[$0] / n : 0 },
            d: (0..<C).map { fromBatch ? sums[$0] / n : 0 },
            ofWeight: (0..<C).map { sums[C + $0] * inverse[$0] }, ofBias: Array(sums[..<C]))
    }
}

/// Tensors and settings of a batch normalisation.
struct BatchNormSettings {
    var runningMean: Tensor?, runningVar: Tensor?, weight: Tensor?, bias: Tensor?
    var training: Bool, momentum: Double, eps: Double

    /// Whether the statistics are those of the batch.
    var usesBatch: Bool { training || runningMean == nil || runningVar == nil }

    /// Its tensors by name.
    var tensors: [(name: String, tensor: Tensor?)] {
        [("running_mean", runningMean), ("running_var", runningVar), ("weight", weight), ("bias", bias)]
    }
}
