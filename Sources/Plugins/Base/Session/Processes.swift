import Diagnostics
import Glibc
import LanguageValues
import RRuntime

/// `tools::pskill` and the signals it knows by name.
func registerSignals(_ tools: Namespace) {
    let signals: [(name: String, number: Int32)] = [
        ("SIGHUP", SIGHUP), ("SIGINT", SIGINT), ("SIGQUIT", SIGQUIT), ("SIGKILL", SIGKILL), ("SIGTERM", SIGTERM),
        ("SIGSTOP", SIGSTOP), ("SIGTSTP", SIGTSTP), ("SIGCONT", SIGCONT), ("SIGCHLD", SIGCHLD), ("SIGUSR1", SIGUSR1),
        ("SIGUSR2", SIGUSR2),
    ]
    for signal in signals { tools.object(signal.name, .int(Int(signal.number))) }
    tools.function(
        "pskill", [.value("pid", help: "numbers of processes"), .value("signal", code: "SIGTERM")],
        help: "Sends a signal to processes; whether each was reached", visible: false
    ) { args in
        let signal = try args["signal"].asIntegers().elements.first ?? nil
        // Numbers below 1 mean groups of processes; R sends nothing there either.
        return .logical(
            Vector(
                try args["pid"].asIntegers().elements.map { pid in
                    guard let signal, let pid, pid > 0 else { return false }
                    return kill(pid, signal) == 0
                }))
    }
}

/// `system` and `system2`: other programs.
func registerProcesses(_ base: Namespace) {
    base.function(
        "system",
        [
            .value("command"), .value("intern", false), .value("ignore.stdout", false), .value("ignore.stderr", false),
            .value("wait", true), .value("input", nil), .value("timeout", .int(0)),
        ], help: "Runs a command of the system's shell; its exit status, or its output as lines"
    ) { args in
        var command = try args.string("command")
        if try args.flag("ignore.stdout") { command += " >/dev/null" }
        if try args.flag("ignore.stderr") { command += " 2>/dev/null" }
        let intern = try args.flag("intern")
        let input = args["input"].isNull ? nil : try joinedLines(args["input"])
        return try run(command, intern: intern, wait: try args.flag("wait"), input: input, args)
    }
    base.function(
        "system2",
        [
            .value("command"), .value("args", .strings([])), .value("stdout", ""), .value("stderr", ""),
            .value("stdin", ""), .value("input", nil), .value("env", .strings([])), .value("wait", true),
            .value("timeout", .int(0)),
        ], help: "Runs a program with arguments; its exit status, or its output as lines"
    ) { args in
        let words = try args["args"].asCharacters().elements.compactMap { $0?.string }
        let settings = try args["env"].asCharacters().elements.compactMap { $0?.string }
        var command = (settings + [quoted(try args.string("command"))] + words).joined(separator: " ")
        var intern = false
        func redirect(_ name: String, _ mark: String) throws {
            switch args[name] {
            case .logical(let flag):
                if flag.elements.first == true {
                    intern = true
                    if mark == "2>" { command += " 2>&1" }
                } else {
                    command += " \(mark)/dev/null"
                }
            case .character(let file):
                if let path = file.elements.first ?? nil, !path.isEmpty {
                    command += " \(mark)" + quoted(absolutePath(path.string, args.context))
                }
            case .null: command += " \(mark)/dev/null"
            default: throw args.invalid(name)
            }
        }
        try redirect("stdout", ">")
        try redirect("stderr", "2>")
        if let path = try args.optionalString("stdin"), !path.isEmpty {
            command += " <" + quoted(absolutePath(path, args.context))
        }
        let input = args["input"].isNull ? nil : try joinedLines(args["input"])
        return try run(command, intern: intern, wait: try args.flag("wait"), input: input, args)
    }
}

private func joinedLines(_ value: Value) throws -> String {
    try value.asCharacters().elements.map { ($0?.string ?? "NA") + "\n" }.joined()
}

private func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}

/// Runs a shell command in the working directory of the session.
private func run(_ command: String, intern: Bool, wait: Bool, input: String?, _ args: Arguments) throws -> Value {
    let context = args.context
    let console = context.console
    console.flush()
    var full = "cd " + quoted(context.workingDirectory) + " && { " + command + "\n}"
    var inputPath: String?
    if let input {
        let path = "/tmp/workbench-input-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        guard let file = fopen(path, "w") else { throw WorkbenchError(.data, "cannot create file '\(path)'") }
        fputs(input, file)
        fclose(file)
        inputPath = path
        full += " <" + quoted(path)
    }
    defer { if let inputPath { unlink(inputPath) } }
    if !wait { full = "( \(full) ) &" }

    // What a session script prints is recorded and compared, that of programs too.
    let passesOn = !intern && wait && !console.isPlainOutput
    let program = try Program(full, readsOutput: intern || passesOn, named: command)
    var bytes: [UInt8] = []
    while let next = context.released({ program.read() }) {
        bytes += next
        if passesOn, let end = bytes.lastIndex(of: UInt8(ascii: "\n")) {
            console.writeBelowCaptures(String(keeping: bytes[...end]))
            bytes.removeSubrange(...end)
        }
    }
    if passesOn, !bytes.isEmpty { console.writeBelowCaptures(String(keeping: bytes)) }
    // Others may evaluate until the command has ended.
    let exit = context.released { program.exitCode() }
    guard intern else {
        context.isVisible = false
        return .int(Int(exit))
    }
    var lines = String(keeping: bytes).split(separator: "\n", omittingEmptySubsequences: false).map(
        String.init)
    if lines.last == "" { lines.removeLast() }
    context.isVisible = true
    guard exit != 0 else { return .strings(lines) }
    try context.warn("running command '\(command)' had status \(exit)", call: args.call)
    return Value.strings(lines).setting(Symbol.named("status"), .int(Int(exit)))
}

/// A command of the system's shell that runs.
private struct Program {
    private var child = pid_t()
    private var output: Int32 = -1

    /// Starts it; its standard output is that of the process, or to be read here.
    init(_ text: String, readsOutput: Bool, named command: String) throws {
        var ends: [Int32] = [-1, -1]
        if readsOutput, pipe(&ends) != 0 {
            throw WorkbenchError(
                .data, "cannot popen '\(command)', probable reason '\(String(cString: strerror(errno)))'")
        }
        // A command begun by another thread must not hold them open.
        for end in ends where end >= 0 { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if readsOutput {
            posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
            posix_spawn_file_actions_addclose(&actions, ends[0])
            posix_spawn_file_actions_addclose(&actions, ends[1])
        }
        let words = ["/bin/sh", "-c", text]
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        let status = posix_spawn(&child, "/bin/sh", &actions, nil, &pointers, environ)
        if readsOutput { close(ends[1]) }
        guard status == 0 else {
            if readsOutput { close(ends[0]) }
            throw WorkbenchError(.data, "cannot run '\(command)': \(String(cString: strerror(status)))")
        }
        output = ends[0]
    }

    /// What it has written since, once there is something; nil at the end.
    func read() -> [UInt8]? {
        guard output >= 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(output, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            return count > 0 ? Array(buffer[0..<count]) : nil
        }
    }

    /// Waits for its end; the signal that ended it where one did.
    func exitCode() -> Int32 {
        if output >= 0 { close(output) }
        var code: Int32 = 0
        while waitpid(child, &code, 0) < 0, errno == EINTR {}
        return code & 0x7f == 0 ? (code >> 8) & 0xff : code & 0x7f
    }
}
