import Diagnostics
import PluginAPI

/// What a fit leaves behind to go on from; nil where that is not wanted or cannot be had.
func memory(of training: TrainingContext) -> FitMemory? {
    let context = training.session
    let generator = training.generator
    guard !context.isAsPublished, !generator.isNull else { return nil }
    let standard = context.registry.trainingDefaults.callbacks.flatMap { $0(.fit) }.flatMap { $0.classNames }
    guard let state = try? TrainingState(of: training) else { return nil }
    return FitMemory(
        generator: generator, state: state,
        callbacks: training.callbacks.filter { $0.classNames.first.map { !standard.contains($0) } ?? true },
        trainData: training.trainData, validData: training.validData, validItems: training.validItems,
        epochs: training.epochsDone, optHparams: training.optHparams)
}

/// `set_opt_hparams()` of a fitted model: in force when `fit()` goes on.
func changing(_ fitted: Value, _ setting: String, to list: Value) throws -> Value {
    guard setting == "opt_hparams" else {
        throw WorkbenchError(
            .value, "set_hparams() says how a model is made, and that of a fitted one is made already",
            hint: "net %>% setup(…) %>% set_hparams(…) %>% fit(…) makes another")
    }
    let context = TrainingContext.element(fitted, "ctx") ?? .items([])
    return setElement(fitted, "ctx", TrainingContext.setting(context, "opt_hparams", list))
}

/// A list with an element set, its class kept.
private func setElement(_ list: Value, _ name: String, _ value: Value) -> Value {
    let changed = TrainingContext.setting(list, name, value)
    guard let classes = list.classAttribute else { return changed }
    return changed.setting(Symbol.classAttribute, .character(Vector(classes.map { Optional($0) })))
}

/// `fit()` of a fitted model: further epochs from its weights, with the optimizer's moments, the callbacks and their state
/// (schedulers' among it), and the records before. The fitted model given stays as it is.
///
/// Both random generators go on from where the session has them.
func continueFit(_ args: Arguments) throws -> Value {
    let context = args.context
    let fitted = args["object"]
    let old = try fittedModel(args, "object")
    let memory = old.memory
    if let memory, let absent = memory.generator.absentThing {
        throw WorkbenchError(
            .plugin, "fit() cannot go on with what setup() made: \(absent.absence.title) \(absent.absence.reason)",
            hint: absent.absence.hint)
    }
    guard let memory, case .object(let object) = memory.generator, let generator = object as? LuzModuleGenerator
    else {
        throw WorkbenchError(
            .value, "this fitted model does not know how it was trained",
            hint: "fit() goes on with what fit() returned in this session")
    }
    let epochs = try epochRange(args)
    // list() means none.
    let keepsCallbacks = args["callbacks"].isNull
    if keepsCallbacks, let absent = memory.callbacks.lazy.compactMap({ Value.object($0).absentThing }).first {
        throw WorkbenchError(
            .plugin,
            "fit() cannot go on with the callback <\(absent.absentName)>: \(absent.absence.title) \(absent.absence.reason)",
            hint: "\(absent.absence.hint); fit(…, callbacks = list(…)) goes on with others")
    }
    let (model, callbacks) = try copied(old, keepsCallbacks ? memory.callbacks : [], context)
    try generator.equip(model, context)
    let training = TrainingContext(session: context, model: model, verbose: try verbosity(args))
    let settings = TrainingContext.element(fitted, "ctx") ?? .null
    training.hparams = TrainingContext.element(settings, "hparams") ?? .null
    training.optHparams = TrainingContext.element(settings, "opt_hparams") ?? .null
    training.callbacks = try callbackList(
        keepsCallbacks ? .list(Vector(callbacks.map { .object($0) })) : args["callbacks"], run: .fit, args)
    training.epochsBefore = memory.epochs
    training.epochsDone = memory.epochs
    training.minEpochs = memory.epochs + epochs.fewest
    training.maxEpochs = memory.epochs + epochs.most
    training.records = records(TrainingContext.element(fitted, "records") ?? .null, through: memory.epochs)
    try setOptimizers(training, args)
    try restoreOptimizers(training, memory)
    try finish(training, generator.metrics, args)
    try setData(training, memory, args)
    if keepsCallbacks {
        training.resumption = TrainingResumption(
            place: .end(ofEpoch: memory.epochs, told: training.callbacks.count), pending: []
        ) { training in
            // Schedulers have been made anew at the beginning of the fit, and have set their first rate.
            try memory.state.restoreCallbacks(training)
            try restoreOptimizers(training, memory)
            try memory.state.restoreProgress(training)
        }
    }
    return try run(training, memory.generator, args)
}

/// The net and the callbacks to go on with: what they have is theirs alone, so that those of the fit before stay as they are.
private func copied(_ model: Module, _ callbacks: [Callback], _ context: Context) throws -> (Module, [Callback]) {
    var homes: Set<ObjectIdentifier> = []
    for object in model.modules().map({ $0.module as ForeignObject }) + callbacks {
        guard case .environment(let members) = try object.savedState(context).saved(".members"),
            let instance = ClassInstance(members)
        else { continue }
        homes.formUnion(instance.homes.map { ObjectIdentifier($0) })
    }
    let values = ([model] + callbacks).map { Value.object($0) }
    if let copies = try context.copies(of: values, sharing: homes), case .object(let first) = copies[0],
        let copy = first as? Module
    {
        copy.memory = nil
        return (
            copy,
            copies.dropFirst().compactMap { if case .object(let object) = $0 { object as? Callback } else { nil } }
        )
    }
    // Something in them belongs to the running session (a connection, a generator): it is shared.
    let clone = try context.call(
        try luzFunction("torch", "clone_module", context), [Argument(.object(model)), Argument(true, name: "deep")])
    guard case .object(let copy) = clone, let model = copy as? Module else {
        throw WorkbenchError(.type, "the model cannot be copied")
    }
    return (model, callbacks)
}

/// Moments and settings as they were, then the settings that have been changed since.
private func restoreOptimizers(_ training: TrainingContext, _ memory: FitMemory) throws {
    try memory.state.restoreOptimizers(training)
    guard case .list(let list) = training.optHparams, let names = training.optHparams.names else { return }
    for (name, value) in zip(names, list.elements) {
        guard let name = name?.string, !name.isEmpty else { continue }
        if let before = TrainingContext.element(memory.optHparams, name), isSame(before, value, training.session) {
            continue
        }
        for entry in training.optimizers {
            for group in entry.optimizer.groups where group[name] != nil {
                group[name] = value
                if name == "lr", group["initial_lr"] != nil { group["initial_lr"] = value }
            }
        }
    }
}

private func isSame(_ a: Value, _ b: Value, _ context: Context) -> Bool { context.deparse(a) == context.deparse(b) }

/// Data as given; left out, the loaders of the fit before. A share of the same data sets the same items aside.
private func setData(_ training: TrainingContext, _ memory: FitMemory, _ args: Arguments) throws {
    guard args.has("data") else {
        guard !memory.trainData.isNull else {
            throw WorkbenchError(
                .value, "argument \"data\" is missing: the data of the fit before are not there any more")
        }
        let valid = args["valid_data"].isNull ? memory.validData : args["valid_data"]
        if case .double = valid {
            throw WorkbenchError(
                .value, "`valid_data` is a share of data, and `data` is left out", hint: "give data, too")
        }
        training.validItems = memory.validItems
        return try setData(training, memory.trainData, valid, args)
    }
    var aside: [Int]?
    if let items = memory.validItems, case .double(let share) = args["valid_data"], share.count == 1 {
        let data = DataArguments(context: args.context, environment: args.environment)
        let count = try data.isLoader(args["data"]) ? nil : data.length(try data.dataset(args["data"]))
        if let count, Int((Double(count) * share[0]).rounded(.down)) == items.count, items.allSatisfy({ $0 <= count }) {
            aside = items
        }
    }
    try setData(training, args["data"], args["valid_data"], args, aside: aside)
}

/// Records without what an unfinished epoch had left.
private func records(_ records: Value, through epochs: Int) -> Value {
    guard case .list(let list) = records, let names = records.names else { return records }
    var entries: [(String, Value)] = []
    for (name, value) in zip(names, list.elements) where name?.string != "partial" {
        guard name?.string == "metrics", case .list(let sets) = value, let setNames = value.names else {
            entries.append((name?.string ?? "", value))
            continue
        }
        entries.append(
            (
                "metrics",
                .named(
                    zip(setNames, sets.elements).map { set, epochsOfSet in
                        guard case .list(let logged) = epochsOfSet else { return (set?.string ?? "", epochsOfSet) }
                        return (set?.string ?? "", .items(Array(logged.elements.prefix(epochs))))
                    })
            ))
    }
    return .named(entries)
}
