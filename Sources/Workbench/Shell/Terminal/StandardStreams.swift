import CLineEditor
import Diagnostics
import Glibc
import PluginAPI
import Session

extension Console {
    /// Standard output and standard error of the process.
    ///
    /// Standard output is buffered unless it is a terminal. Colours are used if standard error is a terminal that knows
    /// them and `NO_COLOR` is not set.
    public static func standardStreams() -> Console {
        let out = OutputBuffer(isTerminal: isatty(1) == 1)
        let console = Console(
            out: { out.write($0) }, error: { _ = writeAll($0.keptBytes, to: 2) }, flush: { out.flush() })
        console.isProcessOutput = true
        let terminal = environmentVariable("TERM") ?? ""
        console.isInteractiveTerminal = isatty(2) == 1 && terminal != "dumb" && !terminal.isEmpty
        console.usesColor = console.isInteractiveTerminal && (environmentVariable("NO_COLOR") ?? "").isEmpty
        let columns = Int(terminal_columns())
        if columns >= 20, isatty(1) == 1 { console.width = min(columns, 10_000) }
        return console
    }
}

private final class OutputBuffer: @unchecked Sendable {
    private var bytes: [UInt8] = []
    private let capacity: Int

    init(isTerminal: Bool) { capacity = isTerminal ? 0 : 1 << 14 }

    func write(_ text: String) {
        if text.hasStrayBytes { bytes += text.keptBytes } else { bytes += text.utf8 }
        if bytes.count > capacity { flush() }
    }

    func flush() {
        guard !bytes.isEmpty else { return }
        let status = writeAll(bytes, to: 1)
        bytes.removeAll(keepingCapacity: true)
        // Nobody reads on (`| head`): the end that SIGPIPE would have been, and an orderly one.
        if status == EPIPE {
            RunningPlugins.forget()
            exit(128 + SIGPIPE)
        }
    }
}

/// The whole of a file or stream, or the number of the error that came instead.
func readWhole(_ descriptor: Int32) -> Result<[UInt8], ReadFailure> {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0, errno == EINTR, workbench_interrupt_flag()?.pointee == 0 { continue }
        if count < 0 { return .failure(ReadFailure(number: errno)) }
        if count == 0 { return .success(bytes) }
        bytes += buffer[..<count]
    }
}

/// Why something could not be read.
struct ReadFailure: Error {
    /// The system's error number.
    let number: Int32
    /// The system's words for it.
    var reason: String { String(cString: strerror(number)) }
}
