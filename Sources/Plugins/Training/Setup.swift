import Diagnostics
import PluginAPI
import Tensors

/// What `setup()` returns: a generator of modules that know their loss, optimizer and metrics.
final class LuzModuleGenerator: ForeignObject, @unchecked Sendable {
    let base: ModuleGenerator
    let loss: Value
    let optimizer: Value
    let metrics: MetricSet
    let backward: Value

    init(_ base: ModuleGenerator, loss: Value, optimizer: Value, metrics: MetricSet, backward: Value) {
        self.base = base
        self.loss = loss
        self.optimizer = optimizer
        self.metrics = metrics
        self.backward = backward
    }

    override var classes: [Text] { ["luz_module_generator"] }
    override var typeName: String { "closure" }
    override var isCallable: Bool { true }
    override var formals: Formals? { base.formals }

    /// A copy with an attribute set: `setup()`'s result is never changed.
    func with(_ name: String, _ value: Value) -> LuzModuleGenerator {
        let copy = LuzModuleGenerator(base, loss: loss, optimizer: optimizer, metrics: metrics, backward: backward)
        copy.attributes = attributes.setting(Symbol.named(name), value)
        return copy
    }

    /// An attribute, `NULL` if it is not set.
    func setting(_ name: String) -> Value { attributes[Symbol.named(name)] ?? .null }

    /// A new model, with `$loss`, `$backward`, `$set_optimizers`, `$metrics` as luz gives it.
    func make(_ arguments: [Argument], call: Call, environment: Environment, context: Context) throws -> Module {
        let module = try base.make(arguments, call: call, environment: environment, context: context)
        try equip(module, context)
        return module
    }

    /// Gives a model what `setup()` was told; a copy of a model gets it anew, as methods belong to one model.
    func equip(_ module: Module, _ context: Context) throws {
        if !loss.isNull { try module.setField("loss", loss, context: context) }
        if try module.field("backward", context: context) == nil || !backward.isNull {
            try module.setField(
                "backward", backward.isNull ? .builtin(LuzModuleGenerator.standardBackward) : backward,
                context: context)
        }
        if !optimizer.isNull {
            let both = Value.items([.object(module), optimizer])
            try module.setField(
                "set_optimizers", .object(BoundMethod(.builtin(LuzModuleGenerator.makeOptimizers), to: both)),
                context: context)
        }
        try module.setField("metrics", .object(metrics), context: context)
        if try module.field("device", context: context) == nil {
            let device = try luzFunction("torch", "torch_device", context)
            try module.setField("device", try context.call(device, [Argument("cpu")]), context: context)
        }
        if !base.isNative, try module.field("forward", context: context) == nil {
            try module.setField("forward", .builtin(LuzModuleGenerator.identity), context: context)
        }
    }

    /// `loss$backward()`.
    static let standardBackward = Builtin("backward", namespace: "luz", [.value("x")], visible: false) { args in
        try args.tensor("x").backward()
        return .null
    }

    /// Calls the optimizer with the parameters of the module: `self` is a list of both.
    static let makeOptimizers = Builtin("set_optimizers", namespace: "luz", [.value("self"), .dots]) { args in
        guard case .list(let both) = args[0], both.count == 2 else {
            throw WorkbenchError(.type, "set_optimizers() belongs to a module")
        }
        let parameters = try args.context.call("$", [Argument(both[0]), Argument("parameters")])
        return try args.context.call(both[1], [Argument(parameters)] + args.dots, call: args.call)
    }

    static let identity = Builtin("forward", namespace: "luz", [.value("x")]) { args in args[0] }

    // MARK: Saved sessions

    override var savedKind: String? { "luz_module_generator" }

    override func savedParts(_ context: Context) throws -> Value {
        .named([
            ("base", .object(base)), ("loss", loss), ("optimizer", optimizer), ("metrics", .object(metrics)),
            ("backward", backward),
        ])
    }

    convenience init(saved parts: Value) throws {
        self.init(
            try parts.saved("base", as: ModuleGenerator.self), loss: parts.saved("loss"),
            optimizer: parts.saved("optimizer"), metrics: try parts.saved("metrics", as: MetricSet.self),
            backward: parts.saved("backward"))
    }

    override func call(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        .object(try make(arguments, call: call, environment: environment, context: context))
    }

    override func visitReferences(_ visit: (Value) -> Void) {
        visit(.object(base))
        visit(loss)
        visit(optimizer)
        visit(.object(metrics))
        visit(backward)
    }
}

extension ModuleGenerator {
    /// A layer or net written in Swift, whose computation is not a field.
    fileprivate var isNative: Bool {
        switch kind {
        case .native: return true
        case .scripted(_, let parent): return parent?.isNative ?? false
        }
    }
}

/// A function of another namespace, attached or not.
func luzFunction(_ namespace: String, _ name: String, _ context: Context) throws -> Value {
    guard let value = context.registry.existingNamespace(namespace)?.environment.local(Symbol.named(name)) else {
        throw WorkbenchError(
            .plugin, "\(namespace)::\(name) is not there", hint: "the plug-in that provides it is not loaded")
    }
    return value
}

/// `setup()`, `set_hparams()`, `set_opt_hparams()`.
func registerSetup(_ luz: Namespace, _ registry: Registry) {
    registry.innerFunctions.add("luz backward", LuzModuleGenerator.standardBackward)
    registry.innerFunctions.add("luz set_optimizers", LuzModuleGenerator.makeOptimizers)
    registry.innerFunctions.add("luz forward", LuzModuleGenerator.identity)
    registry.savedKinds.add("luz_module_generator") { parts, _ in try LuzModuleGenerator(saved: parts) }
    registry.savedKinds.add("fit memory") { parts, _ in try FitMemory(saved: parts) }
    registry.savedKinds.add("fit_context") { _, context in TrainingContext(restoring: context) }
    luz.function(
        "setup",
        [
            .value("module", help: "a generator made with nn_module()"),
            .value("loss", nil, help: "a function of input and target, or a module such as nn_mse_loss()"),
            .value("optimizer", nil, help: "optim_adam, without parentheses"),
            .value("metrics", nil, help: "a metric, a list of them or luz_metric_set()"),
            .value("backward", nil, help: "a function of the loss, in place of loss$backward()"),
        ], help: "Says how a module is trained"
    ) { args in
        guard case .object(let object) = try args.required("module"), let base = object as? ModuleGenerator else {
            throw notGenerator(args)
        }
        let loss = args["loss"]
        if !loss.isNull, !loss.isFunction {
            throw WorkbenchError(.type, "`loss` must be a function or a module, not \(args.describe(loss))")
        }
        if case .object(let object) = loss, object is ModuleGenerator {
            throw WorkbenchError(
                .type, "`loss` is a module generator, not a module", hint: "add parentheses: nn_cross_entropy_loss()")
        }
        let methods = methodNames(base)
        if loss.isNull, !methods.contains("loss"), !methods.contains("step") {
            throw WorkbenchError(
                .value,
                "No loss function was provided to `setup()`.",
                hint: "give loss = nn_cross_entropy_loss(), or add a `loss` or a `step` method to nn_module()")
        }
        let backward = args["backward"]
        if !backward.isNull, !backward.isFunction {
            throw WorkbenchError(.type, "`backward` must be a function, not \(args.describe(backward))")
        }
        let optimizer = args["optimizer"]
        if optimizer.isNull, !methods.contains("set_optimizers") {
            throw WorkbenchError(
                .value, "No optimizer definition has been provided and `set_optimizers` is not defined in the module.",
                hint: "give optimizer = optim_adam")
        }
        if case .object(let object) = optimizer, object is Optimizer {
            throw WorkbenchError(
                .type, "`optimizer` must be a function such as optim_adam, not an optimizer",
                hint: "leave the parentheses out; settings go into set_opt_hparams()")
        }
        if !optimizer.isNull, !optimizer.isFunction {
            var hint = "optim_adam, without parentheses"
            if case .character(let text) = optimizer, let word = text.elements.first??.string {
                let known = args.context.registry.existingNamespace("torch")?.environment.names().map { $0.name } ?? []
                let optimizers = known.filter { $0.hasPrefix("optim_") }
                let wanted = word.hasPrefix("optim_") ? word : "optim_" + word.lowercased()
                hint =
                    (optimizers.contains(wanted)
                        ? "without quotes: optimizer = \(wanted)" : didYouMean(wanted, among: optimizers)) ?? hint
            }
            throw WorkbenchError(
                .type, "`optimizer` must be a function such as optim_adam, not \(args.describe(optimizer))", hint: hint)
        }
        return .object(
            LuzModuleGenerator(
                base, loss: loss, optimizer: optimizer, metrics: try metricSet(args["metrics"], args),
                backward: backward))
    }
    for (name, attribute) in [("set_hparams", "hparams"), ("set_opt_hparams", "opt_hparams")] {
        luz.function(
            name, [.value("module"), .dots],
            help: name == "set_hparams" ? "Arguments for the module's initialize" : "Arguments for the optimizer"
        ) { args in
            let names = args.dots.map { $0.name?.text ?? Text("") }
            var list = Value.list(Vector(args.dotValues))
            if names.contains(where: { !$0.isEmpty }) { list = list.withNames(names) }
            if args["module"].inherits("luz_module_fitted"), !args.context.isAsPublished {
                return try changing(args["module"], attribute, to: list)
            }
            let generator = try generator(args, "module")
            return .object(generator.with(attribute, list))
        }
    }
}

private func notGenerator(_ args: Arguments) -> WorkbenchError {
    if case .object(let object) = args["module"], object is Module {
        return WorkbenchError(
            .type, "`module` must be a generator made with nn_module(), but it is a module already",
            hint:
                "leave the parentheses out; a ready model goes into a module of its own: nn_module(initialize = function() { self$model <- … }, forward = function(x) self$model(x))"
        )
    }
    return WorkbenchError(
        .type, "`module` must be a generator made with nn_module(), not \(args.describe(args["module"]))")
}

private func methodNames(_ generator: ModuleGenerator) -> Set<String> {
    guard case .scripted(let definition, let parent) = generator.kind else { return [] }
    var names = Set(definition.publicMethods.map { $0.name.name })
    names.formUnion(definition.active.map { $0.name.name })
    if let parent { names.formUnion(methodNames(parent)) }
    return names
}

/// The set-up generator in an argument.
func generator(_ args: Arguments, _ name: String) throws -> LuzModuleGenerator {
    let value = try args.required(name)
    if case .object(let object) = value {
        if let generator = object as? LuzModuleGenerator { return generator }
        if object is ModuleGenerator {
            throw WorkbenchError(
                .type, "the module has not been set up", hint: "model %>% setup(loss = …, optimizer = …) %>% fit(…)")
        }
    }
    throw WorkbenchError(.type, "`\(name)` must be the result of setup(), not \(args.describe(value))")
}

/// Metrics in the forms that setup() takes: NULL, one, a list, a set; generators with or without parentheses.
func metricSet(_ value: Value, _ args: Arguments) throws -> MetricSet {
    if case .object(let object) = value, let set = object as? MetricSet { return set }
    let list: [Value]
    switch value {
    case .null, .missing: list = []
    case .list(let elements): list = elements.elements
    default: list = [value]
    }
    let generators = try list.map { element -> MetricGenerator in
        if case .object(let object) = element, let generator = object as? MetricGenerator { return generator }
        if element.isFunction,
            case .object(let object) = try args.context.call(element, [], environment: args.environment),
            let generator = object as? MetricGenerator
        {
            return generator
        }
        throw WorkbenchError(
            .type, "Expected an object with class <luz_metric_generator>, got \(args.describe(element))",
            hint: "luz_metric_accuracy()")
    }
    return MetricSet(train: generators, valid: generators)
}
