import Diagnostics
import Glibc
import PluginAPI

/// Puts a fit on record: a row when it begins, its metrics after each epoch, how it ended.
///
/// Whatever is wrong with the file, the fit goes on; the first failure is said. Writing takes at most a fiftieth of the
/// time: epochs that are too short for that are written together.
final class RunObserver: Callback, @unchecked Sendable {
    private let file: RunsFile
    private var record: RunRecord?
    private var lock: RunLock?
    private var hasWarned = false
    private var epochsSeen = 0
    private let begin = monotonicSeconds()
    /// When to write again.
    private var due = 0.0

    init(_ file: RunsFile) { self.file = file }

    override var classNames: [String] { ["runs_observer"] }

    override func listens(to event: TrainingEvent) -> Bool {
        switch event {
        case .fitBegin, .epochEnd, .earlyStopping, .interrupt: return true
        default: return false
        }
    }

    override func prepare(_ training: TrainingContext) throws {
        record = RunRecord(RunFacts(training))
        save(training, patience: RunsFile.patience.begin)
    }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        switch event {
        case .fitBegin: noteBeginning(training)
        case .epochEnd: take(training)
        case .earlyStopping: record?.status = .stopped
        case .interrupt:
            record?.status = .interrupted
            note("in \(training.placeText)")
        default: break
        }
    }

    /// Where it goes on, if it does.
    private func noteBeginning(_ training: TrainingContext) {
        if let place = training.resumption?.place, training.epochsBefore == 0 {
            note("resumed at \(place.next)")
        } else if training.epochsBefore > 0 {
            note("goes on from epoch \(training.epochsBefore)")
        }
    }

    override func finish(_ training: TrainingContext, error: (any Error)?) {
        switch error {
        case nil:
            // A condition of its own that a callback has a handler for ends a fit like early stopping.
            if record?.status == .running {
                record?.status = training.epochsDone < training.maxEpochs ? .stopped : .finished
            }
            if record?.status == .stopped { note("in epoch \(training.epoch) of \(training.maxEpochs)") }
        case is QuitRequest?:
            record?.status = .ended
            note("in \(training.placeText)")
        case is Interrupt?:
            record?.status = .interrupted
            note("in \(training.placeText)")
        case let error?:
            record?.status = .failed
            note("in \(training.placeText): \(RunObserver.message(error))")
        }
        take(training, isLast: true)
        lock = nil
    }

    /// The innermost message of an error, on one line.
    private static func message(_ error: any Error) -> String {
        let message: String
        switch error {
        case let error as WorkbenchError: message = error.message
        case let error as UncaughtError: message = innermost(error.condition)
        case let unwind as ConditionUnwind:
            message =
                unwind.condition.inherits("error")
                ? innermost(unwind.condition)
                : "a condition of class <"
                    + (unwind.condition.classes.first?.string ?? "condition") + "> that code outside takes"
        case is RestartUnwind: message = "a restart outside"
        default: message = "\(error)"
        }
        return message.split(separator: "\n").joined(separator: " ")
    }

    private static func innermost(_ condition: Value) -> String {
        var condition = condition
        var depth = 0
        while depth < 100, let parent = TrainingContext.element(condition, "parent"), !parent.isNull {
            condition = parent
            depth += 1
        }
        return condition.conditionMessage
    }

    private func note(_ text: String) {
        let before = record?.note.map { $0 + "; " } ?? ""
        record?.note = before + text
    }

    // MARK: Metrics

    /// Takes over what the fit has come to, and writes it if it is time to.
    private func take(_ training: TrainingContext, isLast: Bool = false) {
        var through = isLast ? max(epochsSeen, training.epochsDone) : training.epoch
        // What stops a fit at the end of an epoch does so before this is told of it.
        while isLast, through < training.epoch, isWhole(through + 1, training) { through += 1 }
        for epoch in stride(from: epochsSeen + 1, through: through, by: 1) {
            for phase in ["train", "valid"] {
                let metrics = training.metricValues(phase, epoch: epoch) ?? .null
                for (name, value) in RunObserver.numbers(metrics) {
                    record?.measures.append(.init(epoch: epoch, phase: phase, name: name, value: value))
                }
            }
        }
        epochsSeen = max(epochsSeen, through)
        record?.epochs = epochsSeen
        record?.checkpoints = training.checkpoints
        if isLast || monotonicSeconds() >= due {
            save(training, patience: isLast ? RunsFile.patience.end : RunsFile.patience.epoch)
        }
    }

    /// Whether all phases of an epoch have their metrics.
    private func isWhole(_ epoch: Int, _ training: TrainingContext) -> Bool {
        let phases = training.validData.isNull ? ["train"] : ["train", "valid"]
        return phases.allSatisfy { training.logged("metrics", $0, index: epoch) != nil }
    }

    /// The numbers of logged metrics; those of a list get its name before theirs, as `get_metrics()` has it.
    private static func numbers(_ metrics: Value, prefix: String = "") -> [(String, Double)] {
        metrics.namedItems.flatMap { item -> [(String, Double)] in
            let name = prefix + item.name
            if case .list = item.value { return numbers(item.value, prefix: name + "_") }
            guard item.value.isNumeric, let number = try? item.value.asDoubles().elements.first else { return [] }
            return [(name, number)]
        }
    }

    // MARK: File

    private func save(_ training: TrainingContext, patience: Double) {
        let before = monotonicSeconds()
        record?.seconds = before - begin
        do {
            // Meanwhile others may evaluate: another program may hold the file.
            let isNew = try training.session.released { try record?.save(to: file, patience: patience) ?? false }
            if isNew {
                training.session.console.writeError(
                    "Fits are kept on record in '\(file.path)': runs() lists them, options(workbench.runs = FALSE) keeps none.\n"
                )
            }
            if lock == nil, let id = record?.id, record?.status == .running { lock = RunLock(file, run: id) }
        } catch let error as WorkbenchError {
            warn(error.message + (error.hint.map { " (\($0))" } ?? ""), training.session)
        } catch {
            warn("\(error)", training.session)
        }
        let now = monotonicSeconds()
        due = now + max(0, 50 * (now - before))
    }

    /// Written at once and shown to no handler: neither `options(warn = 2)` nor a `tryCatch()` around it ends the fit.
    private func warn(_ reason: String, _ context: Context) {
        guard !hasWarned else { return }
        hasWarned = true
        let what = record?.id == nil ? "this fit is not on record" : "the record of this fit is not up to date"
        context.console.writeError("Warning: \(what): \(reason). Training goes on.\n")
    }
}
