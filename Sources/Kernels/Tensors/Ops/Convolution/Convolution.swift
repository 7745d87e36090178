import CKernels
import Diagnostics

/// Sizes of a two-dimensional convolution, and how its window moves.
public struct ConvolutionShape: Sendable, Equatable {
    /// Images.
    public var N: Int
    /// Input channels, all groups.
    public var C: Int
    /// Input height.
    public var H: Int
    /// Input width.
    public var W: Int
    /// Output channels, all groups.
    public var K: Int
    /// Filter height.
    public var R: Int
    /// Filter width.
    public var S: Int
    /// Pixels between windows, height and width.
    public var stride: (h: Int, w: Int) { (strideH, strideW) }
    var strideH: Int, strideW: Int, padH: Int, padW: Int, dilationH: Int, dilationW: Int
    /// Independent parts that channels are divided into.
    public var groups: Int
    /// Output height.
    public var P: Int
    /// Output width.
    public var Q: Int

    /// The window of one group, as the kernels take it.
    var window: KernelWindow {
        KernelWindow(
            H: H, W: W, C: C / groups, R: R, S: S, P: P, Q: Q, strideH: strideH, strideW: strideW, padH: padH,
            padW: padW, dilationH: dilationH, dilationW: dilationW)
    }

    /// Sizes from an input, a weight and the window's movement.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.shape` or `.value` naming what does not fit.
    init(
        _ input: [Int], _ weight: [Int], stride: [Int], padding: [Int], dilation: [Int], groups: Int
    ) throws {
        guard stride.count == 2, padding.count == 2, dilation.count == 2 else {
            throw WorkbenchError(.value, "stride, padding and dilation need two numbers (or one for both)")
        }
        try refuseHuge(stride, "stride")
        try refuseHuge(padding, "padding")
        try refuseHuge(dilation, "dilation")
        guard stride.allSatisfy({ $0 >= 1 }) else {
            throw WorkbenchError(.runtime, "non-positive stride is not supported: \(bracketed(stride))")
        }
        guard padding.allSatisfy({ $0 >= 0 }) else {
            throw WorkbenchError(.runtime, "negative padding is not supported: \(bracketed(padding))")
        }
        guard dilation.allSatisfy({ $0 >= 1 }) else {
            throw WorkbenchError(.runtime, "dilation should be greater than zero: \(bracketed(dilation))")
        }
        guard groups >= 1, weight[0] % groups == 0 else {
            throw WorkbenchError(
                .shape,
                "Given groups=\(groups), expected weight to be at least \(groups) at dimension 0 and divisible by "
                    + "\(groups), but got weight of size \(bracketed(weight)) instead")
        }
        guard input[1] == weight[1] * groups else {
            throw WorkbenchError(
                .shape,
                "Given groups=\(groups), weight of size \(bracketed(weight)), expected input\(bracketed(input)) to have "
                    + "\(weight[1] * groups) channels, but got \(input[1]) channels instead",
                hint:
                    "the layer was made with in_channels = \(weight[1] * groups); the input is [batch, channels, height, width]"
            )
        }
        (N, C, H, W) = (input[0], input[1], input[2], input[3])
        (K, R, S) = (weight[0], weight[2], weight[3])
        (strideH, strideW, padH, padW) = (stride[0], stride[1], padding[0], padding[1])
        (dilationH, dilationW) = (dilation[0], dilation[1])
        self.groups = groups
        let spanH = dilationH * (R - 1) + 1, spanW = dilationW * (S - 1) + 1
        guard R > 0, S > 0, H + 2 * padH >= spanH, W + 2 * padW >= spanW else {
            throw WorkbenchError(
                .shape,
                "Calculated padded input size per channel: (\(H + 2 * padH) x \(W + 2 * padW)). Kernel size: (\(spanH) x "
                    + "\(spanW)). Kernel size can't be greater than actual input size",
                hint: "use a smaller kernel, more padding, or larger images")
        }
        P = (H + 2 * padH - spanH) / strideH + 1
        Q = (W + 2 * padW - spanW) / strideW + 1
    }
}

extension ConvolutionShape {
    /// Images, filters and steps: `[128, 64, 32, 32] with 128 filters of 3×3`.
    var description: String {
        "\(bracketed([N, C, H, W])) with \(K) filters of \(R)×\(S)"
            + (strideH == 1 && strideW == 1 ? "" : ", stride \(strideH)×\(strideW)")
    }
}

/// One way to compute a convolution and its gradients.
///
/// Images are channels-last in memory: x `[N, C, H, W]` as N, H, W, C. Weights `[K, C/groups, R, S]` and their gradients
/// are contiguous or channels-last (K, R, S, C).
protocol ConvolutionAlgorithm: SendableMetatype {
    /// Why it cannot take a case, or nil if it can.
    static func declines(_ shape: ConvolutionShape, _ dtype: DType) -> String?
    static func forward(_ y: Tensor, _ x: Tensor, _ w: Tensor, bias: Tensor?, _ shape: ConvolutionShape) throws
    /// The same, and mean and variance of y's channels where it can take them on the way; else nil.
    static func forwardWithMoments(
        _ y: Tensor, _ x: Tensor, _ w: Tensor, bias: Tensor?, _ shape: ConvolutionShape
    ) throws -> ChannelMoments?
    static func inputGradient(_ dx: Tensor, _ dy: Tensor, _ w: Tensor, _ shape: ConvolutionShape) throws
    static func weightGradient(_ dw: Tensor, _ x: Tensor, _ dy: Tensor, _ shape: ConvolutionShape) throws
    /// Both gradients in one go, for algorithms in which they share work.
    static func gradients(
        _ dx: Tensor, _ dw: Tensor, x: Tensor, dy: Tensor, w: Tensor, _ shape: ConvolutionShape) throws
}

extension ConvolutionAlgorithm {
    static func forwardWithMoments(
        _ y: Tensor, _ x: Tensor, _ w: Tensor, bias: Tensor?, _ shape: ConvolutionShape
    ) throws -> ChannelMoments? {
        try forward(y, x, w, bias: bias, shape)
        return nil
    }

    static func gradients(
        _ dx: Tensor, _ dw: Tensor, x: Tensor, dy: Tensor, w: Tensor, _ shape: ConvolutionShape
    ) throws {
        try inputGradient(dx, dy, w, shape)
        try weightGradient(dw, x, dy, shape)
    }
}

/// The algorithms, best first; the first that does not decline is used.
///
/// The last takes everything.
enum Convolutions {
    static let candidates: [any ConvolutionAlgorithm.Type] = [
        WinogradConvolution.self, StridedWinogradConvolution.self, SmallWinogradConvolution.self,
        DenseConvolution.self, StemConvolution.self, DirectConvolution.self, GemmConvolution.self,
        ReferenceConvolution.self,
    ]

    static func algorithm(_ shape: ConvolutionShape, _ dtype: DType) -> any ConvolutionAlgorithm.Type {
        let chosen = candidates.first { $0.declines(shape, dtype) == nil } ?? ReferenceConvolution.self
        KernelSwitches.explain {
            let before = candidates.prefix { $0 != chosen }.compactMap { candidate in
                candidate.declines(shape, dtype).map { "\(candidate): \($0)" }
            }
            return "convolution \(shape.description): \(chosen)"
                + (before.isEmpty ? "" : " (" + before.joined(separator: "; ") + ")")
        }
        return chosen
    }
}

extension Tensor {
    /// This image batch stored channels-last; itself if it is.
    func channelsLast() throws -> Tensor { isChannelsLast ? self : try copied(strides: channelsLastStrides(shape)) }

    // The three functions below are each other's gradients: y = conv(x, w), dx = convInput(dy, w), dw = convWeight(x, dy).

    /// - Parameter isNormalized: Batch normalisation follows, and wants mean and variance of each channel.
    static func convolution(
        _ x: Tensor, _ w: Tensor, _ bias: Tensor?, _ s: ConvolutionShape, isNormalized: Bool = false
    ) throws -> Tensor {
        let shape = [s.N, s.K, s.P, s.Q]
        let y = try empty(shape, x.dtype, strides: channelsLastStrides(shape))
        var moments: ChannelMoments?
        if y.count > 0 {
            let (input, filters) = (try x.channelsLast(), try w.ordered())
            let algorithm = Convolutions.algorithm(s, x.dtype)
            if isNormalized {
                moments = try algorithm.forwardWithMoments(
                    y, input, filters, bias: bias?.contiguous(), s)
            } else {
                try algorithm.forward(y, input, filters, bias: bias?.contiguous(), s)
            }
        }
        let (needsX, needsW, needsB) = (x.requiresGrad, w.requiresGrad, bias?.requiresGrad ?? false)
        let keptX = needsW ? x : nil, keptW = needsX ? w : nil
        let result = Tensor(
            op: "ConvolutionBackward0", y, from: [x, w] + (bias.map { [$0] } ?? []),
            saving: [keptX, keptW].compactMap { $0 }
        ) { dy in
            var gradients: [Tensor?]
            if let keptX, let keptW, !GradMode.isEnabled, dy.count > 0, keptX.count > 0 {
                gradients = try convolutionGradients(keptX, dy, keptW, s)
            } else {
                gradients = [
                    try keptW.map { try convolutionInput(dy, $0, s) },
                    try keptX.map { try convolutionWeight($0, dy, s) },
                ]
            }
            if bias != nil { gradients.append(needsB ? try dy.channelSum() : nil) }
            return gradients
        }
        result.channelMoments = moments
        return result
    }

    /// The gradients of x and w together, when nobody will differentiate them.
    private static func convolutionGradients(
        _ x: Tensor, _ dy: Tensor, _ w: Tensor, _ s: ConvolutionShape
    ) throws -> [Tensor?] {
        let dx = try empty(x.shape, x.dtype, strides: channelsLastStrides(x.shape))
        let dw = try empty(w.shape, w.dtype)
        try Convolutions.algorithm(s, x.dtype).gradients(
            dx, dw, x: x.channelsLast(), dy: dy.channelsLast(), w: w.ordered(), s)
        return [dx, dw]
    }

    static func convolutionInput(_ dy: Tensor, _ w: Tensor, _ s: ConvolutionShape) throws -> Tensor {
        let shape = [s.N, s.C, s.H, s.W]
        let dx = try empty(shape, dy.dtype, strides: channelsLastStrides(shape))
        if dx.count > 0 {
            let (gradient, filters) = (try dy.channelsLast(), try w.ordered())
            try Convolutions.algorithm(s, dy.dtype).inputGradient(dx, gradient, filters, s)
        }
        let keptDy = w.requiresGrad ? dy : nil, keptW = dy.requiresGrad ? w : nil
        return Tensor(
            op: "ConvolutionBackward0", dx, from: [dy, w], saving: [keptDy, keptW].compactMap { $0 }
        ) { d in
            [try keptW.map { try convolution(d, $0, nil, s) }, try keptDy.map { try convolutionWeight(d, $0, s) }]
        }
    }

    static func convolutionWeight(_ x: Tensor, _ dy: Tensor, _ s: ConvolutionShape) throws -> Tensor {
        let shape = [s.K, s.C / s.groups, s.R, s.S]
        let dw = try empty(shape, dy.dtype)
        if s.N == 0 {
            dw.clear()
        } else if dw.count > 0 {
            let (input, gradient) = (try x.channelsLast(), try dy.channelsLast())
            try Convolutions.algorithm(s, dy.dtype).weightGradient(dw, input, gradient, s)
        }
        let keptX = dy.requiresGrad ? x : nil, keptDy = x.requiresGrad ? dy : nil
        return Tensor(
            op: "ConvolutionBackward1", dw, from: [x, dy], saving: [keptX, keptDy].compactMap { $0 }
        ) { d in
            [try keptDy.map { try convolutionInput($0, d, s) }, try keptX.map { try convolution($0, d, nil, s) }]
        }
    }

    /// Zero pixels around a convolution's input.
    public enum Padding: Sendable {
        /// So many on each side: one number for height and width, or one each.
        case pixels([Int])
        /// As many as keep the size (stride 1).
        case same
        /// None.
        public static var valid: Padding { .pixels([0]) }
    }

    private func checkConvolution(_ name: String, _ weight: Tensor, _ bias: Tensor?, spatial: Int) throws -> Bool {
        guard weight.dimensions == spatial + 2 else {
            throw WorkbenchError(
                .shape, "\(name): weight must have \(spatial + 2) dimensions, got shape \(bracketed(weight.shape))")
        }
        guard dimensions == spatial + 2 || dimensions == spatial + 1 else {
            throw WorkbenchError(
                .shape,
                "Expected \(spatial + 1)D (unbatched) or \(spatial + 2)D (batched) input to \(name), but got input of size: "
                    + bracketed(shape))
        }
        guard dtype.isFloating, dtype == weight.dtype, bias == nil || bias?.dtype == dtype else {
            throw WorkbenchError(
                .runtime,
                "Input type (\(dtype.torchName)) and weight type (\(weight.dtype.torchName)) should be the same",
                hint: "convert the input, for example with `$to(dtype = torch_float())`")
        }
        return dimensions == spatial + 1
    }

    /// Convolves images with filters (cross-correlation, as in torch).
    ///
    /// `y[n, k, p, q] = b[k] + Σ_{c,r,s} x[n, c, p·stride + r·dilation − padding, q·stride + …] · w[k, c, r, s]`
    ///
    /// - Parameters:
    ///   - weight: Filters, `[K, C / groups, R, S]`.
    ///   - bias: One number per filter, `[K]`, or nil.
    ///   - stride: Pixels between windows, ≥ 1; one number or two.
    ///   - padding: Zero pixels on each side.
    ///   - dilation: Pixels between a filter's elements, ≥ 1.
    ///   - groups: Parts that input and output channels are divided into.
    /// - Returns: `[N, K, P, Q]`, channels-last in memory, `P = (H + 2·padding − dilation·(R − 1) − 1) / stride + 1`.
    /// - Throws: ``WorkbenchError`` of kind `.shape` if channels differ or the filter is larger than the padded image.
    /// - Gradient: with respect to x, weight and bias, to any order.
    /// - Source: torch.nn.functional.conv2d.
    public func conv2d(
        _ weight: Tensor, _ bias: Tensor? = nil, stride: [Int] = [1], padding: Padding = .pixels([0]),
        dilation: [Int] = [1], groups: Int = 1
    ) throws -> Tensor {
        if try checkConvolution("conv2d", weight, bias, spatial: 2) {
            return try unsqueeze(0).conv2d(
                weight, bias, stride: stride, padding: padding, dilation: dilation, groups: groups
            ).squeeze(0)
        }
        let stride = try Tensor.pair(stride, "stride"), dilation = try Tensor.pair(dilation, "dilation")
        var input = self
        var pad: [Int]
        switch padding {
        case .pixels(let pixels): pad = try Tensor.pair(pixels, "padding")
        case .same:
            guard stride == [1, 1] else {
                throw WorkbenchError(.value, "padding='same' is not supported for strided convolutions")
            }
            pad = [0, 0]
            var extra = [0, 0]
            for d in 0..<2 {
                let total = dilation[d] * (weight.shape[d + 2] - 1)
                pad[d] = total / 2
                extra[d] = total % 2  // torch puts the odd pixel at the end
            }
            if extra != [0, 0] { input = try pad2dConstant(right: extra[1], bottom: extra[0]) }
        }
        if let bias, bias.shape != [weight.shape[0]] {
            throw WorkbenchError(
                .shape,
                "Given weight of size \(bracketed(weight.shape)), expected bias to be 1-dimensional with "
                    + "\(weight.shape[0]) elements, but got bias of size \(bracketed(bias.shape)) instead")
        }
        let shape = try ConvolutionShape(
            input.shape, weight.shape, stride: stride, padding: pad, dilation: dilation, groups: groups)
        return try Tensor.convolution(input, weight, bias, shape)
    }

    private func pad2dConstant(right: Int, bottom: Int) throws -> Tensor {
        let (H, W) = (shape[2], shape[3])
        return try embedded(in: [shape[0], shape[1], H + bottom, W + right]) {
            try $0.narrow(2, from: 0, length: H).narrow(3, from: 0, length: W)
        }
    }

    static func pair(_ numbers: [Int], _ name: String) throws -> [Int] {
        guard numbers.count == 1 || numbers.count == 2 else {
            throw WorkbenchError(.value, "\(name) needs one number or two, got \(bracketed(numbers))")
        }
        return numbers.count == 1 ? [numbers[0], numbers[0]] : numbers
    }

    /// Convolves sequences `[N, C, L]` with filters `[K, C / groups, S]`; the one-dimensional ``conv2d(_:_:stride:padding:dilation:groups:)``.
    public func conv1d(
        _ weight: Tensor, _ bias: Tensor? = nil, stride: Int = 1, padding: Padding = .pixels([0]), dilation: Int = 1,
        groups: Int = 1
    ) throws -> Tensor {
        if try checkConvolution("conv1d", weight, bias, spatial: 1) {
            return try unsqueeze(0).conv1d(
                weight, bias, stride: stride, padding: padding, dilation: dilation, groups: groups
            ).squeeze(0)
        }
        let wide: Padding = if case .pixels(let p) = padding { .pixels([0, p.first ?? 0]) } else { .same }
        return try unsqueeze(2).conv2d(
            weight.unsqueeze(2), bias, stride: [1, stride], padding: wide, dilation: [1, dilation], groups: groups
        ).squeeze(2)
    }

    /// The transpose of a convolution (its gradient with respect to the input), which enlarges images.
    ///
    /// - Parameters:
    ///   - weight: `[C, K / groups, R, S]`.
    ///   - outputPadding: Pixels added to one side of the output, below stride or dilation.
    /// - Returns: `[N, K, P, Q]`, `P = (H − 1)·stride − 2·padding + dilation·(R − 1) + outputPadding + 1`.
    /// - Throws: ``WorkbenchError`` of kind `.shape` or `.value`.
    public func convTranspose2d(
        _ weight: Tensor, _ bias: Tensor? = nil, stride: [Int] = [1], padding: [Int] = [0], outputPadding: [Int] = [0],
        groups: Int = 1, dilation: [Int] = [1]
    ) throws -> Tensor {
        if try checkConvolution("conv_transpose2d", weight, bias, spatial: 2) {
            return try unsqueeze(0).convTranspose2d(
                weight, bias, stride: stride, padding: padding, outputPadding: outputPadding, groups: groups,
                dilation: dilation
            ).squeeze(0)
        }
        let stride = try Tensor.pair(stride, "stride"), dilation = try Tensor.pair(dilation, "dilation")
        let pad = try Tensor.pair(padding, "padding"), extra = try Tensor.pair(outputPadding, "output_padding")
        guard shape[1] == weight.shape[0] else {
            throw WorkbenchError(
                .shape,
                "Given transposed=1, weight of size \(bracketed(weight.shape)), expected input\(bracketed(shape)) to have "
                    + "\(weight.shape[0]) channels, but got \(shape[1]) channels instead")
        }
        for d in 0..<2 where !(extra[d] >= 0 && extra[d] < Swift.max(stride[d], dilation[d])) {
            throw WorkbenchError(
                .value,
                "output padding must be smaller than either stride or dilation, but got output_padding "
                    + "\(bracketed(extra)), stride \(bracketed(stride)), dilation \(bracketed(dilation))")
        }
        guard (stride + dilation + pad).allSatisfy({ $0 >= 0 && $0 < 1 << 30 }) else {
            throw WorkbenchError(.value, "stride, dilation or padding out of range")
        }
        let size = (0..<2).map { (d: Int) -> Int in
            let windows = (shape[d + 2] - 1) * stride[d] - 2 * pad[d]
            return windows + dilation[d] * (weight.shape[d + 2] - 1) + extra[d] + 1
        }
        guard size[0] > 0, size[1] > 0 else {
            throw WorkbenchError(.shape, "the output of conv_transpose2d would have size \(bracketed(size))")
        }
        var s = try ConvolutionShape(
            [shape[0], weight.shape[1] * groups] + size, weight.shape, stride: stride, padding: pad, dilation: dilation,
            groups: groups)
        // Output padding leaves the last rows untouched by any window: the window count is the input's.
        s.P = shape[2]
        s.Q = shape[3]
        let y = try Tensor.convolutionInput(self, weight, s)
        guard let bias else { return y }
        return try y.add(bias.reshape([1, -1, 1, 1]))
    }
}
