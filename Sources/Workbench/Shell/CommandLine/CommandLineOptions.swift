import Diagnostics

/// What the words of a command line ask for.
struct CommandLineOptions: Equatable {
    /// What to run.
    enum Program: Equatable {
        /// The prompt, or what comes from standard input if that is no terminal.
        case standardInput
        /// A script.
        case file(String)
        /// Texts given with `-e`, each a line.
        case expressions([String])
        /// Session scripts to run and compare.
        case replay([String])
        /// `--version`
        case version
        /// `--help`
        case help
    }

    var program = Program.standardInput
    /// What the script sees after `--args`.
    var arguments: [String] = []
    /// Stay at the prompt after the script.
    var staysAtPrompt = false
    /// No banner.
    var isQuiet = false
    /// Only what belongs to R itself.
    var withoutPlugins = false
    /// Plug-ins left out by name.
    var blocked: [String] = []
    /// The session script to write.
    var recording: String?
    /// `q()` asks nothing.
    var neverSaves = false
    /// Fits of this session do not go on record.
    var keepsNoRuns = false
    /// Rewrite what session scripts record.
    var updates = false
    /// Threads for kernels, or nil for as many as there are cores.
    var threads: Int?

    /// A command line that makes no sense.
    struct UsageError: Error, Equatable {
        let message: String
    }

    /// An option: its spellings, what its value is called (nil if it takes none), what help says.
    private struct Option {
        let names: [String]
        var value: String?
        var help: String?
        let apply: (inout CommandLineOptions, String) throws -> Void
    }

    private static func options() -> [Option] {
        [
            Option(names: ["-e"], value: "CODE", help: "run CODE; may be given several times") { options, code in
                if case .expressions(let before) = options.program {
                    options.program = .expressions(before + [code])
                } else {
                    options.program = .expressions([code])
                }
            },
            Option(names: ["-f", "--file"], value: "FILE", help: "run FILE (the same as FILE alone)") {
                $0.program = .file($1)
            },
            Option(names: ["--args"], help: "the rest of the line is for the script: commandArgs(trailingOnly = TRUE)")
            {
                _, _ in
            },
            Option(names: ["-i", "--interactive"], help: "stay at the prompt after FILE or CODE") { options, _ in
                options.staysAtPrompt = true
            },
            Option(names: ["--replay"], help: "run session scripts and compare their output with what follows #>") {
                options, _ in options.program = .replay([])
            },
            Option(names: ["--update"], help: "with --replay: write the output into the scripts") { options, _ in
                options.updates = true
            },
            Option(names: ["-q", "--quiet", "--silent"], help: "no banner") { options, _ in options.isQuiet = true },
            Option(names: ["--no-plugins"], help: "nothing but R itself; library() loads no plug-in") { options, _ in
                options.withoutPlugins = true
            },
            Option(names: ["--block"], value: "NAME", help: "leave plug-ins out (a,b), also those that come in the box")
            {
                options, names in options.blocked += names.split(separator: ",").map(String.init)
            },
            Option(names: ["--threads"], value: "N", help: "threads for computing (default: as many as cores may be used)") {
                options, text in
                guard let count = Int(text), count >= 1, count <= 256 else {
                    throw UsageError(message: "--threads needs a number from 1 to 256, not '\(text)'")
                }
                options.threads = count
            },
            Option(names: ["--version"], help: "print the version") { options, _ in options.program = .version },
            Option(names: ["-h", "--help"], help: "print this text") { options, _ in options.program = .help },
            Option(names: ["--record"], value: "FILE", help: "write a session script of what is typed and printed") {
                options, text in options.recording = text
            },
            Option(names: ["--no-save", "--vanilla"], help: "q() does not ask whether to save the session") {
                options, _ in options.neverSaves = true
            },
            Option(names: ["--no-runs"], help: "do not put fits on record (see ?runs)") { options, _ in
                options.keepsNoRuns = true
            },
            // R's own, whose meaning holds here anyway.
            Option(names: [
                "--no-restore", "--no-restore-data", "--no-restore-history", "--no-echo",
                "--slave", "--no-environ", "--no-site-file", "--no-init-file", "--no-readline", "-s",
            ]) { _, _ in },
        ]
    }

    init() {}

    /// Reads the words after the program's name.
    /// - Throws: ``UsageError`` with the nearest option.
    init(_ words: [String]) throws(UsageError) {
        let known = CommandLineOptions.options()
        var rest = words[...]
        while let word = rest.popFirst() {
            guard word.utf8.first == UInt8(ascii: "-"), word != "-" else {
                if takesFurtherFiles(word) { continue }
                if case .standardInput = program { program = .file(word) } else { arguments.append(word) }
                // What follows belongs to the script.
                arguments += rest.first == "--args" ? rest.dropFirst() : rest
                break
            }
            if word == "--args" {
                arguments += rest
                break
            }
            try apply(word, &rest, known)
        }
        if case .replay(let files) = program, files.isEmpty {
            throw UsageError(message: "--replay needs the name of a session script")
        }
        if updates, !isReplay { throw UsageError(message: "--update goes with --replay FILE.R") }
    }

    private var isReplay: Bool {
        if case .replay = program { return true }
        return false
    }

    private mutating func takesFurtherFiles(_ word: String) -> Bool {
        guard case .replay(let files) = program else { return false }
        program = .replay(files + [word])
        return true
    }

    private mutating func apply(
        _ word: String, _ rest: inout ArraySlice<String>, _ known: [Option]
    ) throws(UsageError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = word.hasPrefix("--") ? parts[0] : word
        guard let option = known.first(where: { $0.names.contains(name) }) else {
            throw CommandLineOptions.unknown(name, known)
        }
        let given = word.hasPrefix("--") && parts.count == 2 ? parts[1] : nil
        var text = ""
        if let value = option.value {
            guard let found = given ?? rest.popFirst() else {
                throw UsageError(message: "\(name) needs a value: \(name) \(value)")
            }
            text = found
        } else if given != nil {
            throw UsageError(message: "\(name) takes no value")
        }
        do {
            try option.apply(&self, text)
        } catch let error as UsageError {
            throw error
        } catch {
            throw UsageError(message: "\(error)")
        }
    }

    private static func unknown(_ name: String, _ known: [Option]) -> UsageError {
        let near = nearestNames(to: name, among: known.flatMap(\.names), limit: 1).first
        let hint = near.map { "did you mean \($0)?" } ?? "workbench --help lists the options"
        return UsageError(message: "unknown option \(name); \(hint)")
    }

    /// The text of `--help`.
    static var helpText: String {
        var text = """
            usage: workbench [OPTIONS]                      prompt, or the program on standard input
                   workbench [OPTIONS] FILE.R [ARGUMENTS]   run a script
                   workbench --replay FILE.R ...            run session scripts, compare their output
                   workbench plugin COMMAND ...             write, build, test and install plug-ins


            """
        for option in options() {
            guard let help = option.help else { continue }
            let left = option.names.joined(separator: ", ") + (option.value.map { " " + $0 } ?? "")
            text += "  " + left + String(repeating: " ", count: max(2, 24 - left.count)) + help + "\n"
        }
        return text + """

            R's --no-restore, --no-echo, --slave and the like are accepted.
            exit status: 0 all ran, 1 an error ended it, 2 wrong usage, 130 Ctrl-C, or what quit(status = ) says

            """
    }
}
