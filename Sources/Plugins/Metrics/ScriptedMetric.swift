import Diagnostics
import PluginAPI
import Tensors

/// A metric whose class was written in R with `luz_metric()`. `self` is the metric; `ctx` the fit it belongs to.
final class ScriptedMetric: Metric, @unchecked Sendable {
    private let definition: ScriptedMetricClass
    private var instance: ClassInstance?
    /// What stands for the parent class if that comes in the box.
    private let native: NativeMetric?

    init(_ definition: ScriptedMetricClass, _ arguments: [Argument], _ call: Call, _ context: Context) throws {
        self.definition = definition
        native = definition.nativeParent.map { NativeMetric($0) }
        super.init()
        native?.owner = self
        let instance = definition.chain(native?.definition() ?? definition.root).instantiate(as: .object(self), context)
        self.instance = instance
        try instance.initialize(arguments, call: call, context)
    }

    /// An object without members, which come with its saved state.
    init(restoring definition: ScriptedMetricClass) {
        self.definition = definition
        native = definition.nativeParent.map { NativeMetric($0) }
        super.init()
        native?.owner = self
    }

    override var classNames: [String] { definition.classNames + (native?.metric?.classNames ?? []) }

    override var abbreviation: String {
        if case .character(let text)? = instance?.members.local(Symbol.named("abbrev")), let text = text.elements.first,
            let text
        {
            return text.string
        }
        if let parent = native?.metric { return parent.abbreviation }
        // Without a label luz shows its class names, as code.
        return "c(" + classes.map { "\"\($0.string)\"" }.joined(separator: ", ") + ")"
    }

    override func begin(_ training: TrainingContext) throws {
        let ctx = Symbol.named("ctx")
        instance?.expose(ctx, .object(training))
        instance?.members.define(ctx, .object(training))
        try native?.metric?.begin(training)
    }

    private func method(_ name: String) throws -> Value {
        guard let value = instance?.method(Symbol.named(name)) else {
            throw WorkbenchError(
                .value, "the metric \(abbreviation) has no method `\(name)`",
                hint: "luz_metric(…, \(name) = function(\(name == "update" ? "preds, target" : "")) { … })")
        }
        return value
    }

    override func update(_ predictions: Value, _ target: Value, _ context: Context) throws {
        let call = Call("update", [.symbol(Symbol.named("preds")), .symbol(Symbol.named("target"))])
        _ = try context.call(try method("update"), [Argument(predictions), Argument(target)], call: call)
    }

    override func compute(_ context: Context) throws -> Value {
        let value = try context.call(try method("compute"), [], call: Call("compute", []))
        if let tensor = value.asTensor, tensor.count == 1 { return valueFromScalar(try tensor.item()) }
        try refuseText(value)
        if value.isAtomic, value.length > 1 {
            throw WorkbenchError(
                .value, "compute() of the metric \(abbreviation) must give one number, not \(value.length)",
                hint: "a list with names gives each a place of its own: list(a = 1, b = 2)")
        }
        return value
    }

    /// What `state_dict()` gives; without one all fields, which must then be values that a file can hold.
    override func stateDict(_ context: Context) throws -> Value? {
        if let method = instance?.method(Symbol.named("state_dict")) { return try context.call(method, []) }
        var fields: [(String, Value)] = []
        for (kind, home) in [("public.", instance?.members), ("private.", instance?.privates)] {
            for symbol in home?.names() ?? [] where symbol.name != "ctx" && !symbol.name.hasPrefix(".") {
                guard let value = home?.local(symbol), !value.isFunction else { continue }
                if case .activeBinding = value { continue }
                if case .environment(let object) = value, object === home { continue }
                fields.append((kind + symbol.name, value))
            }
        }
        do {
            var tree = TensorTree(leavingCode: false)
            _ = try tree.encode(.named(fields))
        } catch is WorkbenchError {
            return nil
        }
        let own = Value.named(fields)
        return .named([("fields", own), ("parent", try native?.metric?.stateDict(context) ?? .null)])
    }

    override func loadStateDict(_ state: Value, _ context: Context) throws {
        if instance?.method(Symbol.named("state_dict")) != nil {
            _ = try context.call(try method("load_state_dict"), [Argument(state)])
            return
        }
        if let fields = TrainingContext.element(state, "fields"), case .list(let list) = fields {
            for (name, value) in zip(fields.names ?? [], list.elements) {
                guard let name = name?.string, let dot = name.firstIndex(of: ".") else { continue }
                let home = name.hasPrefix("private.") ? instance?.privates : instance?.members
                home?.define(Symbol.named(String(name[name.index(after: dot)...])), value)
            }
        }
        if let parent = TrainingContext.element(state, "parent"), !parent.isNull {
            try native?.metric?.loadStateDict(parent, context)
        }
    }

    override func format(_ value: Value, _ context: Context) throws -> String {
        guard case .closure? = instance?.members.local(Symbol.named("format")) else {
            return try native?.metric?.format(value, context) ?? super.format(value, context)
        }
        let text = try context.call(try method("format"), [Argument(value)])
        return try context.asCharacters(text).elements.first??.string ?? ""
    }

    override var completions: [Completion] {
        (instance?.members.completions ?? []) + (native?.metric?.completions ?? [])
    }

    override func field(_ name: String, context: Context) throws -> Value? {
        guard let value = instance?.members.local(Symbol.named(name)) else {
            return try native?.metric?.field(name, context: context)
        }
        return try context.forced(value)
    }

    override func setField(_ name: String, _ value: Value, context: Context) throws {
        try instance?.set(Symbol.named(name), value, context)
    }

    // MARK: Saved sessions

    override var savedKind: String? { "luz_metric object" }

    override func savedParts(_ context: Context) throws -> Value { .named([("class", .object(definition))]) }

    override func savedState(_ context: Context) throws -> Value {
        .named([
            (".members", instance?.saved ?? .null), (".above", native?.metric.map { .object($0) } ?? .null),
        ])
    }

    override func restoreState(_ state: Value, _ context: Context) throws {
        instance = try ClassInstance(saved: state.saved(".members"))
        if !state.saved(".above").isNull { native?.metric = try state.saved(".above", as: Metric.self) }
    }

    override func ownMethod(_ name: String) -> Builtin? { native?.definition().function(name) }

    override func visitReferences(_ visit: (Value) -> Void) {
        visit(.object(definition))
        if let parent = native?.metric { visit(.object(parent)) }
        instance?.visitReferences(visit)
    }

    override func dropReferences() { instance = nil }
}

/// A class of metrics written in R: what `luz_metric()` returns. Called, it gives a generator: each phase of a fit makes
/// its own metric with the same arguments.
final class ScriptedMetricClass: ScriptedClass, @unchecked Sendable {
    override var savedKind: String? { "luz_metric" }

    static let rootFormat = Builtin("format", namespace: "luz", [.value("v")]) { args in
        try formatted(try args.required("v"), args.context)
    }
    static let rootInitialize = Builtin("initialize", namespace: "luz", [.dots], visible: false) { _ in .null }

    /// What `super$` finds below the classes written in R.
    var root: ClassDefinition {
        var members: [ClassDefinition.Member] = [
            (
                Symbol.named("format"),
                .builtin(ScriptedMetricClass.rootFormat)
            )
        ]
        if hasInitialize {
            members.append(
                (
                    Symbol.initialize,
                    .builtin(ScriptedMetricClass.rootInitialize)
                ))
        }
        return ClassDefinition(
            name: nil, public: members, environment: Environment(parent: nil, name: "R_EmptyEnv"))
    }

    override func call(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        .object(generator(arguments, call))
    }

    /// Makes metrics with the same arguments.
    func generator(_ arguments: [Argument], _ call: Call) -> MetricGenerator {
        let parts = Value.named([
            ("class", .object(self)), ("arguments", .items(arguments.map { $0.value })),
            ("names", .strings(arguments.map { $0.name?.name ?? "" })), ("call", .call(call)),
        ])
        return MetricGenerator(
            definition.name, holding: [.object(self)] + arguments.map { $0.value },
            saved: (kind: "luz_metric generator", parts: parts)
        ) { context in try ScriptedMetric(self, arguments, call, context) }
    }
}

/// `luz_metric()`: a class of metrics.
func registerScripted(_ luz: Namespace, _ registry: Registry) {
    registry.innerFunctions.add("luz_metric format", ScriptedMetricClass.rootFormat)
    registry.innerFunctions.add("luz_metric initialize", ScriptedMetricClass.rootInitialize)
    registry.savedClass("luz_metric", { ScriptedMetricClass($0, parent: $1, builtin: $2) }) { made, _ in
        ScriptedMetric(restoring: made)
    }
    registry.savedKinds.add("luz_metric generator") { parts, _ in
        let made = try parts.saved("class", as: ScriptedMetricClass.self)
        guard case .character(let names) = parts.saved("names"), case .call(let call) = parts.saved("call") else {
            throw WorkbenchError(.data, "the saved metric has no arguments")
        }
        let arguments = zip(parts.saved("arguments").namedItems, names.elements).map { item, name in
            Argument(item.value, name: name.flatMap { $0.isEmpty ? nil : Symbol.named($0) })
        }
        return made.generator(arguments, call)
    }
    luz.function(
        "luz_metric",
        [
            .value("name", nil, help: "class of the metrics"), .dots,
            .value("private", nil, help: "list of members seen as private$…"),
            .value("active", nil, help: "list of functions called when a member is read or set"),
            .value("parent_env", code: "parent.frame()"), .value("inherit", nil, help: "another luz_metric()"),
        ],
        help: """
            Defines a metric: luz_metric("name", abbrev = "Nm", initialize = function() …, update = function(preds, target) …, compute = function() …)
            A new one is made for each phase of an epoch. update() takes a batch in and counts in fields of `self`; \
            compute() gives a number or a named list of numbers, may be asked after any batch and changes nothing. \
            check_metric(NAME()) tries one.
            """
    ) { args in
        var parent: ScriptedMetricClass?
        var builtin: Builtin?
        switch args["inherit"] {
        case .null, .missing: break
        case .builtin(let function) where function.name.name.utf8.starts(with: "luz_metric_".utf8): builtin = function
        case .object(let object) where object is ScriptedMetricClass: parent = object as? ScriptedMetricClass
        default:
            throw WorkbenchError(
                .type, "`inherit` must be a class of metrics, not \(args.describe(args["inherit"]))",
                hint: "luz_metric_accuracy, without parentheses, or what luz_metric() returned")
        }
        let unnamed = WorkbenchError(
            .value, "All elements of public, private, and active must be named.",
            hint: "luz_metric(\"name\", abbrev = \"Nm\", update = function(preds, target) …)")
        // Before the name is looked at: a field called `n` is taken for it, and then the name has no name.
        if args.dots.contains(where: { $0.name == nil }) { throw unnamed }
        let definition = try ClassDefinition(args, name: try args.optionalString("name"), unnamed: unnamed)
        return .object(ScriptedMetricClass(definition, parent: parent, builtin: builtin))
    }
}
