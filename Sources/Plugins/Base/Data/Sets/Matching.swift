import BaseValues
import Diagnostics
import RRuntime

/// Registers `match`, `%in%`, `unique`, `duplicated`, `anyDuplicated`, `union`, `intersect`, `setdiff`, `is.element`,
/// `setequal`.
func registerSets(_ base: Namespace) {
    registerMatching(base)
    registerUnique(base)
    registerDuplicated(base)
    registerSetOperations(base)
}

private func isMatchable(_ value: Value) -> Bool { value.isVector || value.isNull }

private func registerMatching(_ base: Namespace) {
    base.function(
        "match",
        [
            .value("x"), .value("table"), .value("nomatch", code: "NA_integer_"), .value("incomparables", nil),
        ], help: "Positions of elements in a table."
    ) { args in
        let x = try args.required("x")
        let table = try args.required("table")
        guard isMatchable(x), isMatchable(table) else {
            throw WorkbenchError(.type, "'match' requires vector arguments")
        }
        var none: Int32?
        if args.has("nomatch"), let first = try args["nomatch"].asIntegers().elements.first { none = first }
        let keys = try args.context.commonKeys(try plain(x, args), try plain(table, args))
        var places = try args.context.firstPositions(keys.a, in: keys.b)
        let except = args["incomparables"]
        let isNone: Bool
        if case .logical(let v) = except { isNone = v.elements == [false] } else { isNone = except.isNull }
        if !isNone {
            let barred = Set(try args.context.commonKeys(except, x).a)
            for index in places.indices where barred.contains(keys.a[index]) { places[index] = nil }
        }
        return .integer(Vector(places.map { place in place.map { Int32(truncatingIfNeeded: $0 + 1) } ?? none }))
    }
    base.function("%in%", [.value("x"), .value("table")], help: "Whether elements are in a table.") { args in
        let x = try args.required("x")
        let table = try args.required("table")
        guard isMatchable(x), isMatchable(table) else {
            throw WorkbenchError(.type, "'match' requires vector arguments")
        }
        let keys = try args.context.commonKeys(try plain(x, args), try plain(table, args))
        if keys.a.count == 1 { return .flag(keys.b.contains(keys.a[0])) }
        return .logical(Vector(try args.context.firstPositions(keys.a, in: keys.b).map { $0 != nil }))
    }
}

/// Broken-down times compare as the moments they are.
private func plain(_ value: Value, _ args: Arguments) throws -> Value {
    value.inherits("POSIXlt") ? try args.context.call("as.POSIXct", [Argument(value)]) : value
}

/// `incomparables` as keys; FALSE for none.
private func incomparableKeys(_ args: Arguments, _ x: Value) throws -> Set<ElementKey> {
    let value = args["incomparables"]
    if value.isMissing || value.isNull { return [] }
    if case .logical(let v) = value, v.elements == [false] { return [] }
    return Set(try args.context.keys(of: value, as: KeyType(x)))
}

private func fromLast(_ args: Arguments) throws -> Bool { args.has("fromLast") ? try args.flag("fromLast") : false }

private let duplicateParameters: [Parameter] = [
    .value("x"), .value("incomparables", false), .dots, .value("fromLast", false), .value("nmax", code: "NA"),
]

private func registerUnique(_ base: Namespace) {
    base.function(
        "unique", duplicateParameters, help: "The elements without those that occurred before.", dispatch: .generic
    ) { args in try uniqueElements(args) }
    base.method("unique", for: "default", duplicateParameters, help: "The elements without repetitions.") { args in
        try uniqueElements(args)
    }
    base.method("unique", for: .dataFrame, duplicateParameters, help: "The rows without repetitions.") { args in
        let x = args[0]
        let rows = try args.context.rowKeys(of: x.items, count: rowCount(of: x))
        let isRepeated = try args.context.duplicates(rows, fromLast: try fromLast(args))
        let kept = isRepeated.indices.filter { !isRepeated[$0] }
        return try frameRows(x, kept.map { $0 }, args.context)
    }
    base.method(
        "unique", for: "matrix", duplicateParameters + [.value("MARGIN", 1)], help: "The rows without repetitions."
    ) {
        args in
        let byRow = try args.int("MARGIN") == 1
        let isRepeated = try args.context.duplicates(
            try sliceKeys(args[0], byRow: byRow, args.context), fromLast: try fromLast(args))
        let kept = positionValue(isRepeated.indices.filter { !isRepeated[$0] })
        let index = byRow ? [Argument(kept), Argument(.missing)] : [Argument(.missing), Argument(kept)]
        return try args.context.call("[", [Argument(args[0])] + index + [Argument(false, name: "drop")])
    }
}

/// `unique` and `duplicated` of arrays that are no matrices: by slices of a dimension, the first unless said otherwise.
private func registerSlices(_ base: Namespace) {
    let parameters = duplicateParameters + [.value("MARGIN", 1)]
    base.method("unique", for: "array", parameters, help: "The slices without repetitions.") { args in
        let x = args[0]
        let axis = try sliceAxis(args)
        let isRepeated = try args.context.duplicates(
            try sliceKeys(x, along: axis, args.context), fromLast: try fromLast(args))
        let kept = positionValue(isRepeated.indices.filter { !isRepeated[$0] })
        let index = (0..<(x.dim?.count ?? 1)).map { Argument($0 == axis ? kept : .missing) }
        return try args.context.call("[", [Argument(x)] + index + [Argument(false, name: "drop")])
    }
    base.method("duplicated", for: "array", parameters) { args in
        let flags = Value.logical(
            Vector(
                try args.context.duplicates(
                    try sliceKeys(args[0], along: try sliceAxis(args), args.context), fromLast: try fromLast(args)
                ).map { Optional($0) }))
        guard args[0].dim?.count == 1 else { return flags }
        return flags.setting(Symbol.dim, args[0].attribute(Symbol.dim)).setting(
            Symbol.dimnames, args[0].attribute(Symbol.dimnames))
    }
    base.method("anyDuplicated", for: "array", parameters) { args in
        firstRepeated(
            try args.context.duplicates(
                try sliceKeys(args[0], along: try sliceAxis(args), args.context), fromLast: try fromLast(args)),
            fromLast: try fromLast(args))
    }
}

private func sliceAxis(_ args: Arguments) throws -> Int {
    let margin = try args.int("MARGIN")
    guard let dim = args[0].dim, margin >= 1, margin <= dim.count else {
        throw WorkbenchError(.value, "MARGIN = \(margin) is invalid for dim = \(args[0].dim?.count ?? 0)")
    }
    return margin - 1
}

/// Keys of the slices of an array along one dimension.
private func sliceKeys(_ x: Value, along axis: Int, _ context: Context) throws -> [[ElementKey]] {
    guard let dim = x.dim, axis < dim.count else {
        throw WorkbenchError(.type, "an array is wanted, not \(x.typeName) without dimensions")
    }
    let keys = try context.ownKeys(of: x.bare)
    let stride = dim[..<axis].reduce(1, *)
    var slices = [[ElementKey]](repeating: [], count: dim[axis])
    for (place, key) in keys.enumerated() { slices[place / max(stride, 1) % max(dim[axis], 1)].append(key) }
    return slices
}

private func uniqueElements(_ args: Arguments) throws -> Value {
    let x = try args.required("x")
    guard isMatchable(x) else {
        throw WorkbenchError(.type, "unique() applies only to vectors")
    }
    if x.inherits("POSIXlt") {
        return try args.context.call("[", [Argument(x), Argument(positionValue(try keptPositions(args, x)))])
    }
    let kept = try keptPositions(args, x)
    let result = x.pickedBare(kept)
    guard x.isObject else { return result }
    if x.isFactor {
        return result.setting(Symbol.levels, x.attribute(Symbol.levels))
            .setting(Symbol.classAttribute, .strings(x.inherits("ordered") ? ["ordered", "factor"] : ["factor"]))
    }
    if x.inherits("POSIXct") {
        return result.setting(Symbol.classAttribute, x.attribute(Symbol.classAttribute))
            .setting(Symbol.named("tzone"), x.attribute("tzone"))
    }
    if x.inherits("Date") { return result.setting(Symbol.classAttribute, x.attribute(Symbol.classAttribute)) }
    if x.inherits("difftime") { return x.pickedKeepingClass(kept).setting(Symbol.names, nil) }
    return result
}

private func keptPositions(_ args: Arguments, _ x: Value) throws -> [Int?] {
    let value = try plain(x, args)
    let isRepeated = try args.context.duplicates(
        try args.context.ownKeys(of: value), fromLast: try fromLast(args), except: try incomparableKeys(args, value))
    return isRepeated.indices.filter { !isRepeated[$0] }
}

/// Keys of the rows or columns of a matrix.
private func sliceKeys(_ x: Value, byRow: Bool, _ context: Context) throws -> [[ElementKey]] {
    guard let dim = x.dim, dim.count == 2 else {
        throw WorkbenchError(.type, "a matrix is wanted, not \(x.typeName) without two dimensions")
    }
    let keys = try context.ownKeys(of: x.bare)
    if byRow { return (0..<dim[0]).map { row in (0..<dim[1]).map { keys[row + $0 * dim[0]] } } }
    return (0..<dim[1]).map { column in Array(keys[(column * dim[0])..<((column + 1) * dim[0])]) }
}

private func isRepeated(_ args: Arguments) throws -> [Bool] {
    let x = try args.required("x")
    if x.isDataFrame {
        return try args.context.duplicates(
            args.context.rowKeys(of: x.items, count: rowCount(of: x)), fromLast: try fromLast(args))
    }
    guard isMatchable(x) else { throw WorkbenchError(.type, "\(args.function.name.name)() applies only to vectors") }
    let value = try plain(x, args)
    return try args.context.duplicates(
        try args.context.ownKeys(of: value), fromLast: try fromLast(args), except: try incomparableKeys(args, value))
}

private func isRepeatedSlice(_ args: Arguments) throws -> [Bool] {
    let byRow = args.has("MARGIN") ? try args.int("MARGIN") == 1 : true
    return try args.context.duplicates(try sliceKeys(args[0], byRow: byRow, args.context), fromLast: try fromLast(args))
}

private func firstRepeated(_ flags: [Bool], fromLast: Bool) -> Value {
    let place = fromLast ? flags.lastIndex(of: true) : flags.firstIndex(of: true)
    return .int(place.map { $0 + 1 } ?? 0)
}

private func registerDuplicated(_ base: Namespace) {
    registerSlices(base)
    base.function(
        "duplicated", duplicateParameters, help: "Whether each element occurred before.", dispatch: .generic
    ) { args in .logical(Vector(try isRepeated(args))) }
    base.method("duplicated", for: "default", duplicateParameters) { args in .logical(Vector(try isRepeated(args))) }
    base.method("duplicated", for: .dataFrame, duplicateParameters) { args in
        .logical(Vector(try isRepeated(args)))
    }
    base.method("duplicated", for: "matrix", duplicateParameters + [.value("MARGIN", 1)]) { args in
        .logical(Vector(try isRepeatedSlice(args)))
    }
    base.function(
        "anyDuplicated", duplicateParameters, help: "Position of the first repeated element, or 0.",
        dispatch: .generic
    ) { args in firstRepeated(try isRepeated(args), fromLast: try fromLast(args)) }
    base.method("anyDuplicated", for: .dataFrame, duplicateParameters) { args in
        firstRepeated(try isRepeated(args), fromLast: try fromLast(args))
    }
    base.method("anyDuplicated", for: "matrix", duplicateParameters + [.value("MARGIN", 1)]) { args in
        firstRepeated(try isRepeatedSlice(args), fromLast: try fromLast(args))
    }
}

/// A set's elements as `as.vector` gives them.
private func members(_ value: Value, _ context: Context) throws -> Value {
    if value.isFactor { return .character(Vector(try context.texts(of: value))) }
    if value.isObject, !value.isDataFrame { return try context.call("as.vector", [Argument(value)]) }
    if case .list(let v) = value { return .list(Vector(v.elements)) }
    return value.bare
}

private func registerSetOperations(_ base: Namespace) {
    let parameters: [Parameter] = [.value("x"), .value("y")]
    base.function("union", parameters, help: "Elements of either set.") { args in
        let context = args.context
        let all = try context.concatenated([
            try members(try args.required("x"), context), try members(try args.required("y"), context),
        ])
        let repeated = try context.duplicates(try context.ownKeys(of: all), fromLast: false)
        return all.pickedBare(repeated.indices.filter { !repeated[$0] })
    }
    base.function("intersect", parameters, help: "Elements of both sets.") { args in
        let context = args.context
        let (first, second) = (try args.required("x"), try args.required("y"))
        if first.isNull || second.isNull { return .null }
        let (x, y) = (try members(first, context), try members(second, context))
        let keys = try context.commonKeys(x, y)
        let repeated = try context.duplicates(keys.a, fromLast: false)
        let places = try args.context.firstPositions(keys.a, in: keys.b)
        let common = x.picked(places.indices.filter { places[$0] != nil && !repeated[$0] })
        return try context.concatenated([common, y.pickedBare([])])
    }
    base.function("setdiff", parameters, help: "Elements of the first set that are not in the second.") { args in
        let context = args.context
        let x = try members(try args.required("x"), context)
        let y = try members(try args.required("y"), context)
        let keys = try context.commonKeys(x, y)
        let repeated = try context.duplicates(keys.a, fromLast: false)
        let places = try args.context.firstPositions(keys.a, in: keys.b)
        return x.picked(places.indices.filter { places[$0] == nil && !repeated[$0] })
    }
    base.function("is.element", [.value("el"), .value("set")], help: "Whether elements are in a set.") { args in
        let x = try members(try args.required("el"), args.context)
        let keys = try args.context.commonKeys(x, try members(try args.required("set"), args.context))
        return .logical(Vector(try args.context.firstPositions(keys.a, in: keys.b).map { $0 != nil }))
    }
    base.function("setequal", parameters, help: "Whether two sets have the same elements.") { args in
        let x = try members(try args.required("x"), args.context)
        let keys = try args.context.commonKeys(x, try members(try args.required("y"), args.context))
        return .flag(Set(keys.a) == Set(keys.b))
    }
}
