import Diagnostics
import PluginAPI
import Tensors

/// `m$x`, `m[["x"]]`, `m[[1]]`, `m$x <- v`, `names(m)`, `length(m)`.
func registerMembers(_ torch: Namespace, _ registry: Registry) {
    let methods = registry.moduleMethods
    for name in ["$", "[["] {
        torch.method(name, for: "nn_module", [.value("x"), .value("name")]) { args in
            if case .object(let object) = args[0], let generator = object as? ModuleGenerator {
                return try generatorMember(generator, try args.string("name"))
            }
            let module = try args.module("x")
            if case .character = args[1] {
                return try member(of: module, try args.string("name"), args, methods)
            }
            return .object(try child(of: module, at: try args.int("name")))
        }
    }
    for name in ["$<-", "[[<-"] {
        torch.method(name, for: "nn_module", [.value("x"), .value("name"), .value("value")]) { args in
            let module = try args.module("x")
            if case .character = args[1] {
                try assign(to: module, try args.string("name"), args["value"], args.context)
            } else {
                let place = try args.int("name")
                _ = try child(of: module, at: place)
                try assign(to: module, module.children[place - 1].name, args["value"], args.context)
            }
            return args[0]
        }
    }
    torch.method("names", for: "nn_module", [.value("x")]) { args in
        if case .object(let object) = args[0], object is ModuleGenerator {
            return .strings(["classname", "public_methods", "new"])
        }
        let module = try args.module("x")
        return .strings(
            module.parameters.map { $0.name } + module.buffers.map { $0.name } + module.children.map { $0.name }
                + module.fieldNames + methods.names)
    }
    torch.members(of: "nn_module") { value, context in
        guard case .object(let object) = value else { return [] }
        if let generator = object as? ModuleGenerator { return generatorMembers(generator) }
        guard let module = object as? Module else { return [] }
        return members(of: module, context)
    }
    torch.method("length", for: "nn_module", [.value("x")]) { args in .int(try args.module("x").length) }
    torch.method("as.list", for: "nn_module", [.value("x"), .dots]) { args in
        .list(Vector(try args.module("x").children.map { .object($0.module) }))
    }
}

private func generatorMembers(_ generator: ModuleGenerator) -> [Completion] {
    let own = [
        Completion("new", kind: "method") { .object(generator) }, Completion("classname", kind: "field"),
    ]
    guard case .scripted(let definition, _) = generator.kind else { return own }
    return own
        + (definition.inherited(\.publicMethods) + definition.inherited(\.publicFields)).map { member in
            Completion(member.name.name) { member.value }
        }
}

/// In the order in which `$` looks: what the module holds, its fields, what all modules have.
private func members(of module: Module, _ context: Context) -> [Completion] {
    let methods = context.registry.moduleMethods
    var list: [Completion] = []
    for entry in module.parameters {
        list.append(
            Completion(entry.name, kind: "parameter") {
                entry.tensor.map { .object(TensorObject($0, role: .parameter)) }
            })
    }
    for entry in module.buffers {
        list.append(Completion(entry.name, kind: "buffer") { entry.tensor.map { .object(TensorObject($0)) } })
    }
    list += module.children.map { child in
        Completion(child.name, kind: child.module.classNames.first ?? "nn_module") { .object(child.module) }
    }
    list += module.completions
    for name in module.fieldNames {
        list.append(Completion(name, kind: "field") { try? module.field(name, context: context) })
    }
    for (name, method) in methods.methods { list.append(.method(name.name, method, of: .object(module))) }
    for (name, read) in methods.fields {
        list.append(Completion(name.name, kind: "field") { try? read(module, context) })
    }
    return list
}

private func generatorMember(_ generator: ModuleGenerator, _ name: String) throws -> Value {
    switch name {
    case "new": return .object(generator)
    case "classname": return generator.classNames.first.map { .string($0) } ?? .null
    default:
        if case .scripted(let definition, _) = generator.kind {
            for member in definition.inherited(\.publicMethods) where member.name.name == name { return member.value }
            for member in definition.inherited(\.publicFields) where member.name.name == name { return member.value }
        }
        throw WorkbenchError(
            .name, "a module generator has no member `\(name)`", hint: "an instance has: call the generator first")
    }
}

private func child(of module: Module, at place: Int) throws -> Module {
    guard place >= 1, place <= module.children.count else {
        throw WorkbenchError(
            .value, "subscript out of bounds", hint: "\(module.displayName) has \(module.children.count) children")
    }
    return module.children[place - 1].module
}

private func member(of module: Module, _ name: String, _ args: Arguments, _ methods: ModuleMethods) throws -> Value {
    if let entry = module.parameters.first(where: { $0.name == name }) {
        return entry.tensor.map { .object(TensorObject($0, role: .parameter)) } ?? .null
    }
    if let entry = module.buffers.first(where: { $0.name == name }) {
        return entry.tensor.map { .object(TensorObject($0, role: .buffer(persistent: entry.isPersistent))) } ?? .null
    }
    if let child = module.child(name) { return .object(child) }
    if let value = try module.field(name, context: args.context) { return value }
    let symbol = Symbol.named(name)
    if let method = methods.methods[symbol] { return .object(BoundMethod(.builtin(method), to: args[0])) }
    if let read = methods.fields[symbol] { return try read(module, args.context) }
    return .null
}

private func assign(to module: Module, _ name: String, _ value: Value, _ context: Context) throws {
    if name == "training", let flag = try? value.asLogicals().elements.first, let flag {
        module.isTraining = flag
        return
    }
    if name == "parameters" {
        throw WorkbenchError(.value, "It's not possible to modify the parameters list.")
    }
    guard case .object(let object) = value else {
        return try assignField(to: module, name, value, context)
    }
    if let child = object as? Module {
        try module.addChild(name, child)
    } else if let tensor = object as? TensorObject {
        switch tensor.role {
        case .parameter: module.setParameter(name, tensor.tensor)
        case .buffer(let persistent): module.setBuffer(name, tensor.tensor, isPersistent: persistent)
        case .plain: try assignField(to: module, name, value, context)
        }
    } else {
        try assignField(to: module, name, value, context)
    }
}

/// Ordinary fields. A value over the name of a parameter, buffer or child could never be read again: R torch accepts it
/// silently; here a tensor goes into the place it was meant for, anything else is warned about.
private func assignField(to module: Module, _ name: String, _ value: Value, _ context: Context) throws {
    let isParameter = module.parameters.contains { $0.name == name }
    let isBuffer = module.buffers.contains { $0.name == name }
    if isParameter || isBuffer || module.child(name) != nil {
        if value.isNull, isParameter {
            module.setParameter(name, nil)
            return
        }
        if isBuffer, let tensor = value.asTensor {
            module.setBuffer(name, tensor)
            return
        }
        let kind = isParameter ? "parameter" : isBuffer ? "buffer" : "child module"
        try context.warn(
            "`\(name)` is a \(kind) of \(module.displayName); the assigned value stays invisible behind it")
    }
    try module.setField(name, value, context: context)
}
