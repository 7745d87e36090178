import Diagnostics
import FormatValues
import Glibc
import RRuntime
import TextValues

func registerLines(_ base: Namespace) {
    base.function(
        "readLines",
        [
            .value("con", code: "stdin()"), .value("n", -1), .value("ok", true), .value("warn", true),
            .value("encoding", "unknown", help: "\"latin1\": what the bytes of the lines are"),
            .value("skipNul", false),
        ], help: "The lines of a file or connection."
    ) { args in try readLines(args) }
    base.function(
        "write",
        [
            .value("x"), .value("file", "data"), .value("ncolumns"), .value("append", false), .value("sep", " "),
        ], help: "Writes elements to a file, so many a line.", visible: false
    ) { args in
        let x = try args.required("x")
        var columns = 5
        if case .character = x { columns = 1 }
        if args.has("ncolumns") { columns = try args.int("ncolumns") }
        guard columns >= 1, columns < 1 << 20 else { throw args.invalid("ncolumns") }
        let seps = [String](repeating: try args.string("sep"), count: columns - 1) + ["\n"]
        return try args.context.call(
            "cat",
            [
                Argument(x), Argument(args["file"], name: "file"), Argument(.strings(seps), name: "sep"),
                Argument(args["append"], name: "append"),
            ], environment: args.environment)
    }
    base.function(
        "writeLines",
        [.value("text"), .value("con", code: "stdout()"), .value("sep", "\n"), .value("useBytes", false)],
        help: "Writes lines to a file or connection.", visible: false
    ) { args in
        guard case .character(let v) = try args.required("text") else {
            throw WorkbenchError(.type, "can only write character objects")
        }
        let sep = try args.string("sep")
        var text = ""
        for element in v.elements {
            text += element?.string ?? "NA"
            text += sep
        }
        try writeOutput(
            text, to: args.has("con") ? args["con"] : "", append: false, useBytes: try args.flag("useBytes"), args)
        return .null
    }
    base.function(
        "readline", [.value("prompt", "", help: "what is shown before the answer")],
        help: "A line typed at the prompt; empty in a script."
    ) { args in
        let prompt = try args.string("prompt")
        guard let read = args.context.console.readLine else {
            args.context.console.write(prompt + "\n")
            return ""
        }
        return .string(trimmed(try read(prompt) ?? ""))
    }
    base.function(
        "scan",
        [
            .value("file", ""), .value("what", code: "double()"), .value("nmax", -1), .value("n", -1),
            .value("sep", ""), .value("quote", code: "if (identical(sep, \"\\n\")) \"\" else \"'\\\"\""),
            .value("dec", "."), .value("skip", 0), .value("nlines", 0), .value("na.strings", "NA"),
            .value("flush", false), .value("fill", false), .value("strip.white", false), .value("quiet", false),
            .value("blank.lines.skip", true), .value("multi.line", true), .value("comment.char", ""),
            .value("allowEscapes", false), .value("fileEncoding", ""), .value("encoding", "unknown"),
            .value("text", nil), .value("skipNul", false),
        ], help: "Values read from a text, separated by blanks or sep."
    ) { args in try scan(args) }
    base.function(
        "readChar", [.value("con"), .value("nchars"), .value("useBytes", false)], help: "Characters of a file."
    ) {
        args in
        let counts = try args.required("nchars").asIntegers().elements
        return try withReader(try args.required("con"), args) { connection in
            .strings(counts.map { String(keeping: connection.readBytes(Int($0 ?? 0))) })
        }
    }
}

/// Runs a body with a connection opened for reading, and closes what it opened.
private func withReader(
    _ source: Value, encoding: String = "", _ args: Arguments, _ body: (Connection) throws -> Value
) throws -> Value {
    let connection: Connection
    switch source {
    case .character(let v):
        guard v.count == 1, let name = v[0] else { throw args.invalid("con") }
        try refuseAddresses(name.string)
        connection =
            name.string == "stdin"
            ? Connection(.input, title: "stdin", mode: "r")
            : Connection(
                .file(path: args.context.resolved(name.string)), title: name.string, mode: "r", encoding: encoding)
    case .missing: connection = Connection(.input, title: "stdin", mode: "r")
    case .object(let object):
        guard let known = object as? Connection else { throw WorkbenchError(.value, "'con' is not a connection") }
        connection = known
    default: throw WorkbenchError(.value, "'con' is not a connection")
    }
    try connection.checkUsable()
    let wasOpen = connection.isOpen
    let mode = connection.mode
    if !wasOpen {
        // R opens a file by name in a call of its own.
        var opening: Call?
        if case .character = source { opening = Call("file", [.symbol(Symbol.named("con")), "r"]) }
        do {
            try connection.open("r", args.context, call: opening)
        } catch let error as WorkbenchError {
            guard let opening else { throw error }
            throw try args.context.raise(error, call: opening)
        }
    }
    defer { if !wasOpen { connection.closeAgain(mode: mode) } }
    guard connection.canRead else { throw WorkbenchError(.value, "cannot read from this connection") }
    return try body(connection)
}

private func readLines(_ args: Arguments) throws -> Value {
    let limit = try args.int("n")
    let warns = try args.flag("warn")
    return try withReader(args["con"], args) { connection in
        var lines: [String] = []
        while limit < 0 || lines.count < limit, let line = try connection.readLine(args.context) { lines.append(line) }
        if lines.count < limit, try !args.flag("ok") {
            throw WorkbenchError(.data, "too few lines read in readLines")
        }
        if case .file = connection.kind, connection.isIncomplete, !lines.isEmpty, warns {
            try args.context.warn("incomplete final line found on '\(connection.title)'", call: args.call)
        }
        return .strings(marked(lines, as: try args.string("encoding")))
    }
}

/// Lines whose bytes are said to be of an encoding: latin1 becomes text.
private func marked(_ lines: [String], as encoding: String) -> [String] {
    guard TextConversion.isLatin1(encoding) else { return lines }
    return lines.map { line in line.utf8.allSatisfy { $0 < 0x80 } ? line : latin1(line.keptBytes) }
}

// MARK: scan

/// Without blanks and tabs at its ends.
private func trimmed(_ line: String) -> String {
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    let bytes = Array(line.utf8)
    guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(decoding: bytes[first...last], as: UTF8.self)
}

/// Lines typed at the prompt, up to an empty one, or as many as hold what is asked for.
private func typedLines(
    _ read: (_ prompt: String) throws -> String?, items: (String) -> Int, limit: Int, lines lineLimit: Int
) throws -> [String] {
    var lines: [String] = []
    var count = 0
    while limit < 0 || count < limit, lineLimit <= 0 || lines.count < lineLimit {
        guard let line = try read("\(count + 1): "), !trimmed(line).isEmpty else { break }
        lines.append(line)
        count += items(line)
    }
    return lines
}

private func scan(_ args: Arguments) throws -> Value {
    var lines: [String]
    let lineLimit = try args.int("nlines")
    let sep = try args.string("sep").unicodeScalars.first
    var quotes: Set<Unicode.Scalar> = sep == "\n" ? [] : ["'", "\""]
    if case .character(let v) = args["quote"], let text = v.elements.first, let text {
        quotes = Set(text.string.unicodeScalars)
    }
    let comment = try args.string("comment.char").unicodeScalars.first
    let isList: Bool
    if case .list = args["what"] { isList = true } else { isList = false }
    let quotesApply: Bool
    if case .character = args["what"] { quotesApply = true } else { quotesApply = isList }
    let isStripped = try args.flag("strip.white") || sep == nil
    func items(of line: String) -> [String] { fields(line, sep, quotesApply ? quotes : [], comment, strip: isStripped) }
    var limit = try args.int("n")
    if limit < 0 {
        let (most, overflows) = try args.int("nmax").multipliedReportingOverflow(
            by: isList ? max(1, args["what"].length) : 1)
        limit = overflows ? Int.max : most
    }
    if case .character(let texts) = args["text"] {
        lines = texts.elements.flatMap { splitLines($0?.string ?? "NA") }
    } else {
        var source = args["file"]
        if case .character(let v) = source, v.count == 1, v[0]?.isEmpty ?? false { source = .missing }
        var read: [String] = []
        if source.isMissing, let ask = args.context.console.readLine {
            read = try typedLines(ask, items: { items(of: $0).count }, limit: limit, lines: lineLimit)
        } else {
            _ = try withReader(source, encoding: try args.string("fileEncoding"), args) { connection in
                while let line = try connection.readLine(args.context) { read.append(line) }
                return .null
            }
        }
        lines = marked(read, as: try args.string("encoding"))
    }
    lines.removeFirst(min(max(0, try args.int("skip")), lines.count))
    if lineLimit > 0 { lines = Array(lines.prefix(lineLimit)) }
    var items = lines.flatMap { items(of: $0) }
    if limit >= 0 { items = Array(items.prefix(limit)) }
    let missing = Set(try textElements(args["na.strings"], args).compactMap { $0 })
    let decimal = try args.string("dec")
    func column(_ texts: [String], like what: Value) throws -> Value {
        switch what {
        case .character: return .character(Vector(texts.map { missing.contains(Text($0)) ? nil : Text($0) }))
        case .null: return .null
        case .logical:
            return .logical(
                Vector(
                    try texts.map { text in
                        if missing.contains(Text(text)) { return nil }
                        guard let flag = parseLogical(text) else {
                            throw WorkbenchError(.data, "scan() expected 'a logical', got '\(text)'")
                        }
                        return flag
                    }))
        default:
            let kind: String
            if case .integer = what { kind = "an integer" } else { kind = "a real" }
            let numbers = try texts.map { text -> Double in
                if missing.contains(Text(text)) || text.isEmpty { return .na }
                let plain = decimal == "." ? text : replaceAll(decimal, by: ".", in: text)
                guard let number = parseNumber(plain) else {
                    throw WorkbenchError(.data, "scan() expected '\(kind)', got '\(text)'")
                }
                return number
            }
            if case .integer = what { return .integer(try Value.numbers(numbers).asIntegers()) }
            return .numbers(numbers)
        }
    }
    let quiet = try args.flag("quiet")
    if case .list(let what) = args["what"], what.count > 0 {
        let records = (items.count + what.count - 1) / what.count
        let columns = try what.elements.enumerated().map { place, kind in
            try column(stride(from: place, to: items.count, by: what.count).map { items[$0] }, like: kind)
        }
        if !quiet { args.context.console.writeError("Read \(records) record\(records == 1 ? "" : "s")\n") }
        return .list(Vector(columns, args["what"].attributes.keeping([Symbol.names])))
    }
    let what = args.has("what") ? args["what"] : .numbers([])
    let result = try column(items, like: what)
    if !quiet { args.context.console.writeError("Read \(items.count) item\(items.count == 1 ? "" : "s")\n") }
    return result
}

/// The lines of a text; a line end at its end begins no further line.
func splitLines(_ text: String) -> [String] {
    var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
        String($0) ?? ""
    }
    if lines.last?.isEmpty ?? false { lines.removeLast() }
    return lines
}

private func fields(
    _ line: String, _ sep: Unicode.Scalar?, _ quotes: Set<Unicode.Scalar>, _ comment: Unicode.Scalar?, strip: Bool
) -> [String] {
    var result: [String] = []
    var current = String.UnicodeScalarView()
    var open: Unicode.Scalar?
    var started = false
    func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }
    func finish() {
        var text = String(current)
        if strip {
            while let last = text.unicodeScalars.last, isBlank(last) { text.unicodeScalars.removeLast() }
            while let first = text.unicodeScalars.first, isBlank(first) { text.unicodeScalars.removeFirst() }
        }
        result.append(text)
        current = String.UnicodeScalarView()
        started = false
    }
    for scalar in line.unicodeScalars {
        if let quote = open {
            if scalar == quote { open = nil } else { current.append(scalar) }
        } else if scalar == comment {
            break
        } else if quotes.contains(scalar), !started || sep != nil {
            open = scalar
            started = true
        } else if let sep, scalar == sep {
            finish()
            started = true
        } else if sep == nil, isBlank(scalar) {
            if started { finish() }
        } else {
            current.append(scalar)
            started = true
        }
    }
    if started { finish() }
    return result
}
