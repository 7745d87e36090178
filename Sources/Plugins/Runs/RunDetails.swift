import Diagnostics
import PluginAPI

/// `get_run()`: everything on record of one run.
func registerRun(_ base: Namespace) {
    base.function(
        "get_run", [.value("id", help: "its number, as runs() lists it")],
        help: """
            Everything on record of one fit

            A list: run (its row of runs()), hyperparameters (names and texts), metrics (set, metric, epoch, value), \
            checkpoints (path, epoch).
            """
    ) { args in
        let file = try RunsFile.toRead(args.context)
        guard args["id"].isNumeric, args["id"].length == 1, let number = try args["id"].asDoubles().elements.first,
            let id = Int(exactly: number)
        else {
            throw WorkbenchError(
                .value, "`id` must be the number of a run, not \(args.describe(args["id"]))", hint: "runs() lists them")
        }
        let row = try file.runs([id])[0]
        let value = try Value.named([
            ("run", runsFrame([row], args.context)), ("hyperparameters", hyperparameters(row)),
            ("metrics", metrics([row], withRun: false, args.context)),
            (
                "checkpoints",
                dataFrame(
                    [
                        ("path", texts(row.checkpoints.map { $0.path })),
                        ("epoch", counts(row.checkpoints.map { $0.epoch })),
                    ], args.context)
            ),
        ])
        return value.setting(Symbol.classAttribute, "workbench_run")
    }
    base.method("print", for: "workbench_run", [.value("x"), .dots], visible: false) { args in
        try printRun(args[0], args.context)
        return args[0]
    }
}

/// Settings as a list of texts by name.
func hyperparameters(_ row: RunRow) -> Value {
    .named(row.hyperparameters.map { ($0.name, .string($0.value)) })
}

/// Metrics of runs, a row each, as `get_metrics()` has them.
func metrics(_ rows: [RunRow], withRun: Bool, _ context: Context) throws -> Value {
    let all = rows.flatMap { row in
        let (train, valid) = (row.measures.filter { $0.phase == "train" }, row.measures.filter { $0.phase != "train" })
        return (train + valid).map { (run: row.id, measure: $0) }
    }
    let columns: [(String, Value)] = [
        ("run", counts(all.map { $0.run })), ("set", texts(all.map { $0.measure.phase })),
        ("metric", texts(all.map { $0.measure.name })), ("epoch", counts(all.map { $0.measure.epoch })),
        ("value", .numbers(all.map { $0.measure.value })),
    ]
    return try dataFrame(withRun ? columns : Array(columns.dropFirst()), context)
}

private func printRun(_ run: Value, _ context: Context) throws {
    func part(_ name: String) -> Value { TrainingContext.element(run, name) ?? .null }
    let row = part("run")
    func text(_ name: String) -> String? {
        guard let value = TrainingContext.element(row, name), case .character(let text) = value else { return nil }
        return text.elements.first??.string
    }
    func number(_ name: String) -> String? {
        guard let value = try? TrainingContext.element(row, name)?.asDoubles().elements.first, !value.isNaN else {
            return nil
        }
        return numberText(value)
    }
    let when = try RunsPrinting.minutes(TrainingContext.element(row, "when") ?? .null, context)
    var facts: [(String, String?)] = [
        ("when", try when.asCharacters().elements.first??.string),
        ("status", text("status").map { $0 + (text("note").map { ": " + $0 } ?? "") }),
        ("script", text("script")), ("folder", text("folder")),
        (
            "seed",
            [number("seed"), number("r_seed").map { "\($0) (set.seed)" }].compactMap { $0 }.joined(separator: ", ")
        ),
        (
            "net",
            text("net").map {
                "\($0), \(number("parameters") ?? "?") parameters, structure \(text("structure") ?? "?")"
            }
        ),
    ]
    if let data = text("data") {
        var line = data
        if let items = number("items") { line += ", \(items) items" }
        if let print = text("fingerprint") { line += ", fingerprint \(print)" }
        facts.append(("data", line))
    }
    facts.append(
        ("epochs", number("epochs").map { $0 + (number("planned").map { $0 == "0" ? "" : " of " + $0 } ?? "") }))
    facts.append(
        (
            "seconds",
            (try? TrainingContext.element(row, "seconds")?.asDoubles().elements.first).map { RunsPrinting.number($0) }
        ))
    let console = context.console
    console.write("Run \(number("id") ?? "")\n")
    func write(_ pairs: [(String, String)]) {
        let width = pairs.map { $0.0.unicodeScalars.count }.max() ?? 0
        for (name, value) in pairs { console.write("  \(name.rightPadded(to: width))  \(value)\n") }
    }
    write(facts.compactMap { fact in fact.1.flatMap { $0.isEmpty ? nil : (fact.0, $0) } })
    let settings = part("hyperparameters").namedItems
    if !settings.isEmpty {
        console.write("Hyperparameters\n")
        write(settings.map { ($0.name, (try? $0.value.asCharacters().elements.first)??.string ?? "") })
    }
    let table = try MetricTable(part("metrics"))
    if !table.names.isEmpty {
        console.write("Metrics\n")
        _ = try context.call(
            "print", [Argument(try table.frame(context)), Argument(false, name: "row.names")])
    }
    let paths = (try? TrainingContext.element(part("checkpoints"), "path")?.asCharacters().elements) ?? []
    if !paths.isEmpty {
        console.write("Checkpoints\n")
        for path in paths { console.write("  \(path?.string ?? "")\n") }
    }
}

/// Metrics with a row for each epoch and a column for each phase and name.
struct MetricTable {
    private(set) var names: [String] = []
    private var epochs: [Int] = []
    private var values: [String: [Int: Double]] = [:]

    /// From a frame with columns set, metric, epoch, value.
    init(_ frame: Value) throws {
        guard let sets = try TrainingContext.element(frame, "set")?.asCharacters().elements,
            let metrics = try TrainingContext.element(frame, "metric")?.asCharacters().elements,
            let epochs = try TrainingContext.element(frame, "epoch")?.asDoubles().elements,
            let values = try TrainingContext.element(frame, "value")?.asDoubles().elements
        else { return }
        for ((set, metric), (epoch, value)) in zip(zip(sets, metrics), zip(epochs, values)) {
            guard let epoch = Int(exactly: epoch) else { continue }
            let name = "\(set?.string ?? "")_\(metric?.string ?? "")"
            if self.values[name] == nil { names.append(name) }
            if !self.epochs.contains(epoch) { self.epochs.append(epoch) }
            self.values[name, default: [:]][epoch] = value
        }
    }

    /// As it prints.
    func frame(_ context: Context) throws -> Value {
        try dataFrame(
            [("epoch", .ints(epochs))]
                + names.map { name in
                    (name, texts(epochs.map { epoch in RunsPrinting.number(values[name]?[epoch] ?? .na) }))
                }, context)
    }
}
