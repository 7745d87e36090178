import PluginAPI
import Tensors

/// `m$clone(deep = TRUE)` and `clone_module()`.
func registerCopying(_ registry: Registry, _ torch: Namespace) {
    registry.moduleMethods.add(
        "clone",
        Builtin(
            "clone", namespace: "torch",
            [.value("self"), .value("deep", false), .dots, .value("replace_values", true)],
            help: "A copy; deep: with tensors of its own"
        ) { args in
            .object(try clone(try args.module("self"), deep: try args.flag("deep"), args.context))
        })
    torch.function(
        "clone_module", [.value("module"), .value("deep", false), .dots, .value("replace_values", true)],
        help: "A copy of a module; deep: with tensors of its own"
    ) { args in
        .object(try clone(try args.module("module"), deep: try args.flag("deep"), args.context))
    }
}

/// Copies a module and, if deep, everything below; tensors and modules that occur twice do so in the copy.
private func clone(_ module: Module, deep: Bool, _ context: Context) throws -> Module {
    var modules: [ObjectIdentifier: Module] = [:]
    var tensors: [ObjectIdentifier: Tensor] = [:]
    func copied(_ tensor: Tensor?) throws -> Tensor? {
        guard let tensor, deep else { return tensor }
        if let known = tensors[ObjectIdentifier(tensor)] { return known }
        let copy = try tensor.detached().clone()
        if tensor.requiresGrad { try copy.requiresGrad_() }
        tensors[ObjectIdentifier(tensor)] = copy
        return copy
    }
    func copied(_ module: Module) throws -> Module {
        if let known = modules[ObjectIdentifier(module)] { return known }
        let copy = try module.copy(context: context)
        modules[ObjectIdentifier(module)] = copy
        copy.isTraining = module.isTraining
        copy.construction = module.construction?.copied()
        for parameter in module.parameters { copy.setParameter(parameter.name, try copied(parameter.tensor)) }
        for buffer in module.buffers {
            copy.setBuffer(buffer.name, try copied(buffer.tensor), isPersistent: buffer.isPersistent)
        }
        for child in module.children { copy.setChild(child.name, deep ? try copied(child.module) : child.module) }
        copy.tensorsChanged()
        return copy
    }
    return try copied(module)
}
