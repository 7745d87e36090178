import CPseudoTerminal
import Glibc
import TestSupport

/// The workbench in a terminal: what is sent is typed, what it writes is read.
final class PseudoTerminal {
    private let master: Int32
    private let child: pid_t
    private var unread = ""
    private(set) var transcript = ""
    /// Everything, escapes too.
    private(set) var bytes: [UInt8] = []
    private var hasEnded = false
    let stateFolder: String

    /// Starts it, or another program.
    init?(_ arguments: [String] = [], program: String = Subprocess.workbench, columns: Int = 80) {
        stateFolder = makeTemporaryFolder()
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        let settings: [String] = [
            "TERM=xterm", "XDG_STATE_HOME=\(stateFolder)", "HOME=\(stateFolder)", "PATH=/usr/bin:/bin", "NO_COLOR=1",
            "WORKBENCH_RUNS=off",
            "PS1=job$ ",
        ]
        var environment = settings.map { strdup($0) } + [nil]
        var child: pid_t = 0
        master = pseudo_terminal_start(program, &words, &environment, Int32(columns), 30, &child)
        self.child = child
        for word in words + environment { free(word) }
        if master < 0 { return nil }
    }

    deinit {
        close(master)
        if hasEnded { return }
        kill(child, SIGKILL)
        var status: Int32 = 0
        waitpid(child, &status, 0)
    }

    /// Types.
    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
    }

    /// Whether the terminal collects lines and shows what is typed by itself, as programs find it that do not edit.
    var isCooked: Bool {
        var modes = termios()
        guard tcgetattr(master, &modes) == 0 else { return false }
        return modes.c_lflag & tcflag_t(ICANON) != 0 && modes.c_lflag & tcflag_t(ECHO) != 0
    }

    /// Sends a signal to the program.
    func signal(_ number: Int32) { kill(child, number) }

    /// Reads until a text comes, escapes left out; false if it does not come within half a minute.
    func expect(_ text: String) -> Bool {
        let end = time(nil) + 30
        while true {
            if let found = unread.firstRange(of: text) {
                unread = String(unread[found.upperBound...])
                return true
            }
            guard time(nil) < end, readMore() else { return false }
        }
    }

    /// Waits for the end of the program, at most half a minute, and returns its exit status; -1 for a signal, nil if it
    /// goes on running.
    func exitStatus() -> Int32? {
        let end = time(nil) + 30
        while time(nil) < end, readMore() {}
        var status: Int32 = 0
        while waitpid(child, &status, WNOHANG) == 0 {
            guard time(nil) < end else { return nil }
            usleep(10_000)
        }
        hasEnded = true
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : -1
    }

    private func readMore() -> Bool {
        var wait = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&wait, 1, 30_000) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(master, &buffer, buffer.count)
        guard count > 0 else { return false }
        bytes += buffer[..<count]
        let text = String(decoding: withoutEscapes(buffer[..<count]), as: UTF8.self)
        transcript += text
        unread += text
        return true
    }

    /// An escape sequence that a chunk ends in the middle of.
    private var openEscape: [UInt8] = []

    private func withoutEscapes(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var plain: [UInt8] = []
        for byte in bytes {
            if openEscape.isEmpty {
                if byte == 0x1B { openEscape = [byte] } else if byte != 0x0D { plain.append(byte) }
            } else {
                openEscape.append(byte)
                let isOpen =
                    openEscape.count == 2
                    ? byte == UInt8(ascii: "[") || byte == UInt8(ascii: "(") : !(0x40...0x7E).contains(byte)
                if !isOpen { openEscape = [] }
            }
        }
        return plain
    }
}

extension String {
    fileprivate func firstRange(of text: String) -> Range<String.Index>? {
        var start = startIndex
        while start != endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
