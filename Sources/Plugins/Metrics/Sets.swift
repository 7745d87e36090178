import Diagnostics
import PluginAPI

/// `luz_metric_set()`: metrics of both phases, of training only, of validation only.
func registerSets(_ luz: Namespace) {
    luz.function(
        "luz_metric_set",
        [
            .value("metrics", nil, help: "in both phases"), .value("train_metrics", nil, help: "in training only"),
            .value("valid_metrics", nil, help: "in validation only"),
        ], help: "Metrics that differ between training and validation"
    ) { args in
        let both = try generators(args, "metrics")
        return .object(
            MetricSet(
                train: both + (try generators(args, "train_metrics")),
                valid: both + (try generators(args, "valid_metrics"))))
    }
    luz.method("$", for: "luz_metric_set", [.value("x"), .value("name")]) { args in
        guard case .object(let object) = args[0], let set = object as? MetricSet else { return .null }
        // As luz keeps it, the loss is the first of both.
        let loss = args.context.registry.trainingDefaults.lossMetric.map { [$0] } ?? []
        switch try args.string("name") {
        case "train", "train_metrics": return .items((loss + set.train).map { .object($0) })
        case "valid", "valid_metrics": return .items((loss + set.valid).map { .object($0) })
        default: return .null
        }
    }
    luz.members(of: "luz_metric_set") { _, _ in
        ["train_metrics", "valid_metrics"].map { Completion($0, kind: "field") }
    }
    luz.method("print", for: "luz_metric_set", [.value("x"), .dots], visible: false) { args in
        guard case .object(let object) = args[0], let set = object as? MetricSet else { return args[0] }
        func labels(_ generators: [MetricGenerator]) -> String {
            let labels = generators.map { (try? $0.make(args.context).abbreviation) ?? "?" }
            return labels.isEmpty ? "none but the loss" : labels.joined(separator: ", ")
        }
        args.context.console.write(
            "<luz_metric_set>\n  training: \(labels(set.train))\n  validation: \(labels(set.valid))\n")
        return args[0]
    }
}

/// Metrics in an argument: none, one, or a list, with or without parentheses behind their names.
private func generators(_ args: Arguments, _ name: String) throws -> [MetricGenerator] {
    let given: [Value]
    switch args[name] {
    case .null, .missing: given = []
    case .list(let list): given = list.elements
    default: given = [args[name]]
    }
    return try given.map { value in
        if case .object(let object) = value, let generator = object as? MetricGenerator { return generator }
        if value.isFunction,
            case .object(let object) = try args.context.call(value, [], environment: args.environment),
            let generator = object as? MetricGenerator
        {
            return generator
        }
        throw WorkbenchError(
            .type, "Expected an object with class <luz_metric_generator>, got \(args.describe(value))",
            hint: "luz_metric_set(\(name) = list(luz_metric_accuracy()))")
    }
}
