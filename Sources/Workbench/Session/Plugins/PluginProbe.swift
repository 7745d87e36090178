import Diagnostics
import Glibc
import PluginAPI
import Tensors

/// Asks for a plug-in to be tried in a process of its own, which is a ``PluginTrial``.
enum PluginProbe {
    /// The program that can be a probe: this one, or, where a plug-in is loaded into a program of another name (tests),
    /// the workbench beside it.
    static func program() throws -> String {
        let path = executablePath()
        guard let slash = path.lastIndex(of: "/") else { throw noProgram }
        if path[path.index(after: slash)...] == "workbench" { return path }
        let beside = path[..<slash] + "/workbench"
        guard access(String(beside), X_OK) == 0 else { throw noProgram }
        return String(beside)
    }

    private static var noProgram: WorkbenchError {
        WorkbenchError(
            .plugin, "compiled plug-ins are tried by the program workbench before they are loaded, and it is not here")
    }

    /// Tries a plug-in that somebody is writing, whatever was remembered of it.
    /// - Returns: What the probe had to say.
    /// - Throws: why it is refused.
    @discardableResult
    static func tryOut(_ plugin: PluginDescriptor, _ task: ProbeProcess.Task) throws -> String {
        let program = try program()
        // Whether it may take names of others is for library() to say.
        var isScript = false
        if case .script = plugin.code { isScript = true }
        let process = ProbeProcess(program: program, folder: plugin.path, task: task, override: isScript)
        let said = try passed(plugin, process, for: nil)
        if task != .describe, case .library(let library, _, _, _) = plugin.code, let object = try? SharedObject(library)
        {
            ProbeRecord(plugin, library: library, program: program, override: false).pass(object.bytes)
        }
        return said
    }

    /// Runs a probe.
    /// - Returns: What it had to say.
    /// - Throws: why the plug-in is refused.
    static func passed(_ plugin: PluginDescriptor, _ process: ProbeProcess, for context: Context?) throws -> String {
        func refuse(_ why: String, hint: String? = nil) -> WorkbenchError {
            WorkbenchError(.plugin, "\(plugin.title): \(why)", hint: hint)
        }
        switch try process.run(for: context) {
        case .passed(let text): return text
        case .refused(let error): throw error
        case .timedOut(let stage):
            throw refuse(
                "not done after \(numberText(ProbeProcess.seconds)) seconds, in \(stage)",
                hint: "WORKBENCH_PROBE_SECONDS=60 gives it more time")
        case .crashed(let signal, let stage, let words):
            let last = words.split(separator: "\n").last { $0.contains("atal error") || $0.contains("rror:") }
            let name = PluginProbe.name(of: signal)
            throw refuse(
                "it crashed (\(name)) in \(stage)" + (last.map { ": \($0)" } ?? ""),
                hint: "it was tried in a process of its own and is not loaded; throw WorkbenchError instead of trapping"
            )
        }
    }

    private static func name(of signal: Int32) -> String {
        switch signal {
        case SIGILL, SIGTRAP: return "a trap"
        case SIGSEGV: return "a wild pointer, SIGSEGV"
        case SIGBUS: return "SIGBUS"
        case SIGABRT: return "SIGABRT"
        case SIGKILL: return "killed, SIGKILL"
        case SIGXCPU: return "too much time, SIGXCPU"
        case 0: return "it ended the process"
        default: return "signal \(signal)"
        }
    }
}

/// The file this process runs.
func executablePath() -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { bytes in
        bytes.baseAddress.map { readlink("/proc/self/exe", $0.assumingMemoryBound(to: CChar.self), bytes.count) } ?? 0
    }
    return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
}
