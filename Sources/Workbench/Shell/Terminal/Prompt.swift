import CLineEditor
import Diagnostics
import Glibc
import PluginAPI
import Session

/// The prompt: reads, runs, reads again, until `q()` or Ctrl-D.
final class Prompt {
    private let session: Session
    private let editor: LineEditor
    private let history: HistoryFile?
    /// Lines of an expression that is not complete yet.
    private var pending = ""
    /// That the history cannot be written is said once.
    private var hasSaidHistory = false

    private var context: Context { session.context }

    /// A prompt of a session on a terminal.
    init(session: Session, editor: LineEditor, history: HistoryFile?) {
        self.session = session
        self.editor = editor
        self.history = history
        for entry in history?.load() ?? [] { editor.remember(entry) }
        editor.complete(with: { [weak self] text, before in self?.completion(text, before) ?? CompletionEdit() })
        session.context.console.readLine = { [weak self] prompt in try self?.answer(to: prompt) }
    }

    /// What is shown first.
    static let banner = """
        workbench \(workbenchVersion), R for deep learning on images
        ?name explains a function, Tab completes names, q() leaves

        """

    /// Runs until the person leaves; returns the exit status.
    func run() -> Int32 {
        while true {
            context.console.flush()
            workbench_interrupt_flag()?.pointee = 0
            let prompt = option(pending.isEmpty ? "prompt" : "continue", pending.isEmpty ? "> " : "+ ")
            switch context.released({ editor.read(prompt: prompt) }) {
            case .text(let text):
                if let status = take(text, prompt: prompt) { return status }
            case .interrupted: pending = ""
            case .end:
                if let status = leave() { return status }
            case .terminated: break
            }
            let signal = workbench_signal_received()
            if signal != 0 { return 128 + signal }
        }
    }

    /// Ctrl-D is `q()`: it asks what that asks, and may be answered with going on.
    private func leave() -> Int32? {
        pending = ""
        context.console.write("\n")
        var block = InputBlock("q()")
        while let step = block.next() {
            if case .run(let expressions) = step.action, case .quit(let status) = session.run(expressions) {
                return status
            }
        }
        return nil
    }

    private func option(_ name: String, _ fallback: String) -> String {
        guard case .character(let text)? = context.options[name], let first = text.elements.first else {
            return fallback
        }
        return first?.string ?? fallback
    }

    // MARK: Running what was entered

    /// Runs the complete expressions of a text and keeps what is not complete. Returns an exit status when asked to quit.
    private func take(_ text: String, prompt: String) -> Int32? {
        let linesBefore = pending.isEmpty ? 0 : pending.utf8.count { $0 == UInt8(ascii: "\n") } + 1
        var block = InputBlock(pending.isEmpty ? text : pending + "\n" + text)
        pending = ""
        // A block of several lines is shown again line by line, each with its prompt and what it prints below it, as if
        // it had been typed: the editor's picture of it goes.
        if text.utf8.contains(UInt8(ascii: "\n")), editor.rowsShown > 0 {
            context.console.write("\u{1B}[\(editor.rowsShown)A\r\u{1B}[J")
            block.shownLines = linesBefore
        }
        var lastInterrupt: Double?
        while let step = block.next() {
            show(step.lines, step.continues)
            if let entry = step.entry { remember(entry) }
            if let comment = step.comment { session.record(comments: [comment]) }
            switch step.action {
            case .nothing: break
            case .report(let error): session.report(error)
            case .wait(let rest): pending = rest
            case .run(let expressions):
                let outcome = session.run(expressions)
                if case .quit(let status) = outcome { return status }
                if workbench_signal_received() != 0 { return nil }
                guard outcome == .interrupted else { break }
                // The rest of a paste goes on after Ctrl-C; twice within two seconds drops it.
                let now = monotonicSeconds()
                if let last = lastInterrupt, now - last < 2 { return nil }
                lastInterrupt = now
            }
        }
        return nil
    }

    /// Shows lines of a pasted block with their prompts.
    private func show(_ lines: [String], _ continues: [Bool]) {
        guard !lines.isEmpty else { return }
        let first = option("prompt", "> ")
        let further = option("continue", "+ ")
        for (line, isFurther) in zip(lines, continues) {
            context.console.write((isFurther ? further : first) + line + "\n")
        }
    }

    private func remember(_ entry: String) {
        editor.remember(entry)
        guard let history, let reason = history.append(entry), !hasSaidHistory else { return }
        hasSaidHistory = true
        context.console.writeError("The history is not kept: cannot write '\(history.path)': \(reason).\n")
    }

    // MARK: What code and Tab ask for

    /// `readline()`.
    private func answer(to prompt: String) throws -> String? {
        context.console.flush()
        switch context.released({ editor.read(prompt: prompt) }) {
        case .text(let text): return text
        case .end: return nil
        case .interrupted: throw Interrupt()
        case .terminated: throw QuitRequest(status: 128 + workbench_signal_received())
        }
    }

    private func completion(_ text: String, _ before: Int) -> CompletionEdit {
        let bytes = Array(text.utf8.prefix(max(0, before)))
        let head = pending.isEmpty ? "" : pending + "\n"
        let typed = head + String(decoding: bytes, as: UTF8.self)
        let completer = Completer(context: context, deadline: Deadline(milliseconds: 50))
        // While something evaluates in the background Tab waits no longer than it may take.
        let isMine = context.lock.isHeldHere
        guard isMine || context.lock.acquire(milliseconds: 50) else { return CompletionEdit() }
        defer { if !isMine { context.lock.release() } }
        return completer.edit(typed)
    }
}
