import Diagnostics
import FitStates
import PluginAPI
import Tensors

/// `luz_callback_lr_scheduler()`: builds a scheduler at the start of a fit and steps it at a hook.
///
/// `call_on = "on_batch_end"` names a hook that luz has never had: the scheduler is built, which sets its first rate, and
/// never stepped. That is kept, so that published code gives its published numbers, and said in one line.
final class RateScheduler: SettingsCallback, SchedulesRates, @unchecked Sendable {
    private let make: Value
    private let arguments: [Argument]
    /// The scheduler of the present fit.
    private(set) var scheduler: Scheduler?
    /// The rate it began with.
    private var firstRate: Double?
    /// Name of the optimizer whose rates it sets.
    private var optimizerName: String?
    /// Nil while no hook of that name exists.
    private var event: TrainingEvent?

    init(_ args: Arguments) throws {
        make = try args.functionValue("lr_scheduler")
        arguments = args.dots
        super.init(["lr_scheduler_callback"], args)
        let hook = try text("call_on")
        guard !args.context.isAsPublished else {
            if hook == TrainingEvent.fitBegin.rawValue {
                throw WorkbenchError(.value, "cannot change value of locked binding for 'on_fit_begin'")
            }
            return
        }
        try checkArguments(args)
        if TrainingEvent(rawValue: hook) == nil, hook != RateScheduler.deadHook {
            throw TrainingEvent.unknown(hook, in: "`call_on` of luz_callback_lr_scheduler()")
        }
    }

    /// A name in `...` that the scheduler does not have would only show at the start of a fit, far from where it was
    /// written; a misspelt argument of the callback's own (`cal_on`) among them.
    private func checkArguments(_ args: Arguments) throws {
        guard let formals = make.formals, formals.dotsIndex == nil else { return }
        let known = formals.names.dropFirst().map { $0.name }
        for argument in arguments {
            guard let name = argument.name?.name, !known.contains(where: { $0.hasPrefix(name) }) else { continue }
            let own = args.function.parameters.dropFirst().map { $0.name.name }.filter { $0 != "..." }
            throw WorkbenchError(
                .name, "neither luz_callback_lr_scheduler() nor its scheduler has an argument `\(name)`",
                hint: didYouMean(name, among: own + known) ?? "the scheduler has " + known.joined(separator: ", "))
        }
    }

    private static let deadHook = "on_batch_end"
    private static let aliasOption = "workbench.on_batch_end"

    override func prepare(_ training: TrainingContext) throws {
        event = try resolvedEvent(training.session)
        if let monitor { try monitor.check(training) }
    }

    /// The hook it is stepped at, nil for one that luz does not have.
    private func resolvedEvent(_ context: Context) throws -> TrainingEvent? {
        let hook = try text("call_on")
        if let event = TrainingEvent(rawValue: hook) { return event }
        guard hook == RateScheduler.deadHook, let alias = context.options[RateScheduler.aliasOption] else { return nil }
        return try RateScheduler.event(alias)
    }

    /// What the option says that the hook is another name for.
    /// - Throws: for what is no hook.
    private static func event(_ alias: Value) throws -> TrainingEvent? {
        guard let name = try alias.asCharacters().elements.first, let name else { return nil }
        guard let event = TrainingEvent(rawValue: name.string) else {
            throw TrainingEvent.unknown(name.string, in: "options(\(aliasOption) = )")
        }
        return event
    }

    /// Checks the option where it is set.
    static func registerOption(_ registry: Registry) {
        registry.optionChecks.add(aliasOption) { value, _ in _ = try event(value) }
    }

    override func listens(to event: TrainingEvent) -> Bool { event == .fitBegin || event == self.event }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        if event == .fitBegin {
            try build(training)
            if self.event == nil { try sayThatItIsNeverStepped(training.session) }
        }
        if event == self.event { try step(training) }
    }

    private func build(_ training: TrainingContext) throws {
        let target = try optimizer(training)
        let made = try training.session.call(
            make, [Argument(.object(target.optimizer))] + arguments, call: Call("lr_scheduler", []))
        guard case .object(let object) = made, let scheduler = object as? Scheduler else {
            throw WorkbenchError(
                .type, "`lr_scheduler` made no scheduler", hint: "give lr_step, lr_one_cycle, … without parentheses")
        }
        self.scheduler = scheduler
        firstRate = try scheduler.currentRates().first
        optimizerName = target.name
    }

    private func optimizer(_ training: TrainingContext) throws -> (name: String, optimizer: Optimizer) {
        let context = training.session
        let names = training.optimizers.map { $0.name }
        let asked = context.isAsPublished ? optimizerName : nil
        let given = self["opt_name"].isNull ? nil : try text("opt_name")
        if let name = asked ?? given {
            if !context.isAsPublished, let found = training.optimizers.first(where: { $0.name == name }) {
                return found
            }
            guard context.isAsPublished else {
                throw WorkbenchError(
                    .name, "the fit has no optimizer called \"\(name)\"",
                    hint: didYouMean(name, among: names) ?? "it has " + names.joined(separator: ", "))
            }
        } else if names.count == 1 {
            return training.optimizers[0]
        }
        throw WorkbenchError(
            .value, "An optimizer name was not supplied and your model has multiple optimizers",
            hint: names.isEmpty ? nil : "opt_name = \"\(names[0])\"; there are " + names.joined(separator: ", "))
    }

    private func step(_ training: TrainingContext) throws {
        guard let scheduler else { return }
        try scheduler.step(training.session, metric: scheduler.takesMetric ? try metric(training) : nil)
        guard !training.session.isAsPublished,
            let wrong = try scheduler.currentRates().first(where: { !$0.isFinite || $0 < 0 })
        else { return }
        try scheduler.naming(training.session) {
            let name = scheduler.classes.first?.string ?? "the scheduler"
            throw WorkbenchError(
                .value,
                "\(name) gives the rate \(formatDouble(wrong, conversion: "g", precision: 6)): finite numbers ≥ 0 are needed",
                hint: "check_scheduler() tries one without a fit")
        }
    }

    /// What a scheduler that looks at a metric is given: the monitored one if this epoch has it, else (within an epoch)
    /// the loss of the batch.
    private func metric(_ training: TrainingContext) throws -> Double {
        if !training.session.isAsPublished {
            let monitor = monitor ?? Monitor(text: training.validData.isNull ? "train_loss" : "valid_loss")
            if event == .epochEnd { return try monitor.value(training) }
            if let value = try? monitor.value(training) { return value }
        }
        guard let name = optimizerName, let loss = TrainingContext.element(training.loss, name) else {
            throw WorkbenchError(
                .value, "there is no loss yet at \(event?.rawValue ?? "")",
                hint: "schedulers that look at a metric are stepped at on_epoch_end or after a batch")
        }
        if let tensor = loss.asTensor { return try tensor.item().doubleValue }
        return try loss.asDoubles().elements.first ?? .nan
    }

    private var monitor: Monitor? {
        guard case .character(let text) = self["monitor"], text.count == 1, let text = text[0] else { return nil }
        return Monitor(text: text.string)
    }

    override func plannedRates(_ training: TrainingContext) throws -> PlannedRates? {
        guard let scheduler, let now = try scheduler.currentRates().first else { return nil }
        let epochs = training.maxEpochs - max(0, training.epoch - 1)
        let steps: Int
        switch event {
        case nil, .fitBegin, .fitEnd: steps = 0
        case .epochBegin, .trainBegin, .trainEnd, .validBegin, .validEnd, .epochEnd: steps = epochs
        case .validBatchBegin, .validBatchAfterPred, .validBatchAfterLoss, .validBatchEnd:
            steps = product(epochs, training.batchesPlanned.valid)
        default: steps = product(epochs, training.batchesPlanned.train)
        }
        let first = firstRate ?? now
        guard let rates = try scheduler.ratesAhead(steps: steps, training.session), let highest = rates.max(),
            let last = rates.last
        else {
            return PlannedRates(
                first: first, highest: first, last: first, remark: "at first; then as the schedule finds")
        }
        var remark: String?
        if let planned = scheduler.plannedSteps, steps > 0, abs(planned + 1 - steps) > 1 {
            remark = "the cycle is made for \(planned + 1) steps and this fit has up to \(steps)"
        }
        return PlannedRates(first: first, highest: max(first, highest), last: last, remark: remark)
    }

    /// Steps of all epochs, within reason: a look ahead is for one line of text.
    private func product(_ epochs: Int, _ batches: Int?) -> Int {
        let (steps, overflow) = epochs.multipliedReportingOverflow(by: batches ?? 0)
        return overflow ? 1_000_000 : min(steps, 1_000_000)
    }

    private func sayThatItIsNeverStepped(_ context: Context) throws {
        guard !context.isAsPublished, let scheduler else { return }
        var seen: [Double] = []
        for rate in try scheduler.currentRates() where !seen.contains(rate) { seen.append(rate) }
        let rates = seen.map { numberText($0, digits: 7) }.joined(separator: ", ")
        try context.message(
            "call_on = \"on_batch_end\" is no hook, in luz neither: the learning rate stays at \(rates) for the whole fit."
                + "\nFor a step after each batch: call_on = \"on_train_batch_end\","
                + "\nor options(workbench.on_batch_end = \"on_train_batch_end\").\n"
        )
    }

    override func field(_ name: String, context: Context) throws -> Value? {
        switch name {
        case "scheduler": return scheduler.map { .object($0) } ?? .null
        case "opt_name": return optimizerName.map { .string($0) } ?? self["opt_name"]
        default: return try super.field(name, context: context)
        }
    }

    override func stateDict(_ context: Context) throws -> Value? {
        try scheduler?.savedDictionary(context)
    }

    override func loadStateDict(_ state: Value, _ context: Context) throws {
        try scheduler?.takeDictionary(state, context)
    }

    /// Also the scheduler of the fit it was used in, as it is.
    override func savedState(_ context: Context) throws -> Value {
        var state = TrainingContext.setting(try super.savedState(context), ".state", .null)
        for (name, value) in [
            ("scheduler", scheduler.map { .object($0) } ?? .null), ("rate", firstRate.map { .number($0) } ?? .null),
            ("optimizer", optimizerName.map { .string($0) } ?? .null),
            ("event", event.map { .string($0.rawValue) } ?? .null),
        ] as [(String, Value)] { state = TrainingContext.setting(state, name, value) }
        return state
    }

    override func restoreState(_ state: Value, _ context: Context) throws {
        try super.restoreState(state, context)
        scheduler = state.saved("scheduler").isNull ? nil : try state.saved("scheduler", as: Scheduler.self)
        firstRate = try state.saved("rate").asDoubles().elements.first
        optimizerName = state.savedText("optimizer")
        event = state.savedText("event").flatMap { TrainingEvent(rawValue: $0) }
    }

    override func visitReferences(_ visit: (Value) -> Void) {
        super.visitReferences(visit)
        visit(make)
        for argument in arguments { visit(argument.value) }
        if let scheduler { visit(.object(scheduler)) }
    }

    override func dropReferences() {
        super.dropReferences()
        scheduler = nil
    }
}

func registerRateScheduler(_ luz: Namespace) {
    luz.callback(
        "luz_callback_lr_scheduler",
        [
            .value("lr_scheduler", help: "lr_step, lr_one_cycle, …, without parentheses"), .dots,
            .value("call_on", "on_epoch_end", help: "hook at which it is stepped, such as on_train_batch_end"),
            .value("opt_name", nil, help: "name of the optimizer, if there are several"),
            .value("monitor", nil, help: "metric for schedulers that look at one; valid_loss, else train_loss"),
        ], help: "Sets learning rates as training goes on; ... are arguments of the scheduler"
    ) { args in try RateScheduler(args) }
}
