import Diagnostics

/// Sets learning rates of an optimizer as training goes on: class `LRScheduler`.
///
/// A scheduler written in Swift overrides ``rates(_:)``. Making one counts as a first step, as in R torch: subclasses
/// call ``start(_:)`` at the end of their initializer's caller (`Namespace.scheduler` does).
///
/// For those who write one:
/// - ``rates(_:)`` is called once a step, on the thread that evaluates, with ``lastEpoch`` counted up already: 0 for the
///   step of its making. It returns a finite rate ≥ 0 for each group of the optimizer, from ``baseRates`` or
///   ``currentRates()``, and has no other effect.
/// - `luz_callback_lr_scheduler(…, call_on = )` decides when a step is: after an epoch, or a batch.
/// - What it needs besides ``lastEpoch`` and ``baseRates`` to go on goes into ``memory``, both ways.
/// - ``plannedSteps`` and ``isPlannable`` let a fit say its rates before it begins: it asks for them by stepping ahead.
/// - Check the arguments when it is made; throw `WorkbenchError(.value, …)` naming argument, range and value.
/// - Check it with ``Checks/scheduler(_:steps:as:)``, at the prompt `check_scheduler(function(optimizer) lr_…(optimizer))`.
open class Scheduler: ForeignObject, @unchecked Sendable {
    /// The optimizer whose rates are set.
    public final private(set) var optimizer: Optimizer
    /// Steps done so far; −1 before the first.
    public final var lastEpoch: Int
    /// Rate of each group at the start.
    public final var baseRates: [Double] = []
    /// Rates set last.
    public final var lastRates: [Double] = []
    /// Steps counted from its making, which is the first.
    public final private(set) var stepCount = 0
    /// Says in a message what it sets.
    public final var isVerbose: Bool
    private let names: [String]

    /// Makes a scheduler; `initial_lr` of each group is remembered when it starts at the beginning.
    /// - Throws: when it starts later and a group has no `initial_lr`.
    public init(_ className: String, _ optimizer: Optimizer, lastEpoch: Int = -1, verbose: Bool = false) throws {
        names = [className, "LRScheduler", "R6"]
        self.optimizer = optimizer
        self.lastEpoch = lastEpoch
        isVerbose = verbose
        super.init()
        for (place, group) in optimizer.groups.enumerated() {
            if lastEpoch == -1 {
                if group["initial_lr"] == nil { group["initial_lr"] = group["lr"] }
            } else if group["initial_lr"] == nil {
                throw WorkbenchError(
                    .value,
                    "param 'initial_lr' is not specified in param_groups[\(place + 1)] when resuming an optimizer")
            }
            baseRates.append(try group.number("initial_lr"))
        }
    }

    /// Makes a scheduler whose optimizer comes later (a class written in R calls `super$initialize`).
    public init(classNames: [String]) throws {
        names = classNames + ["LRScheduler", "R6"]
        optimizer = Optimizer(classNames: [])
        lastEpoch = -1
        isVerbose = false
        super.init()
    }

    /// Takes the optimizer, for a scheduler made without, and does the first step.
    public final func begin(_ optimizer: Optimizer, lastEpoch: Int, verbose: Bool, _ context: Context) throws {
        self.optimizer = optimizer
        self.lastEpoch = lastEpoch
        isVerbose = verbose
        baseRates = []
        for group in optimizer.groups {
            if group["initial_lr"] == nil { group["initial_lr"] = group["lr"] }
            baseRates.append(try group.number("initial_lr"))
        }
        try step(context)
    }

    /// A member that not all schedulers have, or nil.
    open func field(_ name: String, context: Context) throws -> Value? { nil }

    /// Sets a member.
    open func setField(_ name: String, _ value: Value, context: Context) throws {
        throw WorkbenchError(.name, "`\(name)` of a scheduler cannot be set")
    }

    /// R classes.
    public final override var classes: [Text] { names.map { Text($0) } }

    /// The rate of each group at ``lastEpoch``, which has been counted up already.
    open func rates(_ context: Context) throws -> [Double] { baseRates }

    /// Whether `$step()` takes a metric (`lr_reduce_on_plateau`).
    open var takesMetric: Bool { false }

    /// The first step, done when it is made.
    public final func start(_ context: Context) throws { try step(context) }

    /// One step: counts up and sets the rates.
    open func step(_ context: Context, metric: Double? = nil) throws {
        lastEpoch += 1
        stepCount += 1
        let rates = try naming(context) { try checked(try self.rates(context)) }
        for (place, pair) in zip(optimizer.groups, rates).enumerated() {
            pair.0["lr"] = .number(pair.1)
            if isVerbose {
                try context.message(
                    "Adjusting learning rate of group \(place + 1) to \(formatDouble(pair.1, conversion: "f", precision: 4))\n"
                )
            }
        }
        lastRates = try optimizer.groups.map { try $0.number("lr") }
    }

    /// - Throws: for another number of rates than there are groups: the rest would go on as if nothing were scheduled.
    private func checked(_ rates: [Double]) throws -> [Double] {
        guard rates.count != optimizer.groups.count else { return rates }
        func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }
        let shown = rates.prefix(5).map { formatDouble($0, conversion: "g", precision: 6) }.joined(separator: ", ")
        throw WorkbenchError(
            .value,
            "\(names.first ?? "the scheduler") gives \(count(rates.count, "rate"))"
                + (rates.isEmpty ? "" : " (\(shown)\(rates.count > 5 ? ", …" : ""))")
                + " for the \(count(optimizer.groups.count, "group")) of the optimizer",
            hint: "a rate for each group: sapply(self$base_lrs, function(lr) …) in R, baseRates.map { … } in Swift")
    }

    /// Steps it was made for, nil for no end (`lr_one_cycle`).
    open var plannedSteps: Int? { nil }

    /// Whether its rates follow from the count of steps alone: not from a metric, nor from a user's code.
    open var isPlannable: Bool { !takesMetric }

    /// The rates of the first group now and after each of the next steps, for what is shown before a fit; scheduler and
    /// optimizer are left as they were. Nil if it is not ``isPlannable``.
    /// - Parameter steps: Steps to look ahead, at most those it was made for.
    public final func ratesAhead(steps: Int, _ context: Context) throws -> [Double]? {
        guard isPlannable, let first = optimizer.groups.first else { return nil }
        let saved = (
            groups: optimizer.groups.map { $0.options }, state: stateDict, epoch: lastEpoch, rates: lastRates,
            verbose: isVerbose
        )
        isVerbose = false
        defer {
            for (group, options) in zip(optimizer.groups, saved.groups) { group.options = options }
            stateDict = saved.state
            (lastEpoch, lastRates, isVerbose) = (saved.epoch, saved.rates, saved.verbose)
        }
        var rates = [try first.number("lr")]
        let most = plannedSteps.map { max(0, $0 - lastEpoch) } ?? steps
        for _ in 0..<max(0, min(steps, most)) {
            try step(context)
            rates.append(try first.number("lr"))
        }
        return rates
    }

    /// What it remembers besides epochs and rates, under R's names; a checkpoint gives it back.
    open var memory: [(name: String, value: Value)] {
        get { [] }
        set {}
    }

    /// What checkpoints keep: everything but the optimizer, in the order of R torch.
    public final var stateDict: [(name: String, value: Value)] {
        get {
            [
                (".last_lr", .numbers(lastRates)), (".step_count", .int(stepCount)), ("verbose", .flag(isVerbose)),
                ("last_epoch", .number(Double(lastEpoch))), ("base_lrs", .items(baseRates.map { .number($0) })),
            ] + memory + [(".classes", .strings(names.dropLast(2) + ["lr_scheduler"]))]
        }
        set {
            for entry in newValue {
                switch entry.name {
                case ".last_lr": lastRates = Scheduler.numbers(entry.value)
                case ".step_count": stepCount = Scheduler.numbers(entry.value).first.flatMap { Int(exactly: $0) } ?? 0
                case "last_epoch":
                    lastEpoch = Scheduler.numbers(entry.value).first.flatMap { Int(exactly: $0) } ?? lastEpoch
                case "base_lrs": baseRates = Scheduler.numbers(entry.value)
                default: break
                }
            }
            memory = newValue
        }
    }

    /// What a checkpoint keeps: what `state_dict()` gives, which a class written in R may have of its own.
    package func savedDictionary(_ context: Context) throws -> Value {
        try context.call(try method("state_dict", context), [], call: Call("state_dict", []))
    }

    /// Takes it back, by `load_state_dict()`.
    package func takeDictionary(_ saved: Value, _ context: Context) throws {
        _ = try context.call(
            try method("load_state_dict", context), [Argument(saved)],
            call: Call("load_state_dict", [.symbol(Symbol.named("state_dict"))]))
    }

    private func method(_ name: String, _ context: Context) throws -> Value {
        try context.call("$", [Argument(.object(self)), Argument(.string(name))])
    }

    /// Numbers of a vector or of a list of numbers.
    private static func numbers(_ value: Value) -> [Double] {
        if case .list(let list) = value { return list.elements.flatMap { numbers($0) } }
        return (try? value.asDoubles().elements) ?? []
    }

    /// What checkpoints keep.
    open override func savedState(_ context: Context) throws -> Value {
        .named(stateDict + [("optimizer", .object(optimizer))])
    }

    /// Takes it back.
    open override func restoreState(_ state: Value, _ context: Context) throws {
        optimizer = try state.saved("optimizer", as: Optimizer.self)
        isVerbose = state.savedFlag("verbose")
        stateDict = state.namedItems.filter { $0.name != "optimizer" }
    }

    /// Rates now set in the optimizer.
    public final func currentRates() throws -> [Double] { try optimizer.groups.map { try $0.number("lr") } }

    /// The optimizer.
    open override func visitReferences(_ visit: (Value) -> Void) { visit(.object(optimizer)) }
}

extension Namespace {
    /// Adds a scheduler: `lr_step(optimizer, …)`; its first step is done when it is made.
    public func scheduler(
        _ name: String, _ parameters: [Parameter], help: String = "",
        _ make: @escaping (inout Arguments) throws -> Scheduler
    ) {
        let first = { (object: ForeignObject, context: Context) throws -> Void in
            try (object as? Scheduler)?.start(context)
        }
        define(maker(name, parameters, help: help, finish: first) { args in try make(&args) }, .scheduler)
    }
}

extension Arguments {
    /// An optimizer argument.
    public func optimizer(_ name: String) throws -> Optimizer {
        if case .object(let object) = try required(name), let optimizer = object as? Optimizer { return optimizer }
        throw WorkbenchError(.type, "`\(name)` must be an optimizer, not \(describe(self[name]))")
    }
}
