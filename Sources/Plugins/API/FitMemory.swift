import Diagnostics

/// What a fitted model keeps of its fit, so that `fit()` can go on from it: hidden from `print()`, `str()` and
/// `get_metrics()`.
public final class FitMemory: ForeignObject {
    /// What `setup()` returned.
    public let generator: Value
    /// The state at the end: see ``TrainingState``. Tensors are those of the fit.
    public let state: TrainingState
    /// Callbacks the fit was given, without those that every fit has.
    public let callbacks: [Callback]
    /// Loaders of the two phases, `NULL` if not known (any more).
    public let trainData, validData: Value
    /// Items of the data set aside for validation, and how many items there were.
    public let validItems: [Int]?
    /// Whole epochs done, those of earlier fits included.
    public let epochs: Int
    /// Settings of the optimizer that were in force.
    public let optHparams: Value

    /// Remembers a fit.
    public init(
        generator: Value, state: TrainingState, callbacks: [Callback], trainData: Value, validData: Value,
        validItems: [Int]?, epochs: Int, optHparams: Value
    ) {
        self.generator = generator
        self.state = state
        self.callbacks = callbacks
        self.trainData = trainData
        self.validData = validData
        self.validItems = validItems
        self.epochs = epochs
        self.optHparams = optHparams
    }

    /// All it holds.
    public override func visitReferences(_ visit: (Value) -> Void) {
        for value in [generator, trainData, validData, optHparams, state.common, state.exact] { visit(value) }
        for callback in callbacks { visit(.object(callback)) }
    }
}
