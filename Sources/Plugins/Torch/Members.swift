import Diagnostics
import PluginAPI
import Tensors

/// `x$name` and `x$name <- value` on tensors.
func registerMembers(_ torch: Namespace, _ registry: Registry) {
    let methods = registry.tensorMethods
    methods.addField("shape") { tensor, _ in .ints(tensor.shape) }
    methods.addField("ndim") { tensor, _ in .int(tensor.dimensions) }
    methods.addField("dtype") { tensor, _ in .object(DTypeObject(tensor.dtype)) }
    methods.addField("device") { _, _ in .object(DeviceObject("cpu")) }
    methods.addField("requires_grad") { tensor, _ in .flag(tensor.requiresGrad) }
    methods.addField("is_leaf") { tensor, _ in .flag(tensor.isLeaf) }
    methods.addField("grad") { tensor, _ in .object(TensorObject(tensor.grad)) }
    methods.addField("grad_fn") { tensor, _ in
        guard let node = tensor.node else { return .null }
        return .object(GradientFunction(node))
    }
    methods.addField("is_cuda") { _, _ in false }
    methods.addField("is_sparse") { _, _ in .builtin(Builtin("is_sparse", namespace: "torch", []) { _ in false }) }
    methods.addField("T") { tensor, _ in .tensor(try tensor.permute(Array((0..<tensor.dimensions).reversed()))) }
    methods.addField("real") { tensor, _ in .tensor(tensor) }
    methods.addField("ptr") { tensor, _ in .string("\(UInt(bitPattern: ObjectIdentifier(tensor).hashValue))") }

    for name in ["$", "[["] {
        torch.method(name, for: "torch_tensor", [.value("x"), .value("name")]) { args in
            if name == "[[", !(args[1].isAtomic && args[1].length == 1 && args[1].typeName == "character") {
                return try args.context.call(
                    try args.context.function(Symbol.named("["), from: args.environment),
                    [Argument(args[0]), Argument(args[1])], call: args.call, environment: args.environment)
            }
            let member = Symbol.named(try args.string("name"))
            if let method = methods.methods[member] { return .object(BoundMethod(.builtin(method), to: args[0])) }
            guard let read = methods.fields[member] else { throw unknownMember(member, methods) }
            return try read(try args.tensor("x"), args.context)
        }
    }
    torch.method("$<-", for: "torch_tensor", [.value("x"), .value("name"), .value("value")]) { args in
        let x = try args.tensor("x")
        switch try args.string("name") {
        case "grad": x.grad = try gradient(args["value"], of: x)
        case "requires_grad": try x.requiresGrad_(try args.flag("value"))
        case "data": x.setData(try args.tensor("value"))
        case let name:
            throw WorkbenchError(
                .name, "`\(name)` of a tensor cannot be set",
                hint: "grad, requires_grad and data can; x[…] <- value sets elements")
        }
        return args[0]
    }
    torch.method("names", for: "torch_tensor", [.value("x")]) { _ in .strings(methods.names) }
    torch.members(of: "torch_tensor") { value, context in
        methods.methods.map { .method($0.key.name, $0.value, of: value) }
            + methods.fields.map { name, read in
                Completion(name.name, kind: "field") { value.asTensor.flatMap { try? read($0, context) } }
            }
    }
    torch.method("print", for: "torch_gradient_function", [.value("x"), .dots], visible: false) { args in
        if case .object(let object) = args[0], let function = object as? GradientFunction {
            args.context.console.write(function.node.name + "\n")
        }
        return args[0]
    }
}

/// What may become a tensor's gradient: numbers of its shape, or nothing.
private func gradient(_ value: Value, of x: Tensor) throws -> Tensor? {
    guard !value.isNull else { return nil }
    guard case .object(let object) = value, let given = object as? TensorObject else {
        throw WorkbenchError(
            .type, "a gradient is a tensor or NULL, not a value of type '\(value.typeName)'",
            hint: "torch_tensor() makes a tensor of R numbers")
    }
    guard let tensor = given.tensor else { return nil }
    guard tensor.shape == x.shape else {
        throw WorkbenchError(
            .shape, "assigned grad has data of a different size",
            hint: "the tensor has shape \(x.shape), the gradient \(tensor.shape)")
    }
    return tensor
}

private func unknownMember(_ name: Symbol, _ methods: TensorMethods) -> WorkbenchError {
    WorkbenchError(
        .name, "a torch_tensor has no field or method `\(name.name)`", hint: didYouMean(name.name, among: methods.names)
    )
}

/// `x$grad_fn`: the operation that made a tensor.
final class GradientFunction: ForeignObject, @unchecked Sendable {
    let node: Node
    init(_ node: Node) { self.node = node }
    override var classes: [Text] { ["torch_gradient_function"] }
}
