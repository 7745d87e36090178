import BaseValues
import Diagnostics
import RRuntime

/// Registers `var`, `cov`, `cor`.
func registerCorrelation(_ stats: Namespace) {
    stats.function(
        "var", [.value("x"), .value("y", nil), .value("na.rm", false), .value("use")],
        help: "The variance, or covariances of columns."
    ) { args in
        var use = try args.flag("na.rm") ? "na.or.complete" : "everything"
        if args.has("use") { use = try args.string("use") }
        return try covariances(args, use: use, method: "pearson", asCorrelation: false)
    }
    for (name, isCorrelation) in [("cov", false), ("cor", true)] {
        stats.function(
            name,
            [
                .value("x"), .value("y", nil), .value("use", "everything"),
                .value("method", code: "c(\"pearson\", \"kendall\", \"spearman\")"),
            ],
            help: isCorrelation
                ? "Correlations of two vectors or of columns." : "Covariances of two vectors or of columns."
        ) { args in
            var method = "pearson"
            if args.has("method"), case .character(let v) = args["method"], let given = v.elements.first??.string {
                guard let match = ["pearson", "kendall", "spearman"].first(where: { $0.hasPrefix(given) }) else {
                    throw WorkbenchError(.value, "invalid 'method' argument")
                }
                method = match
            }
            return try covariances(args, use: try args.string("use"), method: method, asCorrelation: isCorrelation)
        }
    }
}

private struct NumberColumns {
    var columns: [[Double]]
    var names: Value
    var isMatrix: Bool
}

private func numberColumns(_ value: Value, _ name: String, _ context: Context) throws -> NumberColumns {
    let plain = value.isDataFrame ? try context.call("as.matrix", [Argument(value)]) : value
    guard plain.isNumeric || plain.typeName == "logical" else {
        if plain.isFactor {
            throw WorkbenchError(
                .type,
                "Calling var(x) on a factor x is defunct.\n  Use something like 'all(duplicated(x)[-1L])' to test for a constant vector."
            )
        }
        throw WorkbenchError(
            .type, value.isDataFrame || plain.isAtomic ? "'\(name)' must be numeric" : "is.atomic(\(name)) is not TRUE")
    }
    let all = try plain.asDoubles().elements
    guard let dim = plain.dim, dim.count == 2 else {
        return NumberColumns(columns: [all], names: .null, isMatrix: false)
    }
    var names = Value.null
    if case .list(let labels)? = plain.attribute(Symbol.dimnames), labels.count == 2 { names = labels[1] }
    return NumberColumns(
        columns: (0..<dim[1]).map { Array(all[($0 * dim[0])..<(($0 + 1) * dim[0])]) }, names: names, isMatrix: true)
}

private func covariances(_ args: Arguments, use: String, method: String, asCorrelation: Bool) throws -> Value {
    let context = args.context
    var x = try numberColumns(try args.required("x"), "x", context)
    var y = args["y"].isNull || args["y"].isMissing ? nil : try numberColumns(args["y"], "y", context)
    if asCorrelation, !x.isMatrix, y == nil {
        throw WorkbenchError(.value, "supply both 'x' and 'y' or a matrix-like 'x'")
    }
    let rows = x.columns.first?.count ?? 0
    if let y, (y.columns.first?.count ?? 0) != rows { throw WorkbenchError(.value, "incompatible dimensions") }
    let uses = ["all.obs", "complete.obs", "pairwise.complete.obs", "everything", "na.or.complete"]
    guard let use = uses.first(where: { $0.hasPrefix(use) }) else {
        throw WorkbenchError(.value, "invalid 'use' argument")
    }
    let all = x.columns + (y?.columns ?? [])
    if use == "all.obs", all.contains(where: { $0.contains { $0.isNaN } }) {
        throw WorkbenchError(.value, "missing observations in cov/cor")
    }
    if use == "complete.obs" || use == "na.or.complete" {
        let kept = (0..<rows).filter { row in !all.contains { $0[row].isNaN } }
        if kept.isEmpty, use == "complete.obs" { throw WorkbenchError(.value, "no complete element pairs") }
        func cut(_ columns: [[Double]]) -> [[Double]] { columns.map { column in kept.map { column[$0] } } }
        x.columns = cut(x.columns)
        if let other = y { y?.columns = cut(other.columns) }
    }
    if rows == 0 { throw WorkbenchError(.value, "both 'x' and 'y' must be non-empty") }
    let right = y ?? x
    var isConstant = false
    func entry(_ first: [Double], _ second: [Double], isSame: Bool) throws -> Double {
        var (a, b) = (first, second)
        if use == "pairwise.complete.obs" {
            let kept = a.indices.filter { !a[$0].isNaN && !b[$0].isNaN }
            (a, b) = (kept.map { first[$0] }, kept.map { second[$0] })
        }
        if method == "kendall" { return kendall(a, b, asCorrelation: asCorrelation) }
        if method == "spearman" {
            if (a + b).contains(where: { $0.isNaN }) { return .na }
            (a, b) = (averageRanks(a), averageRanks(b))
        }
        if !asCorrelation { return covariance(a, b) }
        if (a + b).contains(where: { $0.isNaN }) { return .na }
        let spreadA = covariance(a, a).squareRoot()
        let spreadB = covariance(b, b).squareRoot()
        if spreadA == 0 || spreadB == 0 {
            isConstant = true
            return .na
        }
        if isSame { return 1 }
        return max(-1, min(1, covariance(a, b) / (spreadA * spreadB)))
    }
    var result: [Double] = []
    for (j, second) in right.columns.enumerated() {
        for (i, first) in x.columns.enumerated() {
            result.append(try entry(first, second, isSame: y == nil && i == j))
        }
    }
    if isConstant { try context.warn("the standard deviation is zero", call: args.call) }
    guard x.isMatrix || right.isMatrix else { return .number(result[0]) }
    let matrix = Value.numbers(result).setting(Symbol.dim, .ints([x.columns.count, right.columns.count]))
    guard !x.names.isNull || !right.names.isNull else { return matrix }
    return matrix.setting(Symbol.dimnames, .list(Vector([x.names, right.names])))
}

/// Ranks with ties averaged.
func averageRanks(_ values: [Double]) -> [Double] {
    let order = places(values.count) { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
        var end = start + 1
        while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
        for place in start..<end { ranks[order[place]] = Double(start + 1 + end) / 2 }
        start = end
    }
    return ranks
}

private func kendall(_ a: [Double], _ b: [Double], asCorrelation: Bool) -> Double {
    if (a + b).contains(where: { $0.isNaN }) { return .na }
    func sign(_ x: Double) -> Double { x > 0 ? 1 : x < 0 ? -1 : 0 }
    var (sum, squaresA, squaresB) = (0.0, 0.0, 0.0)
    for i in a.indices {
        for j in a.indices where i != j {
            let (u, v) = (sign(a[i] - a[j]), sign(b[i] - b[j]))
            sum += u * v
            squaresA += u * u
            squaresB += v * v
        }
    }
    return asCorrelation ? sum / (squaresA.squareRoot() * squaresB.squareRoot()) : sum
}
