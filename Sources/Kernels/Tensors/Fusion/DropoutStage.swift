import Diagnostics

/// Dropout of single numbers, see ``Tensor/dropout(_:training:_:)``, or of whole channels of an image,
/// ``Tensor/featureDropout(_:training:_:)``.
public struct DropoutStage: Stage {
    /// Probability of a zero, 0 … 1.
    public var p: Double
    /// Whether anything is dropped.
    public var training: Bool
    /// Whether channels are dropped as wholes.
    public var dropsChannels: Bool
    /// Where the mask is drawn from.
    public var generator: Generator

    /// A dropout with its settings.
    public init(p: Double, training: Bool, dropsChannels: Bool = false, generator: Generator) {
        self.p = p
        self.training = training
        self.dropsChannels = dropsChannels
        self.generator = generator
    }

    /// Drops.
    public func apply(_ x: Tensor) throws -> Tensor {
        dropsChannels
            ? try x.featureDropout(p, training: training, generator) : try x.dropout(p, training: training, generator)
    }

    /// What tensors of a shape are multiplied with, drawn as ``apply(_:)`` draws it; nil where nothing is dropped.
    func mask(_ shape: [Int], _ dtype: DType) throws -> Tensor? {
        guard training, p > 0 else { return nil }
        return try Tensor.dropoutMask(dropsChannels ? Array(shape.prefix(2)) : shape, p, dtype, generator)
    }
}
