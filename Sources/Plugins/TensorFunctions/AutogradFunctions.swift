import Diagnostics
import PluginAPI
import TensorCalls
import Tensors

/// Gradients: `$backward()`, `with_no_grad()`, `autograd_grad()`, …
func registerAutograd(_ torch: Namespace, _ table: TensorFunctionTable) {
    registerBackward(torch, table)
    registerGradSwitch(torch)
    table.method(
        "requires_grad_", [.value("self"), .value("requires_grad", true)], help: "Sets whether gradients are wanted"
    ) { args in
        try args.tensor("self").requiresGrad_(try args.flag("requires_grad"))
        return args[0]
    }
    table.method("detach", [.value("self")], help: "The same numbers without their history") { args in
        .tensor(try args.tensor("self").detached())
    }
    table.function("torch_detach", [.value("self")], help: "The same numbers without their history") { args in
        .tensor(try args.tensor("self").detached())
    }
    table.method("detach_", [.value("self")], help: "Drops the history") { args in
        let x = try args.tensor("self")
        x.setData(x.detached())
        return args[0]
    }
    table.method("retain_grad", [.value("self")], help: "Keeps the gradient of a computed tensor", visible: false) {
        args in
        try args.tensor("self").retainGrad()
        return .null
    }
    table.method("register_hook", [.value("self"), .value("hook")], help: "Calls a function with each gradient") {
        args in
        let x = try args.tensor("self")
        let hook = try args.functionValue("hook")
        let context = args.context
        let id = try x.registerHook { gradient in
            try context.call(hook, [Argument(.tensor(gradient))], call: Call("hook", [.symbol(Symbol.named("grad"))]))
                .asTensor
        }
        return .object(HookHandle(x, id))
    }
    torch.method("$", for: "torch_hook", [.value("x"), .value("name")]) { args in
        guard case .object(let object) = args[0], let handle = object as? HookHandle,
            try args.string("name") == "remove"
        else { throw WorkbenchError(.name, "a hook has one method: remove()") }
        let remove = Builtin("remove", namespace: "torch", [.value("self")], visible: false) { _ in
            handle.tensor.removeHook(handle.id)
            return .null
        }
        return .object(BoundMethod(.builtin(remove), to: args[0]))
    }
    torch.function(
        "autograd_function", [.value("forward"), .value("backward")],
        help: "A function with a gradient of its own: forward(ctx, …), backward(ctx, grad_output)"
    ) { args in
        .object(
            CustomFunction(forward: try args.functionValue("forward"), backward: try args.functionValue("backward")))
    }
    registerCustomFunctionContext(torch)
}

/// What `$register_hook()` returns.
final class HookHandle: ForeignObject, @unchecked Sendable {
    let tensor: Tensor
    let id: Int
    init(_ tensor: Tensor, _ id: Int) {
        self.tensor = tensor
        self.id = id
    }
    override var classes: [Text] { ["torch_hook"] }
}

private func registerBackward(_ torch: Namespace, _ table: TensorFunctionTable) {
    table.method(
        "backward",
        [
            .value("self"), .value("gradient", nil), .value("retain_graph", code: "create_graph"),
            .value("create_graph", false), .value("inputs", nil),
        ], help: "Computes gradients of this tensor for all leaves it came from", visible: false
    ) { args in
        let x = try args.tensor("self")
        var gradient = args["gradient"].asTensor
        if case .list(let list) = args["gradient"] { gradient = list.elements.first?.asTensor }
        let create = try args.flag("create_graph")
        let retain = args["retain_graph"].isMissing ? nil : try args.flag("retain_graph")
        if args.has("inputs"), !args["inputs"].isNull {
            let inputs = try args.tensorList("inputs")
            let found = try Tensor.gradients(
                of: [x], with: inputs, gradOutputs: gradient.map { [$0] } ?? [], retainGraph: retain,
                createGraph: create,
                allowUnused: true)
            for (input, gradient) in zip(inputs, found) {
                if let gradient { input.grad = try input.grad.map { try $0.add(gradient) } ?? gradient }
            }
            return .null
        }
        try x.backward(gradient: gradient, retainGraph: retain, createGraph: create)
        return .null
    }
    torch.function(
        "autograd_backward",
        [
            .value("tensors"), .value("grad_tensors", nil), .value("retain_graph", code: "create_graph"),
            .value("create_graph", false),
        ],
        help: "Computes gradients of several tensors", visible: false
    ) { args in
        let tensors = try args.tensorList("tensors")
        let gradients = args["grad_tensors"].isNull ? [] : try args.tensorList("grad_tensors")
        let create = try args.flag("create_graph")
        let retain = args["retain_graph"].isMissing ? create : try args.flag("retain_graph")
        for (place, tensor) in tensors.enumerated() {
            try tensor.backward(
                gradient: place < gradients.count ? gradients[place] : nil,
                retainGraph: retain || place < tensors.count - 1, createGraph: create)
        }
        return .null
    }
    torch.function(
        "autograd_grad",
        [
            .value("outputs"), .value("inputs"), .value("grad_outputs", nil),
            .value("retain_graph", code: "create_graph"),
            .value("create_graph", false), .value("allow_unused", false),
        ], help: "Gradients of outputs with respect to inputs, as a list"
    ) { args in
        let gradients: [Tensor] = args["grad_outputs"].isNull ? [] : try args.tensorList("grad_outputs")
        let create = try args.flag("create_graph")
        let found = try Tensor.gradients(
            of: try args.tensorList("outputs"), with: try args.tensorList("inputs"), gradOutputs: gradients,
            retainGraph: args["retain_graph"].isMissing ? nil : try args.flag("retain_graph"), createGraph: create,
            allowUnused: try args.flag("allow_unused"))
        return .list(Vector(found.map { .object(TensorObject($0)) }))
    }
}

private func registerGradSwitch(_ torch: Namespace) {
    for (name, enabled) in [("with_no_grad", false), ("with_enable_grad", true)] {
        torch.function(
            name, [.promise("code")], help: "Runs code \(enabled ? "with" : "without") recording for gradients"
        ) { args in
            let mode = args.context.tensors.gradMode
            let before = mode.isEnabled
            mode.isEnabled = enabled
            defer { mode.isEnabled = before }
            return try args.forced("code")
        }
    }
    for (name, enabled) in [("local_no_grad", false), ("local_enable_grad", true)] {
        torch.function(
            name, [.value(".env", code: "parent.frame()")],
            help: "Turns recording for gradients \(enabled ? "on" : "off") until the function that called this ends",
            visible: false
        ) { args in
            let mode = args.context.tensors.gradMode
            guard let frame = args.context.frames.last(where: { $0.environment === args.environment }) else {
                throw WorkbenchError(.value, "\(name)() is for use inside a function")
            }
            frame.onExit.insert(
                .call(Call("autograd_set_grad_mode", [.flag(mode.isEnabled)])), at: 0)
            mode.isEnabled = enabled
            return .null
        }
    }
    torch.function(
        "autograd_set_grad_mode", [.value("enabled")], help: "Turns recording for gradients on or off", visible: false
    ) { args in
        args.context.tensors.gradMode.isEnabled = try args.flag("enabled")
        return .null
    }
    torch.function("torch_is_grad_enabled", [], help: "Whether operations are recorded for gradients") { args in
        .flag(args.context.tensors.gradMode.isEnabled)
    }
    torch.function(
        "with_detect_anomaly", [.promise("code")],
        help: "Runs code; a backward pass in it whose gradients become NaN is an error that names the operation"
    ) { args in
        let mode = args.context.tensors.gradMode
        let before = mode.detectsAnomalies
        mode.detectsAnomalies = true
        defer { mode.detectsAnomalies = before }
        return try args.forced("code")
    }
}
