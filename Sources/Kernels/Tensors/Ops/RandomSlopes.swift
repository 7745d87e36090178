import CKernels

extension Tensor {
    /// x above 0, a slope drawn for each element from [low, high) times x below.
    ///
    /// Draws one 53-bit uniform for each element that is not above 0, in row-major order, as libtorch does.
    public func rrelu(_ low: Double, _ high: Double, _ generator: Generator) throws -> Tensor {
        let slopes = try detached().contiguous().toArray(of: Double.self).map { x in
            x <= 0 ? generator.uniform53() * (high - low) + low : 1
        }
        let factors = try Tensor(slopes, shape: shape).to(dtype)
        return Tensor(op: "RreluWithNoiseBackward0", try detached().mul(factors), from: [self]) { dy in
            [try dy.mul(factors)]
        }
    }
}
