import Diagnostics
import FitStates
import PluginAPI

/// A callback whose class was written in R with `luz_callback()`. `self` is the callback; `ctx` the fit it belongs to.
final class ScriptedCallback: Callback, ScriptedFields, @unchecked Sendable {
    private let generator: ScriptedCallbackClass
    private var instance: ClassInstance?
    private weak var training: TrainingContext?
    /// What stands for the parent class if that comes in the box.
    private let native: NativeParent?
    /// Its fields before its first fit that was saved.
    var firstFields: FirstFields?

    static func make(
        _ generator: ScriptedCallbackClass, _ arguments: [Argument], _ call: Call, _ context: Context
    ) throws -> ScriptedCallback {
        let callback = ScriptedCallback(generator)
        let empty = ClassDefinition(
            name: nil, public: [(Symbol.initialize, .builtin(emptyInitialize))],
            environment: Environment(parent: nil, name: "R_EmptyEnv"))
        let root = callback.native?.definition() ?? (generator.hasInitialize ? empty : nil)
        let instance = generator.chain(root).instantiate(as: .object(callback), context)
        callback.instance = instance
        try instance.initialize(arguments, call: call, context)
        return callback
    }

    /// `super$initialize()` of a class that inherits from none: takes anything, does nothing.
    static let emptyInitialize = Builtin("initialize", namespace: "luz", [.dots], visible: false) { _ in .null }

    init(_ generator: ScriptedCallbackClass) {
        self.generator = generator
        native = generator.nativeParent.map { NativeParent($0) }
        super.init()
        native?.owner = self
    }

    override var classNames: [String] { generator.classNames + (native?.callback?.classNames ?? []) }

    override var weight: Double {
        guard let value = instance?.members.local(Symbol.named("weight")), value.isAtomic,
            let weight = try? value.asDoubles().elements.first, !weight.isNaN
        else { return native?.callback?.weight ?? 0 }
        return weight
    }

    private func method(_ name: Symbol) -> Value? { instance?.method(name) }

    override func listens(to event: TrainingEvent) -> Bool { method(event.symbol) != nil }

    override func prepare(_ training: TrainingContext) throws {
        bind(training)
        try native?.prepare(training)
        guard !training.session.isAsPublished, let members = instance?.members else { return }
        for symbol in members.names() where symbol.name.utf8.starts(with: "on_".utf8) && method(symbol) != nil {
            guard TrainingEvent(rawValue: symbol.name) == nil else { continue }
            throw TrainingEvent.unknown(
                symbol.name, in: "a method of the callback <\(classNames.first ?? "LuzCallback")>")
        }
    }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        guard let method = method(event.symbol) else { return }
        bind(training)
        _ = try training.session.call(method, [], call: Call(event.rawValue, []))
    }

    private func bind(_ training: TrainingContext) {
        guard self.training !== training else { return }
        self.training = training
        instance?.expose(ScriptedCallback.ctx, .object(training))
        instance?.members.define(ScriptedCallback.ctx, .object(training))
    }

    private static let ctx = Symbol.named("ctx")

    override func stateDict(_ context: Context) throws -> Value? {
        guard let method = method(Symbol.named("state_dict")) else { return try native?.callback?.stateDict(context) }
        return try context.call(method, [], call: Call("state_dict", []))
    }

    override func loadStateDict(_ state: Value, _ context: Context) throws {
        guard let method = method(Symbol.named("load_state_dict")) else {
            if let native { return try native.callback?.loadStateDict(state, context) ?? () }
            try context.message(
                "not restored: the state of \(classNames.first ?? "a callback"), which has state_dict() and no load_state_dict()\n"
            )
            return
        }
        _ = try context.call(
            method, [Argument(state)], call: Call("load_state_dict", [.symbol(Symbol.named("state_dict"))]))
    }

    /// Checkpoints keep the fields it changes; one with `state_dict()` says itself what they keep.
    var keepsFields: Bool { method(Symbol.named("state_dict")) == nil }

    /// Where its fields are.
    var fields: ClassInstance? { instance }

    override func progressState(_ training: TrainingContext) throws -> Value? {
        try native?.callback?.progressState(training)
    }

    override func restoreProgress(_ state: Value, _ training: TrainingContext) throws {
        try native?.callback?.restoreProgress(state, training)
    }

    override func terminate(_ training: TrainingContext) throws { try native?.callback?.terminate(training) }

    override func field(_ name: String, context: Context) throws -> Value? {
        guard let value = instance?.members.local(Symbol.named(name)) else {
            return try native?.callback?.field(name, context: context)
        }
        return try context.forced(value)
    }

    override func setField(_ name: String, _ value: Value, context: Context) throws {
        let symbol = Symbol.named(name)
        if let parent = native?.callback, instance?.members.local(symbol) == nil,
            try parent.field(name, context: context) != nil
        {
            try parent.setField(name, value, context: context)
        } else {
            try instance?.set(symbol, value, context)
        }
    }

    override var completions: [Completion] {
        instance?.members.completions.filter { !$0.name.utf8.starts(with: ".".utf8) } ?? []
    }

    // MARK: Saved sessions

    override var savedKind: String? { "luz_callback object" }

    override func savedParts(_ context: Context) throws -> Value { .named([("class", .object(generator))]) }

    override func savedState(_ context: Context) throws -> Value {
        .named([
            (".members", instance?.saved ?? .null), (".above", native?.callback.map { .object($0) } ?? .null),
            (".training", training.map { .object($0) } ?? .null),
        ])
    }

    override func restoreState(_ state: Value, _ context: Context) throws {
        instance = try ClassInstance(saved: state.saved(".members"))
        if !state.saved(".above").isNull { native?.callback = try state.saved(".above", as: Callback.self) }
        if !state.saved(".training").isNull {
            training = try state.saved(".training", as: TrainingContext.self)
            native?.training = training
        }
    }

    override func ownMethod(_ name: String) -> Builtin? { native?.definition().function(name) }

    override func visitReferences(_ visit: (Value) -> Void) {
        visit(.object(generator))
        if let parent = native?.callback { visit(.object(parent)) }
        instance?.visitReferences(visit)
    }

    override func dropReferences() { instance = nil }
}

/// A class of callbacks written in R: what `luz_callback()` returns, a function that makes them.
final class ScriptedCallbackClass: ScriptedClass, @unchecked Sendable {
    override var savedKind: String? { "luz_callback" }

    override func call(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        .object(try ScriptedCallback.make(self, arguments, call, context))
    }
}

/// `luz_callback()`: a class of callbacks.
func registerScripted(_ luz: Namespace, _ registry: Registry) {
    registry.innerFunctions.add("luz_callback initialize", ScriptedCallback.emptyInitialize)
    registry.savedClass("luz_callback", { ScriptedCallbackClass($0, parent: $1, builtin: $2) }) { made, _ in
        ScriptedCallback(made)
    }
    luz.function(
        "luz_callback",
        [
            .value("name", nil, help: "class of the callbacks"), .dots,
            .value("private", nil, help: "list of members seen as private$…"),
            .value("active", nil, help: "list of functions called when a member is read or set"),
            .value("parent_env", code: "parent.frame()"), .value("inherit", nil, help: "another luz_callback()"),
        ],
        help: """
            Defines a callback: luz_callback("name", initialize = function(…) { self$… <- … }, on_epoch_end = function() { ctx$… })
            Hooks, functions without arguments: \(TrainingEvent.allCases.map { $0.rawValue }.joined(separator: ", ")). In them \
            `ctx` is the fit: ctx$epoch, ctx$iter, ctx$input, ctx$target, ctx$pred, ctx$loss, ctx$model, ctx$optimizers. \
            state_dict = function() list(…) and load_state_dict = function(state_dict) … keep what a checkpoint must hold. \
            check_callback(NAME) tries one.
            """
    ) { args in
        var parent: ScriptedCallbackClass?
        var builtin: Builtin?
        switch args["inherit"] {
        case .null, .missing: break
        case .builtin(let function) where function.name.name.utf8.starts(with: "luz_callback_".utf8):
            builtin = function
        case .object(let object) where object is ScriptedCallbackClass: parent = object as? ScriptedCallbackClass
        default:
            throw WorkbenchError(
                .type, "`inherit` must be a class of callbacks, not \(args.describe(args["inherit"]))",
                hint: "luz_callback_early_stopping, without parentheses, or what luz_callback() returned")
        }
        let unnamed = WorkbenchError(
            .value, "All elements of public, private, and active must be named.",
            hint: "luz_callback(\"name\", on_epoch_end = function() …)")
        // Before the name is looked at: a field called `n` is taken for it, and then the name has no name.
        if args.dots.contains(where: { $0.name == nil }) { throw unnamed }
        let definition = try ClassDefinition(args, name: try args.optionalString("name"), unnamed: unnamed)
        return .object(ScriptedCallbackClass(definition, parent: parent, builtin: builtin))
    }
}
