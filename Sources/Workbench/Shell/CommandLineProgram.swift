import Glibc
import PluginAPI
import Session

/// The program `workbench`: what the words of the command line ask for.
public struct CommandLineProgram {
    private let plugins: [any Plugin.Type]

    /// A program with these built-ins.
    public init(plugins: [any Plugin.Type]) { self.plugins = plugins }

    /// Runs and returns the exit status.
    public func run(_ words: [String]) -> Int32 {
        let session = Session(plugins: plugins, console: .standardStreams(), workingDirectory: currentDirectory())
        var code: (text: String, file: String?)?
        if words.first == "-e", words.count > 1 {
            code = (words[1], nil)
        } else if let path = words.first, let text = readWhole(path) {
            code = (text, path)
        }
        guard let code else { return 2 }
        session.context.commandArguments = ["workbench", "--args"] + words.dropFirst()
        let outcome = session.onDeepStack { session.run(code.text, file: code.file) }
        session.context.console.flush()
        switch outcome {
        case .finished: return 0
        case .quit(let status): return status
        default: return 1
        }
    }

    private func currentDirectory() -> String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }

    private func readWhole(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Console {
    /// Standard output, buffered, and standard error.
    public static func standardStreams() -> Console {
        let out = OutputBuffer()
        return Console(
            out: { out.write($0) }, error: { writeAll($0, to: 2) }, flush: { out.flush() })
    }
}

private final class OutputBuffer: @unchecked Sendable {
    private var bytes: [UInt8] = []

    func write(_ text: String) {
        bytes += text.utf8
        if bytes.count > 1 << 14 { flush() }
    }

    func flush() {
        writeAll(bytes, to: 1)
        bytes.removeAll(keepingCapacity: true)
    }
}

private func writeAll(_ text: String, to descriptor: Int32) { writeAll(Array(text.utf8), to: descriptor) }

private func writeAll(_ bytes: [UInt8], to descriptor: Int32) {
    var start = 0
    while start < bytes.count {
        let written = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if written < 0, errno == EINTR { continue }
        guard written > 0 else { return }
        start += written
    }
}
