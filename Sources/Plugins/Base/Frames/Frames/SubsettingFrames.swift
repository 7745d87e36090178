import BaseValues
import Diagnostics
import RRuntime

/// Registers `[`, `[[` and `$` of data frames.
func registerSubsettingFrames(_ base: Namespace) {
    base.method(
        "[", for: .dataFrame,
        [.value("x"), .dots, .value("drop", code: "if (missing(i)) TRUE else length(cols) == 1")]
    ) {
        args in try subset(args)
    }
    base.method("[[", for: .dataFrame, [.value("x"), .dots, .value("exact", true)]) { args in
        let x = args[0]
        guard args.dots.count == 2 else {
            guard let index = args.dots.first?.value, args.dots.count == 1, !index.isMissing else {
                throw WorkbenchError(.value, "invalid subscript type 'symbol'")
            }
            return try element(of: x, index, args)
        }
        let column = try element(of: x, args.dots[1].value, args)
        let names = rowNames(of: x)
        let row = try resolveIndex(
            args.dots[0].value, count: names.count, names: { names.texts }, args.context)
        guard row.positions.count == 1, let place = row.positions[0], place < names.count else {
            throw WorkbenchError(.value, "subscript out of bounds")
        }
        return try args.context.element(of: column, at: place)
    }
}

private func element(of x: Value, _ index: Value, _ args: Arguments) throws -> Value {
    let columns = x.items
    switch index {
    case .character(let v) where v.count == 1:
        let name = v[0] ?? "NA"
        if let column = x.column(name) { return column }
        if args.has("exact"), try args["exact"].asLogicals()[0] == false {
            let names = x.columnNames
            let matches = names.indices.filter { names[$0].hasPrefix(name.string) }
            if matches.count == 1 { return columns[matches[0]] }
        }
        return .null
    case .logical, .integer, .double:
        guard index.length == 1 else {
            guard index.length > 1 else {
                throw WorkbenchError(.value, "attempt to select less than one element in get1index")
            }
            var value = x.setting(Symbol.classAttribute, nil)
            for part in index.items {
                value = try args.context.call("[[", [Argument(value), Argument(part)])
            }
            return value
        }
        let number = try index.asDoubles()[0]
        guard let place = Int(exactly: number.rounded(.towardZero)), place >= 1, place <= columns.count else {
            if number < 0, columns.count == 2, let place = Int(exactly: number), place == -1 || place == -2 {
                return columns[place == -1 ? 1 : 0]
            }
            if number < 0 {
                throw WorkbenchError(.value, "invalid negative subscript in get1index <real>")
            }
            if number == 0 {
                throw WorkbenchError(.value, "attempt to select less than one element in get1index <real>")
            }
            throw WorkbenchError(
                .value, "subscript out of bounds", hint: "there are \(columns.count) columns")
        }
        return columns[place - 1]
    default:
        return try args.context.call("[[", [Argument(x.setting(Symbol.classAttribute, nil)), Argument(index)])
    }
}

private func subset(_ args: Arguments) throws -> Value {
    let x = args[0]
    let context = args.context
    let drop: Bool? = args.has("drop") ? try args.flag("drop") : nil
    guard args.dots.count >= 2 else {
        guard let index = args.dots.first?.value, !index.isMissing else { return x }
        return try columnSubset(x, index, context)
    }
    let names = rowNames(of: x)
    let rowIndex = args.dots[0].value
    let columnIndex = args.dots[1].value
    let all = x.items
    if !rowIndex.isMissing, drop ?? true, try isNoColumn(columnIndex, of: x, context) { return .null }
    let columns: [Int] = columnIndex.isMissing ? Array(all.indices) : try selectedColumns(columnIndex, of: x, context)
    if rowIndex.isMissing {
        let shouldDrop = drop ?? (columns.count == 1)
        if shouldDrop, columns.count == 1 { return all[columns[0]] }
        if columnIndex.isMissing { return x }
        return withColumns(x, columns)
    }
    let resolved: [Int?]
    if let dim = rowIndex.dim, dim.count == 2, case .logical(let v) = rowIndex, dim[1] == 1 {
        resolved = try resolveIndex(
            .logical(Vector(v.elements)), count: names.count, names: { names.texts }, context
        ).positions
    } else {
        resolved = try resolveIndex(
            rowIndex, count: names.count, names: { names.texts }, partial: true, context
        ).positions
    }
    let rows = resolved.map { row in row.flatMap { $0 < names.count ? $0 : nil } }
    if columns.count == 1, drop ?? true { return try columnRows(all[columns[0]], rows, context) }
    let result = try frameRows(columnIndex.isMissing ? x : withColumns(x, columns), rows, context)
    if drop == true, rows.count == 1 {
        return .list(Vector(result.items, result.attributes.keeping([Symbol.names])))
    }
    return result
}

/// Whether an index is a single name or number of a column that is not there: `x[1, "no"]` is NULL, as `x[["no"]]` is.
private func isNoColumn(_ index: Value, of x: Value, _ context: Context) throws -> Bool {
    guard index.length == 1, !index.isObject else { return false }
    switch index {
    case .character, .integer, .double:
        let names = x.columnNames
        let places = try resolveIndex(index, count: names.count, names: { names }, context).positions
        return places.count == 1 && (places[0].map { $0 >= names.count } ?? true)
    default: return false
    }
}

/// A data frame of some columns; repeated names are made unique.
private func withColumns(_ x: Value, _ columns: [Int]) -> Value {
    let all = x.items
    let names = x.columnNames
    var chosen = columns.map { names[$0] }
    if duplicates(columns, fromLast: false).contains(true) { chosen = madeUnique(chosen) }
    return x.replacingColumns(
        columns.map { all[$0] }, names: chosen.map { Optional($0) }, rowNames: rowNames(of: x))
}

private func columnSubset(_ x: Value, _ index: Value, _ context: Context) throws -> Value {
    let isMatrix = index.isDataFrame || (index.dim?.count == 2)
    if isMatrix {
        let matrix = try context.call("as.matrix", [Argument(x)])
        let mask = index.isDataFrame ? try context.call("as.matrix", [Argument(index)]) : index
        return try context.call("[", [Argument(matrix), Argument(mask)])
    }
    return withColumns(x, try selectedColumns(index, of: x, context))
}
