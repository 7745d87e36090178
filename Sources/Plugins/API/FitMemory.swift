import Diagnostics

/// What a fitted model keeps of its fit, so that `fit()` can go on from it: hidden from `print()`, `str()` and
/// `get_metrics()`.
public final class FitMemory: ForeignObject, @unchecked Sendable {
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

    /// Made from all it holds.
    public override var savedKind: String? { "fit memory" }

    /// All it holds.
    public override func savedParts(_ context: Context) throws -> Value {
        .named([
            ("generator", generator), (".common", state.common), (".exact", state.exact),
            (".callbacks", .items(callbacks.map { .object($0) })), ("train_data", trainData),
            ("valid_data", validData), ("items", validItems.map { .ints($0) } ?? .null), ("epochs", .int(epochs)),
            ("opt_hparams", optHparams),
        ])
    }

    /// What ``savedParts(_:)`` gave.
    public convenience init(saved parts: Value) throws {
        let callbacks = parts.saved(".callbacks").namedItems.compactMap { AbsentCallback.callback($0.value) }
        let items = parts.saved("items")
        self.init(
            generator: parts.saved("generator"),
            state: TrainingState(common: parts.saved(".common"), exact: parts.saved(".exact")), callbacks: callbacks,
            trainData: parts.saved("train_data"), validData: parts.saved("valid_data"),
            validItems: items.isNull
                ? nil : try items.asDoubles().elements.compactMap { Int(exactly: $0) },
            epochs: try parts.savedCount("epochs") ?? 0, optHparams: parts.saved("opt_hparams"))
    }

    /// All it holds.
    public override func visitReferences(_ visit: (Value) -> Void) {
        for value in [generator, trainData, validData, optHparams, state.common, state.exact] { visit(value) }
        for callback in callbacks { visit(.object(callback)) }
    }
}
