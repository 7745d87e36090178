import Diagnostics
import PluginAPI
import Tensors

/// An optimizer whose class was written in R with `optimizer()`.
final class ScriptedOptimizer: Optimizer {
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
        let root = ClassDefinition(
            name: nil, public: [(Symbol.initialize, .builtin(initialize))],
            private: [(Symbol.named("step_helper"), .builtin(helper))],
            environment: Environment(parent: nil, name: "R_EmptyEnv"))
        let instance = definition.chain(root).instantiate(as: .object(optimizer), context)
        optimizer.instance = instance
        try instance.initialize(arguments, call: call, context)
        return optimizer
    }

    override func step(closure: (() throws -> Value)?, _ context: Context) throws -> Value? {
        guard let step = instance?.members.local(Symbol.named("step")), step.isFunction else {
            throw WorkbenchError(
                .value, "the optimizer has no step method", hint: "optimizer(…, step = function() { … })")
        }
        if case .closure(let function) = step, !function.formals.names.isEmpty, let closure {
            let wrapped = Builtin("closure", namespace: "torch", []) { _ in try closure() }
            return try context.call(step, [Argument(.builtin(wrapped))])
        }
        return try context.call(step, [])
    }

    override func step(_ context: Context) throws { _ = try step(closure: nil, context) }

    override var completions: [Completion] { instance?.members.completions ?? [] }

    override func field(_ name: String, context: Context) throws -> Value? {
        if name == "step" { return nil }
        guard let value = instance?.members.local(Symbol.named(name)) else { return nil }
        return try context.forced(value)
    }

    override func setField(_ name: String, _ value: Value, context: Context) throws {
        instance?.members.define(Symbol.named(name), value)
    }

    override func visitReferences(_ visit: (Value) -> Void) {
        super.visitReferences(visit)
        visit(.object(definition))
        instance?.visitReferences(visit)
    }

    override func dropReferences() { instance = nil }
}

/// A class of optimizers written in R.
final class ScriptedOptimizerClass: ScriptedClass {
    override var classes: [Text] { classNames.map { Text($0) } + ["torch_optimizer_generator"] }

    override func call(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        .object(try ScriptedOptimizer.make(self, arguments, call, environment, context))
    }
}

/// `optimizer()`: a class of optimizers written in R.
func registerScripted(_ torch: Namespace) {
    torch.function(
        "optimizer",
        [
            .value("name", nil), .value("inherit", code: "Optimizer"), .dots, .value("private", nil),
            .value("active", nil), .value("parent_env", code: "parent.frame()"),
        ],
        help:
            "Defines an optimizer: initialize = function(params, lr) { super$initialize(params, list(lr = lr)) }, step = function() { … }"
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
