import Diagnostics
import PluginAPI
import Tensors

/// `ctx$epoch`, `ctx$log()`, `ctx$input <- …`: the state of a fit for R code.
func registerContext(_ luz: Namespace) {
    let methods = contextMethods()
    for name in ["$", "[["] {
        luz.method(name, for: "fit_context", [.value("x"), .value("name")]) { args in
            let training = try training(args)
            let member = try args.string("name")
            if let read = readers[member] { return read(training) }
            if let method = methods[member] { return .object(BoundMethod(.builtin(method), to: args[0])) }
            throw WorkbenchError(
                .name, "ctx has no field `\(member)`",
                hint: didYouMean(member, among: Array(readers.keys) + Array(methods.keys)))
        }
    }
    for name in ["$<-", "[[<-"] {
        luz.method(name, for: "fit_context", [.value("x"), .value("name"), .value("value")]) { args in
            let training = try training(args)
            let member = try args.string("name")
            switch member {
            case "records":
                throw WorkbenchError(
                    .value, "Not allowed to modify records manually. Use ctx$log() or ctx$log_metric()")
            case "device":
                throw WorkbenchError(.value, "Not allowed to modify the device manually. Modify the ctx$accelerator")
            default: break
            }
            guard let write = writers[member] else {
                throw WorkbenchError(
                    .value, "cannot add bindings to a locked environment",
                    hint: "ctx$\(member) does not exist; ctx$buffers is a list for values of your own")
            }
            try write(training, args["value"])
            return args[0]
        }
    }
    luz.method("names", for: "fit_context", [.value("x")]) { _ in
        .strings((Array(readers.keys) + Array(methods.keys)).inByteOrder())
    }
    luz.members(of: "fit_context") { value, _ in
        guard case .object(let object) = value, let training = object as? TrainingContext else { return [] }
        return methods.map { .method($0.key, $0.value, of: value) }
            + readers.map { name, read in Completion(name, kind: "field") { read(training) } }
    }
    luz.method("print", for: "fit_context", [.value("x"), .dots], visible: false) { args in
        args.context.console.write("<fit_context> \(try training(args).placeText)\n")
        return args[0]
    }
}

private func training(_ args: Arguments) throws -> TrainingContext {
    if case .object(let object) = args[0], let training = object as? TrainingContext { return training }
    throw WorkbenchError(.type, "this is no context of a fit")
}

private func metricList(_ metrics: [Metric]) -> Value { .list(Vector(metrics.map { .object($0) })) }

private let readers: [String: @Sendable (TrainingContext) -> Value] = [
    "verbose": { .flag($0.isVerbose) }, "model": { .object($0.model) }, "data": { $0.data },
    "train_data": { $0.trainData },
    "valid_data": { $0.validData }, "min_epochs": { .int($0.minEpochs) }, "max_epochs": { .int($0.maxEpochs) },
    "epoch": { $0.epoch == 0 ? .null : .int($0.epoch) },
    "iter": { $0.epoch == 0 || ($0.iteration == 0 && $0.trainData.isNull) ? .null : .int($0.iteration) },
    "training": { .flag($0.isTraining) }, "batch": { $0.batch }, "input": { $0.input }, "target": { $0.target },
    "pred": { $0.predictions }, "loss": { $0.loss }, "loss_grad": { $0.lossWithGradient },
    "loss_fn": { $0.lossFunction },
    "opt": {
        $0.currentOptimizer.map { .object($0.optimizer) }
            ?? ($0.optimizers.count == 1 ? .object($0.optimizers[0].optimizer) : .null)
    },
    "opt_name": {
        $0.currentOptimizer.map { .string($0.name) }
            ?? ($0.optimizers.count == 1 ? .string($0.optimizers[0].name) : .null)
    },
    "optimizers": { training in
        Value.list(Vector(training.optimizers.map { .object($0.optimizer) })).withNames(
            training.optimizers.map { $0.name })
    },
    "callbacks": { .list(Vector($0.callbacks.map { .object($0) })) },
    "metrics": { .named([("train", metricList($0.metrics.train)), ("valid", metricList($0.metrics.valid))]) },
    "records": { $0.records }, "hparams": { $0.hparams }, "opt_hparams": { $0.optHparams }, "handlers": { $0.handlers },
    "epoch_handlers": { $0.epochHandlers }, "step_opt": { $0.stepFunction }, "buffers": { $0.buffers },
    "accelerator": { $0.accelerator }, "device": { _ in "cpu" },
]

private func whole(_ value: Value, _ name: String) throws -> Int {
    guard let number = try value.asDoubles().elements.first, let whole = Int(exactly: number) else {
        throw WorkbenchError(.value, "ctx$\(name) must be a whole number")
    }
    return whole
}

private let writers: [String: @Sendable (TrainingContext, Value) throws -> Void] = [
    "verbose": { $0.isVerbose = try $1.asLogicals().elements.first.flatMap { $0 } ?? false },
    "model": { training, value in
        guard case .object(let object) = value, let module = object as? Module else {
            throw WorkbenchError(.type, "ctx$model must be a module")
        }
        training.model = module
    },
    "data": { $0.data = $1 }, "train_data": { $0.trainData = $1 }, "valid_data": { $0.validData = $1 },
    "min_epochs": { training, value in
        training.minEpochs = try whole(value, "min_epochs")
        guard training.minEpochs <= training.maxEpochs else {
            throw WorkbenchError(.value, "`min_epochs` is higher than `max_epochs` and that's not allowed.")
        }
    },
    "max_epochs": { $0.maxEpochs = try whole($1, "max_epochs") }, "epoch": { $0.epoch = try whole($1, "epoch") },
    "iter": { $0.iteration = try whole($1, "iter") },
    "training": { $0.isTraining = try $1.asLogicals().elements.first.flatMap { $0 } ?? false },
    "batch": { training, value in
        training.batch = value
        training.input = value.item(1)
        training.target = value.item(2)
    },
    "input": { $0.input = $1 }, "target": { $0.target = $1 }, "pred": { $0.predictions = $1 }, "loss": { $0.loss = $1 },
    "loss_grad": { $0.lossWithGradient = $1 }, "loss_fn": { $0.lossFunction = $1 },
    "step_opt": { $0.stepFunction = $1 },
    "handlers": { $0.handlers = $1 }, "epoch_handlers": { $0.epochHandlers = $1 }, "buffers": { $0.buffers = $1 },
    "hparams": { $0.hparams = $1 }, "opt_hparams": { $0.optHparams = $1 }, "accelerator": { $0.accelerator = $1 },
    "optimizers": { training, value in
        guard case .list(let list) = value, let names = value.names else {
            throw WorkbenchError(.type, "ctx$optimizers must be a list of optimizers with names")
        }
        training.optimizers = try zip(names, list.elements).map { name, element in
            guard case .object(let object) = element, let optimizer = object as? Optimizer else {
                throw WorkbenchError(.type, "ctx$optimizers must hold optimizers")
            }
            return (name?.string ?? "", optimizer)
        }
    },
    "opt": { training, value in
        guard case .object(let object) = value, let optimizer = object as? Optimizer else { return }
        training.currentOptimizer = (training.currentOptimizer?.name ?? "opt", optimizer)
    },
    "opt_name": { training, value in
        guard case .character(let text) = value, let name = text.elements.first??.string,
            let entry = training.optimizers.first(where: { $0.name == name })
        else { return }
        training.currentOptimizer = entry
    },
    "metrics": { _, _ in
        throw WorkbenchError(.value, "ctx$metrics cannot be set", hint: "setup(metrics = ) or evaluate(metrics = )")
    },
    "callbacks": { training, value in
        guard case .list(let list) = value else { return }
        training.callbacks = list.elements.compactMap { element in
            if case .object(let object) = element { return object as? Callback }
            return nil
        }
    },
]

private func contextMethods() -> [String: Builtin] {
    var methods: [String: Builtin] = [:]
    func add(
        _ name: String, _ parameters: [Parameter], visible: Bool = true,
        _ body: @escaping (TrainingContext, Arguments) throws -> Value
    ) {
        methods[name] = Builtin(name, namespace: "luz", [.value("self")] + parameters, visible: visible) { args in
            try body(try training(args), args)
        }
    }
    add(
        "log", [.value("what"), .value("set"), .value("value"), .value("index", nil), .value("append", true)],
        visible: false
    ) { training, args in
        try training.log(
            try args.string("what"), try args.string("set"), args["value"], index: try args.optionalInt("index"),
            append: try args.flag("append"))
        return .null
    }
    add("log_metric", [.value("name"), .value("value")], visible: false) { training, args in
        try training.logMetric(try args.string("name"), args["value"])
        return .null
    }
    add("get_log", [.value("what"), .value("set"), .value("index", nil)]) { training, args in
        let index = try args.optionalInt("index")
        if index == nil, case .list(let list)? = training.logged(try args.string("what"), try args.string("set")) {
            return list.elements.last ?? .null
        }
        return training.logged(try args.string("what"), try args.string("set"), index: index) ?? .null
    }
    add("get_metric", [.value("name"), .value("set"), .value("epoch", nil)]) { training, args in
        training.metricValue(try args.string("name"), try args.string("set"), epoch: try args.optionalInt("epoch"))
            ?? .null
    }
    add("get_metrics", [.value("set"), .value("epoch", nil)]) { training, args in
        training.metricValues(try args.string("set"), epoch: try args.optionalInt("epoch")) ?? .null
    }
    add("get_metrics_df", []) { training, args in
        try metricsFrame(TrainingContext.element(training.records, "metrics") ?? .null, evaluation: false, args.context)
    }
    add("get_formatted_metrics", [.value("set"), .value("epoch", nil)]) { training, args in
        guard let values = training.metricValues(try args.string("set"), epoch: try args.optionalInt("epoch")),
            case .list(let list) = values
        else { return .items([]) }
        return Value.list(Vector(list.elements.map { .string(Metric.text($0)) })).withNames(values.names)
    }
    add("call_callbacks", [.value("name")], visible: false) { training, args in
        let name = try args.string("name")
        if let event = TrainingEvent(rawValue: name) {
            try training.call(event)
            return .null
        }
        // A moment of the user's own: callbacks that have a method of that name.
        for callback in training.callbacks {
            guard let method = try callback.field(name, context: args.context), method.isFunction else { continue }
            _ = try args.context.call(method, [])
        }
        return .null
    }
    add("set_verbose", [.value("verbose", nil)], visible: false) { training, args in
        training.isVerbose = args["verbose"].isNull ? args.context.isInteractive : try args.flag("verbose")
        return .null
    }
    add("unsafe_set_records", [.value("records")], visible: false) { training, args in
        training.records = args["records"]
        return .null
    }
    add("clean", [], visible: false) { _, _ in .null }
    add("state_dict", []) { training, _ in .named([("epoch", .int(training.epoch)), ("records", training.records)]) }
    return methods
}
