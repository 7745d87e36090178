import Diagnostics

extension Tensor {
    private static func checkProbability(_ p: Double) throws {
        guard p >= 0, p <= 1 else {
            throw WorkbenchError(.value, "dropout probability has to be between 0 and 1, but got \(p)")
        }
    }

    /// Sets elements to 0 with probability p and scales the others by 1/(1 − p).
    ///
    /// The mask is drawn in row-major order, whatever the order in memory: one 53-bit uniform an element.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.value` for p outside [0, 1].
    public func dropout(_ p: Double, training: Bool = true, _ generator: Generator) throws -> Tensor {
        try Tensor.checkProbability(p)
        if !training || p == 0 || count == 0 { return self }
        return try mul(Tensor.dropoutMask(shape, p, dtype, generator))
    }

    /// Sets whole channels (the first two dimensions) to 0: dropout2d and dropout3d.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.value` for p outside [0, 1] or fewer than two dimensions.
    public func featureDropout(_ p: Double, training: Bool = true, _ generator: Generator) throws -> Tensor {
        try Tensor.checkProbability(p)
        if !training || p == 0 || count == 0 { return self }
        guard dimensions >= 2 else {
            throw WorkbenchError(
                .shape, "Feature dropout requires at least 2 dimensions in the input, got \(bracketed(shape))")
        }
        let channels = Array(shape[..<2]) + [Int](repeating: 1, count: dimensions - 2)
        return try mul(Tensor.dropoutMask(channels, p, dtype, generator))
    }

    /// Dropout that keeps mean and variance of what SELU makes (Klambauer and others, 2017).
    public func alphaDropout(_ p: Double, training: Bool = true, _ generator: Generator) throws -> Tensor {
        try Tensor.checkProbability(p)
        if !training || p == 0 || count == 0 { return self }
        if p == 1 { return try scaled(by: 0) }
        let alpha = 1.7580993408473766
        let a = 1 / ((alpha * alpha * p + 1) * (1 - p)).squareRoot()
        let noise = try Tensor.empty(shape, dtype).bernoulli_(1 - p, generator)
        let shift = try noise.sub(Tensor(scalar: .int(1))).scaled(by: alpha * a).add(
            Tensor(scalar: .double(alpha * a * p)))
        return try mul(noise.scaled(by: a)).add(shift)
    }

    /// 0 with probability p, else 1/(1 − p): drawn in row-major order.
    static func dropoutMask(_ shape: [Int], _ p: Double, _ dtype: DType, _ generator: Generator) throws -> Tensor {
        let noise = try empty(shape, dtype).bernoulli_(1 - p, generator)
        return try p == 1 ? noise : noise.div_(Tensor(scalar: .double(1 - p)))
    }
}
