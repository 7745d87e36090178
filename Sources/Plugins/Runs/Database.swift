import CSQLite
import Glibc

/// A value in a table.
enum SQLValue: Equatable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
}

/// A connection to an SQLite file. Everything it does is over soon: it waits for the locks of other programs up to a
/// moment fixed when it is opened, however many statements it runs.
final class Database {
    /// What SQLite refused, in its words.
    struct Failure: Error {
        /// SQLite's primary result code.
        let code: Int32
        /// Its message.
        let reason: String

        /// Another program holds the file.
        var isLocked: Bool { code == SQLITE_BUSY || code == SQLITE_LOCKED }
        /// The file is none of SQLite's.
        var isForeign: Bool { code == SQLITE_NOTADB || code == SQLITE_CORRUPT }
    }

    private var handle: OpaquePointer?
    private let deadline: Double

    // MARK: Opening

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: Absolute path.
    ///   - creating: Make the file if there is none.
    ///   - patience: Seconds to wait for other programs, over all statements.
    init(_ path: String, creating: Bool, patience: Double) throws(Failure) {
        deadline = Database.now() + patience
        let flags = SQLITE_OPEN_READWRITE | (creating ? SQLITE_OPEN_CREATE : 0)
        let code = sqlite3_open_v2(path, &handle, flags, nil)
        guard code == SQLITE_OK else { throw failure(code) }
        sqlite3_busy_handler(
            handle,
            { database, _ in
                guard let database else { return 0 }
                return Unmanaged<Database>.fromOpaque(database).takeUnretainedValue().waitsOn() ? 1 : 0
            }, Unmanaged.passUnretained(self).toOpaque())
        // Functions that a schema names are not trusted: the file may come from anywhere.
        try execute("PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON")
    }

    deinit { sqlite3_close_v2(handle) }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Sleeps a little, if there is time left to wait for a lock.
    private func waitsOn() -> Bool {
        guard Database.now() < deadline else { return false }
        usleep(5000)
        return true
    }

    private func failure(_ code: Int32) -> Failure {
        let reason = handle.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
        return Failure(code: code & 0xFF, reason: reason.map { String(cString: $0) } ?? "code \(code)")
    }

    // MARK: Statements

    /// Runs statements, separated by semicolons; values go to the placeholders of the first.
    func execute(_ sql: String, _ values: [SQLValue] = []) throws(Failure) { try each(sql, values) { _ in } }

    /// Runs statements and hands out the rows of their results.
    func each(_ sql: String, _ values: [SQLValue] = [], _ body: (Row) -> Void) throws(Failure) {
        let text = Array(sql.utf8CString)
        let code: Int32 = text.withUnsafeBufferPointer { buffer in
            var rest = buffer.baseAddress
            var values = values[...]
            while let start = rest, start.pointee != 0 {
                var statement: OpaquePointer?
                let prepared = sqlite3_prepare_v2(handle, start, -1, &statement, &rest)
                guard prepared == SQLITE_OK else { return prepared }
                defer { sqlite3_finalize(statement) }
                // Blanks and comments are no statement.
                guard let statement else { continue }
                let bound = Database.bind(values, to: statement)
                guard bound == SQLITE_OK else { return bound }
                values = []
                var step = sqlite3_step(statement)
                while step == SQLITE_ROW {
                    body(Row(statement: statement))
                    step = sqlite3_step(statement)
                }
                guard step == SQLITE_DONE else { return step }
            }
            return SQLITE_OK
        }
        guard code == SQLITE_OK else { throw failure(code) }
    }

    private static func bind(_ values: ArraySlice<SQLValue>, to statement: OpaquePointer) -> Int32 {
        for (place, value) in values.enumerated() {
            let number = Int32(clamping: place + 1)
            let code: Int32
            switch value {
            case .null: code = sqlite3_bind_null(statement, number)
            case .integer(let whole): code = sqlite3_bind_int64(statement, number, whole)
            case .real(let real): code = sqlite3_bind_double(statement, number, real)
            case .text(let text):
                // With a byte behind them: an empty array has no address, and a null pointer would be NULL.
                let bytes = Array(text.utf8) + [0]
                // SQLITE_TRANSIENT, which C writes as a cast that Swift does not import: SQLite copies the bytes.
                let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
                code = bytes.withUnsafeBytes {
                    sqlite3_bind_text(
                        statement, number, $0.baseAddress?.assumingMemoryBound(to: CChar.self),
                        Int32(clamping: bytes.count - 1), copies)
                }
            }
            guard code == SQLITE_OK else { return code }
        }
        return SQLITE_OK
    }

    /// A row of a result; valid inside the body it is given to.
    struct Row {
        fileprivate let statement: OpaquePointer

        /// The value of a column, from 0.
        subscript(column: Int32) -> SQLValue {
            switch sqlite3_column_type(statement, column) {
            case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
            case SQLITE_FLOAT: return .real(sqlite3_column_double(statement, column))
            case SQLITE_TEXT:
                guard let bytes = sqlite3_column_text(statement, column) else { return .null }
                let count = Int(sqlite3_column_bytes(statement, column))
                return .text(String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self))
            default: return .null
            }
        }

        /// A whole number, nil for anything else.
        func whole(_ column: Int32) -> Int? {
            if case .integer(let whole) = self[column] { return Int(whole) }
            return nil
        }

        /// A number, nil for anything else.
        func number(_ column: Int32) -> Double? {
            switch self[column] {
            case .integer(let whole): return Double(whole)
            case .real(let real): return real
            default: return nil
            }
        }

        /// A text, nil for anything else.
        func text(_ column: Int32) -> String? {
            if case .text(let text) = self[column] { return text }
            return nil
        }
    }

    /// The number of the row that was inserted last.
    var lastInserted: Int { Int(sqlite3_last_insert_rowid(handle)) }

    /// Rows that the last statement changed.
    var changes: Int { Int(sqlite3_changes(handle)) }

    // MARK: Transactions

    /// Runs a body as one transaction that writes; what it throws takes everything back.
    func writing<Result>(_ body: () throws -> Result) throws -> Result {
        try execute("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            try? execute("ROLLBACK")
            throw error
        }
    }

    /// Runs a body that sees the file as it is now, whatever others write meanwhile.
    func reading<Result>(_ body: () throws -> Result) throws -> Result {
        try execute("BEGIN")
        defer { try? execute("ROLLBACK") }
        return try body()
    }
}
