import Diagnostics
import RRuntime
import VectorValues

func registerEnds(_ base: Namespace, _ utils: Namespace) {
    base.function("rev", [.value("x")], help: "The elements in reverse order.", dispatch: .generic) { args in
        if let x = args.values.first, x.dim?.count == 1, x.length > 0 {
            return try args.context.call(
                "[", [Argument(x), Argument(.ints((1...x.length).reversed()))], environment: args.environment)
        }
        let x = try args.required("x")
        let count = x.length
        if x.isNull { return .null }
        guard x.isVector else { throw x.notSubsettable }
        let positions = (0..<count).map { count - 1 - $0 }
        guard let names = x.elementNames, x.attributes != nil else { return try selected(x, positions, args) }
        return x.gathering(positions).setting(Symbol.names, Value.character(Vector(names)).gathering(positions))
    }
    base.function(
        "append", [.value("x"), .value("values"), .value("after", code: "length(x)")],
        help: "Inserts values after a position."
    ) { args in
        let x = try args.required("x")
        let values = try args.required("values")
        let count = try Lengths.of(x, args.context)
        if args["after"].isAtomic, args["after"].length == 1, try args["after"].asDoubles()[0].isNaN {
            throw WorkbenchError(.value, "missing value where TRUE/FALSE needed")
        }
        let after = args["after"].isMissing ? count : try args.int("after")
        func combine(_ parts: [Value]) throws -> Value {
            try args.context.call("c", parts.map { Argument($0) }, environment: args.environment)
        }
        if after == 0 { return try combine([values, x]) }
        if after < 0, count > after {
            // R takes x[1:after], which mixes signs.
            throw WorkbenchError(.value, "only 0's may be mixed with negative subscripts")
        }
        if after >= count { return try combine([x, values]) }
        let front = try selected(x, Array(0..<after), args)
        let back = try selected(x, Array(after..<count), args)
        return try combine([front, values, back])
    }
    for (name, atFront) in [("head", true), ("tail", false)] {
        let parameters: [Parameter] = [
            .value("x"), .value("n", .int(6)), .value("keepnums", code: "TRUE"), .dots,
        ]
        let help = atFront ? "The first elements or rows." : "The last elements or rows."
        utils.function(
            name, atFront ? [.value("x"), .value("n", .int(6)), .dots] : parameters, help: help, dispatch: .generic
        ) { args in try end(args, atFront: atFront) }
        utils.method(name, for: "matrix", parameters, help: help) { args in try end(args, atFront: atFront) }
        utils.method(name, for: "default", parameters, help: help) { args in try end(args, atFront: atFront) }
    }
}

/// `x[positions]` with methods.
private func selected(_ x: Value, _ positions: [Int], _ args: Arguments) throws -> Value {
    try args.context.call(
        "[", [Argument(x), Argument(.ints(positions.map { $0 + 1 }))], environment: args.environment)
}

private func end(_ args: Arguments, atFront: Bool) throws -> Value {
    let x = try args.required("x")
    let n = args["n"]
    guard n.isAtomic, n.kind != .character, n.length > 0 else {
        throw WorkbenchError(.value, "invalid 'n' - must be numeric, possibly NA.")
    }
    let counts = try n.asDoubles().elements
    if let dim = x.dim, !(x.isObject && x.kind == .list) { return try arrayEnd(x, counts, dim, args, atFront: atFront) }
    guard counts.count == 1 else {
        throw WorkbenchError(
            .value, "invalid 'n' - must have length one when dim(x) is NULL, got \(counts.count)")
    }
    if case .closure = x { return x }
    let count = try Lengths.of(x, args.context)
    guard let wanted = taken(counts[0], of: count) else {
        let parts = try args.context.parse("checkHT(n, dx <- dim(x))")
        guard case .call(let call)? = parts.first else { throw args.invalid("n") }
        throw try args.context.raise(
            WorkbenchError(.value, "invalid 'n' -  must contain at least one non-missing element, got none."),
            call: Call(call.function, call.arguments, span: args.call.span))
    }
    if case .object = x {
        return try selected(x, atFront ? Array(0..<wanted) : Array((count - wanted)..<count), args)
    }
    return try selected(x, atFront ? Array(0..<wanted) : Array((count - wanted)..<count), args)
}

/// How many elements `n` means: negative leaves so many out.
private func taken(_ n: Double, of count: Int) -> Int? {
    if n.isNaN { return nil }
    let whole = n.wholeInt ?? (n < 0 ? -count : count)
    return whole < 0 ? max(count + max(whole, -count), 0) : min(whole, count)
}

private func arrayEnd(
    _ x: Value, _ counts: [Double], _ dim: [Int], _ args: Arguments, atFront: Bool
) throws -> Value {
    if counts.count > dim.count {
        throw WorkbenchError(.value, "invalid 'n' - must have length <= length(dim(x))")
    }
    var arguments = [Argument(x)]
    var places: [[Int]?] = Array(repeating: nil, count: dim.count)
    for axis in dim.indices {
        guard axis < counts.count, let wanted = taken(counts[axis], of: dim[axis]) else {
            arguments.append(Argument(.missing))
            continue
        }
        let range = atFront ? Array(0..<wanted) : Array((dim[axis] - wanted)..<dim[axis])
        places[axis] = range
        arguments.append(Argument(.ints(range.map { $0 + 1 })))
    }
    arguments.append(Argument(false, name: "drop"))
    var result = try args.context.call("[", arguments, environment: args.environment)
    let keep = args["keepnums"].isMissing ? true : try args.flag("keepnums")
    guard !atFront, keep, dim.count > 1 else { return result }
    var names = (0..<dim.count).map { axis -> Value in
        if case .list(let list)? = result.attribute(Symbol.dimnames), axis < list.count { return list[axis] }
        return .null
    }
    let before = result.attribute(Symbol.dimnames)
    for axis in dim.indices {
        guard let range = places[axis], names[axis].isNull else { continue }
        if axis == 0 {
            let texts = range.map { "[\($0 + 1),]" }
            let width = texts.map { $0.utf8.count }.max() ?? 0
            names[axis] = .strings(texts.map { $0.leftPadded(to: width) })
        } else if axis == 1 {
            names[axis] = .strings(range.map { "[,\($0 + 1)]" })
        } else {
            names[axis] = .strings(range.map { String($0 + 1) })
        }
    }
    if names.contains(where: { !$0.isNull }) {
        var value = Value.items(names)
        if let listNames = before?.names { value = value.withNames(listNames) }
        result = result.setting(Symbol.dimnames, value)
    }
    return result
}
