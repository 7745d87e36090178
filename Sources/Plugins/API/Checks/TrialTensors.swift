import Tensors

extension TrialTensor {
    /// Draws it.
    func tensor(_ context: Context) throws -> Tensor {
        let generator = context.tensors.generator
        switch elements {
        case .normal: return try generator.randn(shape)
        case .unit: return try generator.rand(shape)
        case .whole(let range):
            let low = Double(range.lowerBound)
            let count = Double(range.upperBound) - low + 1
            let drawn = try generator.rand(shape).doubles.map { low + min(($0 * count).rounded(.down), count - 1) }
            return try Tensor(drawn, shape: shape, dtype: .int64)
        }
    }
}
