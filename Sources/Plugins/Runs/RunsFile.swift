import Diagnostics
import Glibc
import PluginAPI

/// The file that keeps the runs, and what it may fail of.
///
/// One SQLite file with a rollback journal: it works on network folders, and copies of it open anywhere. Each write is one
/// transaction, so that shells side by side lose nothing and a crash leaves whole rows.
struct RunsFile: Equatable {
    /// Absolute path.
    let path: String

    /// Seconds to wait for other programs: a fit when it begins, after its epochs and when it ends (what is lost then is
    /// lost), and `runs()`.
    static let patience = (begin: 1.0, epoch: 0.2, end: 2.0, reading: 2.0)

    // MARK: Which file

    /// What `options(workbench.runs = )` says.
    enum Choice: Equatable {
        /// Nothing goes on record.
        case off
        /// This file.
        case file(RunsFile)
        /// Nothing sensible; what is wrong with it.
        case wrong(String)
    }

    /// `TRUE` is the file of the user, a path another; `FALSE`, and a session that nobody told, keep none.
    static func choice(_ context: Context) -> Choice {
        context.options["workbench.runs"].map { choice($0, context) } ?? .off
    }

    /// An option, checked where it is set; a path means the file it is then, also after `setwd()`.
    static func registerOption(_ registry: Registry) {
        registry.optionChecks.add("workbench.runs") { value, context in
            // A user without a folder is told when a fit begins.
            if case .logical(let flag) = value, flag.count == 1, flag[0] == true { return }
            guard case .wrong(let reason) = choice(value, context) else { return }
            throw WorkbenchError(.value, reason, hint: "options(workbench.runs = FALSE) keeps none")
        }
        registry.optionChecks.addReading("workbench.runs") { value, context in
            guard case .character = value, case .file(let file) = choice(value, context) else { return value }
            return .string(file.path)
        }
    }

    private static func choice(_ option: Value, _ context: Context) -> Choice {
        if case .character(let text) = option, text.count == 1, let path = text[0]?.string, !path.isEmpty {
            return .file(RunsFile(path: context.resolvedPath(path)))
        }
        guard case .logical(let flag) = option, flag.count == 1, let isOn = flag[0] else {
            let shown = context.deparse(option).first ?? ""
            return .wrong("options(workbench.runs = ) must be TRUE, FALSE or the path of a file, not \(shown)")
        }
        guard isOn else { return .off }
        guard let file = ofUser() else {
            return .wrong("neither XDG_DATA_HOME nor HOME is an absolute path, so there is no folder to keep runs in")
        }
        return .file(file)
    }

    /// The file of the user: `$XDG_DATA_HOME/workbench/runs.sqlite`, else `~/.local/share/workbench/runs.sqlite`.
    static func ofUser() -> RunsFile? {
        UserFolder.data.path.map { RunsFile(path: $0 + "/runs.sqlite") }
    }

    // MARK: Access

    /// Runs a body as one transaction; makes the file if there is none.
    ///
    /// - Parameter patience: Seconds to wait for other programs.
    /// - Returns: What the body returns, and whether there were no runs before.
    /// - Throws: `.data` with what is wrong with the file.
    func write<Result>(
        patience: Double, _ body: (Database) throws -> Result
    ) throws -> (result: Result, isNew: Bool) {
        try naming("cannot write") {
            try create()
            let database = try Database(path, creating: true, patience: patience)
            return try database.writing {
                let isNew = try RunsSchema.update(database, of: path)
                return (try body(database), isNew)
            }
        }
    }

    /// Runs a body that reads.
    ///
    /// - Returns: Nil if there is no file yet.
    /// - Throws: `.data` with what is wrong with the file.
    func read<Result>(_ body: (Database) throws -> Result) throws -> Result? {
        try naming("cannot read") {
            var status = stat()
            guard stat(path, &status) == 0 else {
                if errno == ENOENT || errno == ENOTDIR { return nil }
                throw WorkbenchError(.data, "cannot read '\(path)': \(String(cString: strerror(errno)))")
            }
            let database = try Database(path, creating: false, patience: RunsFile.patience.reading)
            let version = try database.reading { try RunsSchema.version(database, of: path) }
            if version == 0 { return nil }
            if version < RunsSchema.version { _ = try write(patience: RunsFile.patience.reading) { _ in } }
            return try database.reading { try body(database) }
        }
    }

    /// Makes folder and file, for nobody but the user: what is run is nobody else's business.
    private func create() throws {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let number = UserFolder.make(folder)
        guard number == 0 else {
            throw WorkbenchError(.data, "cannot make the folder '\(folder)': \(String(cString: strerror(number)))")
        }
        // Only where there is no file: closing another descriptor of it would drop SQLite's locks in this process.
        var status = stat()
        guard stat(path, &status) != 0 else { return }
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if file >= 0 {
            close(file)
        } else if errno != EEXIST {
            throw WorkbenchError(.data, "cannot write '\(path)': \(String(cString: strerror(errno)))")
        }
    }

    /// Runs a body; what SQLite says becomes an error that names the file.
    private func naming<Result>(_ what: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let failure as Database.Failure {
            var hint: String?
            if failure.isLocked {
                hint = "another program holds the file"
            } else if failure.isForeign {
                hint = "move it away, and a new one is made: file.rename(\"\(path)\", \"\(path).old\")"
            }
            throw WorkbenchError(.data, "\(what) '\(path)': \(failure.reason)", hint: hint)
        }
    }
}
