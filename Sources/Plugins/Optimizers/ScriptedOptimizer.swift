import Diagnostics
import PluginAPI
import Tensors

/// An optimizer whose class was written in R with `optimizer()`.
final class ScriptedOptimizer: Optimizer, @unchecked Sendable {
    let definition: ScriptedOptimizerClass
    private var instance: ClassInstance?

    init(_ definition: ScriptedOptimizerClass) {
        self.definition = definition
        super.init(classNames: definition.classNames)
    }

    static func make(
        _ definition: ScriptedOptimizerClass, _ arguments: [Argument], _ call: Call, _ environment: Environment,
        _ context: Context
    ) throws -> ScriptedOptimizer {
        let optimizer = ScriptedOptimizer(definition)
        let root = root(optimizer)
        let instance = definition.chain(root).instantiate(as: .object(optimizer), context)
        optimizer.instance = instance
        try instance.initialize(arguments, call: call, context)
        return optimizer
    }

    /// What `super$` and `private$` find below the classes written in R.
    private static func root(_ optimizer: ScriptedOptimizer) -> ClassDefinition {
        let initialize = Builtin(
            "initialize", namespace: "torch", [.value("params"), .value("defaults", .items([]))], visible: false
        ) {
            [weak optimizer] args in
            var defaults: [(name: String, value: Value)] = []
            if case .list(let list) = args["defaults"], let names = args["defaults"].names {
                defaults = zip(names, list.elements).map { ($0?.string ?? "", $1) }
            }
            try optimizer?.begin(try args.required("params"), defaults: defaults)
            return .null
        }
        let helper = Builtin(
            "step_helper", namespace: "torch", [.value("closure"), .value("loop_fun")], visible: false
        ) {
            [weak optimizer] args in
            guard let optimizer else { return .null }
            let context = args.context
            let loss = args["closure"].isNull ? Value.null : try context.call(args["closure"], [])
            let loop = try args.functionValue("loop_fun")
            try withoutGradients {
                for (g, group) in optimizer.groups.enumerated() {
                    for (p, parameter) in group.parameters.enumerated() where parameter.grad != nil {
                        _ = try context.call(
                            loop,
                            [
                                Argument(group.asValue), Argument(.object(TensorObject(parameter, role: .parameter))),
                                Argument(.int(g + 1)), Argument(.int(p + 1)),
                            ])
                    }
                }
            }
            return loss
        }
        let save = Builtin("state_dict", namespace: "torch", []) { [weak optimizer] _ in
            optimizer.map { stateDict($0) } ?? .null
        }
        let restore = Builtin("load_state_dict", namespace: "torch", [.value("state_dict"), .dots], visible: false) {
            [weak optimizer] args in
            if let optimizer { try load(args["state_dict"], into: optimizer) }
            return .null
        }
        for method in [initialize, helper, save, restore] {
            method.origin = .method(of: { [weak optimizer] in optimizer }, method.name.name)
        }
        return ClassDefinition(
            name: nil, public: [initialize, save, restore].map { ($0.name, .builtin($0)) },
            private: [(Symbol.named("step_helper"), .builtin(helper))],
            environment: Environment(parent: nil, name: "R_EmptyEnv"))
    }

    // MARK: Saved sessions

    override var savedKind: String? { "optimizer object" }

    /// Groups are there at once: a scheduler that is made next looks at them.
    override func savedParts(_ context: Context) throws -> Value {
        .named([("class", .object(definition)), (".groups", try super.savedState(context))])
    }

    override func savedState(_ context: Context) throws -> Value {
        TrainingContext.setting(try super.savedState(context), ".members", instance?.saved ?? .null)
    }

    override func restoreState(_ state: Value, _ context: Context) throws {
        try super.restoreState(state, context)
        instance = state.saved(".members").isNull ? nil : try ClassInstance(saved: state.saved(".members"))
    }

    /// Its fields, as far as they are values.
    override var memory: [(name: String, value: Value)] {
        get { instance?.plainFields ?? [] }
        set { instance?.takePlainFields(newValue, except: []) }
    }

    override func ownMethod(_ name: String) -> Builtin? { ScriptedOptimizer.root(self).function(name) }

    override func step(closure: (() throws -> Value)?, _ context: Context) throws -> Value? {
        guard let step = instance?.members.local(Symbol.named("step")), step.isFunction else {
            throw WorkbenchError(
                .value, "the optimizer has no step method", hint: "optimizer(…, step = function() { … })")
        }
        if case .closure(let function) = step, !function.formals.names.isEmpty, let closure {
            let wrapped = Builtin("closure", namespace: "torch", []) { _ in try closure() }
            return try context.call(
                step, [Argument(.builtin(wrapped))], call: Call("step", [.symbol(Symbol.named("closure"))]))
        }
        return try context.call(step, [], call: Call("step", []))
    }

    override func step(_ context: Context) throws { _ = try step(closure: nil, context) }

    override var completions: [Completion] { instance?.members.completions ?? [] }

    override func field(_ name: String, context: Context) throws -> Value? {
        guard name != "step", let value = instance?.members.local(Symbol.named(name)) else { return nil }
        // What comes in the box is found with the methods of all optimizers.
        if case .builtin = value, ["state_dict", "load_state_dict"].contains(name) { return nil }
        return try context.forced(value)
    }

    override func setField(_ name: String, _ value: Value, context: Context) throws {
        instance?.members.define(Symbol.named(name), name == "state" ? ownState(value) : value)
    }

    override func visitReferences(_ visit: (Value) -> Void) {
        super.visitReferences(visit)
        visit(.object(definition))
        instance?.visitReferences(visit)
    }

    override func dropReferences() { instance = nil }
}

/// A class of optimizers written in R.
final class ScriptedOptimizerClass: ScriptedClass, @unchecked Sendable {
    override var savedKind: String? { "optimizer" }

    override var classes: [Text] { classNames.map { Text($0) } + ["torch_optimizer_generator"] }

    override func call(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        .object(try ScriptedOptimizer.make(self, arguments, call, environment, context))
    }
}

/// `optimizer()`: a class of optimizers written in R.
func registerScripted(_ torch: Namespace, _ registry: Registry) {
    registry.savedClass("optimizer", { made, above, _ in ScriptedOptimizerClass(made, parent: above) }) { made, _ in
        ScriptedOptimizer(made)
    }
    registry.savedKinds.add("optimizer object") { parts, context in
        let optimizer = ScriptedOptimizer(try parts.saved("class", as: ScriptedOptimizerClass.self))
        try optimizer.restoreState(parts.saved(".groups"), context)
        return optimizer
    }
    torch.function(
        "optimizer",
        [
            .value("name", nil), .value("inherit", code: "Optimizer"), .dots, .value("private", nil),
            .value("active", nil), .value("parent_env", code: "parent.frame()"),
        ],
        help: """
            Defines an optimizer: initialize = function(params, lr) { super$initialize(params, list(lr = lr)) }, step = function() { … }
            step = function(closure = NULL) private$step_helper(closure, function(group, param, g, p) …) calls the function \
            for each parameter that has a gradient, with gradients not recorded: it changes `param` in place from \
            `param$grad`, and reads its settings from `group` (`group$lr`) each time, because schedulers change them. What it remembers of a \
            parameter it keeps with self$state$set(param, list(m = m)), and self$state$get(param) gives it back, NULL at \
            first: state_dict(), checkpoints and saved sessions hold it. Attributes of `param` are gone at the next step. \
            check_optimizer(function(params) NAME(params)) tries one.
            """
    ) { args in
        var parent: ScriptedOptimizerClass?
        if case .object(let object) = args["inherit"] {
            parent = object as? ScriptedOptimizerClass
            guard parent != nil else {
                throw WorkbenchError(.unsupported, "optimizer(inherit = ) extends classes made with optimizer() only")
            }
        }
        let definition = try ClassDefinition(
            args, name: try args.optionalString("name"),
            unnamed: WorkbenchError(
                .value, "all members of optimizer() must be named", hint: "step = function() { … }"))
        return .object(ScriptedOptimizerClass(definition, parent: parent))
    }
}
