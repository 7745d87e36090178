import Diagnostics
import PluginAPI

/// `plot()` of the records of lr_finder() and of what fit() returns.
func registerPlots(_ luz: Namespace) {
    luz.method("plot", for: "lr_records", [.value("x"), .dots], visible: false) { args in
        guard let rates = TrainingContext.element(args[0], "lr"), let losses = TrainingContext.element(args[0], "loss")
        else { throw WorkbenchError(.type, "lr_records must have columns lr and loss") }
        let plot = Plotting(context: args.context, environment: args.environment)
        try plot(
            "plot", rates, losses,
            [
                ("type", "l"), ("log", "x"), ("lty", .int(3)), ("xlab", "Learning Rate"), ("ylab", "Loss"),
            ] + args.dots.map { ($0.name?.name ?? "", $0.value) })
        try plot(
            "lines", rates, .numbers(smoothed(try losses.asDoubles().elements)),
            [("col", "cyan3"), ("lwd", .int(2))])
        return .null
    }
    luz.method("plot", for: "luz_module_fitted", [.value("x"), .dots], visible: false) { args in
        try plotRecords(TrainingContext.element(args[0], "records") ?? .null, args)
        return .null
    }
}

/// The metrics of a fit's records, a panel for each.
func plotRecords(_ records: Value, _ args: Arguments) throws {
    let metrics = TrainingContext.element(records, "metrics") ?? .null
    let curves = try curves(of: metrics, args.context)
    guard !curves.isEmpty else {
        throw WorkbenchError(.value, "the fit has no metrics to plot", hint: "no epoch has ended")
    }
    var names: [String] = []
    for curve in curves where !names.contains(curve.metric) { names.append(curve.metric) }
    let sets = ["train", "valid"].filter { set in curves.contains { $0.set == set } }
    let plot = Plotting(context: args.context, environment: args.environment)
    let before = try plot.parameters([("mfrow", .ints([names.count, sets.count]))])
    defer { _ = try? plot.parameters([("mfrow", before)]) }
    // As luz lays it out: a row for each metric, a column for each set.
    for name in names {
        for set in sets {
            let curve = curves.first { $0.metric == name && $0.set == set }
            try plot(
                "plot", .numbers(curve?.epochs ?? [1]), .numbers(curve?.values ?? [0]),
                [
                    ("type", curve == nil ? "n" : "o"), ("xlab", "epoch"), ("ylab", .string(name)),
                    ("main", .string(set)),
                ])
        }
    }
}

/// Functions of the namespace graphics, called from here.
private struct Plotting {
    let context: Context
    let environment: Environment

    func callAsFunction(_ name: String, _ x: Value, _ y: Value, _ settings: [(String, Value)]) throws {
        _ = try context.call(
            try luzFunction("graphics", name, context),
            [Argument(x), Argument(y)]
                + settings.map { Argument($0.1, name: $0.0.isEmpty ? nil : Symbol.named($0.0)) },
            environment: environment)
    }

    /// Sets graphic parameters and returns the one before.
    func parameters(_ settings: [(String, Value)]) throws -> Value {
        let before = try context.call(
            try luzFunction("graphics", "par", context), settings.map { Argument($0.1, name: Symbol.named($0.0)) },
            environment: environment)
        if case .list(let list) = before, let first = list.elements.first { return first }
        return .ints([1, 1])
    }
}

/// luz's curve through the losses: a running mean with weight 0.1 for the newest, without the pull of its start.
private func smoothed(_ losses: [Double]) -> [Double] {
    var mean = 0.0
    var weight = 1.0
    return losses.map { loss in
        mean = 0.9 * mean + 0.1 * loss
        weight *= 0.9
        return mean / (1 - weight)
    }
}

private func curves(
    of metrics: Value, _ context: Context
) throws -> [(set: String, metric: String, epochs: [Double], values: [Double])] {
    let frame = try metricsFrame(metrics, evaluation: false, context)
    guard let sets = TrainingContext.element(frame, "set"), let names = TrainingContext.element(frame, "metric"),
        let epochs = TrainingContext.element(frame, "epoch"), let values = TrainingContext.element(frame, "value")
    else { return [] }
    var curves: [(set: String, metric: String, epochs: [Double], values: [Double])] = []
    let rows = zip(
        zip(try sets.asCharacters().elements, try names.asCharacters().elements),
        zip(try epochs.asDoubles().elements, try values.asDoubles().elements))
    for ((set, name), (epoch, value)) in rows where value.isFinite {
        guard let set = set?.string, let name = name?.string else { continue }
        if let place = curves.firstIndex(where: { $0.set == set && $0.metric == name }) {
            curves[place].epochs.append(epoch)
            curves[place].values.append(value)
        } else {
            curves.append((set, name, [epoch], [value]))
        }
    }
    return curves
}
