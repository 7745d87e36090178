import BaseValues
import Diagnostics
import ModelValues
import RRuntime

/// `wilcox.test()`, `kruskal.test()`, `var.test()`.
func registerRankTests(_ stats: Namespace) {
    stats.function(
        "wilcox.test",
        [
            .promise("x"), .promise("y"), .value("alternative", "two.sided"), .value("mu", 0), .value("paired", false),
            .value("exact", nil), .value("correct", true), .value("data", nil), .dots,
        ], help: "Wilcoxon's tests of one or two samples, by ranks"
    ) { args in try wilcoxonTest(args) }
    stats.function(
        "kruskal.test", [.promise("x"), .promise("g"), .value("data", nil), .dots],
        help: "Kruskal and Wallis's test of several samples, by ranks"
    ) { args in try kruskalTest(args) }
    stats.function(
        "var.test",
        [
            .promise("x"), .promise("y"), .value("ratio", 1), .value("alternative", "two.sided"),
            .value("conf.level", 0.95), .value("data", nil), .dots,
        ], help: "F test of two variances"
    ) { args in try varianceTest(args) }
}

private func ranks(_ x: [Double], _ r: RCalls) throws -> [Double] {
    try r("rank", .numbers(x)).asDoubles().elements
}

/// Sum of t³ − t over groups of equal numbers.
private func ties(_ ranks: [Double]) -> Double {
    var counts: [Double: Double] = [:]
    for rank in ranks { counts[rank, default: 0] += 1 }
    return counts.values.reduce(0) { $0 + $1 * $1 * $1 - $1 }
}

/// Two samples, or one; of a formula the groups.
private func samples(_ args: Arguments, _ second: String) throws -> (x: [Double], y: [Double]?, name: String) {
    let first = try args.forced("x")
    if case .call(let formula) = first, formula.name?.name == "~" {
        let data = !args["data"].isNull ? args["data"] : args.has(second) ? try args.forced(second) : .null
        let terms = try formulaTerms(first, data: data, args)
        let frame = try ModelFrame(terms, Array(terms.labels.indices), data: data, args)
        guard terms.hasResponse, frame.columns.count == 2 else {
            throw WorkbenchError(.value, "'formula' missing or incorrect")
        }
        let numbers = try frame.columns[0].asDoubles().elements
        let (levels, codes) = try levelsAndCodes(frame.columns[1])
        let used = levels.indices.filter { codes.contains($0) }
        guard used.count == 2 else { throw WorkbenchError(.value, "grouping factor must have exactly 2 levels") }
        let groups = used.map { level in zip(numbers, codes).filter { $0.1 == level }.map { $0.0 } }
        return (groups[0], groups[1], terms.labels[0] + " by " + terms.labels[1])
    }
    let x = try TestParts.sample(args, "x")
    var name = TestParts.label(args, "x")
    guard args.has(second), !(try args.forced(second).isNull) else { return (x, nil, name) }
    name += " and " + TestParts.label(args, second)
    return (x, try TestParts.sample(args, second), name)
}

/// Numbers of ways to reach each sum: of `chosen` ranks out of all of two samples, less the least sum.
private func waysOfTwoSamples(_ m: Int, _ n: Int) -> [Double] {
    // Coefficients of the Gaussian binomial, by Pascal's rule.
    var rows = [[Double]](repeating: [1], count: n + 1)
    for i in 1...max(m, 1) where m > 0 {
        var next: [[Double]] = [[1]]
        for j in 1...max(n, 1) where n > 0 {
            var sum = [Double](repeating: 0, count: i * j + 1)
            for (k, ways) in next[j - 1].enumerated() { sum[k] += ways }
            for (k, ways) in rows[j].enumerated() { sum[k + j] += ways }
            next.append(sum)
        }
        // next[j] counts i of i + j: either the largest is taken (rows) or not (next of j − 1).
        rows = next
    }
    return rows[n]
}

private func waysOfSigns(_ n: Int) -> [Double] {
    var ways: [Double] = [1]
    for rank in 1...max(n, 1) where n > 0 {
        var next = ways + [Double](repeating: 0, count: rank)
        for (k, count) in ways.enumerated() { next[k + rank] += count }
        ways = next
    }
    return ways
}

private func exactProbability(_ statistic: Double, _ ways: [Double], _ alternative: String) -> Double {
    let total = ways.reduce(0, +)
    guard let place = Int(exactly: statistic) else { return .nan }
    let below = ways.prefix(max(0, min(place + 1, ways.count))).reduce(0, +) / total
    let above = ways.suffix(max(0, ways.count - max(0, place))).reduce(0, +) / total
    switch alternative {
    case "less": return below
    case "greater": return above
    default: return min(1, 2 * (statistic > Double(ways.count - 1) / 2 ? above : below))
    }
}

private func wilcoxonTest(_ args: Arguments) throws -> Value {
    let r = RCalls(args.context)
    let alternative = try TestParts.alternative(args)
    let mu = try args.number("mu")
    var (x, y, name) = try samples(args, "y")
    let isPaired = try args.flag("paired")
    if isPaired, let second = y {
        guard second.count == x.count else { throw WorkbenchError(.value, "'x' and 'y' must have the same length") }
        x = zip(x, second).map { $0 - $1 }
        y = nil
    }
    x.removeAll { $0.isNaN }
    guard !x.isEmpty else { throw WorkbenchError(.value, "not enough (non-missing) 'x' observations") }
    var wantsExact: Bool?
    if !args["exact"].isNull { wantsExact = try args.flag("exact") }
    let statistic: Double, spread: Double, center: Double
    var probability: Double?
    var method: String
    if let second = y?.filter({ !$0.isNaN }) {
        guard !second.isEmpty else { throw WorkbenchError(.value, "not enough 'y' observations") }
        let all = try ranks(x.map { $0 - mu } + second, r)
        let (n, m) = (Double(x.count), Double(second.count))
        statistic = all.prefix(x.count).reduce(0, +) - n * (n + 1) / 2
        let tied = ties(all)
        let isExact = wantsExact ?? (n < 50 && m < 50)
        method = "Wilcoxon rank sum exact test"
        if isExact, tied == 0, n * m < 1e5 {
            probability = exactProbability(statistic, waysOfTwoSamples(x.count, second.count), alternative)
        } else if isExact {
            try args.context.warn("cannot compute exact p-value with ties", call: args.call)
        }
        center = n * m / 2
        spread = (n * m / 12 * ((n + m + 1) - tied / ((n + m) * (n + m - 1)))).squareRoot()
        if probability == nil { method = "Wilcoxon rank sum test" }
    } else {
        let moved = x.map { $0 - mu }
        let kept = moved.filter { $0 != 0 }
        let all = try ranks(kept.map { abs($0) }, r)
        let n = Double(kept.count)
        statistic = zip(kept, all).reduce(0) { $1.0 > 0 ? $0 + $1.1 : $0 }
        let tied = ties(all)
        let isExact = wantsExact ?? (n < 50)
        method = "Wilcoxon signed rank exact test"
        if isExact, tied == 0, kept.count == x.count, n < 300 {
            probability = exactProbability(statistic, waysOfSigns(kept.count), alternative)
        } else if isExact {
            if tied > 0 { try args.context.warn("cannot compute exact p-value with ties", call: args.call) }
            if kept.count < x.count {
                try args.context.warn("cannot compute exact p-value with zeroes", call: args.call)
            }
        }
        center = n * (n + 1) / 4
        spread = (n * (n + 1) * (2 * n + 1) / 24 - tied / 48).squareRoot()
        if probability == nil { method = "Wilcoxon signed rank test" }
    }
    if probability == nil {
        var z = statistic - center
        if try args.flag("correct") {
            z -= alternative == "greater" ? 0.5 : alternative == "less" ? -0.5 : z > 0 ? 0.5 : z < 0 ? -0.5 : 0
            method += " with continuity correction"
        }
        z /= spread
        func tail(lower: Bool) throws -> Double {
            try r("pnorm", .number(z), named: ["lower.tail": .flag(lower)]).asDoubles()[0]
        }
        switch alternative {
        case "less": probability = try tail(lower: true)
        case "greater": probability = try tail(lower: false)
        default: probability = 2 * min(try tail(lower: true), try tail(lower: false))
        }
    }
    return TestParts.test([
        ("statistic", TestParts.named(statistic, y == nil ? "V" : "W")), ("parameter", .null),
        ("p.value", .number(probability ?? .nan)),
        ("null.value", TestParts.named(mu, y == nil && !isPaired ? "location" : "location shift")),
        ("alternative", .string(alternative)), ("method", .string(method)), ("data.name", .string(name)),
    ])
}

private func kruskalTest(_ args: Arguments) throws -> Value {
    let r = RCalls(args.context)
    let first = try args.forced("x")
    var name = TestParts.label(args, "x")
    var groups: [[Double]] = []
    if case .list(let list) = first, !first.inherits("data.frame") || !args.has("g") {
        guard list.count >= 2 else { throw WorkbenchError(.value, "'x' must be a list with at least 2 elements") }
        groups = try list.elements.map { try $0.asDoubles().elements }
    } else {
        let (numbers, grouping): ([Double], Value)
        if case .call(let formula) = first, formula.name?.name == "~" {
            let data = !args["data"].isNull ? args["data"] : args.has("g") ? try args.forced("g") : .null
            let terms = try formulaTerms(first, data: data, args)
            let frame = try ModelFrame(terms, Array(terms.labels.indices), data: data, args)
            guard terms.hasResponse, frame.columns.count == 2 else {
                throw WorkbenchError(.value, "'formula' missing or incorrect")
            }
            (numbers, grouping) = (try frame.columns[0].asDoubles().elements, frame.columns[1])
            name = terms.labels[0] + " by " + terms.labels[1]
        } else {
            (numbers, grouping) = (try TestParts.sample(args, "x"), try args.forced("g"))
            name += " and " + TestParts.label(args, "g")
        }
        let (levels, codes) = try levelsAndCodes(grouping)
        guard codes.count == numbers.count else {
            throw WorkbenchError(.value, "'x' and 'g' must have the same length")
        }
        groups = levels.indices.map { level in zip(numbers, codes).filter { $0.1 == level }.map { $0.0 } }
    }
    groups = groups.map { $0.filter { !$0.isNaN } }.filter { !$0.isEmpty }
    guard groups.count >= 2 else { throw WorkbenchError(.value, "all observations are in the same group") }
    let all = try ranks(groups.flatMap { $0 }, r)
    let n = Double(all.count)
    var place = 0
    var sum = 0.0
    for group in groups {
        let own = all[place..<(place + group.count)].reduce(0, +)
        sum += own * own / Double(group.count)
        place += group.count
    }
    let statistic = (12 * sum / (n * (n + 1)) - 3 * (n + 1)) / (1 - ties(all) / (n * n * n - n))
    let df = Double(groups.count - 1)
    let p = try r("pchisq", .number(statistic), .number(df), named: ["lower.tail": false])
    return TestParts.test([
        ("statistic", TestParts.named(statistic, "Kruskal-Wallis chi-squared")),
        ("parameter", TestParts.named(df, "df")),
        ("p.value", .number(try p.asDoubles()[0])), ("method", "Kruskal-Wallis rank sum test"),
        ("data.name", .string(name)),
    ])
}

private func varianceTest(_ args: Arguments) throws -> Value {
    let r = RCalls(args.context)
    let alternative = try TestParts.alternative(args)
    let level = try TestParts.confidence(args)
    let ratio = try args.number("ratio")
    let (first, second, name) = try samples(args, "y")
    let x = first.filter { $0.isFinite }, y = (second ?? []).filter { $0.isFinite }
    guard x.count >= 2 else { throw WorkbenchError(.value, "not enough 'x' observations") }
    guard y.count >= 2 else { throw WorkbenchError(.value, "not enough 'y' observations") }
    let (a, b) = (Double(x.count - 1), Double(y.count - 1))
    let estimate = TestParts.variance(x) / TestParts.variance(y)
    let statistic = estimate / ratio
    let below = try r("pf", .number(statistic), .number(a), .number(b)).asDoubles()[0]
    func quantile(_ p: Double) throws -> Double {
        try r("qf", .number(p), .number(a), .number(b)).asDoubles()[0]
    }
    let p: Double, limits: [Double]
    switch alternative {
    case "less": (p, limits) = (below, [0, estimate / (try quantile(1 - level))])
    case "greater": (p, limits) = (1 - below, [estimate / (try quantile(level)), .infinity])
    default:
        let tail = (1 - level) / 2
        (p, limits) = (
            2 * min(below, 1 - below), [estimate / (try quantile(1 - tail)), estimate / (try quantile(tail))]
        )
    }
    return TestParts.test([
        ("statistic", TestParts.named(statistic, "F")),
        ("parameter", Value.numbers([a, b]).withNames(["num df", "denom df"])), ("p.value", .number(p)),
        ("conf.int", TestParts.interval(limits, level)), ("estimate", TestParts.named(estimate, "ratio of variances")),
        ("null.value", TestParts.named(ratio, "ratio of variances")), ("alternative", .string(alternative)),
        ("method", "F test to compare two variances"), ("data.name", .string(name)),
    ])
}
