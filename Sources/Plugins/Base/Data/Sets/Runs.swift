import BaseValues
import Diagnostics
import RRuntime

/// Registers `rle`, `inverse.rle`, `combn`, `expand.grid`.
func registerRuns(_ base: Namespace, _ utils: Namespace) {
    base.function("rle", [.value("x")], help: "Lengths and values of runs of equal elements.") { args in
        let x = try args.required("x")
        if case .list(let list) = x, list.isEmpty {
            return Value.named([("lengths", .integer(Vector([]))), ("values", x)]).withClass("rle")
        }
        guard x.isAtomic, !x.isFactor else {
            throw WorkbenchError(.type, "'x' must be a vector of an atomic type")
        }
        let keys = try args.context.ownKeys(of: x)
        var ends: [Int] = []
        for index in keys.indices {
            // A missing value is equal to nothing: it ends its run.
            if index + 1 == keys.count || keys[index] != keys[index + 1] || keys[index] == .missing {
                ends.append(index)
            }
        }
        var lengths: [Int] = []
        var before = -1
        for end in ends {
            lengths.append(end - before)
            before = end
        }
        return Value.named([
            ("lengths", .ints(lengths)), ("values", try args.context.elements(of: x, at: ends)),
        ]).withClass("rle")
    }
    base.method("print", for: "rle", [.value("x"), .dots], help: "Shows lengths and values of runs.", visible: false) {
        args in
        guard case .list(let parts) = args[0], parts.count == 2 else {
            throw WorkbenchError(.value, "invalid 'rle' structure")
        }
        args.context.console.write("Run Length Encoding\n  lengths:")
        _ = try args.context.call("str", [Argument(parts[0])])
        args.context.console.write("  values :")
        _ = try args.context.call("str", [Argument(parts[1])])
        return args[0]
    }
    base.function("inverse.rle", [.value("x"), .dots], help: "The vector that run lengths and values describe.") {
        args in
        guard case .list(let parts) = args[0], let names = args[0].names,
            let lengthsAt = names.firstIndex(of: "lengths"), let valuesAt = names.firstIndex(of: "values")
        else { throw WorkbenchError(.value, "invalid 'rle' structure") }
        let lengths = try parts[lengthsAt].asIntegers().elements
        guard lengths.count == parts[valuesAt].length else {
            throw WorkbenchError(.value, "invalid 'rle' structure")
        }
        var positions: [Int] = []
        for (index, length) in lengths.enumerated() {
            positions.append(contentsOf: repeatElement(index, count: Int(max(length ?? 0, 0))))
        }
        return try args.context.elements(of: parts[valuesAt], at: positions)
    }
    utils.function(
        "combn", [.value("x"), .value("m"), .value("FUN", nil), .value("simplify", true), .dots],
        help: "All combinations of m elements, as columns."
    ) { args in try combinations(args) }
    base.function(
        "expand.grid", [.dots, .value("KEEP.OUT.ATTRS", true), .value("stringsAsFactors", true)],
        help: "A data frame of all combinations of the vectors' elements."
    ) { args in try expandedGrid(args) }
}

private func combinations(_ args: Arguments) throws -> Value {
    var x = try args.required("x")
    let m = try args.int("m")
    if x.length == 1, x.isNumeric, let n = try x.asDoubles().elements.first, n >= 1,
        let count = Int(exactly: n.rounded(.down))
    {
        try MemoryDoor.check(count: count, elementBytes: 16)
        x = .ints(Array(1...max(count, 1)))
    }
    let n = x.length
    guard m >= 0 else { throw WorkbenchError(.value, "m < 0") }
    guard m <= n else { throw WorkbenchError(.value, "n < m") }
    var count = 1.0
    for i in 0..<min(m, n - m) { count = count * Double(n - i) / Double(i + 1) }
    guard count * Double(max(m, 1)) < 2e9 else {
        throw WorkbenchError(.memory, "\(n) choose \(m) are \(numberText(count.rounded())) combinations: too many")
    }
    let simplify = try args.flag("simplify")
    let function: Value? = args["FUN"].isNull ? Value?.none : try args.functionValue("FUN")
    var results: [Value] = []
    results.reserveCapacity(Int(count.rounded()))
    var loop = LongLoop(args.context)
    var current = Array(0..<m)
    while true {
        try loop.step()
        let part = try args.context.elements(of: x, at: current).setting(Symbol.names, nil)
        if let function {
            results.append(
                try args.context.call(function, [Argument(part)] + args.dots, environment: args.environment))
        } else {
            results.append(part)
        }
        guard var i = current.indices.last(where: { current[$0] < n - m + $0 }) else { break }
        current[i] += 1
        while i + 1 < m {
            current[i + 1] = current[i] + 1
            i += 1
        }
    }
    guard simplify else { return .items(results) }
    if results.allSatisfy({ $0.length == 1 }) && (function != nil || m == 1) {
        let flat = try args.context.concatenated(results)
        return function != nil ? flat : flat.setting(Symbol.dim, .ints([1, results.count]))
    }
    guard let length = results.first?.length, results.allSatisfy({ $0.length == length }) else {
        return .items(results)
    }
    return try args.context.concatenated(results.map { $0.isFactor ? $0 : $0.bare }).setting(
        Symbol.dim, .ints([length, results.count]))
}

private func expandedGrid(_ args: Arguments) throws -> Value {
    var columns = args.dotValues
    var names = argumentNames(args.dots) ?? columns.map { _ in Text("") }
    if columns.count == 1, case .list(let inner) = columns[0], !columns[0].isObject || columns[0].isDataFrame {
        names = columns[0].names?.map { $0 ?? "" } ?? inner.elements.map { _ in "" }
        columns = inner.elements
    }
    for index in names.indices where names[index].isEmpty { names[index] = Text("Var\(index + 1)") }
    var total = 1
    for column in columns {
        let (product, overflow) = total.multipliedReportingOverflow(by: column.length)
        guard !overflow, product < 2_000_000_000 else {
            throw WorkbenchError(.memory, "the grid has more than 2e9 rows")
        }
        total = product
    }
    let asFactors = try args.flag("stringsAsFactors")
    var repeats = 1
    var result: [Value] = []
    for column in columns {
        let count = column.length
        var source = column.setting(Symbol.names, nil)
        if asFactors, case .character = column { source = try makeFactorInOrder(column, args.context) }
        let each = repeats
        result.append(
            try args.context.elements(of: source, at: (0..<total).map { count == 0 ? nil : ($0 / each) % count }))
        repeats *= max(count, 1)
    }
    var frame = makeFrame(result, names: names, rowNames: .automatic(columns.isEmpty ? 0 : total))
    if try args.flag("KEEP.OUT.ATTRS") {
        let dim = Value.ints(columns.map { $0.length }).withNames(names.map { Optional($0) })
        var labels: [Value] = []
        for (column, name) in zip(columns, names) {
            labels.append(
                .character(
                    Vector(try args.context.texts(of: column).map { Text(name.string + "=" + ($0?.string ?? "NA")) })))
        }
        let dimnames = Value.list(Vector(labels)).withNames(names.map { Optional($0) })
        frame = frame.setting(
            Symbol.named("out.attrs"), Value.named([("dim", dim), ("dimnames", dimnames)]))
    }
    return frame
}
