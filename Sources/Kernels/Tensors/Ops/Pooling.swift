import CKernels
import Diagnostics

/// A pooling window: its size and how it moves, height and width.
public struct PoolWindow: Sendable {
    /// Window size.
    public var kernel: [Int]
    /// Pixels between windows.
    public var stride: [Int]
    /// Pixels around the image that count as absent.
    public var padding: [Int]
    /// Pixels between a window's elements.
    public var dilation: [Int]
    /// Whether a window that begins inside may end outside.
    public var ceilMode: Bool

    /// One number or two each; stride nil or empty is the kernel's.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.value` for sizes that are not positive or padding above half the kernel.
    public init(
        _ kernel: [Int], stride: [Int]? = nil, padding: [Int] = [0], dilation: [Int] = [1], ceilMode: Bool = false
    ) throws {
        self.kernel = try Tensor.pair(kernel, "kernel_size")
        let given = stride ?? []
        self.stride = given.isEmpty ? self.kernel : try Tensor.pair(given, "stride")
        self.padding = try Tensor.pair(padding, "padding")
        self.dilation = try Tensor.pair(dilation, "dilation")
        self.ceilMode = ceilMode
        for d in 0..<2 {
            try refuseHuge([self.kernel[d]], "kernel_size")
            try refuseHuge([self.stride[d]], "stride")
            try refuseHuge([self.dilation[d]], "dilation")
            guard self.kernel[d] > 0, self.stride[d] > 0, self.dilation[d] > 0 else {
                throw WorkbenchError(
                    .value,
                    "kernel size, stride and dilation should be greater than zero, but got \(self.kernel), "
                        + "\(self.stride), \(self.dilation)")
            }
            guard self.padding[d] >= 0, self.padding[d] <= self.kernel[d] / 2 else {
                throw WorkbenchError(
                    .value,
                    "pad should be at most half of effective kernel size, but got pad=\(self.padding[d]), "
                        + "kernel_size=\(self.kernel[d])")
            }
        }
    }

    /// Number of windows along an image side.
    func outputs(_ size: Int, _ d: Int) throws -> Int {
        let span = dilation[d] * (kernel[d] - 1) + 1
        let room = size + 2 * padding[d] - span
        guard size > 0, room >= 0 || (ceilMode && room + stride[d] > 0) else {
            throw WorkbenchError(
                .shape,
                "calculated output size would be too small: a kernel of \(span) on an input of \(size) with padding "
                    + "\(padding[d])", hint: "use a smaller kernel, more padding, or larger images")
        }
        var n = ceilMode ? (room + stride[d] - 1) / stride[d] + 1 : room / stride[d] + 1
        if ceilMode, (n - 1) * stride[d] >= size + padding[d] { n -= 1 }
        return n
    }
}

extension Tensor {
    private func pooled<R>(
        _ name: String, _ body: (Tensor) throws -> R, squeeze: (R) throws -> R
    ) throws -> R {
        guard dimensions == 4 || dimensions == 3 else {
            throw WorkbenchError(
                .shape, "\(name): Expected 3D or 4D (batch mode) tensor, got shape \(bracketed(shape))")
        }
        guard dtype.isFloating else {
            throw WorkbenchError(.runtime, "\"\(name)\" not implemented for '\(dtype.torchName)'")
        }
        return dimensions == 4 ? try body(self) : try squeeze(body(unsqueeze(0)))
    }

    /// Largest element of each window of an image, and its place h·W + w.
    ///
    /// - Returns: `[N, C, P, Q]` (channels-last in memory) and places, int64.
    /// - Throws: ``WorkbenchError`` of kind `.shape` if the window does not fit.
    /// - Gradient: to the place of the largest element.
    public func maxPool2dWithIndices(_ w: PoolWindow) throws -> (values: Tensor, indices: () throws -> Tensor) {
        if dimensions == 3 {
            let (y, places) = try unsqueeze(0).maxPool2dWithIndices(w)
            return (try y.squeeze(0), { try places().squeeze(0) })
        }
        let (y, place) = try pooled("max_pool2d", { try $0.maxPool(w) }, squeeze: { $0 })
        return (y, { try place.converted(to: .int64) })
    }

    private func maxPool(_ w: PoolWindow) throws -> (Tensor, Tensor) {
        let (N, C, H, W) = (shape[0], shape[1], shape[2], shape[3])
        let P = try w.outputs(H, 0), Q = try w.outputs(W, 1)
        guard H < 1 << 15, W < 1 << 15 else {
            throw WorkbenchError(.shape, "max_pool2d: images of \(H)x\(W) are too large")
        }
        let window = KernelWindow(
            H: H, W: W, C: C, R: w.kernel[0], S: w.kernel[1], P: P, Q: Q, strideH: w.stride[0], strideW: w.stride[1],
            padH: w.padding[0], padW: w.padding[1], dilationH: w.dilation[0], dilationW: w.dilation[1])
        let x = try channelsLast()
        let out = [N, C, P, Q]
        let y = try Tensor.empty(out, dtype, strides: channelsLastStrides(out))
        let place = try Tensor.empty(out, .int32, strides: channelsLastStrides(out))
        parallelTasks(N) { n in
            let places = place.typed(Int32.self) + n * C * P * Q
            if dtype == .float32 {
                kernel_max_pool_f32(
                    y.typed(Float.self) + n * C * P * Q, places, x.typed(Float.self) + n * C * H * W, window)
            } else {
                kernel_max_pool_f64(
                    y.typed(Double.self) + n * C * P * Q, places, x.typed(Double.self) + n * C * H * W, window)
            }
        }
        withExtendedLifetime(x) {}
        let original = shape
        let result = Tensor(op: "MaxPool2DWithIndicesBackward0", y, from: [self]) { dy in
            if GradMode.isEnabled {
                let index = try place.to(.int64).contiguous().flatten(2)
                let flat = try Tensor.zeros([N, C, H * W], dy.dtype).scatterAdd(2, index, dy.contiguous().flatten(2))
                return [try flat.reshape(original)]
            }
            let dx = try Tensor.empty(original, dy.dtype, strides: channelsLastStrides(original))
            dx.clear()
            let g = try dy.channelsLast()
            parallelTasks(N) { n in
                let places = place.typed(Int32.self) + n * C * P * Q
                if g.dtype == .float32 {
                    kernel_max_pool_backward_f32(
                        dx.typed(Float.self) + n * C * H * W, g.typed(Float.self) + n * C * P * Q, places, window)
                } else {
                    kernel_max_pool_backward_f64(
                        dx.typed(Double.self) + n * C * H * W, g.typed(Double.self) + n * C * P * Q, places, window)
                }
            }
            withExtendedLifetime(g) {}
            return [dx]
        }
        return (result, place)
    }

    /// Largest element of each window of an image.
    public func maxPool2d(_ window: PoolWindow) throws -> Tensor { try maxPool2dWithIndices(window).values }

    /// Largest element of each window of a sequence `[N, C, L]`.
    public func maxPool1d(
        _ kernel: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1, ceilMode: Bool = false
    ) throws -> Tensor {
        let window = try PoolWindow(
            [1, kernel], stride: [1, stride ?? kernel], padding: [0, padding], dilation: [1, dilation],
            ceilMode: ceilMode)
        return try unsqueeze(-2).maxPool2d(window).squeeze(-2)
    }

    /// Mean of each window of an image.
    ///
    /// - Parameters:
    ///   - countIncludePad: Whether absent pixels count in the divisor.
    ///   - divisor: A fixed divisor, or nil.
    public func avgPool2d(_ w: PoolWindow, countIncludePad: Bool = true, divisor: Int? = nil) throws -> Tensor {
        guard divisor != 0 else { throw WorkbenchError(.value, "divisor must be not zero") }
        return try pooled("avg_pool2d") { x in
            let axes = try (0..<2).map { d in
                let size = x.shape[d + 2]
                return AxisWeights(
                    taps: (0..<(try w.outputs(size, d))).map { i in
                        let start = i * w.stride[d] - w.padding[d]
                        let end = Swift.min(start + w.kernel[d], size + w.padding[d])
                        let inside = Swift.max(start, 0)..<Swift.max(Swift.max(start, 0), Swift.min(end, size))
                        let n = divisor != nil ? 1 : countIncludePad ? end - start : inside.count
                        return inside.map { ($0, 1 / Double(Swift.max(1, n))) }
                    }, size: size)
            }
            let y = try x.resampled(axes[0], axes[1], "AvgPool2DBackward0")
            return try divisor.map { try y.scaled(by: 1 / Double($0)) } ?? y
        } squeeze: {
            try $0.squeeze(0)
        }
    }

    /// Mean of each window of a sequence.
    public func avgPool1d(
        _ kernel: Int, stride: Int? = nil, padding: Int = 0, ceilMode: Bool = false, countIncludePad: Bool = true
    ) throws -> Tensor {
        let window = try PoolWindow(
            [1, kernel], stride: [1, stride ?? kernel], padding: [0, padding], ceilMode: ceilMode)
        return try unsqueeze(-2).avgPool2d(window, countIncludePad: countIncludePad).squeeze(-2)
    }

    /// The stretch of the input that output i of n adapts to.
    private static func adaptive(_ i: Int, _ n: Int, _ size: Int) -> Range<Int> {
        i * size / n..<Swift.max(i * size / n + 1, ((i + 1) * size + n - 1) / n)
    }

    private func checkAdaptive(_ size: [Int?], _ name: String) throws -> [Int] {
        guard size.count == 1 || size.count == 2, dimensions == 3 || dimensions == 4 else {
            throw WorkbenchError(
                .shape,
                "\(name): Expected 3D or 4D tensor and an output size of one or two numbers, got \(bracketed(shape))")
        }
        let wanted = size.count == 1 ? [size[0], size[0]] : size
        let result = (0..<2).map { wanted[$0] ?? shape[dimensions - 2 + $0] }
        try refuseHuge(result, "output_size", below: sideLimit)
        guard result.allSatisfy({ $0 >= 0 }), shape.suffix(2).allSatisfy({ $0 > 0 }) else {
            throw WorkbenchError(
                .value, "\(name): elements of output_size must be greater than or equal to 0, got \(result)")
        }
        return result
    }

    /// Mean over a grid of windows that gives the wanted size; nil keeps a size.
    public func adaptiveAvgPool2d(_ size: [Int?]) throws -> Tensor {
        let wanted = try checkAdaptive(size, "adaptive_avg_pool2d")
        return try pooled("adaptive_avg_pool2d") { x in
            if wanted == [1, 1] { return try x.mean(dims: [2, 3], keepdim: true) }
            let axes = (0..<2).map { d in
                AxisWeights(
                    taps: (0..<wanted[d]).map { i in
                        let window = Tensor.adaptive(i, wanted[d], x.shape[d + 2])
                        return window.map { ($0, 1 / Double(window.count)) }
                    }, size: x.shape[d + 2])
            }
            return try x.resampled(axes[0], axes[1], "AdaptiveAvgPool2DBackward0")
        } squeeze: {
            try $0.squeeze(0)
        }
    }

    /// Mean over windows of a sequence that gives the wanted length.
    public func adaptiveAvgPool1d(_ size: Int) throws -> Tensor {
        try unsqueeze(-2).adaptiveAvgPool2d([1, size]).squeeze(-2)
    }

    /// Largest element of a grid of windows that gives the wanted size, and its place h·W + w.
    public func adaptiveMaxPool2d(_ size: [Int?]) throws -> (values: Tensor, indices: Tensor) {
        let wanted = try checkAdaptive(size, "adaptive_max_pool2d")
        if dimensions == 3 {
            let (y, places) = try unsqueeze(0).adaptiveMaxPool2d(size)
            return (try y.squeeze(0), try places.squeeze(0))
        }
        let (H, W) = (shape[2], shape[3])
        // Places are collected outside of tensors.
        let size = try Storage.elementCount(of: [shape[0], shape[1]] + wanted + [2], dtype: .int64)
        let planes = try detached().contiguous()
        let values = planes.toArray(of: Double.self)
        var places: [Int] = []
        places.reserveCapacity(size / 2)
        for plane in 0..<(shape[0] * shape[1]) {
            for p in 0..<wanted[0] {
                for q in 0..<wanted[1] {
                    var best = -1
                    for h in Tensor.adaptive(p, wanted[0], H) {
                        for w in Tensor.adaptive(q, wanted[1], W) {
                            let v = values[plane * H * W + h * W + w]
                            if best < 0 || v > values[plane * H * W + best] || v.isNaN { best = h * W + w }
                        }
                    }
                    places.append(best)
                }
            }
        }
        let out = [shape[0], shape[1]] + wanted
        let indices = try Tensor(places, shape: out)
        let y = try reshape([shape[0], shape[1], H * W]).gather(2, indices.flatten(2)).reshape(out)
        return (y.named("AdaptiveMaxPool2DBackward0"), indices)
    }

    /// Largest element of windows of a sequence that gives the wanted length.
    public func adaptiveMaxPool1d(_ size: Int) throws -> (values: Tensor, indices: Tensor) {
        let found = try unsqueeze(-2).adaptiveMaxPool2d([1, size])
        return (try found.values.squeeze(-2), try found.indices.squeeze(-2))
    }
}
