import BaseValues
import Diagnostics
import RRuntime

/// Registers `data.frame`, `as.data.frame`, `is.data.frame`.
func registerMakingFrames(_ base: Namespace) {
    base.function(
        "data.frame",
        [
            .promiseDots, .value("row.names", nil), .value("check.rows", false), .value("check.names", true),
            .value("fix.empty.names", true), .value("stringsAsFactors", false),
        ], help: "A table: columns of equal length, each of its own type."
    ) { args in try dataFrame(args) }
    base.function("is.data.frame", [.value("x")], help: "Whether it is a data frame.") { args in
        .flag(try args.required("x").inherits("data.frame"))
    }
    let parameters: [Parameter] = [
        .promise("x"), .value("row.names", nil), .value("optional", false), .dots,
        .value("stringsAsFactors", false),
    ]
    let valueParameters = [Parameter.value("x")] + parameters.dropFirst()
    base.function("as.data.frame", valueParameters, help: "The value as a data frame.", dispatch: .generic) { args in
        try asDataFrame(args)
    }
    for name in ["data.frame", "list", "matrix", "character", "default"] {
        base.method("as.data.frame", for: name, valueParameters) { args in try asDataFrame(args) }
    }
}

/// One argument of `data.frame()`: columns, their names, and row names that count.
struct FramePart {
    var columns: [Value]
    var names: [Text]
    /// Names came with the value (of a matrix, list or data frame), so that a single one is kept.
    var hasOwnNames: Bool
    var rowNames: RowNames

    var rows: Int { rowNames.count }
}

/// What a value contributes to a data frame.
func framePart(_ value: Value, asFactors: Bool, _ context: Context) throws -> FramePart {
    if value.isDataFrame {
        return FramePart(
            columns: value.items, names: value.columnNames, hasOwnNames: true, rowNames: rowNames(of: value))
    }
    if value.inherits("table"), value.isAtomic {
        let frame = try context.call("as.data.frame", [Argument(value)])
        return FramePart(
            columns: frame.items, names: frame.columnNames, hasOwnNames: true, rowNames: rowNames(of: frame))
    }
    if value.inherits("POSIXlt") {
        return try framePart(try context.call("as.POSIXct", [Argument(value)]), asFactors: asFactors, context)
    }
    if value.inherits("AsIs") {
        return FramePart(columns: [value], names: [], hasOwnNames: false, rowNames: .automatic(rowCount(of: value)))
    }
    if let dim = value.dim, dim.count == 2, value.isVector {
        return try matrixPart(value, rows: dim[0], columns: dim[1], asFactors: asFactors, context)
    }
    if let dim = value.dim, dim.count > 2, value.isAtomic {
        let columns = dim[1...].reduce(1, *)
        return try matrixPart(
            flattened(value, dim: dim, columns: columns), rows: dim[0], columns: columns, asFactors: asFactors, context)
    }
    switch value {
    case .list(let list) where !value.isObject || value.inherits("list"):
        var parts: [(Value, Text?, Value)] = []
        let names = value.names
        for (index, element) in list.elements.enumerated() {
            parts.append((element, names?[index], .missing))
        }
        let frame = try joinParts(
            parts, rowNames: nil, checkNames: false, fixEmpty: true, asFactors: asFactors, context)
        return FramePart(
            columns: frame.items, names: frame.columnNames, hasOwnNames: true, rowNames: rowNames(of: frame))
    case .null: return FramePart(columns: [], names: [], hasOwnNames: true, rowNames: .automatic(0))
    case .logical, .integer, .double, .complex, .character, .raw, .list:
        break
    default:
        let className = value.classes.first?.string ?? value.typeName
        throw WorkbenchError(.type, "cannot coerce class ‘\(quotedClasses(value) ?? className)’ to a data.frame")
    }
    let count = try context.length(of: value)
    if value.isObject,
        !value.isAtomic || !(value.keepsClassByElement || value.inherits("noquote") || value.inherits("integer64")),
        case .list = value
    {
        let className = value.classes.first?.string ?? value.typeName
        throw WorkbenchError(.type, "cannot coerce class ‘\(quotedClasses(value) ?? className)’ to a data.frame")
    }
    var own = RowNames.automatic(count)
    var column = value
    if let names = value.names {
        let texts = names.map { $0 ?? "NA" }
        if count > 0, !duplicates(texts, fromLast: false).contains(true) { own = .texts(names) }
        column = value.setting(Symbol.names, nil)
    }
    if column.dim != nil { column = column.setting(Symbol.dim, nil).setting(Symbol.dimnames, nil) }
    if asFactors, case .character = column, !column.isObject { column = try makeFactor(of: column, context) }
    return FramePart(columns: [column], names: [], hasOwnNames: false, rowNames: own)
}

private func quotedClasses(_ value: Value) -> String? {
    let classes = value.classes
    if classes.count == 1 { return "\"\(classes[0].string)\"" }
    return "c(" + classes.map { "\"\($0.string)\"" }.joined(separator: ", ") + ")"
}

/// An array as a matrix: the first dimension are its rows, the combinations of the others, joined by dots, its columns.
private func flattened(_ value: Value, dim: [Int], columns: Int) -> Value {
    let matrix = value.bare.setting(Symbol.dim, .ints([dim[0], columns]))
    guard case .list(let lists)? = value.attribute(Symbol.dimnames), lists.count == dim.count else { return matrix }
    var labels = [String](repeating: "", count: columns)
    var stride = 1
    for axis in 1..<dim.count {
        var own = (0..<dim[axis]).map { String($0 + 1) }
        if case .character(let names) = lists[axis] { own = names.elements.map { $0?.string ?? "NA" } }
        for column in labels.indices {
            labels[column] += (axis > 1 ? "." : "") + own[column / stride % dim[axis]]
        }
        stride *= dim[axis]
    }
    return matrix.setting(Symbol.dimnames, .items([lists[0], .strings(labels)]))
}

private func matrixPart(
    _ value: Value, rows: Int, columns: Int, asFactors: Bool, _ context: Context
) throws -> FramePart {
    var own = RowNames.automatic(rows)
    var names = (0..<columns).map { Text("V\($0 + 1)") }
    var hasNames = false
    if case .list(let labels)? = value.attribute(Symbol.dimnames), labels.count == 2 {
        if case .character(let v) = labels[0], !duplicates(v.elements.map(ElementKeyOf), fromLast: false).contains(true)
        {
            own = .texts(v.elements)
        }
        if case .character(let v) = labels[1] {
            names = v.elements.enumerated().map { index, name in
                guard let name, !name.isEmpty else { return Text("V\(index + 1)") }
                return name
            }
            hasNames = true
        }
    }
    let parts = try (0..<columns).map { column -> Value in
        let part = value.pickedBare((0..<rows).map { column * rows + $0 })
        if asFactors, case .character = part { return try makeFactor(of: part, context) }
        return part
    }
    return FramePart(columns: parts, names: names, hasOwnNames: hasNames, rowNames: own)
}

/// Joins arguments of `data.frame()`: value, name given, expression.
func joinParts(
    _ arguments: [(value: Value, name: Text?, expression: Value)], rowNames given: RowNames?, checkNames: Bool,
    fixEmpty: Bool, asFactors: Bool, _ context: Context
) throws -> Value {
    var columns: [Value] = []
    var names: [Text] = []
    var found: RowNames?
    var rowCounts: [(rows: Int, columns: Range<Int>)] = []
    for (index, argument) in arguments.enumerated() {
        if argument.value.isNull { continue }
        let part = try framePart(argument.value, asFactors: asFactors, context)
        let name = argument.name.flatMap { $0.isEmpty ? nil : $0 }
        if part.hasOwnNames || part.columns.count != 1 || !part.names.isEmpty {
            let isWide = part.columns.count > 1 || argument.value.isDataFrame
            for (place, own) in part.names.enumerated() {
                if let name {
                    // Columns of a matrix without names are numbered: m.1, m.2.
                    let label = part.hasOwnNames ? own : Text(String(place + 1))
                    names.append(
                        part.columns.count > 1 ? Text(name.string + "." + label.string) : part.hasOwnNames ? own : name)
                } else if part.hasOwnNames {
                    names.append(own)
                } else {
                    // Columns of a matrix without names: X1, X2, … after the expression.
                    names.append(
                        isWide || place > 0
                            ? Text("X\(place + 1)") : expressionName(argument.expression, index, context))
                }
            }
        } else {
            names.append(name ?? (fixEmpty ? expressionName(argument.expression, index, context) : ""))
        }
        rowCounts.append((part.rows, columns.count..<(columns.count + part.columns.count)))
        columns += part.columns
        if found == nil, part.rows > 0, !part.rowNames.isAutomatic { found = part.rowNames }
    }
    let rows = max(rowCounts.map { $0.rows }.max() ?? 0, 0)
    for (own, range) in rowCounts where own != rows {
        guard own > 0, rows % own == 0 else {
            var distinct: [Int] = []
            for entry in rowCounts where !distinct.contains(entry.rows) { distinct.append(entry.rows) }
            throw WorkbenchError(
                .value,
                "arguments imply differing number of rows: " + distinct.map { String($0) }.joined(separator: ", "))
        }
        for column in range { columns[column] = try recycledColumn(columns[column], to: rows, context) }
    }
    if checkNames { names = madeUnique(names.map { syntacticName($0) }) }
    var rowNames = given ?? found ?? .automatic(rows)
    if given == nil, rowNames.count != rows { rowNames = .automatic(rows) }
    if let given, columns.isEmpty { return makeFrame([], names: [], rowNames: given) }
    guard rowNames.count == rows else {
        throw WorkbenchError(
            .value, "row names supplied are of the wrong length", hint: "\(rows) rows, \(rowNames.count) names")
    }
    if given != nil, case .texts(let v) = rowNames { try checkRowNames(v) }
    return makeFrame(columns, names: names.map { Optional($0) }, rowNames: rowNames)
}

/// - Throws: R's texts for repeated and missing row names.
func checkRowNames(_ names: [Text?]) throws {
    if names.contains(where: { $0 == nil }) {
        throw WorkbenchError(.value, "row names contain missing values")
    }
    let repeated = duplicates(names.map(ElementKeyOf), fromLast: false)
    if repeated.contains(true) {
        var shown: [String] = []
        for (index, flag) in repeated.enumerated() where flag {
            if let name = names[index]?.string, !shown.contains(name) { shown.append(name) }
        }
        throw WorkbenchError(.value, "duplicate row.names: " + shown.joined(separator: ", "))
    }
}

private func expressionName(_ expression: Value, _ index: Int, _ context: Context) -> Text {
    switch expression {
    // Elements of a list without names are numbered; the check of names makes X1 of it.
    case .missing: return Text(String(index + 1))
    case .symbol(let symbol): return symbol.text
    case .call(let call) where call.name?.name == "I" && call.arguments.count == 1:
        return Text(context.deparse(call.arguments[0].value).first ?? "")
    default: return Text(context.deparse(expression).joined(separator: ""))
    }
}

private func dataFrame(_ args: Arguments) throws -> Value {
    let context = args.context
    var parts: [(value: Value, name: Text?, expression: Value)] = []
    for argument in args.dots where !argument.value.isMissing {
        var expression = argument.value
        if case .promise(let promise) = argument.value { expression = promise.expression }
        parts.append((try context.forced(argument.value), argument.name?.text, expression))
    }
    let checkNames = try args.flag("check.names")
    let asFactors = try args.flag("stringsAsFactors")
    var given: RowNames?
    var nameColumn: Int?
    switch args["row.names"] {
    case .null, .missing: break
    case let value:
        let rows = try parts.map { try framePart($0.value, asFactors: false, context).rows }.max() ?? 0
        if value.length == 1, rows != 1 {
            // A single value names the column that holds the row names.
            let frame = try joinParts(
                parts, rowNames: nil, checkNames: checkNames, fixEmpty: true, asFactors: false, context)
            if let text = value.singleText {
                guard let place = frame.columnNames.firstIndex(of: text) else {
                    throw WorkbenchError(.value, "row names supplied are of the wrong length")
                }
                nameColumn = place
            } else if value.isNumeric, let number = try value.asIntegers()[0], Int(number) <= frame.items.count,
                number >= 1, !parts.isEmpty
            {
                nameColumn = Int(number) - 1
            }
            if let nameColumn {
                let texts = try context.texts(of: frame.items[nameColumn])
                try checkRowNames(texts)
                given = .texts(texts)
            }
        } else if value.isNumeric, !value.isObject {
            given = .integers(try value.asIntegers().elements)
        } else {
            given = .texts(try context.texts(of: value))
        }
    }
    let frame = try joinParts(
        parts, rowNames: given, checkNames: checkNames, fixEmpty: try args.flag("fix.empty.names"),
        asFactors: asFactors, context)
    if let nameColumn {
        var columns = frame.items
        var names = frame.names ?? []
        columns.remove(at: nameColumn)
        names.remove(at: nameColumn)
        return frame.replacingColumns(columns, names: names, rowNames: rowNames(of: frame))
    }
    if args["row.names"].isNull, args.call.arguments.contains(where: { $0.name?.name == "row.names" }) {
        return frame.setting(Symbol.rowNames, RowNames.automatic(rowCount(of: frame)).attribute)
    }
    return frame
}

private func asDataFrame(_ args: Arguments) throws -> Value {
    let x = try args.required("x")
    let context = args.context
    let asFactors = try args.flag("stringsAsFactors")
    var frame: Value
    if x.isDataFrame {
        let classes = x.classAttribute ?? []
        let place = classes.firstIndex(of: "data.frame") ?? 0
        frame = x.setting(Symbol.classAttribute, .character(Vector(classes[place...].map { Optional($0) })))
    } else {
        let part = try framePart(x, asFactors: asFactors, context)
        var names = part.names
        if names.isEmpty, part.columns.count == 1 {
            var name: Text = "x"
            if let expression = args.call.arguments.first?.value {
                switch expression {
                case .symbol(let symbol): name = symbol.text
                case .call: name = Text(context.deparse(expression).joined())
                default:
                    let lines = context.deparse(expression)
                    name = Text(lines.first ?? "x")
                }
            }
            names = [name]
        }
        if case .list = x, x.dim == nil, x.names == nil, try !args.flag("optional") {
            names = madeUnique(names.map { syntacticName($0) })
        }
        if case .list = x, x.dim == nil, let own = x.names, try !args.flag("optional") {
            let check = args.dots.first { $0.name?.name == "check.names" }?.value
            if try check?.asLogicals()[0] ?? !(args.flag("optional")) {
                names = madeUnique(own.map { syntacticName($0) })
                if names.count != part.columns.count { names = part.names.map { syntacticName($0) } }
            }
        }
        frame = makeFrame(part.columns, names: names.map { Optional($0) }, rowNames: part.rowNames)
    }
    if args.has("row.names"), !args["row.names"].isNull {
        let texts = try context.texts(of: args["row.names"])
        guard texts.count == rowCount(of: frame) else {
            throw WorkbenchError(.value, "invalid 'row.names' length")
        }
        try checkRowNames(texts)
        frame = frame.setting(Symbol.rowNames, .character(Vector(texts)))
    }
    return frame
}
