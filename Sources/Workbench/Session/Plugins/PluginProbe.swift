import Diagnostics
import Glibc
import PluginAPI
import Tensors

/// The two sides of trying a plug-in in a process of its own: asking for it, and doing it.
public enum PluginProbe {
    /// Where the probe writes its lines.
    static let descriptor: Int32 = 3

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

    /// Tries a plug-in, unless the same files passed before.
    /// - Throws: why it is refused.
    static func check(_ plugin: PluginDescriptor, library: [UInt8], override: Bool) throws {
        let program = try program()
        let record = ProbeRecord(plugin, library: library, program: program, override: override)
        if record.isPassed { return }
        _ = try passed(plugin, ProbeProcess(program: program, folder: plugin.path, task: .check, override: override))
        record.pass()
    }

    /// The words that make the workbench a probe.
    public static var option: String { ProbeProcess.option }

    /// Tries a plug-in that somebody is writing, whatever was remembered of it.
    /// - Returns: What the probe had to say.
    /// - Throws: why it is refused.
    @discardableResult
    static func tryOut(_ plugin: PluginDescriptor, _ task: ProbeProcess.Task, override: Bool = false) throws -> String {
        let program = try program()
        let said = try passed(
            plugin, ProbeProcess(program: program, folder: plugin.path, task: task, override: override))
        if task != .describe, case .library(let library, _, _, _) = plugin.code, let object = try? SharedObject(library)
        {
            ProbeRecord(plugin, library: object.bytes, program: program, override: override).pass()
        }
        return said
    }

    /// Runs a probe.
    /// - Returns: What it had to say.
    /// - Throws: why the plug-in is refused.
    static func passed(_ plugin: PluginDescriptor, _ process: ProbeProcess) throws -> String {
        func refuse(_ why: String, hint: String? = nil) -> WorkbenchError {
            WorkbenchError(.plugin, "\(plugin.title): \(why)", hint: hint)
        }
        switch try process.run() {
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

    // MARK: The other side

    /// What the process does that was started with the words of ``ProbeProcess``.
    ///
    /// - Parameter words: Folder, task, `override` or `alone`.
    /// - Returns: Exit status.
    public static func run(_ words: [String], _ makeSession: () -> Session) -> Int32 {
        guard words.count == 3, let task = ProbeProcess.Task(rawValue: words[1]) else { return 2 }
        fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        limit()
        let session = makeSession()
        // What is tried here leaves no traces: a fit that a plug-in cuts short is none of the user's.
        session.context.stateFolder = nil
        let line: String = session.onDeepStack {
            session.context.withGradMode { result(words[0], task, override: words[2] == "override", session.context) }
        }
        write(line)
        return 0
    }

    /// Bounds what a plug-in can take from the machine.
    private static func limit() {
        func set(_ what: __rlimit_resource, _ most: UInt) {
            var value = rlimit(rlim_cur: most, rlim_max: most)
            setrlimit(Int32(what.rawValue), &value)
        }
        set(RLIMIT_AS, ProbeProcess.memory)
        set(RLIMIT_CORE, 0)
        // Should the session be gone, nobody else ends a loop.
        set(RLIMIT_CPU, UInt(ProbeProcess.seconds.rounded(.up)) * 4 + 10)
    }

    private static func write(_ line: String) {
        var bytes = Array((line + "\n").utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    private static func result(
        _ folder: String, _ task: ProbeProcess.Task, override: Bool, _ context: Context
    ) -> String {
        func refused(_ error: WorkbenchError) -> String {
            "refused \(error.message.escaped)\t\((error.hint ?? "").escaped)"
        }
        do {
            let name = folder.split(separator: "/").last.map(String.init) ?? ""
            let isFile = name.hasSuffix(".R")
            let found =
                isFile
                ? PluginDescriptor(script: folder, name: String(name.dropLast(2)))
                : try PluginFolders.descriptor(in: folder, name: name)
            guard let descriptor = found else {
                throw WorkbenchError(.plugin, "there is no plug-in in \(folder)")
            }
            do {
                return "passed " + (try check(descriptor, task, override: override, context)).escaped
            } catch let error as WorkbenchError {
                let isNamed = error.message.hasPrefix(descriptor.title + ":")
                throw isNamed ? error : error.titled(descriptor.title)
            } catch {
                throw WorkbenchError(.plugin, "\(descriptor.title): \(error)")
            }
        } catch let error as WorkbenchError {
            return refused(error)
        } catch {
            return refused(WorkbenchError(.plugin, "\(error)"))
        }
    }

    private static func check(
        _ descriptor: PluginDescriptor, _ task: ProbeProcess.Task, override: Bool, _ context: Context
    ) throws -> String {
        let registry = context.registry
        if case .library = descriptor.code {
            let plugin = CompiledPlugin(descriptor)
            if task != .check { _ = try plugin.checkFile() }
            for name in ["torch", "torchvision", "luz"] { _ = context.attach(name) }
            let before = (types: registry.pluginTypes.count, names: registry.registrations.count)
            write("stage opening \(descriptor.name).so")
            registry.loadedPlugins.add(
                descriptor.name, version: descriptor.version, path: descriptor.path, isCompiled: true)
            write("stage register(in:)")
            try plugin.open(into: registry)
            let provided = provided(since: before.names, context)
            if task == .describe { return JSON.array(provided.map { $0.json }).text }
            if !override { try refuseReplaced(registry.registrations[before.names...], before.names, registry) }
            if descriptor.isListed { try compare(provided, descriptor) }
            _ = context.attach(descriptor.name)
            return try selfTest(registry.pluginTypes[before.types...], provided, task, context)
        }
        try ScriptedPlugin(descriptor).load(into: context, override: override)
        return ""
    }

    /// What was registered behind a place in the list, each name once.
    private static func provided(since place: Int, _ context: Context) -> [PluginDescriptor.Provided] {
        var seen: Set<String> = []
        let new = context.registry.registrations[place...].reversed().filter {
            seen.insert("\($0.namespace)::\($0.name)").inserted
        }
        return new.reversed().compactMap { registration in
            context.registry.existingNamespace(registration.namespace)?.environment.local(registration.symbol).map {
                PluginDescriptor.Provided(registration, $0, context)
            }
        }
    }

    /// Names that were there and that the descriptor did not own up to.
    private static func refuseReplaced(
        _ new: ArraySlice<Registration>, _ place: Int, _ registry: Registry
    ) throws {
        for registration in new {
            let before = registry.registrations[..<place].last {
                $0.symbol === registration.symbol && $0.namespace == registration.namespace
            }
            guard let before else { continue }
            throw WorkbenchError(
                .plugin,
                "the name \(registration.name) is taken: \(before.namespace)::\(before.name) of the plug-in \(before.plugin)",
                hint: "library(NAME, override = TRUE) puts the plug-in's in its place")
        }
    }

    /// The descriptor must say what the library does.
    private static func compare(_ found: [PluginDescriptor.Provided], _ descriptor: PluginDescriptor) throws {
        func complain(_ what: String) -> WorkbenchError {
            WorkbenchError(
                .plugin, "plugin.json and the library disagree: \(what)",
                hint: "build it again: workbench plugin build \(descriptor.path)")
        }
        for one in found {
            guard let said = descriptor.provides.first(where: { $0.name == one.name && $0.namespace == one.namespace })
            else { throw complain("it registers \(one.namespace)::\(one.name), which plugin.json does not list") }
            guard one.agrees(with: said) else { throw complain("\(one.name) has another kind or other parameters") }
        }
        for said in descriptor.provides
        where !found.contains(where: { $0.name == said.name && $0.namespace == said.namespace }) {
            throw complain("plugin.json lists \(said.namespace)::\(said.name), which it does not register")
        }
    }

    private static func selfTest(
        _ types: ArraySlice<any Plugin.Type>, _ provided: [PluginDescriptor.Provided], _ task: ProbeProcess.Task,
        _ context: Context
    ) throws -> String {
        let checks = Checks(context) { write("stage \($0)") }
        var lines = ""
        var untried: [String] = []
        for type in types {
            for outcome in try checks.registrations(of: type.name) {
                switch outcome {
                case .passed(let report): lines += report.text
                case .untried(let name, let reason): untried.append("\(name) (\(reason))")
                }
            }
            write("stage selfTest(_:)")
            try type.selfTest(checks)
        }
        if task == .test, !untried.isEmpty {
            throw WorkbenchError(
                .plugin, "not tried: \(untried.joined(separator: ", "))",
                hint: "namespace.trial(\"name\", \"name(…)\", input: [2, 8]) in register(in:) says how")
        }
        return lines
    }
}

extension WorkbenchError {
    /// The same error with a title in front.
    fileprivate func titled(_ title: String) -> WorkbenchError {
        var copy = self
        copy.message = "\(title): \(message)"
        return copy
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
