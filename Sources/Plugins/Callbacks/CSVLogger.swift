import Diagnostics
import Glibc
import PluginAPI

/// `luz_callback_csv_logger()`: one row for each phase of an epoch: `1,"train",5.1160321871234,0.01283`.
///
/// The first epoch of an object starts the file anew; later ones, in later fits too, append. A fit that goes on from a
/// checkpoint cuts the file to where it was then.
final class CSVLogger: SettingsCallback, @unchecked Sendable {
    private var appends = false
    private var columns: [String] = []
    /// Length of the file behind the last row, and below the epoch of that row.
    private var size = 0
    private var lastEpoch = 0

    init(_ args: Arguments) throws {
        super.init(["csv_logger_callback"], args)
        _ = try text("path")
    }

    override func listens(to event: TrainingEvent) -> Bool { event == .epochEnd }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        guard event == .epochEnd else { return }
        let rows = rows(of: training.epoch, training)
        try agree(rows, training)
        let path = try self.text("path")
        let target = training.session.resolvedPath(path)
        try writing(path, training.session) {
            if appends {
                size = try AtomicFile.append(Array(text(rows, training.epoch).utf8), to: target)
            } else {
                let whole = Array((header + text(rows, training.epoch)).utf8)
                let file = try AtomicFile(target)
                try file.write(whole)
                try file.commit()
                size = whole.count
            }
        }
        lastEpoch = training.epoch
        appends = true
    }

    // MARK: Rows

    private typealias Row = (set: String, values: [(name: String, text: String)])

    private func rows(of epoch: Int, _ training: TrainingContext) -> [Row] {
        ["train", "valid"].compactMap { set in
            training.metricValues(set, epoch: epoch).map { (set, CSVLogger.cells($0)) }
        }
    }

    private var header: String {
        (["epoch", "set"] + columns).map(CSVLogger.quoted).joined(separator: ",") + "\n"
    }

    private func text(_ rows: [Row], _ epoch: Int) -> String {
        rows.map { row in
            let cells = columns.map { name in row.values.first { $0.name == name }?.text ?? "NA" }
            return ([String(epoch), CSVLogger.quoted(row.set)] + cells).joined(separator: ",") + "\n"
        }.joined()
    }

    /// Columns are settled by the first epoch. Phases with different metrics leave cells empty (NA).
    private func agree(_ rows: [Row], _ training: TrainingContext) throws {
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

    /// Runs a body that writes; R's error for a file that cannot be opened.
    private func writing(_ path: String, _ context: Context, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let failure as AtomicFile.Failure {
            guard failure.step == .open else {
                throw WorkbenchError(.data, "cannot write '\(path)': \(failure.reason)")
            }
            try context.warn("cannot open file '\(path)': \(failure.reason)")
            throw WorkbenchError(
                .data, "cannot open the connection", hint: "'\(path)' cannot be written: \(failure.reason)")
        }
    }

    // MARK: Going on

    override func progressState(_ training: TrainingContext) throws -> Value? {
        guard appends else { return nil }
        return .named([
            ("columns", .strings(columns)), ("length", .number(Double(size))), ("epoch", .int(lastEpoch)),
        ])
    }

    override func restoreProgress(_ state: Value, _ training: TrainingContext) throws {
        func number(_ name: String) -> Int? {
            (try? TrainingContext.element(state, name)?.asDoubles().elements.first).flatMap { Int(exactly: $0) }
        }
        guard let names = try TrainingContext.element(state, "columns")?.asCharacters().elements,
            let known = number("length"), let epoch = number("epoch")
        else { return }
        columns = names.map { $0?.string ?? "" }
        (appends, lastEpoch) = (true, epoch)
        // A fit that goes on from a fitted model adds to what is there.
        guard training.epochsBefore == 0 else { return }
        size = known
        let path = try text("path")
        let target = training.session.resolvedPath(path)
        try writing(path, training.session) {
            if begins(target, with: Array(header.utf8), length: known) {
                return try AtomicFile.cut(target, to: known)
            }
            try training.session.message(
                "'\(path)' is not the log of this fit as it was: it is written anew from the records\n")
            let lines = (1...max(1, epoch)).map { text(rows(of: $0, training), $0) }.joined()
            let whole = Array((header + lines).utf8)
            let file = try AtomicFile(target)
            try file.write(whole)
            try file.commit()
            size = whole.count
        }
    }

    /// Whether a file has this beginning and at least this length.
    private func begins(_ path: String, with bytes: [UInt8], length: Int) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, Int(status.st_size) >= length else {
            return false
        }
        var start = [UInt8](repeating: 0, count: bytes.count)
        return pread(file, &start, start.count, 0) == bytes.count && start == bytes
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
