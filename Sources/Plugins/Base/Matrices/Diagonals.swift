import Diagnostics
import RRuntime
import VectorValues

func registerDiagonals(_ base: Namespace) {
    base.function(
        "diag", [.value("x", code: "1"), .value("nrow"), .value("ncol"), .value("names", true)],
        help: "The diagonal of a matrix, or a matrix with a diagonal."
    ) { args in try diagonal(args) }
    base.function("diag<-", [.value("x"), .value("value")], help: "Sets the diagonal.") { args in
        let x = args[0]
        guard let dim = x.dim, dim.count == 2 else {
            throw WorkbenchError(.value, "only matrix diagonals can be replaced")
        }
        let count = min(dim[0], dim[1])
        let value = args[1]
        guard value.length == 1 || value.length == count else {
            throw WorkbenchError(.value, "replacement diagonal has wrong length")
        }
        let kind = max(x.kind ?? .list, value.kind ?? .list)
        var result = try x.coercedKeepingAttributes(to: kind, args.context)
        result.scatter(
            try value.coerced(to: kind, args.context), at: (0..<count).map { $0 * dim[0] + $0 }, extent: 0)
        return result
    }
    for (name, isRow) in [("row", true), ("col", false)] {
        base.function(
            name, [.value("x"), .value("as.factor", false)],
            help: isRow ? "Row number of each element." : "Column number of each element."
        ) { args in
            let x = try args.required("x")
            let dim =
                try dimensions(x, args)
                ?? (x.dim == nil && x.length == 2 ? try x.asDoubles().elements.map { $0.wholeInt ?? 0 } : [])
            guard dim.count == 2 else {
                throw WorkbenchError(.value, "a matrix-like object is required as argument to 'row'/'col'")
            }
            let total = try checkedProduct(dim, .integer)
            let places = (0..<total).map { isRow ? $0 % dim[0] + 1 : $0 / max(dim[0], 1) + 1 }
            return (total == 0 ? Value.integer(Vector([])) : .ints(places)).setting(Symbol.dim, .ints(dim))
        }
    }
    for (name, isLower) in [("lower.tri", true), ("upper.tri", false)] {
        base.function(
            name, [.value("x"), .value("diag", false)],
            help: isLower ? "Which elements lie below the diagonal." : "Which elements lie above the diagonal."
        ) { args in
            let x = try args.required("x")
            let dim = try dimensions(x, args) ?? [x.length, 1]
            let withDiagonal = try args.flag("diag")
            let total = try checkedProduct(dim, .logical)
            let flags = (0..<total).map { place -> Bool? in
                let (row, column) = (place % dim[0], place / dim[0])
                if row == column { return withDiagonal }
                return isLower ? row > column : row < column
            }
            return Value.logical(Vector(flags)).setting(Symbol.dim, .ints(dim))
        }
    }
    base.function(
        "slice.index", [.value("x"), .value("MARGIN")], help: "Place along a dimension of each element."
    ) { args in
        guard let dim = try dimensions(try args.required("x"), args) else {
            throw WorkbenchError(.value, "invalid 'x'")
        }
        let margin = try args.int("MARGIN")
        guard margin >= 1, margin <= dim.count else { throw WorkbenchError(.value, "invalid 'MARGIN'") }
        let stride = dim[..<(margin - 1)].reduce(1, *)
        let total = try checkedProduct(dim, .integer)
        let places = (0..<total).map { $0 / max(stride, 1) % dim[margin - 1] + 1 }
        return (total == 0 ? Value.integer(Vector([])) : .ints(places)).setting(Symbol.dim, .ints(dim))
    }
}

private func diagonal(_ args: Arguments) throws -> Value {
    let x = args["x"]
    if !x.isMissing, let dim = x.dim, dim.count == 2 {
        if !args["nrow"].isMissing || !args["ncol"].isMissing {
            throw WorkbenchError(.value, "'nrow' or 'ncol' cannot be specified when 'x' is a matrix")
        }
        let count = min(dim[0], dim[1])
        var result = x.gathering((0..<count).map { $0 * dim[0] + $0 })
        if try args.flag("names"), let lists = x.dimnamesLists, let rows = lists[0], let columns = lists[1] {
            let names = Array(rows.prefix(count))
            if names == Array(columns.prefix(count)) { result = result.withNames(names) }
        }
        return result
    }
    if !x.isMissing, x.dim != nil, x.dim?.count != 1 {
        throw WorkbenchError(.value, "'x' is an array, but not one-dimensional.")
    }
    func size(_ name: String) throws -> Int? {
        let value = args[name]
        if value.isMissing { return nil }
        guard value.isAtomic, value.length == 1, let number = try? value.asDoubles()[0], !number.isNaN else {
            throw WorkbenchError(.value, "invalid '\(name)' value (too large or NA)")
        }
        if number < 0 { throw WorkbenchError(.value, "invalid '\(name)' value (< 0)") }
        guard let whole = number.wholeInt else { throw cannotAllocate(bytes: number * number * 8) }
        return whole
    }
    var source: Value = x.isMissing ? 1 : x
    var rows = source.length
    if !x.isMissing, x.length == 1, args["nrow"].isMissing, args["ncol"].isMissing {
        let number = x.isAtomic ? try x.asDoubles()[0] : .nan
        if number.isNaN { throw WorkbenchError(.value, "invalid 'nrow' value (too large or NA)") }
        if number < 0 { throw WorkbenchError(.value, "invalid 'nrow' value (< 0)") }
        guard let whole = number.wholeInt else { throw cannotAllocate(bytes: number * number * 8) }
        rows = whole
        source = 1
    }
    if let given = try size("nrow") { rows = given }
    let columns = try size("ncol") ?? rows
    guard source.isAtomic, source.length > 0 || rows == 0 || columns == 0 else {
        throw WorkbenchError(.value, "'x' must have positive length")
    }
    let kind = max(source.kind ?? .double, .logical)
    let total = try checkedProduct([rows, columns], kind)
    var result = kind.zeros(total)
    let count = min(rows, columns)
    if source.length > 0 { result.scatter(source.bare, at: (0..<count).map { $0 * rows + $0 }, extent: 0) }
    result = result.setting(Symbol.dim, .ints([rows, columns]))
    return result
}
