/// Mean and variance (with n) of each channel of a tensor, known from the pass that made it.
struct ChannelMoments {
    private let mean: [Double], variance: [Double]
    private let version: Int

    /// - Parameter parts: Sums that have seen every element of every channel once.
    init(of tensor: Tensor, _ parts: [ChannelPart]) {
        var means: [Double] = [], variances: [Double] = []
        for c in 0..<(parts.first?.shift.count ?? 0) {
            let seen = parts.filter { $0.counts[c] > 0 }
            let n = seen.reduce(0) { $0 + $1.counts[c] }
            let mean = seen.reduce(0) { $0 + $1.total(c) } / n
            means.append(mean)
            variances.append((seen.reduce(0) { $0 + $1.deviation(c, from: mean) } / n).nonNegative)
        }
        (mean, variance) = (means, variances)
        version = tensor.storage.version
    }

    /// The moments, unless the elements were changed since.
    func moments(of tensor: Tensor) -> (mean: [Double], variance: [Double])? {
        tensor.storage.version == version ? (mean, variance) : nil
    }
}

/// Sums over some of the elements of each channel, kept by one thread.
final class ChannelPart: @unchecked Sendable {
    /// How many elements of a channel have been seen here.
    var counts: [Double]
    /// What is subtracted from the elements of a channel: one of them, so that squares lose no digits; any before the
    /// first is seen.
    var shift: [Double]
    /// Σ (x − shift) and Σ (x − shift)².
    var sum: [Double], squares: [Double]

    init(channels: Int) {
        counts = [Double](repeating: 0, count: channels)
        (shift, sum, squares) = (counts, counts, counts)
    }

    /// Σ x.
    fileprivate func total(_ c: Int) -> Double { sum[c] + counts[c] * shift[c] }

    /// Σ (x − mean)².
    fileprivate func deviation(_ c: Int, from mean: Double) -> Double {
        let d = mean - shift[c]
        return squares[c] - 2 * d * sum[c] + counts[c] * d * d
    }
}

extension Double {
    /// Itself, but 0 below 0, where only rounding takes a variance; NaN stays NaN.
    var nonNegative: Double { self < 0 ? 0 : self }
}
