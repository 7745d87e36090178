import Diagnostics
import PluginAPI

/// `compare_runs()`: what differs between runs, and what came of it.
func registerComparison(_ base: Namespace) {
    base.function(
        "compare_runs",
        [.dots],
        help: """
            Puts runs side by side: settings that differ, metrics

            compare_runs(3, 7) takes numbers of runs, compare_runs(runs(last = 3)) rows of runs(). A list: runs (rows of \
            runs()), hyperparameters (a row each: name, differs, and a column for each run), metrics (run, set, metric, epoch, \
            value). plot() draws the curves.
            """
    ) { args in
        let ids = try runNumbers(args)
        let rows = try RunsFile.toRead(args.context).runs(ids)
        return try Value.named([
            ("runs", runsFrame(rows, args.context)), ("hyperparameters", settings(of: rows, args.context)),
            ("metrics", metrics(rows, withRun: true, args.context)),
        ]).setting(Symbol.classAttribute, "run_comparison")
    }
    base.method("print", for: "run_comparison", [.value("x"), .dots], visible: false) { args in
        try ComparisonPrinting(args[0], args.context).print()
        return args[0]
    }
}

/// The numbers of runs among arguments: numbers, and data frames that `runs()` returned; each once.
private func runNumbers(_ args: Arguments) throws -> [Int] {
    var ids: [Int] = []
    for value in args.dotValues {
        var value = value
        if value.inherits("workbench_run") { value = TrainingContext.element(value, "run") ?? .null }
        if value.inherits("data.frame") { value = TrainingContext.element(value, "id") ?? .null }
        guard value.isNumeric, let numbers = try? value.asDoubles().elements else {
            throw WorkbenchError(
                .type, "compare_runs() takes numbers of runs, not \(args.describe(value))",
                hint: "compare_runs(3, 7), or compare_runs(runs(last = 2))")
        }
        for number in numbers {
            guard let id = Int(exactly: number), id >= 1 else {
                throw WorkbenchError(.value, "there is no run \(numberText(number))", hint: "runs() lists them")
            }
            if !ids.contains(id) { ids.append(id) }
        }
    }
    guard !ids.isEmpty, ids.count <= 100 else {
        throw WorkbenchError(
            .value, ids.isEmpty ? "compare_runs() needs numbers of runs" : "\(ids.count) runs are too many to compare",
            hint: ids.isEmpty ? "compare_runs(3, 7); runs() lists them" : "100 at most")
    }
    return ids
}

/// All settings of some runs: name, whether they differ, and a column for each run.
private func settings(of rows: [RunRow], _ context: Context) throws -> Value {
    var names: [String] = []
    for row in rows {
        for setting in row.hyperparameters where !names.contains(setting.name) { names.append(setting.name) }
    }
    let columns = rows.map { row in
        names.map { name in row.hyperparameters.first { $0.name == name }?.value }
    }
    let differs = names.indices.map { place in columns.contains { $0[place] != columns[0][place] } }
    return try dataFrame(
        [("name", texts(names)), ("differs", .logical(Vector(differs.map { Optional($0) })))]
            + zip(rows, columns).map { ("\($0.id)", texts($1)) }, context)
}

/// How a comparison prints: a column for each run.
private struct ComparisonPrinting {
    private let runs: Value
    private let settings: [(name: String, value: Value)]
    private let metrics: Value
    private let ids: [String]
    private let context: Context

    init(_ comparison: Value, _ context: Context) throws {
        runs = TrainingContext.element(comparison, "runs") ?? .null
        settings = (TrainingContext.element(comparison, "hyperparameters") ?? .null).namedItems
        metrics = TrainingContext.element(comparison, "metrics") ?? .null
        ids = try (TrainingContext.element(runs, "id") ?? .null).asCharacters().elements.map { $0?.string ?? "NA" }
        self.context = context
    }

    func print() throws {
        try table(try facts())
        let (differing, same) = try sorted()
        if ids.count > 1 {
            context.console.write(differing.isEmpty ? "\nno setting differs\n" : "\nsettings that differ\n")
            try table(differing)
        } else {
            context.console.write("\nsettings\n")
            try table(same)
        }
        let results = try results()
        if !results.isEmpty {
            context.console.write("\nlast epoch (best loss, its epoch)\n")
            try table(results)
        }
        guard ids.count > 1, !same.isEmpty else { return }
        context.console.write("\nthe same in all: ")
        context.console.write(same.map { "\($0.name) = \($0.cells.first ?? "")" }.joined(separator: ", ") + "\n")
    }

    private typealias Line = (name: String, cells: [String])

    /// What runs are: the first always, the rest where they differ.
    private func facts() throws -> [Line] {
        var lines: [Line] = []
        let always = ["when", "script", "net", "epochs", "seconds", "status"]
        let atDifference = [
            "note", "seed", "r_seed", "parameters", "trainable", "structure", "data", "items", "fingerprint",
            "valid_items", "valid_fingerprint", "folder",
        ]
        for name in always + atDifference {
            guard let value = TrainingContext.element(runs, name) else { continue }
            var cells: [String]
            switch value {
            case .double(let numbers) where name != "when":
                cells = numbers.elements.map {
                    name == "seconds" ? RunsPrinting.number($0) : $0.isNaN ? "-" : numberText($0)
                }
            case _ where name == "when":
                cells = try RunsPrinting.minutes(value, context).asCharacters().elements.map { $0?.string ?? "-" }
            default: cells = try value.asCharacters().elements.map { $0?.string ?? "-" }
            }
            if name == "script" { cells = cells.map { RunsPrinting.fileName($0) } }
            if atDifference.contains(name), !cells.contains(where: { $0 != cells[0] }) { continue }
            lines.append((name, cells))
        }
        return lines
    }

    /// Settings that differ, and the others.
    private func sorted() throws -> (differing: [Line], same: [Line]) {
        guard let names = try settings.first(where: { $0.name == "name" })?.value.asCharacters().elements else {
            return ([], [])
        }
        let columns = try settings.filter { !["name", "differs"].contains($0.name) }.map {
            try $0.value.asCharacters().elements
        }
        let lines = names.enumerated().map { place, name -> Line in
            (name?.string ?? "", columns.map { place < $0.count ? $0[place]?.string ?? "-" : "-" })
        }
        func differs(_ line: Line) -> Bool { line.cells.contains { $0 != line.cells[0] } }
        return (lines.filter(differs), lines.filter { !differs($0) })
    }

    /// Metrics of the last epoch, and the best loss.
    private func results() throws -> [Line] {
        try runs.namedItems.compactMap { column -> Line? in
            guard column.name.hasPrefix("train_") || column.name.hasPrefix("valid_") || column.name == "best_loss",
                column.name != "valid_items", column.name != "valid_fingerprint"
            else { return nil }
            let values = try column.value.asDoubles().elements
            guard values.contains(where: { RunsPrinting.number($0) != "-" }) else { return nil }
            guard column.name == "best_loss" else { return (column.name, values.map { RunsPrinting.number($0) }) }
            let epochs = try (TrainingContext.element(runs, "best_epoch") ?? .null).asDoubles().elements
            return (
                column.name,
                zip(values, epochs).map { $0.isNaN ? "-" : "\(RunsPrinting.number($0)) (\(RunsPrinting.number($1)))" }
            )
        }
    }

    /// Lines under the numbers of the runs, as a matrix without quotes prints.
    private func table(_ lines: [Line]) throws {
        guard !lines.isEmpty else { return }
        let cells = ids.indices.map { run in lines.map { short(run < $0.cells.count ? $0.cells[run] : "-") } }
        let frame = try dataFrame(zip(ids, cells).map { ($0, texts($1)) }, context)
        let named = try context.call(
            "row.names<-", [Argument(frame), Argument(.strings(lines.map { $0.name }), name: "value")])
        _ = try context.call("print", [Argument(named)])
    }

    private func short(_ text: String) -> String {
        let scalars = text.unicodeScalars
        return scalars.count <= 36 ? text : String(String.UnicodeScalarView(scalars.prefix(35))) + "…"
    }
}
