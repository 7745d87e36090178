import BaseValues
import Diagnostics
import ModelValues
import RRuntime

/// `binom.test()`, `prop.test()`.
func registerProportionTests(_ stats: Namespace) {
    stats.function(
        "binom.test",
        [
            .promise("x", help: "successes, or successes and failures"), .promise("n"), .value("p", 0.5),
            .value("alternative", "two.sided"), .value("conf.level", 0.95),
        ], help: "Exact test of a probability"
    ) { args in try binomialTest(args) }
    stats.function(
        "prop.test",
        [
            .promise("x"), .promise("n"), .promise("p"), .value("alternative", "two.sided"), .value("conf.level", 0.95),
            .value("correct", true),
        ], help: "Test of proportions, by chi-squared"
    ) { args in try proportionTest(args) }
}

private func binomialTest(_ args: Arguments) throws -> Value {
    let r = RCalls(args.context)
    let given = try TestParts.sample(args, "x")
    var name = TestParts.label(args, "x")
    let (x, n): (Double, Double)
    if given.count == 2 {
        (x, n) = (given[0], given[0] + given[1])
    } else {
        guard given.count == 1 else { throw WorkbenchError(.value, "'x' has incorrect length") }
        x = given[0]
        n = try TestParts.sample(args, "n").first ?? .nan
        name += " and " + TestParts.label(args, "n")
    }
    guard x >= 0, x == x.rounded(), n == n.rounded(), n >= 1, x <= n, n < 1e8 else {
        throw WorkbenchError(
            .value,
            x < 0 || x != x.rounded() ? "'x' must be nonnegative and integer" : "'n' must be a positive integer >= 'x'")
    }
    let p = try args.number("p")
    guard p >= 0, p <= 1 else { throw WorkbenchError(.value, "'p' must be a single number between 0 and 1") }
    let alternative = try TestParts.alternative(args)
    let level = try TestParts.confidence(args)
    func below(_ q: Double, lower: Bool = true) throws -> Double {
        try r("pbinom", .number(q), .number(n), .number(p), named: ["lower.tail": .flag(lower)]).asDoubles()[0]
    }
    func densities(_ from: Double, _ to: Double) throws -> [Double] {
        guard from <= to, let a = Int(exactly: from), let b = Int(exactly: to) else { return [] }
        return try r("dbinom", .numbers((a...b).map { Double($0) }), .number(n), .number(p)).asDoubles().elements
    }
    let probability: Double
    switch alternative {
    case "less": probability = try below(x)
    case "greater": probability = try below(x - 1, lower: false)
    default:
        let limit = try (densities(x, x).first ?? .nan) * (1 + 1e-7)
        let center = n * p
        if p == 0 || p == 1 {
            probability = x == n * p ? 1 : 0
        } else if x == center {
            probability = 1
        } else if x < center {
            let count = Double(try densities(center.rounded(.up), n).filter { $0 <= limit }.count)
            probability = try below(x) + below(n - count, lower: false)
        } else {
            let count = Double(try densities(0, center.rounded(.down)).filter { $0 <= limit }.count)
            probability = try below(count - 1) + below(x - 1, lower: false)
        }
    }
    func bound(_ tail: Double, upper: Bool) throws -> Double {
        if upper {
            return x == n ? 1 : try r("qbeta", .number(1 - tail), .number(x + 1), .number(n - x)).asDoubles()[0]
        }
        return x == 0 ? 0 : try r("qbeta", .number(tail), .number(x), .number(n - x + 1)).asDoubles()[0]
    }
    let limits: [Double]
    switch alternative {
    case "less": limits = [0, try bound(1 - level, upper: true)]
    case "greater": limits = [try bound(1 - level, upper: false), 1]
    default: limits = [try bound((1 - level) / 2, upper: false), try bound((1 - level) / 2, upper: true)]
    }
    return TestParts.test([
        ("statistic", TestParts.named(x, "number of successes")), ("parameter", TestParts.named(n, "number of trials")),
        ("p.value", .number(min(1, probability))), ("conf.int", TestParts.interval(limits, level)),
        ("estimate", TestParts.named(x / n, "probability of success")),
        ("null.value", TestParts.named(p, "probability of success")), ("alternative", .string(alternative)),
        ("method", "Exact binomial test"), ("data.name", .string(name)),
    ])
}

private func proportionTest(_ args: Arguments) throws -> Value {
    let r = RCalls(args.context)
    let context = args.context
    var name = TestParts.label(args, "x")
    var (x, n) = ([Double](), [Double]())
    let given = try args.forced("x")
    if let dim = given.dim, dim.count == 2, dim[1] == 2 {
        let all = try given.asDoubles().elements
        x = (0..<dim[0]).map { all[$0] }
        n = (0..<dim[0]).map { all[$0] + all[$0 + dim[0]] }
    } else {
        x = try TestParts.sample(args, "x")
        n = try TestParts.sample(args, "n")
        name += " out of " + TestParts.label(args, "n")
    }
    guard x.count == n.count, !x.isEmpty else { throw WorkbenchError(.value, "'x' and 'n' must have the same length") }
    guard n.allSatisfy({ $0 > 0 }) else { throw WorkbenchError(.value, "elements of 'n' must be positive") }
    guard x.allSatisfy({ $0 >= 0 }) else { throw WorkbenchError(.value, "elements of 'x' must be nonnegative") }
    guard zip(x, n).allSatisfy({ $0 <= $1 }) else {
        throw WorkbenchError(.value, "elements of 'x' must not be greater than those of 'n'")
    }
    let k = x.count
    var null: [Double]?
    if args.has("p"), case let value = try args.forced("p"), !value.isNull {
        let p = try value.asDoubles().elements
        guard p.count == k else { throw WorkbenchError(.value, "'p' must have the same length as 'x' and 'n'") }
        guard p.allSatisfy({ $0 > 0 && $0 < 1 }) else {
            throw WorkbenchError(.value, "elements of 'p' must be in (0,1)")
        }
        null = p
        name += ", null \(k == 1 ? "probability" : "probabilities") " + TestParts.label(args, "p")
    } else if k == 1 {
        null = [0.5]
        name += ", null probability 0.5"
    }
    let isGiven = null != nil
    let alternative = k > 2 || (k == 2 && isGiven) ? "two.sided" : try TestParts.alternative(args)
    let level = try TestParts.confidence(args)
    let shares = zip(x, n).map { $0 / $1 }
    var correction = try args.flag("correct") && k <= 2 ? 0.5 : 0
    let z = try r("qnorm", .number(alternative == "two.sided" ? (1 + level) / 2 : level)).asDoubles()[0]
    var limits: [Double]?
    if k == 1 {
        correction = min(correction, abs(x[0] - n[0] * (null?[0] ?? 0.5)))
        limits = scoreLimits(shares[0], n[0], z, correction / n[0], alternative)
    } else if k == 2, !isGiven {
        let inverse = 1 / n[0] + 1 / n[1]
        let difference = shares[0] - shares[1]
        correction = min(correction, abs(difference) / inverse)
        let spread = (0..<2).reduce(0) { $0 + shares[$1] * (1 - shares[$1]) / n[$1] }.squareRoot()
        let width = z * spread + correction * inverse
        limits = [
            alternative == "less" ? -1 : max(difference - width, -1),
            alternative == "greater" ? 1 : min(difference + width, 1),
        ]
    }
    let method =
        (k == 1
            ? "1-sample proportions test"
            : "\(k)-sample test for \(isGiven ? "given" : "equality of") proportions")
        + (correction > 0 ? " with" : " without") + " continuity correction"
    let p = null ?? [Double](repeating: x.reduce(0, +) / n.reduce(0, +), count: k)
    var statistic = 0.0
    var isRough = false
    for i in 0..<k {
        for (count, expected) in [(x[i], n[i] * p[i]), (n[i] - x[i], n[i] * (1 - p[i]))] {
            if expected < 5 { isRough = true }
            let gap = abs(count - expected) - correction
            statistic += gap * gap / expected
        }
    }
    if isRough { try context.warn("Chi-squared approximation may be incorrect", call: args.call) }
    let df = Double(isGiven ? k : k - 1)
    let probability: Value
    if alternative == "two.sided" {
        probability = try r("pchisq", .number(statistic), .number(df), named: ["lower.tail": false])
    } else {
        let side = k == 1 ? shares[0] - p[0] : shares[0] - shares[1]
        let signed = (side < 0 ? -1.0 : side > 0 ? 1 : 0) * statistic.squareRoot()
        probability = try r("pnorm", .number(signed), named: ["lower.tail": .flag(alternative == "less")])
    }
    let heads = k == 1 ? ["p"] : (1...k).map { "prop \($0)" }
    return TestParts.test([
        ("statistic", TestParts.named(statistic, "X-squared")), ("parameter", TestParts.named(df, "df")),
        ("p.value", .number(min(1, try probability.asDoubles()[0]))),
        ("estimate", Value.numbers(shares).withNames(heads)),
        ("null.value", null.map { Value.numbers($0).withNames(k == 1 ? ["p"] : (1...k).map { "p \($0)" }) }),
        ("conf.int", limits.map { TestParts.interval($0, level) }), ("alternative", .string(alternative)),
        ("method", .string(method)), ("data.name", .string(name)),
    ])
}

/// Wilson's limits of a proportion.
private func scoreLimits(
    _ share: Double, _ n: Double, _ z: Double, _ correction: Double, _ alternative: String
) -> [Double] {
    let half = z * z / (2 * n)
    func limit(_ center: Double, _ sign: Double) -> Double {
        (center + half + sign * z * (center * (1 - center) / n + half / (2 * n)).squareRoot()) / (1 + 2 * half)
    }
    let (high, low) = (share + correction, share - correction)
    let upper = high >= 1 ? 1 : limit(high, 1), lower = low <= 0 ? 0 : limit(low, -1)
    return [alternative == "less" ? 0 : max(lower, 0), alternative == "greater" ? 1 : min(upper, 1)]
}
