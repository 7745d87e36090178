import BaseValues
import Diagnostics
import RRuntime

/// Registers sizes, names and conversions of data frames.
func registerConvertingFrames(_ base: Namespace, _ stats: Namespace) {
    registerFrameNames(base)
    registerFrameMatrices(base)
}

private func registerFrameNames(_ base: Namespace) {
    base.method("dim", for: .dataFrame, [.value("x")]) { args in
        .ints([rowCount(of: args[0]), args[0].items.count])
    }
    base.method("dimnames", for: .dataFrame, [.value("x")]) { args in
        .list(
            Vector([
                .character(Vector(rowNames(of: args[0]).texts.map { Optional($0) })),
                .character(Vector(args[0].names ?? [])),
            ]))
    }
    base.method("dimnames<-", for: .dataFrame, [.value("x"), .value("value")]) { args in
        guard case .list(let parts) = args[1], parts.count == 2 else {
            throw WorkbenchError(.value, "invalid 'dimnames' given for data frame")
        }
        let rows = try args.context.texts(of: parts[0])
        let columns = try args.context.texts(of: parts[1])
        guard rows.count == rowCount(of: args[0]), columns.count == args[0].items.count else {
            throw WorkbenchError(.value, "invalid 'dimnames' given for data frame")
        }
        try checkRowNames(rows)
        return args[0].replacingColumns(args[0].items, names: columns, rowNames: .texts(rows))
    }
    base.function("row.names", [.value("x")], help: "The row names.", dispatch: .generic) { args in
        let x = try args.required("x")
        guard x.dim != nil else { return .null }
        let names = try args.context.call("dimnames", [Argument(x)])
        if case .list(let parts) = names, let first = parts.elements.first { return first }
        return .null
    }
    base.method("row.names", for: .dataFrame, [.value("x")]) { args in
        .character(Vector(rowNames(of: args[0]).texts.map { Optional($0) }))
    }
    base.function(
        "row.names<-", [.value("x"), .value("value")], help: "Sets the row names.", dispatch: .generic
    ) { args in
        guard args[0].dim != nil else {
            throw WorkbenchError(.value, "attempt to set 'rownames' on an object with no dimensions")
        }
        return try args.context.call("rownames<-", [Argument(args[0]), Argument(args[1], name: "value")])
    }
    base.method("row.names<-", for: .dataFrame, [.value("x"), .value("value")]) { args in
        try settingRowNames(args[0], args[1], args)
    }
    base.function(
        ".row_names_info", [.value("x"), .value("type", .int(1))],
        help: "Number of rows, negative for automatic row names."
    ) { args in
        let names = rowNames(of: args[0])
        switch try args.int("type") {
        case 0: return args[0].attribute(Symbol.rowNames) ?? .null
        case 2: return .int(names.count)
        default: return .int(names.isAutomatic ? -names.count : names.count)
        }
    }
}

/// Row names set by a user, checked.
func settingRowNames(_ x: Value, _ value: Value, _ args: Arguments) throws -> Value {
    let rows = rowCount(of: x)
    if value.isNull { return x.setting(Symbol.rowNames, RowNames.automatic(rows).attribute) }
    if value.isObject || !(value.isNumeric || value.typeName == "character") || value.typeName == "character" {
        let texts = try args.context.texts(of: value)
        guard texts.count == rows || x.items.isEmpty else {
            throw WorkbenchError(.value, "invalid 'row.names' length")
        }
        if texts.contains(where: { $0 == nil }) {
            throw WorkbenchError(.value, "missing values in 'row.names' are not allowed")
        }
        let repeated = duplicates(texts.map(ElementKeyOf), fromLast: false)
        if repeated.contains(true) {
            var shown: [String] = []
            for (index, flag) in repeated.enumerated() where flag {
                let name = "‘\(texts[index]?.string ?? "NA")’"
                if !shown.contains(name) { shown.append(name) }
            }
            try args.context.warn(
                "non-unique value\(shown.count == 1 ? "" : "s") when setting 'row.names': "
                    + shown.joined(separator: ", "), call: args.call)
            throw WorkbenchError(.value, "duplicate 'row.names' are not allowed")
        }
        return x.setting(Symbol.rowNames, .character(Vector(texts)))
    }
    let numbers = try value.asIntegers().elements
    guard numbers.count == rows else { throw WorkbenchError(.value, "invalid 'row.names' length") }
    if duplicates(numbers, fromLast: false).contains(true) {
        throw WorkbenchError(.value, "duplicate 'row.names' are not allowed")
    }
    return x.setting(Symbol.rowNames, RowNames.integers(numbers).attribute)
}

private func registerFrameMatrices(_ base: Namespace) {
    base.method("as.matrix", for: .dataFrame, [.value("x"), .value("rownames.force", code: "NA"), .dots]) { args in
        var force: Bool?
        if args.has("rownames.force") { force = try args["rownames.force"].asLogicals().elements.first ?? nil }
        return try frameMatrix(args[0], forceRowNames: force, args.context)
    }
    base.function(
        "data.matrix", [.value("frame"), .value("rownames.force", code: "NA")],
        help: "A numeric matrix of a data frame; factors and texts become codes."
    ) { args in
        let frame = try args.required("frame")
        guard frame.isDataFrame else { return try args.context.call("as.matrix", [Argument(frame)]) }
        let columns = try frame.items.map { column -> Value in
            if case .character = column {
                return .integer(Vector(try makeFactor(of: column, args.context).asIntegers().elements))
            }
            if column.isFactor { return column.bare }
            if case .logical = column { return .integer(try column.asIntegers()) }
            if column.isNumeric { return column.bare }
            return try args.context.call("as.numeric", [Argument(column)])
        }
        let plain = frame.replacingColumns(columns, names: frame.names ?? [], rowNames: rowNames(of: frame))
        return try frameMatrix(plain, forceRowNames: nil, args.context)
    }
    base.method("t", for: .dataFrame, [.value("x")]) { args in
        let matrix = try frameMatrix(args[0], forceRowNames: nil, args.context)
        var result = try args.context.call("t", [Argument(matrix)])
        // Columns of a transposed table are its rows' names, even automatic ones.
        if case .list(let parts)? = result.attribute(Symbol.dimnames), parts.count == 2, parts[1].isNull,
            case .some = Optional(parts[0])
        {
            result = result.setting(Symbol.dimnames, .list(Vector([parts[0], .null])))
        }
        return result
    }
    base.method("as.list", for: .dataFrame, [.value("x"), .dots]) { args in
        .list(Vector(args[0].items, args[0].attributes.keeping([Symbol.names])))
    }
    base.method("is.na", for: .dataFrame, [.value("x")]) { args in
        let x = args[0]
        var flags: [Bool?] = []
        for column in x.items {
            let own = column.isObject && !column.isAtomic ? try args.context.call("is.na", [Argument(column)]) : column
            if case .logical(let v) = own, column.isObject, !column.isAtomic {
                flags += v.elements
            } else {
                flags += missingElements(own).map { Optional($0) }
            }
        }
        let names = rowNames(of: x)
        return Value.logical(Vector(flags)).setting(Symbol.dim, .ints([names.count, x.items.count])).setting(
            Symbol.dimnames,
            .list(
                Vector([
                    names.isAutomatic ? .null : .character(Vector(names.texts.map { Optional($0) })),
                    .character(Vector(x.names ?? [])),
                ])))
    }
    base.method("rev", for: .dataFrame, [.value("x")]) { args in
        args[0].replacingColumns(
            args[0].items.reversed(), names: (args[0].names ?? []).reversed(), rowNames: rowNames(of: args[0]))
    }
    base.method("anyNA", for: .dataFrame, [.value("x"), .value("recursive", false)]) { args in
        .flag(
            try args[0].items.contains { column in
                if column.isObject, !column.isAtomic {
                    return try args.context.call("anyNA", [Argument(column)]).asLogicals().elements.first == true
                }
                return missingElements(column).contains(true)
            })
    }
}

/// `as.matrix` of a data frame: numbers if all columns are numbers, else text.
func frameMatrix(_ x: Value, forceRowNames: Bool?, _ context: Context) throws -> Value {
    let names = rowNames(of: x)
    let shown = forceRowNames ?? !names.isAutomatic
    let rowLabels: Value = shown ? .character(Vector(names.texts.map { Optional($0) })) : .null
    let columns = x.items
    var labels: [Text?] = []
    var isText = false
    var isList = false
    for column in columns {
        switch column {
        case .logical: break
        case .integer, .double, .complex:
            if column.isFactor || column.inherits("Date") || column.inherits("POSIXct") { isText = true }
        case .list where !column.inherits("POSIXlt") && !column.isDataFrame:
            isList = true
        default:
            isText = true
        }
    }
    var parts: [Value] = []
    for (index, column) in columns.enumerated() {
        var part = column.isDataFrame ? try frameMatrix(column, forceRowNames: false, context) : column
        let dim = part.dim
        if let dim, dim.count == 2 {
            var inner = (0..<dim[1]).map { Text(String($0 + 1)) }
            if case .list(let both)? = part.attribute(Symbol.dimnames), both.count == 2,
                case .character(let v) = both[1]
            {
                inner = v.elements.map { $0 ?? "NA" }
            }
            let stem = x.columnNames[index].string
            labels += inner.map { dim[1] > 1 ? Text(stem + "." + $0.string) : Text(stem) }
        } else {
            labels.append(x.columnNames[index])
        }
        if isList {
            if case .list = part {} else { part = .list(Vector(part.items)) }
        } else if isText {
            part = try textColumn(part, context)
        }
        parts.append(part.bare)
    }
    let count = names.count
    let flat: Value
    if parts.isEmpty || count == 0 {
        flat = .logical(Vector([Bool?](repeating: nil, count: count * columns.count)))
    } else if parts.count == 1 {
        flat = parts[0]
    } else {
        flat = try context.concatenated(parts)
    }
    let width = count == 0 ? columns.count : labels.count
    guard flat.length == count * width else {
        throw WorkbenchError(
            .shape, "dims [product \(count * width)] do not match the length of object [\(flat.length)]",
            hint: "the columns of the data frame differ in length")
    }
    return flat.setting(Symbol.dim, .ints([count, width]))
        .setting(Symbol.dimnames, .list(Vector([rowLabels, .character(Vector(labels))])))
}

private func textColumn(_ column: Value, _ context: Context) throws -> Value {
    switch column {
    case .character: return column
    case .logical: return .character(Vector(try column.asCharacters().elements))
    default: break
    }
    if column.isFactor { return .character(Vector(try context.texts(of: column))) }
    let isMissing = missingElements(column)
    var texts = try context.asCharacters(try context.call("format", [Argument(column)]).bare).elements
    for index in texts.indices where index < isMissing.count && isMissing[index] { texts[index] = nil }
    return .character(Vector(texts))
}
