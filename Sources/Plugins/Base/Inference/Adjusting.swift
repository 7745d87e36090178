import BaseValues
import Diagnostics
import Glibc
import ModelValues
import RRuntime

/// `p.adjust()`, `dist()`, `mahalanobis()`.
func registerAdjusting(_ stats: Namespace) {
    let methods = ["holm", "hochberg", "hommel", "bonferroni", "BH", "BY", "fdr", "none"]
    stats.object("p.adjust.methods", .strings(methods))
    stats.function(
        "p.adjust", [.value("p"), .value("method", "holm", help: methods.joined(separator: ", ")), .value("n")],
        help: "P values of many tests, adjusted"
    ) { args in
        let p = try args.required("p")
        var method = try args.string("method")
        guard methods.contains(method) else {
            throw WorkbenchError(.value, "'arg' should be one of " + methods.map { "‘\($0)’" }.joined(separator: ", "))
        }
        if method == "fdr" { method = "BH" }
        guard method != "hommel" else {
            throw WorkbenchError(
                .unsupported, "p.adjust(method = \"hommel\") is not supported", hint: "\"hochberg\" is close")
        }
        let all = try p.asDoubles().elements
        let known = all.indices.filter { !all[$0].isNaN }
        let n = args.has("n") ? try args.number("n") : Double(known.count)
        guard n >= Double(known.count) else { throw WorkbenchError(.value, "n >= lp is not TRUE") }
        var result = all
        for (place, number) in zip(known, adjusted(known.map { all[$0] }, method, n)) { result[place] = number }
        return Value.numbers(result).setting(Symbol.names, p.attribute(Symbol.names))
    }
    stats.function(
        "dist",
        [.value("x"), .value("method", "euclidean"), .value("diag", false), .value("upper", false), .value("p", 2)],
        help: "Distances between the rows of a matrix"
    ) { args in try distances(args) }
    stats.method("as.matrix", for: "dist", [.value("x"), .dots]) { args in try square(args[0]) }
    stats.method(
        "print", for: "dist", [.value("x"), .value("diag"), .value("upper"), .value("digits"), .dots], visible: false
    ) {
        args in
        try printDistances(args)
        return args[0]
    }
    stats.function(
        "mahalanobis", [.value("x"), .value("center"), .value("cov"), .value("inverted", false), .dots],
        help: "Squared distances of rows from a center, in units of a covariance"
    ) { args in
        let r = RCalls(args.context)
        var x = try args.required("x")
        if x.inherits("data.frame") { x = try r("as.matrix", x) }
        if x.dim?.count != 2 {
            x = Value.numbers(try x.asDoubles().elements).setting(Symbol.dim, .ints([1, x.length]))
        }
        guard let dim = x.dim else { return .null }
        let numbers = try x.asDoubles().elements, center = try args.required("center").asDoubles().elements
        guard !center.isEmpty else { throw WorkbenchError(.value, "invalid 'center' argument") }
        let inverse = try (args.flag("inverted") ? args.required("cov") : r("solve", args.required("cov"))).asDoubles()
            .elements
        guard inverse.count == dim[1] * dim[1] else { throw WorkbenchError(.shape, "non-conformable arguments") }
        let values = (0..<dim[0]).map { row -> Double in
            let gap = (0..<dim[1]).map { numbers[row + $0 * dim[0]] - center[$0 % center.count] }
            return gap.indices.reduce(0) { sum, i in
                sum + gap.indices.reduce(0) { $0 + gap[i] * inverse[i + $1 * dim[1]] * gap[$1] }
            }
        }
        return .numbers(values)
    }
}

private func adjusted(_ p: [Double], _ method: String, _ n: Double) -> [Double] {
    let count = p.count
    switch method {
    case "bonferroni": return p.map { min(1, n * $0) }
    case "holm":
        var result = p, largest = 0.0
        for (rank, place) in p.indices.ordered(by: { (p[$0], $0) < (p[$1], $1) }).enumerated() {
            largest = max(largest, (n - Double(rank)) * p[place])
            result[place] = min(1, largest)
        }
        return result
    case "hochberg", "BH", "BY":
        var result = p, smallest = Double.infinity
        let harmonic = method == "BY" && n >= 1 && n < 1e9 ? (1...Int(n)).reduce(0) { $0 + 1 / Double($1) } : 1
        let falling = p.indices.ordered(by: { (p[$0], $1) > (p[$1], $0) })
        for (rank, place) in falling.enumerated() {
            let position = Double(count - rank)
            let factor = method == "hochberg" ? n - position + 1 : harmonic * n / position
            smallest = min(smallest, factor * p[place])
            result[place] = min(1, smallest)
        }
        return result
    default: return p
    }
}

private func distances(_ args: Arguments) throws -> Value {
    let r = RCalls(args.context)
    let x = try r("as.matrix", args.required("x"))
    guard let dim = x.dim, dim.count == 2 else { throw WorkbenchError(.type, "'x' must be a matrix") }
    let methods = ["euclidean", "maximum", "manhattan", "canberra", "binary", "minkowski"]
    let word = try args.string("method")
    guard let method = methods.first(where: { $0.hasPrefix(word) }) else {
        throw WorkbenchError(.value, "invalid distance method")
    }
    let power = try args.number("p")
    let numbers = try x.asDoubles().elements
    var result: [Double] = []
    try MemoryDoor.check(count: dim[0] * max(dim[0] - 1, 0) / 2, elementBytes: 8)
    for j in 0..<dim[0] {
        try args.context.pollInterrupt()
        for i in (j + 1)..<max(j + 1, dim[0]) {
            var pairs: [(Double, Double)] = []
            for k in 0..<dim[1] {
                let pair = (numbers[i + k * dim[0]], numbers[j + k * dim[0]])
                if !pair.0.isNaN, !pair.1.isNaN { pairs.append(pair) }
            }
            result.append(pairs.isEmpty ? .na : distance(pairs, method, power, outOf: dim[1]))
        }
    }
    var labels: Value?
    if case .list(let names)? = x.attribute(Symbol.dimnames), let rows = names.elements.first, !rows.isNull {
        labels = rows
    }
    var value = Value.numbers(result).setting(Symbol.named("Size"), .int(dim[0]))
    if let labels { value = value.setting(Symbol.named("Labels"), labels) }
    value = value.setting(Symbol.named("Diag"), args["diag"]).setting(Symbol.named("Upper"), args["upper"])
        .setting(Symbol.named("method"), .string(method))
    if method == "minkowski" { value = value.setting(Symbol.named("p"), .number(power)) }
    return value.setting(Symbol.named("call"), .call(matchedCall(args))).withClass("dist")
}

/// Pairs with NA are left out; sums are scaled up for them.
private func distance(_ pairs: [(Double, Double)], _ method: String, _ p: Double, outOf all: Int) -> Double {
    let gaps = pairs.map { abs($0.0 - $0.1) }
    let scale = Double(all) / Double(pairs.count)
    switch method {
    case "maximum": return gaps.max() ?? 0
    case "manhattan": return gaps.reduce(0, +) * scale
    case "canberra":
        let parts = pairs.compactMap { a, b -> Double? in
            let size = abs(a + b), gap = abs(a - b)
            return size == 0 && gap == 0 ? nil : gap / size
        }
        return parts.isEmpty ? .na : parts.reduce(0, +) * Double(all) / Double(parts.count)
    case "binary":
        let either = pairs.filter { $0.0 != 0 || $0.1 != 0 }
        return either.isEmpty ? 0 : Double(either.filter { $0.0 == 0 || $0.1 == 0 }.count) / Double(either.count)
    case "minkowski": return pow(gaps.reduce(0) { $0 + pow($1, p) } * scale, 1 / p)
    default: return (gaps.reduce(0) { $0 + $1 * $1 } * scale).squareRoot()
    }
}

private func size(_ x: Value) throws -> Int {
    let size = try x.attribute("Size")?.asDoubles().elements.first.flatMap { Int(exactly: $0) } ?? 0
    guard size >= 0, size < 1 << 20, x.length == size * (size - 1) / 2 else {
        throw WorkbenchError(.value, "invalid dist object")
    }
    return size
}

private func labels(_ x: Value, _ count: Int) throws -> [String] {
    guard let given = x.attribute("Labels"), given.length == count else { return (0..<count).map { String($0 + 1) } }
    return try given.asCharacters().elements.map { $0?.string ?? "NA" }
}

private func square(_ x: Value) throws -> Value {
    let n = try size(x)
    let numbers = try x.asDoubles().elements
    var table = [Double](repeating: 0, count: n * n)
    var place = 0
    for j in 0..<n {
        for i in (j + 1)..<max(j + 1, n) {
            table[i + j * n] = numbers[place]
            table[j + i * n] = numbers[place]
            place += 1
        }
    }
    let names = try labels(x, n)
    return .matrix(table, n, n, names: [names, names])
}

private func printDistances(_ args: Arguments) throws {
    let x = args[0]
    let n = try size(x)
    let r = RCalls(args.context)
    if n < 2 {
        args.context.console.write("dist(0)\n")
        return
    }
    func flag(_ name: String, _ attribute: String) throws -> Bool {
        if args.has(name) { return try args.flag(name) }
        return try x.attribute(attribute)?.asLogicals().elements.first == true
    }
    let (diagonal, upper) = (try flag("diag", "Diag"), try flag("upper", "Upper"))
    let digits = args.has("digits") ? try args.int("digits") : args.context.options.int("digits", 7)
    let numbers = try x.asDoubles().elements
    let shown = try r.format(diagonal ? numbers + [0] : numbers, digits: digits)
    var cells = [String](repeating: "", count: n * n)
    var place = 0
    for j in 0..<n {
        if diagonal { cells[j + j * n] = shown.last ?? "0" }
        for i in (j + 1)..<max(j + 1, n) {
            cells[i + j * n] = shown[place]
            if upper { cells[j + i * n] = shown[place] }
            place += 1
        }
    }
    let names = try labels(x, n)
    let whole = diagonal || upper
    let rows = whole ? Array(0..<n) : Array(1..<n), columns = whole ? Array(0..<n) : Array(0..<(n - 1))
    let table = Value.strings(columns.flatMap { column in rows.map { cells[$0 + column * n] } })
        .setting(Symbol.dim, .ints([rows.count, columns.count]))
        .setting(Symbol.dimnames, .items([.strings(rows.map { names[$0] }), .strings(columns.map { names[$0] })]))
    _ = try r("print.default", table, named: ["quote": false, "right": true])
}
