import CLineEditor
import Diagnostics
import Glibc
import PluginAPI
import Session

/// The program `workbench`: what the words of the command line ask for.
public struct CommandLineProgram {
    private let language: [any Registrant.Type]
    private let plugins: [any Registrant.Type]

    /// A program.
    ///
    /// - Parameters:
    ///   - language: Plug-ins that make up R itself.
    ///   - plugins: All others, left out by `--no-plugins`.
    public init(language: [any Registrant.Type], plugins: [any Registrant.Type]) {
        self.language = language
        self.plugins = plugins
    }

    /// Runs and returns the exit status.
    public func run(_ words: [String]) -> Int32 {
        defer { RunningPlugins.forget() }
        // What plug-ins are tried with is no run of the user's.
        var trial = CommandLineOptions()
        trial.keepsNoRuns = true
        if words.first == PluginTrial.option {
            return PluginTrial.run(Array(words.dropFirst())) { makeSession(trial, path: nil) }
        }
        if words.first == "plugin" {
            return PluginCommand { folders, console in
                makeSession(trial, path: nil, console: console, folders: folders)
            }.run(Array(words.dropFirst()))
        }
        let options: CommandLineOptions
        do {
            options = try CommandLineOptions(words)
        } catch {
            complain(error.message)
            return 2
        }
        if let file = options.recording, access(file, F_OK) == 0 {
            complain("--record: '\(file)' exists already; give another name, or use record(\"\(file)\", append = TRUE)")
            return 2
        }
        if let unknown = unknownBlocked(options) {
            complain(unknown)
            return 2
        }
        for line in unknownNames(options) { complain(line) }
        switch options.program {
        case .standardInput, .file, .expressions:
            for plugin in RunningPlugins.takeLost() {
                let name = plugin.prefix { $0 != " " }
                complain(
                    "a session ended without saying so while the plug-in \(plugin) was loaded; --block \(name) leaves it out"
                )
            }
        default: break
        }
        switch options.program {
        case .version:
            say("workbench \(workbenchVersion)\n")
            return 0
        case .help:
            say(CommandLineOptions.helpText)
            return 0
        case .replay(let files): return replay(files, options)
        case .standardInput where isatty(0) == 1: return prompt(after: nil, options)
        case .standardInput: return script("-", options)
        case .file(let path): return script(path, options)
        case .expressions(let lines):
            return runProgram(Program(text: lines.joined(separator: "\n"), file: nil), options)
        }
    }

    private struct Program {
        let text: String
        let file: String?
    }

    private func script(_ path: String, _ options: CommandLineOptions) -> Int32 {
        var descriptor: Int32 = 0
        if path != "-" {
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else {
                complain("cannot open file '\(path)': \(ReadFailure(number: errno).reason)")
                return 2
            }
        }
        defer { if descriptor > 0 { close(descriptor) } }
        switch readWhole(descriptor) {
        case .failure(let failure):
            complain("cannot read \(path == "-" ? "standard input" : "file '\(path)'"): \(failure.reason)")
            return 2
        case .success(let bytes):
            let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
            let text = String(keeping: bytes.starts(with: mark) ? bytes[3...] : bytes[...])
            return runProgram(Program(text: text, file: path == "-" ? "standard input" : path), options, path: path)
        }
    }

    private func runProgram(_ program: Program, _ options: CommandLineOptions, path: String? = nil) -> Int32 {
        let staysAtPrompt = options.staysAtPrompt && isatty(0) == 1
        if staysAtPrompt { return prompt(after: program, options) }
        workbench_install_signals(0)
        let session = makeSession(options, path: path)
        session.context.stateFolder = UserFolder.state.path
        keepToTheEnd(session)
        guard record(session, options) else { return 2 }
        let outcome = session.onDeepStack {
            let outcome = session.run(program.text, file: program.file)
            session.finish()
            return outcome
        }
        session.context.console.flush()
        return status(of: outcome)
    }

    private func prompt(after program: Program?, _ options: CommandLineOptions) -> Int32 {
        workbench_install_signals(1)
        guard let editor = LineEditor(program: "workbench") else {
            complain("the terminal cannot be used for a prompt; give a FILE.R or -e CODE")
            return 1
        }
        let session = makeSession(options, path: program?.file)
        session.context.isInteractive = true
        session.context.stateFolder = UserFolder.state.path
        // As R: functions typed at the prompt print as they were typed.
        session.context.options["keep.source"] = true
        keepToTheEnd(session)
        let prompt = Prompt(session: session, editor: editor, history: .ofUser())
        // It listens to what is answered at the prompt, which has to be there.
        guard record(session, options) else { return 2 }
        if !options.isQuiet { say(Prompt.banner) }
        return session.onDeepStack {
            session.greet()
            if let program, case .quit(let status) = session.run(program.text, file: program.file) { return status }
            defer { session.finish() }
            return prompt.run()
        }
    }

    /// Begins what `--record` asks for; false if the script cannot be made, which is said.
    private func record(_ session: Session, _ options: CommandLineOptions) -> Bool {
        guard let file = options.recording else { return true }
        session.context.options["keep.source"] = true
        do {
            try session.record(to: session.context.resolvedPath(file))
            return true
        } catch let error as WorkbenchError {
            complain("--record: \(error.message)")
        } catch {
            complain("--record: \(error)")
        }
        return false
    }

    private func replay(_ files: [String], _ options: CommandLineOptions) -> Int32 {
        workbench_install_signals(0)
        var status: Int32 = 0
        for file in files {
            let report = Replay(file: file, updates: options.updates) { console in
                makeSession(options, path: file, console: console)
            }.run()
            say(report.text)
            if !report.agrees { status = 1 }
            if report.isInterrupted { return 130 }
        }
        return status
    }

    private func makeSession(
        _ options: CommandLineOptions, path: String?, console: Console = .standardStreams(),
        folders: PluginFolders? = nil
    ) -> Session {
        let folders = folders ?? PluginFolders(blocked: options.blocked, isClosed: options.withoutPlugins)
        let all = options.withoutPlugins ? language : language + plugins.filter { !folders.blocked.contains($0.name) }
        let session = Session(
            plugins: all, console: console, workingDirectory: currentDirectory(),
            pluginFolders: folders)
        let context = session.context
        context.interruptFlag = UnsafeMutableRawPointer(workbench_interrupt_flag())?.assumingMemoryBound(to: Int32.self)
        context.endingSignal = { workbench_signal_received() }
        context.commandArguments =
            ["workbench"] + (path.map { ["--file=\($0)"] } ?? [])
            + (options.arguments.isEmpty ? [] : ["--args"] + options.arguments)
        context.options["width"] = .int(min(context.console.width, 10_000))
        if options.neverSaves { context.options["workbench.no_save"] = true }
        context.options["workbench.runs"] = runsOption(options)
        if let threads = options.threads { context.computingThreads = threads }
        return session
    }

    /// The process ends with its session: letting go of what it holds, thing by thing, would take time, and for deeply
    /// nested lists more stack than the first thread has.
    private func keepToTheEnd(_ session: Session) { _ = Unmanaged.passRetained(session) }

    /// Whether fits go on record: those of people and their scripts do, replays do not. `WORKBENCH_RUNS` is `off` or the
    /// path of a file.
    private func runsOption(_ options: CommandLineOptions) -> Value {
        if case .replay = options.program { return false }
        guard !options.keepsNoRuns else { return false }
        guard let given = environmentVariable("WORKBENCH_RUNS"), !given.isEmpty else { return true }
        if ["off", "false", "no", "0"].contains(given.lowercased()) { return false }
        return .string(given.hasPrefix("/") ? given : currentDirectory() + "/" + given)
    }

    /// What is wrong with `--block`: R itself cannot be left out.
    private func unknownBlocked(_ options: CommandLineOptions) -> String? {
        for name in options.blocked where language.contains(where: { $0.name == name }) {
            return "--block: \(name) belongs to R itself and cannot be left out"
        }
        return nil
    }

    /// A line for each name that is to be left out and that no plug-in has.
    private func unknownNames(_ options: CommandLineOptions) -> [String] {
        switch options.program {
        case .version, .help: return []
        default: break
        }
        guard !options.withoutPlugins else { return [] }
        let folders = PluginFolders(blocked: options.blocked)
        guard !folders.blocked.isEmpty else { return [] }
        let known = (language + plugins).map { $0.name } + folders.names()
        return folders.blocked.inByteOrder().filter { !known.contains($0) }.map { name in
            let near = nearestNames(to: name, among: known, limit: 1).first.map { "; did you mean \($0)?" } ?? ""
            return "there is no plug-in \(inOneLine(name)) to leave out\(near)"
        }
    }

    private func status(of outcome: Session.Outcome) -> Int32 {
        let signal = workbench_signal_received()
        if signal != 0 { return 128 + signal }
        switch outcome {
        case .finished: return 0
        case .quit(let status): return status
        case .interrupted: return 130
        case .failed, .incomplete: return 1
        }
    }

    private func currentDirectory() -> String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }

    private func say(_ text: String) { writeAll(Array(text.utf8), to: 1) }

    private func complain(_ message: String) { writeAll(Array("workbench: \(message)\n".utf8), to: 2) }
}
