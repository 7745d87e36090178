import BaseValues
import Diagnostics
import RRuntime

/// Registers `head` and `tail` of data frames, `subset`, `transform`, `within`, `complete.cases`, `na.omit`.
func registerSelectingRows(_ base: Namespace, _ stats: Namespace, _ utils: Namespace) {
    registerEnds(utils)
    registerSubset(base)
    registerWith(base)
    registerComplete(stats)
}

/// How many of `count` the argument n of `head` and `tail` stands for: negative leaves so many out.
private func endCount(_ n: Double, _ count: Int) -> Int {
    let whole = n.isNaN ? 0 : max(min(n.rounded(.towardZero), 4e9), -4e9)
    return whole < 0 ? max(count + Int(whole), 0) : min(Int(whole), count)
}

private func endPositions(_ args: Arguments, count: Int, isHead: Bool) throws -> [Int] {
    let n = try args["n"].asDoubles().elements.first ?? .nan
    guard args["n"].isAtomic, args["n"].length >= 1, !n.isNaN else {
        throw WorkbenchError(.value, "invalid 'n' - must be numeric, possibly NA.")
    }
    let kept = endCount(n, count)
    return isHead ? Array(0..<kept) : Array((count - kept)..<count)
}

private func registerEnds(_ utils: Namespace) {
    for (name, isHead) in [("head", true), ("tail", false)] {
        utils.method(name, for: .dataFrame, [.value("x"), .value("n", .int(6)), .dots]) { args in
            let places = try endPositions(args, count: rowCount(of: args[0]), isHead: isHead).map { Optional($0) }
            if let own = args[0].classAttribute?.first, own != "data.frame",
                args.context.registry.methods[Symbol.named("[.\(own.string)")] == nil, isHead || !places.isEmpty
            {
                // A class of its own may say what its rows are.
                return try args.context.call(
                    "[",
                    [
                        Argument(args[0]), Argument(positionValue(places)), Argument(.missing),
                        Argument(false, name: "drop"),
                    ], environment: args.environment)
            }
            return try frameRows(args[0], places, args.context)
        }
    }
}

private func registerSubset(_ base: Namespace) {
    let parameters: [Parameter] = [
        .value("x"), .promise("subset"), .promise("select"), .value("drop", false), .dots,
    ]
    base.function("subset", parameters, help: "The elements or rows that meet a condition.", dispatch: .generic) {
        args in
        let x = try args.required("x")
        let flags = try args.forced("subset")
        guard case .logical(let v) = flags else { throw WorkbenchError(.type, "'subset' must be logical") }
        let count = try args.context.length(of: x)
        guard !v.isEmpty else { return try args.context.elements(of: x, at: []) }
        return try args.context.elements(of: x, at: (0..<count).filter { v[$0 % v.count] == true }.map { $0 })
    }
    base.method("subset", for: "matrix", parameters) { args in
        let x = args[0]
        guard let dim = x.dim, dim.count == 2 else { throw WorkbenchError(.type, "a matrix is wanted") }
        var rows = Value.missing
        if args.has("subset") {
            guard case .logical(let v) = try args.forced("subset") else {
                throw WorkbenchError(.type, "'subset' must be logical")
            }
            rows = positionValue(v.isEmpty ? [] : (0..<dim[0]).filter { v[$0 % v.count] == true })
        }
        var columns = Value.missing
        if args.has("select") {
            // Names of columns stand for their places, so that `a:c` and `-b` work.
            let environment = Environment(parent: args.environment)
            if case .list(let lists)? = x.attribute(Symbol.dimnames), lists.count == 2,
                case .character(let names) = lists[1]
            {
                for (place, name) in names.elements.enumerated() {
                    if let name, !name.isEmpty { environment.define(Symbol.named(name), .int(place + 1)) }
                }
            }
            columns = try args.context.evaluate(args.expression("select"), in: environment)
        }
        return try args.context.call(
            "[", [Argument(x), Argument(rows), Argument(columns), Argument(args["drop"], name: "drop")])
    }
    base.method("subset", for: .dataFrame, parameters) { args in
        let x = args[0]
        var result = x
        if args.has("select") {
            let columns = try selectedBy(args.expression("select"), x, args)
            let all = x.items
            let names = x.columnNames
            result = x.replacingColumns(
                columns.map { all[$0] }, names: columns.map { Optional(names[$0]) }, rowNames: rowNames(of: x))
        }
        if args.has("subset") {
            let flags = try evaluated(args["subset"], in: x, args)
            guard case .logical(let v) = flags else {
                throw WorkbenchError(.type, "'subset' must be logical")
            }
            let rows = v.isEmpty ? [] : (0..<rowCount(of: x)).filter { v[$0 % v.count] == true }
            result = try frameRows(result, rows.map { $0 }, args.context)
        }
        if try args.flag("drop"), result.items.count == 1 { return result.items[0] }
        return result
    }
}

/// Columns that `select` names: names stand for their places, so that `a:c` and `-b` work.
private func selectedBy(_ expression: Value, _ x: Value, _ args: Arguments) throws -> [Int] {
    let environment = Environment(parent: args.environment)
    for (index, name) in x.columnNames.enumerated() where !name.isEmpty {
        environment.define(Symbol.named(name), .int(index + 1))
    }
    return try selectedColumns(try args.context.evaluate(expression, in: environment), of: x, args.context)
}

/// A promise's expression evaluated with a data frame's columns as variables.
private func evaluated(_ value: Value, in data: Value, _ args: Arguments) throws -> Value {
    guard case .promise(let promise) = value else { return value }
    let parent = promise.environment ?? args.environment
    return try args.context.evaluate(promise.expression, in: frameEnvironment(data, parent: parent))
}

private func registerWith(_ base: Namespace) {
    let parameters: [Parameter] = [.value("data"), .promise("expr"), .dots]
    base.function(
        "within", parameters, help: "The data with the changes that code makes to its variables.", dispatch: .generic
    ) {
        args in
        let data = try args.required("data")
        guard case .promise(let promise) = args["expr"], case .list = data else {
            throw WorkbenchError(.type, "'data' must be a data frame or list")
        }
        let environment = frameEnvironment(data, parent: promise.environment ?? args.environment)
        _ = try args.context.evaluate(promise.expression, in: environment)
        let before = data.names?.map { $0 ?? "" } ?? []
        var result = data
        for name in before where !name.isEmpty {
            if let value = environment.local(Symbol.named(name)) {
                result = try setElement(result, name, try args.context.forced(value), args.context)
            } else {
                result = try setElement(result, name, .null, args.context)
            }
        }
        // New variables come last first.
        for symbol in environment.names().reversed() where !before.contains(symbol.text) {
            guard let value = environment.local(symbol) else { continue }
            result = try setElement(result, symbol.text, try args.context.forced(value), args.context)
        }
        return result
    }
    base.function(
        "transform", [.value("_data"), .promiseDots], help: "The data frame with columns added or changed.",
        dispatch: .generic
    ) {
        args in
        var result = try frameOf(args[0], args.context)
        let data = result
        var new: [(Text, Value)] = []
        for argument in args.dots {
            guard let name = argument.name else { continue }
            new.append((name.text, try evaluated(argument.value, in: data, args)))
        }
        for (name, value) in new { result = try setElement(result, name, value, args.context) }
        return result
    }
}

private func setElement(_ target: Value, _ name: Text, _ value: Value, _ context: Context) throws -> Value {
    try context.call(
        "[[<-", [Argument(target), Argument(.character(Vector([name]))), Argument(value, name: "value")])
}

/// For each row whether nothing is missing.
func completeRows(_ value: Value, _ context: Context) throws -> [Bool] {
    let count = rowCount(of: value)
    var result = [Bool](repeating: true, count: count)
    func mark(_ column: Value) throws {
        if column.isDataFrame {
            for inner in column.items { try mark(inner) }
            return
        }
        let flags = missingElements(
            column.isObject && !column.isAtomic ? try context.call("is.na", [Argument(column)]) : column)
        guard count > 0 else { return }
        for (index, isMissing) in flags.enumerated() where isMissing { result[index % count] = false }
    }
    if value.isDataFrame { for column in value.items { try mark(column) } } else { try mark(value) }
    return result
}

private func registerComplete(_ stats: Namespace) {
    stats.function("complete.cases", [.dots], help: "Whether each row has no missing values.") { args in
        guard let first = args.dots.first?.value else {
            throw WorkbenchError(.value, "no input has determined the number of cases")
        }
        var result: [Bool]?
        for argument in args.dots {
            let parts = argument.value.isDataFrame || argument.value.isAtomic ? [argument.value] : argument.value.items
            for part in parts {
                let flags = try completeRows(part, args.context)
                if let known = result {
                    guard known.count == flags.count else {
                        throw WorkbenchError(.value, "not all arguments have the same length")
                    }
                    result = zip(known, flags).map { $0 && $1 }
                } else {
                    result = flags
                }
            }
        }
        _ = first
        return .logical(Vector((result ?? []).map { Optional($0) }))
    }
    let parameters: [Parameter] = [.value("object"), .dots]
    stats.function("na.omit", parameters, help: "The elements or rows without missing values.", dispatch: .generic) {
        args in
        let x = try args.required("object")
        guard x.isAtomic else { return x }
        let flags = try completeRows(x, args.context)
        guard flags.contains(false) else { return x }
        let omitted = flags.indices.filter { !flags[$0] }
        if x.dim?.count == 2 {
            return try args.context.call(
                "[",
                [
                    Argument(x), Argument(positionValue(flags.indices.filter { flags[$0] })), Argument(.missing),
                    Argument(false, name: "drop"),
                ]
            ).setting(Symbol.named("na.action"), omissions(omitted, names: nil))
        }
        let kept = try args.context.elements(of: x, at: flags.indices.filter { flags[$0] })
        return kept.setting(Symbol.named("na.action"), omissions(omitted, names: x.names?.map { $0 ?? "NA" }))
    }
    stats.method("na.omit", for: .dataFrame, parameters) { args in
        let flags = try completeRows(args[0], args.context)
        guard flags.contains(false) else { return args[0] }
        let omitted = flags.indices.filter { !flags[$0] }
        let result = try frameRows(args[0], flags.indices.filter { flags[$0] }.map { $0 }, args.context)
        return result.setting(
            Symbol.named("na.action"), omissions(omitted, names: rowNames(of: args[0]).texts))
    }
}

private func omissions(_ omitted: [Int], names: [Text]?) -> Value {
    var value = Value.ints(omitted.map { $0 + 1 })
    if let names { value = value.withNames(omitted.map { Optional(names[$0]) }) }
    return value.withClass("omit")
}
