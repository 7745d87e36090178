import Diagnostics
import PluginAPI

/// `evaluate()`: the validation loop over data, once.
func registerEvaluate(_ luz: Namespace) {
    luz.function(
        "evaluate",
        [
            .value("object", help: "the result of fit()"), .value("data"), .dots,
            .value("metrics", nil, help: "instead of the model's"),
            .value("callbacks", nil), .value("accelerator", nil), .value("verbose", nil),
            .value("dataloader_options", nil),
        ], help: "Loss and metrics of a fitted module on data"
    ) { args in
        guard args.dots.isEmpty else { throw unexpectedDots(args) }
        let model = try fittedModel(args, "object")
        let training = TrainingContext(session: args.context, model: model, verbose: try verbosity(args))
        training.callbacks = try callbackList(args["callbacks"], run: .evaluate, args)
        var metrics = MetricSet(train: [], valid: [])
        if !args["metrics"].isNull {
            metrics = try metricSet(args["metrics"], args)
        } else if case .object(let object)? = try model.field("metrics", context: args.context),
            let set = object as? MetricSet
        {
            metrics = set
        }
        if let context = TrainingContext.element(args["object"], "ctx") {
            training.hparams = TrainingContext.element(context, "hparams") ?? .null
            training.optHparams = TrainingContext.element(context, "opt_hparams") ?? .null
        }
        // As in luz: the loss is kept under the optimizer's name, and callbacks find ctx$opt.
        if try model.field("set_optimizers", context: args.context) != nil { try setOptimizers(training, args) }
        try finish(training, metrics, args)
        training.epoch = 1
        training.minEpochs = 1
        training.maxEpochs = 1
        training.isTraining = false
        model.train(false)
        let data = DataArguments(context: args.context, environment: args.environment)
        training.validData = try data.loader(
            args.required("data"), options: args["dataloader_options"], training: false)
        for callback in training.callbacks { try prepare(callback, training) }
        do {
            try TrainingLoop(training).validate(training.validData)
        } catch is Interrupt {
            args.context.interruptFlag?.pointee = 0
            try training.call(.interrupt)
        }
        return Value.named([
            ("model", .object(model)), ("records", training.records),
            ("ctx", .named([("hparams", training.hparams), ("opt_hparams", training.optHparams)])),
        ])
        .setting(Symbol.classAttribute, "luz_module_evaluation")
    }
}
