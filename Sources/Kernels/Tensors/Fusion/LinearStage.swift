import Diagnostics

/// `x·weightᵀ + bias`; see ``Tensor/linear(_:_:)``.
public struct LinearStage: Stage {
    /// `[out, in]`.
    public var weight: Tensor
    /// `[out]`, or nil.
    public var bias: Tensor?

    /// A linear map with its tensors.
    public init(weight: Tensor, bias: Tensor?) {
        self.weight = weight
        self.bias = bias
    }

    /// Maps.
    public func apply(_ x: Tensor) throws -> Tensor { try x.linear(weight, bias) }
}
