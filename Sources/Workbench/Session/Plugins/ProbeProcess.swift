import Diagnostics
import Glibc
import PluginAPI

/// A second process of the workbench in which a plug-in is opened and tried: what traps, loops or eats memory there does
/// the session no harm.
///
/// The process writes what it is about to do, a line each, and in the end what came of it, to a pipe of its own; what the
/// plug-in prints is kept for the message.
struct ProbeProcess {
    /// How it ended.
    enum Ending {
        /// All is well; what the probe had to say.
        case passed(String)
        /// The plug-in broke its contract: the error.
        case refused(WorkbenchError)
        /// The process ended by a signal, or without a word.
        case crashed(signal: Int32, during: String, words: String)
        /// The time was over.
        case timedOut(during: String)
    }

    /// What the probe does.
    enum Task: String {
        /// Opens it, compares it with its descriptor, tries everything.
        case check
        /// Opens it, and says what it registers.
        case describe
        /// As `check`, and fails for what could not be tried.
        case test
    }

    /// Seconds that a probe may take: `WORKBENCH_PROBE_SECONDS`, by default 10.
    static var seconds: Double {
        guard let text = environmentVariable("WORKBENCH_PROBE_SECONDS"), let number = Double(text), number > 0 else {
            return 10
        }
        return min(number, 3600)
    }

    /// Bytes of address space that a probe may use: 8 GB, of which a workbench that does nothing takes 1.
    static let memory: UInt = 8 << 30

    let program: String
    let folder: String
    let task: Task
    /// May replace names that are there already.
    let override: Bool

    /// The words that make the workbench a probe.
    static let option = "--probe-plugin"

    /// Runs it to its end; what it has started ends with it.
    ///
    /// - Parameter context: Its session evaluates for others meanwhile and hears Ctrl-C, which ends the probe; nil where
    ///   there is none.
    /// - Throws: when the process cannot be started, and ``Interrupt``.
    func run(for context: Context?) throws -> Ending {
        var lines = Pipe()
        var output = Pipe()
        defer {
            lines.close()
            output.close()
        }
        guard lines.isOpen, output.isOpen else { throw cannotStart(errno) }
        // What it writes without saying where, such as logs and checkpoints, is nobody's.
        let place = ProbeProcess.madeFolder()
        defer { if let place { removeTree(place) } }
        let words =
            [program, ProbeProcess.option, folder, task.rawValue, override ? "override" : "alone"]
            + (place.map { [$0] } ?? [])
        let child: pid_t
        switch spawn(words, lines: lines.writing, output: output.writing) {
        case .success(let process): child = process
        case .failure(let failure): throw cannotStart(failure.number)
        }
        lines.closeWriting()
        output.closeWriting()
        var status: Int32 = 0
        var hasEnded = false
        do {
            defer {
                // Before it is waited for: until then nobody else can have the number of the group.
                kill(-child, SIGKILL)
                while waitpid(child, &status, 0) < 0, errno == EINTR {}
            }
            let end = monotonicSeconds() + ProbeProcess.seconds
            while !hasEnded, monotonicSeconds() < end {
                hasEnded = ProbeProcess.isOver(child)
                // What has ended has written all it had to say; what it left running may hold the pipes open.
                let milliseconds: Int32 = hasEnded ? 0 : 50
                if let context {
                    context.released { ProbeProcess.read(&lines, &output, milliseconds: milliseconds) }
                    try context.pollInterrupt()
                } else {
                    ProbeProcess.read(&lines, &output, milliseconds: milliseconds)
                }
            }
        }
        return ending(lines.text, output.text, status, isOver: !hasEnded)
    }

    /// A folder for one probe to run in; nil where none can be made: it then runs where the session is.
    private static func madeFolder() -> String? {
        let parent = environmentVariable("TMPDIR") ?? "/tmp"
        var template = Array("\(parent)/workbench-probe-XXXXXX".utf8CString)
        guard parent.hasPrefix("/"), mkdtemp(&template) != nil else { return nil }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether a child has ended; it stays to be waited for.
    private static func isOver(_ child: pid_t) -> Bool {
        var information = siginfo_t()
        guard waitid(P_PID, id_t(child), &information, WEXITED | WNOHANG | WNOWAIT) == 0 else { return true }
        return information.si_signo != 0
    }

    /// Takes in what two pipes hold, and waits for something if they are empty.
    private static func read(_ lines: inout Pipe, _ output: inout Pipe, milliseconds: Int32) {
        var waiting = [
            pollfd(fd: lines.reading, events: Int16(POLLIN), revents: 0),
            pollfd(fd: output.reading, events: Int16(POLLIN), revents: 0),
        ]
        var patience = milliseconds
        while poll(&waiting, 2, patience) > 0 {
            if waiting[0].revents != 0 { lines.read(limit: 1 << 22) }
            if waiting[1].revents != 0 { output.read(limit: 1 << 16) }
            waiting[0].fd = lines.reading
            waiting[1].fd = output.reading
            patience = 0
        }
    }

    private func cannotStart(_ number: Int32) -> WorkbenchError {
        WorkbenchError(
            .plugin, "the process that tries a plug-in cannot be started: \(String(cString: strerror(number)))")
    }

    private struct Failure: Error { let number: Int32 }

    private func spawn(_ words: [String], lines: Int32, output: Int32) -> Result<pid_t, Failure> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        posix_spawn_file_actions_adddup2(&actions, lines, PluginTrial.descriptor)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own: Ctrl-C at the prompt is the session's.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        // A trap is told by its signal; the backtrace of a plug-in would be the host's.
        var variables = environmentWithout(["SWIFT_BACKTRACE", "WORKBENCH_BLOCK"])
        variables.append(strdup("SWIFT_BACKTRACE=enable=no"))
        variables.append(nil)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { word in strdup(word) }
        arguments.append(nil)
        defer { for pointer in variables + arguments { free(pointer) } }
        var child: pid_t = 0
        let failure = posix_spawn(&child, program, &actions, &attributes, &arguments, &variables)
        return failure == 0 ? .success(child) : .failure(Failure(number: failure))
    }

    private func ending(_ text: String, _ words: String, _ status: Int32, isOver: Bool) -> Ending {
        var stage = "starting"
        for line in text.split(separator: "\n") {
            if line.hasPrefix("stage ") { stage = inOneLine(String(line.dropFirst(6))) }
            if line.hasPrefix("passed ") {
                let said = String(line.dropFirst(7)).unescaped
                return .passed(task == .describe ? said : showingControls(said))
            }
            if line.hasPrefix("refused ") {
                let parts = line.dropFirst(8).split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
                return .refused(
                    WorkbenchError(
                        .plugin, showingControls(String(parts[0]).unescaped),
                        hint: parts.count == 2 && !parts[1].isEmpty
                            ? showingControls(String(parts[1]).unescaped) : nil))
            }
        }
        if isOver { return .timedOut(during: stage) }
        return .crashed(signal: status & 0x7F, during: stage, words: showingControls(words))
    }

    /// What a plug-in has said, line by line, with its control characters written out: they belong to no terminal here.
    private func showingControls(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { inOneLine(String($0), most: 1 << 16) }.joined(separator: "\n")
    }
}

/// A pipe of which one end is read here.
private struct Pipe {
    private(set) var reading: Int32 = -1
    private(set) var writing: Int32 = -1
    private var bytes: [UInt8] = []

    init() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (reading, writing) = (ends[0], ends[1])
    }

    var isOpen: Bool { reading >= 0 }
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Takes in what is there; the end of the pipe closes it. What is more than the limit is dropped.
    mutating func read(limit: Int) {
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        let count = Glibc.read(reading, &buffer, buffer.count)
        if count < 0, errno == EINTR { return }
        guard count > 0 else {
            Glibc.close(reading)
            reading = -1
            return
        }
        bytes += buffer.prefix(min(count, max(0, limit - bytes.count)))
    }

    mutating func closeWriting() {
        if writing >= 0 { Glibc.close(writing) }
        writing = -1
    }

    mutating func close() {
        closeWriting()
        if reading >= 0 { Glibc.close(reading) }
        reading = -1
    }
}

/// Copies of this process's variables but some.
func environmentWithout(_ names: Set<String>) -> [UnsafeMutablePointer<CChar>?] {
    var variables: [UnsafeMutablePointer<CChar>?] = []
    var place = environ
    while let variable = place.pointee {
        let text = String(cString: variable)
        if !names.contains(String(text.prefix { $0 != "=" })) { variables.append(strdup(text)) }
        place += 1
    }
    return variables
}

extension String {
    /// On one line: for the pipe between a probe and the session.
    var escaped: String {
        var result = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// What was ``escaped``.
    var unescaped: String {
        var result = ""
        var isEscaped = false
        for scalar in unicodeScalars {
            if isEscaped {
                result.unicodeScalars.append(scalar == "n" ? "\n" : scalar == "t" ? "\t" : scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
