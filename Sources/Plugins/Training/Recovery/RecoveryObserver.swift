import Diagnostics
import Glibc
import PluginAPI

/// Keeps a fit from being lost with the process: marks how far it is, and saves it at the ends of epochs, at most every
/// ten minutes, in the state folder. A fit that ends in anybody's hands leaves nothing behind. With compiled plug-ins from
/// outside, which may trap, every epoch is saved as long as saving takes less than a tenth of the time.
///
/// `options(workbench.recovery = FALSE)` turns it off, a time such as `"1 min"` says how often.
final class RecoveryObserver: Callback, @unchecked Sendable {
    private var mark: FitMark?
    private var interval = 600.0
    private var nextSave = 0.0
    private var hasFailed = false
    /// Saves as often as its cost allows.
    private var isWary = false

    /// Seconds that a fit has to last before it is worth a file.
    private static let firstSave = 30.0
    /// A save may follow when so many times the seconds have gone by that the last one took.
    private static let share = 9.0

    override var classNames: [String] { ["recovery"] }

    override func prepare(_ training: TrainingContext) throws {
        let context = training.session
        // Nobody goes on with a search for a rate.
        guard !training.isSearch else { return }
        guard let folder = context.stateFolder,
            let seconds = try RecoveryObserver.seconds(context.options["workbench.recovery"], context)
        else { return }
        interval = seconds
        isWary =
            context.options["workbench.recovery"]?.isTime != true
            && context.registry.loadedPlugins.plugins.contains { $0.isCompiled }
        nextSave = monotonicSeconds() + (isWary ? 0 : min(RecoveryObserver.firstSave, interval))
        var description = FitMark.Description()
        description.net = training.model.classes.first?.string ?? "net"
        description.script = context.scriptName
        description.started = RecoveryObserver.now()
        description.epochs = training.maxEpochs
        description.plugins = context.registry.loadedPlugins.plugins.map { "\($0.name) \($0.version)" }
        let fits = folder + "/fits"
        let failure = UserFolder.make(fits)
        if failure == 0 {
            CutFit.bound(in: fits)
            mark = FitMark(in: fits, description)
        }
        if let mark {
            training.keepsPlace = true
            training.recoveryMarks = [mark.name] + training.recoveryMarks
        } else if !context.storage(RecoveryNotice.self, make: { RecoveryNotice() }).isGiven {
            context.storage(RecoveryNotice.self, make: { RecoveryNotice() }).isGiven = true
            let reason = failure == 0 ? "" : ": \(String(cString: strerror(failure)))"
            try context.message("Fits go on without recovery after a crash: cannot write in '\(fits)'\(reason).\n")
        }
    }

    override func listens(to event: TrainingEvent) -> Bool {
        switch event {
        case .epochBegin, .trainBatchEnd, .validBatchEnd, .epochEnd: return mark != nil
        default: return false
        }
    }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        mark?.update { progress in
            progress.epoch = training.epoch
            progress.batch = event == .epochBegin ? 0 : training.iteration
            // The pass of the epoch has not begun: the loop still counts the batches of the last validation.
            progress.batches = (event == .epochBegin ? training.batchesPlanned.train : training.iterations) ?? 0
            progress.isTraining = event == .epochBegin || training.isTraining
        }
        if event == .epochEnd, monotonicSeconds() >= nextSave { try save(training) }
    }

    override func terminate(_ training: TrainingContext) throws { try save(training) }

    private func save(_ training: TrainingContext) throws {
        guard let mark, !hasFailed else { return }
        defer { training.model.memory = nil }
        let start = monotonicSeconds()
        // Whatever it is, it is not worth ending a fit for.
        let failure = try training.session.failure { session in
            _ = try session.saveObject(fittedValue(training), to: mark.statePath)
        }
        if let failure {
            hasFailed = true
            let places = failure.trail.map { " (\($0))" }.joined()
            try training.session.message(
                "The fit goes on without recovery after a crash: \(failure.message)\(places).\n")
        } else {
            mark.update { $0.saved = training.epochsDone }
            removeEarlierMarks(training)
            let now = monotonicSeconds()
            nextSave = now + (isWary ? min(interval, RecoveryObserver.share * (now - start)) : interval)
        }
    }

    /// Cut fits that this one goes on from are in it from here on.
    private func removeEarlierMarks(_ training: TrainingContext) {
        guard let mark else { return }
        for name in training.recoveryMarks where name != mark.name { CutFit(besides: mark, named: name)?.remove() }
    }

    override func finish(_ training: TrainingContext, error: (any Error)?) {
        defer { mark = nil }
        switch error {
        case nil:
            removeEarlierMarks(training)
            mark?.remove()
        case is QuitRequest: break
        default:
            // At the prompt last_fit() has it; a script ends with its error.
            if training.session.isInteractive || mark?.progress.saved == 0 {
                mark?.remove()
            } else if let mark {
                training.session.storage(FailedFits.self) { FailedFits() }.marks.append(mark)
            }
        }
    }

    /// Seconds between two saves; nil: off.
    /// - Throws: for an option that is neither a truth value nor a time.
    static func seconds(_ option: Value?, _ context: Context) throws -> Double? {
        switch option {
        case nil: return 600
        case .logical(let flags)? where flags.count == 1: return flags[0] == true ? 600 : nil
        case .character(let texts)? where texts.count == 1:
            let words = (texts[0]?.string ?? "").split(separator: " ").map(String.init)
            let units: [(String, Double)] = [("s", 1), ("m", 60), ("h", 3600)]
            if words.count == 2, let number = Double(words[0]), number >= 0, number.isFinite,
                let unit = units.first(where: { words[1].hasPrefix($0.0) })
            {
                return number * unit.1
            }
        default: break
        }
        throw WorkbenchError(
            .value,
            "the option workbench.recovery must be TRUE, FALSE or a time\(option.map { ", not " + (context.deparse($0).first ?? "") } ?? "")",
            hint: "options(workbench.recovery = \"10 min\")")
    }

    private static func now() -> String {
        var seconds = time(nil)
        var parts = tm()
        localtime_r(&seconds, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let count = strftime(&text, text.count, "%Y-%m-%d %H:%M", &parts)
        return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Marks of fits that ended with an error in a script, which it may have caught: one that comes to its end needs none.
final class FailedFits {
    fileprivate var marks: [FitMark] = []

    /// The session ends.
    static func finish(_ context: Context) {
        let failed = context.storage(FailedFits.self) { FailedFits() }
        if !context.hasFailed { for mark in failed.marks { mark.remove() } }
        failed.marks = []
    }
}

/// Whether a session has been told that there is no recovery: once is enough.
private final class RecoveryNotice {
    var isGiven = false
}

extension Value {
    /// A text, where TRUE and FALSE could stand too.
    fileprivate var isTime: Bool {
        if case .character = self { return true }
        return false
    }
}

extension Context {
    /// The script that runs, as it was named, or "the prompt".
    var scriptName: String {
        let file = commandArguments.first { $0.hasPrefix("--file=") }.map { String($0.dropFirst("--file=".count)) }
        return file ?? (isInteractive ? "the prompt" : "a program text")
    }
}
