import Diagnostics
import PluginAPI
import Tensors

/// `predict()` of fitted modules: the outputs of all batches, joined along the first dimension.
func registerPredict(_ luz: Namespace) {
    luz.method(
        "predict", for: "luz_module_fitted",
        [
            .value("object"), .value("newdata"), .dots, .value("callbacks", nil), .value("accelerator", nil),
            .value("verbose", nil), .value("dataloader_options", nil),
            .value("stack", true, help: "FALSE for a list of batches"),
        ], help: "Outputs of a fitted module for data"
    ) { args in
        guard args.dots.isEmpty else { throw unexpectedDots(args) }
        let context = args.context
        let model = try fittedModel(args, "object")
        let training = TrainingContext(session: context, model: model, verbose: try verbosity(args))
        training.callbacks = try callbackList(args["callbacks"], run: .predict, args)
        try finish(training, MetricSet(train: [], valid: []), args)
        training.isTraining = false
        model.train(false)
        var options = args["dataloader_options"]
        if TrainingContext.element(options, "shuffle").flatMap({ try? $0.asLogicals().elements.first ?? nil }) == true {
            try context.warn("`shuffle=TRUE` will be ignored for predictions.", call: args.call)
            options = TrainingContext.setting(options, "shuffle", false)
        }
        let data = DataArguments(context: context, environment: args.environment)
        training.data = try data.loader(args.required("newdata"), options: options, training: false)
        training.validData = training.data
        for callback in training.callbacks { try prepare(callback, training) }
        let own = try model.field("predict", context: context).flatMap { $0.isFunction ? $0 : nil }
        // ctx$pred is the list of outputs so far; callbacks may change it.
        func outputs() -> [Value] {
            if case .list(let list) = training.predictions { return list.elements }
            return []
        }
        let mode = context.tensors.gradMode
        let before = mode.isEnabled
        mode.isEnabled = false
        defer { mode.isEnabled = before }
        try training.call(.predictBegin)
        do {
            try TrainingLoop(training).batches(of: training.data) {
                try training.call(.predictBatchBegin)
                let output = try context.call(own ?? .object(model), [Argument(training.input)])
                training.predictions = .items(outputs() + [output])
                try training.call(.predictBatchEnd)
            }
        } catch is Interrupt {
            context.interruptFlag?.pointee = 0
            try training.call(.interrupt)
        }
        try training.call(.predictEnd)
        guard try args.flag("stack") else { return training.predictions }
        let outputs = outputs()
        let tensors = outputs.compactMap { $0.asTensor }
        guard tensors.count == outputs.count, !tensors.isEmpty else { return .items(outputs) }
        return .tensor(try Tensor.cat(tensors, 0))
    }
    luz.function("predict", [.value("object"), .dots], help: "Outputs of a fitted module for data", dispatch: .generic)
    { args in
        throw WorkbenchError(
            .type,
            "no applicable method for 'predict' applied to an object of class \"\(args[0].classes.first?.string ?? "")\"",
            hint: "fit() returns what predict() takes")
    }
}
