import Diagnostics
import Tensors

extension Checks {
    /// Checks a callback in a small fit: two epochs of three batches of four items with validation.
    ///
    /// Nothing it does may end in an error, and its hooks must be those of luz; one with hooks of a prediction makes one
    /// behind the fit. What its `state_dict()` gives must be what checkpoints hold, and another copy that takes it in a fit
    /// that begins must give the same again. What it writes goes where it was told. The callback itself is as before
    /// afterwards: copies of it are tried. Ctrl-C ends the check, not only its fit.
    /// - Parameters:
    ///   - callback: The callback.
    ///   - input: Shape of a batch, the first size is ignored: images [4, 3, 8, 8] are classified into three classes with
    ///     `nn_mixup_loss(nn_cross_entropy_loss())`, which takes targets of one and of two parts; nil for four numbers that say one, with `nn_mse_loss()`.
    ///   - metrics: Metrics of the fit, a list; classes are compared with `nn_cross_entropy_loss()` then.
    /// - Throws: an error of kind `.plugin`; it names the event, epoch and batch.
    @discardableResult
    public func callback(
        _ callback: Callback, input: [Int]? = nil, metrics: Value = .null, as subject: String
    ) throws -> Report {
        try running(subject) {
            let item = input.map { Array($0.dropFirst()) } ?? [4]
            guard !item.isEmpty, isSmall(item, sizes: 1...256, elements: 1 << 16) else {
                throw fail(
                    subject,
                    "an item of a batch must have sizes from 1 to 256 and at most 65536 elements, not the shape \(text(item))",
                    hint: "input = c(4, 3, 8, 8) is a batch of items [3, 8, 8]")
            }
            // Data sets are no part of a copy.
            let shared = HeldContents(callback.completions.compactMap { $0.value() }, withTensors: false)
            defer { shared.restore() }
            let given = callback
            let callback = try copy(of: given)
            // One that has seen nothing, for the state of the other.
            let fresh = try copy(of: given)
            try checkHooks(callback, subject)
            let heard = TrainingEvent.allCases.filter { callback.listens(to: $0) }
            note("\(subject): a fit of two epochs")
            // It is no fit of the user's: neither on record nor to be recovered.
            let defaults = context.registry.trainingDefaults
            let observers = defaults.observers
            defaults.observers = []
            defer { defaults.observers = observers }
            let fit =
                input == nil
                ? Checks.fit(loss: "torch::nn_mse_loss()", target: "torch::torch_randn(12, 1)", outputs: 1)
                : Checks.fit(
                    loss: metrics.isNull
                        ? "luz::nn_mixup_loss(torch::nn_cross_entropy_loss())" : "torch::nn_cross_entropy_loss()",
                    target: "torch::torch_tensor(rep(1:3, 4), dtype = torch::torch_long())", outputs: 3)
            let variables = [("shape", Value.ints([12] + item)), ("metrics", metrics)]
            // For a fit Ctrl-C is an end as good as any.
            let watch = EndWatch()
            let callbacks = [("callbacks", Value.items([.object(callback), .object(watch)]))]
            let fitted = try value(of: fit, callbacks + variables)
            try passOn(watch)
            let predicts = heard.contains { Checks.ofPredictions.contains($0) }
            if predicts {
                note("\(subject): a prediction")
                _ = try value(
                    of: """
                        stats::predict(fitted, torch::torch_randn(shape), callbacks = callbacks,
                          dataloader_options = list(batch_size = 4), verbose = FALSE)
                        """, [("fitted", fitted)] + callbacks + variables)
                try passOn(watch)
            }
            try checkState(callback, fresh === given ? nil : fresh, subject) { taking in
                _ = try value(
                    of: fit, [("callbacks", .items([.object(fresh), .object(taking)]))] + variables)
            }
            return Report(
                subject: subject,
                facts: [
                    "a fit of two epochs of three batches, and validation\(predicts ? ", and a prediction" : "")"
                ] + hooks(heard, stopped: watch.heard.contains(.earlyStopping)) + neverTaken(callback))
        }
    }

    private static let ofPredictions: Set<TrainingEvent> = [
        .predictBegin, .predictBatchBegin, .predictBatchEnd, .predictEnd,
    ]

    /// Ctrl-C that ended a fit ends the check as well: what was not seen to the end has no verdict.
    private func passOn(_ watch: EndWatch) throws {
        guard watch.heard.contains(.interrupt) else { return }
        try context.signal(makeCondition("", call: nil, classes: ["interrupt", "condition"]))
        throw Interrupt()
    }

    /// Lines about what a callback listens to; Ctrl-C is not tried, and an early stop only where the callback asks for it.
    private func hooks(_ heard: [TrainingEvent], stopped: Bool) -> [String] {
        guard !heard.isEmpty else { return ["warning: listens to nothing: it has no hook such as on_epoch_end"] }
        guard heard.count < TrainingEvent.allCases.count else { return ["listens to all events"] }
        func names(_ events: [TrainingEvent]) -> String { events.map { $0.rawValue }.joined(separator: ", ") }
        let untried = heard.filter { $0 == .interrupt || $0 == .earlyStopping && !stopped }
        let tried = heard.filter { !untried.contains($0) }
        return (tried.isEmpty ? [] : ["listens to \(names(tried))"])
            + (untried.isEmpty ? [] : ["not tried: \(names(untried))"])
    }

    /// A line for a `load_state_dict()` without anything that it could take.
    private func neverTaken(_ callback: Callback) -> [String] {
        func has(_ name: String) -> Bool {
            callback.completions.contains { $0.name == name && $0.value()?.isFunction ?? false }
        }
        guard has("load_state_dict"), !has("state_dict"),
            case .success(nil) = Result(catching: { try callback.stateDict(context) })
        else { return [] }
        return ["warning: load_state_dict() is never called: there is no state_dict() that gives something to take"]
    }

    /// One with the same settings and fields; the callback itself where it holds what cannot be copied.
    private func copy(of callback: Callback) throws -> Callback {
        var homes: Set<ObjectIdentifier> = []
        if case .environment(let members) = try callback.savedState(context).saved(".members"),
            let instance = ClassInstance(members)
        {
            homes = Set(instance.homes.map { ObjectIdentifier($0) })
        }
        guard let copies = try context.copies(of: [.object(callback)], sharing: homes),
            case .object(let object)? = copies.first, let copy = object as? Callback
        else { return callback }
        return copy
    }

    /// What checkpoints keep of it must be what they can hold, and be taken back.
    /// - Parameters:
    ///   - fresh: Another copy, which has seen nothing; nil if there is none.
    ///   - begin: Begins a fit with it, of which a callback is to be the last one.
    private func checkState(
        _ callback: Callback, _ fresh: Callback?, _ subject: String, begin: (_ taking: Callback) throws -> Void
    ) throws {
        note("\(subject): what checkpoints keep of it")
        let state: Value
        switch try attempt(subject, { try callback.stateDict(context) }) {
        case .success(let found): state = found ?? .null
        case .failure(let error): throw failed("its state_dict() fails after a fit", error, subject)
        }
        guard !state.isNull else { return }
        let kept = try kept(state, subject)
        note("\(subject): taking back what checkpoints keep of it")
        func take(into callback: Callback) throws {
            if case .failure(let error) = try attempt(subject, { try callback.loadStateDict(kept, context) }) {
                throw failed("its load_state_dict() fails with what its state_dict() gave", error, subject)
            }
        }
        guard let fresh else { return try take(into: callback) }
        let taking = StateTaking { [self] in
            try take(into: fresh)
            return try fresh.stateDict(context) ?? .null
        }
        // What it does as a second fit begins may fail because it has done it already, as with files of its own.
        _ = try attempt(subject) {
            let depth = context.savedDepth()
            do {
                try begin(taking)
            } catch is StateTaking.Done {
                context.restore(depth)
            }
        }
        guard let taken = taking.result else { return try take(into: callback) }
        let found = try self.kept(try taken.get(), subject)
        // A time, or what else is another one each time it is asked for.
        let again = try self.kept(try callback.stateDict(context) ?? .null, subject)
        let moving = Set(StateDifference.all(kept, again).map { $0.place })
        guard
            let first = StateDifference.all(kept, found).first(where: { !moving.contains($0.place) })
        else { return }
        throw fail(
            subject,
            "state_dict() gives \(first.text(first.found, context)) after load_state_dict() took \(first.text(first.expected, context))",
            hint:
                "load_state_dict(state_dict) puts back into self what state_dict() gives; without it a fit that goes on from a checkpoint counts anew"
        )
    }

    /// A state as it comes out of a checkpoint.
    private func kept(_ state: Value, _ subject: String) throws -> Value {
        var tree = TensorTree(leavingCode: true)
        let text = try tree.encode(state)
        if let place = tree.left.first {
            let name =
                place.isEmpty
                ? "what its state_dict() gives" : "`\(place.replacing(".", with: "$"))` in its state_dict()"
            throw fail(
                subject, "\(name) is nothing that checkpoints hold: they hold tensors, numbers, texts and lists of them"
            )
        }
        let tensors = Dictionary(tree.tensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { a, _ in a })
        return try TensorTree.decode(text) { name in
            guard let tensor = tensors[name] else { throw WorkbenchError(.data, "it has no tensor \"\(name)\"") }
            return try tensor.clone()
        }
    }

    private func failed(_ what: String, _ error: WorkbenchError, _ subject: String) -> WorkbenchError {
        fail(subject, "\(what): \(error.message.dropFirst(subject.count + 2))", hint: error.hint)
    }

    /// A hook that is no function is never called, nor is one whose name is written in another way.
    private func checkHooks(_ callback: Callback, _ subject: String) throws {
        func plain(_ name: String) -> String { name.lowercased().filter { $0 != "_" && $0 != "." } }
        for member in callback.completions {
            guard let value = member.value() else { continue }
            if TrainingEvent(rawValue: member.name) != nil {
                guard !value.isFunction else { continue }
                throw fail(
                    subject,
                    "`\(member.name)` is a value of type '\(value.typeName)', not a function: it would never be called",
                    hint: "\(member.name) = function() …")
            }
            guard value.isFunction,
                let near = TrainingEvent.allCases.first(where: { plain($0.rawValue) == plain(member.name) })
            else { continue }
            throw fail(
                subject, "`\(member.name)` is no hook: it would never be called",
                hint: "did you mean `\(near.rawValue)`?")
        }
    }

    private static func fit(loss: String, target: String, outputs: Int) -> String {
        """
        x <- torch::torch_randn(shape)
        y <- \(target)
        net <- torch::nn_module("check",
          initialize = function(n, k) self$fc <- torch::nn_linear(n, k),
          forward = function(x) self$fc(torch::torch_flatten(x, start_dim = 2)))
        model <- luz::setup(net, loss = \(loss), optimizer = torch::optim_sgd, metrics = metrics)
        model <- luz::set_hparams(model, n = prod(shape[-1]), k = \(outputs))
        model <- luz::set_opt_hparams(model, lr = 0.01)
        luz::fit(model, torch::tensor_dataset(x, y), epochs = 2, valid_data = torch::tensor_dataset(x, y),
          dataloader_options = list(batch_size = 4), callbacks = callbacks, verbose = FALSE)
        """
    }
}
