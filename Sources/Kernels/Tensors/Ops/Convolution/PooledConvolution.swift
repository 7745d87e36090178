import CKernels
import Diagnostics

/// A convolution whose output nobody sees: bias, ReLU and 2×2 max-pooling (stride 2) are applied before it is written.
protocol PooledConvolutionAlgorithm: ConvolutionAlgorithm {
    /// Why it cannot take a case in this form, or nil if it can (odd P or Q: the last row/column belongs to no window).
    static func declinesPooled(_ shape: ConvolutionShape, _ dtype: DType) -> String?
    /// y `[N, K, P/2, Q/2]` and place (uint8, same shape), both channels-last: 0…3 the position row·2 + column of the (first) largest
    /// element of the window, 4 where it is not positive (or NaN: y is NaN then), so no gradient passes.
    static func forwardPooled(
        _ y: Tensor, _ place: Tensor, _ x: Tensor, _ w: Tensor, bias: Tensor?, _ shape: ConvolutionShape) throws
    /// Gradients from dy of the pooled output and place; dx or dw is nil where nobody asks.
    static func gradientsPooled(
        _ dx: Tensor?, _ dw: Tensor?, x: Tensor, dy: Tensor, place: Tensor, w: Tensor, _ shape: ConvolutionShape) throws
}

/// The algorithms, best first; with none, the convolution, ReLU and pooling run one after the other.
enum PooledConvolutions {
    static let candidates: [any PooledConvolutionAlgorithm.Type] = [WinogradConvolution.self, DirectConvolution.self]

    /// The first that does not decline, or why each of them does.
    static func algorithm(
        _ shape: ConvolutionShape, _ dtype: DType
    ) -> (chosen: (any PooledConvolutionAlgorithm.Type)?, reasons: String) {
        var reasons: [String] = []
        for candidate in candidates {
            guard let reason = candidate.declinesPooled(shape, dtype) else { return (candidate, "") }
            reasons.append("\(candidate): \(reason)")
        }
        return (nil, reasons.joined(separator: "; "))
    }
}

extension Tensor {
    /// `maxpool(relu(conv(x, w) + bias))` with 2×2 windows.
    ///
    /// - Gradient: with respect to x, w and bias; to any order, because the places of the largest numbers are constants.
    static func pooledConvolution(
        _ x: Tensor, _ w: Tensor, _ bias: Tensor?, _ s: ConvolutionShape,
        by algorithm: any PooledConvolutionAlgorithm.Type
    ) throws -> Tensor {
        KernelSwitches.explain { "convolution \(s.description), ReLU, pooling: \(algorithm)" }
        let shape = [s.N, s.K, s.P / 2, s.Q / 2]
        let y = try empty(shape, x.dtype, strides: channelsLastStrides(shape))
        let place = try empty(shape, .uint8, strides: channelsLastStrides(shape))
        try algorithm.forwardPooled(
            y, place, x.channelsLast(), w.ordered(), bias: bias?.contiguous(), s)
        let (needsX, needsW, needsB) = (x.requiresGrad, w.requiresGrad, bias?.requiresGrad ?? false)
        let keptX = needsW ? x : nil, keptW = needsX ? w : nil
        let (shapeX, shapeW) = (x.shape, w.shape)
        return Tensor(
            op: "MaxPool2DWithIndicesBackward0", y, from: [x, w] + (bias.map { [$0] } ?? []),
            saving: [keptX, keptW].compactMap { $0 }
        ) { dy in
            var gradients: [Tensor?]
            if GradMode.isEnabled {
                let slope = try dy.unpooled(place, height: s.P, width: s.Q)
                gradients = [
                    try keptW.map { try convolutionInput(slope, $0, s) },
                    try keptX.map { try convolutionWeight($0, slope, s) },
                ]
                if bias != nil { gradients.append(needsB ? try slope.channelSum() : nil) }
                return gradients
            }
            let slope = try dy.channelsLast()
            let dx = try needsX ? empty(shapeX, dy.dtype, strides: channelsLastStrides(shapeX)) : nil
            let dw = try needsW ? empty(shapeW, dy.dtype) : nil
            if dx != nil || dw != nil {
                // Of x and w only what a wanted gradient needs was kept; nobody looks at what stands in for the other.
                try algorithm.gradientsPooled(
                    dx, dw, x: keptX?.channelsLast() ?? slope, dy: slope, place: place,
                    w: keptW?.ordered() ?? slope, s)
            }
            gradients = [dx, dw]
            if bias != nil { gradients.append(needsB ? try slope.passedSums(place) : nil) }
            return gradients
        }
    }
}
