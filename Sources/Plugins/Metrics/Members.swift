import Diagnostics
import PluginAPI

/// `luz_metric_accuracy()$new()`, `m$update(preds, target)`, `m$compute()`, `m$format(v)`, `m$abbrev`.
func registerMembers(_ luz: Namespace) {
    luz.method("$", for: "luz_metric_generator", [.value("x"), .value("name")]) { args in
        guard case .object(let object) = args[0], let generator = object as? MetricGenerator else {
            throw WorkbenchError(.type, "a metric is expected, not \(args.describe(args[0]))")
        }
        guard try args.string("name") == "new" else { return .null }
        return .builtin(
            Builtin("new", namespace: "luz", [], help: "Makes a metric that has seen nothing") { args in
                .object(try generator.make(args.context))
            })
    }
    luz.members(of: "luz_metric_generator") { _, _ in [Completion("new", kind: "method")] }
    luz.method("print", for: "luz_metric_generator", [.value("x"), .dots], visible: false) { args in
        guard case .object(let object) = args[0], let generator = object as? MetricGenerator else { return args[0] }
        let metric = try generator.make(args.context)
        args.context.console.write("<luz_metric_generator> \(metric.abbreviation)\n")
        return args[0]
    }
    let methods = metricMethods()
    for name in ["$", "[["] {
        luz.method(name, for: "LuzMetric", [.value("x"), .value("name")]) { args in
            let metric = try args.metric("x")
            let member = try args.string("name")
            if let value = try metric.field(member, context: args.context) { return value }
            if member == "abbrev" { return .string(metric.abbreviation) }
            if let method = methods[member] { return .object(BoundMethod(.builtin(method), to: args[0])) }
            return .null
        }
    }
    for name in ["$<-", "[[<-"] {
        luz.method(name, for: "LuzMetric", [.value("x"), .value("name"), .value("value")]) { args in
            try args.metric("x").setField(try args.string("name"), args["value"], context: args.context)
            return args[0]
        }
    }
    luz.members(of: "LuzMetric") { value, _ in
        methods.map { .method($0.key, $0.value, of: value) } + [Completion("abbrev", kind: "field")]
    }
    luz.method("print", for: "LuzMetric", [.value("x"), .dots], visible: false) { args in
        let metric = try args.metric("x")
        args.context.console.write("<\(metric.classes[0].string)> \(metric.abbreviation)\n")
        return args[0]
    }
}

/// What R code sees of every metric; a metric written in R replaces what it likes.
func metricMethods() -> [String: Builtin] {
    var methods: [String: Builtin] = [:]
    func add(
        _ name: String, _ parameters: [Parameter], visible: Bool = true, help: String,
        _ implementation: @escaping Builtin.Implementation
    ) {
        methods[name] = Builtin(
            name, namespace: "luz", [.value("self")] + parameters, help: help, visible: visible, implementation)
    }
    add("update", [.value("preds"), .value("target")], visible: false, help: "Takes a batch in") { args in
        try args.metric("self").update(try args.required("preds"), try args.required("target"), args.context)
        return args[0]
    }
    add("compute", [], help: "The number so far") { args in try args.metric("self").compute(args.context) }
    add("format", [.value("v")], help: "A value as it is shown") { args in
        try formatted(try args.required("v"), args.context)
    }
    add("to", [.value("device")], visible: false, help: "Without effect: there is the CPU only") { args in args[0] }
    return methods
}

/// luz's format: numbers rounded to 4 decimals, lists as `a: 0.1235 | b: 2`, nothing for the rest.
func formatted(_ value: Value, _ context: Context) throws -> Value {
    switch value {
    case .list: return .string(Metric.text(value))
    case .double, .integer: return try context.call("round", [Argument(value), Argument(.int(4))])
    default: return .null
    }
}

extension Arguments {
    /// A metric argument.
    func metric(_ name: String) throws -> Metric {
        if case .object(let object) = try required(name), let metric = object as? Metric { return metric }
        throw WorkbenchError(.type, "`\(name)` must be a metric, not \(describe(self[name]))")
    }
}
