import Diagnostics
import RRuntime
import VectorValues

func registerDimensions(_ base: Namespace) {
    base.function("dim", [.value("x")], help: "Extents of an array.", dispatch: .internal) { args in
        try args.required("x").attribute(Symbol.dim) ?? .null
    }
    base.function("dim<-", [.value("x"), .value("value")], help: "Sets the extents.", dispatch: .internal) { args in
        let value = try checkedDim(args[1], for: args[0])
        return args.taking0 { x in
            x.attributes = x.attributes.removing([Symbol.names, Symbol.dimnames]).setting(Symbol.dim, value)
        }
    }
    for (name, axis) in [("nrow", 0), ("ncol", 1)] {
        base.function(name, [.value("x")], help: axis == 0 ? "Number of rows." : "Number of columns.") { args in
            guard let dim = try dimensions(try args.required("x"), args), axis < dim.count else { return .null }
            return .int(dim[axis])
        }
    }
    base.function("NROW", [.value("x")], help: "Number of rows; of a vector its length.") { args in
        let x = try args.required("x")
        if let dim = try dimensions(x, args), let rows = dim.first { return .int(rows) }
        return .int(try Lengths.of(x, args.context))
    }
    base.function("NCOL", [.value("x")], help: "Number of columns; of a vector 1.") { args in
        if let dim = try dimensions(try args.required("x"), args), dim.count > 1 { return .int(dim[1]) }
        return .int(1)
    }
    base.function("dimnames", [.value("x")], help: "Names of rows, columns, …", dispatch: .internal) { args in
        try args.required("x").attribute(Symbol.dimnames) ?? .null
    }
    base.function(
        "dimnames<-", [.value("x"), .value("value")], help: "Sets the names of rows, columns, …", dispatch: .internal
    ) { args in
        let value = try checkedDimnames(args[1], for: args[0], args.context)
        return args.taking0 { x in x.attributes = x.attributes.setting(Symbol.dimnames, value.isNull ? nil : value) }
    }
    registerAxisNames(base)
    base.function(
        "provideDimnames",
        [.value("x"), .value("sep", ""), .value("base", code: "list(LETTERS)"), .value("unique", true)],
        help: "The array with names for the dimensions that have none."
    ) { args in try provided(args) }
    base.function("drop", [.value("x")], help: "Without dimensions of extent one.") { args in
        Shape.dropped(try args.required("x"))
    }
}

private func provided(_ args: Arguments) throws -> Value {
    let x = try args.required("x")
    guard let dim = x.dim else { return x }
    var stock: [[Text?]] = [(65...90).map { Text(String(Unicode.Scalar(UInt8($0)))) }]
    if case .list(let list) = args["base"], list.count > 0 {
        stock = try list.elements.map { try $0.asCharacters().elements }
    }
    guard stock.allSatisfy({ !$0.isEmpty }) else { throw WorkbenchError(.value, "'base' must hold names") }
    let old = x.attribute(Symbol.dimnames)
    var lists = [Value](repeating: .null, count: dim.count)
    if case .list(let given)? = old { for axis in lists.indices where axis < given.count { lists[axis] = given[axis] } }
    let makesUnique = try args.flag("unique")
    for axis in dim.indices where lists[axis].isNull && dim[axis] > 0 {
        let names = stock[axis % stock.count]
        let recycled = Value.character(Vector((0..<dim[axis]).map { names[$0 % names.count] }))
        lists[axis] =
            makesUnique
            ? try args.context.call("make.unique", [Argument(recycled), Argument(args["sep"], name: "sep")]) : recycled
    }
    let titles = old?.attribute(Symbol.names)
    return x.setting(Symbol.dimnames, Value.items(lists).setting(Symbol.names, titles))
}

/// Extents ready to be set.
func checkedDim(_ value: Value, for x: Value) throws -> Value {
    if value.isNull { return .null }
    guard x.isVector else { throw WorkbenchError(.type, "invalid first argument, must be vector (list or atomic)") }
    guard value.isAtomic, value.kind != .character else {
        throw WorkbenchError(.type, "invalid second argument, must be vector or NULL")
    }
    if value.length == 0 { throw WorkbenchError(.value, "length-0 dimension vector is invalid") }
    let extents = try value.asIntegers().elements
    var product = 1.0
    for extent in extents {
        guard let extent else { throw WorkbenchError(.value, "the dims contain missing values") }
        if extent < 0 { throw WorkbenchError(.value, "the dims contain negative values") }
        product *= Double(extent)
    }
    if product != Double(x.length) {
        throw WorkbenchError(
            .value, "dims [product \(numberText(product))] do not match the length of object [\(x.length)]")
    }
    return .integer(Vector(extents))
}

private func registerAxisNames(_ base: Namespace) {
    for (name, axis) in [("rownames", 0), ("colnames", 1)] {
        base.function(
            name, [.value("x"), .value("do.NULL", true), .value("prefix", axis == 0 ? "row" : "col")],
            help: axis == 0 ? "Names of the rows." : "Names of the columns."
        ) { args in try axisNames(args, axis) }
        base.function(
            name + "<-", [.value("x"), .value("value")],
            help: axis == 0 ? "Sets the names of the rows." : "Sets the names of the columns."
        ) { args in try setAxisNames(&args, axis) }
    }
}

private func axisNames(_ args: Arguments, _ axis: Int) throws -> Value {
    let x = try args.required("x")
    if x.inherits("data.frame"), axis == 1, try args.flag("do.NULL") { return names(ofFrame: x) }
    let lists =
        x.isObject
        ? try args.context.call("dimnames", [Argument(x)], environment: args.environment)
        : x.attribute(Symbol.dimnames) ?? .null
    if case .list(let list) = lists, axis < list.count, !list[axis].isNull { return list[axis] }
    if try args.flag("do.NULL") { return .null }
    guard let dim = try dimensions(x, args), axis < dim.count else { return .null }
    let prefix = try args.string("prefix")
    return .strings((0..<dim[axis]).map { "\(prefix)\($0 + 1)" })
}

private func names(ofFrame x: Value) -> Value { x.attribute(Symbol.names) ?? .null }

private func setAxisNames(_ args: inout Arguments, _ axis: Int) throws -> Value {
    let x = args[0]
    let value = args[1]
    if x.inherits("data.frame") {
        let setter = axis == 0 ? "row.names<-" : "names<-"
        return try args.context.call(
            setter, [Argument(x), Argument(value, name: "value")], environment: args.environment)
    }
    let dim = try dimensions(x, args)
    guard let dim, dim.count > axis else {
        let what = axis == 0 ? "row" : "col"
        throw WorkbenchError(
            .value,
            dim == nil
                ? "attempt to set '\(what)names' on an object with no dimensions"
                : "attempt to set '\(what)names' on an object with less than two dimensions")
    }
    var lists = Array(repeating: Value.null, count: dim.count)
    var listNames: [Text?]?
    if let old = x.attribute(Symbol.dimnames), case .list(let list) = old {
        lists = list.elements
        listNames = old.names
    }
    lists[axis] = value
    var all = Value.items(lists)
    if let listNames { all = all.withNames(listNames) }
    return try args.context.call(
        "dimnames<-", [Argument(x), Argument(all, name: "value")], environment: args.environment)
}
