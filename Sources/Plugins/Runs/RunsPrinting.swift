import PluginAPI

/// How a data frame of runs prints: the columns that tell runs apart, in short form.
struct RunsPrinting {
    private let columns: [(name: String, value: Value)]
    private let context: Context

    /// Columns that only code needs, and those that are shown with another.
    private static let hidden: Set = [
        "planned", "best_epoch", "note", "seed", "r_seed", "parameters", "trainable", "structure", "data", "items",
        "fingerprint", "valid_items", "valid_fingerprint", "folder",
    ]

    /// A frame that `runs()` returned, or a part of one.
    init(_ frame: Value, _ context: Context) {
        columns = frame.namedItems
        self.context = context
    }

    /// Prints it.
    func print() throws {
        guard let first = columns.first, first.value.length > 0 else {
            if let file = try? RunsFile.toRead(context), let rows = try? file.rows(last: 1), !rows.isEmpty {
                return context.console.write("no runs chosen of those on record in '\(file.path)'\n")
            }
            let file = (try? RunsFile.toRead(context)).map { " in '\($0.path)'" } ?? ""
            return context.console.write("no runs on record\(file)\n")
        }
        var shown: [(String, Value)] = []
        // Who chooses columns sees the chosen.
        let isWhole = RunsPrinting.hidden.isSubset(of: columns.map { $0.name })
        for column in columns where !isWhole || !RunsPrinting.hidden.contains(column.name) {
            if let value = try short(column, merging: isWhole) { shown.append((column.name, value)) }
        }
        _ = try context.call(
            "print", [Argument(try dataFrame(shown, context)), Argument(false, name: "row.names")])
    }

    /// A column as it is shown; nil if there is nothing in it.
    private func short(_ column: (name: String, value: Value), merging: Bool) throws -> Value? {
        switch column.name {
        case "when": return try RunsPrinting.minutes(column.value, context)
        case "script":
            return texts(try column.value.asCharacters().elements.map { $0.map { RunsPrinting.fileName($0.string) } })
        case "epochs" where merging:
            let planned = try numbers("planned")
            return texts(
                try column.value.asDoubles().elements.enumerated().map { place, done in
                    RunsPrinting.number(done)
                        + (planned.flatMap {
                            place < $0.count && $0[place] > 0 ? "/" + RunsPrinting.number($0[place]) : nil
                        } ?? "")
                })
        case "best_loss" where merging:
            let epochs = try numbers("best_epoch")
            return texts(
                try column.value.asDoubles().elements.enumerated().map { place, loss in
                    RunsPrinting.number(loss)
                        + (loss.isNaN
                            ? ""
                            : epochs.flatMap { place < $0.count ? " (\(RunsPrinting.number($0[place])))" : nil } ?? "")
                })
        case let name
        where name == "seconds" || name == "best_loss" || name.hasPrefix("train_") || name.hasPrefix("valid_"):
            let values = try column.value.asDoubles().elements
            // Beside the loss, one column a metric is enough.
            if merging, name.hasPrefix("train_"), name != "train_loss",
                columns.contains(where: { $0.name == "valid_" + name.dropFirst("train_".count) })
            {
                return nil
            }
            // A metric that none of the runs has is no column.
            guard !merging || values.contains(where: { !$0.isNA }) else { return nil }
            return texts(values.map { RunsPrinting.number($0) })
        default: return column.value
        }
    }

    private func numbers(_ name: String) throws -> [Double]? {
        guard let column = columns.first(where: { $0.name == name }), column.value.length == columns[0].value.length
        else { return nil }
        return try column.value.asDoubles().elements
    }

    // MARK: Text

    /// Four digits; `-` for what is not there.
    static func number(_ number: Double) -> String { number.isNA ? "-" : numberText(number, digits: 4) }

    /// The last part of a path.
    static func fileName(_ path: String) -> String { path.split(separator: "/").last.map { String($0) } ?? path }

    /// Times to the minute, as the clock here has them.
    static func minutes(_ times: Value, _ context: Context) throws -> Value {
        try context.call("format", [Argument(times), Argument("%Y-%m-%d %H:%M", name: "format")])
    }
}
