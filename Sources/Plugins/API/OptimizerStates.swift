import Diagnostics
import Tensors

/// Settings of optimizers and what they remember, by the names of the model's parameters.
enum OptimizerStates {
    /// `list(NAME = list(param_groups = , state = ))`.
    static func value(_ training: TrainingContext) -> Value {
        let names = parameterNames(training.model)
        return .named(training.optimizers.map { ($0.name, state($0.optimizer, names)) })
    }

    private static func parameterNames(_ model: Module) -> [ObjectIdentifier: String] {
        var names: [ObjectIdentifier: String] = [:]
        for entry in model.namedParameters() { names[ObjectIdentifier(entry.tensor)] = entry.name }
        return names
    }

    private static func state(_ optimizer: Optimizer, _ names: [ObjectIdentifier: String]) -> Value {
        var states: [(String, Value)] = []
        var groups: [Value] = []
        var position = 0
        for group in optimizer.groups {
            var members: [String] = []
            for parameter in group.parameters {
                position += 1
                // Tensors that are no parameters of the model are known by their place.
                let name = names[ObjectIdentifier(parameter)] ?? String(position)
                members.append(name)
                if let state = optimizer.existingState(of: parameter) {
                    states.append((name, .named(state.entries.map { ($0.name, $0.value) })))
                }
            }
            groups.append(.named([("params", .strings(members))] + group.options.map { ($0.name, $0.value) }))
        }
        let memory = optimizer.memory
        return .named(
            [("param_groups", .items(groups)), ("state", .named(states))]
                + (memory.isEmpty ? [] : [("fields", .named(memory))]))
    }

    /// Puts them back; tensors are copied.
    /// - Throws: when optimizers, groups or shapes are others.
    static func restore(_ saved: Value, _ training: TrainingContext) throws {
        let names = parameterNames(training.model)
        for (name, optimizer) in training.optimizers {
            guard let state = TrainingContext.element(saved, name) else {
                throw WorkbenchError(.name, "the checkpoint has no optimizer \"\(name)\"")
            }
            guard case .list(let groups)? = TrainingContext.element(state, "param_groups") else {
                throw WorkbenchError(.data, "the saved optimizer \"\(name)\" has no parameter groups")
            }
            if !training.session.isAsPublished { try addGroups(groups.elements, to: optimizer, training.model) }
            guard groups.count == optimizer.groups.count else {
                throw WorkbenchError(
                    .value,
                    "optimizer \"\(name)\" has \(optimizer.groups.count) parameter groups, and had \(groups.count) when it was saved",
                    hint: "a fit goes on with the optimizer it was begun with")
            }
            let states = TrainingContext.element(state, "state") ?? .null
            if let fields = TrainingContext.element(state, "fields") { optimizer.memory = fields.namedItems }
            var position = 0
            for (group, settings) in zip(optimizer.groups, groups.elements) {
                if case .list(let list) = settings, let keys = settings.names {
                    if !training.session.isAsPublished { try check(name, keys.compactMap { $0?.string }, group) }
                    for (key, value) in zip(keys, list.elements) {
                        if let key = key?.string, key != "params" { group[key] = value }
                    }
                }
                for parameter in group.parameters {
                    position += 1
                    let key = names[ObjectIdentifier(parameter)] ?? String(position)
                    guard let saved = TrainingContext.element(states, key), case .list(let list) = saved else {
                        continue
                    }
                    try optimizer.setState(self.state(list.elements, saved.names ?? [], key, parameter), of: parameter)
                }
            }
        }
    }

    /// Groups that a callback had added to the first ones, with `$add_param_group()`, of parameters that the model has.
    private static func addGroups(_ saved: [Value], to optimizer: Optimizer, _ model: Module) throws {
        guard saved.count > optimizer.groups.count else { return }
        let parameters = Dictionary(
            model.namedParameters().map { ($0.name, $0.tensor) }, uniquingKeysWith: { a, _ in a })
        for group in saved[optimizer.groups.count...] {
            guard case .character(let names) = group.saved("params") else { return }
            let tensors = names.elements.compactMap { $0.flatMap { parameters[$0.string] } }
            guard tensors.count == names.count,
                !tensors.contains(where: { tensor in
                    optimizer.groups.contains { $0.parameters.contains { $0 === tensor } }
                })
            else { return }
            let settings = group.namedItems.filter { $0.name != "params" }
            try optimizer.addGroup(
                .named([("params", .items(tensors.map { .tensor($0) }))] + settings.map { ($0.name, $0.value) }))
        }
    }

    /// Another optimizer has other settings: moments of the one are nothing to the other.
    private static func check(_ name: String, _ saved: [String], _ group: ParameterGroup) throws {
        let before = Set(saved).subtracting(["params"]), now = Set(group.options.map { $0.name })
        guard !before.isSubset(of: now), !now.isSubset(of: before) else { return }
        func listed(_ names: Set<String>) -> String { names.inByteOrder().joined(separator: ", ") }
        throw WorkbenchError(
            .value,
            "the checkpoint was written with another optimizer \"\(name)\": it has \(listed(before.subtracting(now))), "
                + "this one \(listed(now.subtracting(before)))",
            hint: "a fit goes on with the optimizer it was begun with")
    }

    private static func state(
        _ values: [Value], _ names: [Text?], _ key: String, _ parameter: Tensor
    ) throws -> Optimizer.State {
        let state = Optimizer.State()
        for (entry, value) in zip(names, values) {
            let name = entry?.string ?? ""
            guard let tensor = value.asTensor else {
                state[name] = try Checks.copy(value)
                continue
            }
            guard tensor.dimensions == 0 || tensor.shape == parameter.shape else {
                throw WorkbenchError(
                    .shape,
                    "the checkpoint's \(entry?.string ?? "state") of \(key) does not have the parameter's shape")
            }
            // Optimizers change them in place; who saved them may go on as well.
            state[name] = .tensor(try tensor.detached().clone())
        }
        return state
    }
}

/// What a module's state has besides its tensors: which parts compute as in training, which parameters are learned, and
/// buffers that state_dict() leaves out.
enum ModuleStates {
    static func value(_ model: Module) -> Value {
        var buffers: [(String, Value)] = []
        for entry in model.modules() {
            for buffer in entry.module.buffers where !buffer.isPersistent {
                if let tensor = buffer.tensor {
                    buffers.append(((entry.path.isEmpty ? "" : entry.path + ".") + buffer.name, .tensor(tensor)))
                }
            }
        }
        return .named([
            ("training", .named(model.modules().map { ($0.path, .flag($0.module.isTraining)) })),
            ("learned", .named(model.namedParameters().map { ($0.name, .flag($0.tensor.requiresGrad)) })),
            ("buffers", .named(buffers)),
        ])
    }

    static func restore(_ saved: Value, _ model: Module) throws {
        func flag(_ list: String, _ name: String) -> Bool? {
            TrainingContext.element(saved, list).flatMap { TrainingContext.element($0, name) }
                .flatMap { try? $0.asLogicals().elements.first }?.flatMap { $0 }
        }
        for entry in model.namedParameters() {
            if let isLearned = flag("learned", entry.name), isLearned != entry.tensor.requiresGrad {
                try entry.tensor.requiresGrad_(isLearned)
            }
        }
        let buffers = TrainingContext.element(saved, "buffers") ?? .null
        try withoutGradients {
            for entry in model.modules() {
                if let mode = flag("training", entry.path) { entry.module.isTraining = mode }
                for buffer in entry.module.buffers where !buffer.isPersistent {
                    let name = (entry.path.isEmpty ? "" : entry.path + ".") + buffer.name
                    guard let tensor = buffer.tensor, let known = TrainingContext.element(buffers, name)?.asTensor
                    else { continue }
                    if known.shape == tensor.shape {
                        _ = try tensor.copy_(known)
                    } else {
                        tensor.setData(try known.detached().clone())
                    }
                }
            }
        }
    }
}
