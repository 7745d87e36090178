import Diagnostics
import PluginAPI

/// What a metric class written in R inherits when its parent comes in the box: `luz_metric("mine", inherit =
/// luz_metric_accuracy, compute = function() 1 - super$compute())`.
final class NativeMetric {
    private let constructor: Builtin
    /// The parent's object, once it is initialized.
    var metric: Metric?
    /// The object of the class written in R.
    weak var owner: ForeignObject?

    init(_ constructor: Builtin) { self.constructor = constructor }

    /// The class at the top of the chain.
    func definition() -> ClassDefinition {
        let initialize = Builtin("initialize", namespace: "luz", [.dots], visible: false) { [weak self] args in
            try self?.make(args)
            return .null
        }
        let update = Builtin("update", namespace: "luz", [.value("preds"), .value("target")], visible: false) {
            [weak self] args in
            try self?.made().update(args["preds"], args["target"], args.context)
            return .null
        }
        let compute = Builtin("compute", namespace: "luz", []) { [weak self] args in
            try self?.made().compute(args.context) ?? .null
        }
        let format = Builtin("format", namespace: "luz", [.value("v")]) { args in
            try formatted(try args.required("v"), args.context)
        }
        for function in [initialize, update, compute, format] {
            function.origin = .method(of: { [weak self] in self?.owner }, function.name.name)
        }
        return ClassDefinition(
            name: nil,
            public: [
                (Symbol.initialize, .builtin(initialize)), (Symbol.named("update"), .builtin(update)),
                (Symbol.named("compute"), .builtin(compute)), (Symbol.named("format"), .builtin(format)),
            ], environment: Environment(parent: nil, name: "R_EmptyEnv"))
    }

    private func make(_ args: Arguments) throws {
        let made = try args.context.call(
            .builtin(constructor), args.dots, call: args.call, environment: args.environment)
        guard case .object(let object) = made, let generator = object as? MetricGenerator else {
            throw WorkbenchError(.type, "\(constructor.name.name)() makes no metric")
        }
        metric = try generator.make(args.context)
    }

    private func made() throws -> Metric {
        if let metric { return metric }
        throw WorkbenchError(
            .value, "the metric that inherits from \(constructor.name.name) was not initialized",
            hint: "initialize must call super$initialize(…)")
    }
}
