import Diagnostics
import LanguageValues
import RRuntime

/// `deparse`, `deparse1`, `parse`, `str2lang`, `str2expression`: between code and text.
func registerDeparsing(_ base: Namespace) {
    base.function(
        "deparse",
        [
            .value("expr"), .value("width.cutoff", .int(60), help: "bytes after which a line breaks, 20 … 500"),
            .value("backtick", code: "mode(expr) %in% c(\"call\", \"expression\", \"(\", \"function\")"),
            .value("control", .strings(["keepNA", "keepInteger", "niceNames", "showAttributes"])),
            .value("nlines", .int(-1)),
        ], help: "Code of a value as lines of text"
    ) { args in
        let lines = try deparsed(args)
        let limit = try args.int("nlines")
        return .strings(limit > 0 ? Array(lines.prefix(limit)) : lines)
    }
    base.function(
        "deparse1",
        [
            .value("expr"), .value("collapse", " "), .value("width.cutoff", .int(500)), .value("backtick", code: ""),
            .value("control", .strings(["keepNA", "keepInteger", "niceNames", "showAttributes"])),
        ], help: "Code of a value as one string"
    ) { args in
        let lines = try deparsed(args)
        return .string(lines.joined(separator: try args.string("collapse")))
    }
    base.function(
        "parse",
        [
            .value("file", ""), .value("n", nil), .value("text", nil), .value("prompt", "?"),
            .value("keep.source", code: "getOption(\"keep.source\")"), .value("srcfile", nil),
            .value("encoding", "unknown"),
        ], help: "Expressions of a text or a file"
    ) { args in
        let text: String
        var file: String? = nil
        if !args["text"].isNull {
            text = try args.context.asCharacters(args["text"]).elements.map { $0?.string ?? "NA" }
                .joined(separator: "\n")
            file = "<text>"
        } else if case .character(let name) = args["file"], let path = name.elements.first ?? nil {
            if path.isEmpty { throw args.invalid("file") }
            text = try readCode(path.string, args.context)
            file = path.string
        } else {
            let lines = try args.context.call("readLines", [Argument(args["file"])], environment: args.environment)
            text = try lines.asCharacters().elements.map { $0?.string ?? "NA" }.joined(separator: "\n")
        }
        var expressions = try args.context.parse(text, file: file)
        if let count = try args.optionalInt("n"), count >= 0 { expressions = Array(expressions.prefix(count)) }
        return .expression(Vector(expressions))
    }
    base.function("str2lang", [.value("s")], help: "The one expression of a string") { args in
        guard case .character(let text) = try args.required("s"), text.count == 1, let code = text[0] else {
            throw WorkbenchError(.value, "argument must be a character string")
        }
        let expressions = try args.context.parse(code.string, file: "<text>")
        guard expressions.count == 1 else {
            throw WorkbenchError(.value, "parsing result not of length one, but \(expressions.count)")
        }
        return expressions[0]
    }
    base.function("str2expression", [.value("text")], help: "The expressions of strings") { args in
        guard case .character(let text) = try args.required("text") else {
            throw WorkbenchError(.value, "argument must be character")
        }
        let code = text.elements.map { $0?.string ?? "NA" }.joined(separator: "\n")
        return .expression(Vector(try args.context.parse(code, file: "<text>")))
    }
}

/// Lines of code; a name alone is written without backticks unless they are asked for.
private func deparsed(_ args: Arguments) throws -> [String] {
    let code = try code(args)
    let options = try deparseOptions(args)
    if case .symbol(let symbol) = code, !options.backtick || !args.has("backtick") { return [symbol.name] }
    return args.context.deparse(code, options)
}

private func deparseOptions(_ args: Arguments) throws -> DeparseOptions {
    var options = DeparseOptions()
    let width = try args.int("width.cutoff")
    if !(20...500).contains(width) {
        try args.context.warn("invalid 'cutoff' value for 'deparse', using default", call: args.call)
    } else {
        options.width = width
    }
    if args.has("backtick"), case .logical(let flag) = args["backtick"] {
        options.backtick = flag.elements.first == true
    }
    let control = Set(try args["control"].asCharacters().elements.compactMap { $0?.string })
    let all = control.contains("all") || control.contains("exact")
    options.useSource = all || control.contains("useSource")
    options.showAttributes = all || control.contains("showAttributes")
    return options
}

/// The code to deparse. The missing argument among the formals of a function is an empty text; none at all is an error.
private func code(_ args: Arguments) throws -> Value {
    args.call.arguments.isEmpty ? try args.required("expr") : args["expr"]
}
