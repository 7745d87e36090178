/// Sums over the rows of a [rows, C] matrix, in double precision.
enum ChannelSums {
    /// Sums of a kernel over bands of rows, added in a fixed order, so that they do not depend on the number of threads.
    ///
    /// - Parameters:
    ///   - sums: How many sums a channel gets.
    ///   - weight: How many rows of C numbers one counted row stands for.
    ///   - body: Adds the rows of a band to `sums`·C numbers, those of one sum after those of the one before.
    /// - Returns: `sums`·C numbers.
    static func banded(
        _ rows: Int, _ C: Int, sums: Int, weight: Int = 1, _ body: (Range<Int>, UnsafeMutablePointer<Double>) -> Void
    ) -> [Double] {
        let bands = Swift.max(1, Swift.min(32, rows, rows * weight / 256))
        let width = sums * C
        var parts = [Double](repeating: 0, count: bands * width)
        parts.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            parallelTasks(bands) { band in
                body(rows * band / bands..<rows * (band + 1) / bands, base + band * width)
            }
        }
        var result = [Double](repeating: 0, count: width)
        for band in 0..<bands {
            for i in 0..<width { result[i] += parts[band * width + i] }
        }
        return result
    }
}

/// Sums of a tensor's elements for each channel (dimension 1), known from the pass that made them.
struct ChannelTotals {
    private let sums: [Double]
    private let version: Int

    init(of tensor: Tensor, sums: [Double]) {
        self.sums = sums
        version = tensor.storage.version
    }

    /// The sums, unless the elements were changed since.
    func sums(of tensor: Tensor) -> [Double]? { tensor.storage.version == version ? sums : nil }
}

extension Tensor {
    /// Sums of an image batch over everything but channels: the gradient of a bias from that of the output.
    func channelSum() throws -> Tensor {
        if !GradMode.isEnabled, let sums = channelTotals?.sums(of: self) { return try Tensor(sums, dtype: dtype) }
        return try sum(dims: [0, 2, 3])
    }
}
