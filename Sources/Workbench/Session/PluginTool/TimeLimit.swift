import Diagnostics
import Glibc
import PluginAPI

/// Interrupts, as Ctrl-C does, what is not done in time: a loop without an end would keep `plugin test` for ever.
final class TimeLimit: @unchecked Sendable {
    /// Seconds that a session script may take: `WORKBENCH_TEST_SECONDS`, by default 300.
    static var ofScripts: Double {
        guard let text = environmentVariable("WORKBENCH_TEST_SECONDS"), let number = Double(text), number > 0 else {
            return 300
        }
        return min(number, 1e6)
    }

    let seconds: Double
    /// What a session looks at; it stays for good, as threads of the session may.
    let flag: UnsafeMutablePointer<Int32>
    private let start = monotonicSeconds()
    /// Of a pipe that is closed when all is done.
    private let writing: Int32

    /// Begins to count.
    /// - Throws: where there is no pipe.
    init(seconds: Double) throws {
        self.seconds = seconds
        flag = .allocate(capacity: 1)
        flag.initialize(to: 0)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw WorkbenchError(.plugin, "no pipe for a limit of time: \(String(cString: strerror(errno)))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        writing = ends[1]
        let (reading, end) = (ends[0], start + seconds)
        nonisolated(unsafe) let flag = flag
        _ = EvaluatorThread.start(stackBytes: 1 << 20, detached: true) {
            var ends = pollfd(fd: reading, events: 0, revents: 0)
            while true {
                let left = end - monotonicSeconds()
                // Again and again: a fit takes the first one for its own.
                if left <= 0 { flag.pointee = 1 }
                let wait = left > 0 ? min(left, 1000) * 1000 : 1000
                if poll(&ends, 1, Int32(wait.rounded(.up))) > 0 { break }
            }
            close(reading)
        }
    }

    /// Ends it; nothing is interrupted any more.
    /// - Returns: Whether the time was over.
    func end() -> Bool {
        close(writing)
        return monotonicSeconds() - start >= seconds
    }
}
