import Diagnostics
import Glibc
import PluginAPI

/// `luz_callback_profile()`: seconds of fit, epochs and phases, as `records$profile`; `waiting` are the seconds of each
/// `train` in which no batch was ready. `options(workbench.report_waiting = TRUE)` says its share after each training
/// phase. It also watches the memory.
final class Profile: SettingsCallback, @unchecked Sendable {
    private var begun: [String: Double] = [:]
    private var memory = MemoryWatch()

    init() { super.init(["profile_callback"]) }

    /// Seconds so far of what runs.
    override func progressState(_ training: TrainingContext) throws -> Value? {
        let now = monotonicSeconds()
        return .named(begun.ordered { $0.key < $1.key }.map { ($0.key, .number(now - $0.value)) })
    }

    /// Clocks of this process go on from the seconds of the one before.
    override func restoreProgress(_ state: Value, _ training: TrainingContext) throws {
        guard training.epochsBefore == 0, case .list(let list) = state, let names = state.names else { return }
        let now = monotonicSeconds()
        begun = [:]
        for (name, value) in zip(names, list.elements) {
            if let name = name?.string { begun[name] = now - (try value.asDoubles().elements.first ?? 0) }
        }
    }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        switch event {
        case .fitBegin:
            begin("fit")
            memory = MemoryWatch()
            try memory.fitBegins(training)
        case .trainBatchEnd: try memory.batchEnds(training)
        case .epochBegin: begin("epoch")
        case .trainBegin: begin("train")
        case .validBegin: begin("valid")
        case .fitEnd: try end("fit", training)
        case .epochEnd: try end("epoch", training)
        case .trainEnd: try endTraining(training)
        case .validEnd: try end("valid", training)
        default: break
        }
    }

    private func begin(_ what: String) { begun[what] = monotonicSeconds() }

    private func endTraining(_ training: TrainingContext) throws {
        let seconds = begun["train"].map { monotonicSeconds() - $0 } ?? 0
        try end("train", training)
        guard !training.session.isAsPublished else { return }
        let waiting = training.secondsWaiting
        try training.log("profile", "waiting", .number(waiting))
        if training.session.options.flag("workbench.report_waiting"), seconds > 0 {
            let share = numberText(100 * waiting / seconds, digits: 2)
            try training.session.message(
                "Waited for data: \(FitPlan.time(waiting)) of \(FitPlan.time(seconds)) (\(share) %)\n")
        }
    }

    private func end(_ what: String, _ training: TrainingContext) throws {
        guard let start = begun.removeValue(forKey: what) else { return }
        try training.log("profile", what, .number(monotonicSeconds() - start))
    }
}
