import Diagnostics
import Glibc
import PluginAPI

/// `workbench plugin …`: writes, builds, tests, installs, lists and removes plug-ins.
public struct PluginCommand {
    /// Makes a session that looks for plug-ins in some folders.
    public typealias MakeSession = (PluginFolders, Console) -> Session

    let makeSession: MakeSession

    /// A command over sessions of the program.
    public init(makeSession: @escaping MakeSession) { self.makeSession = makeSession }

    /// The text of `workbench plugin --help`.
    public static let helpText = """
        usage: workbench plugin new NAME [--kind KIND] [--swift]   write a plug-in into the folder NAME
               workbench plugin build PATH      compile a plug-in in Swift, write what it provides into its plugin.json
               workbench plugin test PATH       build it, try everything it registers (what cannot be tried is said),
                                                run its tests;
                                                --update writes into its session scripts what they print now
               workbench plugin install PATH    put it where library(NAME) finds it
               workbench plugin list            the plug-ins that are installed
               workbench plugin remove NAME     take one away

          KIND   layer (if left out), transform, scheduler, callback, optimizer, metric, dataset, model

        A plug-in is written in R, or with --swift in Swift, which needs a Swift toolchain.
        Installed plug-ins are in $WORKBENCH_PLUGINS, else $XDG_DATA_HOME/workbench/plugins (~/.local/share/…).

        """

    /// Runs the words behind `plugin`.
    /// - Returns: Exit status: 0, 1 when it failed, 2 for wrong usage.
    public func run(_ words: [String]) -> Int32 {
        do {
            return try dispatch(words)
        } catch let error as UsageError {
            complain(error.message)
            return 2
        } catch let error as WorkbenchError {
            complain(error.message)
            if let hint = error.hint { write("  hint: \(hint)\n", to: 2) }
            return 1
        } catch {
            complain("\(error)")
            return 1
        }
    }

    struct UsageError: Error { let message: String }

    private static let commands = ["new", "build", "test", "install", "list", "remove"]

    private func dispatch(_ words: [String]) throws -> Int32 {
        guard let command = words.first, command != "--help", command != "-h" else {
            say(PluginCommand.helpText)
            return words.isEmpty ? 2 : 0
        }
        guard PluginCommand.commands.contains(command) else {
            let near = didYouMean(command, among: PluginCommand.commands)
            throw UsageError(message: "unknown command '\(command)'; \(near ?? "workbench plugin --help lists them")")
        }
        var rest = Array(words.dropFirst())
        if command == "new" { return try new(rest) }
        if command == "list" {
            guard rest.isEmpty else { throw UsageError(message: "plugin list takes no arguments") }
            return list()
        }
        let updates = command == "test" && rest.contains("--update")
        if updates { rest.removeAll { $0 == "--update" } }
        guard rest.count == 1, let word = rest.first, !word.isEmpty, word.utf8.first != UInt8(ascii: "-") else {
            throw UsageError(
                message:
                    "plugin \(command) needs \(command == "remove" ? "the name of a plug-in" : "the folder of a plug-in")"
            )
        }
        switch command {
        case "build": try build(try PluginSource(word))
        case "test": return try test(try PluginSource(word), updates: updates)
        case "install": try install(try PluginSource(word))
        default: try remove(word)
        }
        return 0
    }

    private func new(_ words: [String]) throws -> Int32 {
        var name: String?
        var kind = PluginKind.layer
        var isCompiled = false
        var rest = words[...]
        while let word = rest.popFirst() {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if word == "--swift" {
                isCompiled = true
            } else if parts[0] == "--kind" {
                guard let text = parts.count == 2 ? parts[1] : rest.popFirst() else {
                    throw UsageError(message: "--kind needs a value: \(PluginKind.list)")
                }
                guard let known = PluginKind(rawValue: text) else {
                    let near = didYouMean(text, among: PluginKind.allCases.map { $0.rawValue })
                    throw UsageError(message: "there is no kind '\(text)'; \(near ?? "there are \(PluginKind.list)")")
                }
                kind = known
            } else if word.hasPrefix("-") {
                let near = didYouMean(word, among: ["--kind", "--swift"])
                throw UsageError(message: "unknown option \(word); \(near ?? "workbench plugin --help lists them")")
            } else if name == nil {
                name = word
            } else {
                throw UsageError(message: "plugin new takes one name, not '\(word)' too")
            }
        }
        guard let name else {
            throw UsageError(message: "plugin new needs a name: workbench plugin new squeeze --kind layer")
        }
        let plugin = NewPlugin(name: name, kind: kind, isCompiled: isCompiled)
        try plugin.checkName(against: makeSession(PluginFolders(), .silent).context.registry)
        if isCompiled { _ = try Toolchain.find() }
        for file in try plugin.write() { say("wrote \(file)\n") }
        say(
            """

            next: workbench plugin test \(name)
                  workbench plugin install \(name)
                  then, at the prompt: library(\(name))

            """)
        return 0
    }

    // MARK: Output

    func say(_ text: String) { write(text, to: 1) }
    func complain(_ message: String) { write("workbench plugin: \(message)\n", to: 2) }
    private func write(_ text: String, to descriptor: Int32) { writeAll(Array(text.utf8), to: descriptor) }
}

extension Console {
    /// One that drops everything.
    static var silent: Console { Console(out: { _ in }, error: { _ in }) }
}

/// What a plug-in can be about.
enum PluginKind: String, CaseIterable {
    case layer, transform, scheduler, callback, optimizer, metric, dataset, model

    static var list: String { allCases.map { $0.rawValue }.joined(separator: ", ") }

    /// The R name of what a plug-in of a name provides.
    func function(_ name: String) -> String {
        switch self {
        case .layer: return "nn_\(name)"
        case .transform: return "transform_\(name)"
        case .scheduler: return "lr_\(name)"
        case .callback: return "luz_callback_\(name)"
        case .optimizer: return "optim_\(name)"
        case .metric: return "luz_metric_\(name)"
        case .dataset: return "\(name)_dataset"
        case .model: return "model_\(name)"
        }
    }
}
