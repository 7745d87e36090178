import Diagnostics
import Glibc
import PluginAPI

/// Runs a session script in a fresh session and compares what it prints with what is recorded in it.
public struct Replay {
    private let file: String
    private let updates: Bool
    private let makeSession: (Console) -> Session

    /// What came of it.
    public struct Report: Sendable {
        /// Everything is as recorded (or has just been recorded).
        public var agrees = true
        /// Ctrl-C ended it.
        public var isInterrupted = false
        /// For the person: differences, then one line about the whole.
        public var text = ""
    }

    /// A replay.
    ///
    /// - Parameters:
    ///   - file: The session script.
    ///   - updates: Write what it prints into the script where that differs.
    ///   - makeSession: Starts a session that writes to a console.
    public init(file: String, updates: Bool = false, makeSession: @escaping (Console) -> Session) {
        self.file = file
        self.updates = updates
        self.makeSession = makeSession
    }

    /// Runs it.
    public func run() -> Report {
        guard let text = Replay.contents(of: file) else {
            let reason = String(cString: strerror(errno))
            return Report(agrees: false, text: "\(file): cannot be read: \(reason)\n")
        }
        let script = ReplayScript(text, file: file)
        let output = CapturedOutput()
        let session = makeSession(output.console)
        // As at the prompt, where scripts are recorded: functions print as they were typed.
        session.context.options["keep.source"] = true
        return session.onDeepStack { run(script, session, output) }
    }

    private func run(_ script: ReplayScript, _ session: Session, _ output: CapturedOutput) -> Report {
        var report = Report()
        var differing = 0
        var updated: [Int: [String]] = [:]
        var hasQuit = false
        var ran = 0
        if let first = script.stray.first, !updates {
            report.agrees = false
            report.text +=
                "\(file):\(first.number): recorded output above the first expression: nothing has printed it\n"
        }
        for line in script.blocks.flatMap({ $0.unread }) {
            report.agrees = false
            report.text +=
                "\(file):\(line.number): '#~ \(inOneLine(line.text, most: 40))' is no tolerance: a number from 0, as in #~ 1e-3\n"
        }
        for block in script.blocks {
            ran += 1
            var answers = block.answers[...]
            session.context.console.readLine = answers.isEmpty ? nil : { _ in answers.popFirst() }
            let outcome = session.run(block.expressions)
            session.context.console.flush()
            let printed = ReplayBlockResult(block, outcome, output.take())
            if outcome == .interrupted {
                report.isInterrupted = true
                report.agrees = false
                report.text += "\(file):\(block.firstLine): interrupted\n"
                return report
            }
            let differences = printed.differences
            if !differences.isEmpty {
                differing += 1
                updated[block.lastLine] = printed.recording
                if !updates { report.text += heading(block, script) + differences }
            }
            if case .quit = outcome {
                hasQuit = true
                break
            }
        }
        if let block = script.blocks.dropFirst(ran).first(where: { !$0.recordedLines.isEmpty }) {
            report.agrees = false
            report.text += "\(file):\(block.firstLine): not run, as q() ended the script before\n"
        }
        if let failure = script.failure, !hasQuit {
            report.agrees = false
            let line = failure.span?.position.line ?? script.source.lineStarts.count
            report.text += "\(file):\(line): \(failure.message)\n"
        }
        conclude(&report, script, ran: ran, differing, updated)
        return report
    }

    private func conclude(
        _ report: inout Report, _ script: ReplayScript, ran count: Int, _ differing: Int, _ updated: [Int: [String]]
    ) {
        if differing == 0, !updates || script.stray.isEmpty {
            report.text += "\(file): \(count) blocks as recorded\n"
        } else if updates {
            // Somebody has to look at what changed.
            report.agrees = false
            if write(script, updated) {
                let stray = script.stray.isEmpty ? "" : ", recorded output above the first expression removed"
                report.text += "\(file): \(differing) of \(count) blocks written anew\(stray)\n"
            } else {
                report.text += "\(file): cannot be written: \(String(cString: strerror(errno)))\n"
            }
        } else {
            report.agrees = false
            report.text += "\(file): \(differing) of \(count) blocks differ\n"
        }
    }

    private func heading(_ block: ReplayScript.Block, _ script: ReplayScript) -> String {
        let code = script.source.line(block.firstLine)
        let more = block.lastLine > block.firstLine ? " …" : ""
        return "\(file):\(block.firstLine): \(code)\(more)\n"
    }

    // MARK: Files

    private func write(_ script: ReplayScript, _ updated: [Int: [String]]) -> Bool {
        var dropped = Set(script.stray.map { $0.number })
        for block in script.blocks where updated[block.lastLine] != nil { dropped.formUnion(block.recordedLines) }
        var lines: [String] = []
        let count = script.source.lineStarts.count
        for number in 1...max(1, count) {
            let line = script.source.line(number)
            if number == count, line.isEmpty { break }
            if !dropped.contains(number) { lines.append(line) }
            lines += updated[number] ?? []
        }
        // No half-written script, whatever happens.
        let text = lines.map { $0 + "\n" }.joined()
        return (try? AtomicFile.write(Array(text.utf8), to: file)) != nil
    }

    private static func contents(of file: String) -> String? {
        guard let stream = fopen(file, "r") else { return nil }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, stream)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return ferror(stream) == 0 ? String(decoding: bytes, as: UTF8.self) : nil
    }
}

/// A console that keeps what is written to it.
public final class CapturedOutput: @unchecked Sendable {
    private var out = ""
    private var error = ""

    /// An empty one.
    public init() {}

    /// The console that writes here.
    public var console: Console { Console(out: { self.out += $0 }, error: { self.error += $0 }) }

    /// What has come since the last time.
    public func take() -> (out: String, error: String) {
        defer {
            out = ""
            error = ""
        }
        return (out, error)
    }
}
