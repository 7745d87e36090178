import Diagnostics
import PluginAPI
import Tensors

/// A module whose class was written in R with `nn_module()`.
final class ScriptedModule: Module, @unchecked Sendable {
    let generator: ModuleGenerator
    private(set) var instance: ClassInstance?
    /// The Swift layer it extends (`inherit = nn_linear`); made by `super$initialize()`.
    var base: Module?

    init(generator: ModuleGenerator) {
        self.generator = generator
        super.init()
    }

    override var classNames: [String] { generator.classNames }

    override var length: Int { children.count }

    /// Makes an instance and runs `initialize`.
    static func make(
        _ generator: ModuleGenerator, _ arguments: [Argument], _ call: Call, _ environment: Environment,
        _ context: Context
    ) throws -> Module {
        let module = ScriptedModule(generator: generator)
        guard case .scripted(let definition, let parent) = generator.kind else {
            throw WorkbenchError(.fault, "a scripted module needs a scripted class")
        }
        let instance = ScriptedModule.rooted(definition, parent, module)
            .instantiate(as: .object(module), context)
        module.instance = instance
        // Arguments keep their laziness: they are values or promises of the caller.
        if let function = module.method("initialize") {
            _ = try context.call(function, arguments, call: call, environment: environment)
        } else if let parent {
            try module.adopt(try parent.make(arguments, call: call, environment: environment, context: context))
        } else if !arguments.isEmpty {
            throw WorkbenchError(
                .value, "\(module.displayName) takes no arguments: it has no initialize method")
        }
        return module
    }

    /// The class chain with a root whose `super$initialize()` and `super$forward()` reach the Swift layer, if there is
    /// one, or do nothing, as those of R torch's nn_Module.
    private static func rooted(
        _ definition: ClassDefinition, _ parent: ModuleGenerator?, _ module: ScriptedModule
    ) -> ClassDefinition {
        let above: ClassDefinition
        if let parent, case .scripted(let inherited, let next) = parent.kind {
            above = rooted(inherited, next, module)
        } else {
            above = root(parent, module)
        }
        return ClassDefinition(
            name: definition.name, public: definition.publicFields + definition.publicMethods,
            private: definition.privateFields + definition.privateMethods, active: definition.active, parent: above,
            environment: definition.environment)
    }

    private static func root(_ native: ModuleGenerator?, _ module: ScriptedModule) -> ClassDefinition {
        let initialize = Builtin("initialize", namespace: "torch", [.dots], visible: false) { [weak module] args in
            guard let native, let module else { return .null }
            let made = try native.make(
                args.dots, call: args.call, environment: args.environment, context: args.context)
            try module.adopt(made)
            return .null
        }
        initialize.origin = .method(of: { [weak module] in module }, "initialize")
        var members: [ClassDefinition.Member] = [(Symbol.initialize, .builtin(initialize))]
        if native != nil {
            let forward = Builtin("forward", namespace: "torch", [.dots]) { [weak module] args in
                guard let base = module?.base else {
                    throw WorkbenchError(.value, "super$initialize() was not called")
                }
                return try base.forward(
                    args.dots, call: args.call, environment: args.environment, context: args.context)
            }
            forward.origin = .method(of: { [weak module] in module }, "forward")
            members.append((Symbol.named("forward"), .builtin(forward)))
        }
        return ClassDefinition(
            name: nil, public: members, environment: Environment(parent: nil, name: "R_EmptyEnv"))
    }

    /// Takes over the tensors and children of the Swift layer it extends.
    func adopt(_ made: Module) throws {
        base = made
        for parameter in made.parameters { setParameter(parameter.name, parameter.tensor) }
        for buffer in made.buffers { setBuffer(buffer.name, buffer.tensor, isPersistent: buffer.isPersistent) }
        for child in made.children { setChild(child.name, child.module) }
    }

    /// A method of the class, or nil.
    func method(_ name: String) -> Value? {
        guard let value = instance?.members.local(Symbol.named(name)), value.isFunction else { return nil }
        return value
    }

    override func forward(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        if let function = method("forward") {
            return try context.call(function, arguments, call: call, environment: environment)
        }
        if let base {
            base.isTraining = isTraining
            return try base.forward(arguments, call: call, environment: environment, context: context)
        }
        return try super.forward(arguments, call: call, environment: environment, context: context)
    }

    override func field(_ name: String, context: Context) throws -> Value? {
        let symbol = Symbol.named(name)
        if let value = instance?.members.local(symbol) { return try context.forced(value) }
        return try base?.field(name, context: context)
    }

    override func setField(_ name: String, _ value: Value, context: Context) throws {
        guard let members = instance?.members else { return }
        let symbol = Symbol.named(name)
        if case .activeBinding(let binding)? = members.local(symbol) {
            _ = try context.call(binding.function, [Argument(value)])
        } else {
            members.define(symbol, value)
        }
    }

    override var fieldNames: [String] {
        let own = instance?.members.names().map { $0.name }.filter { !$0.hasPrefix(".") } ?? []
        return own + (base?.fieldNames ?? [])
    }

    override var completions: [Completion] { (instance?.members.completions ?? []) + (base?.completions ?? []) }

    /// Parameters of `forward`.
    override var formals: Formals? {
        guard case .closure(let closure)? = method("forward") else { return nil }
        return closure.formals
    }

    override func expose(_ name: Symbol, _ value: Value) { instance?.expose(name, value) }

    override func copy(context: Context) throws -> Module {
        let copy = ScriptedModule(generator: generator)
        copy.isTraining = isTraining
        if let base {
            let below = try base.copy(context: context)
            for parameter in base.parameters { below.setParameter(parameter.name, parameter.tensor) }
            for buffer in base.buffers {
                below.setBuffer(buffer.name, buffer.tensor, isPersistent: buffer.isPersistent)
            }
            for child in base.children { below.setChild(child.name, child.module) }
            below.construction = base.construction?.copied()
            copy.base = below
        }
        copy.instance = try instance?.clone(context) { _, value in value }
        copy.instance?.expose(Symbol.selfObject, .object(copy))
        copy.reroot()
        return copy
    }

    /// Lets the functions below the classes written in R, which reach the Swift layer, be those of this object: where the
    /// object inherits them, and where `super$` finds them.
    private func reroot() {
        var (level, home, depth) = (instance?.members, instance?.enclosure, 0)
        while let members = level, depth < 1000 {
            for name in ["initialize", "forward"] {
                guard case .builtin(let old)? = members.local(Symbol.named(name)), case .method? = old.origin,
                    let function = ownMethod(name)
                else { continue }
                members.define(Symbol.named(name), .builtin(function))
            }
            guard case .environment(let above)? = home?.local(Symbol.superObject) else { return }
            level = above
            if case .environment(let next)? = above.local(Symbol.enclosingEnvironment) {
                home = next
            } else {
                home = nil
            }
            depth += 1
        }
    }

    /// The Swift layer it extends computes with the tensors and children that this module has.
    override func tensorsChanged() {
        guard let base else { return }
        for parameter in base.parameters where self.parameters.contains(where: { $0.name == parameter.name }) {
            base.setParameter(parameter.name, self.parameter(parameter.name))
        }
        for buffer in base.buffers where buffers.contains(where: { $0.name == buffer.name }) {
            base.setBuffer(buffer.name, self.buffer(buffer.name), isPersistent: buffer.isPersistent)
        }
        for child in base.children { if let own = self.child(child.name) { base.setChild(child.name, own) } }
    }

    // MARK: Saved sessions

    override var savedKind: String? { "nn_module" }

    override func savedParts(_ context: Context) throws -> Value { .named([("generator", .object(generator))]) }

    override func savedState(_ context: Context) throws -> Value {
        var state = TrainingContext.setting(
            try super.savedState(context), ".members", instance?.saved ?? .null)
        state = TrainingContext.setting(state, ".base", base.map { .object($0) } ?? .null)
        return state
    }

    override func restoreState(_ state: Value, _ context: Context) throws {
        try super.restoreState(state, context)
        instance = try ClassInstance(saved: state.saved(".members"))
        base = state.saved(".base").isNull ? nil : try state.saved(".base", as: Module.self)
    }

    /// The functions that `super$` finds below the classes written in R.
    override func ownMethod(_ name: String) -> Builtin? {
        var native: ModuleGenerator? = generator
        while case .scripted(_, let parent)? = native?.kind { native = parent }
        return ScriptedModule.root(native, self).function(name)
    }

    override func visitReferences(_ visit: (Value) -> Void) {
        super.visitReferences(visit)
        visit(.object(generator))
        if let base { visit(.object(base)) }
        instance?.visitReferences(visit)
    }

    override func dropReferences() {
        super.dropReferences()
        instance = nil
        base = nil
    }
}
