import BaseValues
import Diagnostics
import RRuntime

/// Registers `$<-`, `[[<-` and `[<-` of data frames.
func registerAssigningFrames(_ base: Namespace) {
    base.method("$<-", for: .dataFrame, [.value("x"), .value("name"), .value("value")]) { args in
        let name: Text
        switch args[1] {
        case .character(let v) where v.count == 1: name = v[0] ?? "NA"
        case .symbol(let symbol): name = symbol.text
        default: throw WorkbenchError(.type, "invalid subscript type '\(args[1].typeName)'")
        }
        let column = try fittedColumn(args[2], rows: rowCount(of: args[0]), args.context)
        return settingColumn(&args, name, column)
    }
    base.method("[[<-", for: .dataFrame, [.value("x"), .dots, .value("value")]) { args in
        let x = args[0]
        guard args.dots.count == 2 else {
            guard let index = args.dots.first?.value else {
                throw WorkbenchError(.value, "[[ ]] with missing subscript")
            }
            if case .character(let v) = index, v.count == 1, let name = v[0] {
                let column = try fittedColumn(args["value"], rows: rowCount(of: x), args.context)
                return settingColumn(&args, name, column)
            }
            let resolved = try resolveIndex(index, count: x.items.count, names: { x.columnNames }, args.context)
            guard resolved.positions.count == 1, let place = resolved.positions[0] else {
                throw WorkbenchError(.value, "subscript out of bounds")
            }
            guard place <= x.items.count else {
                throw WorkbenchError(.value, "new columns would leave holes after existing columns")
            }
            let name = place < x.items.count ? x.columnNames[place] : Text("V\(place + 1)")
            let column = try fittedColumn(args["value"], rows: rowCount(of: x), args.context)
            return settingColumn(&args, name, column, at: place)
        }
        return try assign(args, rows: args.dots[0].value, columns: args.dots[1].value)
    }
    base.method("[<-", for: .dataFrame, [.value("x"), .dots, .value("value")]) { args in
        switch args.dots.count {
        case 0: return try assign(args, rows: .missing, columns: .missing)
        case 1:
            let index = args.dots[0].value
            if index.isDataFrame || index.dim?.count == 2 { return try assignByMask(args, index) }
            return try assign(args, rows: .missing, columns: index, isList: true)
        case 2: return try assign(args, rows: args.dots[0].value, columns: args.dots[1].value)
        default: throw WorkbenchError(.value, "need 0, 1, or 2 subscripts")
        }
    }
}

/// A value as a whole column: recycled if its length divides the number of rows. NULL takes the column away.
private func fittedColumn(_ value: Value, rows: Int, _ context: Context) throws -> Value {
    if value.isNull { return value }
    let count = rowCount(of: value)
    if count == rows { return value }
    if count > 0, count < rows, rows % count == 0 { return try recycledColumn(value, to: rows, context) }
    throw WorkbenchError(
        .value, "replacement has \(count) row\(count == 1 ? "" : "s"), data has \(rows)",
        hint: rows == 0 ? "data.frame(name = …) makes a table of a new column" : nil)
}

/// Puts a column in place or at the end; the list is changed in place if nobody else holds it.
private func settingColumn(_ args: inout Arguments, _ name: Text, _ column: Value, at given: Int? = nil) -> Value {
    let x = args.take(0)
    let isNew = x.attribute(Symbol.rowNames) == nil
    guard case .list(var list) = x else { return x }
    let names = x.columnNames
    let place = given ?? names.firstIndex(of: name) ?? list.count
    let attributes = list.attributes
    if column.isNull {
        guard place < list.count else { return x }
        list.elements.remove(at: place)
        var left = names
        left.remove(at: place)
        list.attributes = attributes.setting(Symbol.names, .character(Vector(left.map { Optional($0) })))
        return .list(list)
    }
    if place < list.count {
        list.elements[place] = column
    } else {
        list.elements.append(column)
        list.attributes = attributes.setting(
            Symbol.names, .character(Vector(names.map { Optional($0) } + [name])))
    }
    if isNew {
        list.attributes = list.attributes.setting(Symbol.rowNames, RowNames.automatic(rowCount(of: column)).attribute)
    }
    return .list(list)
}

private func assignByMask(_ args: Arguments, _ index: Value) throws -> Value {
    let x = args[0]
    let context = args.context
    let mask = index.isDataFrame ? try context.call("as.matrix", [Argument(index)]) : index
    guard case .logical(let flags) = mask, let dim = mask.dim, dim.count == 2 else {
        throw WorkbenchError(.type, "unsupported matrix index in replacement")
    }
    let rows = rowCount(of: x)
    var columns = x.items
    guard dim[0] == rows, dim[1] == columns.count else {
        throw WorkbenchError(.value, "unsupported matrix index in replacement")
    }
    if flags.elements.contains(where: { $0 == nil }) {
        throw WorkbenchError(.value, "missing values are not allowed in subscripted assignments of data frames")
    }
    let total = flags.elements.reduce(0) { $0 + ($1 == true ? 1 : 0) }
    let value = args["value"]
    let supply: [Value] = value.isDataFrame || isListValue(value) ? value.items : []
    var used = 0
    for column in columns.indices {
        let chosen = (0..<rows).filter { flags[column * rows + $0] == true }
        if chosen.isEmpty { continue }
        let part: Value
        if !supply.isEmpty {
            part = supply[column % supply.count]
        } else if value.length == 1 {
            part = value
        } else {
            guard value.length == total else {
                throw WorkbenchError(.value, "'value' is the wrong length")
            }
            part = value.picked((used..<(used + chosen.count)).map { $0 })
        }
        used += chosen.count
        columns[column] = try context.call(
            "[<-", [Argument(columns[column]), Argument(positionValue(chosen)), Argument(part, name: "value")])
    }
    return x.replacingColumns(columns, names: x.names ?? [], rowNames: rowNames(of: x))
}

private func isListValue(_ value: Value) -> Bool {
    if case .list = value { return true }
    return false
}

private func assign(_ args: Arguments, rows rowIndex: Value, columns columnIndex: Value, isList: Bool = false) throws
    -> Value
{
    let x = args[0]
    let context = args.context
    let oldNames = rowNames(of: x)
    let oldCount = oldNames.count
    var columns = x.items
    var names = x.columnNames
    if rowIndex.length > 0, !rowIndex.isMissing, missingElements(rowIndex).contains(true) {
        throw WorkbenchError(.value, "missing values are not allowed in subscripted assignments of data frames")
    }
    if columnIndex.length > 0, !columnIndex.isMissing, missingElements(columnIndex).contains(true) {
        throw WorkbenchError(.value, "missing values are not allowed in subscripted assignments of data frames")
    }
    // Which rows and columns, and which of them are new.
    let rowPlaces = try resolveIndex(
        rowIndex, count: oldCount, names: { oldNames.texts }, extends: true, context)
    let targets = rowPlaces.positions.compactMap { $0 }
    let newCount = max(oldCount, (targets.max() ?? -1) + 1)
    let columnPlaces = try resolveIndex(
        columnIndex, count: columns.count, names: { names }, extends: true, context)
    let chosen = columnPlaces.positions.compactMap { $0 }
    if let last = chosen.max(), last >= columns.count {
        let new = Set(chosen.filter { $0 >= columns.count })
        guard new.count == last - columns.count + 1 else {
            throw WorkbenchError(.value, "new columns would leave holes after existing columns")
        }
    }
    let value = args["value"]
    if value.isNull
        || (isListValue(value) && (value.length == chosen.count || value.length == 1)
            && value.items.allSatisfy { $0.isNull })
    {
        guard isList || rowIndex.isMissing else {
            throw WorkbenchError(.value, "replacement has length zero")
        }
        let gone = Set(chosen)
        let kept = columns.indices.filter { !gone.contains($0) }
        return x.replacingColumns(
            kept.map { columns[$0] }, names: kept.map { Optional(names[$0]) }, rowNames: oldNames)
    }
    let count = rowIndex.isMissing ? oldCount : targets.count
    if count == 0 || chosen.isEmpty, !(isList && oldCount == 0) { return x }
    let parts = try replacementParts(
        value, rows: count, columns: chosen.count, context)
    // New rows: existing columns grow by NA.
    if newCount > oldCount {
        let grown = (0..<newCount).map { $0 < oldCount ? Optional($0) : nil }
        columns = try columns.map { try columnRows($0, grown, context) }
    }
    for (order, place) in chosen.enumerated() {
        let part = parts[order % parts.count]
        if place >= columns.count {
            names.append(columnPlaces.newNames[place] ?? newColumnName(value, order, place))
            if rowIndex.isMissing {
                columns.append(part)
            } else {
                let empty =
                    part.keepsClassByElement || part.isAtomic
                    ? try columnRows(part, [Int?](repeating: nil, count: newCount), context)
                    : Value.list(Vector([Value](repeating: .null, count: newCount)))
                columns.append(try replacing(empty, targets, part, context))
            }
        } else if rowIndex.isMissing, isList || part.length == oldCount && columnIndex.isMissing && isListValue(value) {
            columns[place] = part
        } else if rowIndex.isMissing {
            columns[place] = try replacing(columns[place], Array(0..<oldCount), part, context)
        } else {
            columns[place] = try replacing(columns[place], targets, part, context)
        }
    }
    var newNames = oldNames
    if newCount > oldCount { newNames = extended(oldNames, to: newCount, rowPlaces.newNames) }
    return x.replacingColumns(columns, names: names.map { Optional($0) }, rowNames: newNames)
}

private func newColumnName(_ value: Value, _ order: Int, _ place: Int) -> Text {
    if isListValue(value), let names = value.names, order < names.count, let name = names[order], !name.isEmpty {
        return name
    }
    return Text("V\(place + 1)")
}

private func replacing(_ column: Value, _ targets: [Int], _ part: Value, _ context: Context) throws -> Value {
    try context.call(
        "[<-", [Argument(column), Argument(positionValue(targets)), Argument(part, name: "value")])
}

/// The replacement, one part for each column, each as long as the rows.
private func replacementParts(
    _ value: Value, rows: Int, columns: Int, _ context: Context
) throws -> [Value] {
    if isListValue(value), !value.isObject || value.isDataFrame {
        let list = value.items
        guard !list.isEmpty else { throw WorkbenchError(.value, "replacement has length zero") }
        return try list.map { part in
            let length = rowCount(of: part)
            if length == rows { return part }
            if length > 0, length < rows, rows % length == 0 { return try recycledColumn(part, to: rows, context) }
            throw WorkbenchError(
                .value,
                "replacement element 1 has \(length) row\(length == 1 ? "" : "s"), need \(rows)")
        }
    }
    if let dim = value.dim, dim.count == 2, dim[0] == rows {
        return (0..<max(dim[1], 1)).map { column in value.pickedBare((0..<rows).map { column * rows + $0 }) }
    }
    let length = value.length
    guard length > 0 else { throw WorkbenchError(.value, "replacement has length zero") }
    let total = rows * columns
    if columns == 1 {
        if length == rows { return [value.setting(Symbol.names, nil)] }
        if length < rows, rows % length == 0 { return [try recycledColumn(value, to: rows, context)] }
        throw WorkbenchError(
            .value, "replacement has \(length) row\(length == 1 ? "" : "s"), data has \(rows)")
    }
    guard length <= total, total % length == 0 || length == total else {
        throw WorkbenchError(
            .value, "replacement has \(length) item\(length == 1 ? "" : "s"), need \(total)")
    }
    return try (0..<columns).map { column in
        try context.elements(of: value.setting(Symbol.names, nil), at: (0..<rows).map { (column * rows + $0) % length })
    }
}

private func extended(_ names: RowNames, to count: Int, _ new: [Int: Text]) -> RowNames {
    if new.isEmpty {
        switch names {
        case .automatic: return .automatic(count)
        case .integers(let v):
            return .integers(v + (v.count..<count).map { Int32(truncatingIfNeeded: $0 + 1) })
        case .texts(let v): return .texts(v + (v.count..<count).map { Text(String($0 + 1)) })
        }
    }
    var texts = names.texts
    for place in texts.count..<count { texts.append(new[place] ?? Text(String(place + 1))) }
    return .texts(madeUnique(texts).map { Optional($0) })
}
