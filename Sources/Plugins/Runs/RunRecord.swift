import Glibc

/// What is known of a run, and how much of it the file has.
struct RunRecord {
    /// How a run stands or ended. ``cut`` is never written: it is said of runs that should go on and have no process.
    enum Status: String, CaseIterable {
        /// It goes on.
        case running
        /// All its epochs are done.
        case finished
        /// A callback ended it, early stopping mostly.
        case stopped
        /// Ctrl-C ended it.
        case interrupted
        /// An error ended it.
        case failed
        /// The program was asked to end: `q()`, SIGTERM, SIGHUP.
        case ended
        /// Its process was killed or crashed.
        case cut
    }

    /// A metric of a phase in an epoch; NaN is NULL in the file.
    struct Measure: Equatable {
        var epoch: Int
        /// `train` or `valid`.
        var phase: String
        var name: String
        var value: Double
    }

    /// Number in the file; nil before it is there.
    private(set) var id: Int?
    /// What is fixed when it begins.
    let facts: RunFacts
    /// Seconds since 1970, UTC.
    let started: Double
    var status = Status.running
    /// In words: where it went on, what ended it.
    var note: String?
    /// Seconds so far.
    var seconds = 0.0
    /// Whole epochs done, those of earlier fits that it goes on from included.
    var epochs = 0
    /// All metrics so far, epochs in order.
    var measures: [Measure] = []
    var checkpoints: [(path: String, epoch: Int)] = []
    /// Metrics that are in the file.
    private var written = 0

    /// A run that begins now.
    init(_ facts: RunFacts) {
        self.facts = facts
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        started = Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
    }

    /// Writes what the file does not have; all of it, if the file has been taken away.
    ///
    /// - Parameter patience: Seconds to wait for other programs.
    /// - Returns: Whether the file is a new one.
    mutating func save(to file: RunsFile, patience: Double) throws -> Bool {
        let (number, isNew) = try file.write(patience: patience) { database -> Int in
            var number = id
            if let known = number {
                try database.execute(
                    "UPDATE runs SET seconds = ?, status = ?, note = ?, epochs = ? WHERE id = ? AND started = ?",
                    [
                        .real(seconds), .text(status.rawValue), note.map { .text($0) } ?? .null,
                        .integer(Int64(epochs)), .integer(Int64(known)), .real(started),
                    ])
                if database.changes == 0 { number = nil }
            }
            let isThere = number != nil
            let id = try number ?? insert(database)
            try add(measures[(isThere ? written : 0)...], to: id, database)
            for checkpoint in checkpoints {
                try database.execute(
                    "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?)",
                    [.integer(Int64(id)), .text(checkpoint.path), .integer(Int64(checkpoint.epoch))])
            }
            return id
        }
        (id, written) = (number, measures.count)
        return isNew
    }

    private func insert(_ database: Database) throws -> Int {
        var columns: [(name: String, value: SQLValue)] = [
            ("started", .real(started)), ("seconds", .real(seconds)), ("status", .text(status.rawValue)),
            ("note", note.map { .text($0) } ?? .null), ("epochs", .integer(Int64(epochs))),
        ]
        columns += facts.columns
        try database.execute(
            "INSERT INTO runs (\(columns.map { $0.name }.joined(separator: ", "))) "
                + "VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))", columns.map { $0.value })
        let id = database.lastInserted
        for (place, setting) in facts.hyperparameters.enumerated() {
            try database.execute(
                "INSERT INTO hyperparameters VALUES (?, ?, ?, ?)",
                [.integer(Int64(id)), .integer(Int64(place)), .text(setting.name), .text(setting.value)])
        }
        return id
    }

    private func add(_ measures: ArraySlice<Measure>, to id: Int, _ database: Database) throws {
        var place = 0
        var group: (epoch: Int, phase: String) = (-1, "")
        for measure in measures {
            place = group == (measure.epoch, measure.phase) ? place + 1 : 0
            group = (measure.epoch, measure.phase)
            try database.execute(
                "INSERT OR REPLACE INTO metrics VALUES (?, ?, ?, ?, ?, ?)",
                [
                    .integer(Int64(id)), .integer(Int64(measure.epoch)), .text(measure.phase), .integer(Int64(place)),
                    .text(measure.name), .real(measure.value),
                ])
        }
    }
}
