import BaseValues
import Diagnostics
import RRuntime

/// Registers `split`, `unsplit`, `split<-`, `tapply`, `ave`, `by`.
func registerSplitting(_ base: Namespace, _ stats: Namespace) {
    registerSplit(base)
    registerTapply(base, stats)
}

private let splitParameters: [Parameter] = [
    .value("x"), .value("f"), .value("drop", false), .dots, .value("sep", "."), .value("lex.order", false),
]

/// The grouping factor that `split` makes of its argument: a factor, a list of factors, a formula's variables.
private func groupingFactor(_ f: Value, drop: Bool, _ args: Arguments) throws -> Value {
    if case .list(let factors) = f {
        let separator = args.has("sep") ? try args.string("sep") : "."
        let lexical = args.has("lex.order") ? try args.flag("lex.order") : false
        return try interaction(factors.elements, drop: drop, separator: separator, lexical: lexical, args.context)
    }
    let factor = try makeFactor(of: f, args.context)
    return drop ? try withoutUnusedLevels(factor, args.context) : factor
}

/// Positions of each level's elements; a short factor is recycled.
func groupPositions(_ factor: Value, count: Int) throws -> [[Int?]] {
    let codes = try factor.asIntegers().elements
    var groups = [[Int?]](repeating: [], count: factor.levelTexts.count)
    guard !codes.isEmpty else { return groups }
    for position in 0..<count {
        if let code = codes[position % codes.count], code >= 1, Int(code) <= groups.count {
            groups[Int(code) - 1].append(position)
        }
    }
    return groups
}

private func registerSplit(_ base: Namespace) {
    base.function("split", splitParameters, help: "The elements in groups.", dispatch: .generic) { args in
        let x = try args.required("x")
        let count = try args.context.length(of: x)
        let factor = try groupingFactor(try args.required("f"), drop: try args.flag("drop"), args)
        if factor.length > 0, count % factor.length != 0 {
            try args.context.warn("data length is not a multiple of split variable", call: args.call)
        }
        let groups = try groupPositions(factor, count: count)
        return Value.list(Vector(try groups.map { try args.context.elements(of: x, at: $0) })).withNames(
            factor.levelTexts)
    }
    base.alias("split.default", of: "split")
    base.method("split", for: .dataFrame, splitParameters, help: "The rows in groups.") { args in
        var f = try args.required("f")
        if case .call(let formula) = f { f = try formulaVariables(formula, args[0], args) }
        let factor = try groupingFactor(f, drop: try args.flag("drop"), args)
        let groups = try groupPositions(factor, count: rowCount(of: args[0]))
        return Value.list(Vector(try groups.map { try frameRows(args[0], $0, args.context) })).withNames(
            factor.levelTexts)
    }
    base.function(
        "unsplit", [.value("value"), .value("f"), .value("drop", false)], help: "Puts groups back in place."
    ) { args in
        guard case .list(let parts) = try args.required("value") else {
            throw WorkbenchError(.type, "'value' must be a list, as split() returns it")
        }
        let f = try args.required("f")
        let factor = try groupingFactor(f, drop: try args.flag("drop"), args)
        let groups = try groupPositions(factor, count: factor.length)
        guard parts.count == groups.count else {
            throw WorkbenchError(.value, "\(parts.count) groups for \(groups.count) levels")
        }
        if let first = parts.elements.first, first.isDataFrame {
            let all = try args.context.call("rbind", parts.elements.map { Argument($0) })
            return try frameRows(all, inverse(groups, parts: parts.elements.map { rowCount(of: $0) }), args.context)
        }
        let all = try args.context.concatenated(parts.elements.map { $0.setting(Symbol.names, nil) })
        return try args.context.elements(of: all, at: inverse(groups, parts: parts.elements.map { $0.length }))
    }
    base.function(
        "split<-", [.value("x"), .value("f"), .value("drop", false), .dots, .value("value")],
        help: "Sets the elements of groups.", dispatch: .generic
    ) { args in
        let factor = try groupingFactor(try args.required("f"), drop: try args.flag("drop"), args)
        var x = args[0]
        let groups = try groupPositions(factor, count: rowCount(of: x))
        let parts = args["value"].items
        guard !parts.isEmpty else { return x }
        for (index, group) in groups.enumerated() {
            let rows: [Argument] =
                x.isDataFrame
                ? [Argument(positionValue(group)), Argument(.missing)] : [Argument(positionValue(group))]
            x = try args.context.call(
                "[<-", [Argument(x)] + rows + [Argument(parts[index % parts.count], name: "value")])
        }
        return x
    }
}

/// For each position, where in the groups put together its element is.
private func inverse(_ groups: [[Int?]], parts: [Int]) -> [Int?] {
    let count = groups.reduce(0) { $0 + $1.count }
    var result = [Int?](repeating: nil, count: count)
    var start = 0
    for (index, group) in groups.enumerated() {
        for (offset, position) in group.enumerated() where parts[index] > 0 {
            if let position, position < count { result[position] = start + offset % parts[index] }
        }
        start += parts[index]
    }
    return result
}

/// Evaluates the variables on a formula's right side, joined by `+`, in a data frame.
func formulaVariables(_ formula: Call, _ frame: Value, _ args: Arguments) throws -> Value {
    guard formula.name?.name == "~", let right = formula.arguments.last else {
        throw WorkbenchError(.type, "'f' must be a formula")
    }
    var terms: [Value] = []
    func collect(_ expression: Value) {
        if case .call(let call) = expression, let name = call.name?.name, ["+", "*", ":"].contains(name) {
            for argument in call.arguments { collect(argument.value) }
        } else {
            terms.append(expression)
        }
    }
    collect(right.value)
    let environment = frameEnvironment(frame, parent: args.environment)
    let values = try terms.map { try args.context.evaluate($0, in: environment) }
    return Value.list(Vector(values)).withNames(terms.map { args.context.codeText($0) })
}

private func registerTapply(_ base: Namespace, _ stats: Namespace) {
    base.function(
        "tapply",
        [
            .value("X"), .value("INDEX"), .value("FUN", nil), .dots, .value("default", code: "NA"),
            .value("simplify", true),
        ],
        help: "A function of the elements of each group."
    ) { args in try tapply(args) }
    stats.function(
        "ave", [.value("x"), .dots, .value("FUN", code: "mean")],
        help: "Each element's group average, or another function of it."
    ) { args in
        var x = try args.required("x")
        let function =
            args.has("FUN")
            ? try args.functionValue("FUN") : try args.context.function(Symbol.named("mean"), from: args.environment)
        if args.dots.isEmpty {
            let result = try args.context.call(function, [Argument(x)], environment: args.environment)
            return try args.context.call(
                "[<-", [Argument(x), Argument(.missing), Argument(result, name: "value")])
        }
        let factor = try interaction(args.dotValues, drop: false, separator: ".", lexical: false, args.context)
        let source = x
        for group in try groupPositions(factor, count: source.length) where !group.isEmpty {
            let part = try args.context.elements(of: source, at: group)
            let result = try args.context.call(function, [Argument(part)], environment: args.environment)
            x = try args.context.call(
                "[<-", [Argument(x), Argument(positionValue(group)), Argument(result, name: "value")])
        }
        return x
    }
    base.function(
        "by", [.value("data"), .value("INDICES"), .value("FUN"), .dots, .value("simplify", true)],
        help: "A function of the rows of each group.", dispatch: .generic
    ) { args in
        var data = try args.required("data")
        let isMatrix = !data.isDataFrame && data.dim?.count == 2
        if isMatrix { data = try args.context.call("as.data.frame", [Argument(data)]) }
        let function = try args.functionValue("FUN")
        var indices = try args.required("INDICES")
        if case .call(let formula) = indices { indices = try formulaVariables(formula, data, args) }
        var label: Text = "INDICES"
        if case .list = indices {
        } else {
            if args.call.arguments.count > 1, !isMatrix {
                label = args.context.codeText(args.call.arguments[1].value)
            }
            indices = Value.list(Vector([indices])).withNames([label])
        }
        let result = try grouped(
            .ints(Array(0..<rowCount(of: data))), indices, simplify: try args.flag("simplify"), default: .null,
            args.context
        ) { positions in
            let rows = try positions.asIntegers().elements.map { place in place.map { Int($0) } }
            let part =
                data.isDataFrame
                ? try frameRows(data, rows, args.context) : try args.context.elements(of: data, at: rows)
            return try args.context.call(function, [Argument(part)] + args.dots, environment: args.environment)
        }
        return result.setting(Symbol.named("call"), .call(args.call)).withClass("by")
    }
    base.method("print", for: "by", [.value("x"), .value("vsep"), .dots], visible: false) { args in try printBy(args) }
}

/// The result for each group below the names of its factors' levels.
private func printBy(_ args: Arguments) throws -> Value {
    let x = args[0]
    let context = args.context
    let dim = x.dim ?? [x.length]
    var dimnames: [Value] = []
    if case .list(let lists)? = x.attribute(Symbol.dimnames) { dimnames = lists.elements }
    let titles = x.attribute(Symbol.dimnames)?.names ?? []
    let rule =
        try args.has("vsep")
        ? args.string("vsep") : String(repeating: "-", count: context.options.int("width", 80) * 3 / 4)
    for place in 0..<x.length {
        if place > 0, !rule.isEmpty { context.console.write(rule + " \n") }
        var rest = place
        for (d, labels) in dimnames.enumerated() where d < dim.count && dim[d] > 0 {
            let level = try labels.asCharacters().elements
            let title = d < titles.count ? titles[d]?.string ?? "" : ""
            let index = rest % dim[d]
            context.console.write("\(title): \((index < level.count ? level[index] : nil)?.string ?? "NA")\n")
            rest /= dim[d]
        }
        let part = try context.call("[[", [Argument(x.setting(Symbol.classAttribute, nil)), Argument(.int(place + 1))])
        try context.print(part, environment: args.environment)
    }
    return x
}

private func tapply(_ args: Arguments) throws -> Value {
    let x = try args.required("X")
    let context = args.context
    var index = try args.required("INDEX")
    if case .call(let formula) = index { index = try formulaVariables(formula, x, args) }
    if args["FUN"].isNull {
        let factors = try (index.isFactor || !isList(index) ? [index] : index.items).map {
            try makeFactor(of: $0, context)
        }
        let all = try interaction(factors, drop: false, separator: ".", lexical: false, context)
        return .integer(Vector(try all.asIntegers().elements))
    }
    let function = try args.functionValue("FUN")
    return try grouped(
        x, index, simplify: try args.flag("simplify"),
        default: args.has("default") ? args["default"] : .logical(Vector([nil])), context
    ) { part in
        try context.call(function, [Argument(part)] + args.dots, environment: args.environment)
    }
}

private func isList(_ value: Value) -> Bool {
    if case .list = value { return true }
    return false
}

/// A function of each group, as an array with one dimension for each factor.
private func grouped(
    _ x: Value, _ index: Value, simplify: Bool, default missing: Value, _ context: Context,
    _ function: (Value) throws -> Value
) throws -> Value {
    let list = isList(index) && !index.isFactor ? index.items : [index]
    let outer = isList(index) ? index.names : nil
    guard !list.isEmpty else { throw WorkbenchError(.value, "'INDEX' is of length zero") }
    let factors = try list.map { try makeFactor(of: $0, context) }
    let count = try x.isDataFrame ? rowCount(of: x) : context.length(of: x)
    guard factors.allSatisfy({ $0.length == count }) else {
        throw WorkbenchError(.value, "arguments must have same length")
    }
    let levels = factors.map { $0.levelTexts }
    let combined = try codesOfCombination(factors)
    let total = levels.reduce(1) { $0 * $1.count }
    var groups = [[Int?]](repeating: [], count: total)
    for (position, code) in combined.enumerated() { if let code { groups[code].append(position) } }
    var results = [Value?](repeating: nil, count: total)
    for (place, group) in groups.enumerated() where !group.isEmpty {
        let part = x.isDataFrame ? try frameRows(x, group, context) : try context.elements(of: x, at: group)
        results[place] = try function(part)
    }
    var dimnames = Value.list(Vector(levels.map { .character(Vector($0)) }))
    if let outer { dimnames = dimnames.withNames(outer) }
    let isScalar = simplify && results.allSatisfy { $0.map { $0.isAtomic && $0.length == 1 } ?? true }
    let flat: Value
    if isScalar {
        let present = results.compactMap { $0 }
        let isClassed = present.contains { $0.isObject && $0.isFactor }
        let all =
            present.isEmpty
            ? Value.logical(Vector([]))
            : try context.concatenated(
                present.map { isClassed || $0.isFactor ? $0.bare : $0.setting(Symbol.names, nil) })
        var next = 0
        let places = results.map { value -> Int? in
            guard value != nil else { return nil }
            next += 1
            return next - 1
        }
        var filled = all.keepsClassByElement ? all.bare.pickedBare(places) : all.pickedBare(places)
        let isNA = missing.length == 1 && missingElements(missing)[0]
        if !isNA, !missing.isNull, places.contains(where: { $0 == nil }) {
            let holes = places.indices.filter { places[$0] == nil }
            filled = try context.call(
                "[<-", [Argument(filled), Argument(positionValue(holes)), Argument(missing, name: "value")])
        }
        flat = filled
    } else {
        flat = .list(Vector(results.map { $0 ?? .null }))
    }
    return flat.setting(Symbol.dim, .ints(levels.map { $0.count })).setting(Symbol.dimnames, dimnames)
}
