import Diagnostics
import PluginAPI
import Tensors

/// `plugins()`: who brought which name; `check_layer()` and the other checks of what plug-ins consist of.
public enum PluginFunctions: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "plugins" }

    /// Adds the functions to `utils`.
    public static func register(in registry: Registry) {
        let utils = registry.attachedNamespace("utils")
        registerListing(utils)
        registerLayerCheck(utils)
        registerCallbackCheck(utils)
        registerFunctionChecks(utils)
    }

    private static func registerListing(_ utils: Namespace) {
        utils.function(
            "plugins",
            [.value("name", nil, help: "a plug-in, or a name: lists who registered it; left out: lists all plug-ins")],
            help: """
                Lists plug-ins: those that come in the box, those that library() loaded, and those that are installed
                Of each what it is called, its version, where it comes from, whether it is loaded and how many names it \
                registered. With `name`: the names of that plug-in, or all that are called so.
                """
        ) { args in
            let listing = PluginListing(args.context)
            guard let name = try args.optionalString("name") else { return try listing.plugins() }
            return try listing.names(name)
        }
    }

    // MARK: Checks

    /// The code of an argument, for the first line of a report.
    private static func subject(_ args: Arguments, _ name: String) -> String {
        let text = args.context.deparse(args.expression(name)).joined(separator: " ")
        return text.unicodeScalars.count <= 60 ? text : String(text.unicodeScalars.prefix(57)) + "…"
    }

    private static func finish(_ report: Checks.Report, _ args: Arguments) -> Value {
        args.context.console.write(report.text)
        return true
    }

    private static func registerLayerCheck(_ utils: Namespace) {
        utils.function(
            "check_layer",
            [
                .promise("layer", help: "a module of one tensor, or what makes one without arguments"),
                .value("input", nil, help: "a batch of two items or more; left out: the first usual shape it takes"),
                .value(
                    "gradients", true, help: "compare gradients; FALSE where they differ from differences on purpose"),
            ],
            help: """
                Checks a layer: shapes, gradients against differences, copies
                The output must be a finite tensor whose first size is the batch's; the same twice in evaluation mode; \
                gradients of the input and of all parameters must agree with differences; a deep copy must compute with \
                tensors of its own. An error says what is wrong.
                """, visible: false
        ) { args in
            let subject = subject(args, "layer")
            let context = args.context
            var value = try args.forced("layer")
            if case .object(let object) = value, object is ModuleGenerator { value = try context.call(value, []) }
            guard case .object(let object) = value, let module = object as? Module else {
                throw WorkbenchError(.type, "`layer` must be a module, not \(args.describe(value))")
            }
            let gradients = try args.flag("gradients")
            if !args["input"].isNull {
                let input = try args.tensor("input")
                return finish(
                    try Checks(context).layer(module, input: input, as: subject, gradients: gradients), args)
            }
            let (report, failure) = try Checks(context).triedLayer(module, as: subject, gradients: gradients)
            if let report { return finish(report, args) }
            if let failure { throw failure }
            throw WorkbenchError(
                .shape, "\(subject) takes none of the usual shapes", hint: "check_layer(\(subject), torch_randn(2, …))")
        }
    }

    private static func registerCallbackCheck(_ utils: Namespace) {
        utils.function(
            "check_callback",
            [
                .promise("callback", help: "a callback, or a class of them"),
                .value(
                    "input", nil, help: "c(4, 3, 8, 8): a fit of images in three classes; left out: of four numbers"),
                .value("metrics", nil, help: "a list of metrics of that fit: list(luz_metric_accuracy())"),
            ],
            help: """
                Checks a callback in a small fit
                Two epochs of three batches with validation; an error names event, epoch and batch. What state_dict() gives \
                must be what checkpoints hold, and load_state_dict() must take it. A copy is tried: the callback stays as it is.
                """, visible: false
        ) { args in
            let subject = subject(args, "callback")
            let value = try called(try args.forced("callback"), args.context, unless: Callback.self)
            guard case .object(let object) = value, let callback = object as? Callback else {
                throw WorkbenchError(.type, "`callback` must be a callback, not \(args.describe(value))")
            }
            let input = args["input"].isNull ? nil : try args.wholeNumbers("input")
            return finish(
                try Checks(args.context).callback(callback, input: input, metrics: args["metrics"], as: subject), args)
        }
    }

    /// What a function without arguments makes, if the value is not the thing itself.
    private static func called<Kind>(_ value: Value, _ context: Context, unless kind: Kind.Type) throws -> Value {
        if case .object(let object) = value, object is Kind { return value }
        return value.isFunction ? try context.call(value, []) : value
    }

    private static func registerFunctionChecks(_ utils: Namespace) {
        utils.function(
            "check_transform",
            [
                .promise("transform", help: "a function of an image"),
                .value("image", nil, help: "what it is tried on; left out: a tensor [3, 16, 16] or an array"),
            ],
            help: """
                Checks a transform of images
                The image must stay as it is, the same seeds give the same finite result, and loaders the same as the \
                function.
                """, visible: false
        ) { args in
            // A bare nil would be taken for R's NULL.
            let image = args["image"].isNull ? Optional<Value>.none : args["image"]
            return finish(
                try Checks(args.context).transform(
                    try args.forced("transform"), image: image, as: subject(args, "transform")), args)
        }
        utils.function(
            "check_scheduler",
            [
                .promise("scheduler", help: "a function of an optimizer, lr_step or function(opt) lr_step(opt, 2)"),
                .value("steps", .int(20), help: "steps to look at"),
            ],
            help: """
                Checks a learning-rate scheduler
                As many finite rates as the optimizer has groups after each step; a second one with the state of the first goes on as it does.
                """, visible: false
        ) { args in
            let make = try maker(args, "scheduler", of: "an optimizer", Scheduler.self, "lr_step(optimizer, 2)")
            let context = args.context
            let report = try Checks(context).scheduler(
                { optimizer in
                    try made(try context.call(make, [Argument(.object(optimizer))]), Scheduler.self, "scheduler", args)
                }, steps: try steps(args), as: subject(args, "scheduler"))
            return finish(report, args)
        }
        utils.function(
            "check_optimizer",
            [
                .promise("optimizer", help: "a function of parameters: function(params) optim_sgd(params, lr = 0.1)"),
                .value("steps", .int(30), help: "steps to do"),
            ],
            help: """
                Checks an optimizer on a sum of squares
                The sum must go down, every tensor with a gradient move by the rate of its group and one without stay, and \
                what is remembered fit into checkpoints: another one that has it goes on with the same steps.
                """, visible: false
        ) { args in
            let make = try maker(args, "optimizer", of: "parameters", Optimizer.self, "optim_sgd(params, lr = 0.1)")
            let context = args.context
            let report = try Checks(context).optimizer(
                { parameters in
                    try made(try context.call(make, [Argument(parameters)]), Optimizer.self, "optimizer", args)
                }, steps: try steps(args), as: subject(args, "optimizer"))
            return finish(report, args)
        }
        utils.function(
            "check_metric",
            [
                .promise("metric", help: "a metric: luz_metric_accuracy()"),
                .value("preds", nil, help: "a batch of predictions, where none of the usual ones will do"),
                .value("target", nil, help: "what they are compared with"),
            ],
            help: """
                Checks a metric on two batches
                It must compute a number or a named list of numbers, computing must change nothing, and a new one must \
                begin anew.
                """, visible: false
        ) { args in
            let value = try called(try args.forced("metric"), args.context, unless: MetricGenerator.self)
            let generator = try made(value, MetricGenerator.self, "metric", args)
            let subject = subject(args, "metric")
            guard args["preds"].isNull, args["target"].isNull else {
                let batch = (try args.tensor("preds"), try args.tensor("target"))
                return finish(try Checks(args.context).metric(generator, batch: batch, as: subject), args)
            }
            return finish(try Checks(args.context).metric(generator, as: subject), args)
        }
    }

    private static func made<Kind>(_ value: Value, _ kind: Kind.Type, _ name: String, _ args: Arguments) throws -> Kind
    {
        if case .object(let object) = value, let found = object as? Kind { return found }
        throw WorkbenchError(
            .type, "`\(name)` must make \(name == "optimizer" ? "an" : "a") \(name), not \(args.describe(value))",
            hint: value.isFunction ? "call it first: add parentheses" : nil)
    }

    /// A function that makes what is checked; not the thing itself, which most give at first.
    private static func maker<Kind>(
        _ args: Arguments, _ name: String, of what: String, _ kind: Kind.Type, _ example: String
    ) throws -> Value {
        let value = try args.forced(name)
        let parameter = what == "parameters" ? "params" : "optimizer"
        let hint = "check_\(name)(function(\(parameter)) \(example))"
        if case .object(let object) = value, object is Kind {
            throw WorkbenchError(
                .type, "`\(name)` must be a function of \(what) that makes one, not \(args.describe(value)) itself",
                hint: hint)
        }
        guard value.isFunction else {
            throw WorkbenchError(
                .type, "`\(name)` must be a function of \(what), not \(args.describe(value))", hint: hint)
        }
        if case .closure(let closure) = value, closure.formals.names.isEmpty {
            throw WorkbenchError(
                .value, "`\(name)` must be a function of \(what), and this one takes no argument", hint: hint)
        }
        return value
    }

    private static func steps(_ args: Arguments) throws -> Int {
        let steps = try args.int("steps")
        guard (1...10_000).contains(steps) else {
            throw WorkbenchError(.value, "`steps` must be from 1 to 10000, not \(steps)")
        }
        return steps
    }
}
