import Diagnostics
import PluginAPI

/// `s$step()`, `s$get_lr()`, `s$last_epoch`, `s$state_dict()`, …
func registerMembers(_ torch: Namespace) {
    let methods = schedulerMethods()
    torch.method("$", for: "LRScheduler", [.value("x"), .value("name")]) { args in
        let scheduler = try args.scheduler("x")
        let member = try args.string("name")
        if let value = try scheduler.field(member, context: args.context) { return value }
        switch member {
        case "last_epoch": return .int(scheduler.lastEpoch)
        case "base_lrs": return .list(Vector(scheduler.baseRates.map { .number($0) }))
        case "optimizer": return .object(scheduler.optimizer)
        case "verbose": return .flag(scheduler.isVerbose)
        case ".last_lr": return .numbers(scheduler.lastRates)
        default: break
        }
        if let method = methods[member] { return .object(BoundMethod(.builtin(method), to: args[0])) }
        if let entry = scheduler.stateDict.first(where: { $0.name == member }) { return entry.value }
        return .null
    }
    torch.method("$<-", for: "LRScheduler", [.value("x"), .value("name"), .value("value")]) { args in
        let scheduler = try args.scheduler("x")
        switch try args.string("name") {
        case "last_epoch":
            let number = try args["value"].asDoubles().elements.first ?? .nan
            guard let epoch = Int(exactly: number) else { throw args.invalid("value") }
            scheduler.lastEpoch = epoch
        case "base_lrs": scheduler.baseRates = try args["value"].asDoubles().elements
        case let name: try scheduler.setField(name, args["value"], context: args.context)
        }
        return args[0]
    }
    torch.method("names", for: "LRScheduler", [.value("x")]) { args in
        .strings((Array(methods.keys) + ["last_epoch", "base_lrs", "optimizer"]).inByteOrder())
    }
    torch.members(of: "LRScheduler") { value, _ in
        guard case .object(let object) = value, let scheduler = object as? Scheduler else { return [] }
        return scheduler.completions + methods.map { .method($0.key, $0.value, of: value) }
            + ["last_epoch", "base_lrs", "verbose"].map { Completion($0, kind: "field") }
            + [Completion("optimizer", kind: "field") { .object(scheduler.optimizer) }]
            + scheduler.stateDict.map { entry in Completion(entry.name, kind: "field") { entry.value } }
    }
    torch.method("print", for: "LRScheduler", [.value("x"), .dots], visible: false) { args in
        let scheduler = try args.scheduler("x")
        let name = scheduler.classes.first?.string ?? "lr_scheduler"
        let rates = scheduler.lastRates.map { numberText($0, digits: 7) }.joined(separator: ", ")
        args.context.console.write("<\(name)> at step \(scheduler.lastEpoch), lr \(rates)\n")
        return args[0]
    }
}

extension Arguments {
    /// A scheduler argument.
    func scheduler(_ name: String) throws -> Scheduler {
        if case .object(let object) = try required(name), let scheduler = object as? Scheduler { return scheduler }
        throw WorkbenchError(.type, "`\(name)` must be a scheduler, not \(describe(self[name]))")
    }
}

private func schedulerMethods() -> [String: Builtin] {
    var methods: [String: Builtin] = [:]
    func add(
        _ name: String, _ parameters: [Parameter], help: String, visible: Bool = true,
        _ implementation: @escaping Builtin.Implementation
    ) {
        methods[name] = Builtin(
            name, namespace: "torch", [.value("self")] + parameters, help: help, visible: visible, implementation)
    }
    add("step", [.value("metrics", nil), .value("epoch", nil)], help: "Sets the next rates", visible: false) { args in
        let scheduler = try args.scheduler("self")
        let metric = args["metrics"].isNull ? nil : try args.real("metrics")
        if scheduler.takesMetric, metric == nil {
            throw WorkbenchError(.value, "argument \"metrics\" is missing, with no default", hint: "$step(loss)")
        }
        try scheduler.step(args.context, metric: metric)
        return .null
    }
    add("get_lr", [], help: "The rates that a step would set now") { args in
        let scheduler = try args.scheduler("self")
        return .numbers(try scheduler.rates(args.context))
    }
    add("get_last_lr", [], help: "The rates set last") { args in .numbers(try args.scheduler("self").lastRates) }
    add("state_dict", [], help: "What is remembered, as a list") { args in
        let entries = try args.scheduler("self").stateDict
        return Value.list(Vector(entries.map { $0.value })).withNames(entries.map { Text($0.name) })
    }
    add("load_state_dict", [.value("state_dict"), .dots], help: "Takes over what is remembered", visible: false) {
        args in
        try args.scheduler("self").stateDict = try namedState(args)
        return .null
    }
    return methods
}

/// The entries of the argument `state_dict`.
func namedState(_ args: Arguments) throws -> [(name: String, value: Value)] {
    guard case .list(let list) = args["state_dict"], let names = args["state_dict"].names else {
        throw WorkbenchError(.type, "`state_dict` must be a named list")
    }
    return zip(names, list.elements).map { ($0?.string ?? "", $1) }
}
