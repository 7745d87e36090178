import Diagnostics
import FormatValues
import Glibc
import RRuntime
import TextValues

func registerConnections(_ base: Namespace, _ utils: Namespace) {
    base.function(
        "file",
        [
            .value("description", ""), .value("open", ""), .value("blocking", true),
            .value("encoding", "", help: "a name that iconv knows (\"latin1\", \"UTF-16\"): text is converted"),
            .value("method", ""), .value("raw", false),
        ], help: "A connection to a file."
    ) { args in
        let name = try args.string("description")
        try refuseAddresses(name)
        if name == "stdin" { return .object(Connection(.input, title: "stdin", mode: "r")) }
        let mode = try args.string("open")
        let connection = Connection(
            .file(path: args.context.resolved(name)), title: name, mode: mode.isEmpty ? "r" : mode,
            encoding: try args.string("encoding"))
        if !mode.isEmpty { try connection.open(mode, args.context) }
        return .object(connection)
    }
    for name in ["url", "gzcon", "socketConnection"] {
        base.function(name, [.value("description"), .dots], help: "Not here: only local files are read.") { args in
            throw WorkbenchError(
                .unsupported, "cannot open the connection to '\((try? args.string("description")) ?? name)'",
                hint: "only files on this machine are read: download it first")
        }
    }
    base.function(
        "textConnection",
        [.promise("object"), .value("open", "r"), .value("local", false), .value("name", ""), .value("encoding", "")],
        help: "A connection that reads from, or writes to, a character vector."
    ) { args in try textConnection(args) }
    base.function("textConnectionValue", [.value("con")], help: "The lines written to a text connection.") { args in
        try connection(args, "con").collectedLines
    }
    base.function("rawConnection", [.value("object"), .value("open", "r")], help: "A connection to raw bytes.") {
        args in
        guard case .raw(let bytes) = try args.required("object") else { throw args.invalid("object") }
        let mode = try args.string("open")
        return .object(
            Connection(.raw, title: "raw(\(bytes.count))", mode: mode, input: mode.hasPrefix("r") ? bytes.elements : [])
        )
    }
    base.function("rawConnectionValue", [.value("con")], help: "The bytes written to a raw connection.") { args in
        .raw(Vector(try connection(args, "con").output))
    }
    base.function("stdin", [], help: "Standard input.") { _ in .object(Connection(.input, title: "stdin", mode: "r")) }
    base.function("stdout", [], help: "Standard output.") { _ in
        .object(Connection(.output, title: "stdout", mode: "w"))
    }
    base.function("stderr", [], help: "Standard error.") { _ in .object(Connection(.error, title: "stderr", mode: "w"))
    }
    registerConnectionStates(base)
    utils.function("flush.console", [], help: "Shows what was written so far.", visible: false) { args in
        args.context.console.flush()
        return .null
    }
}

private func registerConnectionStates(_ base: Namespace) {
    base.function(
        "open", [.value("con"), .value("open", "r"), .dots], help: "Opens a connection.", dispatch: .generic,
        visible: false
    ) { args in
        try connection(args, "con").open(try args.string("open"), args.context)
        return .null
    }
    base.function(
        "close", [.value("con"), .dots], help: "Closes a connection.", dispatch: .generic, visible: false
    ) { args in
        let connection = try connection(args, "con")
        try connection.checkUsable()
        connection.close()
        return .null
    }
    base.function("isOpen", [.value("con"), .value("rw", "")], help: "Whether a connection is open.") { args in
        let connection = try connection(args, "con")
        try connection.checkUsable()
        switch try args.string("rw") {
        case "read": return .flag(connection.isOpen && connection.canRead)
        case "write": return .flag(connection.isOpen && connection.canWrite)
        default: return .flag(connection.isOpen)
        }
    }
    base.function("isIncomplete", [.value("con")], help: "Whether more may come than was read.") { args in
        .flag(try connection(args, "con").isOpen && false)
    }
    base.function("nullfile", [], help: "The file that swallows what is written.") { _ in "/dev/null" }
    base.function("flush", [.value("con")], help: "Writes out what is kept back.", visible: false) { args in
        args.context.console.flush()
        return .null
    }
    base.function("isatty", [.value("con")], help: "Whether a connection is a terminal.") { args in
        switch try connection(args, "con").kind {
        case .input: return .flag(Glibc.isatty(0) == 1)
        case .output: return .flag(Glibc.isatty(1) == 1)
        case .error: return .flag(Glibc.isatty(2) == 1)
        default: return false
        }
    }
    base.function(
        "pushBack", [.value("data"), .value("connection"), .value("newLine", true), .dots],
        help: "Puts lines back to be read again.", visible: false
    ) { args in
        let end = try args.flag("newLine") ? "\n" : ""
        let text = try textElements(args["data"], args).map { ($0?.string ?? "NA") + end }.joined()
        try connection(args, "connection").pushBack(text)
        return .null
    }
    base.method("print", for: "connection", [.value("x"), .dots], help: "Shows a connection.", visible: false) { args in
        let fields = try connectionFields(args)
        let cells = Value.strings(fields.map { $0.1 })
        // The header of the one column is empty, and R pads it.
        let rows = Cells(fields.map { $0.0 })
        let values = Cells(cells, 0..<fields.count, PrintSettings(args.context))
        var text = "A connection with" + blanks(rows.width + 1 + values.width) + "\n"
        for (index, field) in fields.enumerated() {
            text += field.0.rightPadded(to: rows.width) + " "
            text += values.texts[index].fitted(to: values.width, left: true) + "\n"
        }
        args.context.console.write(text)
        return args[0]
    }
    base.method("summary", for: "connection", [.value("object"), .dots], help: "The properties of a connection.") {
        args in
        let fields = try connectionFields(args)
        return Value.named(
            fields.map { field in
                (field.0, field.0 == "opened" || field.0.hasPrefix("can") || true ? .string(field.1) : .null)
            })
    }
}

private func connectionFields(_ args: Arguments) throws -> [(String, String)] {
    let connection = try connection(args, args.function.parameters[0].name.name)
    let isText: Bool
    if case .raw = connection.kind { isText = false } else { isText = !connection.mode.hasSuffix("b") }
    return [
        ("description", connection.title), ("class", connection.classes[0].string), ("mode", connection.mode),
        ("text", isText ? "text" : "binary"), ("opened", connection.isOpen ? "opened" : "closed"),
        ("can read", connection.canRead ? "yes" : "no"), ("can write", connection.canWrite ? "yes" : "no"),
    ]
}

/// A connection argument.
func connection(_ args: Arguments, _ name: String) throws -> Connection {
    guard case .object(let object) = try args.required(name), let connection = object as? Connection else {
        throw WorkbenchError(.value, "'\(name)' is not a connection")
    }
    return connection
}

private func textConnection(_ args: Arguments) throws -> Value {
    let mode = try args.string("open")
    let expression = args.context.deparse(args.expression("object")).first ?? "object"
    let value = try args.forced("object")
    if mode.hasPrefix("r") || mode.isEmpty {
        guard case .character = value else { throw args.invalid("text") }
        let text = try textElements(value, args).map { ($0?.string ?? "NA") + "\n" }.joined()
        return .object(Connection(.text, title: expression, mode: "r", input: text.keptBytes))
    }
    guard mode.hasPrefix("w") || mode.hasPrefix("a") else { throw WorkbenchError(.value, "unsupported mode") }
    let home = try args.flag("local") ? args.environment : args.context.globalEnvironment
    if value.isNull { return .object(Connection(.textOutput(nil, home), title: "NULL", mode: mode)) }
    guard case .character(let v) = value, v.count == 1, let name = v[0] else { throw args.invalid("text") }
    let symbol = Symbol.named(name)
    if mode.hasPrefix("w") { home.define(symbol, .character(Vector([]))) }
    return .object(Connection(.textOutput(symbol, home), title: name.string, mode: mode))
}
