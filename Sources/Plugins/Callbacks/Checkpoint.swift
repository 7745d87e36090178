import Diagnostics
import PluginAPI
import Tensors

/// The state of a fit: `list(epoch = , records = , model = , optimizers = , callbacks = )`.
///
/// In a file it is safetensors: tensors under the names of the parameters (`model.fc.weight`,
/// `optimizers.opt.state.fc.weight.exp_avg`), everything else as ``TensorTree`` describes it, so that `torch_load()` gives
/// the list back. Other programs read the tensors as they read any safetensors file.
struct Checkpoint {
    let value: Value

    // MARK: From a fit

    /// The present state; tensors are shared with the model.
    init(of training: TrainingContext) throws {
        let names = Checkpoint.parameterNames(training.model)
        value = .named([
            ("epoch", .int(training.epoch)), ("records", training.records),
            ("model", .named(training.model.stateDict().map { ($0.name, .tensor($0.tensor)) })),
            ("optimizers", .named(training.optimizers.map { ($0.name, Checkpoint.state($0.optimizer, names)) })),
            ("callbacks", .items(try training.callbacks.map { try $0.stateDict(training.session) ?? .null })),
        ])
    }

    private static func parameterNames(_ model: Module) -> [ObjectIdentifier: String] {
        var names: [ObjectIdentifier: String] = [:]
        for entry in model.namedParameters() { names[ObjectIdentifier(entry.tensor)] = entry.name }
        return names
    }

    /// `list(param_groups = , state = )`, parameters by name.
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
        return .named([("param_groups", .items(groups)), ("state", .named(states))])
    }

    // MARK: Files

    /// Writes it; the file appears whole or not at all.
    func write(to path: String) throws {
        // Functions that callbacks keep stay behind: code is not saved.
        var tree = TensorTree(leavingCode: true)
        let description = try tree.encode(value).text
        try Safetensors.write(
            tree.tensors,
            metadata: [
                ("format", "workbench checkpoint"), ("version", "1"), (TensorTree.metadataKey, description),
            ], to: path)
    }

    /// Reads a file that ``write(to:)`` wrote.
    /// - Throws: `.data` for any other.
    init(reading path: String) throws {
        let contents = try Safetensors.read(path)
        guard let text = contents.metadata.first(where: { $0.key == TensorTree.metadataKey })?.value else {
            throw Checkpoint.noCheckpoint(path)
        }
        var tensors: [String: Tensor] = [:]
        for entry in contents.tensors { tensors[entry.name] = entry.tensor }
        do {
            value = try TensorTree.decode(try JSON(text)) { name in
                guard let tensor = tensors[name] else {
                    throw WorkbenchError(.data, "it has no tensor \"\(name)\"")
                }
                return tensor
            }
        } catch let error as WorkbenchError where error.kind == .data {
            throw WorkbenchError(.data, "'\(path)' is a broken checkpoint: \(error.message)")
        }
        guard TrainingContext.element(value, "model") != nil else { throw Checkpoint.noCheckpoint(path) }
    }

    private static func noCheckpoint(_ path: String) -> WorkbenchError {
        WorkbenchError(
            .data, "'\(path)' is a safetensors file but no checkpoint",
            hint: "luz_callback_model_checkpoint() writes checkpoints")
    }

    private subscript(name: String) -> Value { TrainingContext.element(value, name) ?? .null }

    // MARK: Into a fit

    /// Copies the weights into a model.
    func restoreModel(_ model: Module) throws {
        guard case .list(let list) = self["model"], let names = self["model"].names else { return }
        var state: [(name: String, tensor: Tensor)] = []
        for (name, element) in zip(names, list.elements) {
            if let tensor = element.asTensor { state.append((name?.string ?? "", tensor)) }
        }
        try model.loadStateDict(state)
    }

    /// Puts back the metrics of the epochs so far.
    func restoreRecords(_ training: TrainingContext) { training.records = self["records"] }

    /// Puts back settings of the optimizers and what they remember.
    func restoreOptimizers(_ training: TrainingContext) throws {
        let names = Checkpoint.parameterNames(training.model)
        for (name, optimizer) in training.optimizers {
            guard let saved = TrainingContext.element(self["optimizers"], name) else {
                throw WorkbenchError(.name, "the checkpoint has no optimizer \"\(name)\"")
            }
            guard case .list(let groups)? = TrainingContext.element(saved, "param_groups"),
                groups.count == optimizer.groups.count
            else {
                throw WorkbenchError(
                    .value,
                    "optimizer \"\(name)\" has \(optimizer.groups.count) parameter groups, not those of the checkpoint")
            }
            let states = TrainingContext.element(saved, "state") ?? .null
            var position = 0
            for (group, settings) in zip(optimizer.groups, groups.elements) {
                if case .list(let list) = settings, let keys = settings.names {
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
                    let state = Optimizer.State()
                    for (entry, value) in zip(saved.names ?? [], list.elements) {
                        if let tensor = value.asTensor, tensor.dimensions > 0, tensor.shape != parameter.shape {
                            throw WorkbenchError(
                                .shape,
                                "the checkpoint's \(entry?.string ?? "state") of \(key) does not have the parameter's shape"
                            )
                        }
                        state[entry?.string ?? ""] = value
                    }
                    optimizer.setState(state, of: parameter)
                }
            }
        }
    }

    /// Gives callbacks back what they remember; they must be the same, in the same order.
    func restoreCallbacks(_ training: TrainingContext) throws {
        guard case .list(let states) = self["callbacks"] else { return }
        guard states.count == training.callbacks.count else {
            throw WorkbenchError(
                .value, "Objects must have the same length.",
                hint:
                    "the checkpoint was written with \(states.count) callbacks, the fit has \(training.callbacks.count)"
            )
        }
        for (callback, state) in zip(training.callbacks, states.elements) where !state.isNull {
            try callback.loadStateDict(state, training.session)
        }
    }
}
