import Diagnostics

/// Something that is told what happens in a fit: class `LuzCallback`.
///
/// ``handle(_:_:)`` is called on the thread that evaluates, under `no_grad`, at every event, in the order of ``weight``
/// (ascending; equal weights in the order given, built-in ones first). An error names callback, event, epoch and batch.
///
/// For those who write one:
/// - Most derive from ``SettingsCallback``, override ``listens(to:)`` and ``handle(_:_:)``, and are registered with
///   `Namespace.callback`.
/// - ``TrainingEvent`` lists the moments in their order. At a batch's events `training.input` and `training.target` are
///   the batch as the model gets it, and may be replaced before it computes; from `…AfterPred` on
///   `training.predictions`, from `…AfterLoss` on `training.loss` are set. Metrics of a phase are complete at its end.
/// - `training.epoch` and `training.iteration` count from 1.
/// - Throw ``StopTraining`` to end the fit; a `WorkbenchError` ends it with an error. What is printed goes through
///   `training.say(_:)`, messages of luz's kind that `verbose = FALSE` silences.
/// - Files are opened at the first event that needs them, written whole or appended (`AtomicFile`), and complete after
///   each epoch: a fit can be ended between any two batches. `training.session.resolvedPath(_:)` gives their place.
/// - What must survive a fit that goes on elsewhere goes into ``stateDict(_:)`` or ``progressState(_:)``.
/// - Check it with ``Checks/callback(_:input:metrics:as:)``, at the prompt `check_callback(cb)`.
open class Callback: ForeignObject, @unchecked Sendable {
    /// Place in the order; 0 unless said otherwise.
    open var weight: Double { 0 }

    /// R class names, most special first, without `LuzCallback` and `R6`.
    open var classNames: [String] { [] }

    /// ``classNames``, `LuzCallback`, `R6`.
    public final override var classes: [Text] { classNames.map { Text($0) } + ["LuzCallback", "R6"] }

    /// Called before the first event of a fit: the place to check settings and fail early.
    open func prepare(_ training: TrainingContext) throws {}

    /// Called at every event; most callbacks look at one or two.
    open func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {}

    /// Whether it does anything at an event, so that the others cost nothing.
    open func listens(to event: TrainingEvent) -> Bool { true }

    /// What checkpoints keep of it, or nil.
    open func stateDict(_ context: Context) throws -> Value? { nil }

    /// Takes over what a checkpoint kept.
    open func loadStateDict(_ state: Value, _ context: Context) throws {}

    /// What checkpoints keep.
    open override func savedState(_ context: Context) throws -> Value {
        .named([(".state", try naming(context) { try stateDict(context) } ?? .null)])
    }

    /// Takes it back.
    open override func restoreState(_ state: Value, _ context: Context) throws {
        guard !state.saved(".state").isNull else { return }
        try naming(context) { try loadStateDict(state.saved(".state"), context) }
    }

    /// What it needs besides ``stateDict(_:)`` to go on in the middle of a fit (seconds so far, places in files, a best
    /// value), or nil. Kept in checkpoints where luz has nothing of the kind.
    open func progressState(_ training: TrainingContext) throws -> Value? { nil }

    /// Goes on from a ``progressState(_:)``; called when everything else of the fit is in place.
    open func restoreProgress(_ state: Value, _ training: TrainingContext) throws {}

    /// The program has been asked to end (SIGTERM, SIGHUP): called between two batches, before it does. The place to save
    /// what must not be lost.
    open func terminate(_ training: TrainingContext) throws {}

    /// The fit is over, however it ended: told once, after every event, with the error that ended it or nil. A fit that
    /// Ctrl-C or a callback ended early ends without an error; ``QuitRequest`` says that the program is about to end.
    /// Called where nothing can be done about a failure any more, so it does not throw.
    open func finish(_ training: TrainingContext, error: (any Error)?) {}

    /// Learning rates of the fit that begins, if this callback sets them: told before it.
    open func plannedRates(_ training: TrainingContext) throws -> PlannedRates? { nil }

    /// A member for R (`cb$best`), or nil.
    open func field(_ name: String, context: Context) throws -> Value? {
        name == "weight" ? (weight == 0 ? .null : .number(weight)) : nil
    }

    /// Sets a member.
    open func setField(_ name: String, _ value: Value, context: Context) throws {
        throw WorkbenchError(.name, "`\(name)` of a callback cannot be set")
    }
}

/// The learning rates that a fit is going to have, for the line that says what is planned.
public struct PlannedRates {
    /// Rate of the first batch, highest, and last of the whole fit.
    public let first, highest, last: Double
    /// What else there is to say: a cycle that does not fit the epochs.
    public let remark: String?

    /// Rates with a remark.
    public init(first: Double, highest: Double, last: Double, remark: String? = nil) {
        (self.first, self.highest, self.last, self.remark) = (first, highest, last, remark)
    }
}

/// A request to end a fit early; thrown by callbacks, caught by the fit.
public struct StopTraining: Unwinding {
    /// What is printed, if the fit is verbose.
    public let message: String?

    /// Asks to stop.
    public init(_ message: String? = nil) { self.message = message }
}
