import Diagnostics
import RRuntime
import VectorValues

func registerMatrix(_ base: Namespace) {
    base.function(
        "matrix",
        [
            .value("data", code: "NA"), .value("nrow", code: "1"), .value("ncol", code: "1"), .value("byrow", false),
            .value("dimnames", nil),
        ], help: "A matrix filled from a vector."
    ) { args in try makeMatrix(args) }
    base.function(
        "array", [.value("data", code: "NA"), .value("dim", code: "length(data)"), .value("dimnames", nil)],
        help: "An array filled from a vector."
    ) { args in
        var data = args["data"].isMissing ? .logical(Vector([nil])) : args["data"]
        if data.isObject { data = try args.context.call("as.vector", [Argument(data)], environment: args.environment) }
        guard data.isVector else {
            throw WorkbenchError(
                .type,
                data.isFunction
                    ? "cannot coerce type '\(data.typeName)' to vector of type 'any'"
                    : "'data' must be of a vector type, was '\(data.typeName)'")
        }
        let dim = args["dim"].isMissing ? .int(data.length) : args["dim"]
        let extents = try extents(dim)
        let total = try checkedProduct(extents, data.kind ?? .list)
        let count = data.length
        var result =
            count == 0
            ? (data.kind ?? .logical).missing(total)
            : count == total ? data.bare : data.gathering((0..<total).map { $0 % count })
        result = result.setting(Symbol.dim, .ints(extents))
        let names = args["dimnames"]
        if !names.isNull, names.length > 0 {
            result = result.setting(Symbol.dimnames, try checkedDimnames(names, for: result, args.context))
        }
        return result
    }
    base.function("t", [.value("x")], help: "Rows and columns exchanged.", dispatch: .generic) { args in
        try transpose(try args.required("x"))
    }
    base.function("t.default", [.value("x")], help: "Rows and columns exchanged.") { args in
        try transpose(try args.required("x"))
    }
    base.function(
        "aperm", [.value("a"), .value("perm", nil), .value("resize", true), .dots],
        help: "Dimensions in another order.",
        dispatch: .generic
    ) { args in
        try permuted(try args.required("a"), args["perm"], resize: try args.flag("resize"))
    }
    base.function("mat.or.vec", [.value("nr"), .value("nc")], help: "A matrix of zeros, a vector if nc is 1.") { args in
        let rows = try args.int("nr")
        let columns = try args.int("nc")
        guard rows >= 0, columns >= 0 else { throw WorkbenchError(.value, "invalid 'nr' or 'nc'") }
        let total = try checkedProduct([rows, columns], .double)
        try checkAllocation(total, .double)
        let zeros = Kind.double.zeros(total)
        return columns == 1 ? zeros : zeros.setting(Symbol.dim, .ints([rows, columns]))
    }
    base.function("as.matrix", [.value("x"), .dots], help: "A matrix: a vector is one column.", dispatch: .generic) {
        args in try asMatrix(try args.required("x"), args)
    }
    base.function("as.matrix.default", [.value("x"), .dots], help: "A matrix: a vector is one column.") { args in
        try asMatrix(try args.required("x"), args)
    }
    base.function("as.array", [.value("x"), .dots], help: "An array.", dispatch: .generic) { args in
        let x = try args.required("x")
        if x.dim != nil { return x }
        var result = x.bare.setting(Symbol.dim, .int(x.length))
        if let names = x.attribute(Symbol.names) { result = result.setting(Symbol.dimnames, .items([names])) }
        return result
    }
}

private func extents(_ value: Value) throws -> [Int] {
    guard value.isAtomic, value.length > 0 else { throw WorkbenchError(.value, "'dim' cannot be of length 0") }
    return try value.asDoubles().elements.map { number in
        if number.isNaN { throw WorkbenchError(.value, "NAs in 'dim'") }
        if number < 0 { throw WorkbenchError(.value, "negative length vectors are not allowed") }
        guard let whole = number.wholeInt, whole <= Int(Int32.max) else {
            throw cannotAllocate(bytes: number * 8)
        }
        return whole
    }
}

private func extent(_ args: Arguments, _ name: String) throws -> Int? {
    let value = args[name]
    if value.isMissing { return nil }
    guard value.isAtomic, value.length > 0, value.kind != .character else {
        throw WorkbenchError(.value, "non-numeric matrix extent")
    }
    let number = try value.asDoubles()[0]
    if number.isNaN { throw WorkbenchError(.value, "invalid '\(name)' value (too large or NA)") }
    if number < 0 { throw WorkbenchError(.value, "invalid '\(name)' value (< 0)") }
    guard let whole = number.wholeInt, whole <= Int(Int32.max) else {
        throw WorkbenchError(.value, "invalid '\(name)' value (too large or NA)")
    }
    return whole
}

private func makeMatrix(_ args: Arguments) throws -> Value {
    var data = args["data"].isMissing ? .logical(Vector([nil])) : args["data"]
    if data.isObject { data = try args.context.call("as.vector", [Argument(data)], environment: args.environment) }
    guard data.isVector else {
        if data.isFunction {
            throw WorkbenchError(.type, "cannot coerce type '\(data.typeName)' to vector of type 'any'")
        }
        throw WorkbenchError(.type, "'data' must be of a vector type, was '\(data.typeName)'")
    }
    let byrow = try args.flag("byrow")
    let count = data.length
    let rows: Int
    let columns: Int
    switch (try extent(args, "nrow"), try extent(args, "ncol")) {
    case (nil, nil): (rows, columns) = (count, 1)
    case (0?, nil), (nil, 0?):
        guard count == 0 else { throw WorkbenchError(.value, "data is too long") }
        (rows, columns) = (0, 0)
    case (let r?, nil): (rows, columns) = (r, (count + r - 1) / r)
    case (nil, let c?): (rows, columns) = ((count + c - 1) / c, c)
    case (let r?, let c?): (rows, columns) = (r, c)
    }
    let total = try checkedProduct([rows, columns], data.kind ?? .list)
    if count > 0 {
        try warnAboutFit(count, rows, columns, total, args)
    }
    var result: Value
    if count == 0 {
        result = (data.kind ?? .logical).missing(total)
    } else if byrow {
        var positions: [Int] = []
        positions.reserveCapacity(total)
        for column in 0..<columns { for row in 0..<rows { positions.append((row * columns + column) % count) } }
        result = data.gathering(positions)
    } else if count == total {
        result = data.bare
    } else {
        result = data.gathering((0..<total).map { $0 % count })
    }
    result = result.setting(Symbol.dim, .ints([rows, columns]))
    let names = args["dimnames"]
    if !names.isNull, names.length > 0 {
        result = result.setting(Symbol.dimnames, try checkedDimnames(names, for: result, args.context))
    }
    return result
}

private func warnAboutFit(_ count: Int, _ rows: Int, _ columns: Int, _ total: Int, _ args: Arguments) throws {
    guard count > 1 else { return }
    if total == 0 {
        try args.context.warn("non-empty data for zero-extent matrix", call: args.call)
    } else if total % count != 0 {
        if (count > rows && (count / max(rows, 1)) * rows != count) || (count < rows && (rows / count) * count != rows)
        {
            try args.context.warn(
                "data length [\(count)] is not a sub-multiple or multiple of the number of rows [\(rows)]",
                call: args.call)
        } else if (count > columns && (count / max(columns, 1)) * columns != count)
            || (count < columns && (columns / count) * count != columns)
        {
            try args.context.warn(
                "data length [\(count)] is not a sub-multiple or multiple of the number of columns [\(columns)]",
                call: args.call)
        } else if total != count {
            try args.context.warn(
                "data length differs from size of matrix: [\(count) != \(rows) x \(columns)]", call: args.call)
        }
    }
}

func transpose(_ x: Value) throws -> Value {
    guard x.isVector else { throw WorkbenchError(.type, "argument is not a matrix") }
    let dim = x.dim
    guard let dim, dim.count == 2 else {
        if let dim, dim.count > 2 { throw WorkbenchError(.type, "argument is not a matrix") }
        var result = x.bare.setting(Symbol.dim, .ints([1, x.length]))
        if let names = x.elementNames {
            result = result.setting(Symbol.dimnames, .items([.null, .character(Vector(names))]))
        }
        return result
    }
    let (rows, columns) = (dim[0], dim[1])
    var positions: [Int] = []
    positions.reserveCapacity(rows * columns)
    for row in 0..<rows { for column in 0..<columns { positions.append(column * rows + row) } }
    var result = x.gathering(positions)
    var attributes = Attributes.of([(Symbol.dim, .ints([columns, rows]))])
    if let dimnames = x.attribute(Symbol.dimnames) {
        attributes = attributes.setting(Symbol.dimnames, reordered(dimnames, [1, 0]))
    }
    for entry in x.attributes?.entries ?? [] where attributes[entry.name] == nil && entry.name !== Symbol.dimnames {
        attributes = attributes.setting(entry.name, entry.value)
    }
    result.attributes = attributes
    return result
}

private func reordered(_ dimnames: Value, _ order: [Int]) -> Value {
    var result = dimnames.gathering(order)
    if let names = dimnames.names { result = result.withNames(order.map { names[$0] }) }
    return result
}

/// `aperm`
func permuted(_ x: Value, _ perm: Value, resize: Bool = true) throws -> Value {
    guard let dim = x.dim else { throw WorkbenchError(.type, "invalid first argument, must be an array") }
    let order: [Int]
    if perm.isNull {
        order = dim.indices.reversed()
    } else if case .character(let v) = perm {
        guard let names = x.attribute(Symbol.dimnames)?.names else {
            throw WorkbenchError(.value, "'a' does not have named dimnames")
        }
        order = try v.elements.enumerated().map { place, name in
            guard let name, let axis = names.firstPosition(of: name) else {
                throw WorkbenchError(.value, "'perm[\(place + 1)]' does not match a dimension name")
            }
            return axis
        }
    } else {
        order = try perm.asDoubles().elements.map { ($0.wholeInt ?? 0) - 1 }
    }
    guard order.count == dim.count else {
        throw WorkbenchError(.value, "'perm' is of wrong length \(order.count) (!= \(dim.count))")
    }
    guard Set(order) == Set(dim.indices) else {
        throw WorkbenchError(
            .value,
            order.contains { !dim.indices.contains($0) } ? "value out of range in 'perm'" : "invalid 'perm' argument")
    }
    var strides = [Int](repeating: 1, count: dim.count)
    for axis in dim.indices.dropFirst() { strides[axis] = strides[axis - 1] * dim[axis - 1] }
    let newDim = order.map { dim[$0] }
    let newStrides = order.map { strides[$0] }
    let total = x.length
    var positions = [Int](repeating: 0, count: total)
    var index = [Int](repeating: 0, count: dim.count)
    var place = 0
    for target in 0..<total {
        positions[target] = place
        var axis = 0
        while axis < dim.count {
            index[axis] += 1
            place += newStrides[axis]
            if index[axis] < newDim[axis] { break }
            place -= newStrides[axis] * newDim[axis]
            index[axis] = 0
            axis += 1
        }
    }
    var result = x.gathering(positions).setting(Symbol.dim, .ints(resize ? newDim : dim))
    if resize, let dimnames = x.attribute(Symbol.dimnames) {
        result = result.setting(Symbol.dimnames, reordered(dimnames, order))
    }
    return result
}

func asMatrix(_ x: Value, _ args: Arguments) throws -> Value {
    if x.dim?.count == 2 { return x }
    guard x.isVector else {
        if x.isNull { throw WorkbenchError(.value, "'data' must be of a vector type, was 'NULL'") }
        throw WorkbenchError(.type, "'data' must be of a vector type, was '\(x.typeName)'")
    }
    var data = x
    if x.isObject { data = try args.context.call("as.vector", [Argument(x)], environment: args.environment) }
    var result = data.bare.setting(Symbol.dim, .ints([x.length, 1]))
    if let names = x.elementNames {
        result = result.setting(Symbol.dimnames, .items([.character(Vector(names)), .null]))
    }
    return result
}
