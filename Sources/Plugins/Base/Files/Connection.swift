import Diagnostics
import Glibc
import RRuntime
import TextValues

/// A source or target of text and bytes: a file, standard input or output, texts in memory, raw bytes.
final class Connection: ForeignObject, @unchecked Sendable {
    /// What is behind it.
    enum Kind {
        case input
        case output
        case error
        case file(path: String)
        case text
        case textOutput(Symbol?, Environment)
        case raw
    }

    let kind: Kind
    /// Shown by `summary()`: the file name or the expression.
    let title: String
    /// Encoding of the text behind it, a name that `iconv` knows; empty is UTF-8.
    let encoding: String
    private(set) var mode: String
    private(set) var isOpen = false
    private(set) var isClosed = false
    /// The last line read had no line end.
    private(set) var isIncomplete = false
    private var input: [UInt8] = []
    private var position = 0
    private var file: Int32 = -1
    /// What a text or raw target has collected.
    private(set) var output: [UInt8] = []
    private var lines: [Text] = []

    init(_ kind: Kind, title: String, mode: String, input: [UInt8] = [], encoding: String = "") {
        self.kind = kind
        self.title = title
        self.encoding = encoding
        self.mode = mode
        self.input = input
        super.init()
        switch kind {
        case .input, .output, .error, .text, .textOutput, .raw: isOpen = true
        case .file: break
        }
    }

    deinit { if file >= 0 { Glibc.close(file) } }

    override var classes: [Text] {
        switch kind {
        case .input, .output, .error: return ["terminal", "connection"]
        case .file: return ["file", "connection"]
        case .text, .textOutput: return ["textConnection", "connection"]
        case .raw: return ["rawConnection", "connection"]
        }
    }

    override var typeName: String { "integer" }

    override func visitReferences(_ visit: (Value) -> Void) {
        if case .textOutput(_, let environment) = kind { visit(.environment(environment)) }
    }

    var canRead: Bool {
        switch kind {
        case .input, .text: return true
        case .output, .error, .textOutput: return false
        case .file, .raw: return mode.isEmpty || mode.hasPrefix("r") || mode.contains("+")
        }
    }

    var canWrite: Bool {
        switch kind {
        case .input, .text: return false
        case .output, .error, .textOutput: return true
        case .file, .raw: return mode.isEmpty || !mode.hasPrefix("r") || mode.contains("+")
        }
    }

    /// Bytes go through it as they are: raw bytes, and files opened with a `b` in the mode.
    var isBinary: Bool {
        if case .raw = kind { return true }
        return mode.contains("b")
    }

    // MARK: Opening and closing

    /// Opens it for reading (`r`), writing (`w`) or appending (`a`).
    /// - Throws: R's `cannot open the connection`, after a warning that says why.
    func open(_ mode: String, _ context: Context, call: Call? = nil) throws {
        try checkUsable()
        guard !isOpen else { return }
        guard case .file(let path) = kind else {
            isOpen = true
            return
        }
        let wanted = mode.isEmpty ? "r" : mode
        if wanted.hasPrefix("r") {
            input = try decoded(
                try readFile(path, shown: title, context, call: call), isBinary: wanted.contains("b"), context)
            position = 0
        } else {
            let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (wanted.hasPrefix("a") ? O_APPEND : O_TRUNC)
            file = try openForWriting(path, flags, context)
            if file < 0 { throw try cannotOpen(title, errno, context, mode: wanted) }
        }
        self.mode = wanted
        isOpen = true
    }

    /// Opens a file; a pipe when somebody reads from it, until when Ctrl-C ends the waiting.
    private func openForWriting(_ path: String, _ flags: Int32, _ context: Context) throws -> Int32 {
        while true {
            let file = Glibc.open(path, flags | O_NONBLOCK, 0o666)
            if file >= 0 { _ = fcntl(file, F_SETFL, fcntl(file, F_GETFL) & ~O_NONBLOCK) }
            guard file < 0, errno == ENXIO else { return file }
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else {
                errno = ENXIO
                return file
            }
            try context.pollInterrupt()
            context.released { _ = usleep(100_000) }
        }
    }

    /// Closes it for good.
    func close() {
        if case .textOutput = kind, !output.isEmpty {
            lines.append(Text(String(decoding: output, as: UTF8.self)))
            output = []
            publish()
        }
        if file >= 0 { Glibc.close(file) }
        file = -1
        isOpen = false
        isClosed = true
        input = []
    }

    /// Closes it so that it can be opened again: after a function that opened it itself.
    func closeAgain(mode: String) {
        if file >= 0 { Glibc.close(file) }
        file = -1
        isOpen = false
        self.mode = mode
    }

    func checkUsable() throws {
        if isClosed { throw WorkbenchError(.value, "invalid connection", hint: "it has been closed") }
    }

    // MARK: Encodings

    private var isUTF8: Bool { TextConversion.isUTF8(encoding) }

    /// The bytes of a file in UTF-8. What is no character of its encoding stays as it is: R would leave out the rest.
    private func decoded(_ bytes: [UInt8], isBinary: Bool, _ context: Context) throws -> [UInt8] {
        guard !isBinary else { return bytes }
        // A byte order mark is no part of the first line.
        guard !isUTF8 else { return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes[3...]) : bytes }
        let (text, isWhole) = try TextConversion(from: encoding, to: "").text(of: bytes)
        if !isWhole { try context.warn("invalid input found on input connection '\(title)'") }
        let decoded = text.keptBytes
        return decoded.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(decoded[3...]) : decoded
    }

    /// Writes text, in the connection's encoding. Characters that it does not have become `<U+20AC>`: R would leave out the
    /// rest of the text.
    func write(_ text: String, useBytes: Bool = false, _ context: Context, call: Call? = nil) throws {
        switch kind {
        case .output, .error, .textOutput: return try write(Array(text.utf8), context)
        case .input, .text, .file, .raw: break
        }
        guard !isUTF8, !isBinary, !useBytes else { return try write(text.keptBytes, context) }
        let (bytes, isWhole) = try TextConversion(from: "", to: encoding).bytes(of: text)
        if !isWhole { try context.warn("invalid char string in output conversion", call: call) }
        try write(bytes, context)
    }

    // MARK: Reading

    /// The next line without its end, or nil at the end. At a prompt standard input is what is typed there.
    func readLine(_ context: Context) throws -> String? {
        if case .input = kind {
            guard let ask = context.console.readLine else { return readTerminalLine() }
            return try ask("")
        }
        guard position < input.count else { return nil }
        let end = input[position...].firstIndex(of: UInt8(ascii: "\n")) ?? input.count
        isIncomplete = end == input.count
        var bytes = input[position..<end]
        position = min(end + 1, input.count)
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return String(keeping: bytes)
    }

    private func readTerminalLine() -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = Glibc.read(0, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return bytes.isEmpty ? nil : String(keeping: bytes) }
            if byte == UInt8(ascii: "\n") { return String(keeping: bytes) }
            bytes.append(byte)
        }
    }

    /// At most so many bytes.
    func readBytes(_ count: Int) -> [UInt8] {
        let end = position + min(input.count - position, max(0, count))
        let bytes = Array(input[position..<end])
        position = end
        return bytes
    }

    /// The text up to the next zero byte, or to the end; nil at the end.
    func readZeroTerminated() -> String? {
        guard position < input.count else { return nil }
        let end = input[position...].firstIndex(of: 0) ?? input.count
        defer { position = min(end + 1, input.count) }
        return String(keeping: input[position..<end])
    }

    /// Puts lines back in front of what is to be read.
    func pushBack(_ text: String) {
        input = text.keptBytes + input[position...]
        position = 0
    }

    // MARK: Writing

    /// Writes text.
    func write(_ bytes: [UInt8], _ context: Context) throws {
        try checkUsable()
        guard canWrite else { throw WorkbenchError(.value, "cannot write to this connection") }
        switch kind {
        case .output: context.console.write(String(decoding: bytes, as: UTF8.self))
        case .error: context.console.writeError(String(decoding: bytes, as: UTF8.self))
        case .file:
            guard file >= 0 else { throw WorkbenchError(.value, "connection is not open") }
            try writeAll(bytes, to: file, shown: title)
        case .textOutput:
            output += bytes
            var changed = false
            while let end = output.firstIndex(of: UInt8(ascii: "\n")) {
                lines.append(Text(String(decoding: output[..<end], as: UTF8.self)))
                output.removeFirst(end + 1)
                changed = true
            }
            if changed { publish() }
        case .raw: output += bytes
        case .input, .text: break
        }
    }

    /// The complete lines a text target has collected.
    var collectedLines: Value { .character(Vector(lines.map { Optional($0) })) }

    private func publish() {
        if case .textOutput(let name?, let environment) = kind { environment.define(name, collectedLines) }
    }
}

/// All bytes of a file.
/// - Throws: R's `cannot open the connection`, after a warning that says why.
func readFile(_ path: String, shown: String, _ context: Context, call: Call? = nil) throws -> [UInt8] {
    do {
        return try context.bytes(ofFile: path)
    } catch let fault as UnreadableFile {
        guard fault.number == EISDIR else { throw try cannotOpen(shown, fault.number, context, mode: "r", call: call) }
        try context.warn("cannot open file '\(shown)': it is a directory", call: call)
        throw WorkbenchError(.data, "cannot open the connection", hint: "'\(shown)' is a folder")
    }
}

/// R's warning and error for a file that cannot be opened.
func cannotOpen(
    _ shown: String, _ number: Int32, _ context: Context, mode: String, call: Call? = nil
) throws -> WorkbenchError {
    let reason = String(cString: strerror(number))
    let call = call ?? Call("file", [.string(shown), .string(mode)])
    try context.warn("cannot open file '\(shown)': \(reason)", call: call)
    return WorkbenchError(.data, "cannot open the connection", hint: "'\(shown)': \(reason)")
}

/// Writes bytes to an open file.
func writeAll(_ bytes: [UInt8], to file: Int32, shown: String) throws {
    let number = writeAll(bytes, to: file)
    guard number == 0 else {
        throw WorkbenchError(.data, "cannot write to '\(shown)': \(String(cString: strerror(number)))")
    }
}
