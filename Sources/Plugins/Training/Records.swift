import Diagnostics
import PluginAPI

/// `get_metrics()`, `last_fit()`.
func registerRecords(_ luz: Namespace) {
    luz.function(
        "get_metrics", [.value("object"), .dots], help: "Metrics of a fit or an evaluation as a data frame",
        dispatch: .generic
    ) { args in
        let object = args[0]
        guard let records = TrainingContext.element(object, "records"),
            let metrics = TrainingContext.element(records, "metrics")
        else {
            throw WorkbenchError(
                .type, "`object` must be the result of fit() or evaluate(), not \(args.describe(object))")
        }
        return try metricsFrame(metrics, evaluation: object.inherits("luz_module_evaluation"), args.context)
    }
    luz.function("last_fit", [], help: "What the last fit trained, also after an error or Ctrl-C") { args in
        let last = args.context.storage(LastFit.self) { LastFit() }
        guard let training = last.training else {
            throw WorkbenchError(.value, "nothing has been fitted in this session")
        }
        return fittedValue(training)
    }
}

/// One row for each set, epoch and metric; lists of several optimizers give a row each.
func metricsFrame(_ metrics: Value, evaluation: Bool, _ context: Context) throws -> Value {
    var sets: [String] = []
    var names: [String] = []
    var epochs: [Int] = []
    var values: [Double] = []
    func add(_ set: String, _ name: String, _ epoch: Int, _ value: Value) throws {
        if case .list(let list) = value {
            for (place, element) in list.elements.enumerated() {
                try add(set, value.names?[place].map { "\(name)_\($0.string)" } ?? name, epoch, element)
            }
            return
        }
        sets.append(set)
        names.append(name)
        epochs.append(epoch)
        values.append((try? value.asDoubles().elements.first) ?? .na)
    }
    for set in ["train", "valid"] {
        guard case .list(let list)? = TrainingContext.element(metrics, set) else { continue }
        for (place, entry) in list.elements.enumerated() {
            guard case .list(let fields) = entry, let fieldNames = entry.names else { continue }
            for (name, value) in zip(fieldNames, fields.elements) { try add(set, name?.string ?? "", place + 1, value) }
        }
    }
    if evaluation {
        let frame = try context.call(
            "data.frame", [Argument(.strings(names), name: "metric"), Argument(.numbers(values), name: "value")])
        return frame.setting(Symbol.classAttribute, .strings(["tbl_df", "tbl", "data.frame"]))
    }
    return try context.call(
        "data.frame",
        [
            Argument(.strings(sets), name: "set"), Argument(.strings(names), name: "metric"),
            Argument(.ints(epochs), name: "epoch"), Argument(.numbers(values), name: "value"),
        ])
}
