import Diagnostics
import PluginAPI
import Tensors

/// A scheduler whose class was written in R with `lr_scheduler()`.
final class ScriptedScheduler: Scheduler, @unchecked Sendable {
    private let generator: ScriptedSchedulerClass
    private var instance: ClassInstance?
    /// In the first step, which `super$initialize()` does and which is never that of the class.
    private var isBeginning = false

    init(_ generator: ScriptedSchedulerClass) throws {
        self.generator = generator
        try super.init(classNames: generator.classNames)
    }

    static func make(
        _ generator: ScriptedSchedulerClass, _ arguments: [Argument], _ call: Call, _ context: Context
    ) throws -> ScriptedScheduler {
        let scheduler = try ScriptedScheduler(generator)
        let root = root(scheduler)
        let instance = generator.chain(root).instantiate(as: .object(scheduler), context)
        scheduler.instance = instance
        try instance.initialize(arguments, call: call, context)
        return scheduler
    }

    /// What `super$` finds below the classes written in R.
    private static func root(_ scheduler: ScriptedScheduler) -> ClassDefinition {
        let initialize = Builtin(
            "initialize", namespace: "torch",
            [.value("optimizer"), .value("last_epoch", -1.0), .value("verbose", false)], visible: false
        ) { [weak scheduler] args in
            guard let scheduler else { return .null }
            scheduler.isBeginning = true
            defer { scheduler.isBeginning = false }
            try scheduler.begin(
                try args.optimizer("optimizer"), lastEpoch: try args.int("last_epoch"),
                verbose: try args.flag("verbose"), args.context)
            return .null
        }
        let step = Builtin("step", namespace: "torch", [.dots], visible: false) { [weak scheduler] args in
            try scheduler?.baseStep(args.context)
            return .null
        }
        let save = Builtin("state_dict", namespace: "torch", []) { [weak scheduler] _ in
            scheduler.map { .named($0.stateDict) } ?? .null
        }
        let load = Builtin("load_state_dict", namespace: "torch", [.value("state_dict"), .dots], visible: false) {
            [weak scheduler] args in
            scheduler?.stateDict = try namedState(args)
            return .null
        }
        let methods = [initialize, step, save, load]
        for method in methods { method.origin = .method(of: { [weak scheduler] in scheduler }, method.name.name) }
        return ClassDefinition(
            name: nil, public: methods.map { ($0.name, .builtin($0)) },
            environment: Environment(parent: nil, name: "R_EmptyEnv"))
    }

    // MARK: Saved sessions

    override var savedKind: String? { "lr_scheduler object" }

    /// With the optimizer, without which there is no scheduler: where that cannot be made, this one is not made either.
    override func savedParts(_ context: Context) throws -> Value {
        .named([("class", .object(generator)), ("optimizer", .object(optimizer))])
    }

    override func savedState(_ context: Context) throws -> Value {
        TrainingContext.setting(try super.savedState(context), ".members", instance?.saved ?? .null)
    }

    override func restoreState(_ state: Value, _ context: Context) throws {
        try super.restoreState(state, context)
        instance = try ClassInstance(saved: state.saved(".members"))
    }

    /// Its fields, as far as they are values; R torch keeps all.
    override var memory: [(name: String, value: Value)] {
        get { instance?.plainFields ?? [] }
        set { instance?.takePlainFields(newValue, except: ScriptedScheduler.ownNames) }
    }

    /// What every scheduler has.
    private static let ownNames: Set<String> = [
        ".last_lr", ".step_count", "verbose", "last_epoch", "base_lrs", ".classes", "optimizer",
    ]

    override func ownMethod(_ name: String) -> Builtin? { ScriptedScheduler.root(self).function(name) }

    private func method(_ name: String) -> Value? {
        guard let value = instance?.members.local(Symbol.named(name)), case .closure = value else { return nil }
        return value
    }

    private func baseStep(_ context: Context) throws { try super.step(context) }

    override func step(_ context: Context, metric: Double? = nil) throws {
        guard let step = method("step"), !isBeginning else { return try super.step(context) }
        _ = try context.call(step, metric.map { [Argument(.number($0))] } ?? [], call: Call("step", []))
        lastRates = try currentRates()
    }

    override var takesMetric: Bool {
        guard case .closure(let closure)? = method("step") else { return false }
        return closure.formals.names.contains { $0.name == "metrics" }
    }

    override var isPlannable: Bool { false }

    override func rates(_ context: Context) throws -> [Double] {
        guard let function = method("get_lr") else {
            throw WorkbenchError(
                .value, "the scheduler has no get_lr method", hint: "lr_scheduler(…, get_lr = function() { … })")
        }
        let value = try context.call(function, [], call: Call("get_lr", []))
        func numbers(_ value: Value) throws -> [Double] {
            if case .list(let list) = value { return try list.elements.flatMap(numbers) }
            if let tensor = value.asTensor { return tensor.toArray(of: Double.self) }
            guard value.isNull || value.isAtomic && value.typeName != "character" else {
                throw WorkbenchError(
                    .type, "get_lr() of a scheduler must give numbers, not \(context.deparse(value).first ?? "")",
                    hint: "a rate for each group of the optimizer")
            }
            return try value.asDoubles().elements
        }
        return try numbers(value)
    }

    override var completions: [Completion] {
        (instance?.members.completions ?? []).filter { $0.name != "initialize" }
    }

    override func field(_ name: String, context: Context) throws -> Value? {
        // What comes in the box is found with the methods of all schedulers.
        if ["step", "state_dict", "load_state_dict"].contains(name), method(name) == nil { return nil }
        guard name != "initialize", let value = instance?.members.local(Symbol.named(name)) else { return nil }
        return try context.forced(value)
    }

    /// Sets a field; its optimizer is what it schedules, also where `initialize` sets that alone.
    override func setField(_ name: String, _ value: Value, context: Context) throws {
        instance?.members.define(Symbol.named(name), value)
        guard name == "optimizer", case .object(let object) = value, object is Optimizer else { return }
        try super.restoreState(
            TrainingContext.setting(try super.savedState(context), "optimizer", value), context)
    }

    override func visitReferences(_ visit: (Value) -> Void) {
        super.visitReferences(visit)
        visit(.object(generator))
        instance?.visitReferences(visit)
    }

    override func dropReferences() { instance = nil }
}

/// A class of schedulers written in R.
final class ScriptedSchedulerClass: ScriptedClass, @unchecked Sendable {
    override var savedKind: String? { "lr_scheduler" }

    override var classes: [Text] { classNames.map { Text($0) } + ["lr_scheduler_generator"] }

    override func call(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        .object(try ScriptedScheduler.make(self, arguments, call, context))
    }
}

/// `lr_scheduler()`: a class of schedulers written in R.
func registerScripted(_ torch: Namespace, _ registry: Registry) {
    registry.savedClass("lr_scheduler", { made, above, _ in ScriptedSchedulerClass(made, parent: above) }) { made, _ in
        try ScriptedScheduler(made)
    }
    registry.savedKinds.add("lr_scheduler object") { parts, _ in
        if !parts.saved("optimizer").isNull { _ = try parts.saved("optimizer", as: Optimizer.self) }
        return try ScriptedScheduler(try parts.saved("class", as: ScriptedSchedulerClass.self))
    }
    torch.function(
        "lr_scheduler",
        [
            .value("classname", nil), .value("inherit", code: "LRScheduler"), .dots,
            .value("parent_env", code: "parent.frame()"),
        ],
        help: """
            Defines a scheduler: initialize = function(optimizer, …) { super$initialize(optimizer) }, get_lr = function() { … }
            get_lr() is called once a step, the first in `initialize`, and gives a finite rate from 0 for each group of the \
            optimizer, from `self$last_epoch` (0 in the first step), `self$base_lrs` (a list of the rates at the start) \
            and `self$optimizer$param_groups`. luz_callback_lr_scheduler(NAME, call_on = "on_epoch_end") uses it in a fit, \
            check_scheduler(NAME) tries one.
            """
    ) { args in
        var parent: ScriptedSchedulerClass?
        if case .object(let object) = args["inherit"] { parent = object as? ScriptedSchedulerClass }
        let definition = try ClassDefinition(
            args, name: try args.optionalString("classname"),
            unnamed: WorkbenchError(
                .value, "all members of lr_scheduler() must be named", hint: "get_lr = function() { … }"))
        return .object(ScriptedSchedulerClass(definition, parent: parent))
    }
}
