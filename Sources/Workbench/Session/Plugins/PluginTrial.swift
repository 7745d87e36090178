import Diagnostics
import Glibc
import PluginAPI
import Tensors

/// What the process does in which a plug-in is tried: opens it as a session would, and checks all that it registers.
public enum PluginTrial {
    /// The word that makes the workbench such a process.
    public static var option: String { ProbeProcess.option }

    /// Where it writes its lines.
    static let descriptor: Int32 = 3

    /// What the process does that was started with the words of ``ProbeProcess``.
    ///
    /// - Parameter words: Folder, task, `override` or `alone`, and the folder to run in, if there is one.
    /// - Returns: Exit status.
    public static func run(_ words: [String], _ makeSession: () -> Session) -> Int32 {
        guard (3...4).contains(words.count), let task = ProbeProcess.Task(rawValue: words[1]) else { return 2 }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        if words.count == 4 { _ = chdir(words[3]) }
        limit()
        endWithTheReader()
        let session = makeSession()
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

    /// Ends the process and what it has started when nobody reads its lines any more: a Ctrl-C that ends the one who asked
    /// does not reach this group of processes.
    private static func endWithTheReader() {
        guard getpgrp() == getpid() else { return }
        _ = EvaluatorThread.start(stackBytes: 1 << 20, detached: true) {
            // Nothing is asked for, so that the end of the other side is all that can come.
            var pipe = pollfd(fd: descriptor, events: 0, revents: 0)
            while poll(&pipe, 1, -1) < 0, errno == EINTR {}
            if pipe.revents & Int16(POLLERR) != 0 { kill(0, SIGKILL) }
        }
    }

    private static func write(_ line: String) { writeAll(Array((line + "\n").utf8), to: descriptor) }

    private static func result(
        _ path: String, _ task: ProbeProcess.Task, override: Bool, _ context: Context
    ) -> String {
        var title: String?
        do {
            let last = path.split(separator: "/").last.map(String.init) ?? ""
            let name = last.hasSuffix(".R") ? String(last.dropLast(2)) : last
            context.pluginFolders = PluginFolders(trying: name, in: path)
            guard let plugin = try PluginFolders.descriptor(at: path, name: name) else {
                throw WorkbenchError(.plugin, "there is no plug-in in \(path)")
            }
            title = plugin.title
            return "passed " + (try check(plugin, task, override: override, context)).escaped
        } catch {
            let refused = refusal(error, title, context)
            return "refused \(refused.message.escaped)\t\((refused.hint ?? "").escaped)"
        }
    }

    /// Why a plug-in is refused, in words: with its title, and for an error of its R code with the place.
    private static func refusal(_ error: any Error, _ title: String?, _ context: Context) -> WorkbenchError {
        var refused: WorkbenchError
        switch error {
        case let error as WorkbenchError: refused = error
        case let error as UncaughtError:
            var cause = error.condition
            while let deeper = cause.parentCondition { cause = deeper }
            let place = error.origin?.span.flatMap { span in span.source.file.map { "\($0):\(span.position.line): " } }
            refused = WorkbenchError(.plugin, (place ?? "") + cause.conditionMessage, hint: error.origin?.hint)
        case let quit as QuitRequest:
            refused = WorkbenchError(.plugin, "it ends the session: q(status = \(quit.status))")
        default: refused = WorkbenchError(.plugin, "\(error)")
        }
        if let title, !refused.message.hasPrefix(title) { refused.message = "\(title): \(refused.message)" }
        return refused
    }

    private static func check(
        _ descriptor: PluginDescriptor, _ task: ProbeProcess.Task, override: Bool, _ context: Context
    ) throws -> String {
        guard descriptor.isCompiled else {
            try descriptor.load(into: context, override: override)
            return task == .test ? try tryScripted(descriptor, context) : ""
        }
        let registry = context.registry
        let plugin = CompiledPlugin(descriptor)
        if task != .check { _ = try plugin.checkFile() }
        for name in ["torch", "torchvision", "luz"] { _ = context.attach(name) }
        let before = (types: registry.pluginTypes.count, names: registry.registrations.count)
        write("stage opening \(descriptor.name).so")
        try plugin.open(into: registry) { write("stage register(in:)") }
        registry.loadedPlugins.add(
            descriptor.name, version: descriptor.version, path: descriptor.path, isCompiled: true)
        try refuseUnusable(registry.registrations[before.names...])
        try refuseForeign(registry.registrations[before.names...], registry.registrations[..<before.names], descriptor)
        let provided = provided(since: before.names, context)
        if task == .describe { return JSON.array(provided.map { $0.json }).text }
        if !override { try refuseReplaced(registry.registrations[before.names...], before.names, registry) }
        if descriptor.isListed { try compare(provided, descriptor) }
        _ = context.attach(descriptor.name)
        return try selfTest(registry.pluginTypes[before.types...], provided, task, context)
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

    /// Names that nobody could type, and names that stand for two things.
    private static func refuseUnusable(_ new: ArraySlice<Registration>) throws {
        var seen: Set<String> = []
        for registration in new {
            let name = registration.name
            // Functions may be operators, replacements and methods: `%+%`, `x<-`, `[.thing`.
            let isFree = registration.kind == .function
            guard isFree ? !name.isEmpty : isPluginName(name) else {
                throw WorkbenchError(
                    .plugin, "it registers the \(registration.kind.rawValue) \"\(inOneLine(name))\", which is no name",
                    hint: "a letter, then letters, digits, . and _")
            }
            guard seen.insert("\(registration.namespace)::\(name)").inserted else {
                throw WorkbenchError(.plugin, "it registers \(registration.namespace)::\(name) twice")
            }
        }
    }

    /// Namespaces of other plug-ins: `library()` of those would find this one's names in place of theirs.
    private static func refuseForeign(
        _ new: ArraySlice<Registration>, _ before: ArraySlice<Registration>, _ descriptor: PluginDescriptor
    ) throws {
        let known = Set(before.map { $0.namespace } + [descriptor.name])
        guard let other = new.first(where: { !known.contains($0.namespace) }) else { return }
        throw WorkbenchError(
            .plugin, "it registers \(other.name) in the namespace `\(other.namespace)`, which is not its own",
            hint: "registry.namespace(\"\(descriptor.name)\"), or one in the box: torch, torchvision, luz")
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

    /// Checks what one in R defines, as far as it can be made with its defaults and takes what is usual; the rest is said.
    private static func tryScripted(_ descriptor: PluginDescriptor, _ context: Context) throws -> String {
        for name in ["torch", "torchvision", "luz", descriptor.name] { _ = context.attach(name) }
        let checks = Checks(context) { write("stage \($0)") }
        return try checks.trials(of: descriptor.name).map { trial in
            switch trial {
            case .passed(let report): return report.text
            case .untried(let name, let reason): return "not tried: \(name) (\(reason))\n"
            case .failed(_, let arguments, let reason): return "fails with \(arguments): \(reason)\n"
            }
        }.joined()
    }

    private static func selfTest(
        _ types: ArraySlice<any Registrant.Type>, _ provided: [PluginDescriptor.Provided], _ task: ProbeProcess.Task,
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
            try (type as? any Plugin.Type)?.selfTest(checks)
        }
        if task == .test, !untried.isEmpty {
            throw WorkbenchError(
                .plugin, "not tried: \(untried.joined(separator: ", "))",
                hint: "namespace.trial(\"name\", \"name(…)\", input: [2, 8]) in register(in:) says how")
        }
        return lines
    }
}
