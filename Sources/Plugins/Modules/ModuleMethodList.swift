import Diagnostics
import PluginAPI
import Tensors

/// A named list of tensors, as `$parameters` and `$state_dict()` are.
private func tensorList(_ entries: [(name: String, tensor: Tensor)], role: TensorObject.Role) -> Value {
    Value.list(Vector(entries.map { .object(TensorObject($0.tensor, role: role)) }))
        .withNames(entries.map { Text($0.name) })
}

/// `$parameters`, `$train()`, `$state_dict()`, … of every module.
func registerMethods(_ registry: Registry) {
    let methods = registry.moduleMethods
    func method(
        _ name: String, _ parameters: [Parameter], help: String, visible: Bool = true,
        _ implementation: @escaping Builtin.Implementation
    ) {
        methods.add(
            name,
            Builtin(
                name, namespace: "torch", [.value("self")] + parameters, help: help, visible: visible, implementation))
    }
    methods.addField("parameters") { module, _ in tensorList(module.namedParameters(), role: .parameter) }
    methods.addField("buffers") { module, _ in tensorList(module.namedBuffers(), role: .buffer(persistent: true)) }
    methods.addField("children") { module, _ in
        Value.list(Vector(module.children.map { .object($0.module) })).withNames(module.children.map { $0.name })
    }
    methods.addField("modules") { module, _ in
        let all = module.modules()
        // As unlist() makes them of nested lists: `block1` has children, `block1`'s child is `block.fc`.
        let names = all.map { Text($0.path + ($0.path.isEmpty || $0.module.children.isEmpty ? "" : "1")) }
        return Value.list(Vector(all.map { .object($0.module) })).withNames(names)
    }
    methods.addField("training") { module, _ in .flag(module.isTraining) }
    methods.addField("is_nn_module") { _, _ in true }
    method("named_parameters", [.value("recursive", true)], help: "Parameters by name") { args in
        tensorList(try args.module("self").namedParameters(recursive: try args.flag("recursive")), role: .parameter)
    }
    method("named_buffers", [.value("recursive", true)], help: "Buffers by name") { args in
        tensorList(
            try args.module("self").namedBuffers(recursive: try args.flag("recursive")), role: .buffer(persistent: true)
        )
    }
    method("named_children", [], help: "Children by name") { args in
        let module = try args.module("self")
        return Value.list(Vector(module.children.map { .object($0.module) })).withNames(module.children.map { $0.name })
    }
    method("train", [.value("mode", true)], help: "Training mode, or not", visible: false) { args in
        try args.module("self").train(try args.flag("mode"))
        return args[0]
    }
    method("eval", [], help: "Evaluation mode", visible: false) { args in
        try args.module("self").train(false)
        return args[0]
    }
    method("zero_grad", [], help: "Sets all gradients to zero", visible: false) { args in
        for parameter in try args.module("self").namedParameters() {
            if let gradient = parameter.tensor.grad { _ = try gradient.detached().zero_() }
        }
        return .null
    }
    method(
        "state_dict", [.value("prefix", ""), .value("keepvars", false)],
        help: "Parameters and buffers by name, as a list"
    ) { args in
        let module = try args.module("self")
        let state = module.stateDict(prefix: try args.string("prefix"))
        return Value.list(
            Vector(
                state.map { entry in
                    let copy = entry.tensor.detached()
                    if entry.tensor.requiresGrad { _ = try? copy.requiresGrad_() }
                    return .tensor(copy)
                })
        ).withNames(state.map { Text($0.name) })
    }
    method(
        "load_state_dict", [.value("state_dict"), .dots, .value(".refer_to_state_dict", false)],
        help: "Copies a state into the module", visible: false
    ) { args in
        let module = try args.module("self")
        guard case .list(let list) = args["state_dict"], let names = args["state_dict"].names else {
            throw WorkbenchError(
                .type, "`state_dict` must be a named list of tensors, not \(args.describe(args["state_dict"]))")
        }
        var state: [(name: String, tensor: Tensor)] = []
        let wanted = Set(module.stateDict().map { $0.name })
        for (name, value) in zip(names, list.elements) {
            guard let name else { continue }
            if let tensor = value.asTensor {
                state.append((name.string, tensor))
            } else if wanted.contains(name.string) {
                throw WorkbenchError(
                    .type, "\(name.string) of the state_dict must be a tensor, not \(args.describe(value))")
            }
        }
        let unused = try module.loadStateDict(state)
        if !unused.isEmpty, !args.context.options.flag("workbench.as_published") {
            let shown = unused.prefix(5).joined(separator: ", ") + (unused.count > 5 ? ", …" : "")
            try args.context.warn("\(unused.count) unexpected in the state_dict, not used: \(shown)", call: args.call)
        }
        return args[0]
    }
    method("apply", [.value("fn")], help: "Calls a function with each module, children first", visible: false) { args in
        let function = try args.functionValue("fn")
        func walk(_ module: Module) throws {
            for child in module.children { try walk(child.module) }
            _ = try args.context.call(function, [Argument(.object(module))], environment: args.environment)
        }
        try walk(try args.module("self"))
        return args[0]
    }
    registerConversionMethods(method)
    registerRegistrationMethods(method)
}

private typealias AddMethod = (
    _ name: String, _ parameters: [Parameter], _ help: String, _ visible: Bool,
    _ implementation: @escaping Builtin.Implementation
) -> Void

private func registerConversionMethods(_ method: AddMethod) {
    method(
        "to",
        [
            .value("dtype", nil), .value("device", nil), .value("tensor", nil), .value("non_blocking", false),
            .value("copy", false), .value("memory_format", nil),
        ], "Converts floating-point parameters and buffers", false
    ) { args in
        let module = try args.module("self")
        try checkDevice(args["device"])
        if let dtype = try args.dtype() ?? args["tensor"].asTensor?.dtype { try module.convert(to: dtype) }
        return args[0]
    }
    method("float", [], "Single precision", false) { args in
        try args.module("self").convert(to: .float32)
        return args[0]
    }
    method("double", [], "Double precision", false) { args in
        try args.module("self").convert(to: .float64)
        return args[0]
    }
    method("half", [], "Half precision", false) { args in
        try args.module("self").convert(to: .float16)
        return args[0]
    }
    method("cpu", [], "Does nothing: tensors are on the CPU", false) { args in args[0] }
    method("cuda", [.dots], "There is no CUDA", false) { _ in
        throw WorkbenchError(.unsupported, "there is no CUDA device here", hint: "leave $cuda() out")
    }
}

private func registerRegistrationMethods(_ method: AddMethod) {
    for name in ["add_module", "register_module"] {
        method(name, [.value("name"), .value("module")], "Adds a child", false) { args in
            if args["module"].isNull { return args[0] }
            try args.module("self").addChild(try args.string("name"), try args.module("module"))
            return args[0]
        }
    }
    method("register_parameter", [.value("name"), .value("param")], "Adds a parameter", false) { args in
        try args.module("self").setParameter(try args.string("name"), try args.optionalTensor("param"))
        return args[0]
    }
    method("register_buffer", [.value("name"), .value("tensor"), .value("persistent", true)], "Adds a buffer", false) {
        args in
        try args.module("self").setBuffer(
            try args.string("name"), try args.optionalTensor("tensor"), isPersistent: try args.flag("persistent"))
        return args[0]
    }
}
