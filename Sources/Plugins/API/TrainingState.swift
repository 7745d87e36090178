import Diagnostics
import Glibc
import Tensors

/// Everything a fit needs to go on with the same numbers, as R values with tensors in them.
///
/// ``common`` is luz's list `list(epoch = , records = , model = , optimizers = , callbacks = )`; ``exact`` holds what luz
/// has no place for: the place within the epoch, both random generators, what metrics have come to, what callbacks keep
/// besides. Fields of modules and callbacks written in R are not in it, unless `state_dict()` gives them.
public struct TrainingState: Sendable {
    /// luz's list.
    public let common: Value
    /// The rest; `NULL` in files of version 1.
    public let exact: Value

    /// From a file.
    public init(common: Value, exact: Value) { (self.common, self.exact) = (common, exact) }

    // MARK: From a fit

    /// The present state; tensors are shared with the fit.
    /// - Throws: what `state_dict()` of a callback throws.
    public init(of training: TrainingContext) throws {
        let context = training.session
        common = .named([
            ("epoch", .int(training.epoch)), ("records", training.records),
            ("model", .named(training.model.stateDict().map { ($0.name, .tensor($0.tensor)) })),
            ("optimizers", OptimizerStates.value(training)),
            (
                "callbacks",
                .items(
                    try training.callbacks.map { callback in
                        try training.withPlace(of: callback, in: "state_dict") { try callback.stateDict(context) }
                            ?? .null
                    })
            ),
        ])
        let place = TrainingPlace(training) ?? .end(ofEpoch: training.epochsDone, told: training.callbacks.count)
        var entries: [(String, Value)] = [
            ("place", place.value), ("epochs_done", .int(training.epochsDone)),
            ("torch", .tensor(try context.tensors.generator.stateTensor())), ("base", context.random.state),
            ("training", .flag(training.isTraining)), ("loss", training.loss),
            ("model", ModuleStates.value(training.model)),
            ("classes", .items(training.callbacks.map { .strings($0.classNames) })),
            (
                "progress",
                .items(
                    try training.callbacks.map { callback in
                        try training.withPlace(of: callback, in: "progressState") {
                            try callback.progressState(training)
                        } ?? .null
                    })
            ),
            ("buffers", training.buffers), ("waiting", .number(training.secondsWaiting)),
        ]
        entries.append(("gradients", TrainingState.gradients(training)))
        if let loss = training.lossModule {
            entries.append(
                (
                    "loss_module",
                    .named([
                        ("state", .named(loss.stateDict().map { ($0.name, .tensor($0.tensor)) })),
                        ("rest", ModuleStates.value(loss)),
                    ])
                ))
        }
        if let items = training.validItems { entries.append(("valid_items", .ints(items))) }
        entries.append(
            (
                "metrics",
                .named([
                    (
                        "train",
                        try TrainingState.states(
                            of: training.metrics.train, isNeeded: place.event != .epochEnd, context)
                    ),
                    (
                        "valid",
                        try TrainingState.states(
                            of: training.isTraining ? [] : training.metrics.valid, isNeeded: place.event != .epochEnd,
                            context)
                    ),
                ])
            ))
        if place.event != .epochEnd, let pass = training.pass {
            guard let start = pass.start else {
                throw WorkbenchError(.fault, "the pass of the loader was not prepared to be saved")
            }
            entries.append(
                (
                    "pass",
                    .named([
                        ("torch", .tensor(start.torch)), ("base", start.base),
                        ("workers", .items(try pass.iterator.workerStates())),
                    ])
                ))
        }
        exact = .named(entries)
    }

    /// Gradients that the next batch adds to: with several optimizers, or where the module's own `step()` or a callback
    /// collects them. Mostly they are zeros, of which the name is enough; a parameter without a gradient is not the same,
    /// for an optimizer passes it over.
    private static func gradients(_ training: TrainingContext) -> Value {
        .named(
            parameters(training).compactMap { entry in
                entry.tensor.grad.map { (entry.name, isZero($0) ? true : .tensor($0)) }
            })
    }

    private static func parameters(_ training: TrainingContext) -> [(name: String, tensor: Tensor)] {
        training.model.namedParameters().map { ($0.name, $0.tensor) }
            + (training.lossModule?.namedParameters().map { ("(loss)." + $0.name, $0.tensor) } ?? [])
    }

    private static func isZero(_ tensor: Tensor) -> Bool {
        tensor.withContiguousBytes { bytes in
            guard let start = bytes.baseAddress, bytes.count > 0 else { return true }
            return bytes[0] == 0 && memcmp(start, start + 1, bytes.count - 1) == 0
        }
    }

    private func restoreGradients(_ training: TrainingContext) throws {
        let gradients = self["gradients"]
        guard !gradients.isNull else { return }
        for entry in TrainingState.parameters(training) {
            guard let saved = TrainingContext.element(gradients, entry.name) else {
                entry.tensor.grad = nil
                continue
            }
            guard let known = saved.asTensor else {
                entry.tensor.grad = try Tensor.zeros(entry.tensor.shape, entry.tensor.dtype)
                continue
            }
            guard known.shape == entry.tensor.shape else {
                throw WorkbenchError(.shape, "the checkpoint's gradient of \(entry.name) does not have its shape")
            }
            entry.tensor.grad = try known.detached().clone()
        }
    }

    /// Weights, buffers and modes of the loss, where it is a module.
    private func restoreLoss(_ training: TrainingContext) throws {
        guard let loss = training.lossModule, !self["loss_module"].isNull else { return }
        try loss.loadStateDict(
            self["loss_module"].saved("state").namedItems.compactMap { item in
                item.value.asTensor.map { (item.name, $0) }
            })
        try ModuleStates.restore(self["loss_module"].saved("rest"), loss)
    }

    private static func states(of metrics: [Metric], isNeeded: Bool, _ context: Context) throws -> Value {
        .items(
            try metrics.map { metric in
                do {
                    if let state = try metric.stateDict(context) { return state }
                } catch {
                    if isNeeded { throw error }
                }
                if !isNeeded { return .null }
                throw WorkbenchError(
                    .unsupported, "the metric \(shownName(of: metric)) cannot be saved in the middle of an epoch",
                    hint: "give it state_dict() and load_state_dict(state), or save at the end of epochs only")
            })
    }

    /// Its abbreviation; its class where it has none and goes by a vector of classes.
    private static func shownName(of metric: Metric) -> String {
        let label = metric.abbreviation
        return label.hasPrefix("c(") ? "<\(metric.classes.first?.string ?? "luz_metric")>" : label
    }

    // MARK: Reading

    /// Element of ``exact``; `NULL` if there is none.
    public subscript(name: String) -> Value { TrainingContext.element(exact, name) ?? .null }

    private func common(_ name: String) -> Value { TrainingContext.element(common, name) ?? .null }

    /// Epoch at which it was saved.
    public var epoch: Int {
        (try? common("epoch").asDoubles().elements.first).flatMap { Int(exactly: $0) } ?? 0
    }

    /// Where the fit was; the end of an epoch, all told, for files of version 1.
    public func place() throws -> TrainingPlace {
        exact.isNull ? .end(ofEpoch: epoch, told: Int.max) : try TrainingPlace(self["place"])
    }

    /// For each callback of a fit the number of the one it was when this was saved, by class: the first of a class is the
    /// first of it then, and so on. Nil for those that there were not.
    func matches(_ callbacks: [Callback]) -> [Int?] {
        guard case .list(let saved) = self["classes"] else {
            let count = count(of: common("callbacks"))
            return callbacks.indices.map { count == callbacks.count ? $0 : nil }
        }
        var free = saved.elements.map { (try? $0.asCharacters().elements.map { $0?.string ?? "" }) ?? [] }.enumerated()
            .map { (place: $0.offset, names: $0.element) }
        return callbacks.map { callback in
            guard let found = free.firstIndex(where: { $0.names == callback.classNames }) else { return nil }
            return free.remove(at: found).place
        }
    }

    private func count(of value: Value) -> Int {
        if case .list(let list) = value { return list.count }
        return 0
    }

    /// Callbacks of a fit that had not been told the event of the place.
    public func pending(_ training: TrainingContext) throws -> [Callback] {
        let told = try place().told
        return zip(training.callbacks, matches(training.callbacks)).compactMap { callback, number in
            number.flatMap { $0 >= told ? callback : nil }
        }
    }

    /// Classes of callbacks whose state was saved and that a fit does not have.
    public func missing(in training: TrainingContext) -> [String] {
        let matched = Set(matches(training.callbacks).compactMap { $0 })
        guard case .list(let classes) = self["classes"], case .list(let states) = common("callbacks"),
            case .list(let progress) = self["progress"], classes.count == states.count,
            progress.count == states.count
        else { return [] }
        return classes.elements.indices.compactMap { place in
            guard !matched.contains(place), !states[place].isNull || !progress[place].isNull else { return nil }
            return (try? classes[place].asCharacters().elements.first)??.string
        }
    }

    /// Generators before the pass in which the fit was, nil outside one.
    public func passStart() throws -> (torch: Tensor, base: Value)? {
        guard case .list = self["pass"] else { return nil }
        guard let torch = TrainingContext.element(self["pass"], "torch")?.asTensor,
            let base = TrainingContext.element(self["pass"], "base")
        else { throw WorkbenchError(.data, "it does not hold the random generators of the epoch") }
        return (torch, base)
    }

    // MARK: Into a fit

    /// Copies the weights into a model.
    public func restoreModel(_ model: Module) throws {
        guard case .list(let list) = common("model"), let names = common("model").names else { return }
        var state: [(name: String, tensor: Tensor)] = []
        for (name, element) in zip(names, list.elements) {
            if let tensor = element.asTensor { state.append((name?.string ?? "", tensor)) }
        }
        try TrainingState.fitBuffers(of: model, to: state)
        try model.loadStateDict(state)
    }

    /// Names of tensors that were saved and that the net does not have.
    package func unusedTensors(in training: TrainingContext) -> [String] {
        let known = Set(training.model.stateDict().map { $0.name })
        return common("model").namedItems.map { $0.name }.filter { !known.contains($0) }
    }

    /// Buffers that a fit has made longer (`self$seen <- torch_cat(…)`) take the shape that they were saved with.
    private static func fitBuffers(of model: Module, to state: [(name: String, tensor: Tensor)]) throws {
        let saved = Dictionary(state.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
        // Where parameters have other shapes it is another net, and nothing of it is changed.
        guard model.namedParameters().allSatisfy({ saved[$0.name].map { $0.shape } == $0.tensor.shape }) else { return }
        for entry in model.namedBuffers() {
            guard let source = saved[entry.name], source.shape != entry.tensor.shape,
                !entry.name.hasSuffix("num_batches_tracked")
            else { continue }
            try withoutGradients { entry.tensor.setData(try source.detached().clone()) }
        }
    }

    /// Puts back the metrics of the epochs so far.
    public func restoreRecords(_ training: TrainingContext) { training.records = common("records") }

    /// Puts back settings of the optimizers and what they remember.
    public func restoreOptimizers(_ training: TrainingContext) throws {
        try OptimizerStates.restore(common("optimizers"), training)
    }

    /// - Throws: as published, and for files of version 1, when a fit has more or fewer callbacks.
    public func checkCallbacks(_ training: TrainingContext) throws {
        guard training.session.isAsPublished || self["classes"].isNull else { return }
        let count = count(of: common("callbacks"))
        guard count == training.callbacks.count else {
            throw WorkbenchError(
                .value, "Objects must have the same length.",
                hint: "the checkpoint was written with \(count) callbacks, the fit has \(training.callbacks.count)")
        }
    }

    /// Gives callbacks back what `state_dict()` gave; as published they must be the same, in the same order.
    public func restoreCallbacks(_ training: TrainingContext) throws {
        guard case .list(let states) = common("callbacks") else { return }
        try checkCallbacks(training)
        for (callback, number) in zip(training.callbacks, matches(training.callbacks)) {
            guard let number, states.elements.indices.contains(number), !states[number].isNull else { continue }
            try training.restoring(callback, in: "load_state_dict") {
                try callback.loadStateDict(states[number], training.session)
            }
        }
    }

    /// Gives callbacks back what they keep besides `state_dict()`.
    public func restoreProgress(_ training: TrainingContext) throws {
        guard case .list(let states) = self["progress"] else { return }
        for (callback, number) in zip(training.callbacks, matches(training.callbacks)) {
            guard let number, states.elements.indices.contains(number), !states[number].isNull else { continue }
            try training.restoring(callback, in: "restoreProgress") {
                try callback.restoreProgress(states[number], training)
            }
        }
    }

    /// Puts everything back, the random generators last.
    public func restore(_ training: TrainingContext) throws {
        let context = training.session
        try restoreModel(training.model)
        try ModuleStates.restore(self["model"], training.model)
        try restoreLoss(training)
        try restoreGradients(training)
        try restoreOptimizers(training)
        restoreRecords(training)
        try restoreCallbacks(training)
        guard !exact.isNull else { return }
        training.isTraining = (try self["training"].asLogicals().elements.first ?? true) ?? true
        training.loss = self["loss"]
        training.buffers = self["buffers"]
        training.secondsWaiting = try self["waiting"].asDoubles().elements.first ?? 0
        training.epochsDone = try exact.savedCount("epochs_done") ?? 0
        for (set, metrics) in [("train", training.metrics.train), ("valid", training.metrics.valid)] {
            guard case .list(let states)? = TrainingContext.element(self["metrics"], set) else { continue }
            guard states.count == metrics.count || states.isEmpty || metrics.isEmpty else {
                throw WorkbenchError(
                    .value, "the checkpoint was written with \(states.count) metrics, the fit has \(metrics.count)")
            }
            for (metric, state) in zip(metrics, states.elements) where !state.isNull {
                try metric.loadStateDict(state, context)
            }
        }
        try restoreProgress(training)
        if case .list(let workers)? = TrainingContext.element(self["pass"], "workers") {
            try training.pass?.iterator.restoreWorkers(workers.elements)
        }
        guard let torch = self["torch"].asTensor else {
            throw WorkbenchError(.data, "the checkpoint does not hold torch's random generator")
        }
        try context.tensors.generator.restore(torch)
        try context.random.restore(self["base"])
    }
}
