import Diagnostics
import PluginAPI

/// `plot()` of a comparison and of one run: a panel for each metric, a colour for each run, validation
/// drawn through and training dashed.
func registerComparisonPlot(_ base: Namespace) {
    for name in ["run_comparison", "workbench_run"] {
        base.method("plot", for: name, [.value("x"), .dots], visible: false) { args in
            try plot(TrainingContext.element(args[0], "metrics") ?? .null, args)
            return .null
        }
    }
}

private struct Curve {
    let run: String
    let set: String
    let metric: String
    var points: [(epoch: Double, value: Double)] = []
}

/// The curves of a frame with columns run (or none), set, metric, epoch, value; what is not finite is left out.
private func curves(_ metrics: Value) throws -> [Curve] {
    func texts(_ name: String) throws -> [String]? {
        try TrainingContext.element(metrics, name)?.asCharacters().elements.map { $0?.string ?? "" }
    }
    guard let sets = try texts("set"), let names = try texts("metric"),
        let epochs = try TrainingContext.element(metrics, "epoch")?.asDoubles().elements,
        let values = try TrainingContext.element(metrics, "value")?.asDoubles().elements
    else { return [] }
    let runs = try texts("run") ?? sets.map { _ in "" }
    var curves: [Curve] = []
    for place in sets.indices where place < min(names.count, epochs.count, values.count, runs.count) {
        guard epochs[place].isFinite, values[place].isFinite else { continue }
        let (run, set, name) = (runs[place], sets[place], names[place])
        let known = curves.firstIndex { $0.run == run && $0.set == set && $0.metric == name }
        if known == nil { curves.append(Curve(run: run, set: set, metric: name)) }
        curves[known ?? curves.count - 1].points.append((epochs[place], values[place]))
    }
    return curves
}

private func plot(_ metrics: Value, _ args: Arguments) throws {
    let curves = try curves(metrics)
    guard !curves.isEmpty else {
        throw WorkbenchError(.value, "the runs have no metrics to plot", hint: "no epoch has ended")
    }
    var names: [String] = []
    var runs: [String] = []
    for curve in curves {
        if !names.contains(curve.metric) { names.append(curve.metric) }
        if !runs.contains(curve.run) { runs.append(curve.run) }
    }
    let graphics = GraphicsCalls(args)
    let before = try graphics("par", [("mfrow", .ints([names.count, 1]))])
    defer {
        if case .list(let list) = before, let old = list.elements.first { _ = try? graphics("par", [("mfrow", old)]) }
    }
    for name in names {
        let drawn = curves.filter { $0.metric == name }
        let points = drawn.flatMap { $0.points }
        func range(_ numbers: [Double]) -> Value { .numbers([numbers.min() ?? 0, numbers.max() ?? 1]) }
        try graphics(
            "plot",
            [
                ("", range(points.map { $0.epoch })), ("", range(points.map { $0.value })), ("type", "n"),
                ("xlab", "epoch"), ("ylab", .string(name)),
            ] + args.dots.map { ($0.name?.name ?? "", $0.value) })
        var legend: [(text: String, color: Int, line: Int)] = []
        for curve in drawn {
            let color = (runs.firstIndex(of: curve.run) ?? 0) % 8 + 1
            let line = curve.set == "valid" ? 1 : 2
            try graphics(
                "lines",
                [
                    ("", .numbers(curve.points.map { $0.epoch })), ("", .numbers(curve.points.map { $0.value })),
                    ("type", "o"), ("col", .int(color)), ("lty", .int(line)), ("pch", .int(20)),
                ])
            legend.append((curve.run.isEmpty ? curve.set : "\(curve.run) \(curve.set)", color, line))
        }
        try graphics(
            "legend",
            [
                ("", "topright"), ("legend", .strings(legend.map { $0.text })),
                ("col", .ints(legend.map { $0.color })), ("lty", .ints(legend.map { $0.line })), ("bty", "n"),
            ])
    }
}

/// Functions of the namespace graphics, called from here.
private struct GraphicsCalls {
    private let args: Arguments

    init(_ args: Arguments) { self.args = args }

    @discardableResult
    func callAsFunction(_ name: String, _ settings: [(String, Value)]) throws -> Value {
        guard
            let function = args.context.registry.existingNamespace("graphics")?.environment.local(Symbol.named(name))
        else {
            throw WorkbenchError(
                .plugin, "graphics::\(name) is not there", hint: "the plug-in that provides it is not loaded")
        }
        return try args.context.call(
            function, settings.map { Argument($0.1, name: $0.0.isEmpty ? nil : Symbol.named($0.0)) },
            environment: args.environment)
    }
}
