import Diagnostics

/// Batch normalisation; see
/// ``Tensor/batchNorm(runningMean:runningVar:weight:bias:training:momentum:eps:)``.
public struct BatchNormStage: Stage {
    /// The number of channels it is made for.
    public var channels: Int
    /// Running statistics `[C]`, moved in training; nil for none.
    public var runningMean: Tensor?, runningVar: Tensor?
    /// How many batches the running statistics have seen, one more after each; nil for no count.
    public var batches: Tensor?
    /// Factor and summand of each channel, or nil.
    public var weight: Tensor?, bias: Tensor?
    /// Whether the running statistics move.
    public var training: Bool
    /// Share of the batch in the new running statistics; nil for a plain average over the batches counted.
    public var momentum: Double?
    /// Added to the variance.
    public var eps: Double

    /// A normalisation with its tensors and settings.
    public init(
        channels: Int, runningMean: Tensor?, runningVar: Tensor?, batches: Tensor? = nil, weight: Tensor?,
        bias: Tensor?,
        training: Bool, momentum: Double? = 0.1, eps: Double = 1e-5
    ) {
        self.channels = channels
        self.runningMean = runningMean
        self.runningVar = runningVar
        self.batches = batches
        self.weight = weight
        self.bias = bias
        self.training = training
        self.momentum = momentum
        self.eps = eps
    }

    /// Counts the batch and says what is to be done with it.
    func counted() throws -> BatchNormSettings {
        var share = momentum ?? 0
        if training, let batches {
            try withoutGradients { _ = try batches.add_(Tensor(scalar: .int(1))) }
            if momentum == nil, case .int(let count) = try batches.item() { share = 1 / Double(max(1, count)) }
        }
        return settings(share)
    }

    /// Whether mean and variance are those of the batch.
    var takesStatistics: Bool { settings(0).usesBatch }

    private func settings(_ share: Double) -> BatchNormSettings {
        BatchNormSettings(
            runningMean: runningMean, runningVar: runningVar, weight: weight, bias: bias,
            training: training || runningMean == nil, momentum: share, eps: eps)
    }

    /// Normalises.
    public func apply(_ x: Tensor) throws -> Tensor {
        let settings = try counted()
        return try x.batchNorm(
            runningMean: runningMean, runningVar: runningVar, weight: weight, bias: bias, training: settings.training,
            momentum: settings.momentum, eps: eps)
    }

    /// Why a batch of single-precision images cannot be normalised with the stages that follow, or nil if it can.
    func declines(_ x: Tensor) -> String? {
        guard x.dimensions == 4, x.dtype == .float32 else { return "single-precision images only" }
        guard x.count > 0 else { return "nothing to compute" }
        let settings = settings(0)
        guard x.shape[1] == channels,
            settings.tensors.allSatisfy({ $0.tensor.map { $0.count == x.shape[1] && $0.dtype.isFloating } ?? true })
        else { return "sizes that do not fit" }
        return settings.usesBatch && x.count <= x.shape[1] ? "one value a channel" : nil
    }
}

/// Adds another tensor: the way around a residual block.
public struct AddStage: Stage {
    /// What is added.
    public var other: Tensor

    /// An addition.
    public init(_ other: Tensor) { self.other = other }

    /// Adds.
    public func apply(_ x: Tensor) throws -> Tensor { try x.add(other) }
}
