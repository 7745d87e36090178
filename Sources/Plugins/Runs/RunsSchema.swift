import Diagnostics

/// The tables of a file of runs, and how files of earlier versions get there.
enum RunsSchema {
    /// What takes a file from each version to the next; a file without tables is of version 0. An entry that has been
    /// published is never changed.
    private static let steps = [
        """
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            started REAL NOT NULL, seconds REAL NOT NULL, status TEXT NOT NULL, note TEXT,
            script TEXT NOT NULL, folder TEXT NOT NULL,
            seed INTEGER, r_seed INTEGER,
            net TEXT NOT NULL, parameters INTEGER NOT NULL, trainable INTEGER NOT NULL, structure TEXT NOT NULL,
            data TEXT, items INTEGER, fingerprint TEXT, valid_items INTEGER, valid_fingerprint TEXT,
            planned INTEGER NOT NULL, begun INTEGER NOT NULL, epochs INTEGER NOT NULL);
        CREATE TABLE hyperparameters (
            run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, place INTEGER NOT NULL,
            name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (run, place)) WITHOUT ROWID;
        CREATE TABLE metrics (
            run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, epoch INTEGER NOT NULL,
            phase TEXT NOT NULL, place INTEGER NOT NULL, name TEXT NOT NULL, value REAL,
            PRIMARY KEY (run, epoch, phase, place)) WITHOUT ROWID;
        CREATE TABLE checkpoints (
            run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, path TEXT NOT NULL,
            epoch INTEGER NOT NULL, PRIMARY KEY (run, path)) WITHOUT ROWID;
        """
    ]

    /// The version that is written.
    static var version: Int { steps.count }

    /// Marks a file as one of runs: "WbRn" in SQLite's header.
    private static let applicationID = 0x5762_526E

    /// Version of a file; 0 for one that is empty.
    /// - Throws: `.data` for a file of others, and of a newer workbench.
    static func version(_ database: Database, of path: String) throws -> Int {
        func number(_ sql: String) throws -> Int {
            var number = 0
            try database.each(sql) { number = $0.whole(0) ?? 0 }
            return number
        }
        let (version, application) = (try number("PRAGMA user_version"), try number("PRAGMA application_id"))
        if version == 0, application == 0, try number("SELECT count(*) FROM sqlite_master") == 0 { return 0 }
        guard application == applicationID, version >= 1 else {
            throw WorkbenchError(
                .data, "'\(path)' is an SQLite file, but none of runs",
                hint: "options(workbench.runs = \"other.sqlite\") names another")
        }
        guard version <= RunsSchema.version else {
            throw WorkbenchError(
                .data,
                "'\(path)' has runs of version \(version), and this workbench knows up to version \(RunsSchema.version)",
                hint: "a newer workbench opens it")
        }
        return version
    }

    /// Brings a file to the present version, within a transaction.
    /// - Returns: Whether it was empty.
    /// - Throws: what ``version(_:of:)`` throws, and what SQLite refuses.
    static func update(_ database: Database, of path: String) throws -> Bool {
        let before = try version(database, of: path)
        for step in steps[before...] { try database.execute(step) }
        if before < version {
            try database.execute("PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
        }
        return before == 0
    }
}
