import Diagnostics
import PluginAPI
import Tensors

/// `opt$state`: `$map` with what is remembered of each parameter, and for optimizers written in R `$get(param)` and
/// `$set(param, value)`: a named list of tensors and numbers, which `state_dict()` and checkpoints hold.
///
/// Elements that an optimizer written in R puts beside them (`self$state[["m"]] <- …`) stay there, too.
func stateMember(_ optimizer: Optimizer, _ context: Context) throws -> Value {
    let states = optimizer.groups.flatMap { group in
        group.parameters.compactMap { optimizer.existingState(of: $0).map(stateEntries) }
    }
    let get = Builtin("get", namespace: "torch", [.value("x")], help: "What is remembered of a parameter, or NULL") {
        args in
        optimizer.existingState(of: try parameter(args)).map(stateEntries) ?? .null
    }
    let set = Builtin(
        "set", namespace: "torch", [.value("x"), .value("value")], help: "Remembers a named list of a parameter",
        visible: false
    ) { args in
        let tensor = try parameter(args)
        let value = try args.required("value")
        guard case .list(let list) = value, let names = value.names, names.allSatisfy({ !($0?.isEmpty ?? true) }) else {
            throw args.invalid("value", value, wanted: "a named list of tensors and numbers")
        }
        let state = Optimizer.State()
        for (name, entry) in zip(names, list.elements) { state[name?.string ?? ""] = entry }
        optimizer.setState(state, of: tensor)
        return .null
    }
    let own = try optimizer.field("state", context: context)?.namedItems ?? []
    return .named(
        [("map", .items(states)), ("get", .builtin(get)), ("set", .builtin(set))] + own.map { ($0.name, $0.value) })
}

private func parameter(_ args: Arguments) throws -> Tensor {
    let value = try args.required("x")
    guard let tensor = value.asTensor else { throw args.invalid("x", value, wanted: "a parameter") }
    return tensor
}

/// What an optimizer written in R has put into its state, without what is there anyway.
func ownState(_ value: Value) -> Value {
    guard case .list = value else { return value }
    return .named(value.namedItems.filter { !["map", "get", "set"].contains($0.name) }.map { ($0.name, $0.value) })
}

/// What is remembered of one parameter.
func stateEntries(_ state: Optimizer.State) -> Value {
    Value.list(Vector(state.entries.map { $0.value })).withNames(state.entries.map { Text($0.name) })
}
