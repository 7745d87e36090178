import Diagnostics

/// A number computed over the batches of a phase: class `luz_metric`.
///
/// A new object is made at the beginning of each phase and told of it by ``begin(_:)``; ``update(_:_:_:)`` is called
/// after each batch under `no_grad`, ``compute(_:)`` at the end (and for the progress bar). By hand, without a fit, the
/// same object is made by `$new()`.
///
/// For those who write one:
/// - All is called on the thread that evaluates. Predictions are what the model returned, [N, …]; classes count from 1.
/// - Keep sums, not batches. ``compute(_:)`` may be called after any batch, and must not change anything.
/// - ``stateDict(_:)`` and ``loadStateDict(_:_:)`` let an epoch go on in its middle.
/// - `Namespace.metric` registers it: the closure it takes checks the arguments once and returns what makes a metric.
/// - Check it with ``Checks/metric(_:input:as:)``, at the prompt `check_metric(luz_metric_…())`.
open class Metric: ForeignObject, @unchecked Sendable {
    /// Label in output; in lower case the name in records and monitors.
    open var abbreviation: String { "Metric" }

    /// R class names, most special first, without `LuzMetric` and `R6`.
    open var classNames: [String] { [] }

    /// What made it.
    final fileprivate(set) var generator: MetricGenerator?

    /// What registered it: plug-in and function.
    final var registration: (plugin: String, function: String)?

    /// Runs what the metric does; an error on its way out names its plug-in, if that is not in the box.
    public final func namingPlugin<Result>(_ context: Context, _ body: () throws -> Result) throws -> Result {
        guard let registration else { return try body() }
        return try context.registry.naming(registration.plugin, registration.function, body)
    }

    /// Called once, before the first batch of a phase.
    open func begin(_ training: TrainingContext) throws {}

    /// Takes a batch in: the model's output and the target.
    open func update(_ predictions: Value, _ target: Value, _ context: Context) throws {}

    /// The number so far, or a named list of numbers.
    open func compute(_ context: Context) throws -> Value { .null }

    /// What it has come to in this phase, for a checkpoint in the middle of an epoch; nil if that cannot be saved.
    open func stateDict(_ context: Context) throws -> Value? { nil }

    /// Goes on from a ``stateDict(_:)``.
    open func loadStateDict(_ state: Value, _ context: Context) throws {}

    /// How a value is shown: rounded to 4 decimals, as luz does.
    open func format(_ value: Value, _ context: Context) throws -> String { Metric.text(value) }

    /// A member for R (`m$threshold`), or nil.
    open func field(_ name: String, context: Context) throws -> Value? { nil }

    /// Sets a member.
    open func setField(_ name: String, _ value: Value, context: Context) throws {
        throw WorkbenchError(.name, "`\(name)` of a metric cannot be set")
    }

    /// ``classNames``, `LuzMetric`, `R6`.
    public final override var classes: [Text] { classNames.map { Text($0) } + ["LuzMetric", "R6"] }

    // MARK: Saved sessions

    /// Made again by its generator, and goes on from what it has come to.
    open override var savedKind: String? { generator == nil ? nil : "metric object" }

    /// The generator.
    open override func savedParts(_ context: Context) throws -> Value {
        .named([("generator", generator.map { .object($0) } ?? .null)])
    }

    /// ``stateDict(_:)``.
    open override func savedState(_ context: Context) throws -> Value { try stateDict(context) ?? .null }

    /// Takes it back.
    open override func restoreState(_ state: Value, _ context: Context) throws {
        if !state.isNull { try loadStateDict(state, context) }
    }

    /// The generator.
    open override func visitReferences(_ visit: (Value) -> Void) {
        if let generator { visit(.object(generator)) }
    }

    /// - Throws: for text among what it has computed: records, monitors and plots take numbers.
    package final func refuseText(_ value: Value) throws {
        let isList: Bool
        if case .list = value { isList = true } else { isList = false }
        for item in isList ? value.namedItems : [("", value)] {
            guard case .character = item.value else { continue }
            let place = item.name.isEmpty ? "" : "$\(item.name)"
            throw WorkbenchError(
                .type, "compute()\(place) of the metric \(abbreviation) must give numbers, not text",
                hint: "format = function(value) … says how they are shown")
        }
    }

    /// Numbers rounded to 4 decimals and written with up to 15 digits; lists as `a: 0.1 | b: 2`.
    public static func text(_ value: Value) -> String {
        if case .list(let list) = value {
            let names = value.names
            return list.elements.enumerated().map { place, element in
                "\(names?[place]?.string ?? ""): \(text(element))"
            }.joined(separator: " | ")
        }
        guard let number = try? value.asDoubles().elements.first else { return "" }
        if case .character(let text) = value { return text.elements.first??.string ?? "NA" }
        guard number.isFinite else { return nonFiniteText(number) }
        return numberText(roundHalfEven(number, digits: 4))
    }
}

/// What `luz_metric_accuracy` is once called: makes a fresh metric for each phase.
public final class MetricGenerator: ForeignObject, @unchecked Sendable {
    private let body: (Context) throws -> Metric
    private let names: [String]
    private let held: [Value]
    private let saved: (kind: String, parts: Value)?

    /// A generator; `held` are the R values that `make` keeps. A metric class with a name gives it `NAME_generator`.
    /// - Parameter saved: How a saved session makes it again, if no maker does.
    public init(
        _ name: String? = nil, holding held: [Value] = [], saved: (kind: String, parts: Value)? = nil,
        make: @escaping (Context) throws -> Metric
    ) {
        names = (name.map { [$0 + "_generator"] } ?? []) + ["luz_metric_generator", "R6ClassGenerator"]
        self.held = held
        self.saved = saved
        body = make
    }

    /// Makes a metric.
    public func make(_ context: Context) throws -> Metric {
        let metric = try body(context)
        metric.generator = self
        return metric
    }

    /// `NAME_generator`, `luz_metric_generator`, `R6ClassGenerator`.
    public override var classes: [Text] { names.map { Text($0) } }

    /// What the maker keeps.
    public override func visitReferences(_ visit: (Value) -> Void) {
        for value in held { visit(value) }
        if let saved { visit(saved.parts) }
    }

    /// Given when it was made.
    public override var savedKind: String? { saved?.kind }
    /// Given when it was made.
    public override func savedParts(_ context: Context) throws -> Value { saved?.parts ?? .null }
}

extension Namespace {
    /// Adds a metric: `luz_metric_accuracy()`.
    public func metric(
        _ name: String, _ parameters: [Parameter], help: String = "",
        _ make: @escaping (Arguments) throws -> (Context) throws -> Metric
    ) {
        define(
            maker(name, parameters, help: help) { args in
                let make = try make(args)
                let function = args.function
                return MetricGenerator { context in
                    let metric = try make(context)
                    metric.registration = (function.plugin, function.name.name)
                    return metric
                }
            }, .metric)
    }
}

/// Metrics of the two phases: class `luz_metric_set`. The loss comes first in both and is not listed here.
public final class MetricSet: ForeignObject, @unchecked Sendable {
    /// Metrics of training.
    public let train: [MetricGenerator]
    /// Metrics of validation.
    public let valid: [MetricGenerator]

    /// Makes a set.
    public init(train: [MetricGenerator], valid: [MetricGenerator]) {
        self.train = train
        self.valid = valid
    }

    /// `luz_metric_set`.
    public override var savedKind: String? { "luz_metric_set" }

    /// The generators of both phases.
    public override func savedParts(_ context: Context) throws -> Value {
        .named([
            ("train", .items(train.map { .object($0) })), ("valid", .items(valid.map { .object($0) })),
        ])
    }

    /// A set from what ``savedParts(_:)`` gave.
    public convenience init(saved parts: Value) throws {
        func list(_ name: String) throws -> [MetricGenerator] {
            try parts.saved(name).namedItems.map { item in
                guard case .object(let object) = item.value, let generator = object as? MetricGenerator else {
                    throw WorkbenchError(.data, "the saved metrics are none")
                }
                return generator
            }
        }
        self.init(train: try list("train"), valid: try list("valid"))
    }

    /// `luz_metric_set`.
    public override var classes: [Text] { ["luz_metric_set"] }

    /// The generators.
    public override func visitReferences(_ visit: (Value) -> Void) {
        for generator in train + valid { visit(.object(generator)) }
    }
}

/// What a fit finds without knowing the plug-ins that provide it: its default callbacks and the metric of the loss.
public final class TrainingDefaults: @unchecked Sendable {
    /// What is being run.
    public enum Run: Sendable {
        /// `fit()`
        case fit
        /// `evaluate()`
        case evaluate
        /// `predict()`
        case predict
    }

    /// Makes the default callbacks of a run, in their order.
    public var callbacks: [(Run) -> [Callback]] = []
    /// Makes what watches a fit that begins, or nil: see ``TrainingContext/observers``.
    public var observers: [(TrainingContext) -> Callback?] = []
    /// The metric that shows the loss.
    public var lossMetric: MetricGenerator?

    init() {}
}

extension Registry {
    /// Default callbacks and loss metric, filled by plug-ins.
    public var trainingDefaults: TrainingDefaults { shelf(TrainingDefaults.self) { TrainingDefaults() } }
}
