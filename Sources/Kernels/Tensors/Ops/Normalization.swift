import Diagnostics

extension Tensor {
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
