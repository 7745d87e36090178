import Diagnostics
import PluginAPI

/// `runs()` and how it prints.
func registerList(_ base: Namespace) {
    base.function(
        "runs",
        [.value("last", nil, help: "how many, the newest; all if left out")],
        help: """
            The fits on record, a row each

            A data frame: when, script, net, epochs done and planned, the metrics of the last epoch, the best loss and its \
            epoch, seconds, status (running, finished, stopped by a callback, interrupted by Ctrl-C, failed, ended with the \
            program, cut by a crash), and what print() leaves out: note, seed, parameters, data and its fingerprint, folder.

            The file is $XDG_DATA_HOME/workbench/runs.sqlite, else ~/.local/share/workbench/runs.sqlite, or the one of \
            options(workbench.runs = "FILE"); with options(workbench.runs = FALSE), --no-runs or WORKBENCH_RUNS=off nothing \
            goes on record. get_run(3) has all of one run, compare_runs(3, 7) puts two side by side.
            """
    ) { args in
        var last: Int?
        if !args["last"].isNull {
            guard args["last"].isNumeric, args["last"].length == 1,
                let whole = try args["last"].asDoubles().elements.first.flatMap({ Int(exactly: $0) }), whole >= 0
            else {
                throw WorkbenchError(.value, "`last` must be a number of runs, not \(args.describe(args["last"]))")
            }
            last = whole
        }
        let file = try RunsFile.toRead(args.context)
        return try runsFrame(try file.rows(last: last), args.context)
    }
    base.method("print", for: "workbench_runs", [.value("x"), .dots], visible: false) { args in
        try RunsPrinting(args[0], args.context).print()
        return args[0]
    }
}

/// A data frame of columns; names stay as they are.
func dataFrame(_ columns: [(String, Value)], _ context: Context) throws -> Value {
    try context.call(
        "data.frame",
        columns.map { Argument($0.1, name: Symbol.named($0.0)) } + [Argument(false, name: "check.names")])
}

/// Seconds since 1970 as R's time.
func times(_ seconds: [Double]) -> Value {
    Value.numbers(seconds).setting(Symbol.classAttribute, .strings(["POSIXct", "POSIXt"]))
}

func texts(_ values: [String?]) -> Value { .character(Vector(values.map { $0.map { Text($0) } })) }

func counts(_ values: [Int?]) -> Value {
    .integer(Vector(values.map { $0.flatMap { Int32(exactly: $0) } }))
}

/// Runs as a data frame of class `workbench_runs`.
func runsFrame(_ rows: [RunRow], _ context: Context) throws -> Value {
    func numbers(_ value: (RunRow) -> Double?) -> Value { .numbers(rows.map { value($0) ?? .na }) }
    var columns: [(String, Value)] = [
        ("id", counts(rows.map { $0.id })), ("when", times(rows.map { $0.started })),
        ("script", texts(rows.map { $0.script })), ("net", texts(rows.map { $0.net })),
        ("epochs", counts(rows.map { $0.epochs })), ("planned", counts(rows.map { $0.planned })),
    ]
    // Metrics in the order in which they come first; the losses before all others.
    var names: [(phase: String, name: String)] = [("train", "loss"), ("valid", "loss")]
    for row in rows {
        for measure in row.measures where !names.contains(where: { $0 == (measure.phase, measure.name) }) {
            names.append((measure.phase, measure.name))
        }
    }
    for (phase, name) in names { columns.append(("\(phase)_\(name)", numbers { $0.last(phase, name) })) }
    columns += [
        ("best_loss", numbers { $0.best?.value }), ("best_epoch", counts(rows.map { $0.best?.epoch })),
        ("seconds", numbers { $0.seconds }), ("status", texts(rows.map { $0.status })),
        ("note", texts(rows.map { $0.note })), ("seed", numbers { $0.seed }), ("r_seed", numbers { $0.rSeed }),
        ("parameters", numbers { Double($0.parameters) }), ("trainable", numbers { Double($0.trainable) }),
        ("structure", texts(rows.map { $0.structure })), ("data", texts(rows.map { $0.data })),
        ("items", counts(rows.map { $0.items })), ("fingerprint", texts(rows.map { $0.fingerprint })),
        ("valid_items", counts(rows.map { $0.validItems })),
        ("valid_fingerprint", texts(rows.map { $0.validFingerprint })), ("folder", texts(rows.map { $0.folder })),
    ]
    return try dataFrame(columns, context)
        .setting(Symbol.classAttribute, .strings(["workbench_runs", "data.frame"]))
}
