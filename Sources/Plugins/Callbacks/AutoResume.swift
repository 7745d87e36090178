import Diagnostics
import FitStates
import Glibc
import PluginAPI

/// `luz_callback_auto_resume()`: keeps the state of a fit in a file as long as the fit runs. Whatever ends the program or
/// the fit with an error, and whatever interrupts it (Ctrl-C, `job$stop()`), the same call again goes on from there, with
/// the same numbers; a fit that ends by itself (all epochs, early stopping) removes the file.
final class AutoResume: SettingsCallback, @unchecked Sendable {
    private let interval: SavingInterval?
    private var lastSave = monotonicSeconds()
    private var batchesSince = 0
    /// The file as the fit named it; fixed at its beginning, for the working directory may change.
    private var file: String?
    private var fields: FieldStates?
    private var facts: FitFacts?
    /// Where the fit goes on from the file, nil before it is written.
    private var next: String?
    private var isInterrupted = false
    /// Saving fails, and the fit has said so.
    private var isFailing = false
    /// What the file does not hold and the fit has said so.
    private var named: Set<String> = []
    private var structure: FitStructure?
    /// A metric cannot be saved within an epoch, and the fit has said so.
    private var savesAtEndsOnly = false

    init(_ args: Arguments) throws {
        interval = try SavingInterval(args["every"], args)
        super.init(["auto_resume_callback"], args)
        guard try !text("path").isEmpty else {
            throw WorkbenchError(
                .value, "`path` must name a file, not \"\"", hint: "luz_callback_auto_resume(path = \"./state.pt\")")
        }
    }

    override var weight: Double { .infinity }

    override func prepare(_ training: TrainingContext) throws {
        training.keepsPlace = true
        file = training.session.resolvedPath(try text("path"))
        (lastSave, batchesSince) = (monotonicSeconds(), 0)
        (isInterrupted, isFailing, named, next, facts, structure) = (false, false, [], nil, nil, nil)
        savesAtEndsOnly = false
        fields = training.session.isAsPublished ? nil : try FieldStates(training)
        try fields?.noteUnkept(training)
    }

    override func listens(to event: TrainingEvent) -> Bool {
        switch event {
        case .fitBegin, .epochEnd, .interrupt, .fitEnd: return true
        case .trainBegin, .validBegin: return fields != nil
        case .trainBatchEnd, .validBatchEnd: return interval != nil
        default: return false
        }
    }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        guard let file else { return }
        switch event {
        case .fitBegin:
            try resume(file, training)
            guard !training.session.isAsPublished else { return }
            if facts == nil { facts = AutoResume.facts(training) }
            structure = try FitStructure(training)
            try fields?.noteUnkept(training)
        case .trainBegin, .validBegin: try fields?.beginPass(training)
        case .epochEnd: try save(file, training, at: event)
        case .trainBatchEnd, .validBatchEnd:
            batchesSince += 1
            guard interval?.isOver(batches: batchesSince, seconds: monotonicSeconds() - lastSave) ?? false else {
                return
            }
            try save(file, training, at: event)
        case .interrupt:
            isInterrupted = true
            guard let next, !training.session.isAsPublished else { return }
            let path = try text("path")
            try training.session.message(
                "'\(path)' stays: the same fit goes on at \(next); file.remove(\"\(path)\") begins anew\n")
        case .fitEnd: if !isInterrupted || training.session.isAsPublished { unlink(file) }
        default: break
        }
    }

    override func finish(_ training: TrainingContext, error: (any Error)?) { fields?.end(training) }

    override func terminate(_ training: TrainingContext) throws {
        guard let file, TrainingPlace(training) != nil else { return }
        do {
            try save(file, training)
        } catch let error as WorkbenchError {
            // The state of the last epoch is there.
            try training.session.message("The state of the fit is not saved: \(error.message).\n")
        }
    }

    private func resume(_ file: String, _ training: TrainingContext) throws {
        var status = stat()
        guard stat(file, &status) == 0 else { return }
        let path = try text("path")
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw WorkbenchError(
                .value, "`path` must name a file for the state of the fit, and '\(path)' is none",
                hint: "luz_callback_auto_resume(path = \"./state.pt\")")
        }
        let checkpoint: Checkpoint
        do {
            checkpoint = try training.session.naming(path) { _ in try Checkpoint(reading: file) }
        } catch var error as WorkbenchError where error.kind == .data {
            error.hint = "without the file the fit starts at epoch 1: file.remove(\"\(path)\")"
            throw error
        }
        try checkpoint.state.checkCallbacks(training)
        let place = try checkpoint.state.place()
        guard place.epoch > training.epochsBefore || training.session.isAsPublished else {
            return try training.session.message(
                "'\(path)' is of epoch \(place.epoch), no further than the fitted model: passed over\n")
        }
        let anew = "file.remove(\"\(path)\") begins anew"
        try checkpoint.resume(training, "'\(path)'", anew: anew)
        next = place.next
        // Cut fits that end here need no recovery any more.
        if case .character(let marks) = checkpoint.state["marks"] {
            training.recoveryMarks += marks.elements.prefix(100).compactMap { $0?.string }
        }
        guard !training.session.isAsPublished else { return }
        // Behind the resumption, which sets the same items aside for validation.
        let now = AutoResume.facts(training)
        facts = now
        if place.event == .trainBatchEnd, place.batches == training.batchesPlanned.train,
            let counts = FitFacts(checkpoint.state["asked"])?.hasOtherCount(now)
        {
            throw WorkbenchError(
                .value,
                "'\(path)' is of the middle of epoch \(place.epoch) with \(counts.before) training items, and the data given have \(counts.now)",
                hint: "give the same data; \(anew)")
        }
        try announce(checkpoint, "'\(path)'", training, now)
    }

    /// What the fit is asked for. Of data whose fields change as they are read the fingerprint is that of the beginning.
    private static func facts(_ training: TrainingContext) -> FitFacts {
        FitFacts(training, data: DataFacts(training.trainData, training.session))
    }

    /// A disk that is full must not end a fit of hours: the state before stays, and training goes on.
    private func save(_ file: String, _ training: TrainingContext, at event: TrainingEvent? = nil) throws {
        (lastSave, batchesSince) = (monotonicSeconds(), 0)
        let path = try text("path")
        let checkpoint: Checkpoint
        // As published nobody is told.
        let now = try structure.map { _ in try FitStructure(training) }
        var (kept, left) = (Value.null, [String]())
        do {
            if let fields {
                let outer = try fields.outerChanges(training)
                kept = try fields.value(training, outer)
                left = try self.left(fields.left(training, outer), now, training)
            }
            checkpoint = try Checkpoint(
                of: training, facts, fields: kept, marks: training.recoveryMarks, left: left)
        } catch let error as WorkbenchError where error.kind == .unsupported && event != .epochEnd {
            // Not worth ending a fit for: the state of the last whole epoch is kept.
            if !savesAtEndsOnly {
                try training.session.message(
                    "The state of the fit is saved at the ends of epochs only: \(error.message).\n")
            }
            savesAtEndsOnly = true
            return
        }
        let lost: [String]
        do {
            lost = try training.session.naming(path) { _ in try checkpoint.write(to: file) }
        } catch let error as WorkbenchError where error.kind == .data {
            if !isFailing {
                try training.session.message(
                    "The state of the fit is not saved: \(error.message). Training goes on.\n")
            }
            isFailing = true
            return
        }
        if isFailing { try training.session.message("The state of the fit is saved again ('\(path)').\n") }
        isFailing = false
        next = try checkpoint.state.place().next
        try name(left + lost, now, path, training, ofStates: lost.isEmpty)
    }

    /// What a file written now does not hold, replaced functions included.
    private func left(_ fields: [String], _ now: FitStructure?, _ training: TrainingContext) -> [String] {
        var found: [String] = []
        let replaced = now.flatMap { structure?.replacedFunctions(in: $0, training.session) } ?? []
        for name in fields + replaced
        where !found.contains(name) { found.append(name) }
        return found
    }

    /// Says what the file does not hold, each once: most of it at the first save, what the fit changes later when it has.
    private func name(
        _ left: [String], _ now: FitStructure?, _ path: String, _ training: TrainingContext, ofStates: Bool
    ) throws {
        guard let structure, let now else { return }
        func unsaid(_ found: [String]) -> [String] { found.filter { named.insert($0).inserted } }
        let left = unsaid(left)
        if !left.isEmpty {
            try training.session.message(
                "'\(path)' does not hold \(left.joined(separator: "; ")): it holds numbers, texts, lists of them and tensors\(ofStates ? ", and what state_dict() gives" : "")\n"
            )
        }
        let changed = unsaid(structure.changes(to: now))
        if !changed.isEmpty {
            try training.session.message(
                "'\(path)' cannot bring back \(changed.joined(separator: ", ")), which the fit has changed: one that goes on begins with net and optimizers as they are made\n"
            )
        }
    }
}

/// Says where a fit goes on, in one line, and what could not be restored, in another.
func announce(_ checkpoint: Checkpoint, _ source: String, _ training: TrainingContext, _ now: FitFacts) throws {
    // luz tells it to who watches; the recordings hold nothing.
    guard !training.session.isAsPublished else { return }
    let place = try checkpoint.state.place()
    let isOver = place.event == .epochEnd && place.epoch >= training.maxEpochs
    let asked = FitFacts(checkpoint.state["asked"])
    let settings = asked?.overridden(now) ?? ""
    try training.session.message(
        isOver
            ? "resuming after epoch \(place.epoch), the last (\(source))\(settings)\n"
            : "resuming at \(place.next) (\(source))\(settings)\n")
    if let other = asked?.otherData(now) {
        let done =
            place.event == .trainBatchEnd
            ? "; \(place.batch) batch\(place.batch == 1 ? "" : "es") of epoch \(place.epoch) had those" : ""
        try training.session.message("the training data are others: \(other)\(done)\n")
    }
    if !checkpoint.left.isEmpty {
        try training.session.message(
            "\(source) did not hold \(checkpoint.left.joined(separator: "; ")): the numbers may be others than without the cut\n"
        )
    }
    let missing = checkpoint.state.missing(in: training)
    if !missing.isEmpty {
        try training.session.message(
            "not restored: the state of \(missing.joined(separator: ", ")), which this fit does not have\n")
    }
}

/// How often to save within an epoch: a number of batches, or a time such as "10 min".
struct SavingInterval {
    private let batches: Int?
    private let seconds: Double?

    private static let units: [(names: [String], seconds: Double)] = [
        (["s", "sec", "secs", "second", "seconds"], 1), (["min", "mins", "minute", "minutes"], 60),
        (["h", "hour", "hours"], 3600),
    ]

    /// Nil for `NULL`: at the end of epochs only.
    /// - Throws: for what is neither.
    init?(_ value: Value, _ args: Arguments) throws {
        if value.isNull { return nil }
        let wrong = WorkbenchError(
            .value, "`every` must be a number of batches or a time, not \(args.describe(value))",
            hint: "every = 100, or every = \"10 min\"")
        guard value.length == 1 else { throw wrong }
        if case .character(let text) = value {
            let words = (text[0]?.string ?? "").split(separator: " ").map(String.init)
            guard words.count == 2, let number = Double(words[0]), number > 0, number.isFinite,
                let unit = SavingInterval.units.first(where: { $0.names.contains(words[1]) })
            else { throw wrong }
            (batches, seconds) = (nil, number * unit.seconds)
            return
        }
        guard value.isNumeric, let number = try? value.asDoubles().elements.first, let whole = Int(exactly: number),
            whole >= 1
        else { throw wrong }
        (batches, seconds) = (whole, nil)
    }

    func isOver(batches: Int, seconds: Double) -> Bool {
        if let most = self.batches { return batches >= most }
        return self.seconds.map { seconds >= $0 } ?? false
    }
}

func registerAutoResume(_ luz: Namespace) {
    luz.callback(
        "luz_callback_auto_resume",
        [
            .value("path", "./state.pt", help: "file that holds the state while the fit runs"),
            .value(
                "every", nil, help: "save within epochs, too: a number of batches, or a time such as \"10 min\""),
        ], help: "Goes on with a fit that was cut off, from the last state saved; the file goes when the fit ends"
    ) { args in try AutoResume(args) }
}
