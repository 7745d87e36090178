import Diagnostics
import Glibc
import PluginAPI
import Tensors

/// `save_session()` and `restore_session()`.
public enum SavingSessions: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "sessions" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.namespace("base")
        registry.sessionHooks.beforeQuit.append(offerSaving)
        registry.sessionHooks.beforeFirstPrompt.append(tellOfSession)
        for generic in ["print", "format", "str"] {
            base.method(generic, for: "absent_object", [.value("x"), .dots], visible: generic == "format") { args in
                guard case .object(let object) = args[0], let absent = object as? any AbsentThing else {
                    throw args.invalid("x", args[0], wanted: "something that a plug-in made which is not there")
                }
                if generic == "format" { return .string(absent.absentText) }
                args.context.console.write(absent.absentText + "\n")
                return args[0]
            }
        }
        base.method("length", for: "absent_object", [.value("x")]) { args in
            guard case .object(let object) = args[0], let absent = object as? any AbsentThing else { return .int(1) }
            throw absent.unusable("say its length")
        }
        base.function(
            "save_session",
            [
                .value("file", help: "where to, \"run1.wb\""),
                .value("list", nil, help: "names of the variables to save; all of them if left out"),
                .value("quiet", false, help: "say nothing but what could not be saved"),
            ],
            help: """
                Saves the session: every variable with what it refers to (models, optimizers, fits, loaders, data sets, \
                tensors, functions with their environments), both random generators, options and plug-ins
                """, visible: false
        ) { args in
            let names = try texts(args, "list")
            let written = try args.string("file")
            let saved = try args.context.naming(written) { path in
                try Workspace(context: args.context).save(to: path, only: names)
            }
            for skip in saved.skipped {
                try args.context.message(
                    "not saved: \(skip.path.isEmpty ? "a value" : inOneLine(skip.path)): \(skip.reason)\n")
            }
            if try !args.flag("quiet") {
                let count = saved.variables.count
                try args.context.message(
                    "saved \(count) \(count == 1 ? "variable" : "variables"), \(bytesText(saved.bytes)), to '\(written)'\n"
                )
            }
            return .string(written)
        }
        base.function(
            "restore_session",
            [
                .value("file", help: "a file that save_session() wrote"),
                .value(
                    "data", nil,
                    help: "where data sets lie now, by name: c(train_ds = \"/mnt/d\")"),
                .value("quiet", false, help: "say nothing but what is not as it was"),
            ],
            help: """
                Brings back a saved session; variables of other names stay. Runs no code: what the session needs and is not \
                there (data, plug-ins) is named, and the rest is usable
                """, visible: false
        ) { args in
            let written = try args.string("file")
            let moves = try moves(args)
            let restored = try args.context.naming(written) { path in
                try readingForeignText { try Workspace(context: args.context).restore(from: path, moves: moves) }
            }
            if try !args.flag("quiet") {
                try args.context.message(listing(restored.variables))
            }
            for note in restored.notes { try args.context.message("note: \(inOneLine(note))\n") }
            return .strings(restored.variables.map { $0.name })
        }
    }

    /// What `q()` saves to, in the working directory.
    private static let usualFile = "session.wb"

    /// A session that was saved here before is not restored by itself, and not to be forgotten.
    private static func tellOfSession(_ context: Context) throws {
        let path = context.resolvedPath(usualFile)
        guard SnapshotFile.isSnapshot(path) else {
            // A file that was cut off, on its way here or by another program, is no reason to begin in silence.
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
            do { _ = try Safetensors.metadata(of: path) } catch let error as WorkbenchError {
                context.console.writeError("\(usualFile) cannot be read: \(error.message)\n")
            }
            return
        }
        context.console.writeError("A session is saved here: restore_session(\"\(usualFile)\") brings it back\n")
    }

    /// Asks whether to save what there is, as R does; false means that the session goes on.
    private static func offerSaving(_ context: Context) throws -> Bool {
        guard let read = context.console.readLine, context.globalEnvironment.count > 0,
            !context.options.flag("workbench.no_save")
        else { return true }
        if context.knownWorkspaces.isStranger(context.resolvedPath(usualFile)) {
            context.console.write(
                "\(usualFile) is there already, and this session has neither restored nor written it: y replaces it, what it holds is lost\n"
            )
        }
        while true {
            let answer = try read("Save the session to \(usualFile)? [y/n/c]: ") ?? "n"
            switch answer.lowercased().first {
            case "y":
                _ = try context.call("save_session", [Argument(.string(usualFile))])
                return true
            case "n": return true
            case "c": return false
            default: context.console.write("y saves it, n ends without, c goes on\n")
            }
        }
    }

    private static func texts(_ args: Arguments, _ name: String) throws -> [String]? {
        switch args[name] {
        case .null, .missing: return nil
        case .character(let texts): return texts.elements.map { $0?.string ?? "NA" }
        case let value: throw args.invalid(name, value, wanted: "a vector of names")
        }
    }

    private static func moves(_ args: Arguments) throws -> [(name: String, folder: String)] {
        guard !args["data"].isNull else { return [] }
        guard case .character(let folders) = args["data"], let names = args["data"].names else {
            throw WorkbenchError(
                .type, "`data` must name folders by data set, not \(args.describe(args["data"]))",
                hint: "data = c(train_ds = \"/mnt/d\")")
        }
        return zip(names, folders.elements).map { ($0?.string ?? "", args.context.resolvedPath($1?.string ?? "")) }
    }

    /// What came back, by class: `net <nn_module>, x <numeric>`.
    private static func listing(_ variables: [(name: String, value: Value)]) -> String {
        if variables.isEmpty { return "restored a session without variables\n" }
        let shown = variables.map { variable in
            let type = variable.value.classes.first?.string ?? variable.value.typeName
            return "\(inOneLine(variable.name, most: 60)) <\(inOneLine(type, most: 60))>"
        }
        var lines: [String] = []
        var line = "restored \(variables.count) \(variables.count == 1 ? "variable" : "variables"):"
        for word in shown {
            if line.count + word.count > 78 {
                lines.append(line)
                line = " "
            }
            line += " " + word
        }
        return (lines + [line]).joined(separator: "\n") + "\n"
    }
}

/// "57 MB", "1.5 kB": a size for people.
func bytesText(_ bytes: Int) -> String {
    if bytes < 1000 { return "\(bytes) bytes" }
    if bytes < 1_000_000 { return "\(bytes / 1000) kB" }
    return "\(bytes / 1_000_000) MB"
}
