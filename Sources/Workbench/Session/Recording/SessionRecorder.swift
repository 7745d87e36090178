import Diagnostics
import Glibc
import Language
import PluginAPI

/// Writes what is typed, and behind it what it printed, into a session script while the session goes on.
///
/// Each expression is added with one write as soon as it has run, so that a crash loses none before it. Standard output is
/// recorded as `#>` lines; standard error, where progress and times are shown, only for an expression that failed (`#!`).
/// What the person answered to `readline()` is kept as `#<` lines, from which a replay answers. An expression that was
/// ended with Ctrl-C is kept as a comment: nobody can press the key again at the same place.
final class SessionRecorder {
    /// The script, absolute; nil while nothing is recorded.
    private(set) var path: String?
    private var file: Int32 = -1
    /// Whose output is kept while it records.
    private var console: Console?
    private var out = ""
    private var error = ""
    private var answers: [String] = []
    /// Columns that outputs have when a replay comes here; nil where the beginning of the script is not ours.
    private var impliedWidth: Int?
    /// Columns that outputs had when the expression began.
    private var width = SessionRecorder.replayWidth
    /// How the console reads a line without a recorder.
    private var readLine: ((_ prompt: String) throws -> String?)?

    /// Columns of outputs when a replay begins.
    private static let replayWidth = 80

    /// How an expression ended.
    enum End {
        case finished, failed, interrupted
    }

    deinit { stop() }

    /// Whether it records.
    var isOn: Bool { path != nil }

    /// Begins a script.
    ///
    /// - Parameter appending: Goes on with a script that exists; else an existing one is an error.
    /// - Throws: `.data` naming the file and the reason.
    func start(_ path: String, appending: Bool, _ console: Console) throws {
        if let running = self.path {
            throw WorkbenchError(.value, "a recording to '\(running)' is under way", hint: "record() ends it")
        }
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (appending ? 0 : O_EXCL)
        let made = open(path, flags, 0o666)
        guard made >= 0 else {
            if errno == EEXIST {
                throw WorkbenchError(
                    .data, "'\(path)' exists already", hint: "another name, or record(\"…\", append = TRUE)")
            }
            throw WorkbenchError(.data, "cannot write '\(path)': \(String(cString: strerror(errno)))")
        }
        file = made
        impliedWidth = lseek(made, 0, SEEK_END) > 0 ? nil : SessionRecorder.replayWidth
        self.path = path
        self.console = console
        console.observer = { [weak self] text, isError in self?.take(text, isError: isError) }
        guard let read = console.readLine else { return }
        readLine = read
        console.readLine = { [weak self] prompt in
            let answer = try read(prompt)
            // The end of what is typed has no line; asked without a prompt (readLines()) it ends the lines.
            if let text = answer ?? (prompt.isEmpty ? nil : "") { self?.answers.append(text) }
            return answer
        }
    }

    /// The script is not the file any more that this began: removed, or replaced by another of its name.
    var isGone: Bool {
        var here = stat()
        var there = stat()
        guard let path, file >= 0, fstat(file, &here) == 0 else { return false }
        return stat(path, &there) != 0 || here.st_ino != there.st_ino || here.st_dev != there.st_dev
    }

    /// Ends the script.
    /// - Returns: Its path, nil if nothing was recorded.
    @discardableResult
    func stop() -> String? {
        defer { path = nil }
        if file >= 0 { close(file) }
        file = -1
        console?.observer = nil
        if let readLine { console?.readLine = readLine }
        readLine = nil
        console = nil
        return path
    }

    // MARK: What happens

    /// Keeps what the console writes.
    private func take(_ text: String, isError: Bool) { if isError { error += text } else { out += text } }

    /// Begins an expression.
    /// - Parameter width: Columns of outputs (`options("width")`).
    func begin(width: Int) {
        forget()
        self.width = width
    }

    /// Adds expressions that have run.
    ///
    /// - Parameters:
    ///   - code: The lines they stand on.
    ///   - end: How they ended.
    ///   - width: Columns of outputs from now on.
    /// - Throws: `.data` if the script cannot be written any more; it is closed then.
    func add(_ code: [String], _ end: End, width: Int) throws {
        defer { forget() }
        var lines = code
        if end == .interrupted {
            lines = ["# ended with Ctrl-C:"] + code.map { "# " + $0 }
        } else {
            lines += answers.map { $0.isEmpty ? "#<" : "#< " + $0 }
            lines += screenLines(out).map { ReplayScript.recorded($0, mark: "#>") }
        }
        if end == .failed {
            let message = ReplayBlockResult.recorded(screenLines(error))
            lines += message.last == "#! ..." ? message : message + ["#! ..."]
        }
        if end != .interrupted {
            // A terminal is as wide as it is, a replay 80 columns.
            if self.width != impliedWidth { lines.insert("options(width = \(self.width)L)", at: 0) }
            impliedWidth = width
        }
        try write(lines)
    }

    /// Adds a comment that was typed alone. What looks like recorded output is left out: it is none of this script.
    func add(comment: String) throws {
        let text = comment.drop { $0 == " " || $0 == "\t" }
        guard text.utf8.first == UInt8(ascii: "#"), !["#>", "#!", "#<"].contains(where: { comment.hasPrefix($0) })
        else { return }
        try write([comment])
    }

    private func write(_ lines: [String]) throws {
        guard file >= 0, let path else { return }
        guard !isGone else {
            stop()
            throw WorkbenchError(
                .data, "'\(path)' was removed or replaced while it was recorded: what it held is lost",
                hint: "the recording ends here; record(\"…\") begins another")
        }
        let length = lseek(file, 0, SEEK_END)
        let fault = writeAll(Array((lines.joined(separator: "\n") + "\n").utf8), to: file)
        guard fault == 0 else {
            // Half an expression would make the script one that does not parse.
            if length >= 0 { ftruncate(file, length) }
            stop()
            throw WorkbenchError(
                .data, "cannot write '\(path)': \(String(cString: strerror(fault)))", hint: "the recording ends here")
        }
    }

    /// Forgets what came since the last expression.
    func forget() { (out, error, answers) = ("", "", []) }
}

extension Context {
    /// The recorder of the session.
    var recorder: SessionRecorder { storage(SessionRecorder.self) { SessionRecorder() } }
}
