import CKernels
import Diagnostics

/// Winograd's F(4×4, 3×3): tiles of 6×6 input pixels give 4×4 output pixels with 36 products a channel pair where the
/// direct sum takes 144. The sums over channels are 36 matrix products, one for each place of a transformed tile.
///
/// Many tiles are worked on block by block, each thread with blocks of its own that fit the cache
/// (`WinogradBlocks.swift`). With few tiles the threads share out the channels, so that each transformed filter is
/// made, used and forgotten once (`WinogradChunks.swift`).
///
/// Source: Lavin & Gray, Fast Algorithms for Convolutional Neural Networks, 2016, arXiv:1509.09308.
enum WinogradConvolution: ConvolutionAlgorithm {
    static func declines(_ s: ConvolutionShape, _ dtype: DType) -> String? {
        guard KernelSwitches.allowsWinograd else { return "switched off by options(workbench.winograd = FALSE)" }
        guard dtype == .float32 else { return "single precision only" }
        guard s.R == 3, s.S == 3 else { return "3×3 filters only, these are \(s.R)×\(s.S)" }
        guard s.strideH == 1, s.strideW == 1, s.dilationH == 1, s.dilationW == 1 else {
            return "stride 1 and dilation 1 only"
        }
        guard s.groups == 1 else { return "one group only, these are \(s.groups)" }
        guard s.P == s.H + 2 * s.padH - 2, s.Q == s.W + 2 * s.padW - 2 else { return "output cut short" }
        guard s.C >= 16, s.K >= 16 else { return "fewer than 16 channels: the transforms cost more than they save" }
        guard s.C < 1 << 16, s.K < 1 << 16, s.N < 1 << 31, s.P < 1 << 20, s.Q < 1 << 20 else {
            return "sizes beyond what it is made for"
        }
        let tiles = s.N * ((s.P + 3) / 4) * ((s.Q + 3) / 4)
        // 16 pixels a tile are computed and 4 times fewer products made: worth it if most of those pixels exist.
        guard s.N * s.P * s.Q * 10 >= tiles * 16 * 4 else {
            return "\(s.P)×\(s.Q) outputs fill too little of 4×4 tiles"
        }
        return tiles >= 32 ? nil : "too few tiles (\(tiles)) to pay for transforming the filters"
    }

    static func forward(_ y: Tensor, _ x: Tensor, _ w: Tensor, bias: Tensor?, _ shape: ConvolutionShape) throws {
        try forward(WinogradOutput(y: y.typed(Float.self), place: nil, bias: bias?.typed(Float.self)), x, w, shape)
    }

    static func forward(_ y: WinogradOutput, _ x: Tensor, _ w: Tensor, _ shape: ConvolutionShape) throws {
        try WinogradPlan(shape).forward(y, x, w)
    }

    static func forwardWithMoments(
        _ y: Tensor, _ x: Tensor, _ w: Tensor, bias: Tensor?, _ shape: ConvolutionShape
    ) throws -> ChannelMoments? {
        let plan = WinogradPlan(shape)
        let parts = (0..<plan.threads).map { _ in ChannelPart(channels: shape.K) }
        try plan.forward(
            WinogradOutput(y: y.typed(Float.self), place: nil, bias: bias?.typed(Float.self), parts: parts), x, w)
        return ChannelMoments(of: y, parts)
    }

    static func inputGradient(_ dx: Tensor, _ dy: Tensor, _ w: Tensor, _ shape: ConvolutionShape) throws {
        try gradients(WinogradPlan.InputGradient(dx: dx.typed(Float.self), w: w.filters), nil, slope(dy), shape)
    }

    static func weightGradient(_ dw: Tensor, _ x: Tensor, _ dy: Tensor, _ shape: ConvolutionShape) throws {
        try gradients(nil, WinogradPlan.WeightGradient(dw: dw.filters, x: x.typed(Float.self)), slope(dy), shape)
    }

    /// Both gradients share the transform of dy.
    static func gradients(
        _ dx: Tensor, _ dw: Tensor, x: Tensor, dy: Tensor, w: Tensor, _ shape: ConvolutionShape
    ) throws {
        try gradients(
            WinogradPlan.InputGradient(dx: dx.typed(Float.self), w: w.filters),
            WinogradPlan.WeightGradient(dw: dw.filters, x: x.typed(Float.self)), slope(dy), shape)
    }

    private static func slope(_ dy: Tensor) -> WinogradSlope { WinogradSlope(dy: dy.typed(Float.self), place: nil) }

    static func gradients(
        _ ofInput: WinogradPlan.InputGradient?, _ ofWeight: WinogradPlan.WeightGradient?, _ dy: WinogradSlope,
        _ shape: ConvolutionShape
    ) throws {
        let plan = WinogradPlan(shape)
        if plan.prefersBlocksBackward {
            try plan.backwardBlocks(ofInput, ofWeight, dy)
        } else {
            try plan.backwardChunks(ofInput, ofWeight, dy)
        }
    }
}

/// Sizes that the two ways of splitting the work share.
struct WinogradPlan {
    typealias Floats = UnsafeMutablePointer<Float>

    /// What the gradient of the input is computed from and into.
    struct InputGradient {
        let dx: Floats, w: KernelFilters
    }

    /// What the gradient of the weight is computed from and into.
    struct WeightGradient {
        let dw: KernelFilters, x: Floats
    }

    let shape: ConvolutionShape
    let geometry: KernelTiles
    /// Tiles of an image, and of all.
    let perImage: Int, tiles: Int
    let threads = Threads.count

    /// How tiles are cut.
    let tiling: Tiling

    init(_ s: ConvolutionShape, _ tiling: Tiling = .four) {
        shape = s
        self.tiling = tiling
        let down = tiling.along(s.P), across = tiling.along(s.Q)
        geometry = KernelTiles(
            H: s.H, W: s.W, C: s.C, P: s.P, Q: s.Q, K: s.K, padH: s.padH, padW: s.padW, down: down, across: across,
            tiling: tiling.kernel)
        perImage = down * across
        tiles = s.N * down * across
    }

    /// Splits the work in the way that suits it; filters that nobody trains stay transformed.
    func forward(_ y: WinogradOutput, _ x: Tensor, _ w: Tensor) throws {
        let from = x.typed(Float.self)
        func filters() throws -> PanelMatrices {
            try KeptFilters.panels(of: w, WinogradConvolution.self, geometry: [Int(tiling.kernel.rawValue)]) {
                try turnedFilters(w.filters)
            }
        }
        if prefersBlocks {
            try forwardBlocks(y, from, filters())
        } else if w.requiresGrad {
            KeptFilters.forget(w)
            try forwardChunks(y, from, w.filters)
        } else {
            try forwardChunks(y, from, w.filters, kept: filters())
        }
    }

    /// The transformed filters as a whole.
    var filterBytes: Int { tiling.filters * shape.K * PanelMatrices.padded(shape.C) * 4 }

    /// Bytes of a transformed tile before and after the product.
    var tileBytes: Int { 4 * tiling.places * (PanelMatrices.padded(shape.C) + PanelMatrices.padded(shape.K)) }

    var prefersBlocks: Bool { tiles > 64 * threads && filterBytes <= 256 << 20 }

    /// Threads take whole images, because neighbouring tiles add into the same pixels, and each has its own sums for
    /// the filters.
    var prefersBlocksBackward: Bool {
        prefersBlocks && shape.N >= threads && (shape.N % threads == 0 || shape.N >= 4 * threads)
            && filterBytes * threads <= 256 << 20
    }

    /// Tiles in a block: the more filters, the more tiles should meet them while they are in the cache.
    var blockTiles: Int {
        let wanted = shape.C * shape.K <= 1 << 14 ? 32 : 64
        return Swift.max(16, Swift.min(wanted, (48 << 20) / tileBytes))
    }
}
