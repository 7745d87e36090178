import BaseValues
import Diagnostics
import RRuntime

/// Registers `aggregate`.
func registerAggregating(_ stats: Namespace) {
    stats.function(
        "aggregate", [.value("x"), .promiseDots], help: "A function of each group of rows, as a data frame.",
        dispatch: .generic
    ) { args in
        var dots = try args.dots.map { Argument(try args.context.forced($0.value), name: $0.name) }
        let x = try args.required("x")
        func take(_ name: String) -> Value? {
            guard let place = dots.firstIndex(where: { $0.name?.name == name }) else { return nil }
            return dots.remove(at: place).value
        }
        func takeNext(_ name: String) -> Value? {
            if let named = take(name) { return named }
            guard let place = dots.firstIndex(where: { $0.name == nil }) else { return nil }
            return dots.remove(at: place).value
        }
        let simplify = try take("simplify")?.asLogicals()[0] ?? true
        let drop = try take("drop")?.asLogicals()[0] ?? true
        _ = take("na.action")
        if case .call(let formula) = x {
            guard let data = takeNext("data"), let function = takeNext("FUN") else {
                throw WorkbenchError(.value, "'formula' and 'data' are needed: aggregate(y ~ group, data, FUN)")
            }
            let (values, groups) = try formulaParts(formula, data, args)
            return try aggregate(values, by: groups, function, dots, simplify: simplify, drop: drop, args)
        }
        if case .call(let formula)? = dots.first?.value, x.isDataFrame {
            dots.removeFirst()
            guard let function = takeNext("FUN") else {
                throw WorkbenchError(.value, "argument \"FUN\" is missing, with no default")
            }
            let (values, groups) = try formulaParts(formula, x, args)
            return try aggregate(values, by: groups, function, dots, simplify: simplify, drop: drop, args)
        }
        guard let by = takeNext("by") else {
            throw WorkbenchError(.value, "argument \"by\" is missing, with no default")
        }
        guard let function = takeNext("FUN") else {
            throw WorkbenchError(.value, "argument \"FUN\" is missing, with no default")
        }
        guard case .list = by else { throw WorkbenchError(.type, "'by' must be a list", hint: "by = list(x$group)") }
        let frame: Value
        if x.isDataFrame {
            frame = x
        } else if x.dim?.count == 2 {
            frame = try args.context.call("as.data.frame", [Argument(x)])
        } else {
            frame = makeFrame([x.setting(Symbol.names, nil)], names: ["x"], rowNames: .automatic(rowCount(of: x)))
        }
        return try aggregate(frame, by: by, function, dots, simplify: simplify, drop: drop, args)
    }
}

/// The variables left and right of `~`, from complete rows.
private func formulaParts(_ formula: Call, _ data: Value, _ args: Arguments) throws -> (Value, Value) {
    guard formula.name?.name == "~", formula.arguments.count == 2 else {
        throw WorkbenchError(.value, "formula 'x' must have both left and right hand sides")
    }
    let data = try frameOf(data, args.context)
    func terms(_ expression: Value, _ joins: Set<String>) -> [Value] {
        if case .call(let call) = expression, let name = call.name?.name, joins.contains(name) {
            return call.arguments.flatMap { terms($0.value, joins) }
        }
        return [expression]
    }
    func isDot(_ expression: Value) -> Bool {
        if case .symbol(let symbol) = expression { return symbol.name == "." }
        return false
    }
    var right = terms(formula.arguments[1].value, ["+", "*", ":"])
    var left = terms(formula.arguments[0].value, ["cbind"])
    func name(_ expression: Value) -> Text { args.context.codeText(expression) }
    if right.contains(where: isDot) {
        let taken = left.map(name)
        right = data.columnNames.filter { !taken.contains($0) }.map { .symbol(Symbol.named($0)) }
    }
    if left.contains(where: isDot) {
        let taken = right.map(name)
        left = data.columnNames.filter { !taken.contains($0) }.map { .symbol(Symbol.named($0)) }
    }
    let environment = frameEnvironment(data, parent: args.environment)
    let values = try left.map { try args.context.evaluate($0, in: environment) }
    let groups = try right.map { try args.context.evaluate($0, in: environment) }
    let rows = values.first.map { rowCount(of: $0) } ?? 0
    var names = left.map(name)
    // cbind(a, b = …) names its columns itself.
    if case .call(let bound) = formula.arguments[0].value, bound.name?.name == "cbind",
        bound.arguments.count == names.count
    {
        for (index, argument) in bound.arguments.enumerated() {
            if let given = argument.name { names[index] = given.text }
        }
    }
    let all = makeFrame(
        values + groups, names: (names + right.map(name)).map { Optional($0) }, rowNames: .automatic(rows))
    let complete = try completeRows(all, args.context)
    let kept = try frameRows(all, complete.indices.filter { complete[$0] }.map { $0 }, args.context).items
    let count = complete.filter { $0 }.count
    return (
        makeFrame(Array(kept.prefix(values.count)), names: names.map { Optional($0) }, rowNames: .automatic(count)),
        Value.list(Vector(Array(kept.dropFirst(values.count)))).withNames(right.map(name))
    )
}

private func aggregate(
    _ x: Value, by: Value, _ function: Value, _ extra: [Argument], simplify: Bool, drop: Bool, _ args: Arguments
) throws -> Value {
    let context = args.context
    let function = try context.matchFunction(function, environment: args.environment)
    let rows = rowCount(of: x)
    guard rows > 0 else { throw WorkbenchError(.value, "no rows to aggregate") }
    var names = by.names?.map { $0 ?? "" } ?? by.items.map { _ in Text("") }
    for index in names.indices where names[index].isEmpty { names[index] = Text("Group.\(index + 1)") }
    let groupings = by.items
    guard groupings.allSatisfy({ rowCount(of: $0) == rows }) else {
        throw WorkbenchError(.value, "arguments must have same length")
    }
    let factors = try groupings.map { try makeFactor(of: $0, context) }
    let combined = try codesOfCombination(factors)
    let total = factors.reduce(1) { $0 * $1.levelTexts.count }
    var groups = [[Int?]](repeating: [], count: total)
    for (row, code) in combined.enumerated() { if let code { groups[code].append(row) } }
    let present = drop ? groups.indices.filter { !groups[$0].isEmpty } : Array(groups.indices)
    var columns: [Value] = []
    var step = 1
    for (grouping, factor) in zip(groupings, factors) {
        let codes = try factor.asIntegers().elements
        let firsts = factor.levelTexts.indices.map { level in codes.firstIndex(of: Int32(level + 1)) }
        let size = factor.levelTexts.count
        let picked = present.map { place in firsts[(place / step) % max(size, 1)] }
        columns.append(try context.elements(of: grouping.setting(Symbol.names, nil), at: picked))
        step *= max(size, 1)
    }
    for column in x.items {
        let results = try present.map { place -> Value in
            if groups[place].isEmpty { return .logical(Vector([nil])) }
            let part = try columnRows(column, groups[place], context)
            return try context.call(function, [Argument(part)] + extra, environment: args.environment)
        }
        columns.append(simplify ? try simplified(results, context) : .list(Vector(results)))
    }
    return makeFrame(
        columns, names: names.map { Optional($0) } + (x.names ?? []), rowNames: .automatic(present.count))
}

/// Results of one length as a column or matrix, others as a list.
private func simplified(_ results: [Value], _ context: Context) throws -> Value {
    guard let length = results.first?.length, results.allSatisfy({ $0.length == length && $0.isAtomic }), length > 0
    else {
        return .list(Vector(results))
    }
    if length == 1 {
        let first = results[0].classAttribute
        let isSame = first != nil && results.allSatisfy { $0.classAttribute == first }
        return try context.concatenated(results.map { isSame ? $0.setting(Symbol.names, nil) : $0.bare })
    }
    let flat = try context.concatenated(results.map { $0.bare })
    let order = (0..<length).flatMap { column in results.indices.map { Optional($0 * length + column) } }
    let matrix = flat.pickedBare(order).setting(Symbol.dim, .ints([results.count, length]))
    guard let names = results[0].names else { return matrix }
    return matrix.setting(Symbol.dimnames, .list(Vector([.null, .character(Vector(names))])))
}
