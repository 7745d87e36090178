import CPseudoTerminal
import Glibc
import TestSupport

/// A script typed into the prompt line by line, on a terminal of 80 columns, and what came back.
final class TerminalRun {
    /// The program built with the tests, nil if it is not there.
    static let program: String? = {
        let path = packageRoot + "/.build/release/workbench"
        return access(path, X_OK) == 0 ? path : nil
    }()

    private let master: Int32
    private let child: pid_t
    private var received: [UInt8] = []

    init?(in folder: String) {
        guard let program = TerminalRun.program else { return nil }
        let settings = [
            "TERM=xterm", "HOME=\(folder)", "XDG_STATE_HOME=\(folder)", "PATH=/usr/bin:/bin", "NO_COLOR=1",
            "WORKBENCH_RUNS=off",
        ]
        var words = [strdup(program), strdup("--quiet"), nil]
        var environment = settings.map { strdup($0) } + [nil]
        var started: pid_t = 0
        master = pseudo_terminal_start(program, &words, &environment, 80, 40, &started)
        child = started
        for word in words + environment { free(word) }
        if master < 0 { return nil }
    }

    deinit {
        close(master)
        kill(child, SIGKILL)
        var status: Int32 = 0
        waitpid(child, &status, 0)
    }

    /// Types the lines, each when the prompt asks for it, and returns everything shown.
    /// - Returns: nil if the prompt did not come back within 400 s after a line.
    func type(_ lines: [String]) -> String? {
        guard waitForPrompt() else { return nil }
        for line in lines {
            let bytes = Array((line + "\n").utf8)
            _ = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
            guard waitForPrompt() else { return nil }
        }
        return String(decoding: withoutEscapes(received), as: UTF8.self)
    }

    /// Reads until nothing more comes and the last thing shown is a prompt.
    private func waitForPrompt() -> Bool {
        let end = time(nil) + 400
        let start = received.count
        while time(nil) < end {
            var wait = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
            if poll(&wait, 1, 100) > 0 {
                var buffer = [UInt8](repeating: 0, count: 65536)
                let count = read(master, &buffer, buffer.count)
                guard count > 0 else { return false }
                received += buffer[..<count]
            } else if received.count > start {
                let shown = withoutEscapes(Array(received[start...]))
                let last = shown.split(whereSeparator: { $0 == 10 || $0 == 13 }).last.map { Array($0) } ?? []
                if last == Array("> ".utf8) || last == Array("+ ".utf8) { return true }
            }
        }
        return false
    }

    private func withoutEscapes(_ bytes: [UInt8]) -> [UInt8] {
        var plain: [UInt8] = []
        var place = 0
        while place < bytes.count {
            guard bytes[place] == 0x1B else {
                plain.append(bytes[place])
                place += 1
                continue
            }
            place += 1
            guard place < bytes.count, bytes[place] == UInt8(ascii: "[") else {
                place += 1
                continue
            }
            place += 1
            while place < bytes.count, !(0x40...0x7E).contains(bytes[place]) { place += 1 }
            place += 1
        }
        return plain
    }
}
