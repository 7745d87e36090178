import BaseValues
import Diagnostics
import RRuntime

/// Registers `write.table`, `write.csv`, `write.csv2`.
func registerWritingTables(_ utils: Namespace) {
    let head: [Parameter] = [
        .value("x"), .value("file", ""), .value("append", false), .value("quote", true),
    ]
    let tail: [Parameter] = [
        .value("eol", "\n"), .value("na", "NA"), .value("dec", "."), .value("row.names", true),
        .value("col.names", true),
        .value("qmethod", code: "c(\"escape\", \"double\")"), .value("fileEncoding", ""),
    ]
    utils.function(
        "write.table", head + [.value("sep", " ")] + tail, help: "Writes a data frame or matrix as a text table.",
        visible: false
    ) { args in
        try writeTable(args, separator: try args.string("sep"), decimal: try args.string("dec"), isCSV: false)
    }
    for (name, separator, decimal) in [("write.csv", ",", "."), ("write.csv2", ";", ",")] {
        utils.function(
            name, head + [.value("sep")] + tail, help: "Writes a data frame or matrix as separated values.",
            visible: false
        ) { args in
            for fixed in ["append", "col.names", "sep", "dec", "qmethod"]
            where args.call.arguments.contains(where: { $0.name?.name == fixed }) {
                try args.context.warn("attempt to set '\(fixed)' ignored", call: args.call)
            }
            return try writeTable(args, separator: separator, decimal: decimal, isCSV: true)
        }
    }
}

private struct OutputColumn {
    var texts: [Text?]
    var isQuoted: Bool
}

private func writeTable(_ args: Arguments, separator: String, decimal: String, isCSV: Bool) throws -> Value {
    let context = args.context
    let x = try args.required("x")
    var frame = x.isDataFrame ? x : try context.call("as.data.frame", [Argument(x)])
    if x.isAtomic, !(x.dim.map { $0.count > 1 } ?? false), frame.items.count == 1 { frame = frame.withNames(["x"]) }
    let isMatrix = !x.isDataFrame && x.dim?.count == 2
    let end = try args.string("eol")
    let missing = try args.string("na")
    let doubles: Bool
    if isCSV {
        doubles = true
    } else if args.has("qmethod") {
        doubles = try args["qmethod"].asCharacters().elements.first??.string.hasPrefix("d") ?? false
    } else {
        doubles = false
    }
    func quoted(_ text: String) -> String {
        "\""
            + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: doubles ? "\"\"" : "\\\"")
            + "\""
    }
    var quotesNames = true
    var quotedColumns: Set<Int>?
    if case .logical(let v) = args["quote"] {
        quotesNames = v.elements.first == true
    } else {
        quotedColumns = Set(try args["quote"].asIntegers().elements.compactMap { $0.map { Int($0) - 1 } })
    }
    let isTextMatrix = isMatrix && x.typeName == "character"
    var flat: [OutputColumn] = []
    var names: [Text] = []
    for (index, column) in frame.items.enumerated() {
        let name = frame.columnNames[index]
        let wantsQuote =
            quotedColumns.map { $0.contains(index) }
            ?? (quotesNames && (isTextMatrix || column.isFactor || isText(column)))
        if let dim = column.dim, dim.count == 2 {
            let inner = column.isDataFrame ? try frameMatrix(column, forceRowNames: false, context) : column
            for c in 0..<dim[1] {
                var label = String(c + 1)
                if case .list(let labels)? = inner.attribute(Symbol.dimnames), labels.count == 2,
                    case .character(let v) = labels[1]
                {
                    label = v[c]?.string ?? "NA"
                }
                names.append(Text(name.string + "." + label))
                flat.append(
                    try output(inner.pickedBare((0..<dim[0]).map { c * dim[0] + $0 }), wantsQuote, decimal, context))
            }
        } else {
            names.append(name)
            flat.append(try output(column, wantsQuote, decimal, context))
        }
    }
    let rows = rowNames(of: frame)
    var rowLabels: [Text]?
    switch args["row.names"] {
    case .logical(let v): if v.elements.first == true { rowLabels = rows.texts }
    case .character(let v): rowLabels = v.elements.map { $0 ?? "NA" }
    default: break
    }
    if let rowLabels, rowLabels.count != rows.count {
        throw WorkbenchError(.value, "invalid 'row.names' specification")
    }
    var lines = ""
    var header: [Text]?
    switch args["col.names"] {
    case .logical(let v):
        if isCSV {
            header = (rowLabels == nil ? [] : [""]) + names
        } else if v.elements.first == .some(nil) {
            guard rowLabels != nil else {
                throw WorkbenchError(.value, "'col.names = NA' makes no sense when 'row.names = FALSE'")
            }
            header = [""] + names
        } else if v.elements.first == true {
            header = names
        }
    case .character(let v):
        guard v.count == names.count else { throw WorkbenchError(.value, "invalid 'col.names' specification") }
        header = v.elements.map { $0 ?? "NA" }
    default: break
    }
    if let header {
        lines += header.map { quotesNames ? quoted($0.string) : $0.string }.joined(separator: separator) + end
    }
    var loop = LongLoop(context)
    for row in 0..<rows.count {
        try loop.step()
        var fields: [String] = []
        fields.reserveCapacity(flat.count + 1)
        if let rowLabels { fields.append(quotesNames ? quoted(rowLabels[row].string) : rowLabels[row].string) }
        for column in flat {
            guard row < column.texts.count, let text = column.texts[row] else {
                fields.append(missing)
                continue
            }
            fields.append(column.isQuoted ? quoted(text.string) : text.string)
        }
        lines += fields.joined(separator: separator) + end
    }
    if args["file"].singleText == "" {
        context.console.write(lines)
        return .null
    }
    let appends = isCSV ? false : try args.flag("append")
    var file = args["file"]
    if case .character = file, try !args.string("fileEncoding").isEmpty {
        file = try context.call(
            "file", [Argument(file), Argument(args["fileEncoding"], name: "encoding")], environment: args.environment)
    }
    // An error is this function's: the call of cat() would show the whole text.
    _ = try context.call(
        try context.function(Symbol.named("cat"), from: args.environment),
        [
            Argument(.string(lines)), Argument(file, name: "file"), Argument("", name: "sep"),
            Argument(.flag(appends), name: "append"),
        ], call: args.call, environment: args.environment)
    return .null
}

private func isText(_ column: Value) -> Bool {
    if case .character = column { return true }
    return false
}

private func output(_ column: Value, _ wantsQuote: Bool, _ decimal: String, _ context: Context) throws -> OutputColumn {
    if case .list = column, !column.isObject {
        throw WorkbenchError(.type, "unimplemented type 'list' in 'EncodeElement'")
    }
    var texts: [Text?]
    if case .double(let v) = column, !column.isObject {
        texts = v.elements.map { $0.isNaN && !$0.isNA ? Text("NaN") : $0.isNA ? nil : Text(numberText($0)) }
        if decimal != "." {
            texts = texts.map { text in
                text.map {
                    Text($0.string.split(separator: ".", omittingEmptySubsequences: false).joined(separator: decimal))
                }
            }
        }
    } else {
        texts = try context.texts(of: column)
    }
    return OutputColumn(texts: texts, isQuoted: wantsQuote)
}
