import Diagnostics
import PluginAPI
import Tensors

/// `opt$step()`, `opt$param_groups`, `opt$state_dict()`, …
func registerMembers(_ torch: Namespace) {
    let methods = optimizerMethods()
    for name in ["$", "[["] {
        torch.method(name, for: "torch_optimizer", [.value("x"), .value("name")]) { args in
            let optimizer = try args.optimizer("x")
            let member = try args.string("name")
            switch member {
            case "param_groups": return .list(Vector(optimizer.groups.map { $0.asValue }))
            case "defaults":
                return Value.list(Vector(optimizer.defaults.map { $0.value }))
                    .withNames(optimizer.defaults.map { Text($0.name) })
            case "state": return try stateMember(optimizer, args.context)
            default: break
            }
            if let value = try optimizer.field(member, context: args.context) { return value }
            if let method = methods[member] { return .object(BoundMethod(.builtin(method), to: args[0])) }
            throw WorkbenchError(
                .name, "an optimizer has no member `\(member)`",
                hint: didYouMean(member, among: Array(methods.keys) + ["param_groups", "defaults", "state"]))
        }
    }
    for name in ["$<-", "[[<-"] {
        torch.method(name, for: "torch_optimizer", [.value("x"), .value("name"), .value("value")]) { args in
            let optimizer = try args.optimizer("x")
            let member = try args.string("name")
            if member == "param_groups" {
                try optimizer.setGroups(args["value"])
            } else {
                try optimizer.setField(member, args["value"], context: args.context)
            }
            return args[0]
        }
    }
    torch.method("names", for: "torch_optimizer", [.value("x")]) { _ in
        .strings((Array(methods.keys) + ["param_groups", "defaults", "state"]).inByteOrder())
    }
    torch.members(of: "torch_optimizer") { value, context in
        guard case .object(let object) = value, let optimizer = object as? Optimizer else { return [] }
        return optimizer.completions + methods.map { .method($0.key, $0.value, of: value) } + [
            Completion("param_groups", kind: "field") { .list(Vector(optimizer.groups.map { $0.asValue })) },
            Completion("defaults", kind: "field") {
                Value.list(Vector(optimizer.defaults.map { $0.value })).withNames(
                    optimizer.defaults.map { Text($0.name) })
            },
            Completion("state", kind: "field") { (try? stateMember(optimizer, context)) ?? .null },
        ]
    }
    torch.method("print", for: "torch_optimizer", [.value("x"), .dots], visible: false) { args in
        let optimizer = try args.optimizer("x")
        let name = optimizer.classes.first?.string ?? "torch_optimizer"
        var text = "<\(name)> with \(optimizer.groups.count) parameter group\(optimizer.groups.count == 1 ? "" : "s")\n"
        for (place, group) in optimizer.groups.enumerated() {
            let shown = group.options.map { "\($0.name) = \(args.context.deparse($0.value).joined())" }
            text += "  \(place + 1): \(group.parameters.count) tensors, \(shown.joined(separator: ", "))\n"
        }
        args.context.console.write(text)
        return args[0]
    }
    torch.method("print", for: "torch_optimizer_generator", [.value("x"), .dots], visible: false) { args in
        guard case .object(let object) = args[0] else { return args[0] }
        // A class in the box, or one that optimizer() made.
        let own = (object as? ScriptedOptimizerClass)?.classNames.first
        guard
            let name = (object as? OptimizerGenerator)?.name ?? own
                ?? (object is ScriptedOptimizerClass ? "optimizer" : nil)
        else { return args[0] }
        let formals = object.formals ?? Formals.none
        let parts = zip(formals.names, formals.defaults).map { name, value -> String in
            if value.isMissing { return name.name }
            if case .object(let object) = value, object is RequiredSetting { return "\(name.name) = optim_required()" }
            return "\(name.name) = \(args.context.deparse(value).joined(separator: " "))"
        }
        args.context.console.write(
            "<\(name)> object generator\n  \(name)(\(parts.joined(separator: ", ")))\n")
        return args[0]
    }
    torch.function("is_optimizer", [.value("x")], help: "Whether a value is an optimizer") { args in
        guard case .object(let object) = args[0] else { return false }
        return .flag(object is Optimizer)
    }
}

private func optimizerMethods() -> [String: Builtin] {
    var methods: [String: Builtin] = [:]
    func add(
        _ name: String, _ parameters: [Parameter], help: String, visible: Bool = false,
        _ implementation: @escaping Builtin.Implementation
    ) {
        methods[name] = Builtin(
            name, namespace: "torch", [.value("self")] + parameters, help: help, visible: visible, implementation)
    }
    add("step", [.value("closure", nil)], help: "Moves the parameters") { args in
        let optimizer = try args.optimizer("self")
        var closure: (() throws -> Value)?
        if !args["closure"].isNull {
            let function = try args.functionValue("closure")
            let context = args.context
            closure = { try context.call(function, []) }
        }
        return try optimizer.step(closure: closure, args.context) ?? .null
    }
    add("zero_grad", [.value("set_to_none", false)], help: "Sets gradients to zero") { args in
        let optimizer = try args.optimizer("self")
        if try args.flag("set_to_none") {
            for group in optimizer.groups { for parameter in group.parameters { parameter.grad = nil } }
        } else {
            try optimizer.zeroGradients()
        }
        return .null
    }
    add("add_param_group", [.value("param_group")], help: "Adds parameters with settings of their own") { args in
        try args.optimizer("self").addGroup(args["param_group"])
        return .null
    }
    add("state_dict", [], help: "Settings and what is remembered, as a list", visible: true) { args in
        stateDict(try args.optimizer("self"))
    }
    add(
        "load_state_dict", [.value("state_dict"), .dots, .value(".refer_to_state_dict", false)],
        help: "Takes over settings and what is remembered"
    ) { args in
        try load(args["state_dict"], into: try args.optimizer("self"))
        return args[0]
    }
    return methods
}

/// `list(param_groups = , state = )`; parameters are given as positions, counted over all groups.
func stateDict(_ optimizer: Optimizer) -> Value {
    var position = 0
    var groups: [Value] = []
    var states: [(String, Value)] = []
    for group in optimizer.groups {
        let start = position
        for parameter in group.parameters {
            position += 1
            if let state = optimizer.existingState(of: parameter) {
                states.append((String(position), stateEntries(state)))
            }
        }
        let places = Value.ints(group.parameters.indices.map { start + 1 + $0 })
        groups.append(
            Value.list(Vector([places] + group.options.map { $0.value })).withNames(
                ["params"] + group.options.map { $0.name }))
    }
    return .named([
        ("param_groups", .list(Vector(groups))),
        ("state", Value.list(Vector(states.map { $0.1 })).withNames(states.map { $0.0 })),
    ])
}

func load(_ value: Value, into optimizer: Optimizer) throws {
    guard case .list(let list) = value, let names = value.names,
        let groupPlace = names.firstIndex(of: Text("param_groups")), case .list(let groups) = list[groupPlace]
    else { throw WorkbenchError(.type, "`state_dict` must be a list with param_groups and state") }
    guard groups.count == optimizer.groups.count else {
        throw WorkbenchError(
            .value, "Loaded state dict has a different number of parameter groups",
            hint: "\(groups.count) in the state_dict, \(optimizer.groups.count) in the optimizer")
    }
    let tensors = optimizer.groups.flatMap { $0.parameters }
    for (group, saved) in zip(optimizer.groups, groups.elements) {
        guard case .list(let settings) = saved, let settingNames = saved.names else { continue }
        for (name, setting) in zip(settingNames, settings.elements) {
            guard let name = name?.string else { continue }
            if name == "params" {
                guard setting.length == group.parameters.count else {
                    throw WorkbenchError(
                        .value,
                        "Loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
                        hint: "\(setting.length) parameters there, \(group.parameters.count) here")
                }
            } else {
                group[name] = setting
            }
        }
    }
    guard let statePlace = names.firstIndex(of: Text("state")), case .list(let states) = list[statePlace] else {
        return
    }
    let keys = list[statePlace].names
    for (place, saved) in states.elements.enumerated() {
        guard case .list(let fields) = saved, let fieldNames = saved.names else { continue }
        let position = keys.flatMap { $0[place] }.flatMap { Int($0.string) } ?? place + 1
        guard tensors.indices.contains(position - 1) else { continue }
        let state = Optimizer.State()
        for (name, field) in zip(fieldNames, fields.elements) {
            guard let name = name?.string else { continue }
            guard let tensor = field.asTensor else {
                state[name] = field
                continue
            }
            let parameter = tensors[position - 1]
            guard tensor.count == 1 || tensor.shape == parameter.shape || optimizer is ScriptedOptimizer else {
                throw WorkbenchError(
                    .shape,
                    "\(name) of parameter \(position) has shape \(tensor.shape) in the state_dict, the parameter \(parameter.shape)"
                )
            }
            state[name] = .tensor(try tensor.detached().clone())
        }
        optimizer.setState(state, of: tensors[position - 1])
    }
}
