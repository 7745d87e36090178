import Diagnostics

/// Hears of the ends of a fit that need not come: Ctrl-C, which is for a fit an end as good as any, and an early stop.
final class EndWatch: Callback, @unchecked Sendable {
    /// Those that came.
    private(set) var heard: Set<TrainingEvent> = []

    override func listens(to event: TrainingEvent) -> Bool { event == .interrupt || event == .earlyStopping }
    override func handle(_ event: TrainingEvent, _ training: TrainingContext) { heard.insert(event) }
}

/// Does something where a fit that goes on from a checkpoint hands out what that kept, behind all that happens as the fit
/// begins; and ends the fit.
final class StateTaking: Callback, @unchecked Sendable {
    /// Ends the fit.
    struct Done: Unwinding {}

    private let take: () throws -> Value
    /// What came of it; nil if the fit did not come so far.
    private(set) var result: Result<Value, any Error>?

    init(_ take: @escaping () throws -> Value) { self.take = take }

    override var weight: Double { .infinity }
    override func listens(to event: TrainingEvent) -> Bool { event == .fitBegin }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        result = Result { try take() }
        throw Done()
    }
}
