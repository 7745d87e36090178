import Diagnostics
import PluginAPI

/// A run as the file has it.
struct RunRow {
    let id: Int
    let started: Double
    let seconds: Double
    /// ``RunRecord/Status``, or what a file of others has there.
    var status: String
    let note: String?
    let script, folder: String
    let seed, rSeed: Double?
    let net: String
    let parameters, trainable: Int
    let structure: String
    let data: String?
    let items: Int?
    let fingerprint: String?
    let validItems: Int?
    let validFingerprint: String?
    let planned, begun, epochs: Int
    /// All metrics, by epoch.
    var measures: [RunRecord.Measure] = []
    var hyperparameters: [(name: String, value: String)] = []
    var checkpoints: [(path: String, epoch: Int)] = []

    fileprivate static let columns = """
        id, started, seconds, status, note, script, folder, seed, r_seed, net, parameters, trainable, structure, data, \
        items, fingerprint, valid_items, valid_fingerprint, planned, begun, epochs
        """

    fileprivate init?(_ row: Database.Row) {
        guard let id = row.whole(0) else { return nil }
        self.id = id
        started = row.number(1) ?? .nan
        seconds = row.number(2) ?? .nan
        status = row.text(3) ?? ""
        note = row.text(4)
        script = row.text(5) ?? ""
        folder = row.text(6) ?? ""
        (seed, rSeed) = (row.number(7), row.number(8))
        net = row.text(9) ?? ""
        (parameters, trainable) = (row.whole(10) ?? 0, row.whole(11) ?? 0)
        structure = row.text(12) ?? ""
        data = row.text(13)
        items = row.whole(14)
        fingerprint = row.text(15)
        validItems = row.whole(16)
        validFingerprint = row.text(17)
        (planned, begun, epochs) = (row.whole(18) ?? 0, row.whole(19) ?? 0, row.whole(20) ?? 0)
    }

    /// The metrics of one name and phase.
    func curve(_ phase: String, _ name: String) -> [RunRecord.Measure] {
        measures.filter { $0.phase == phase && $0.name == name }
    }

    /// The last epoch's metric; nil if there is none.
    func last(_ phase: String, _ name: String) -> Double? { curve(phase, name).last?.value }

    /// The epoch with the lowest loss, of validation where there is one.
    var best: RunRecord.Measure? {
        let curves = [curve("valid", "loss"), curve("train", "loss")]
        return curves.first { !$0.isEmpty }?.filter { !$0.value.isNaN }.min { $0.value < $1.value }
    }
}

extension RunsFile {
    /// The file that functions read: that of the option, else that of the user, also where nothing goes on record.
    static func toRead(_ context: Context) throws -> RunsFile {
        switch choice(context) {
        case .file(let file): return file
        case .wrong(let reason): throw WorkbenchError(.value, reason)
        case .off:
            guard let file = ofUser() else {
                throw WorkbenchError(
                    .value, "neither XDG_DATA_HOME nor HOME is an absolute path, so there is no folder with runs",
                    hint: "options(workbench.runs = \"runs.sqlite\") names a file")
            }
            return file
        }
    }

    /// Runs with everything known of them, by number; the last ones only, or those of some numbers.
    func rows(last: Int? = nil, ids: [Int]? = nil) throws -> [RunRow] {
        let found = try read { database -> [RunRow] in
            var rows: [RunRow] = []
            let choice = last.map { " ORDER BY id DESC LIMIT \($0)" } ?? " ORDER BY id DESC"
            let some = ids.map { " WHERE id IN (" + $0.map { "\($0)" }.joined(separator: ", ") + ")" } ?? ""
            try database.each("SELECT \(RunRow.columns) FROM runs\(some)\(choice)") { row in
                if let run = RunRow(row) { rows.append(run) }
            }
            rows.reverse()
            var places: [Int: Int] = [:]
            for (place, row) in rows.enumerated() { places[row.id] = place }
            // All that belongs to them lies between the first and the last.
            let ends: [SQLValue] = [.integer(Int64(rows.first?.id ?? 0)), .integer(Int64(rows.last?.id ?? -1))]
            let part = "WHERE run BETWEEN ? AND ? ORDER BY run"
            try database.each("SELECT run, epoch, phase, name, value FROM metrics \(part), epoch, phase, place", ends) {
                guard let place = $0.whole(0).flatMap({ places[$0] }) else { return }
                rows[place].measures.append(
                    .init(
                        epoch: $0.whole(1) ?? 0, phase: $0.text(2) ?? "", name: $0.text(3) ?? "",
                        value: $0.number(4) ?? .nan))
            }
            try database.each("SELECT run, name, value FROM hyperparameters \(part), place", ends) {
                guard let place = $0.whole(0).flatMap({ places[$0] }) else { return }
                rows[place].hyperparameters.append(($0.text(1) ?? "", $0.text(2) ?? ""))
            }
            try database.each("SELECT run, path, epoch FROM checkpoints \(part), epoch, path", ends) {
                guard let place = $0.whole(0).flatMap({ places[$0] }) else { return }
                rows[place].checkpoints.append(($0.text(1) ?? "", $0.whole(2) ?? 0))
            }
            return rows
        }
        var rows = found ?? []
        let running = rows.filter { $0.status == RunRecord.Status.running.rawValue }.map { $0.id }
        let alive = RunLock.held(self, among: running)
        for place in rows.indices where rows[place].status == RunRecord.Status.running.rawValue {
            if !alive.contains(rows[place].id) { rows[place].status = RunRecord.Status.cut.rawValue }
        }
        return rows
    }

    /// The runs of some numbers, in the order of the numbers.
    /// - Throws: `.value` for a number that no run has.
    func runs(_ ids: [Int]) throws -> [RunRow] {
        let rows = try self.rows(ids: ids)
        return try ids.map { id in
            if let row = rows.first(where: { $0.id == id }) { return row }
            let last = try self.rows(last: 1).last
            throw WorkbenchError(
                .value, "there is no run \(id) on record",
                hint: last.map { "the last one is \($0.id); runs() lists them" } ?? "'\(path)' has none yet")
        }
    }
}
