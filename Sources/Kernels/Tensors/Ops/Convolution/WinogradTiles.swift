import CKernels
import Diagnostics

/// Winograd's method for 3×3 filters with stride 2. A tap between two others meets pixels of its own, so that four
/// outputs take nine products in place of twelve (`tiles.inc`), and 4×4 of them 81 in place of 144.
/// The gradients are those of ``GemmConvolution``.
enum StridedWinogradConvolution: WinogradForward {
    static func declines(_ s: ConvolutionShape, _ dtype: DType) -> String? {
        if let reason = declinesForward(s, dtype) { return reason }
        guard s.strideH == 2, s.strideW == 2 else { return "stride 2 only" }
        let (tiling, products) = best(s)
        guard products * 4 <= s.P * s.Q * 9 * 3 else { return "\(s.P)×\(s.Q) outputs fill too little of tiles" }
        let tiles = s.N * tiling.along(s.P) * tiling.along(s.Q)
        return tiles >= 32 ? nil : "too few tiles (\(tiles)) to pay for transforming the filters"
    }

    static func tiling(_ s: ConvolutionShape) -> Tiling { best(s).tiling }

    /// The tiles that take the fewest products, and those for an image and a pair of channels.
    private static func best(_ s: ConvolutionShape) -> (tiling: Tiling, products: Int) {
        let all = [Tiling.stridedFour, .stridedTwo].map { ($0, $0.along(s.P) * $0.along(s.Q) * $0.places) }
        return all[0].1 <= all[1].1 ? all[0] : all[1]
    }
}

/// Winograd's method for images of 2×2 pixels: only four taps of a filter row meet a pixel, three products do.
/// The gradients are those of ``GemmConvolution``.
enum SmallWinogradConvolution: WinogradForward {
    static func declines(_ s: ConvolutionShape, _ dtype: DType) -> String? {
        if let reason = declinesForward(s, dtype) { return reason }
        guard s.H == 2, s.W == 2, s.padH == 1, s.padW == 1, s.strideH == 1, s.strideW == 1 else {
            return "images of 2×2 with padding 1 and stride 1 only"
        }
        return s.N >= 16 ? nil : "too few images (\(s.N)) to pay for transforming the filters"
    }

    static func tiling(_ s: ConvolutionShape) -> Tiling { .image }
}

/// A kind of tiles that only the forward pass knows.
protocol WinogradForward: ConvolutionAlgorithm {
    static func tiling(_ s: ConvolutionShape) -> Tiling
}

extension WinogradForward {
    fileprivate static func declinesForward(_ s: ConvolutionShape, _ dtype: DType) -> String? {
        guard KernelSwitches.allowsWinograd else { return "switched off by options(workbench.winograd = FALSE)" }
        guard dtype == .float32 else { return "single precision only" }
        guard s.R == 3, s.S == 3 else { return "3×3 filters only, these are \(s.R)×\(s.S)" }
        guard s.dilationH == 1, s.dilationW == 1 else { return "dilation 1 only" }
        guard s.groups == 1 else { return "one group only, these are \(s.groups)" }
        guard s.C >= 16, s.K >= 16 else { return "fewer than 16 channels: the transforms cost more than they save" }
        guard s.C < 1 << 16, s.K < 1 << 16, s.N < 1 << 31, s.P < 1 << 20, s.Q < 1 << 20 else {
            return "sizes beyond what it is made for"
        }
        return nil
    }

    static func forward(_ y: Tensor, _ x: Tensor, _ w: Tensor, bias: Tensor?, _ shape: ConvolutionShape) throws {
        try WinogradPlan(shape, tiling(shape)).forward(
            WinogradOutput(y: y.typed(Float.self), place: nil, bias: bias?.typed(Float.self)), x, w)
    }

    static func inputGradient(_ dx: Tensor, _ dy: Tensor, _ w: Tensor, _ shape: ConvolutionShape) throws {
        try GemmConvolution.inputGradient(dx, dy, w, shape)
    }

    static func weightGradient(_ dw: Tensor, _ x: Tensor, _ dy: Tensor, _ shape: ConvolutionShape) throws {
        try GemmConvolution.weightGradient(dw, x, dy, shape)
    }
}
