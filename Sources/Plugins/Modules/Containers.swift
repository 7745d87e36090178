import Diagnostics
import PluginAPI

/// `nn_sequential()`: children one after the other; neighbours that can be are computed together.
final class Sequential: Module, @unchecked Sendable {
    override var classNames: [String] { ["nn_sequential"] }
    override var length: Int { children.count }

    override func forward(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        guard var value = arguments.first?.value else {
            throw WorkbenchError(.value, "argument \"input\" is missing, with no default")
        }
        var rest = children[...]
        while let child = rest.first {
            let modules = rest.lazy.map { $0.module }
            if let x = value.asTensor,
                let run = try located(child.name, child.module, { try Module.fusedRun(modules, on: x) })
            {
                value = .tensor(run.value)
                rest = rest.dropFirst(run.count)
                continue
            }
            value = try located(child.name, child.module) {
                try child.module.forward(
                    [Argument(value)], call: call, environment: environment, context: context)
            }
            rest = rest.dropFirst()
        }
        return value
    }

    override func copy(context: Context) throws -> Module { Sequential() }
    override var savedKind: String? { "nn_sequential" }
}

/// `nn_module_list()`: children by number.
final class ModuleList: Module, @unchecked Sendable {
    override var classNames: [String] { ["nn_module_list"] }
    override var length: Int { children.count }
    override func copy(context: Context) throws -> Module { ModuleList() }
    override var savedKind: String? { "nn_module_list" }
}

/// `nn_module_dict()`: children by name.
final class ModuleDict: Module, @unchecked Sendable {
    override var classNames: [String] { ["nn_module_dict"] }
    override var length: Int { children.count }
    override func copy(context: Context) throws -> Module { ModuleDict() }
    override var savedKind: String? { "nn_module_dict" }
}

/// Runs a child's computation; an error on its way out learns which child it was.
private func located<Result>(_ name: String, _ module: Module, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as WorkbenchError {
        throw error.passing("child \(name), \(module.displayName)")
    }
}

func registerContainers(_ torch: Namespace, _ registry: Registry) {
    torch.module("nn_sequential", [.dots], help: "A module that calls others one after the other") { args in
        let module = Sequential()
        for (place, argument) in args.dots.enumerated() {
            module.setChild(argument.name?.name ?? String(place), try instance(argument.value, args))
        }
        return module
    }
    torch.module(
        "nn_module_list", [.value("modules", nil)], help: "Modules by number, so that their parameters are found"
    ) { args in
        let module = ModuleList()
        for (place, element) in try elements(args).enumerated() {
            module.setChild(String(place), try instance(element, args))
        }
        return module
    }
    torch.module("nn_module_dict", [.value("dict")], help: "Modules by name, so that their parameters are found") {
        args in
        let module = ModuleDict()
        guard case .list(let list) = args["dict"], let names = args["dict"].names else {
            throw WorkbenchError(.type, "`dict` must be a named list of modules, not \(args.describe(args["dict"]))")
        }
        for (name, element) in zip(names, list.elements) {
            module.setChild(name?.string ?? "", try instance(element, args))
        }
        return module
    }
    registry.savedKinds.add("nn_sequential") { _, _ in Sequential() }
    registry.savedKinds.add("nn_module_list") { _, _ in ModuleList() }
    registry.savedKinds.add("nn_module_dict") { _, _ in ModuleDict() }
    registerListMethods(registry)
    for container in ["nn_sequential", "nn_module_list"] {
        torch.method("[", for: container, [.value("x"), .value("i")]) { args in
            let module = try args.module("x")
            let places = try args.wholeNumbers("i")
            let made: Module = module is Sequential ? Sequential() : ModuleList()
            let chosen =
                places.contains(where: { $0 < 0 })
                ? (1...max(1, module.children.count)).filter { !places.contains(-$0) } : places
            for (position, place) in chosen.enumerated() {
                guard place >= 1, place <= module.children.count else {
                    throw WorkbenchError(
                        .value, "subscript out of bounds", hint: "there are \(module.children.count) children")
                }
                made.setChild(String(position), module.children[place - 1].module)
            }
            return .object(made)
        }
    }
    torch.function(
        "nn_prune_head", [.value("x"), .value("head_size", 1)], help: "A sequential without its last children"
    ) { args in
        let module = try args.module("x")
        let made = Sequential()
        let kept = max(0, module.children.count - (try args.int("head_size")))
        for child in module.children.prefix(kept) { made.setChild(child.name, child.module) }
        return .object(made)
    }
}

private func registerListMethods(_ registry: Registry) {
    func method(
        _ name: String, _ parameters: [Parameter], help: String, _ change: @escaping (Module, Arguments) throws -> Void
    ) {
        registry.moduleMethods.add(
            name,
            Builtin(name, namespace: "torch", [.value("self")] + parameters, help: help, visible: false) { args in
                try change(try args.module("self"), args)
                return args[0]
            })
    }
    method("append", [.value("module")], help: "Adds a child at the end") { module, args in
        try module.addChild(String(module.children.count), try instance(args["module"], args))
    }
    method("extend", [.value("modules")], help: "Adds children at the end") { module, args in
        for element in try elements(args) {
            try module.addChild(String(module.children.count), try instance(element, args))
        }
    }
    method("insert", [.value("index"), .value("module")], help: "Adds a child at a place (from 1)") { module, args in
        var modules = module.children.map { $0.module }
        let place = try args.int("index")
        guard place >= 1, place <= modules.count + 1 else {
            throw WorkbenchError(.value, "`index` must be between 1 and \(modules.count + 1), not \(place)")
        }
        let added = try instance(args["module"], args)
        try module.refuseCycle(through: added)
        modules.insert(added, at: place - 1)
        module.setChildren(modules.enumerated().map { (String($0.offset), $0.element) })
    }
}

private func elements(_ args: Arguments) throws -> [Value] {
    switch args["modules"] {
    case .null, .missing: return []
    case .list(let list): return list.elements
    case .object(let object):
        if let module = object as? Module { return module.children.map { .object($0.module) } }
    default: break
    }
    throw WorkbenchError(.type, "`modules` must be a list of modules, not \(args.describe(args["modules"]))")
}

private func instance(_ value: Value, _ args: Arguments) throws -> Module {
    if case .object(let object) = value {
        if let module = object as? Module { return module }
        if let generator = object as? ModuleGenerator {
            throw WorkbenchError(
                .type, "Module \(generator.classNames.first ?? "nn_module") must be initialized.",
                hint: "add parentheses: \(generator.classNames.first ?? "nn_module")()")
        }
    }
    throw WorkbenchError(
        .type, "Expected <nn_module> but got object of type \(args.describe(value))",
        hint: value.isFunction ? "functions such as nnf_relu go into forward; the module is nn_relu()" : nil)
}
