/// Where output goes: standard output and standard error of the session, with the captures that R code puts before them.
///
/// Standard output is flushed before anything is written to standard error, so that the two read in order.
public final class Console: @unchecked Sendable {
    /// Writes text to one of the two streams.
    public typealias Writer = (String) -> Void

    private let out: Writer
    private let error: Writer
    private let flushOut: () -> Void
    /// What output goes through now; each thread that evaluates has its own.
    var redirections = Redirections()
    private var captures: [Capture] {
        get { redirections.captures }
        _modify { yield &redirections.captures }
    }
    private var messageCaptures: [Capture] {
        get { redirections.messages }
        _modify { yield &redirections.messages }
    }

    /// The captures of the two streams, innermost last.
    struct Redirections {
        fileprivate var captures: [Capture] = []
        fileprivate var messages: [Capture] = []

        /// None.
        init() {}

        /// Both streams to one writer.
        init(to writer: @escaping Writer) {
            captures = [Capture(writer: writer)]
            messages = [Capture(writer: writer)]
        }
    }

    /// Where output goes instead: collected, or handed on (R's `sink`).
    fileprivate struct Capture {
        var text = ""
        var writer: Writer?
        /// What was there before gets the text as well.
        var passesOn = false
    }

    /// Columns that printing may use (the option `width`).
    public var width = 80
    /// Standard error is a terminal that understands escapes, so that progress bars and colours make sense.
    public var isInteractiveTerminal = false
    /// Colours may be used (a terminal, and `NO_COLOR` is not set).
    public var usesColor = false

    /// Reads a line from the person at the prompt (without its end; nil at the end of input); nil without a prompt.
    public var readLine: ((_ prompt: String) throws -> String?)?

    /// Told of everything that reaches the two streams.
    public var observer: ((_ text: String, _ isError: Bool) -> Void)?

    /// Standard output is the process's own, and nobody is told of it: programs that the session runs may write there
    /// themselves. Where it is not, their output comes by ``writeBelowCaptures(_:)``.
    public var isPlainOutput: Bool { isProcessOutput && observer == nil }
    /// Set by who connects the console with the process's standard output.
    public var isProcessOutput = false

    /// Connects the two streams.
    public init(out: @escaping Writer, error: @escaping Writer, flush: @escaping () -> Void = {}) {
        self.out = out
        self.error = error
        flushOut = flush
    }

    /// Writes to standard output or to the innermost capture.
    public func write(_ text: String) { deliver(text, to: captures.count - 1) }

    /// Writes to standard output, whatever captures there are: output of programs, which R's `capture.output()` and
    /// `sink()` do not have.
    public func writeBelowCaptures(_ text: String) { deliver(text, to: -1) }

    private func deliver(_ text: String, to level: Int) {
        guard level >= 0 else {
            observer?(text, false)
            return out(text)
        }
        // A writer may write itself (to a connection that is standard output): no capture is being changed meanwhile.
        if let writer = captures[level].writer { writer(text) } else { captures[level].text += text }
        if captures.indices.contains(level), captures[level].passesOn { deliver(text, to: level - 1) }
    }

    /// Writes to standard error or to the innermost capture of messages.
    public func writeError(_ text: String) {
        if messageCaptures.isEmpty {
            flushOut()
            observer?(text, true)
            error(text)
        } else {
            let last = messageCaptures.count - 1
            if let writer = messageCaptures[last].writer { writer(text) } else { messageCaptures[last].text += text }
        }
    }

    /// Flushes standard output.
    public func flush() { flushOut() }

    /// Collects what a body writes to standard output.
    public func capturing(_ body: () throws -> Void) rethrows -> String {
        captures.append(Capture())
        let depth = captures.count
        do {
            try body()
        } catch {
            captures.removeLast(max(0, captures.count - depth + 1))
            throw error
        }
        // The body may have ended this capture itself (`sink()`).
        guard captures.count >= depth else { return "" }
        let text = captures[depth - 1].text
        captures.removeSubrange((depth - 1)...)
        return text
    }

    /// Begins a capture of standard output that ``endCapture()`` ends.
    public func beginCapture() { captures.append(Capture()) }

    /// Ends the innermost capture and returns its text, or nil if there is none.
    public func endCapture() -> String? { captures.popLast()?.text }

    /// Hands standard output on to a writer until ``endCapture()`` (R's `sink`); `split` writes it where it went before
    /// as well.
    public func beginRedirection(split: Bool = false, to writer: @escaping Writer) {
        captures.append(Capture(writer: writer, passesOn: split))
    }

    /// Hands standard error on to a writer, or back to where it went before for nil (R's `sink(type = "message")`).
    public func redirectMessages(to writer: Writer?) {
        if let writer {
            messageCaptures.append(Capture(writer: writer))
        } else {
            _ = messageCaptures.popLast()
        }
    }

    /// Collects what a body writes to standard error.
    public func capturingMessages(_ body: () throws -> Void) rethrows -> String {
        messageCaptures.append(Capture())
        let depth = messageCaptures.count
        do {
            try body()
        } catch {
            messageCaptures.removeLast(max(0, messageCaptures.count - depth + 1))
            throw error
        }
        guard messageCaptures.count >= depth else { return "" }
        let text = messageCaptures[depth - 1].text
        messageCaptures.removeSubrange((depth - 1)...)
        return text
    }
}
