import CKernels
import Diagnostics

/// A convolution whose output nobody sees: bias, ReLU and 2×2 max-pooling (stride 2) are applied before it is written.
protocol PooledConvolutionAlgorithm: ConvolutionAlgorithm {
    /// Why it cannot take a case in this form, or nil if it can (odd P or Q: the last row/column belongs to no window).
    static func declinesPooled(_ shape: ConvolutionShape, _ dtype: DType) -> String?
    /// Numbers and places of y.
    static func forwardPooled(
        _ y: PooledOutput, _ x: Tensor, _ w: Tensor, bias: Tensor?, _ shape: ConvolutionShape) throws
    /// Gradients from dy, that of the pooled output with the output's places and factors; dx or dw is nil where nobody
    /// asks.
    static func gradientsPooled(
        _ dx: Tensor?, _ dw: Tensor?, x: Tensor, dy: PooledOutput, w: Tensor, _ shape: ConvolutionShape) throws
}

/// What ReLU, 2×2 max-pooling and perhaps dropout leave of a convolution's output, or its gradient.
struct PooledOutput {
    /// Single precision `[N, K, P/2, Q/2]`, channels-last.
    let numbers: Tensor
    /// Bytes of the same shape: 0…3 the position row·2 + column of the (first) largest element of the window, 4 where
    /// it is 0 or less, so no gradient passes.
    let place: Tensor
    /// What each channel of each image is multiplied by, `[N, K]` contiguous; nil for ones.
    let factor: Tensor?

    /// The gradient of the convolution's output `[N, K, height, width]`, from that of what was left of it.
    func spread(height: Int, width: Int) throws -> Tensor {
        let slope = try factor.map { try numbers.mul($0.unsqueeze(2).unsqueeze(3)) } ?? numbers
        return try slope.unpooled(place, height: height, width: width)
    }

    /// The sums of a gradient over images and pixels, of the numbers that pass: `[K]`; not recorded.
    func passedSums() throws -> Tensor {
        let C = numbers.shape[1], pixels = numbers.shape[2] * numbers.shape[3], rows = numbers.shape[0] * pixels
        let (dy, places, factor) = (numbers.typed(Float.self), place.typed(UInt8.self), factor?.typed(Float.self))
        let sums = ChannelSums.banded(rows, C, sums: 1) { range, acc in
            var row = range.lowerBound
            while row < range.upperBound {
                let n = row / pixels
                let end = factor == nil ? range.upperBound : Swift.min(range.upperBound, (n + 1) * pixels)
                kernel_pool_sums(acc, dy + row * C, places + row * C, factor.map { $0 + n * C }, end - row, C)
                row = end
            }
        }
        return try Tensor(sums, dtype: numbers.dtype)
    }
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
    /// `maxpool(relu(conv(x, w) + bias))·factor` with 2×2 windows.
    ///
    /// - Parameter factor: A constant for each image and channel, `[N, K]`; nil for ones.
    /// - Gradient: with respect to x, w and bias; to any order, because the places of the largest numbers are constants.
    static func pooledConvolution(
        _ x: Tensor, _ w: Tensor, _ bias: Tensor?, _ s: ConvolutionShape, factor: Tensor?,
        by algorithm: any PooledConvolutionAlgorithm.Type
    ) throws -> Tensor {
        KernelSwitches.explain { "convolution \(s.description), ReLU, pooling: \(algorithm)" }
        let shape = [s.N, s.K, s.P / 2, s.Q / 2]
        let y = try empty(shape, x.dtype, strides: channelsLastStrides(shape))
        let place = try empty(shape, .uint8, strides: channelsLastStrides(shape))
        try algorithm.forwardPooled(
            PooledOutput(numbers: y, place: place, factor: factor), x.channelsLast(), w.ordered(),
            bias: bias?.contiguous(), s)
        let (needsX, needsW, needsB) = (x.requiresGrad, w.requiresGrad, bias?.requiresGrad ?? false)
        let keptX = needsW ? x : nil, keptW = needsX ? w : nil
        let (shapeX, shapeW) = (x.shape, w.shape)
        return Tensor(
            op: factor == nil ? "MaxPool2DWithIndicesBackward0" : "MulBackward0", y,
            from: [x, w] + (bias.map { [$0] } ?? []),
            saving: [keptX, keptW].compactMap { $0 }
        ) { dy in
            var gradients: [Tensor?]
            if GradMode.isEnabled {
                let slope = try PooledOutput(numbers: dy, place: place, factor: factor).spread(
                    height: s.P, width: s.Q)
                gradients = [
                    try keptW.map { try convolutionInput(slope, $0, s) },
                    try keptX.map { try convolutionWeight($0, slope, s) },
                ]
                if bias != nil { gradients.append(needsB ? try slope.channelSum() : nil) }
                return gradients
            }
            let slope = PooledOutput(numbers: try dy.channelsLast(), place: place, factor: factor)
            let dx = try needsX ? empty(shapeX, dy.dtype, strides: channelsLastStrides(shapeX)) : nil
            let dw = try needsW ? empty(shapeW, dy.dtype) : nil
            if dx != nil || dw != nil {
                // Of x and w only what a wanted gradient needs was kept; nobody looks at what stands in for the other.
                try algorithm.gradientsPooled(
                    dx, dw, x: keptX?.channelsLast() ?? slope.numbers, dy: slope, w: keptW?.ordered() ?? slope.numbers,
                    s)
            }
            gradients = [dx, dw]
            if bias != nil { gradients.append(needsB ? try slope.passedSums() : nil) }
            return gradients
        }
    }
}
