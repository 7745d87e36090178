import CKernels

// Batch normalisation of single-precision images together with what follows it. The statistics are those of
// `batchNorm`, and so are all bits of the results; sums for the gradients run in another order, and do not see the odd
// last row and column, which get no gradient.
extension Tensor {
    /// `maxpool(relu(batchNorm(x)))` with 2×2 windows.
    ///
    /// - Gradient: with respect to x, weight and bias; derivatives of derivatives through a plain formula.
    func batchNormReluPooled(_ settings: BatchNormSettings) throws -> Tensor {
        let (x, rows, C) = try channelRows()
        let norm = try ChannelNorm(x, rows: rows, channels: C, settings)
        let (y, place) = try x.reluPooledElements(
            scale: norm.scale.map { Float($0) }, offset: norm.offset.map { Float($0) })
        let (weight, bias, eps) = (settings.weight, settings.bias, settings.eps)
        let needsX = requiresGrad
        let saved = SavedTensor(self)
        return Tensor(
            op: "MaxPool2DWithIndicesBackward0", y, from: [self] + [weight, bias].compactMap { $0 },
            saving: [self] + [weight].compactMap { $0 }
        ) { dy in
            let (source, mayOverwrite) = try saved.use()
            let (H, W) = (source.shape[2], source.shape[3])
            if GradMode.isEnabled {
                let slope = try dy.unpooled(place, height: H, width: W)
                return try source.batchNormGradients(slope, norm, weight, eps: eps, hasBias: bias != nil)
            }
            let g = try dy.channelsLast(), x = try source.channelRows().tensor
            let images = KernelImages(H: H, W: W, C: C)
            let gradient = norm.gradient(
                ChannelSums.banded(source.shape[0] * (H / 2), C, sums: 2, weight: 2 * W) { range, sums in
                    kernel_norm_pool_sums(
                        sums, sums + C, g.typed(Float.self), place.typed(UInt8.self), x.typed(Float.self), norm.mean,
                        images, range.lowerBound, range.count)
                })
            var dx: Tensor?
            if needsX {
                let result = try mayOverwrite || x !== source ? x.alias() : x.emptyLike()
                let single = gradient.single(norm)
                // A convolution below wants the sums for its bias: they cost nothing here, and a pass there.
                result.channelTotals = ChannelTotals(
                    of: result,
                    sums: ChannelSums.banded(source.shape[0] * (H / 2), C, sums: 1, weight: 2 * W) { range, sums in
                        kernel_norm_pool_backward(
                            result.typed(Float.self), sums, g.typed(Float.self), place.typed(UInt8.self),
                            x.typed(Float.self), single.a, single.b, single.d, single.mean, images, range.lowerBound,
                            range.count)
                    })
                dx = result
            }
            return [dx] + (try gradient.ofTensors(weight, bias, .float32))
        }
    }

    /// `relu(batchNorm(x) + other)`, or without an `other`.
    ///
    /// - Gradient: with respect to x, other, weight and bias; derivatives of derivatives through a plain formula.
    func batchNormRelu(_ settings: BatchNormSettings, adding other: Tensor?) throws -> Tensor {
        let (x, rows, C) = try channelRows()
        let norm = try ChannelNorm(x, rows: rows, channels: C, settings)
        let y = try Tensor.empty(shape, .float32, strides: x.strides)
        let (scale, offset) = (norm.scale.map { Float($0) }, norm.offset.map { Float($0) })
        let added = try other?.channelsLast()
        Tensor.eachRow(norm) { at, rows in
            kernel_norm_relu(
                y.typed(Float.self) + at, x.typed(Float.self) + at, added.map { $0.typed(Float.self) + at }, scale,
                offset, rows, C)
        }
        withExtendedLifetime(added) {}
        let (weight, bias, eps) = (settings.weight, settings.bias, settings.eps)
        let (needsX, needsOther) = (requiresGrad, other?.requiresGrad ?? false)
        let hasOther = other != nil
        let saved = SavedTensor(self)
        return Tensor(
            op: "ReluBackward0", y, from: [self] + [other, weight, bias].compactMap { $0 },
            saving: [self] + [weight].compactMap { $0 }
        ) { dy, y in
            var gradients: [Tensor?]
            let (source, mayOverwrite) = try saved.use()
            if GradMode.isEnabled {
                let slope = try dy.thresholded(by: y)
                gradients = try source.batchNormGradients(slope, norm, weight, eps: eps, hasBias: bias != nil)
                if hasOther { gradients.insert(needsOther ? slope : nil, at: 1) }
                return gradients
            }
            let g = try dy.channelsLast(), x = try source.channelRows().tensor
            let gradient = norm.gradient(
                ChannelSums.banded(rows, C, sums: 2) { range, sums in
                    let at = range.lowerBound * C
                    kernel_norm_relu_sums(
                        sums, sums + C, g.typed(Float.self) + at, y.typed(Float.self) + at, x.typed(Float.self) + at,
                        norm.mean, range.count, C)
                })
            var dx: Tensor?
            if needsX {
                let result = try mayOverwrite || x !== source ? x.alias() : x.emptyLike()
                let single = gradient.single(norm)
                Tensor.eachRow(norm) { at, rows in
                    kernel_norm_relu_backward(
                        result.typed(Float.self) + at, g.typed(Float.self) + at, y.typed(Float.self) + at,
                        x.typed(Float.self) + at, single.a, single.b, single.d, single.mean, rows, C)
                }
                dx = result
            }
            gradients = [dx]
            if hasOther { gradients.append(needsOther ? try dy.thresholded(by: y) : nil) }
            return gradients + (try gradient.ofTensors(weight, bias, .float32))
        }
    }
}
