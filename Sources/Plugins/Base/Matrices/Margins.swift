import Diagnostics
import RRuntime
import VectorValues

func registerMargins(_ base: Namespace) {
    for (name, overRows, isMean) in [
        ("rowSums", true, false), ("rowMeans", true, true), ("colSums", false, false), ("colMeans", false, true),
    ] {
        base.function(
            name, [.value("x"), .value("na.rm", false), .value("dims", 1)],
            help: "\(isMean ? "Means" : "Sums") of the \(overRows ? "rows" : "columns")."
        ) { args in try marginSums(args, overRows: overRows, isMean: isMean) }
    }
    for name in ["prop.table", "proportions"] {
        base.function(name, [.value("x"), .value("margin", nil)], help: "Shares of the sum.") { args in
            let x = try args.required("x")
            let margin = args["margin"]
            if margin.isNull || margin.length == 0 {
                let total = try args.context.call("sum", [Argument(x)], environment: args.environment)
                return try args.context.call("/", [Argument(x), Argument(total)], environment: args.environment)
            }
            let sums = try tableOver(x, margin, args)
            return try args.context.call(
                "sweep",
                [
                    Argument(x), Argument(margin), Argument(sums), Argument("/"), Argument(false, name: "check.margin"),
                ], environment: args.environment)
        }
    }
    for name in ["marginSums", "margin.table"] {
        base.function(name, [.value("x"), .value("margin", nil)], help: "Sums over the other dimensions.") { args in
            let x = try args.required("x")
            if args["margin"].isNull {
                return try args.context.call("sum", [Argument(x)], environment: args.environment)
            }
            return try tableOver(x, args["margin"], args)
        }
    }
    base.function(
        "rowsum", [.value("x"), .value("group"), .value("reorder", true), .value("na.rm", false), .dots],
        help: "Sums of rows by group.", dispatch: .generic
    ) { args in try rowsum(args) }
}

private func tableOver(_ x: Value, _ margin: Value, _ args: Arguments) throws -> Value {
    guard let dim = x.dim else { throw WorkbenchError(.value, "'x' is not an array") }
    var sums = try args.context.call(
        "apply", [Argument(x), Argument(margin), Argument("sum")], environment: args.environment)
    let axes = try margins(margin, x)
    if sums.dim == nil {
        sums = sums.bare.setting(Symbol.dim, .ints(axes.map { dim[$0] }))
    }
    if let all = x.attribute(Symbol.dimnames) {
        var picked = all.gathering(axes)
        if let names = all.names { picked = picked.withNames(axes.map { names[$0] }) }
        sums = sums.setting(Symbol.dimnames, picked)
    }
    if let own = x.attribute(Symbol.classAttribute) { sums = sums.setting(Symbol.classAttribute, own) }
    return sums
}

/// Dimensions named or numbered, from 0.
func margins(_ margin: Value, _ x: Value) throws -> [Int] {
    guard let dim = x.dim else { throw WorkbenchError(.value, "dim(X) must have a positive length") }
    if case .character(let v) = margin {
        guard let names = x.attribute(Symbol.dimnames)?.names else {
            throw WorkbenchError(.value, "'X' must have named dimnames")
        }
        return try v.elements.map { name in
            guard let name, let axis = names.firstPosition(of: name) else {
                throw WorkbenchError(.value, "not all elements of 'MARGIN' are names of dimensions")
            }
            return axis
        }
    }
    return try margin.asDoubles().elements.map { number in
        guard let whole = number.wholeInt, whole >= 1, whole <= dim.count else {
            throw WorkbenchError(.value, "'MARGIN' does not match dim(X)")
        }
        return whole - 1
    }
}

private func marginSums(_ args: Arguments, overRows: Bool, isMean: Bool) throws -> Value {
    var x = try args.required("x")
    if x.inherits("data.frame") {
        x = try args.context.call("as.matrix", [Argument(x)], environment: args.environment)
    }
    guard let dim = x.dim, dim.count >= 2 else {
        throw WorkbenchError(.value, "'x' must be an array of at least two dimensions")
    }
    let split = try args.int("dims")
    guard split >= 1, split < dim.count else { throw WorkbenchError(.value, "invalid 'dims'") }
    switch x {
    case .double, .integer, .logical: break
    default: throw WorkbenchError(.type, "'x' must be numeric")
    }
    let removes = try args.flag("na.rm")
    let numbers = try x.doubleElements()
    let front = dim[..<split].reduce(1, *)
    let back = dim[split...].reduce(1, *)
    let count = overRows ? front : back
    var sums = [LongDouble](repeating: 0, count: count)
    var used = [Int](repeating: 0, count: count)
    for column in 0..<back {
        for row in 0..<front {
            let element = numbers[column * front + row]
            if removes, element.isNaN { continue }
            let place = overRows ? row : column
            sums[place] += LongDouble(element)
            used[place] += 1
        }
    }
    let values = (0..<count).map { place -> Double in
        isMean ? Double(sums[place] / LongDouble(used[place])) : Double(sums[place])
    }
    var result = Value.numbers(values)
    let keptDim = overRows ? Array(dim[..<split]) : Array(dim[split...])
    let axes = overRows ? Array(0..<split) : Array(split..<dim.count)
    if keptDim.count > 1 {
        result = result.setting(Symbol.dim, .ints(keptDim))
        if let all = x.attribute(Symbol.dimnames) {
            var picked = all.gathering(axes)
            if let names = all.names { picked = picked.withNames(axes.map { names[$0] }) }
            result = result.setting(Symbol.dimnames, picked)
        }
    } else {
        let names = dimnamesElement(x, axes[0])
        if !names.isNull { result = result.setting(Symbol.names, names) }
    }
    return result
}

/// A data frame of the sums of each column.
private func rowsum(ofColumns columns: Vector<Value>, _ x: Value, _ args: Arguments) throws -> Value {
    var sums: [Value] = []
    var labels: Value = .strings([])
    for column in columns.elements {
        var own = args
        own.values[0] = column
        let result = try rowsum(own)
        labels = dimnamesElement(result, 0)
        sums.append(result.bare)
    }
    if case .character(let v) = labels { labels = .character(Vector(v.elements.map { $0 ?? "NA" })) }
    return Value.list(Vector(sums, x.attributes)).setting(Symbol.named("row.names"), labels)
}

private func rowsum(_ args: Arguments) throws -> Value {
    let x = try args.required("x")
    let group = try args.required("group")
    if case .list(let columns) = x, x.inherits("data.frame") { return try rowsum(ofColumns: columns, x, args) }
    guard x.isNumeric || x.kind == .logical else { throw WorkbenchError(.type, "'x' must be numeric") }
    let dim = x.dim.map { $0.count == 1 ? [$0[0], 1] : $0 } ?? [x.length, 1]
    guard dim.count == 2, group.length == dim[0] else {
        throw WorkbenchError(.value, "incorrect length for 'group'")
    }
    let removes = try args.flag("na.rm")
    if case .logical(let v) = try args.context.call("is.na", [Argument(group)]), v.elements.contains(true) {
        try args.context.warn("missing values for 'group'", call: args.call)
    }
    var labels = try args.context.call("as.character", [Argument(group)], environment: args.environment)
        .asCharacters().elements
    var order: [Text?] = []
    var seen: Set<Text?> = []
    for label in labels where seen.insert(label).inserted { order.append(label) }
    if try args.flag("reorder") {
        let unique = try args.context.call(
            "sort",
            [
                Argument(
                    try args.context.call("unique", [Argument(group)], environment: args.environment))
            ], environment: args.environment)
        order = try args.context.call("as.character", [Argument(unique)], environment: args.environment)
            .asCharacters().elements
        if seen.contains(nil) { order.append(nil) }
    }
    var place: [Text?: Int] = [:]
    for (index, label) in order.enumerated() { place[label] = index }
    if labels.count != dim[0] { labels = Array(labels.prefix(dim[0])) }
    let numbers = try x.doubleElements()
    var sums = [LongDouble](repeating: 0, count: order.count * dim[1])
    for column in 0..<dim[1] {
        for row in 0..<dim[0] {
            let element = numbers[column * dim[0] + row]
            guard let target = place[labels[row]], !(removes && element.isNaN) else { continue }
            sums[column * order.count + target] += LongDouble(element)
        }
    }
    var result: Value
    if case .integer = x {
        result = .integer(Vector(sums.map { $0.isNaN ? nil : Int32(exactly: Double($0)) }))
    } else {
        result = .numbers(sums.map { Double($0) })
    }
    return result.setting(Symbol.dim, .ints([order.count, dim[1]]))
        .setting(Symbol.dimnames, .items([.character(Vector(order)), dimnamesElement(x, 1)]))
}
