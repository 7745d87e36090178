import BaseValues
import Diagnostics
import RRuntime

/// Registers `rbind`, `cbind` of data frames, and `merge`.
func registerBindingFrames(_ base: Namespace) {
    base.method(
        "rbind", for: .dataFrame,
        [
            .dots, .value("deparse.level", 1), .value("make.row.names", true), .value("stringsAsFactors", false),
            .value("factor.exclude", true),
        ]
    ) { args in
        let result = try bindRows(args.dots, args.context)
        if try args.flag("make.row.names") { return result }
        return result.setting(Symbol.rowNames, RowNames.automatic(rowCount(of: result)).attribute)
    }
    base.method(
        "cbind", for: .dataFrame, [.promiseDots, .value("deparse.level", 1), .value("stringsAsFactors", false)]
    ) { args in
        let parts = try args.dots.map { argument in
            var expression = argument.value
            if case .promise(let promise) = argument.value { expression = promise.expression }
            return (value: try args.context.forced(argument.value), name: argument.name?.text, expression: expression)
        }
        return try joinParts(
            parts, rowNames: nil, checkNames: false, fixEmpty: true, asFactors: try args.flag("stringsAsFactors"),
            args.context)
    }
    base.function(
        "merge",
        [
            .value("x"), .value("y"), .value("by", code: "intersect(names(x), names(y))"), .value("by.x", code: "by"),
            .value("by.y", code: "by"), .value("all", false), .value("all.x", code: "all"),
            .value("all.y", code: "all"),
            .value("sort", true), .value("suffixes", code: "c(\".x\", \".y\")"), .value("no.dups", true), .dots,
        ], help: "Joins the rows of two data frames that have the same keys.", dispatch: .generic
    ) { args in try merge(args) }
}

/// What one argument of `rbind` adds: columns in its order, their names if any.
private struct RowPart {
    var columns: [Value]
    var names: [Text]?
    var rows: Int
    var label: Text?
    /// Row names of a data frame; nil for lists and vectors.
    var rowNames: RowNames?
}

private func rowPart(_ argument: Argument, _ context: Context) throws -> RowPart? {
    let value = argument.value
    let label = argument.name.flatMap { $0.name.isEmpty ? nil : $0.text }
    if value.isNull { return nil }
    if value.isDataFrame {
        if value.items.isEmpty { return nil }
        return RowPart(
            columns: value.items, names: value.columnNames, rows: rowCount(of: value), label: label,
            rowNames: rowNames(of: value))
    }
    if let dim = value.dim, dim.count == 2 {
        let frame = try context.call("as.data.frame", [Argument(value)])
        var names: [Text]?
        if case .list(let labels)? = value.attribute(Symbol.dimnames), labels.count == 2,
            case .character(let v) = labels[1]
        {
            names = v.elements.map { $0 ?? "NA" }
        }
        return RowPart(
            columns: frame.items, names: names, rows: dim[0], label: label, rowNames: rowNames(of: frame))
    }
    if case .list(let list) = value {
        if list.isEmpty { return nil }
        let lengths = list.elements.map { rowCount(of: $0) }
        guard lengths.allSatisfy({ $0 == lengths[0] }) else {
            throw WorkbenchError(.value, "invalid list argument: all variables should have the same length")
        }
        return RowPart(
            columns: list.elements, names: value.names?.map { $0 ?? "" }, rows: lengths[0], label: label, rowNames: nil)
    }
    guard value.isVector, value.length > 0 else { return nil }
    let columns = try (0..<value.length).map { try context.element(of: value, at: $0) }
    return RowPart(columns: columns, names: nil, rows: 1, label: label, rowNames: nil)
}

/// `rbind` of data frames, lists and vectors; the first data frame gives names and order of the columns.
func bindRows(_ arguments: [Argument], _ context: Context) throws -> Value {
    let parts = try arguments.compactMap { try rowPart($0, context) }
    guard let first = parts.first(where: { $0.rowNames != nil }) ?? parts.first else {
        return makeFrame([], names: [], rowNames: .automatic(0))
    }
    let names = first.names ?? first.columns.indices.map { Text("V\($0 + 1)") }
    var gathered = [[Value]](repeating: [], count: names.count)
    for part in parts {
        guard part.columns.count == names.count || (part.rowNames == nil && part.names == nil) else {
            throw WorkbenchError(
                .value, "numbers of columns of arguments do not match",
                hint: "\(names.count) and \(part.columns.count) columns")
        }
        var order = Array(names.indices)
        if let own = part.names, own != names {
            let isFrame = part.rowNames != nil
            let places = names.map { own.firstIndex(of: $0) }
            if places.allSatisfy({ $0 != nil }), Set(own).count == own.count {
                order = places.map { $0 ?? 0 }
            } else if isFrame || own.allSatisfy({ !$0.isEmpty }) {
                let unknown = own.first { !names.contains($0) }?.string ?? ""
                throw WorkbenchError(
                    .value, "names do not match previous names",
                    hint: "`\(unknown)` is not among \(names.map { $0.string }.joined(separator: ", "))")
            }
        }
        for (place, source) in order.enumerated() {
            gathered[place].append(part.columns[source % max(part.columns.count, 1)])
        }
    }
    let columns = try gathered.map { try stacked($0, context) }
    return makeFrameKeeping(arguments, columns, names, try boundRowNames(parts))
}

private func makeFrameKeeping(_ arguments: [Argument], _ columns: [Value], _ names: [Text], _ rowNames: RowNames)
    -> Value
{
    guard let first = arguments.first(where: { $0.value.isDataFrame && !$0.value.items.isEmpty })?.value else {
        return makeFrame(columns, names: names.map { Optional($0) }, rowNames: rowNames)
    }
    let classes = first.classAttribute ?? ["data.frame"]
    return makeFrame(columns, names: names.map { Optional($0) }, rowNames: rowNames)
        .setting(Symbol.classAttribute, .character(Vector(classes.map { Optional($0) })))
}

/// Columns put on top of each other; the first decides what becomes of factors.
private func stacked(_ parts: [Value], _ context: Context) throws -> Value {
    guard let first = parts.first else { return .null }
    if parts.count == 1 { return first.dim == nil ? first.setting(Symbol.names, nil) : first }
    if first.isDataFrame { return try bindRows(parts.map { Argument($0) }, context) }
    if first.dim?.count == 2 { return try context.call("rbind", parts.map { Argument($0) }) }
    if first.isFactor {
        let factors = try parts.map { part -> Value in
            part.isFactor ? part : try makeFactorInOrder(part, context)
        }
        let joined = try joinedFactors(factors.map { $0.setting(Symbol.names, nil) }, context)
        return joined.setting(Symbol.classAttribute, first.attribute(Symbol.classAttribute))
    }
    let plain = try parts.map { part -> Value in
        if part.isFactor { return .character(Vector(try context.texts(of: part))) }
        return part.setting(Symbol.names, nil)
    }
    return try context.concatenated(plain)
}

private func boundRowNames(_ parts: [RowPart]) throws -> RowNames {
    var labels: [Text] = []
    var isAutomatic = true
    var count = 0
    for part in parts {
        if let label = part.label {
            if part.rowNames != nil || part.rows > 0 { isAutomatic = false }
            if part.rows == 1 {
                labels.append(label)
            } else {
                let own = part.rowNames?.texts ?? (0..<part.rows).map { Text(String($0 + 1)) }
                labels += own.map { Text(label.string + "." + $0.string) }
            }
        } else if let own = part.rowNames, !own.isAutomatic, !isSequence(own) {
            isAutomatic = false
            labels += own.texts
        } else {
            // Once a row has a name of its own, later rows keep their numbers.
            let start = isAutomatic || part.rowNames == nil ? count : 0
            labels += (0..<part.rows).map { Text(String(start + $0 + 1)) }
        }
        count += part.rows
    }
    if isAutomatic { return .automatic(count) }
    let unique = madeUnique(labels, separator: "")
    let numbers = unique.map { Int32($0.string) }
    let areNumbers = parts.allSatisfy { part in
        guard part.label == nil else { return false }
        if case .texts? = part.rowNames { return false }
        return true
    }
    if areNumbers, numbers.allSatisfy({ $0 != nil }) { return .integers(numbers) }
    return .texts(unique.map { Optional($0) })
}

private func isSequence(_ names: RowNames) -> Bool {
    if case .integers(let v) = names { return v.indices.allSatisfy { v[$0] == Int32(truncatingIfNeeded: $0 + 1) } }
    return names.isAutomatic
}

private func keyColumns(_ value: Value, _ frame: Value, _ context: Context) throws -> [Int] {
    if value.isNull { return [] }
    guard value.isAtomic else {
        throw WorkbenchError(.value, "'by' must specify one or more columns as numbers, names or logical")
    }
    do {
        return try selectedColumns(value, of: frame, context)
    } catch let error as WorkbenchError {
        throw WorkbenchError(.value, "'by' must specify a uniquely valid column", hint: error.hint)
    }
}

/// What is merged as a data frame; a vector's only column bears the name of the argument.
private func mergeable(_ value: Value, _ name: Text, _ context: Context) throws -> Value {
    let frame = try frameOf(value, context)
    guard value.isAtomic, value.dim == nil, frame.items.count == 1 else { return frame }
    return frame.withNames([name])
}

private func merge(_ args: Arguments) throws -> Value {
    let context = args.context
    let x = try mergeable(try args.required("x"), "x", context)
    let y = try mergeable(try args.required("y"), "y", context)
    let common = Value.character(Vector(x.columnNames.filter { y.columnNames.contains($0) }.map { Optional($0) }))
    let by = args.has("by") ? args["by"] : common
    let byX = try keyColumns(args.has("by.x") ? args["by.x"] : by, x, context)
    let byY = try keyColumns(args.has("by.y") ? args["by.y"] : by, y, context)
    guard byX.count == byY.count else {
        throw WorkbenchError(.value, "'by.x' and 'by.y' specify different numbers of columns")
    }
    let all = try args.flag("all")
    let allX = args.has("all.x") ? try args.flag("all.x") : all
    let allY = args.has("all.y") ? try args.flag("all.y") : all
    let (rowsX, rowsY) = (rowCount(of: x), rowCount(of: y))
    let xs = x.items
    let ys = y.items
    var pairs: [(Int?, Int?)] = []
    if byX.isEmpty {
        for j in 0..<rowsY { for i in 0..<rowsX { pairs.append((i, j)) } }
    } else {
        var keysX = [[ElementKey]](repeating: [], count: rowsX)
        var keysY = [[ElementKey]](repeating: [], count: rowsY)
        for (a, b) in zip(byX, byY) {
            let keys = try context.commonKeys(xs[a], ys[b])
            for i in 0..<rowsX { keysX[i].append(keys.a[i]) }
            for j in 0..<rowsY { keysY[j].append(keys.b[j]) }
        }
        var placesY: [[ElementKey]: [Int]] = [:]
        for (j, key) in keysY.enumerated() { placesY[key, default: []].append(j) }
        var groups: [[ElementKey]: [Int]] = [:]
        var order: [[ElementKey]] = []
        for (i, key) in keysX.enumerated() {
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(i)
        }
        for key in order { for i in groups[key] ?? [] { for j in placesY[key] ?? [] { pairs.append((i, j)) } } }
        let matched = pairs.count
        if try args.flag("sort"), !(allX || allY) {
            let sortKeys: [SortKey]
            if byX.count == 1 {
                sortKeys = [try context.sortKey(try columnRows(xs[byX[0]], pairs.map { $0.0 }, context))]
            } else {
                // Several keys are sorted as text, joined.
                let texts = try byX.map { try context.texts(of: xs[$0]) }
                sortKeys = [
                    .texts(
                        pairs.map { pair in
                            Text(texts.map { $0[pair.0 ?? 0]?.string ?? "NA" }.joined(separator: "\r"))
                        })
                ]
            }
            pairs = try context.ordering(sortKeys, decreasing: [false], missing: .last).map { pairs[$0] }
        }
        _ = matched
        if allX {
            let used = Set(keysY)
            for (i, key) in keysX.enumerated() where !used.contains(key) { pairs.append((i, nil)) }
        }
        if allY {
            let used = Set(keysX)
            for (j, key) in keysY.enumerated() where !used.contains(key) { pairs.append((nil, j)) }
        }
    }
    var columns: [Value] = []
    var names: [Text] = []
    for (a, b) in zip(byX, byY) {
        names.append(x.columnNames[a])
        if allY, pairs.contains(where: { $0.0 == nil }) {
            let fromX = pairs.filter { $0.0 != nil }.map { $0.0 }
            let fromY = pairs.filter { $0.0 == nil }.map { $0.1 }
            columns.append(
                try stacked([try columnRows(xs[a], fromX, context), try columnRows(ys[b], fromY, context)], context))
        } else {
            columns.append(try columnRows(xs[a], pairs.map { $0.0 }, context))
        }
    }
    let restX = xs.indices.filter { !byX.contains($0) }
    let restY = ys.indices.filter { !byY.contains($0) }
    var suffixes: [Text] = [".x", ".y"]
    if args.has("suffixes"), case .character(let v) = args["suffixes"], v.count == 2 {
        suffixes = v.elements.map { $0 ?? "" }
    }
    let namesX = restX.map { x.columnNames[$0] }
    let namesY = restY.map { y.columnNames[$0] }
    for (place, name) in zip(restX, namesX) {
        names.append(namesY.contains(name) ? Text(name.string + suffixes[0].string) : name)
        columns.append(try columnRows(xs[place], pairs.map { $0.0 }, context))
    }
    for (place, name) in zip(restY, namesY) {
        let isTaken = namesX.contains(name) || names.prefix(byX.count).contains(name)
        names.append(isTaken ? Text(name.string + suffixes[1].string) : name)
        columns.append(try columnRows(ys[place], pairs.map { $0.1 }, context))
    }
    let frame = makeFrame(columns, names: names.map { Optional($0) }, rowNames: .automatic(pairs.count))
    guard try args.flag("sort"), allX || allY, !byX.isEmpty else { return frame }
    let keys = try columns.prefix(byX.count).map { try context.sortKey($0) }
    let order = try context.ordering(keys, decreasing: keys.map { _ in false }, missing: .last)
    return try frameRows(frame, order, context).setting(Symbol.rowNames, RowNames.automatic(pairs.count).attribute)
}

/// A data frame of anything that can be one.
func frameOf(_ value: Value, _ context: Context) throws -> Value {
    value.isDataFrame ? value : try context.call("as.data.frame", [Argument(value)])
}
