import Diagnostics
import Glibc
import PluginAPI

/// `luz_callback_csv_logger()`: one row for each phase of an epoch: `1,"train",5.1160321871234,0.01283`.
///
/// The first epoch of an object starts the file anew; later ones, in later fits too, append.
final class CSVLogger: SettingsCallback {
    private var appends = false
    private var columns: [String] = []

    init(_ args: Arguments) throws {
        super.init(["csv_logger_callback"], args)
        _ = try text("path")
    }

    override func listens(to event: TrainingEvent) -> Bool { event == .epochEnd }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        guard event == .epochEnd else { return }
        let rows = ["train", "valid"].compactMap { set -> (set: String, values: [(name: String, text: String)])? in
            training.metricValues(set, epoch: training.epoch).map { (set, CSVLogger.cells($0)) }
        }
        try agree(rows, training)
        var text = appends ? "" : (["epoch", "set"] + columns).map(CSVLogger.quoted).joined(separator: ",") + "\n"
        for row in rows {
            let cells = columns.map { name in row.values.first { $0.name == name }?.text ?? "NA" }
            text += ([String(training.epoch), CSVLogger.quoted(row.set)] + cells).joined(separator: ",") + "\n"
        }
        let path = try self.text("path")
        if appends {
            try write(text, to: training.session.resolvedPath(path), named: path, O_APPEND, training.session)
        } else {
            try replace(with: text, path, training.session)
        }
        appends = true
    }

    /// Columns are settled by the first epoch. Phases with different metrics leave cells empty (NA).
    private func agree(_ rows: [(set: String, values: [(name: String, text: String)])], _ training: TrainingContext)
        throws
    {
        let names = rows.map { $0.values.map { $0.name } }
        if training.session.isAsPublished, let first = names.first, names.contains(where: { $0 != first }) {
            throw WorkbenchError(.value, "numbers of columns of arguments do not match")
        }
        var all: [String] = []
        for name in names.joined() where !all.contains(name) { all.append(name) }
        if !appends {
            columns = all
        } else if let new = all.first(where: { !columns.contains($0) }) {
            throw WorkbenchError(
                .value,
                "metric \"\(new)\" has no column in '\(try text("path"))', whose header has \(columns.joined(separator: ", "))",
                hint: "log it from the first epoch on, or use a new luz_callback_csv_logger()")
        }
    }

    /// Numbers with 15 digits; a metric that is a list has a column for each element, `both.a`.
    private static func cells(_ metrics: Value, prefix: String = "") -> [(name: String, text: String)] {
        guard case .list(let list) = metrics else { return [] }
        let names = metrics.names
        return list.elements.enumerated().flatMap { place, value -> [(name: String, text: String)] in
            let name = prefix + (names?[place]?.string ?? "V\(place + 1)")
            if case .list = value { return cells(value, prefix: name + ".") }
            if case .character(let text) = value { return [(name, quoted(text.elements.first??.string ?? "NA"))] }
            let number = (try? value.asDoubles().elements.first) ?? .nan
            return [(name, number.isNaN ? "NA" : numberText(number))]
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars { result += scalar == "\"" ? "\"\"" : String(scalar) }
        return result + "\""
    }

    // MARK: File

    private func replace(with text: String, _ path: String, _ context: Context) throws {
        let target = context.resolvedPath(path)
        let temporary = "\(target).\(getpid()).part"
        try write(text, to: temporary, named: path, O_TRUNC, context)
        guard rename(temporary, target) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(temporary)
            throw WorkbenchError(.data, "cannot write '\(path)': \(reason)")
        }
    }

    private func write(_ text: String, to target: String, named path: String, _ mode: Int32, _ context: Context) throws
    {
        let file = open(target, O_WRONLY | O_CREAT | O_CLOEXEC | mode, 0o666)
        guard file >= 0 else {
            let reason = String(cString: strerror(errno))
            try context.warn("cannot open file '\(path)': \(reason)")
            throw WorkbenchError(
                .data, "cannot open the connection", hint: "'\(path)' cannot be written: \(reason)")
        }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let reason = String(cString: strerror(errno))
                close(file)
                throw WorkbenchError(.data, "cannot write '\(path)': \(reason)")
            }
            bytes = bytes.dropFirst(count)
        }
        guard close(file) == 0 else {
            throw WorkbenchError(.data, "cannot write '\(path)': \(String(cString: strerror(errno)))")
        }
    }

    override func field(_ name: String, context: Context) throws -> Value? {
        name == "append" ? .flag(appends) : try super.field(name, context: context)
    }

    override func setField(_ name: String, _ value: Value, context: Context) throws {
        guard name == "append" else { return try super.setField(name, value, context: context) }
        appends = (try value.asLogicals().elements.first ?? false) ?? false
    }
}

func registerCSVLogger(_ luz: Namespace) {
    luz.callback(
        "luz_callback_csv_logger", [.value("path", help: "file, started anew by each new logger")],
        help: "Writes the metrics of each epoch to a csv file"
    ) { args in try CSVLogger(args) }
}
