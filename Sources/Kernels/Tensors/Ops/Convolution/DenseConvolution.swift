import CKernels
import Diagnostics

/// Convolution of images smaller than the filter: every output pixel sees the whole image, so an image is a row of
/// numbers and the convolution one matrix, in which most of the filter's taps, those on the padding, do not occur.
/// The gradients are those of ``GemmConvolution``.
enum DenseConvolution: ConvolutionAlgorithm {
    static func declines(_ s: ConvolutionShape, _ dtype: DType) -> String? {
        guard dtype == .float32 else { return "single precision only" }
        guard s.groups == 1 else { return "one group only, these are \(s.groups)" }
        guard s.H * s.W < s.R * s.S else { return "images of \(s.H)×\(s.W) are not smaller than the filter" }
        guard s.R <= 11, s.S <= 11 else { return "filters up to 11×11, these are \(s.R)×\(s.S)" }
        guard s.K % Int(KERNEL_PANEL) == 0 else { return "filters come in panels of \(KERNEL_PANEL), these are \(s.K)" }
        guard s.C < 1 << 16, s.K < 1 << 16, s.P * s.Q < 64, s.N < 1 << 31 else {
            return "sizes beyond what it is made for"
        }
        guard s.N >= 16 else { return "too few images (\(s.N)) to pay for the matrix" }
        return s.H * s.W * s.C * s.P * s.Q * s.K <= 64 << 20 ? nil : "the matrix would be too large"
    }

    /// [pixel and channel of the image, pixel and filter of the output].
    private static func matrix(_ w: Tensor, _ s: ConvolutionShape) throws -> PanelMatrices {
        let matrix = try PanelMatrices(places: 1, rows: s.H * s.W * s.C, columns: s.P * s.Q * s.K)
        let panel = Int(KERNEL_PANEL), block = 16, taps = s.R * s.S
        let filters = w.filters
        parallelRanges(s.K / panel, grain: 1) { range, _ in
            let turned = UnsafeMutablePointer<Float>.allocate(capacity: taps * block * panel)
            defer { turned.deallocate() }
            for k in range {
                for c in stride(from: 0, to: s.C, by: block) {
                    let channels = Swift.min(block, s.C - c)
                    kernel_filters_turned(
                        turned, filters.from(filter: k * panel, channel: c), taps, panel, channels, block)
                    for pixel in 0..<(s.H * s.W) {
                        for output in 0..<(s.P * s.Q) {
                            let to = matrix.kernel(row: pixel * s.C + c, column: output * s.K + k * panel).at
                            if let tap = tap(s, pixel, output) {
                                to?.update(from: turned + tap * block * panel, count: channels * panel)
                            } else {
                                to?.update(repeating: 0, count: channels * panel)
                            }
                        }
                    }
                }
            }
        }
        return matrix
    }

    /// Which element of the filter connects an image's pixel with an output's, if any does.
    private static func tap(_ s: ConvolutionShape, _ pixel: Int, _ output: Int) -> Int? {
        let h = pixel / s.W - output / s.Q * s.strideH + s.padH, w = pixel % s.W - output % s.Q * s.strideW + s.padW
        guard h >= 0, w >= 0, h % s.dilationH == 0, w % s.dilationW == 0 else { return nil }
        let r = h / s.dilationH, t = w / s.dilationW
        return r < s.R && t < s.S ? r * s.S + t : nil
    }

    static func forward(_ y: Tensor, _ x: Tensor, _ w: Tensor, bias: Tensor?, _ s: ConvolutionShape) throws {
        let geometry = [s.H, s.W, s.strideH, s.strideW, s.padH, s.padW, s.dilationH, s.dilationW]
        let matrix = try KeptFilters.panels(of: w, DenseConvolution.self, geometry: geometry) { try self.matrix(w, s) }
        let depth = s.H * s.W * s.C, width = s.P * s.Q * s.K
        let images = try PanelMatrices(places: 1, rows: s.N, columns: depth)
        let products = try PanelMatrices(places: 1, rows: s.N, columns: width)
        kernel_rows_to_panels(images.kernel(), x.typed(Float.self), s.N, depth)
        let panel = Int(KERNEL_PANEL)
        parallelRanges(width / panel, grain: 1) { range, _ in
            let first = range.lowerBound * panel
            kernel_panel_product(
                products.kernel(column: first), images.kernel(), matrix.kernel(column: first), 1, s.N, depth,
                range.count * panel, 0)
        }
        kernel_panels_to_rows(y.typed(Float.self), products.kernel(), bias?.typed(Float.self), s.N, width, s.K)
    }

    static func inputGradient(_ dx: Tensor, _ dy: Tensor, _ w: Tensor, _ shape: ConvolutionShape) throws {
        try GemmConvolution.inputGradient(dx, dy, w, shape)
    }

    static func weightGradient(_ dw: Tensor, _ x: Tensor, _ dy: Tensor, _ shape: ConvolutionShape) throws {
        try GemmConvolution.weightGradient(dw, x, dy, shape)
    }
}
