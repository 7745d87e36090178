/// Where output goes: standard output and standard error of the session, with the captures that R code puts before them.
///
/// Standard output is flushed before anything is written to standard error, so that the two read in order.
public final class Console: @unchecked Sendable {
    /// Writes text to one of the two streams.
    public typealias Writer = (String) -> Void

    private let out: Writer
    private let error: Writer
    private let flushOut: () -> Void
    private var captures: [String] = []
    private var messageCaptures: [String] = []

    /// Columns that printing may use (the option `width`).
    public var width = 80
    /// Standard error is a terminal that understands escapes, so that progress bars and colours make sense.
    public var isInteractiveTerminal = false
    /// Colours may be used (a terminal, and `NO_COLOR` is not set).
    public var usesColor = false

    /// Reads a line from the person at the prompt (without its end; nil at the end of input); nil without a prompt.
    public var readLine: ((_ prompt: String) throws -> String?)?

    /// Connects the two streams.
    public init(out: @escaping Writer, error: @escaping Writer, flush: @escaping () -> Void = {}) {
        self.out = out
        self.error = error
        flushOut = flush
    }

    /// Writes to standard output or to the innermost capture.
    public func write(_ text: String) {
        if captures.isEmpty { out(text) } else { captures[captures.count - 1] += text }
    }

    /// Writes to standard error or to the innermost capture of messages.
    public func writeError(_ text: String) {
        if messageCaptures.isEmpty {
            flushOut()
            error(text)
        } else {
            messageCaptures[messageCaptures.count - 1] += text
        }
    }

    /// Flushes standard output.
    public func flush() { flushOut() }

    /// Collects what a body writes to standard output.
    public func capturing(_ body: () throws -> Void) rethrows -> String {
        captures.append("")
        let depth = captures.count
        do {
            try body()
        } catch {
            captures.removeSubrange((depth - 1)...)
            throw error
        }
        let text = captures[depth - 1]
        captures.removeSubrange((depth - 1)...)
        return text
    }

    /// Begins a capture of standard output that ``endCapture()`` ends (R's `sink`).
    public func beginCapture() { captures.append("") }

    /// Ends the innermost capture and returns its text, or nil if there is none.
    public func endCapture() -> String? { captures.popLast() }

    /// Collects what a body writes to standard error.
    public func capturingMessages(_ body: () throws -> Void) rethrows -> String {
        messageCaptures.append("")
        let depth = messageCaptures.count
        do {
            try body()
        } catch {
            messageCaptures.removeSubrange((depth - 1)...)
            throw error
        }
        let text = messageCaptures[depth - 1]
        messageCaptures.removeSubrange((depth - 1)...)
        return text
    }
}
