import Diagnostics
import PluginAPI
import Tensors

/// `autograd_function(forward, backward)`: a function of tensors whose gradient is an R function.
package final class CustomFunction: ForeignObject, @unchecked Sendable {
    let forward: Value
    let backward: Value

    package init(forward: Value, backward: Value) {
        self.forward = forward
        self.backward = backward
    }

    package override var classes: [Text] { ["autograd_function"] }
    package override var typeName: String { "closure" }
    package override var isCallable: Bool { true }

    package override var savedKind: String? { "autograd_function" }

    package override func savedParts(_ context: Context) throws -> Value {
        .named([("forward", forward), ("backward", backward)])
    }

    package override func visitReferences(_ visit: (Value) -> Void) {
        visit(forward)
        visit(backward)
    }

    package override func call(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        let names = try matchedNames(arguments)
        let inputs = arguments.map { $0.value.asTensor }
        let state = CustomFunctionContext()
        state.needsInputGrad = Value.list(Vector(inputs.map { .flag($0?.requiresGrad ?? false) }))
            .withNames(names.map { Text($0) })
        let mode = context.tensors.gradMode
        let wasEnabled = mode.isEnabled
        mode.isEnabled = false
        let output: Value
        do {
            defer { mode.isEnabled = wasEnabled }
            output = try context.call(
                forward, [Argument(.object(state))] + arguments, call: call, environment: environment)
        }
        let tensors: [Tensor]
        if let one = output.asTensor {
            tensors = [one]
        } else if case .list(let list) = output {
            tensors = try list.elements.map { element in
                guard let tensor = element.asTensor else { throw notTensors() }
                return tensor
            }
        } else {
            throw notTensors()
        }
        let sources = inputs.compactMap { $0 }
        let sourceNames = zip(names, inputs).compactMap { $1 == nil ? nil : $0 }
        let results = try tensors.enumerated().map { place, value in
            try recorded(value, place, tensors, sources, sourceNames, state, context)
        }
        if output.asTensor != nil { return .tensor(results[0]) }
        return Value.tensors(results).withNames(output.names)
    }

    /// The output with its place in the graph. With several outputs each gradient is handed to `backward` beside zeros
    /// for the others; gradients are linear, so their sum is right.
    private func recorded(
        _ value: Tensor, _ place: Int, _ all: [Tensor], _ sources: [Tensor], _ names: [String],
        _ state: CustomFunctionContext, _ context: Context
    ) throws -> Tensor {
        let shared = sources.contains { $0 === value } ? value.detached() : value
        let backward = backward
        return Tensor(op: "CppNode", shared, from: sources) { dy in
            let gradients = try all.enumerated().map { other, tensor -> Argument in
                Argument(.tensor(other == place ? dy : try tensor.zerosLike()))
            }
            let answer = try context.call(backward, [Argument(.object(state))] + gradients)
            return try CustomFunction.gradients(in: answer, names)
        }
    }

    private static func gradients(in answer: Value, _ names: [String]) throws -> [Tensor?] {
        guard case .list(let list) = answer else {
            if let one = answer.asTensor, names.count == 1 { return [one] }
            throw WorkbenchError(
                .type,
                "backward of an autograd_function must return a list of gradients named like forward's arguments",
                hint: "list(" + names.map { "\($0) = …" }.joined(separator: ", ") + ")")
        }
        let given = answer.names
        return names.enumerated().map { place, name in
            if let given {
                guard let found = given.firstIndex(of: Text(name)) else { return nil }
                return list[found].asTensor
            }
            return place < list.count ? list[place].asTensor : nil
        }
    }

    private func matchedNames(_ arguments: [Argument]) throws -> [String] {
        guard case .closure(let closure) = forward else { return arguments.indices.map { "arg\($0 + 1)" } }
        var free = closure.formals.names.dropFirst().map { $0.name }.filter { $0 != "..." }
        for argument in arguments { if let name = argument.name { free.removeAll { $0 == name.name } } }
        return arguments.map { argument in
            if let name = argument.name { return name.name }
            return free.isEmpty ? "" : free.removeFirst()
        }
    }

    private func notTensors() -> WorkbenchError {
        WorkbenchError(.type, "forward of an autograd_function must return a tensor or a list of tensors")
    }
}

/// `ctx` in forward and backward of an `autograd_function`.
final class CustomFunctionContext: ForeignObject, @unchecked Sendable {
    var saved: Value = .list(Vector([]))
    var needsInputGrad: Value = .null
    var fields: [String: Value] = [:]

    override var classes: [Text] { ["autograd_context"] }

    override func visitReferences(_ visit: (Value) -> Void) {
        visit(saved)
        visit(needsInputGrad)
        for value in fields.values { visit(value) }
    }

    override func dropReferences() {
        saved = .null
        fields = [:]
    }
}

package func registerCustomFunctionContext(_ torch: Namespace) {
    torch.method("$", for: "autograd_context", [.value("x"), .value("name")]) { args in
        guard case .object(let object) = args[0], let state = object as? CustomFunctionContext else { return .null }
        switch try args.string("name") {
        case "saved_variables": return state.saved
        case "needs_input_grad": return state.needsInputGrad
        case "save_for_backward":
            let save = Builtin("save_for_backward", namespace: "torch", [.value("self"), .dots], visible: false) {
                args in
                let names = args.dots.map { $0.name?.text ?? Text("") }
                let values = Value.list(Vector(args.dotValues))
                state.saved = names.allSatisfy({ $0.isEmpty }) ? values : values.withNames(names)
                return .null
            }
            return .object(BoundMethod(.builtin(save), to: args[0]))
        case "mark_non_differentiable", "mark_dirty", "set_materialize_grads":
            let nothing = Builtin("mark", namespace: "torch", [.value("self"), .dots], visible: false) { _ in .null }
            return .object(BoundMethod(.builtin(nothing), to: args[0]))
        case let name: return state.fields[name] ?? .null
        }
    }
    torch.method("$<-", for: "autograd_context", [.value("x"), .value("name"), .value("value")]) { args in
        guard case .object(let object) = args[0], let state = object as? CustomFunctionContext else { return args[0] }
        state.fields[try args.string("name")] = args["value"]
        return args[0]
    }
}
