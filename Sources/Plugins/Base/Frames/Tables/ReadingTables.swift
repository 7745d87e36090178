import BaseValues
import Diagnostics
import RRuntime

/// Registers `read.table`, `read.csv`, `read.csv2`, `read.delim`, `type.convert`, `count.fields`.
func registerReadingTables(_ utils: Namespace) {
    func parameters(_ header: Value?, _ sep: String, _ quote: String, _ dec: String, _ fill: Value?, _ comment: String)
        -> [Parameter]
    {
        let headerParameter: Parameter = header.map { .value("header", $0) } ?? .value("header")
        let fillParameter: Parameter = fill.map { .value("fill", $0) } ?? .value("fill", code: "!blank.lines.skip")
        return [
            .value("file"), headerParameter, .value("sep", .string(sep)), .value("quote", .string(quote)),
            .value("dec", .string(dec)), fillParameter, .value("row.names"), .value("col.names"),
            .value("as.is", code: "!stringsAsFactors"), .value("na.strings", "NA"),
            .value("colClasses", .logical(Vector([nil]))),
            .value("nrows", -1), .value("skip", 0), .value("check.names", true), .value("strip.white", false),
            .value("blank.lines.skip", true), .value("comment.char", .string(comment)), .value("allowEscapes", false),
            .value("flush", false), .value("stringsAsFactors", false), .value("fileEncoding", ""),
            .value("encoding", "unknown"), .value("text"), .value("skipNul", false), .value("numerals", "allow.loss"),
        ]
    }
    let missing = Value?.none
    let tables: [(String, [Parameter], String)] = [
        ("read.table", parameters(missing, "", "\"'", ".", missing, "#"), "A data frame of a text table."),
        ("read.csv", parameters(true, ",", "\"", ".", true, ""), "A data frame of a file of comma-separated values."),
        ("read.csv2", parameters(true, ";", "\"", ",", true, ""), "The same with semicolons and decimal commas."),
        ("read.delim2", parameters(true, "\t", "\"", ",", true, ""), "The same with decimal commas."),
        ("read.delim", parameters(true, "\t", "\"", ".", true, ""), "A data frame of a tab-separated file."),
    ]
    for (name, list, help) in tables {
        utils.function(name, list, help: help) { args in try readingForeignText { try readTable(args) } }
    }
    registerTypeConversion(utils)
}

private func registerTypeConversion(_ utils: Namespace) {
    utils.function(
        "type.convert",
        [.value("x"), .value("na.strings", "NA"), .value("as.is"), .value("dec", "."), .dots],
        help: "Texts as the simplest type that holds them all.", dispatch: .generic
    ) { args in
        let missing = Set(try args.context.texts(of: args["na.strings"]).compactMap { $0 })
        let asFactors = args.has("as.is") ? try !args.flag("as.is") : false
        func convert(_ value: Value) throws -> Value {
            switch value {
            case .list(let list):
                return .list(Vector(try list.elements.map { try convert($0) }, list.attributes))
            case .character: break
            default: if !value.isFactor { return value }
            }
            let decimal = try args.string("dec").utf8.first ?? 46
            let result = try converted(
                try args.context.texts(of: value), missing: missing, decimal: decimal, asFactors: asFactors,
                args.context)
            return result.setting(Symbol.names, value.attribute(Symbol.names)).setting(
                Symbol.dim, value.attribute(Symbol.dim)
            )
            .setting(Symbol.dimnames, value.attribute(Symbol.dimnames))
        }
        return try convert(try args.required("x"))
    }
    utils.function(
        "count.fields",
        [
            .value("file"), .value("sep", ""), .value("quote", "\"'"), .value("skip", 0),
            .value("blank.lines.skip", true), .value("comment.char", "#"),
        ],
        help: "Number of fields of each line."
    ) { args in
        let lines = try tableLines(args)
        let rows = try fieldReader(args).rows(lines)
        return .ints(rows.filter { !$0.isEmpty }.map { $0.count })
    }
}

/// - Parameter encodings: The function has parameters `fileEncoding` and `encoding`.
private func tableLines(_ args: Arguments, encodings: Bool = false) throws -> [String] {
    var lines: [String]
    if args.has("text"), !args["text"].isNull {
        lines = try args.context.texts(of: args["text"]).flatMap { text -> [String] in
            guard let text else { return ["NA"] }
            var parts = splitLines(text.string)
            if parts.last == "", text.string.utf8.last == 10 { parts.removeLast() }
            return parts
        }
    } else {
        var file = try args.required("file")
        try checkExists(file, args.context)
        var lineArguments = [Argument(false, name: "warn")]
        if encodings {
            lineArguments.append(Argument(args["encoding"], name: "encoding"))
            if case .character = file, try !args.string("fileEncoding").isEmpty {
                file = try args.context.call(
                    "file", [Argument(file), Argument(args["fileEncoding"], name: "encoding")],
                    environment: args.environment)
            }
        }
        lines = try args.context.call(
            "readLines", [Argument(file)] + lineArguments, environment: args.environment
        ).asCharacters().elements.map { $0?.string ?? "NA" }
        lines = lines.map { $0.utf8.last == 13 ? String(decoding: $0.utf8.dropLast(), as: UTF8.self) : $0 }
    }
    // A byte order mark is no part of the first name.
    if let first = lines.first, first.utf8.starts(with: [0xEF, 0xBB, 0xBF]) {
        lines[0] = String(decoding: first.utf8.dropFirst(3), as: UTF8.self)
    }
    return Array(lines.dropFirst(max(try args.int("skip"), 0)))
}

private func splitLines(_ text: String) -> [String] {
    text.utf8.split(separator: 10, omittingEmptySubsequences: false).map { line in
        String(decoding: line.last == 13 ? line.dropLast() : line[...], as: UTF8.self)
    }
}

private func fieldReader(_ args: Arguments) throws -> FieldReader {
    let separator = try args.string("sep")
    guard separator.utf8.count <= 1 else {
        throw WorkbenchError(
            .value, "invalid 'sep' value: must be one byte", hint: "'\(separator)' has \(separator.utf8.count)")
    }
    let strips = args.has("strip.white") ? try args["strip.white"].asLogicals().elements.first == true : false
    return FieldReader(
        separator: separator.utf8.first, quotes: Array(try args.string("quote").utf8),
        comment: try args.string("comment.char").utf8.first, stripsBlanks: strips || separator.isEmpty)
}

private func readTable(_ args: Arguments) throws -> Value {
    let context = args.context
    let skipsBlank = try args.flag("blank.lines.skip")
    let lines = try tableLines(args, encodings: true)
    let reader = try fieldReader(args)
    var rows = reader.rows(lines)
    let isBlank: (FieldReader.Row) -> Bool = { $0.isEmpty || ($0.count == 1 && $0[0].text.isEmpty && !$0[0].isQuoted) }
    if skipsBlank { rows.removeAll(where: isBlank) }
    guard let first = rows.first else {
        if args.has("col.names"), !args["col.names"].isNull {
            let names = try context.texts(of: args["col.names"])
            return makeFrame(names.map { _ in .logical(Vector([])) }, names: names, rowNames: .automatic(0))
        }
        throw WorkbenchError(.data, "no lines available in input")
    }
    let look = rows.prefix(5).map { $0.count }
    var width = look.max() ?? 0
    let given: [Text?] =
        args.has("col.names") && !args["col.names"].isNull ? try context.texts(of: args["col.names"]) : []
    var header = args.has("header") ? try args.flag("header") : false
    let rest = rows.dropFirst().prefix(4).map { $0.count }
    let isShort = !rest.isEmpty && first.count == (rest.max() ?? 0) - 1
    if !args.has("header") { header = isShort }
    var names: [Text]
    if header {
        names = first.map { Text($0.text) }
        rows.removeFirst()
        if rows.isEmpty { width = names.count }
    } else {
        names = []
    }
    let hasRowLabels = header && isShort
    if header, !hasRowLabels { width = max(width, names.count) }
    let fills = args.has("fill") ? try args.flag("fill") : !skipsBlank
    if let limit = try args.optionalInt("nrows"), limit >= 0 { rows = Array(rows.prefix(limit)) }
    for (index, row) in rows.enumerated() where row.count != width {
        if row.count > width {
            guard fills else { throw WorkbenchError(.data, "line \(index + 1) did not have \(width) elements") }
            throw WorkbenchError(
                .data, "more columns than column names", hint: "line \(index + 1) has \(row.count) fields, not \(width)"
            )
        }
        if !fills { throw WorkbenchError(.data, "line \(index + 1) did not have \(width) elements") }
    }
    if header, names.count > width { throw WorkbenchError(.data, "more column names than columns") }
    if !given.isEmpty { names = given.map { $0 ?? "NA" } }
    if header || !given.isEmpty, names.count + (hasRowLabels ? 1 : 0) < width {
        throw WorkbenchError(
            .data, "more columns than column names", hint: "\(names.count) names, and lines of \(width) fields")
    }
    var labels: [Text] = (0..<width).map { Text("V\($0 + 1)") }
    if hasRowLabels { labels = ["row.names"] + names } else if !names.isEmpty { labels = names }
    if labels.count > width { throw WorkbenchError(.data, "more column names than columns") }
    if try args.flag("check.names") {
        let start = hasRowLabels ? 1 : 0
        labels =
            Array(labels.prefix(start))
            + madeUnique(labels.dropFirst(start).map { $0.isEmpty ? "X" : syntacticName($0) })
    }
    return try frame(args, rows, labels, hasRowLabels: hasRowLabels)
}

private func frame(_ args: Arguments, _ rows: [FieldReader.Row], _ labels: [Text], hasRowLabels: Bool) throws -> Value {
    let context = args.context
    let missing = Set(try context.texts(of: args["na.strings"]).compactMap { $0 })
    let classes = try columnClasses(args["colClasses"], labels, context)
    var asFactors = try args.flag("stringsAsFactors")
    if args.has("as.is"), case .logical(let v) = args["as.is"], v.count == 1, let asIs = v[0] { asFactors = !asIs }
    let decimal = try args.string("dec").utf8.first ?? 46
    var columns: [Value] = []
    var names: [Text] = []
    var rowLabels: [Text?]?
    for (index, label) in labels.enumerated() {
        let texts = rows.map { row -> Text? in
            guard index < row.count else { return missing.contains("NA") ? nil : "" }
            return Text(row[index].text)
        }
        // Fields that a short line does not have are missing for numbers and empty for text.
        let filled = texts.enumerated().map { offset, text in index < rows[offset].count ? text : Text("") }
        if index == 0, hasRowLabels {
            rowLabels = filled
            continue
        }
        if classes[index] == "NULL" { continue }
        columns.append(
            try column(filled, as: classes[index], missing: missing, decimal: decimal, asFactors: asFactors, context))
        names.append(label)
    }
    var rowNames = RowNames.automatic(rows.count)
    if let rowLabels {
        try checkRowNames(rowLabels)
        rowNames = .texts(rowLabels)
    }
    if args.has("row.names"), !args["row.names"].isNull {
        let value = args["row.names"]
        var place: Int?
        if value.length == 1, let text = value.singleText {
            place = names.firstIndex(of: text)
        } else if value.length == 1, value.isNumeric {
            place = try args.int("row.names") - 1
        }
        if let place, columns.indices.contains(place) {
            let texts = try context.texts(of: columns[place])
            columns.remove(at: place)
            names.remove(at: place)
            try checkRowNames(texts)
            if case .integer(let v) = try converted(texts, missing: [], asFactors: false, context),
                !v.elements.contains(where: { $0 == nil })
            {
                rowNames = .integers(v.elements)
            } else {
                rowNames = .texts(texts)
            }
        } else {
            let texts = try context.texts(of: value)
            guard texts.count == rows.count else { throw WorkbenchError(.value, "invalid 'row.names' length") }
            try checkRowNames(texts)
            rowNames = .texts(texts)
        }
    }
    return makeFrame(columns, names: names.map { Optional($0) }, rowNames: rowNames)
}

private func columnClasses(_ value: Value, _ labels: [Text], _ context: Context) throws -> [Text?] {
    let given = try context.texts(of: value)
    guard !given.isEmpty else { return labels.map { _ in nil } }
    if let names = value.names {
        return labels.map { label in names.firstIndex(of: label).flatMap { given[$0] } }
    }
    return labels.indices.map { given[$0 % given.count] }
}

private func column(
    _ texts: [Text?], as className: Text?, missing: Set<Text>, decimal: UInt8, asFactors: Bool, _ context: Context
) throws -> Value {
    guard let className else {
        return try converted(texts, missing: missing, decimal: decimal, asFactors: asFactors, context)
    }
    let plain = texts.map { text in text.flatMap { missing.contains($0) ? nil : $0 } }
    func scanned(_ kind: String, _ read: (String) -> Bool) throws {
        for case let text? in plain where !text.isEmpty && !read(text.string) {
            throw WorkbenchError(.data, "scan() expected '\(kind)', got '\(text.string)'")
        }
    }
    switch className.string {
    case "character": return .character(Vector(plain))
    case "factor": return try makeFactor(of: .character(Vector(plain)), context)
    case "numeric", "double":
        let dotted = plain.map { text in
            text.map {
                Text(
                    decimal == 46
                        ? $0.string : String(decoding: $0.string.utf8.map { $0 == decimal ? 46 : $0 }, as: UTF8.self))
            }
        }
        try scanned("a real") {
            parseNumber(decimal == 46 ? $0 : String(decoding: $0.utf8.map { $0 == decimal ? 46 : $0 }, as: UTF8.self))
                != nil
        }
        return .double(try Value.character(Vector(dotted)).asDoubles())
    case "integer":
        try scanned("an integer") { Int32($0) != nil }
        return .integer(try Value.character(Vector(plain)).asIntegers())
    case "logical":
        try scanned("a logical") { parseLogical($0) != nil }
        return .logical(try Value.character(Vector(plain)).asLogicals())
    default:
        return try context.call("as.\(className.string)", [Argument(.character(Vector(plain)))])
    }
}

/// R opens the file of a table in a call of its own: `file(file, "rt")`.
private func checkExists(_ file: Value, _ context: Context) throws {
    guard case .character(let name) = file, name.count == 1, let path = name[0]?.string, !path.contains("://"),
        path != "stdin", case .logical(let found) = try context.call("file.exists", [Argument(file)]),
        found.elements.first == false
    else { return }
    let reason = "cannot open file '\(path)': No such file or directory"
    let call = Call("file", [.symbol(Symbol.named("file")), "rt"])
    try context.warn(reason, call: call)
    throw try context.raise(WorkbenchError(.data, "cannot open the connection", hint: reason), call: call)
}
