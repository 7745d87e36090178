import Diagnostics
import Glibc
import LanguageValues
import RRuntime

/// `commandArgs`, `interactive`, `quit`, `source`, `withVisible`, the environment variables of the process.
func registerSessionControl(_ base: Namespace) {
    base.function("commandArgs", [.value("trailingOnly", false)], help: "The words of the command line") { args in
        let words = args.context.commandArguments
        guard try args.flag("trailingOnly") else { return .strings(words) }
        guard let mark = words.firstIndex(of: "--args") else { return .strings([]) }
        return .strings(Array(words[(mark + 1)...]))
    }
    base.function("interactive", [], help: "Whether a person is at the prompt") { args in
        .flag(args.context.isInteractive)
    }
    base.function(
        "quit",
        [
            .value(
                "save", "default",
                help: "\"no\" asks nothing; at the prompt the default asks whether to save the session"),
            .value("status", .int(0)), .value("runLast", true),
        ], help: "Ends the session", visible: false
    ) { args in
        let status = Int32(clamping: try args.int("status"))
        let save = try args.string("save")
        guard ["default", "no", "yes", "ask"].contains(save) else {
            throw WorkbenchError(.value, "unrecognized value of 'save'", hint: "\"no\", \"yes\" or \"ask\"")
        }
        let context = args.context
        guard context.background == nil else {
            throw WorkbenchError(.value, "a fit in the background cannot end the session", hint: "stop() ends the fit")
        }
        if save == "yes" {
            _ = try context.call("save_session", [Argument("session.wb")])
        } else if save != "no", context.isInteractive {
            for hook in context.registry.sessionHooks.beforeQuit where !(try hook(context)) { return .null }
        }
        throw QuitRequest(status: status)
    }
    base.alias("q", of: "quit")
    base.function("withVisible", [.promise("x")], help: "A value, and whether the prompt would print it") { args in
        args.context.isVisible = true
        let value = try args.forced("x")
        return Value.named([("value", value), ("visible", .flag(args.context.isVisible))])
    }
    registerSourcing(base)
    registerWorkingDirectory(base)
    registerProcessEnvironment(base)
}

private func registerSourcing(_ base: Namespace) {
    let source = base.function(
        "source",
        [
            .value("file"), .value("local", false), .value("echo", false), .value("print.eval", code: "echo"),
            .value("exprs"), .value("spaced"), .value("verbose", false), .value("prompt.echo"),
            .value("max.deparse.length", .int(150)), .value("width.cutoff"), .value("deparseCtrl"),
            .value("chdir", false), .value("encoding", "native.enc"), .value("continue.echo"), .value("skip.echo"),
            .value("keep.source", true),
        ], help: "Runs a file in the global environment, or where it is called"
    ) { args in
        let home: Environment
        switch args["local"] {
        case .environment(let environment): home = environment
        default: home = try args.flag("local") ? args.environment : args.context.globalEnvironment
        }
        let echo = try args.flag("echo")
        let prints = try args.has("print.eval") ? args.flag("print.eval") : echo
        let file = try args.required("file")
        guard case .character = file else {
            // A connection.
            let lines = try args.context.call("readLines", [Argument(file)], environment: args.environment)
            let text = try lines.asCharacters().elements.map { ($0?.string ?? "NA") + "\n" }.joined()
            return try run(text, nil, in: home, echo: echo, prints: prints, args)
        }
        let path = try args.string("file")
        let text = try readCode(path, inSource: true, encoding: try args.string("encoding"), args.context)
        return try run(text, path, in: home, echo: echo, prints: prints, args)
    }
    source.keepsVisibility = true
    base.function(
        "sys.source", [.value("file"), .value("envir", code: "baseenv()"), .value("chdir", false), .dots],
        help: "Runs a file in an environment", visible: false
    ) { args in
        let path = try args.string("file")
        let home = try args.has("envir") ? args.environmentValue("envir") : args.context.baseEnvironment
        return try run(
            try readCode(path, inSource: true, args.context), path, in: home, echo: false, prints: false, args)
    }
}

private func run(
    _ text: String, _ path: String?, in home: Environment, echo: Bool, prints: Bool, _ args: Arguments
) throws -> Value {
    let context = args.context
    var last = Value.null
    var visible = false
    try context.activating(args.call, from: args.environment) {
        for expression in try context.parse(text, file: path) {
            if echo {
                let lines = context.deparse(expression)
                context.console.write("\n> " + lines.joined(separator: "\n+ ") + "\n")
            }
            context.isVisible = true
            last = try context.evaluate(expression, in: home)
            visible = context.isVisible
            if prints, visible { try context.print(last, environment: home) }
        }
    }
    context.isVisible = false
    return Value.named([("value", last), ("visible", .flag(visible))])
}

/// `Sys.getenv` and relatives.
private func registerProcessEnvironment(_ base: Namespace) {
    base.function(
        "Sys.getenv", [.value("x", nil), .value("unset", ""), .value("names", .flag(nil))],
        help: "Values of environment variables of the process"
    ) { args in
        let unset = try args["unset"].asCharacters().elements.first ?? nil
        guard !args["x"].isNull else {
            var all: [(String, String)] = []
            var next = environ
            while let entry = next.pointee {
                let text = String(cString: entry)
                if let mark = text.firstIndex(of: "=") {
                    all.append((String(text[..<mark]), String(text[text.index(after: mark)...])))
                }
                next += 1
            }
            all = all.ordered { Text($0.0) < Text($1.0) }
            return Value.strings(all.map { $0.1 }).withNames(all.map { $0.0 })
        }
        guard case .character(let names) = args["x"] else {
            throw WorkbenchError(.value, "invalid argument 'x': a name as text is needed")
        }
        let values = names.elements.map { name -> Text? in
            guard let name, let value = getenv(name.string) else { return unset }
            return Text(String(cString: value))
        }
        let result = Value.character(Vector(values))
        let named = (try args["names"].asLogicals().elements.first ?? nil) ?? (names.count > 1)
        return named ? result.withNames(names.elements) : result
    }
    base.function("Sys.setenv", [.dots], help: "Sets environment variables of the process", visible: false) { args in
        var done: [Bool?] = []
        for argument in args.dots {
            guard let name = argument.name, !name.name.isEmpty else {
                throw WorkbenchError(.value, "all arguments must be named")
            }
            let value = try args.context.asCharacters(argument.value).elements.first??.string ?? "NA"
            done.append(setenv(name.name, value, 1) == 0)
        }
        return .logical(Vector(done))
    }
    base.function("Sys.unsetenv", [.value("x")], help: "Removes environment variables of the process", visible: false) {
        args in
        .logical(Vector(try args["x"].asCharacters().elements.map { unsetenv($0?.string ?? "") == 0 }))
    }
    base.function("Sys.getpid", [], help: "Number of the process") { _ in .int(Int(getpid())) }
    base.function("Sys.sleep", [.value("time")], help: "Waits a number of seconds", visible: false) { args in
        let seconds = try args.number("time")
        guard seconds >= 0 else { throw WorkbenchError(.value, "invalid 'time' value") }
        let end = monotonicSeconds() + seconds
        while true {
            try args.context.pollInterrupt()
            let left = end - monotonicSeconds()
            if left <= 0 { return .null }
            // Others may evaluate meanwhile.
            args.context.released { _ = usleep(UInt32(min(left, 0.02) * 1e6)) }
        }
    }
}
