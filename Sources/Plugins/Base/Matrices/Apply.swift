import Diagnostics
import RRuntime
import VectorValues

func registerApply(_ base: Namespace) {
    base.function(
        "apply", [.value("X"), .value("MARGIN"), .value("FUN"), .promiseDots, .value("simplify", true)],
        help: "Calls a function with each row, column or slice."
    ) { args in try apply(args) }
    base.function(
        "sweep",
        [
            .value("x"), .value("MARGIN"), .value("STATS"), .value("FUN", "-"), .value("check.margin", true), .dots,
        ], help: "Takes a statistic out of each row or column."
    ) { args in try sweep(args) }
    base.function(
        "scale", [.value("x"), .value("center", true), .value("scale", true)], help: "Columns centred and scaled.",
        dispatch: .generic
    ) { args in try scale(args) }
}

private let functionSymbol = Symbol.named("FUN")
private let sliceCall = Call(
    .symbol(functionSymbol),
    [
        Argument(
            .call(
                Call(
                    .symbol(Symbol.subset),
                    [Argument(.symbol(Symbol.named("newX"))), Argument(.missing), Argument(.symbol(Symbol.named("i")))]
                ))), Argument(.symbol(Symbol.dots)),
    ])

private func apply(_ args: Arguments) throws -> Value {
    let function = try args.functionValue("FUN")
    let simplify = try args.flag("simplify")
    var x = try args.required("X")
    guard let extents = try dimensions(x, args), !extents.isEmpty else {
        throw WorkbenchError(.value, "dim(X) must have a positive length")
    }
    if x.isObject {
        x = try args.context.call(
            extents.count == 2 ? "as.matrix" : "as.array", [Argument(x)], environment: args.environment)
    }
    let dim = x.dim ?? extents
    let kept = try margins(try args.required("MARGIN"), x)
    let inner = dim.indices.filter { !kept.contains($0) }
    let innerDim = inner.map { dim[$0] }
    let keptDim = kept.map { dim[$0] }
    let count = keptDim.reduce(1, *)
    let size = innerDim.reduce(1, *)
    let innerNames = axisList(x, inner)
    let keptNames = axisList(x, kept)
    func slice(_ positions: [Int]) -> Value {
        var part = x.gathering(positions)
        if innerDim.count == 1 {
            if case .list(let list)? = innerNames, !list[0].isNull { part = part.setting(Symbol.names, list[0]) }
        } else if innerDim.count > 1 {
            part = part.setting(Symbol.dim, .ints(innerDim)).setting(Symbol.dimnames, innerNames)
        }
        return part
    }
    if count == 0 {
        let empty = slice(Array(repeating: -1, count: size))
        let answer = try args.context.call(
            function, [Argument(empty)] + args.dots, call: sliceCall, environment: args.environment)
        if answer.isNull { return .null }
        if keptDim.count < 2 { return answer.gathering([]) }
        return answer.gathering([]).setting(Symbol.dim, .ints(keptDim)).setting(Symbol.dimnames, keptNames)
    }
    let order = inner + kept
    let places = Value.integer(Vector((0..<x.length).map { Int32(exactly: $0) })).setting(Symbol.dim, .ints(dim))
    let permutedPlaces = try permuted(places, .ints(order.map { $0 + 1 })).integerElements().map { Int($0 ?? 0) }
    var answers: [Value] = []
    answers.reserveCapacity(count)
    for place in 0..<count {
        let part = slice(Array(permutedPlaces[(place * size)..<((place + 1) * size)]))
        answers.append(
            try args.context.call(
                function, [Argument(part)] + args.dots, call: sliceCall, environment: args.environment))
    }
    return try assembled(answers, keptDim, keptNames, innerNames, simplify: simplify, args)
}

private func axisList(_ x: Value, _ axes: [Int]) -> Value? {
    guard let all = x.attribute(Symbol.dimnames) else { return nil }
    var picked = all.gathering(axes)
    if let names = all.names { picked = picked.withNames(axes.map { names[$0] }) }
    return picked
}

/// Answers put together as R's `apply` does: vector, matrix, array or list.
private func assembled(
    _ answers: [Value], _ dim: [Int], _ names: Value?, _ innerNames: Value?, simplify: Bool, _ args: Arguments
) throws -> Value {
    let first = answers[0]
    let length = first.length
    let isList =
        !simplify || !(first.isAtomic || first.isNull) || answers.contains { $0.length != length }
    var answerNames = first.names
    if !isList, answerNames != nil, !answers.allSatisfy({ $0.names == answerNames }) { answerNames = nil }
    let combined: Value
    if isList {
        combined = .items(answers)
    } else {
        let plain = answers.map { Argument($0.setting(Symbol.names, nil)) }
        combined = try Combine.apply(plain, recursive: false, useNames: false, args.context)
    }
    let total = combined.length
    let count = answers.count
    if dim.count == 1, total == count {
        if case .list(let list)? = names, !list[0].isNull {
            return combined.bare.setting(Symbol.names, list[0])
        }
        if length == 1 || isList { return isList ? combined : combined.bare }
        return combined
    }
    if total == count {
        var result = combined.bare.setting(Symbol.dim, .ints(dim))
        if let names, names.itemsList.contains(where: { !$0.isNull }) {
            result = result.setting(Symbol.dimnames, names)
        }
        return result
    }
    if total > 0, total % count == 0 {
        var result = combined.bare.setting(Symbol.dim, .ints([total / count] + dim))
        var lists: [Value] = [answerNames.map { .character(Vector($0)) } ?? .null]
        lists += names?.itemsList ?? Array(repeating: .null, count: dim.count)
        var listNames: [Text?]? = names?.names.map { [""] + $0 }
        if let own = innerNames?.names?.first, let own, !own.isEmpty, answerNames != nil,
            case .list(let inner)? = innerNames, inner[0].length == answerNames?.count
        {
            if listNames == nil { listNames = Array(repeating: "", count: lists.count) }
            listNames?[0] = own
        }
        if lists.contains(where: { !$0.isNull }) || listNames != nil {
            var value = Value.items(lists)
            if let listNames { value = value.withNames(listNames) }
            result = result.setting(Symbol.dimnames, value)
        }
        return result
    }
    return combined
}

private func sweep(_ args: Arguments) throws -> Value {
    let x = try args.required("x")
    let stats = try args.required("STATS")
    let function = try args.functionValue("FUN")
    guard let dim = try dimensions(x, args) else { throw WorkbenchError(.value, "'x' is not an array") }
    let shaped = x.dim == nil ? Kind.logical.zeros(0).setting(Symbol.dim, .ints(dim)) : x
    let axes = try margins(try args.required("MARGIN"), shaped)
    if try args.flag("check.margin") {
        let extents = axes.map { dim[$0] }
        let product = extents.reduce(1, *)
        let count = stats.length
        if count > product {
            try args.context.warn("STATS is longer than the extent of 'dim(x)[MARGIN]'", call: args.call)
        } else if let statsDim = stats.dim {
            if statsDim.filter({ $0 > 1 }) != extents.filter({ $0 > 1 }) {
                try args.context.warn(
                    "length(STATS) or dim(STATS) do not match dim(x)[MARGIN]", call: args.call)
            }
        } else if count > 0 {
            var cumulative = [1]
            for extent in extents { cumulative.append((cumulative.last ?? 1) * extent) }
            let upper = cumulative.filter { $0 >= count }.min() ?? count
            let lower = cumulative.filter { $0 <= count }.max() ?? 1
            if upper % count != 0 || (lower > 0 && count % lower != 0) {
                try args.context.warn("STATS does not recycle exactly across MARGIN", call: args.call)
            }
        }
    }
    let order = axes + dim.indices.filter { !axes.contains($0) }
    let total = try checkedProduct(dim)
    let count = stats.length
    let filled = count == 0 ? stats.bare : stats.gathering((0..<total).map { $0 % count })
    var inverse = [Int](repeating: 0, count: order.count)
    for (place, axis) in order.enumerated() { inverse[axis] = place }
    let spread = try permuted(
        filled.setting(Symbol.dim, .ints(order.map { dim[$0] })), .ints(inverse.map { $0 + 1 }))
    return try args.context.call(
        function, [Argument(x), Argument(spread)] + args.dots, environment: args.environment)
}

private func scale(_ args: Arguments) throws -> Value {
    var x = try args.context.call("as.matrix", [Argument(try args.required("x"))], environment: args.environment)
    guard let dim = x.dim, dim.count == 2 else { throw WorkbenchError(.type, "'x' must be numeric") }
    guard x.isNumeric || x.kind == .logical else { throw WorkbenchError(.type, "'x' must be numeric") }
    var numbers = try x.doubleElements()
    let (rows, columns) = (dim[0], dim[1])
    func given(_ name: String) throws -> [Double]? {
        let value = args[name]
        if case .logical(let v) = value {
            return v.count == 1 && v[0] == false ? [] : nil
        }
        let numbers = try value.asDoubles().elements
        guard numbers.count == columns else {
            throw WorkbenchError(.value, "length of '\(name)' must equal the number of columns of 'x'")
        }
        return numbers
    }
    func column(_ index: Int) -> ArraySlice<Double> { numbers[(index * rows)..<((index + 1) * rows)] }
    let center =
        try given("center")
        ?? (0..<columns).map { index in
            let present = column(index).filter { !$0.isNaN }
            return Double(present.reduce(LongDouble(0)) { $0 + LongDouble($1) } / LongDouble(present.count))
        }
    if !center.isEmpty {
        for index in 0..<columns { for row in 0..<rows { numbers[index * rows + row] -= center[index] } }
    }
    let scale =
        try given("scale")
        ?? (0..<columns).map { index in
            let present = column(index).filter { !$0.isNaN }
            let squares = present.reduce(LongDouble(0)) { $0 + LongDouble($1 * $1) }
            return (Double(squares) / Double(max(1, present.count - 1))).squareRoot()
        }
    if !scale.isEmpty {
        for index in 0..<columns { for row in 0..<rows { numbers[index * rows + row] /= scale[index] } }
    }
    let names = dimnamesElement(x, 1)
    func labelled(_ values: [Double]) -> Value {
        names.isNull ? .numbers(values) : Value.numbers(values).setting(Symbol.names, names)
    }
    x = Value.double(Vector(numbers, x.attributes))
    if !center.isEmpty { x = x.setting(Symbol.named("scaled:center"), labelled(center)) }
    if !scale.isEmpty { x = x.setting(Symbol.named("scaled:scale"), labelled(scale)) }
    return x
}
