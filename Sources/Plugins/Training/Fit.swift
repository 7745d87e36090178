import Diagnostics
import PluginAPI

/// `fit()`.
func registerFit(_ luz: Namespace) {
    luz.function(
        "fit", fitParameters(verbose: "show progress; NULL: at the prompt"),
        help: "Trains a module, or a fitted one further", begunFit)
}

/// Parameters of `fit()` and of its like.
func fitParameters(verbose: String) -> [Parameter] {
    [
        .value("object", help: "the result of setup(), or of fit() to go on from there"),
        .value(
            "data", help: "a dataloader, a dataset, a list of tensors or arrays; to go on: as before if left out"),
        .value("epochs", 10, help: "most epochs, or c(fewest, most); to go on: further ones"),
        .value("callbacks", nil, help: "a list of callbacks; to go on: those before if left out"),
        .value("valid_data", nil, help: "data, or the share of data to set aside, 0 … 1"),
        .value("accelerator", nil), .value("verbose", nil, help: verbose),
        .dots, .value("dataloader_options", nil, help: "list of arguments for dataloader()"),
    ]
}

/// What `fit()` does with its arguments, from the beginning or from where a fitted model is.
func begunFit(_ args: inout Arguments) throws -> Value {
    guard args.dots.isEmpty else { throw unexpectedDots(args) }
    if args["object"].inherits("luz_module_fitted"), !args.context.isAsPublished {
        return try continueFit(args)
    }
    return try fit(args, try generator(args, "object"))
}

/// The error for arguments that fit() has no use for.
func unexpectedDots(_ args: Arguments) -> WorkbenchError {
    let names = args.dots.map { $0.name?.name ?? "an unnamed argument" }
    let known = args.function.parameters.map { $0.name.name }
    return WorkbenchError(
        .value, "`...` must be empty, but there is \(names.joined(separator: ", "))",
        hint: names.first.flatMap { didYouMean($0, among: known) }
            ?? "arguments: \(known.filter { $0 != "..." }.joined(separator: ", "))")
}

func epochRange(_ args: Arguments) throws -> (fewest: Int, most: Int) {
    let given = try args.required("epochs")
    guard given.isAtomic, given.typeName != "character", let numbers = try? given.asDoubles().elements else {
        throw WorkbenchError(.type, "`epochs` must be one or two whole numbers, not \(args.describe(given))")
    }
    let whole = numbers.compactMap { Int(exactly: $0) }
    guard whole.count == numbers.count, whole.count == 1 || whole.count == 2,
        whole.allSatisfy({ (0...1 << 52).contains($0) })
    else {
        throw WorkbenchError(
            .value,
            "`epochs` must be one or two whole numbers, 0 or more, not \(numbers.map { numberText($0) }.joined(separator: ", "))",
            hint: "epochs = 10, or epochs = c(5, 10)")
    }
    let range = whole.count == 1 ? (0, whole[0]) : (whole[0], whole[1])
    guard range.0 <= range.1 else {
        throw WorkbenchError(.value, "`epochs`: the fewest (\(range.0)) are more than the most (\(range.1))")
    }
    return range
}

private func fit(_ args: Arguments, _ generator: LuzModuleGenerator) throws -> Value {
    let epochs = try epochRange(args)
    let training = try prepare(generator, args, args.context)
    training.minEpochs = epochs.fewest
    training.maxEpochs = epochs.most
    try setData(training, try args.required("data"), args["valid_data"], args)
    return try run(training, .object(generator), args)
}

/// Gives a fit its loaders.
///
/// - Parameter aside: Items to set aside for validation, for a share of data that has been split before.
func setData(
    _ training: TrainingContext, _ given: Value, _ validGiven: Value, _ args: Arguments, aside: [Int]? = nil
) throws {
    let context = args.context
    let data = DataArguments(context: context, environment: args.environment)
    var trainData = given
    var validData = validGiven
    if case .double(let share) = validData, share.count == 1, validData.dim == nil {
        if share[0] == 0 {
            validData = .null
        } else {
            if let aside {
                (trainData, validData) = try data.split(given, validItems: aside)
                training.validItems = aside
            } else {
                let split = try data.split(given, share: share[0])
                (trainData, validData, training.validItems) = (split.train, split.valid, split.items)
            }
            training.setAside = { [weak training] items in
                guard let training, items != training.validItems else { return }
                let (train, valid) = try data.split(given, validItems: items)
                training.validItems = items
                training.trainData = try data.loader(train, options: args["dataloader_options"], training: true)
                training.validData = try data.loader(valid, options: args["dataloader_options"], training: false)
            }
        }
    }
    training.trainData = try data.loader(trainData, options: args["dataloader_options"], training: true)
    if !validData.isNull {
        training.validData = try data.loader(validData, options: args["dataloader_options"], training: false)
    }
    if context.isAsPublished {
        for data in [training.trainData, training.validData] {
            if case .object(let object) = data, let loader = object as? Dataloader { loader.marks += 1 }
        }
    }
    training.data = training.trainData
    training.batchesPlanned = (
        try data.batches(training.trainData), training.validData.isNull ? nil : try data.batches(training.validData)
    )
    if training.maxEpochs > 0, !context.isAsPublished {
        if training.batchesPlanned.train == 0 {
            throw try data.noBatch(trainData, "the training data", training.trainData)
        }
        if training.batchesPlanned.valid == 0 { throw try data.noBatch(validData, "`valid_data`", training.validData) }
    }
}

/// Trains what is ready for it.
func run(_ training: TrainingContext, _ generator: Value, _ args: Arguments) throws -> Value {
    training.generator = generator
    do {
        for callback in training.callbacks { try prepare(callback, training) }
        training.observers = args.context.registry.trainingDefaults.observers.compactMap { $0(training) }
        for observer in training.observers { try observer.prepare(training) }
        try TrainingLoop(training).fit()
    } catch {
        for callback in training.callbacks + training.observers { callback.finish(training, error: error) }
        throw error
    }
    for callback in training.callbacks + training.observers { callback.finish(training, error: nil) }
    return fittedValue(training)
}

/// Lets a callback look at what is about to begin; an error of one from a plug-in names it.
func prepare(_ callback: Callback, _ training: TrainingContext) throws {
    guard training.session.registry.loadedPlugins.plugin(callback.plugin) != nil else {
        return try callback.prepare(training)
    }
    try training.withPlace(of: callback, in: "prepare") {
        do {
            try callback.prepare(training)
        } catch let stop as StopTraining {
            throw WorkbenchError(
                .plugin, "it ends the fit before it has begun\(stop.message.map { ": \($0)" } ?? "")",
                hint: "StopTraining is for handle(_:_:)")
        }
    }
}

/// The fit that ran last, whatever ended it: `last_fit()`.
final class LastFit {
    var training: TrainingContext?

    /// Remembers each fit of the session itself; those of checks are nobody's.
    static func register(_ registry: Registry) {
        registry.trainingDefaults.observers.append { training in
            training.session.background == nil ? Observer() : nil
        }
    }

    /// Hears that a fit begins, and nothing else.
    private final class Observer: Callback, @unchecked Sendable {
        override func prepare(_ training: TrainingContext) {
            training.session.storage(LastFit.self) { LastFit() }.training = training
        }
        override func listens(to event: TrainingEvent) -> Bool { false }
    }
}

/// A model from its generator, its optimizers, loss and callbacks: a context ready for data.
private func prepare(
    _ generator: LuzModuleGenerator, _ args: Arguments, _ context: Context
) throws -> TrainingContext {
    let hparams = generator.setting("hparams")
    let optHparams = generator.setting("opt_hparams")
    let callbacks = try callbackList(args["callbacks"], run: .fit, args)
    let model = try generator.make(
        arguments(hparams), call: args.call, environment: args.environment, context: context)
    let training = TrainingContext(session: context, model: model, verbose: try verbosity(args))
    training.hparams = hparams
    training.optHparams = optHparams
    training.callbacks = callbacks
    try setOptimizers(training, args)
    try finish(training, generator.metrics, args)
    return training
}

/// What fits, evaluations and predictions share: loss function, metrics, `ctx` in methods. From here on its model,
/// optimizers and callbacks are those of a fit in the background.
/// - Throws: where they are those of another one, which has not been touched.
func finish(_ training: TrainingContext, _ metrics: MetricSet, _ args: Arguments) throws {
    let context = args.context
    for part in training.parts { try context.checkOwner(of: part) }
    (context.background?.subject as? FitJob)?.begin(training)
    training.lossFunction = try training.model.field("loss", context: context) ?? .null
    let loss = context.registry.trainingDefaults.lossMetric.map { [$0] } ?? []
    training.metricGenerators = (loss + metrics.train, loss + metrics.valid)
    training.accelerator = args.has("accelerator") ? args["accelerator"] : .null
    training.model.expose(Symbol.named("ctx"), .object(training))
    for entry in training.model.modules() { entry.module.expose(Symbol.named("ctx"), .object(training)) }
}

func verbosity(_ args: Arguments) throws -> Bool {
    args["verbose"].isNull ? args.context.isInteractive : try args.flag("verbose")
}

/// hparams as arguments.
private func arguments(_ list: Value) -> [Argument] {
    guard case .list(let elements) = list else { return [] }
    let names = list.names
    return elements.elements.enumerated().map { place, value in
        let name = names?[place]?.string ?? ""
        return Argument(value, name: name.isEmpty ? nil : Symbol.named(name))
    }
}

/// Default and given callbacks by weight; equal weights in the order given.
func callbackList(_ value: Value, run: TrainingDefaults.Run, _ args: Arguments) throws -> [Callback] {
    var callbacks = args.context.registry.trainingDefaults.callbacks.flatMap { $0(run) }
    let given: [Value]
    switch value {
    case .null, .missing: given = []
    case .list(let list): given = list.elements
    default: given = [value]
    }
    for element in given {
        if let absent = element.absentThing { throw absent.unusable("be called in a fit") }
        guard case .object(let object) = element, let callback = object as? Callback else {
            let names = element.classes.map { $0.string }.joined(separator: "/")
            throw WorkbenchError(
                .type, "Callbacks must have class <LuzCallback> but got <\(names)>",
                hint: element.isFunction ? "did you forget to initialise it? Add parentheses" : nil)
        }
        callbacks.append(callback)
    }
    return callbacks.enumerated().ordered {
        ($0.element.weight, $0.offset) < ($1.element.weight, $1.offset)
    }.map { $0.element }
}

/// The optimizers that a context's model makes with its `opt_hparams`.
func setOptimizers(_ training: TrainingContext, _ args: Arguments) throws {
    training.optimizers = try optimizers(of: training.model, arguments(training.optHparams), args)
    training.currentOptimizer = training.optimizers.count == 1 ? training.optimizers[0] : nil
}

private func optimizers(
    of model: Module, _ settings: [Argument], _ args: Arguments
) throws -> [(name: String, optimizer: Optimizer)] {
    guard let make = try model.field("set_optimizers", context: args.context) else {
        throw WorkbenchError(.value, "the module has no optimizer", hint: "setup(optimizer = optim_adam)")
    }
    let made = try args.context.call(make, settings, call: args.call, environment: args.environment)
    if case .object(let object) = made, let optimizer = object as? Optimizer { return [("opt", optimizer)] }
    guard case .list(let list) = made, let names = made.names, names.allSatisfy({ !($0 ?? "").isEmpty }) else {
        throw WorkbenchError(
            .type,
            "set_optimizers() must return an optimizer or a list of optimizers with names, not \(args.describe(made))")
    }
    return try zip(names, list.elements).map { name, value in
        guard case .object(let object) = value, let optimizer = object as? Optimizer else {
            throw WorkbenchError(.type, "set_optimizers(): `\(name?.string ?? "")` is no optimizer")
        }
        return (name?.string ?? "", optimizer)
    }
}

/// `list(model = , records = , ctx = list(hparams = , opt_hparams = ))` of class `luz_module_fitted`. The model remembers
/// how to go on.
func fittedValue(_ training: TrainingContext) -> Value {
    training.model.memory = memory(of: training)
    return Value.named([
        ("model", .object(training.model)), ("records", training.records),
        (
            "ctx",
            .named([("hparams", training.hparams), ("opt_hparams", training.optHparams)])
        ),
    ]).setting(Symbol.classAttribute, "luz_module_fitted")
}

/// The model of a fitted object.
func fittedModel(_ args: Arguments, _ name: String) throws -> Module {
    let value = try args.required(name)
    if value.inherits("luz_module_fitted"), let model = TrainingContext.element(value, "model"),
        case .object(let object) = model, let module = object as? Module
    {
        return module
    }
    if case .object(let object) = value, object is LuzModuleGenerator {
        throw WorkbenchError(
            .type, "the module has not been fitted", hint: "fitted <- model %>% fit(…), then use `fitted`")
    }
    throw WorkbenchError(.type, "`\(name)` must be the result of fit(), not \(args.describe(value))")
}
