import CKernels
import Diagnostics

extension Tensor {
    /// [N, C, …] as rows of C: the tensor in channels-last order, and the number of rows.
    func channelRows() throws -> (tensor: Tensor, rows: Int, channels: Int) {
        let C = shape[1]
        let rows = C == 0 ? 0 : count / C
        if dimensions == 2 { return (try isContiguous ? self : copied(), rows, C) }
        let wanted = channelsLastStrides(shape)
        let fits = shape.indices.allSatisfy { shape[$0] == 1 || strides[$0] == wanted[$0] }
        return (fits ? self : try copied(strides: wanted), rows, C)
    }

    /// Normalises each channel (dimension 1) to mean 0 and variance 1, then scales and shifts.
    ///
    /// `y = (x − mean) / √(var + eps) · weight + bias`, with the batch's mean and variance while training (and without
    /// running ones), else with the running ones. While training the running ones move by `momentum` toward the batch's,
    /// the variance with n − 1.
    ///
    /// - Parameters:
    ///   - runningMean: `[C]`, changed in place while training; nil for none.
    ///   - runningVar: `[C]`, likewise.
    ///   - weight: `[C]` or nil for 1.
    ///   - bias: `[C]` or nil for 0.
    /// - Returns: The shape of x; channels-last in memory for images.
    /// - Throws: ``WorkbenchError`` of kind `.shape`, or `.value` for one value a channel while training.
    /// - Gradient: with respect to x, weight and bias; derivatives of derivatives through a plain formula.
    public func batchNorm(
        runningMean: Tensor? = nil, runningVar: Tensor? = nil, weight: Tensor? = nil, bias: Tensor? = nil,
        training: Bool, momentum: Double = 0.1, eps: Double = 1e-5
    ) throws -> Tensor {
        guard dimensions >= 2, dtype.isFloating else {
            throw WorkbenchError(.shape, "batch_norm expects a floating tensor [N, C, …], got \(typeText)")
        }
        let (x, rows, C) = try channelRows()
        let settings = BatchNormSettings(
            runningMean: runningMean, runningVar: runningVar, weight: weight, bias: bias, training: training,
            momentum: momentum, eps: eps)
        for (name, tensor) in settings.tensors {
            if let tensor, tensor.count != C {
                throw WorkbenchError(
                    .shape, "\(name) should contain \(C) elements not \(tensor.count)",
                    hint: "the input has shape \(bracketed(shape)): \(C) channels")
            }
        }
        if settings.usesBatch, rows <= 1 {
            throw WorkbenchError(
                .value, "Expected more than 1 value per channel when training, got input size \(bracketed(shape))",
                hint: "a batch of one cannot be normalised: use a larger batch, `drop_last = TRUE`, or `$eval()`")
        }
        let norm = try ChannelNorm(x, rows: rows, channels: C, settings)
        let y = try Tensor.empty(shape, dtype, strides: x.strides)
        Tensor.scaleColumns(y, x, norm)
        let inputs = [self] + [weight, bias].compactMap { $0 }
        let needsX = requiresGrad
        let source = self
        return Tensor(op: "NativeBatchNormBackward0", y, from: inputs, saving: [self] + [weight].compactMap { $0 }) {
            dy in
            if GradMode.isEnabled {
                return try source.batchNormGradients(dy, norm, weight, eps: eps, hasBias: bias != nil)
            }
            let (g, _, _) = try dy.channelRows()
            let gradient = norm.gradient(
                ChannelSums.banded(rows, C, sums: 2) { range, sums in
                    let at = range.lowerBound * C
                    if x.dtype == .float32 {
                        kernel_norm_sums_f32(
                            sums, sums + C, g.typed(Float.self) + at, x.typed(Float.self) + at, norm.mean, range.count,
                            C)
                    } else {
                        kernel_norm_sums_f64(
                            sums, sums + C, g.typed(Double.self) + at, x.typed(Double.self) + at, norm.mean,
                            range.count, C)
                    }
                })
            var dx: Tensor?
            if needsX {
                let result = try Tensor.empty(source.shape, g.dtype, strides: x.strides)
                Tensor.normBackward(result, g, x, gradient, norm)
                dx = result
            }
            return [dx] + (try gradient.ofTensors(weight, bias, g.dtype))
        }
    }

    /// The gradients written with tensor operations, so that they can be differentiated themselves.
    func batchNormGradients(
        _ dy: Tensor, _ norm: ChannelNorm, _ weight: Tensor?, eps: Double, hasBias: Bool
    ) throws -> [Tensor?] {
        let dims = shape.indices.filter { $0 != 1 }
        var wide = [Int](repeating: 1, count: dimensions)
        wide[1] = shape[1]
        let centre: Tensor, inverse: Tensor
        if norm.fromBatch {
            centre = try sub(mean(dims: dims, keepdim: true))
            inverse = try (variance(dims: dims, correction: 0, keepdim: true) + eps).rsqrt()
        } else {
            centre = try sub(Tensor(norm.mean, shape: wide, dtype: dtype))
            inverse = try Tensor(norm.inverse, shape: wide, dtype: dtype)
        }
        let normal = try centre.mul(inverse)
        var slope = dy
        if let weight { slope = try slope.mul(weight.reshape(wide)) }
        var dx = slope
        if norm.fromBatch {
            dx = try dx.sub(slope.mean(dims: dims, keepdim: true)).sub(
                normal.mul(slope.mul(normal).mean(dims: dims, keepdim: true)))
        }
        var gradients: [Tensor?] = [try dx.mul(inverse)]
        if weight != nil { gradients.append(try dy.mul(normal).sum(dims: dims)) }
        if hasBias { gradients.append(try dy.sum(dims: dims)) }
        return gradients
    }

    private static func scaleColumns(_ y: Tensor, _ x: Tensor, _ norm: ChannelNorm) {
        let (scale, offset) = (norm.scale.map { Float($0) }, norm.offset.map { Float($0) })
        let C = norm.C
        eachRow(norm) { at, rows in
            if x.dtype == .float32 {
                kernel_scale_columns_f32(
                    y.typed(Float.self) + at, x.typed(Float.self) + at, scale, offset, rows, C)
            } else {
                kernel_scale_columns_f64(
                    y.typed(Double.self) + at, x.typed(Double.self) + at, norm.scale, norm.offset, rows, C)
            }
        }
    }

    private static func normBackward(
        _ dx: Tensor, _ dy: Tensor, _ x: Tensor, _ g: ChannelNorm.Gradient, _ norm: ChannelNorm
    ) {
        let single = g.single(norm), C = norm.C
        eachRow(norm) { at, rows in
            if x.dtype == .float32 {
                kernel_norm_backward_f32(
                    dx.typed(Float.self) + at, dy.typed(Float.self) + at, x.typed(Float.self) + at, single.a, single.b,
                    single.d, single.mean, rows, C)
            } else {
                kernel_norm_backward_f64(
                    dx.typed(Double.self) + at, dy.typed(Double.self) + at, x.typed(Double.self) + at, g.a, g.b, g.d,
                    norm.mean, rows, C)
            }
        }
    }

    /// Stretches of rows, several threads side by side: the first number and how many rows.
    static func eachRow(_ norm: ChannelNorm, _ body: (_ at: Int, _ rows: Int) -> Void) {
        parallelRanges(norm.rows, grain: Swift.max(1, 32768 / Swift.max(1, norm.C))) { range, _ in
            body(range.lowerBound * norm.C, range.count)
        }
    }
}

extension ChannelNorm.Gradient {
    /// Coefficients in single precision.
    func single(_ norm: ChannelNorm) -> (a: [Float], b: [Float], d: [Float], mean: [Float]) {
        (a.map { Float($0) }, b.map { Float($0) }, d.map { Float($0) }, norm.mean.map { Float($0) })
    }

    /// Gradients of the weight and the bias that there are.
    func ofTensors(_ weight: Tensor?, _ bias: Tensor?, _ dtype: DType) throws -> [Tensor?] {
        var gradients: [Tensor?] = []
        if weight != nil { gradients.append(try Tensor(ofWeight, dtype: dtype)) }
        if bias != nil { gradients.append(try Tensor(ofBias, dtype: dtype)) }
        return gradients
    }
}
