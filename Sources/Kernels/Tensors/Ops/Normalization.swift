import CKernels
import Diagnostics

extension Tensor {
    /// [N, C, …] as rows of C: the tensor in channels-last order, and the number of rows.
    private func channelRows() throws -> (tensor: Tensor, rows: Int, channels: Int) {
        let C = shape[1]
        let rows = C == 0 ? 0 : count / C
        if dimensions == 2 { return (try isContiguous ? self : copied(), rows, C) }
        let wanted = channelsLastStrides(shape)
        let fits = shape.indices.allSatisfy { shape[$0] == 1 || strides[$0] == wanted[$0] }
        return (fits ? self : try copied(strides: wanted), rows, C)
    }

    /// Sums of a kernel over bands of rows, added in a fixed order.
    private static func banded(
        _ rows: Int, _ C: Int, _ body: (Range<Int>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void
    ) -> (first: [Double], second: [Double]) {
        let bands = Swift.max(1, Swift.min(32, rows / 256))
        var parts = [Double](repeating: 0, count: bands * 2 * C)
        parts.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            parallelTasks(bands) { band in
                let at = base + band * 2 * C
                body(rows * band / bands..<rows * (band + 1) / bands, at, at + C)
            }
        }
        var first = [Double](repeating: 0, count: C), second = first
        for band in 0..<bands {
            for c in 0..<C {
                first[c] += parts[band * 2 * C + c]
                second[c] += parts[band * 2 * C + C + c]
            }
        }
        return (first, second)
    }

    private static func reals(_ t: Tensor?, _ C: Int, _ fallback: Double) -> [Double] {
        t?.toArray(of: Double.self) ?? [Double](repeating: fallback, count: C)
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
        for (name, tensor) in [
            ("running_mean", runningMean), ("running_var", runningVar), ("weight", weight), ("bias", bias),
        ] {
            if let tensor, tensor.count != C {
                throw WorkbenchError(
                    .shape, "\(name) should contain \(C) elements not \(tensor.count)",
                    hint: "the input has shape \(bracketed(shape)): \(C) channels")
            }
        }
        let fromBatch = training || runningMean == nil || runningVar == nil
        if fromBatch, rows <= 1 {
            throw WorkbenchError(
                .value, "Expected more than 1 value per channel when training, got input size \(bracketed(shape))",
                hint: "a batch of one cannot be normalised: use a larger batch, `drop_last = TRUE`, or `$eval()`")
        }
        var mean: [Double], variance: [Double]
        if fromBatch {
            // Deviations are taken from the first row: exact also where the mean is large.
            var shift = [Double](repeating: 0, count: C)
            for c in 0..<C { shift[c] = x.element(c).doubleValue }
            let sums = Tensor.banded(rows, C) { range, sum, squares in
                if x.dtype == .float32 {
                    kernel_moments_f32(sum, squares, x.typed(Float.self) + range.lowerBound * C, shift, range.count, C)
                } else {
                    kernel_moments_f64(sum, squares, x.typed(Double.self) + range.lowerBound * C, shift, range.count, C)
                }
            }
            let n = Double(rows)
            mean = sums.first.map { $0 / n }
            variance = (0..<C).map { c in
                let d = mean[c] - shift[c]
                return Swift.max(0, sums.second[c] / n - d * d)
            }
            if training, let runningMean, let runningVar {
                let oldMean = runningMean.toArray(of: Double.self), oldVar = runningVar.toArray(of: Double.self)
                let newMean = (0..<C).map { (1 - momentum) * oldMean[$0] + momentum * mean[$0] }
                let newVar = (0..<C).map { (1 - momentum) * oldVar[$0] + momentum * variance[$0] * n / (n - 1) }
                try runningMean.copyElements(from: Tensor(newMean, shape: runningMean.shape))
                try runningVar.copyElements(from: Tensor(newVar, shape: runningVar.shape))
                runningMean.storage.version += 1
                runningVar.storage.version += 1
            }
        } else {
            mean = Tensor.reals(runningMean, C, 0)
            variance = Tensor.reals(runningVar, C, 1)
        }
        let inverse = variance.map { 1 / ($0 + eps).squareRoot() }
        let scale = Tensor.reals(weight, C, 1), offset = Tensor.reals(bias, C, 0)
        let y = try Tensor.empty(shape, dtype, strides: x.strides)
        Tensor.scaleColumns(
            y, x, (0..<C).map { inverse[$0] * scale[$0] },
            (0..<C).map { offset[$0] - mean[$0] * inverse[$0] * scale[$0] },
            rows, C)
        let inputs = [self] + [weight, bias].compactMap { $0 }
        let needs = inputs.map(\.requiresGrad)
        let source = self
        return Tensor(op: "NativeBatchNormBackward0", y, from: inputs, saving: [self] + [weight].compactMap { $0 }) {
            dy in
            if GradMode.isEnabled {
                return try source.batchNormGradients(
                    dy, weight, fromBatch ? nil : (mean, inverse), eps: eps, hasBias: bias != nil)
            }
            let (g, _, _) = try dy.channelRows()
            let sums = Tensor.banded(rows, C) { range, sumDy, sumDyX in
                let at = range.lowerBound * C
                if x.dtype == .float32 {
                    kernel_norm_sums_f32(
                        sumDy, sumDyX, g.typed(Float.self) + at, x.typed(Float.self) + at, mean, range.count, C)
                } else {
                    kernel_norm_sums_f64(
                        sumDy, sumDyX, g.typed(Double.self) + at, x.typed(Double.self) + at, mean, range.count, C)
                }
            }
            var dx: Tensor?
            if needs[0] {
                let result = try Tensor.empty(source.shape, g.dtype, strides: x.strides)
                let n = Double(rows)
                let a = (0..<C).map { inverse[$0] * scale[$0] }
                let b = (0..<C).map { fromBatch ? sums.second[$0] * inverse[$0] * inverse[$0] / n : 0 }
                let d = (0..<C).map { fromBatch ? sums.first[$0] / n : 0 }
                Tensor.normBackward(result, g, x, a, b, d, mean, rows, C)
                dx = result
            }
            var gradients = [dx]
            if weight != nil {
                gradients.append(try Tensor((0..<C).map { sums.second[$0] * inverse[$0] }, dtype: g.dtype))
            }
            if bias != nil { gradients.append(try Tensor(sums.first, dtype: g.dtype)) }
            return gradients
        }
    }

    /// The gradients written with tensor operations, so that they can be differentiated themselves.
    private func batchNormGradients(
        _ dy: Tensor, _ weight: Tensor?, _ fixed: (mean: [Double], inverse: [Double])?, eps: Double, hasBias: Bool
    ) throws -> [Tensor?] {
        let dims = shape.indices.filter { $0 != 1 }
        var wide = [Int](repeating: 1, count: dimensions)
        wide[1] = shape[1]
        let centre: Tensor, inverse: Tensor
        if let fixed {
            centre = try sub(Tensor(fixed.mean, shape: wide, dtype: dtype))
            inverse = try Tensor(fixed.inverse, shape: wide, dtype: dtype)
        } else {
            centre = try sub(mean(dims: dims, keepdim: true))
            inverse = try (variance(dims: dims, correction: 0, keepdim: true) + eps).rsqrt()
        }
        let normal = try centre.mul(inverse)
        var slope = dy
        if let weight { slope = try slope.mul(weight.reshape(wide)) }
        var dx = slope
        if fixed == nil {
            dx = try dx.sub(slope.mean(dims: dims, keepdim: true)).sub(
                normal.mul(slope.mul(normal).mean(dims: dims, keepdim: true)))
        }
        var gradients: [Tensor?] = [try dx.mul(inverse)]
        if weight != nil { gradients.append(try dy.mul(normal).sum(dims: dims)) }
        if hasBias { gradients.append(try dy.sum(dims: dims)) }
        return gradients
    }

    private static func scaleColumns(
        _ y: Tensor, _ x: Tensor, _ scale: [Double], _ offset: [Double], _ rows: Int, _ C: Int
    ) {
        let (scaleF, offsetF) = (scale.map { Float($0) }, offset.map { Float($0) })
        parallelRanges(rows, grain: Swift.max(1, 32768 / Swift.max(1, C))) { range, _ in
            let at = range.lowerBound * C
            if x.dtype == .float32 {
                kernel_scale_columns_f32(
                    y.typed(Float.self) + at, x.typed(Float.self) + at, scaleF, offsetF, range.count, C)
            } else {
                kernel_scale_columns_f64(
                    y.typed(Double.self) + at, x.typed(Double.self) + at, scale, offset, range.count, C)
            }
        }
    }

    private static func normBackward(
        _ dx: Tensor, _ dy: Tensor, _ x: Tensor, _ a: [Double], _ b: [Double], _ d: [Double], _ mean: [Double],
        _ rows: Int, _ C: Int
    ) {
        let floats = [a, b, d, mean].map { $0.map { Float($0) } }
        parallelRanges(rows, grain: Swift.max(1, 32768 / Swift.max(1, C))) { range, _ in
            let at = range.lowerBound * C
            if x.dtype == .float32 {
                kernel_norm_backward_f32(
                    dx.typed(Float.self) + at, dy.typed(Float.self) + at, x.typed(Float.self) + at, floats[0],
                    floats[1],
                    floats[2], floats[3], range.count, C)
            } else {
                kernel_norm_backward_f64(
                    dx.typed(Double.self) + at, dy.typed(Double.self) + at, x.typed(Double.self) + at, a, b, d, mean,
                    range.count, C)
            }
        }
    }

    /// Normalises over the last dimensions, then scales and shifts element by element.
    ///
    /// - Parameters:
    ///   - normalizedShape: The sizes of those dimensions.
    ///   - weight: Of that shape, or nil.
    ///   - bias: Of that shape, or nil.
    /// - Throws: ``WorkbenchError`` of kind `.shape` if x does not end in those sizes.
    public func layerNorm(
        _ normalizedShape: [Int], weight: Tensor? = nil, bias: Tensor? = nil, eps: Double = 1e-5
    ) throws -> Tensor {
        guard !normalizedShape.isEmpty, dimensions >= normalizedShape.count,
            Array(shape.suffix(normalizedShape.count)) == normalizedShape
        else {
            throw WorkbenchError(
                .shape,
                "Given normalized_shape=\(bracketed(normalizedShape)), expected input with shape [*, "
                    + "\(normalizedShape.map(String.init).joined(separator: ", "))], but got input of size\(bracketed(shape))"
            )
        }
        let dims = Array((dimensions - normalizedShape.count)..<dimensions)
        let centre = try sub(mean(dims: dims, keepdim: true))
        let inverse = try (centre.square().mean(dims: dims, keepdim: true) + eps).rsqrt()
        var y = try centre.mul(inverse)
        if let weight { y = try y.mul(weight) }
        if let bias { y = try y.add(bias) }
        return y.named("NativeLayerNormBackward0")
    }

    /// Normalises each group of channels of each item, then scales and shifts channel by channel.
    public func groupNorm(
        _ groups: Int, weight: Tensor? = nil, bias: Tensor? = nil, eps: Double = 1e-5
    ) throws -> Tensor {
        guard dimensions >= 2, groups > 0, shape[1] % groups == 0 else {
            throw WorkbenchError(
                .shape,
                "Expected number of channels in input to be divisible by num_groups, but got input of shape "
                    + "\(bracketed(shape)) and num_groups=\(groups)")
        }
        let grouped = try reshape([shape[0], groups, -1])
        let centre = try grouped.sub(grouped.mean(dims: [2], keepdim: true))
        let inverse = try (centre.square().mean(dims: [2], keepdim: true) + eps).rsqrt()
        var y = try centre.mul(inverse).reshape(shape)
        var wide = [Int](repeating: 1, count: dimensions)
        wide[1] = shape[1]
        if let weight { y = try y.mul(weight.reshape(wide)) }
        if let bias { y = try y.add(bias.reshape(wide)) }
        return y.named("NativeGroupNormBackward0")
    }

    /// Normalises each channel of each item, then scales and shifts channel by channel.
    public func instanceNorm(weight: Tensor? = nil, bias: Tensor? = nil, eps: Double = 1e-5) throws -> Tensor {
        guard dimensions >= 3 else {
            throw WorkbenchError(
                .shape, "instance_norm expects [N, C, …] with at least one size more, got \(bracketed(shape))")
        }
        return try groupNorm(shape[1], weight: weight, bias: bias, eps: eps).named("NativeBatchNormBackward0")
    }
}
