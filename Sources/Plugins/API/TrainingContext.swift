import Diagnostics
import Tensors

/// The state of a fit, evaluation or prediction: what R code sees as `ctx`.
public final class TrainingContext: ForeignObject, @unchecked Sendable {
    /// The session.
    public let session: Context
    /// Whether progress is shown.
    public var isVerbose: Bool
    /// What `setup()` returned; `NULL` in evaluations and predictions.
    public var generator: Value = .null
    /// The model in training.
    public var model: Module
    /// Optimizers by name; one alone is called `opt`.
    public var optimizers: [(name: String, optimizer: Optimizer)] = []
    /// The loader in use now, and those of the two phases.
    public var data: Value = .null
    /// Loader of training batches.
    public var trainData: Value = .null
    /// Loader of validation batches, `NULL` for none.
    public var validData: Value = .null
    /// Fewest and most epochs.
    public var minEpochs = 1
    /// Most epochs.
    public var maxEpochs = 1
    /// Epoch, from 1; 0 before the first.
    public var epoch = 0
    /// Batch in the phase, from 1.
    public var iteration = 0
    /// Batches of the phase, or nil if not known.
    public var iterations: Int?
    /// Batches of training and of validation in each epoch, nil if not known.
    public var batchesPlanned: (train: Int?, valid: Int?) = (nil, nil)
    /// Training, not validation.
    public var isTraining = true
    /// The callbacks in their order.
    public var callbacks: [Callback] = []
    /// Who watches from outside: told of every event after the callbacks, and no part of the fit. They are not in
    /// `ctx$callbacks`, checkpoints hold nothing of them, and a fit that goes on has new ones.
    public var observers: [Callback] = []
    /// Checkpoints that callbacks have written in this fit, with their epochs, in the order of writing.
    public private(set) var checkpoints: [(path: String, epoch: Int)] = []
    /// The batch as the loader gave it.
    public var batch: Value = .null
    /// Its input.
    public var input: Value = .null
    /// Its target.
    public var target: Value = .null
    /// The model's output.
    public var predictions: Value = .items([])
    /// The loss by optimizer name, without history.
    public var loss: Value = .null
    /// The loss with its history.
    public var lossWithGradient: Value = .null
    /// The loss function.
    public var lossFunction: Value = .null
    /// Called to move weights: `function(opt) opt$step()`; `NULL` for that.
    public var stepFunction: Value = .null
    /// The loss where it is a module that the net does not have among its own.
    package var lossModule: Module? {
        guard case .object(let object) = lossFunction, let module = object as? Module,
            !model.modules().contains(where: { $0.module === module })
        else { return nil }
        return module
    }
    /// Modules of the net, and of the loss, with their paths; those of the loss begin with `(loss)`.
    package var allModules: [(path: String, module: Module)] {
        model.modules().map { ($0.path, $0.module) }
            + (lossModule?.modules().map { ("(loss)" + ($0.path.isEmpty ? "" : "." + $0.path), $0.module) } ?? [])
    }
    /// The optimizer in use.
    public var currentOptimizer: (name: String, optimizer: Optimizer)?
    /// Metrics of the two phases, live.
    public var metrics: (train: [Metric], valid: [Metric]) = ([], [])
    /// Generators of the metrics of the two phases.
    public var metricGenerators: (train: [MetricGenerator], valid: [MetricGenerator]) = ([], [])
    /// `records`: a nested list `records$metrics$train[[epoch]]`.
    public var records: Value = .named([("metrics", .named([("train", .items([])), ("valid", .items([]))]))])
    /// Arguments for `initialize`.
    public var hparams: Value = .null
    /// Arguments for the optimizer.
    public var optHparams: Value = .null
    /// R handlers of conditions that end the fit, and of those that end an epoch.
    public var handlers: Value = .items([])
    /// Handlers of conditions that end an epoch.
    public var epochHandlers: Value = .items([])
    /// Scratch list for callbacks.
    public var buffers: Value = .items([])
    /// The accelerator object.
    public var accelerator: Value = .null
    /// Seconds spent waiting for batches in this phase.
    public var secondsWaiting = 0.0
    /// Epochs of earlier fits that this one goes on from.
    public var epochsBefore = 0
    /// Whole epochs done.
    public var epochsDone = 0
    /// The pass of the loader in use.
    public var pass: TrainingPass?
    /// Set by a callback that saves places within an epoch: what a pass needs to begin again is kept then.
    public var keepsPlace = false
    /// Not to be trained to an end: a search for a rate.
    package var isSearch = false
    /// The mark by which recovery would know this fit, and those of cut fits it goes on from.
    package var recoveryMarks: [String] = []
    /// The event being told to the callbacks, and how many have been told; nil between events.
    public private(set) var telling: (event: TrainingEvent, told: Int)?
    /// The event that all callbacks have been told last.
    public private(set) var lastEvent = TrainingEvent.fitBegin
    /// Where the fit goes on, set by a callback at ``TrainingEvent/fitBegin``: the loop does the rest.
    public var resumption: TrainingResumption?
    /// Items set aside for validation, from 1, if a share of the data was.
    public var validItems: [Int]?
    /// Sets those items aside instead.
    public var setAside: ((_ items: [Int]) throws -> Void)?

    /// Makes a context.
    public init(session: Context, model: Module, verbose: Bool) {
        self.session = session
        self.model = model
        isVerbose = verbose
    }

    /// A context whose state comes later, in a session that is being restored.
    public convenience init(restoring session: Context) {
        self.init(session: session, model: Module(), verbose: false)
    }

    /// `fit_context`, as luz has it.
    public override var classes: [Text] { ["fit_context", "context", "R6"] }

    /// Calls all callbacks that listen to an event.
    ///
    /// - Parameter chosen: Only these, of an event that the others have been told already.
    /// - Throws: what a callback throws; observers are then not told.
    public func call(_ event: TrainingEvent, only chosen: [Callback]? = nil) throws {
        let before = telling
        defer { telling = before }
        for (place, callback) in callbacks.enumerated() where callback.listens(to: event) {
            if let chosen, !chosen.contains(where: { $0 === callback }) { continue }
            telling = (event, place + 1)
            try tell(callback, event)
        }
        lastEvent = event
        for observer in observers where observer.listens(to: event) { try tell(observer, event) }
    }

    private func tell(_ callback: Callback, _ event: TrainingEvent) throws {
        let wasEnabled = session.tensors.gradMode.isEnabled
        session.tensors.gradMode.isEnabled = false
        defer { session.tensors.gradMode.isEnabled = wasEnabled }
        try withPlace(of: callback, at: event) { try callback.handle(event, self) }
    }

    /// Keeps in mind that a callback has written the state of the fit into a file.
    public func noteCheckpoint(_ path: String) {
        checkpoints.removeAll { $0.path == path }
        checkpoints.append((path, epoch))
    }

    /// Runs a callback's code; an error on its way out names it, the event, epoch and batch.
    public func withPlace(of callback: Callback, at event: TrainingEvent, _ body: () throws -> Void) throws {
        // predict() has no epochs; its loop names the batch.
        let isOfEpoch = ![.predictBegin, .predictBatchBegin, .predictBatchEnd, .predictEnd].contains(event)
        try withPlace(of: callback, text: "at \(event.rawValue)", place: isOfEpoch ? placeText : nil, body)
    }

    /// The same for code that is no hook, such as `state_dict()`; what the callbacks in the box say there is clear as it is.
    package func withPlace<Result>(
        of callback: Callback, in function: String, _ body: () throws -> Result
    ) throws -> Result {
        try withPlace(of: callback, in: function, place: placeText, body)
    }

    /// The same for code that gives a callback back what was saved: the fit is at no place yet.
    func restoring<Result>(_ callback: Callback, in function: String, _ body: () throws -> Result) throws -> Result {
        try withPlace(of: callback, in: function, place: nil, body)
    }

    private func withPlace<Result>(
        of callback: Callback, in function: String, place: String?, _ body: () throws -> Result
    ) throws -> Result {
        let isOwn = callback.construction == nil || session.registry.loadedPlugins.plugin(callback.plugin) != nil
        return isOwn ? try withPlace(of: callback, text: "in \(function)()", place: place, body) : try body()
    }

    private func withPlace<Result>(
        of callback: Callback, text: String, place: String?, _ body: () throws -> Result
    ) throws -> Result {
        try session.wrappingErrors(
            as: {
                let names = callback.classes.map { $0.string }.joined(separator: "/")
                let condition = makeCondition(
                    "Error while calling callback with class <\(names)> \(text).", call: nil,
                    classes: ["rlang_error", "error", "condition"])
                let owner = session.registry.loadedPlugins.plugin(callback.plugin)
                return (condition, (owner.map { [$0.title] } ?? []) + (place.map { [$0] } ?? []))
            }, body)
    }

    /// "epoch 2, batch 17".
    public var placeText: String {
        epoch == 0
            ? "before epoch 1"
            : "epoch \(epoch), batch \(iteration) of the \(isTraining ? "training" : "validation") data"
    }

    /// Says something if the fit is verbose, as an R message on standard error.
    public func say(_ text: String) throws {
        if isVerbose { try session.message(text + "\n") }
    }

    // MARK: Conditions

    /// Lets conditions of a class end the fit; callbacks are then called at an event. Keeps a handler that is there.
    public func addHandler(_ className: String, calling event: TrainingEvent) {
        guard Self.element(handlers, className) == nil else { return }
        handlers = Self.setting(handlers, className, .builtin(handler(className, event)))
    }

    private func handler(_ className: String, _ event: TrainingEvent) -> Builtin {
        let handler = Builtin(className, namespace: "luz", [.value("condition")], visible: false) { [weak self] _ in
            try self?.call(event)
            return .null
        }
        handler.origin = .method(of: { [weak self] in self }, className + " " + event.rawValue)
        return handler
    }

    /// A handler that ``addHandler(_:calling:)`` made.
    public override func ownMethod(_ name: String) -> Builtin? {
        guard let blank = name.utf8.lastIndex(of: UInt8(ascii: " ")),
            let event = TrainingEvent(rawValue: String(name[name.utf8.index(after: blank)...]))
        else { return nil }
        return handler(String(name[..<blank]), event)
    }

    // MARK: Saved sessions

    /// What was saved of it, if something in it is of a plug-in that is not there: it is saved so once more.
    private var savedAsItWas = Value.null

    /// A fit is made with its model.
    public override var savedKind: String? { "fit_context" }

    /// Everything but the last batch and what was computed from it.
    public override func savedState(_ context: Context) throws -> Value {
        if !savedAsItWas.isNull { return savedAsItWas }
        func generators(_ list: [MetricGenerator]) -> Value { .items(list.map { .object($0) }) }
        var entries: [(String, Value)] = [
            (".model", .object(model)), ("verbose", .flag(isVerbose)), ("min_epochs", .int(minEpochs)),
            ("max_epochs", .int(maxEpochs)), ("epoch", .int(epoch)), ("iteration", .int(iteration)),
            ("training", .flag(isTraining)), ("epochs_before", .int(epochsBefore)), ("epochs_done", .int(epochsDone)),
            ("valid_items", validItems.map { .ints($0) } ?? .null),
            ("optimizers", .named(optimizers.map { ($0.name, .object($0.optimizer)) })),
            ("current", currentOptimizer.map { .string($0.name) } ?? .null),
            ("callbacks", .items(callbacks.map { .object($0) })),
            ("train_metrics", generators(metricGenerators.train)),
            ("valid_metrics", generators(metricGenerators.valid)),
        ]
        for (name, path) in TrainingContext.savedValues { entries.append((name, self[keyPath: path])) }
        return .named(entries)
    }

    private static let savedValues: [(String, any ReferenceWritableKeyPath<TrainingContext, Value> & Sendable)] = [
        ("generator", \.generator), ("data", \.data), ("train_data", \.trainData), ("valid_data", \.validData),
        ("loss", \.loss),
        ("loss_fn", \.lossFunction), ("step", \.stepFunction), ("records", \.records), ("hparams", \.hparams),
        ("opt_hparams", \.optHparams), ("handlers", \.handlers), ("epoch_handlers", \.epochHandlers),
        ("buffers", \.buffers), ("accelerator", \.accelerator),
    ]

    /// Takes all of it back.
    public override func restoreState(_ state: Value, _ context: Context) throws {
        model = try state.saved(".model", as: Module.self)
        isVerbose = state.savedFlag("verbose")
        minEpochs = try state.savedCount("min_epochs") ?? 1
        maxEpochs = try state.savedCount("max_epochs") ?? 1
        epoch = try state.savedCount("epoch") ?? 0
        iteration = try state.savedCount("iteration") ?? 0
        isTraining = state.savedFlag("training")
        epochsBefore = try state.savedCount("epochs_before") ?? 0
        epochsDone = try state.savedCount("epochs_done") ?? 0
        let items = state.saved("valid_items")
        validItems = items.isNull ? nil : try items.asDoubles().elements.compactMap { Int(exactly: $0) }
        savedAsItWas = .null
        func objects<Object: ForeignObject>(_ name: String, as type: Object.Type) throws -> [(String, Object)] {
            try state.saved(name).namedItems.compactMap { item in
                if item.value.absentThing != nil {
                    savedAsItWas = state
                    return nil
                }
                guard case .object(let object) = item.value, let found = object as? Object else {
                    throw WorkbenchError(.data, "the saved `\(name)` of a fit are not what they should be")
                }
                return (item.name, found)
            }
        }
        optimizers = try objects("optimizers", as: Optimizer.self).map { ($0.0, $0.1) }
        let name = state.savedText("current")
        currentOptimizer = optimizers.first { $0.name == name }
        callbacks = try state.saved("callbacks").namedItems.map { item in
            guard let callback = AbsentCallback.callback(item.value) else {
                throw WorkbenchError(.data, "the saved `callbacks` of a fit are not what they should be")
            }
            return callback
        }
        metricGenerators = (
            try objects("train_metrics", as: MetricGenerator.self).map { $0.1 },
            try objects("valid_metrics", as: MetricGenerator.self).map { $0.1 }
        )
        for (name, path) in TrainingContext.savedValues { self[keyPath: path] = state.saved(name) }
    }

    // MARK: Records

    /// Adds to `records[[what]][[set]]`: at an index (joined with what is there if `append`), else behind the last.
    public func log(_ what: String, _ set: String, _ value: Value, index: Int? = nil, append: Bool = true) throws {
        if let index, !(1..<100_000_000).contains(index) {
            throw WorkbenchError(.value, "`index` must be at least 1, not \(index)")
        }
        Self.change(&records, what) { section in
            Self.change(&section, set) { entries in
                guard case .list(var list) = entries else { return }
                entries = .null
                if let index {
                    while list.elements.count < index { list.elements.append(.null) }
                    let before = list.elements[index - 1]
                    list.elements[index - 1] = append && !before.isNull ? Self.joined(before, value) : value
                } else {
                    list.elements.append(value)
                }
                entries = .list(list)
            }
        }
    }

    /// Changes the element of a name, an empty list where there is none; in place if nobody else has the list, so that
    /// thousands of epochs cost no more each than the first.
    private static func change(_ list: inout Value, _ name: String, _ body: (inout Value) -> Void) {
        guard case .list(var items) = list, let place = list.names?.firstIndex(of: Text(name)),
            items.elements.indices.contains(place)
        else {
            var element = Value.items([])
            body(&element)
            list = setting(list, name, element)
            return
        }
        list = .null
        var element = items.elements[place]
        items.elements[place] = .null
        body(&element)
        items.elements[place] = element
        list = .list(items)
    }

    /// Adds a metric of the present phase and epoch.
    public func logMetric(_ name: String, _ value: Value) throws {
        try log("metrics", isTraining ? "train" : "valid", .named([(name, value)]), index: max(1, epoch))
    }

    /// `records[[what]][[set]]`, or its element at an index; nil if there is none.
    public func logged(_ what: String, _ set: String, index: Int? = nil) -> Value? {
        guard let section = Self.element(records, what), let entries = Self.element(section, set) else { return nil }
        guard let index else { return entries }
        guard case .list(let list) = entries, list.elements.indices.contains(index - 1) else { return nil }
        return list[index - 1].isNull ? nil : list[index - 1]
    }

    /// Values of all metrics of a phase in an epoch (the last one logged if nil).
    public func metricValues(_ set: String, epoch: Int? = nil) -> Value? {
        guard case .list(let list)? = logged("metrics", set) else { return nil }
        let place = epoch ?? list.count
        guard list.elements.indices.contains(place - 1) else { return nil }
        return list[place - 1]
    }

    /// One metric of a phase in an epoch, or nil.
    public func metricValue(_ name: String, _ set: String, epoch: Int? = nil) -> Value? {
        metricValues(set, epoch: epoch).flatMap { Self.element($0, name) }
    }

    /// The element of a name in a list.
    public static func element(_ list: Value, _ name: String) -> Value? { list.element(name) }

    /// The list with an element set.
    public static func setting(_ list: Value, _ name: String, _ value: Value) -> Value {
        guard case .list(let elements) = list else { return .named([(name, value)]) }
        var items = elements.elements
        var names = list.names ?? items.map { _ in Text("") }
        if let place = names.firstIndex(of: Text(name)) {
            items[place] = value
        } else {
            items.append(value)
            names.append(Text(name))
        }
        return Value.list(Vector(items)).withNames(names)
    }

    private static func joined(_ a: Value, _ b: Value) -> Value {
        func parts(_ value: Value) -> ([Value], [Text?]) {
            if case .list(let list) = value { return (list.elements, value.names ?? list.elements.map { _ in "" }) }
            return ([value], [""])
        }
        let (first, firstNames) = parts(a)
        let (second, secondNames) = parts(b)
        return Value.list(Vector(first + second)).withNames(firstNames + secondNames)
    }

    /// All R values it holds.
    public override func visitReferences(_ visit: (Value) -> Void) {
        visit(.object(model))
        for entry in optimizers { visit(.object(entry.optimizer)) }
        for callback in callbacks { visit(.object(callback)) }
        for value in [
            generator, data, trainData, validData, batch, input, target, predictions, loss, lossWithGradient,
            lossFunction,
            stepFunction, records, hparams, optHparams, handlers, epochHandlers, buffers, accelerator,
        ] {
            visit(value)
        }
        visit(savedAsItWas)
        if let pass { visit(.object(pass.iterator)) }
    }
}

/// One pass of a loader in a fit.
public struct TrainingPass {
    /// Its batches.
    public let iterator: BatchIterator
    /// Both generators before it began (its order is drawn at the start); nil if nobody saves places.
    public let start: (torch: Tensor, base: Value)?

    /// A pass.
    public init(_ iterator: BatchIterator, start: (torch: Tensor, base: Value)?) {
        self.iterator = iterator
        self.start = start
    }
}

/// What a fit goes on from.
public struct TrainingResumption {
    /// Where it was.
    public let place: TrainingPlace
    /// Callbacks that have not been told the event of the place.
    public let pending: [Callback]
    /// Generators before the pass in which it was, nil outside one.
    public let passStart: (torch: Tensor, base: Value)?
    /// Puts everything back that the place does not say; called where the fit goes on, after the events that begin epoch
    /// and phase.
    public let restore: (TrainingContext) throws -> Void

    /// Puts back what data sets and samplers were at the beginning of the pass in which the fit was: called before it is
    /// begun again.
    public let beforePass: ((TrainingContext) throws -> Void)?

    /// A resumption.
    public init(
        place: TrainingPlace, pending: [Callback], passStart: (torch: Tensor, base: Value)? = nil,
        beforePass: ((TrainingContext) throws -> Void)? = nil, restore: @escaping (TrainingContext) throws -> Void
    ) {
        (self.place, self.pending, self.passStart) = (place, pending, passStart)
        (self.beforePass, self.restore) = (beforePass, restore)
    }
}
