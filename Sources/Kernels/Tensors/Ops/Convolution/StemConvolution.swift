import CKernels
import Diagnostics

/// Winograd's method along the rows, for filters 7 wide with step 2 over images of at most four channels: 13 products
/// for four outputs in place of 28 (`stem.inc`).
/// The gradients are those of ``DirectConvolution``.
///
/// Bands of rows do not depend on the number of threads, so results do not either.
enum StemConvolution: ConvolutionAlgorithm {
    static func declines(_ s: ConvolutionShape, _ dtype: DType) -> String? {
        guard KernelSwitches.allowsWinograd else { return "switched off by options(workbench.winograd = FALSE)" }
        guard s.S == 7, s.strideW == 2 else { return "filters 7 wide with step 2 only" }
        if let reason = DirectConvolution.declines(s, dtype) { return reason }
        // 13 products a tile of four in place of 7 an output.
        return (s.Q + 3) / 4 * 13 * 4 <= s.Q * 7 * 3 ? nil : "\(s.Q) outputs a row fill too little of tiles of 4"
    }

    /// Rows of outputs worked on with one copy of the image's rows: about 128 kB of it.
    private static func bandRows(_ s: ConvolutionShape) -> Int {
        let lines = (128 << 10) / (4 * s.C * ((s.Q + 3) / 4 * 8 + 5))
        let fitting = (lines - s.R) / s.strideH + 1
        return Swift.max(1, Swift.min(s.P, fitting < s.P ? Swift.max(12, fitting / 12 * 12) : fitting))
    }

    static func forward(_ y: Tensor, _ x: Tensor, _ w: Tensor, bias: Tensor?, _ s: ConvolutionShape) throws {
        let band = bandRows(s)
        let sizes = kernel_stem(s.window, s.K, band, s.N * s.P * s.Q * s.K * 4 > 16 << 20 ? 1 : 0)
        let filters = try Storage(byteCount: kernel_stem_filters_count(sizes) * 4)
        kernel_stem_filters(filters.floats, w.filters, sizes)
        let padded = try Storage(byteCount: sizes.rowK * 4)
        padded.floats.update(repeating: 0, count: sizes.rowK)
        if let bias { padded.floats.update(from: bias.typed(Float.self), count: s.K) }
        let perImage = (s.P + band - 1) / band, bands = s.N * perImage
        let pieces = Swift.min(Threads.count, bands)
        let scratch = try (0..<pieces).map { _ in try Storage(byteCount: kernel_stem_scratch(sizes) * 4) }
        let (py, px) = (y.typed(Float.self), x.typed(Float.self))
        parallelTasks(pieces) { piece in
            for number in (bands * piece / pieces)..<(bands * (piece + 1) / pieces) {
                let n = number / perImage, first = number % perImage * band
                kernel_stem_forward(
                    py + n * s.P * s.Q * s.K, px + n * s.H * s.W * s.C, filters.floats, padded.floats, sizes, first,
                    Swift.min(band, s.P - first), scratch[piece].floats)
            }
        }
        withExtendedLifetime((filters, padded, scratch)) {}
    }

    static func inputGradient(_ dx: Tensor, _ dy: Tensor, _ w: Tensor, _ shape: ConvolutionShape) throws {
        try DirectConvolution.inputGradient(dx, dy, w, shape)
    }

    static func weightGradient(_ dw: Tensor, _ x: Tensor, _ dy: Tensor, _ shape: ConvolutionShape) throws {
        try DirectConvolution.weightGradient(dw, x, dy, shape)
    }
}
