import FormatValues
import RRuntime
import TextValues

func registerPrintDataFrame(_ base: Namespace) {
    base.method(
        "print", for: "data.frame",
        [
            .value("x"), .dots, .value("digits", nil), .value("quote", false), .value("right", true),
            .value("row.names", true), .value("max", nil),
        ], help: "Shows a data frame.", visible: false
    ) { args in try printFrame(args) }
    base.method(
        "format", for: "data.frame", [.value("x"), .dots, .value("justify", "none")],
        help: "A data frame with every column as texts."
    ) { args in
        let value = args[0]
        guard case .list(let list) = value, !list.isEmpty else { return value }
        let arguments = args.dots + [Argument(args["justify"], name: "justify")]
        let columns = try list.elements.map { column in
            try args.context.call("format", [Argument(column)] + arguments, environment: args.environment)
        }
        return .list(Vector(columns, value.attributes))
    }
}

/// Number of rows of a data frame.
func rowCount(_ frame: Value) -> Int {
    guard let names = frame.attribute(Symbol.rowNames) else { return 0 }
    return expandedRowNames(names).length
}

private func printFrame(_ args: Arguments) throws -> Value {
    let frame = args[0]
    let context = args.context
    let rows = rowCount(frame)
    guard case .list(let list) = frame else { return frame }
    var settings = PrintSettings(context)
    settings.quote = try args.flag("quote")
    settings.right = try args.flag("right")
    try applyPrintArguments(args.dots, &settings)
    if list.isEmpty {
        context.console.write("data frame with 0 columns and \(rows) row\(rows == 1 ? "" : "s")\n")
        return frame
    }
    if rows == 0 {
        settings.quote = false
        settings.right = false
        try show(.character(Vector(frame.names ?? [])), args, settings)
        context.console.write("<0 rows> (or 0-length row.names)\n")
        return frame
    }
    if let max = try args.optionalInt("max") { settings.max = max }
    let limit = settings.max / list.count
    var shown = frame
    if limit < rows {
        let positions = Value.ints(limit > 0 ? Array(1...limit) : [])
        shown = try context.call(
            "[", [Argument(frame), Argument(positions), Argument(.missing), Argument(false, name: "drop")],
            environment: args.environment)
    }
    var arguments = [Argument(false, name: "na.encode"), Argument("none" as Value, name: "justify")]
    if !args["digits"].isNull { arguments.append(Argument(args["digits"], name: "digits")) }
    var matrix = try FrameTexts(shown, arguments, args)
    switch args["row.names"] {
    case .logical(let v):
        if v.elements.first == false { matrix.rowNames = matrix.rowNames.map { _ in "" } }
    case .character(let v): matrix.rowNames = v.elements
    default: break
    }
    let printer = Printer(context, args.environment, settings)
    let rowLimit = min(limit, rows)
    printer.settings.max = Int.max
    printer.printMatrix(
        .character(Vector(matrix.texts)), rowLimit, matrix.columnNames.count,
        Dimnames(labels: [matrix.rowNames, matrix.columnNames], titles: [nil, nil]))
    if limit < rows {
        printer.write(" [ reached 'max' / getOption(\"max.print\") -- omitted \(rows - limit) rows ]\n")
    }
    printer.flush()
    return frame
}

/// The columns of a data frame as a matrix of texts.
private struct FrameTexts {
    var texts: [Text?] = []
    var columnNames: [Text?] = []
    var rowNames: [Text?] = []

    init(_ frame: Value, _ arguments: [Argument], _ args: Arguments) throws {
        guard case .list(let list) = frame, let rowNames = frame.attribute(Symbol.rowNames) else { return }
        self.rowNames = try expandedRowNames(rowNames).asCharacters().elements
        let names = frame.names ?? []
        for (index, column) in list.elements.enumerated() {
            try add(column, index < names.count ? names[index]?.string ?? "NA" : "", arguments, args)
        }
    }

    private mutating func add(_ column: Value, _ name: String, _ arguments: [Argument], _ args: Arguments) throws {
        let rows = rowNames.count
        let formattedColumn = try args.context.call(
            "format", [Argument(column)] + arguments, environment: args.environment)
        if formattedColumn.inherits("data.frame"), case .list(let inner) = formattedColumn {
            let names = formattedColumn.names ?? []
            for (index, part) in inner.elements.enumerated() {
                texts += try fitted(part, rows)
                columnNames.append(Text(name + "." + (index < names.count ? names[index]?.string ?? "NA" : "")))
            }
            return
        }
        let all = try formattedColumn.bare.asCharacters().elements
        if let dim = formattedColumn.dim, dim.count == 2 {
            let labels = Dimnames(formattedColumn, dim).labels[1]
            for column in 0..<dim[1] {
                texts += all[(column * dim[0])..<((column + 1) * dim[0])]
                columnNames.append(Text("\(name).\(labels?[column]?.string ?? String(column + 1))"))
            }
            return
        }
        texts += try fitted(.character(Vector(all)), rows)
        columnNames.append(Text(name))
    }

    private func fitted(_ column: Value, _ rows: Int) throws -> [Text?] {
        let all = try column.bare.asCharacters().elements
        if all.count == rows { return all }
        return (0..<rows).map { $0 < all.count ? all[$0] : nil }
    }
}
