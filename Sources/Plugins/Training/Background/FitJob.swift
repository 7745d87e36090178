import Diagnostics
import PluginAPI

/// A fit that runs in the background: class `luz_fit_job`, what `fit_async()` returns.
///
/// Everything here is read and written with the evaluator lock held, also by the fit itself.
final class FitJob: ForeignObject, @unchecked Sendable {
    /// How far it is.
    enum State: String {
        case running, paused, stopping, finished, interrupted, failed, left
    }

    let number: Int
    private(set) var evaluation: BackgroundEvaluation?
    /// The fit, from the moment its model and data are there.
    private(set) var training: TrainingContext?
    /// What is its own until it ends.
    private var owned: [ForeignObject] = []
    private var result: Value?
    private var failure: (any Error)?
    /// Batches are being trained: from here on a stop leaves something to return.
    private var isTraining = false
    private var isStopWanted = false
    /// What it has written.
    private(set) var output = ""
    private let started = monotonicSeconds()
    private var ended: Double?
    /// Whether the session has said that it is over, or somebody has its result.
    var isAnnounced = false

    init(number: Int) { self.number = number }

    override var classes: [Text] { ["luz_fit_job"] }
    override var reasonNotSaved: String { "it is a fit in the background; job$wait() returns what can be saved" }

    /// What messages call it.
    var name: String { "fit \(number)" }

    // MARK: Running

    /// Begins; the arguments are those of `fit()`.
    func start(_ args: Arguments) throws {
        let context = args.context
        let evaluation = try BackgroundEvaluation(name, context) { [weak self] in self?.output += $0 }
        evaluation.subject = self
        self.evaluation = evaluation
        let given = try FitJob.givenParts(args)
        for part in given { try context.checkOwner(of: part) }
        own(given)
        var args = args
        if let place = args.function.index(of: "verbose"), args.values[place].isNull { args.values[place] = false }
        do {
            try evaluation.start(context) { [self] in
                do {
                    result = try begunFit(&args)
                } catch {
                    failure = error
                    // Stopped in what callbacks do at the end of the fit: what was trained is there.
                    if error is Interrupt, isTraining, let training { result = fittedValue(training) }
                }
                ended = monotonicSeconds()
                free()
            }
        } catch {
            free()
            throw error
        }
    }

    /// What it is given and changes, or copies before it does: callbacks, and the fitted model it goes on from.
    private static func givenParts(_ args: Arguments) throws -> [ForeignObject] {
        var parts: [ForeignObject] = []
        var memory: FitMemory?
        if args["object"].inherits("luz_module_fitted"), !args.context.isAsPublished {
            let model = try fittedModel(args, "object")
            memory = model.memory
            parts = model.modules().map { $0.module }
        }
        switch args["callbacks"] {
        case .list(let list):
            for case .object(let object) in list.elements where object is Callback { parts.append(object) }
        case .object(let object) where object is Callback: parts.append(object)
        case .null, .missing: parts += memory?.callbacks ?? []
        default: break
        }
        return parts
    }

    /// Its model, optimizers and callbacks are its own from here on. What its callbacks fit or evaluate is part of it.
    func begin(_ training: TrainingContext) {
        guard self.training == nil else { return }
        self.training = training
        own(training.parts)
    }

    private func own(_ parts: [ForeignObject]) {
        free()
        owned = parts
        for part in owned { part.owner = evaluation }
    }

    /// The first epoch begins.
    func beginTraining(_ training: TrainingContext) {
        guard self.training === training else { return }
        isTraining = true
        if isStopWanted { evaluation?.interrupt() }
    }

    /// Asks it to end as Ctrl-C ends `fit()`. Before its first batch there is nothing that could be returned: it stops
    /// there. Asked again it ends at once.
    func stop() {
        if isTraining || isStopWanted { evaluation?.interrupt() }
        isStopWanted = true
        evaluation?.isPaused = false
    }

    /// Gives back what it took, which need not be part of the model any more.
    private func free() {
        for part in owned { part.owner = nil }
        owned = []
    }

    /// Refuses what the fit itself cannot do with its job.
    /// - Throws: `.value` where the caller is that fit.
    func checkCaller(_ context: Context, _ verb: String) throws {
        guard let evaluation, evaluation === context.background else { return }
        throw WorkbenchError(.value, "\(name) cannot \(verb) itself")
    }

    // MARK: What it has come to

    var state: State {
        guard ended != nil else {
            guard let evaluation else { return .running }
            if evaluation.isStopping || isStopWanted { return .stopping }
            return evaluation.isPaused ? .paused : .running
        }
        if failure is QuitRequest { return .left }
        if failure is Interrupt { return .interrupted }
        if failure != nil { return .failed }
        return TrainingContext.element(records, "partial") == nil ? .finished : .interrupted
    }

    var isOver: Bool { ended != nil }

    var records: Value {
        training?.records ?? .named([("metrics", .named([("train", .items([])), ("valid", .items([]))]))])
    }

    var seconds: Double { (ended ?? monotonicSeconds()) - started }

    /// Share of all batches that are done, nil where the data do not say how many there are.
    var share: Double? {
        guard let training, let train = training.batchesPlanned.train else { return nil }
        let valid = training.validData.isNull ? 0 : training.batchesPlanned.valid ?? 0
        let perEpoch = Double(train + valid)
        let epochs = Double(training.maxEpochs - training.epochsBefore)
        guard perEpoch > 0, epochs > 0 else { return nil }
        let whole = Double(training.epochsDone - training.epochsBefore)
        let isBetween = training.epochsDone >= training.epoch
        let part = isBetween ? 0 : Double(training.iteration) + (training.isTraining ? 0 : Double(train))
        return min(1, (whole + part / perEpoch) / epochs)
    }

    /// What the fit returned.
    /// - Throws: the error that ended it.
    func outcome(_ context: Context) throws -> Value {
        isAnnounced = true
        if let warnings = evaluation?.warnings, !warnings.isEmpty {
            context.pendingWarnings += warnings
            evaluation?.forgetWarnings()
        }
        if let result { return result }
        switch failure {
        case let error as UncaughtError:
            var origin = error.origin ?? WorkbenchError(.runtime, error.condition.conditionMessage)
            origin.message =
                "\(name) in the background has failed: \(error.condition.conditionMessage)"
                + context.causes(of: error.condition)
            // Classes, fields and cause are those that fit() would have raised.
            let condition = TrainingContext.setting(error.condition, "message", .string(origin.message))
                .setting(Symbol.classAttribute, .character(Vector(error.condition.classes.map { Optional($0) })))
            throw try context.raise(condition, origin: origin)
        case let error as WorkbenchError: throw error
        case is Interrupt:
            throw WorkbenchError(
                .value, "\(name) was stopped before its first batch: it has no fitted model to return",
                hint: "asked once, job$stop() waits for the first batch")
        default:
            throw WorkbenchError(.value, "\(name) was left when the session ended")
        }
    }

    /// The error that ended it and the innermost of its causes, a line of each, behind a colon.
    private var reason: String {
        func first(_ text: String) -> String { text.split(separator: "\n").first.map(String.init) ?? "" }
        var messages: [String] = []
        switch failure {
        case let error as UncaughtError:
            messages = [first(error.condition.conditionMessage)]
            var cause: Value?
            var next = error.condition.parentCondition
            // As many as anybody nests; one made by hand may have no end.
            for _ in 0..<100 where next != nil { (cause, next) = (next, next?.parentCondition) }
            if let cause { messages.append(first(cause.conditionMessage)) }
        case let error as WorkbenchError: messages = [first(error.message)]
        default: break
        }
        guard messages.count == 2, messages[0].hasSuffix(".") else {
            return messages.map { ": \($0)" }.joined() + pluginAtFault
        }
        return ": \(messages[0].dropLast()): \(messages[1])" + pluginAtFault
    }

    /// The plug-in whose code failed, in parentheses; empty where it was none's.
    private var pluginAtFault: String {
        let origin = (failure as? UncaughtError)?.origin ?? failure as? WorkbenchError
        guard let origin, let loaded = training?.session.registry.loadedPlugins else { return "" }
        let entry =
            origin.span?.source.file.flatMap { loaded.plugin(ofFile: $0) }
            ?? loaded.plugins.first { origin.trail.contains($0.title) }
        return entry.map { " (\($0.title))" } ?? ""
    }

    /// In one line: what a person asks first.
    var line: String {
        guard let training, training.epoch > 0 || !isOver || state == .finished else {
            guard isOver else { return state == .running ? "starting" : "\(state.rawValue), before its first epoch" }
            let verb = state == .interrupted ? "stopped" : state.rawValue
            return "\(verb) after \(duration(seconds)), before its first epoch\(reason)"
        }
        var text: String
        switch state {
        case .finished:
            text = "finished after \(count(training.epochsDone - training.epochsBefore, "epoch")), \(duration(seconds))"
        case .interrupted:
            text = "stopped in epoch \(training.epoch), \(duration(seconds))"
            if training.epoch == 1, training.isTraining, training.iteration == 0 {
                text += ": nothing was trained"
            }
        case .failed: text = "failed in \(training.placeText), \(duration(seconds))\(reason)"
        case .left: text = "left in epoch \(training.epoch)"
        case .running, .paused, .stopping:
            text = state.rawValue
            if training.epoch > 0 {
                let phase = training.isTraining ? "batch" : "validation batch"
                text += ", epoch \(training.epoch) of \(training.maxEpochs), \(phase) \(training.iteration)"
                text += training.iterations.map { " of \($0)" } ?? ""
            }
            text += ", \(duration(seconds))"
            if let share, share > 0.01, state == .running {
                text += ", about \(duration((seconds * (1 - share) / share).rounded())) left"
            }
        }
        return text
    }

    override func visitReferences(_ visit: (Value) -> Void) {
        if let training { visit(.object(training)) }
        if let result { visit(result) }
    }

    override func dropReferences() {
        training = nil
        result = nil
    }
}

extension TrainingContext {
    /// What a fit changes, and nobody else may while it runs.
    var parts: [ForeignObject] {
        [model] + model.modules().map { $0.module } + optimizers.map { $0.optimizer } + callbacks
    }
}

private func count(_ number: Int, _ thing: String) -> String { "\(number) \(thing)\(number == 1 ? "" : "s")" }

/// The jobs of a session, in the order of their numbers.
final class FitJobs {
    private(set) var jobs: [FitJob] = []

    /// A job with the next number.
    func add() -> FitJob {
        let job = FitJob(number: (jobs.last?.number ?? 0) + 1)
        // What is over and has been told is kept by whoever holds it.
        jobs.removeAll { $0.isOver && $0.isAnnounced }
        jobs.append(job)
        return job
    }

    /// Takes back one that did not begin.
    func remove(_ job: FitJob) { jobs.removeAll { $0 === job } }
}

extension Context {
    var fitJobs: FitJobs { storage(FitJobs.self) { FitJobs() } }
}
