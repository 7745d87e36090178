import Diagnostics
import Glibc
import PluginAPI
import Tensors

/// The loops of luz: epochs, phases, batches, steps, with callbacks at every event.
struct TrainingLoop {
    let training: TrainingContext
    private var context: Context { training.session }

    init(_ training: TrainingContext) { self.training = training }

    // MARK: Fit

    /// All epochs; ends early on a callback's request, on Ctrl-C and on conditions that callbacks have handlers for.
    func fit() throws {
        // However it ends: what its last batches left in closures is garbage now.
        defer { context.collector.collect() }
        // Asked to end, a fit does so between two batches.
        context.endingDeferrals += 1
        defer { context.endingDeferrals -= 1 }
        try training.call(.fitBegin)
        guard training.minEpochs <= training.maxEpochs else {
            throw WorkbenchError(.value, "`min_epochs` is higher than `max_epochs` and that's not allowed.")
        }
        let last = training.maxEpochs
        try endingEarly {
            if let job = context.background?.subject as? FitJob { job.beginTraining(training) }
            var next = training.epochsBefore + 1
            if let resumption = training.resumption {
                next = resumption.place.epoch + 1
                try goOn(resumption)
            }
            for epoch in stride(from: next, through: last, by: 1) {
                training.epoch = epoch
                training.iteration = 0
                try handling(training.epochHandlers) { try runEpoch() }
            }
        }
        try training.call(.fitEnd)
    }

    /// The rest of the epoch in which the fit was.
    private func goOn(_ resumption: TrainingResumption) throws {
        let place = resumption.place
        training.resumption = nil
        if context.isAsPublished {
            // luz goes through the epochs it skips, and calls who is called before it notices.
            for epoch in stride(from: 1, through: min(place.epoch, training.maxEpochs), by: 1) {
                training.epoch = epoch
                try training.call(.epochBegin)
            }
        }
        training.epoch = place.epoch
        try handling(training.epochHandlers) {
            guard place.event == .epochEnd else { return try goOnWithinEpoch(resumption) }
            training.data = training.validData.isNull ? training.trainData : training.validData
            try resumption.restore(training)
            training.epochsDone = place.epoch
            try training.call(.epochEnd, only: resumption.pending)
            context.collector.collectIfDue()
        }
    }

    /// The events that begin the epoch come before everything is put back. What ends the fit there (Ctrl-C, an error of a
    /// callback) must not leave it untrained.
    private func goOnWithinEpoch(_ resumption: TrainingResumption) throws {
        var isRestored = false
        let watched = TrainingResumption(
            place: resumption.place, pending: resumption.pending, passStart: resumption.passStart,
            beforePass: resumption.beforePass
        ) { training in
            try resumption.restore(training)
            isRestored = true
        }
        do {
            try runEpoch(from: watched)
        } catch  where !isRestored {
            let end = error
            training.iteration = resumption.place.batch
            try resumption.restore(training)
            throw end
        }
    }

    /// One epoch, or the rest of one: the events that begin its phases come again, then everything is put back as it was.
    private func runEpoch(from resumption: TrainingResumption? = nil) throws {
        let begun = resumption?.place.event
        training.data = training.trainData
        try training.call(.epochBegin)
        try training.call(.trainBegin)
        if begun != .validBatchEnd {
            try batches(of: training.trainData, from: resumption) {
                try training.call(.trainBatchBegin)
                try step()
                try training.call(.trainBatchEnd)
            }
            if training.iteration == 0, !context.isAsPublished {
                throw WorkbenchError(
                    .value, "the training data gave no batch in epoch \(training.epoch)",
                    hint: "an iterable dataset must begin anew whenever .iter() is called")
            }
            try training.call(.trainEnd)
        }
        if !training.validData.isNull {
            try validate(training.validData, from: begun == .validBatchEnd ? resumption : nil)
        }
        // Whole from here on, also where a callback ends the fit now.
        training.epochsDone = training.epoch
        try training.call(.epochEnd)
        context.collector.collectIfDue()
    }

    /// The validation batches, without gradients.
    func validate(_ loader: Value, from resumption: TrainingResumption? = nil) throws {
        let mode = context.tensors.gradMode
        let before = mode.isEnabled
        mode.isEnabled = false
        defer { mode.isEnabled = before }
        training.data = loader
        try training.call(.validBegin)
        training.iteration = 0
        try batches(of: loader, from: resumption) {
            try training.call(.validBatchBegin)
            try step()
            try training.call(.validBatchEnd)
        }
        try training.call(.validEnd)
    }

    /// Runs a fit's loop with what can end it: conditions that callbacks have put handlers for into `ctx$handlers` (that
    /// is how early stopping and Ctrl-C come here), and requests of callbacks written in Swift.
    private func endingEarly(_ body: () throws -> Void) throws {
        do {
            try handling(training.handlers, body)
        } catch let stop as StopTraining {
            if let message = stop.message { try training.say(message) }
            try training.call(.earlyStopping)
        } catch is Interrupt {
            context.interruptFlag?.pointee = 0
            try training.call(.interrupt)
        }
    }

    /// Runs a body; conditions whose class names a handler in an R list end it and go to the handler.
    private func handling(_ handlers: Value, _ body: () throws -> Void) throws {
        // The list may grow while the body runs (a callback adds to it at fit begin), so it is read before.
        guard case .list(let list) = handlers, let names = handlers.names, !list.isEmpty else { return try body() }
        let classes = names.map { $0?.string ?? "" }
        try context.tryCatch(classes, body) { condition in
            guard let place = classes.firstIndex(where: { condition.inherits($0) }) else { return }
            _ = try context.call(list[place], [Argument(condition)])
        }
    }

    // MARK: Batches

    /// Calls a body for each batch, with `ctx$batch`, `ctx$input`, `ctx$target` and `ctx$iter` set.
    func batches(of loader: Value, from resumption: TrainingResumption? = nil, _ body: () throws -> Void) throws {
        let next = try luzFunction("torch", "dataloader_next", context)
        training.iterations = try DataArguments(context: context, environment: context.globalEnvironment).batches(
            loader)
        training.secondsWaiting = 0
        training.iteration = 0
        let iterator = try begin(loader, resumption)
        defer { training.pass = nil }
        if let resumption {
            training.iteration = resumption.place.batch
            try resumption.restore(training)
            try training.call(resumption.place.event, only: resumption.pending)
        }
        while true {
            context.background?.holdIfPaused(context)
            try endIfAsked()
            try context.pollInterrupt()
            let start = monotonicSeconds()
            let batch = try placing({ training.place(ofBatch: training.iteration + 1) }) {
                try context.call(next, [Argument(iterator)])
            }
            training.secondsWaiting += monotonicSeconds() - start
            if batch.isNull || batch.isExhausted { return }
            training.iteration += 1
            training.batch = batch
            training.input = batch.item(1)
            training.target = batch.item(2)
            try placing({ training.place(ofBatch: training.iteration) }, body)
            context.collector.collectIfDue()
        }
    }

    /// Runs a body; an error that nobody caught names the place, unless it does already (those of callbacks do).
    private func placing<Result>(_ place: () -> String, _ body: () throws -> Result) throws -> Result {
        func placed(_ error: WorkbenchError) -> WorkbenchError {
            let place = place()
            return error.trail.contains(place) ? error : error.passing(place)
        }
        do {
            return try body()
        } catch let error as UncaughtError where !context.isAsPublished {
            let origin = error.origin ?? WorkbenchError(.runtime, error.condition.conditionMessage)
            throw UncaughtError(condition: error.condition, origin: placed(origin), traceback: error.traceback)
        } catch let error as WorkbenchError where !context.isAsPublished {
            throw placed(error)
        }
    }

    /// Begins a pass of a loader, or goes on in one where the fit was: in the same order, with the batches that are done
    /// passed over unread.
    private func begin(_ loader: Value, _ resumption: TrainingResumption?) throws -> Value {
        let generator = context.tensors.generator
        var start: (torch: Tensor, base: Value)?
        if training.keepsPlace { start = (try generator.stateTensor(), context.random.state) }
        let iterator: Value
        if let resumption, let known = resumption.passStart {
            guard case .object(let object) = loader, let loader = object as? Dataloader else {
                throw WorkbenchError(.type, "a fit goes on within an epoch with a dataloader only")
            }
            if let before = resumption.place.batches, let now = training.iterations, before != now {
                throw WorkbenchError(
                    .value, "the epoch to go on with had \(before) batches, with the data given it has \(now)",
                    hint: "give the same data and batch size, or remove the checkpoint")
            }
            try resumption.beforePass?(training)
            try generator.restore(known.torch)
            try context.random.restore(known.base)
            start = known
            iterator = .object(try loader.makeIterator(skipping: resumption.place.batch, context))
        } else {
            let make = try luzFunction("torch", "dataloader_make_iter", context)
            iterator = try context.call(make, [Argument(loader)])
        }
        if case .object(let object) = iterator, let pass = object as? BatchIterator {
            training.pass = TrainingPass(pass, start: start)
        }
        return iterator
    }

    /// The program has been asked to end: callbacks save what must not be lost, then it ends.
    private func endIfAsked() throws {
        let isLeft = context.background?.isLeaving ?? false
        guard isLeft || context.endingDeferrals > 0 && context.endingSignal() != 0 else { return }
        for callback in training.callbacks + training.observers {
            try training.withPlace(of: callback, at: training.lastEvent) { try callback.terminate(training) }
        }
        try context.endIfAsked()
        if isLeft { throw QuitRequest(status: 0) }
    }

    // MARK: Steps

    /// One batch: the module's own `step()`, or luz's for each optimizer.
    private func step() throws {
        if let own = try training.model.field("step", context: context), own.isFunction {
            _ = try context.call(own, [])
            if training.loss.isTensor {
                training.loss = .named([("opt", training.loss)])
            }
            return
        }
        for entry in training.optimizers {
            if training.isTraining {
                try trainStep(entry)
            } else {
                training.currentOptimizer = entry
                try validStep(entry.name)
            }
        }
        if training.optimizers.isEmpty, !training.isTraining { try validStep("opt") }
    }

    private func predict() throws -> Value {
        try context.call(
            .object(training.model), [Argument(training.input)], call: TrainingLoop.modelCall)
    }

    private static let modelCall = Call("model", [.symbol(Symbol.named("input"))])

    private func computeLoss() throws -> Value {
        if training.target.isNull, isBuiltIn(training.lossFunction) {
            throw WorkbenchError(
                .value, "the data has no target for the loss: its batches have one part only",
                hint: "list(x, y), or a data set whose items are list(x = …, y = …)")
        }
        return try context.call(
            training.lossFunction, [Argument(training.predictions), Argument(training.target)],
            call: TrainingLoop.lossCall)
    }

    /// Losses in the box need a target; one written in R may do without.
    private func isBuiltIn(_ loss: Value) -> Bool {
        switch loss {
        case .builtin: return true
        case .object(let object): return object is ComposedModule
        default: return false
        }
    }

    private static let lossCall = Call("loss", [.symbol(Symbol.named("input")), .symbol(Symbol.named("target"))])

    private func setLoss(_ name: String, _ loss: Value) {
        let detached = loss.asTensor.map { Value.tensor($0.detached()) } ?? loss
        training.loss = TrainingContext.setting(
            training.loss.isNull ? .items([]) : training.loss, name, detached)
    }

    private func trainStep(_ entry: (name: String, optimizer: Optimizer)) throws {
        training.predictions = try predict()
        try training.call(.trainBatchAfterPred)
        training.currentOptimizer = entry
        training.lossWithGradient = try computeLoss()
        setLoss(entry.name, training.lossWithGradient)
        try training.call(.trainBatchAfterLoss)
        try training.call(.trainBatchBeforeBackward)
        if let backward = try training.model.field("backward", context: context), backward.isFunction {
            if case .builtin = backward {
                try training.backpropagate(training.lossWithGradient)
            } else {
                _ = try context.call(backward, [Argument(training.lossWithGradient)])
            }
        } else {
            try training.backpropagate(training.lossWithGradient)
        }
        try training.call(.trainBatchBeforeStep)
        if training.stepFunction.isFunction {
            _ = try context.call(training.stepFunction, [Argument(.object(entry.optimizer))])
        } else {
            _ = try entry.optimizer.step(closure: nil, context)
        }
        try entry.optimizer.zeroGradients()
        try training.call(.trainBatchAfterStep)
    }

    private func validStep(_ name: String) throws {
        training.predictions = try predict()
        try training.call(.validBatchAfterPred)
        // ctx$loss_grad stays that of the last training batch, as in luz: here there is no history.
        setLoss(name, try computeLoss())
        try training.call(.validBatchAfterLoss)
    }
}

extension Value {
    /// Element of a batch, from 1; `NULL` beyond its end. A batch that is no list is its own first element.
    func item(_ place: Int) -> Value {
        guard case .list(let list) = self else { return place == 1 ? self : .null }
        return list.elements.indices.contains(place - 1) ? list[place - 1] : .null
    }

    /// coro's sign that an iterator has ended.
    var isExhausted: Bool {
        if case .symbol(let symbol) = self { return symbol.name == ".__exhausted__." }
        return false
    }
}

extension TrainingContext {
    /// "epoch 2, batch 17 of the training data", of a batch that is about to be read.
    fileprivate func place(ofBatch number: Int) -> String {
        epoch == 0
            ? "batch \(number)"
            : "epoch \(epoch), batch \(number) of the \(isTraining ? "training" : "validation") data"
    }
}
