import BaseValues
import Diagnostics
import Glibc
import ModelValues
import RRuntime

/// `t.test()`, `cor.test()`, `chisq.test()`, and how such results print.
func registerHypothesisTests(_ stats: Namespace) {
    stats.function(
        "t.test",
        [
            .promise("x"), .promise("y"), .value("alternative", "two.sided"), .value("mu", 0), .value("paired", false),
            .value("var.equal", false), .value("conf.level", 0.95), .value("formula"), .value("data", nil), .dots,
        ], help: "Student's t-test of one or two means"
    ) { args in try tTest(args) }
    stats.function(
        "cor.test",
        [
            .promise("x"), .promise("y"), .value("alternative", "two.sided"), .value("method", "pearson"),
            .value("conf.level", 0.95), .dots,
        ], help: "Test of a correlation"
    ) { args in try correlationTest(args) }
    stats.function(
        "chisq.test",
        [.promise("x"), .promise("y"), .value("correct", true), .value("p"), .dots],
        help: "Pearson's chi-squared test of a table or of counts"
    ) { args in try chiSquaredTest(args) }
    stats.method("print", for: "htest", [.value("x"), .value("digits"), .dots], visible: false) { args in
        try printTest(
            args[0], digits: args.has("digits") ? args.int("digits") : args.context.options.int("digits", 7),
            args.context)
        return args[0]
    }
}

// MARK: Tests

private func tTest(_ args: Arguments) throws -> Value {
    let alternative = try TestParts.alternative(args)
    let level = try TestParts.confidence(args)
    let mu = try args.number("mu")
    let r = RCalls(args.context)
    var first = args.has("x") ? try args.forced("x") : .null
    if args.has("formula") { first = args["formula"] }
    var names = ["x", "y"]
    var dataName: String
    var isGrouped = false
    var x: [Double]
    var y: [Double]?
    if case .call(let formula) = first, formula.name?.name == "~" {
        // The data may stand where y would.
        let data =
            args.has("data") && !args["data"].isNull ? args["data"] : args.has("y") ? try args.forced("y") : .null
        let terms = try formulaTerms(first, data: data, args)
        let frame = try ModelFrame(terms, Array(terms.labels.indices), data: data, args)
        guard terms.hasResponse, frame.columns.count <= 2, let response = frame.columns.first else {
            throw WorkbenchError(.value, "'formula' missing or incorrect")
        }
        let numbers = try response.asDoubles().elements
        dataName = terms.labels[0]
        if frame.columns.count == 2 {
            let (levels, codes) = try levelsAndCodes(frame.columns[1])
            let used = levels.indices.filter { codes.contains($0) }
            guard used.count == 2 else {
                throw WorkbenchError(.value, "grouping factor must have exactly 2 levels")
            }
            x = zip(numbers, codes).filter { $0.1 == used[0] }.map { $0.0 }
            y = zip(numbers, codes).filter { $0.1 == used[1] }.map { $0.0 }
            names = used.map { levels[$0] }
            dataName += " by " + terms.labels[1]
            isGrouped = true
        } else {
            x = numbers
        }
    } else {
        x = try TestParts.sample(args, "x")
        dataName = TestParts.label(args, "x")
        if args.has("y"), case let second = try args.forced("y"), !second.isNull {
            y = try TestParts.sample(args, "y")
            dataName += " and " + TestParts.label(args, "y")
        }
    }
    let isPaired = try args.flag("paired")
    var method: String
    let estimate: Value
    let t: Double
    let error: Double
    let df: Double
    var nullName = "mean"
    if let second = y, !isPaired {
        x = x.filter { !$0.isNaN }
        let z = second.filter { !$0.isNaN }
        let (n, m) = (Double(x.count), Double(z.count))
        guard n >= 2 else { throw WorkbenchError(.value, "not enough 'x' observations") }
        guard m >= 2 else { throw WorkbenchError(.value, "not enough 'y' observations") }
        if try args.flag("var.equal") {
            method = " Two Sample t-test"
            df = n + m - 2
            let pooled = ((n - 1) * TestParts.variance(x) + (m - 1) * TestParts.variance(z)) / df
            error = (pooled * (1 / n + 1 / m)).squareRoot()
        } else {
            method = "Welch Two Sample t-test"
            let (a, b) = (TestParts.variance(x) / n, TestParts.variance(z) / m)
            error = (a + b).squareRoot()
            df = (a + b) * (a + b) / (a * a / (n - 1) + b * b / (m - 1))
        }
        let means = [TestParts.mean(x), TestParts.mean(z)]
        t = (means[0] - means[1] - mu) / error
        try refuseConstants(error, means)
        estimate = Value.numbers(means).withNames(names.map { isGrouped ? "mean in group \($0)" : "mean of \($0)" })
        nullName = "difference in means" + (isGrouped ? " between group \(names[0]) and group \(names[1])" : "")
    } else {
        method = "One Sample t-test"
        var head = "mean of x"
        if let second = y {
            guard second.count == x.count else {
                throw WorkbenchError(
                    .value,
                    "complete data of both samples are needed: \(x.count) and \(second.count) numbers are no pairs")
            }
            x = zip(x, second).map { $0 - $1 }
            method = "Paired t-test"
            head = "mean difference"
            nullName = "mean difference"
        }
        x = x.filter { !$0.isNaN }
        guard x.count >= 2 else { throw WorkbenchError(.value, "not enough '\(y == nil ? "x" : "x")' observations") }
        df = Double(x.count - 1)
        error = (TestParts.variance(x) / Double(x.count)).squareRoot()
        try refuseConstants(error, [TestParts.mean(x)])
        t = (TestParts.mean(x) - mu) / error
        estimate = TestParts.named(TestParts.mean(x), head)
    }
    let (p, limits) = try TestParts.tails(t, df, alternative, level, r)
    return TestParts.test([
        ("statistic", TestParts.named(t, "t")), ("parameter", TestParts.named(df, "df")), ("p.value", .number(p)),
        ("conf.int", TestParts.interval(limits.map { mu + $0 * error }, level)), ("estimate", estimate),
        ("null.value", TestParts.named(mu, nullName)), ("stderr", .number(error)),
        ("alternative", .string(alternative)),
        ("method", .string(method)), ("data.name", .string(dataName)),
    ])
}

private func refuseConstants(_ error: Double, _ means: [Double]) throws {
    guard error >= 10 * Double.ulpOfOne * (means.map { abs($0) }.max() ?? 0) else {
        throw WorkbenchError(.value, "data are essentially constant")
    }
}

private func correlationTest(_ args: Arguments) throws -> Value {
    guard try args.string("method") == "pearson" else {
        throw WorkbenchError(
            .unsupported, "cor.test(method = \"\(try args.string("method"))\") is not supported", hint: "\"pearson\"")
    }
    let alternative = try TestParts.alternative(args)
    let level = try TestParts.confidence(args)
    let all = (try TestParts.sample(args, "x"), try TestParts.sample(args, "y"))
    guard all.0.count == all.1.count else { throw WorkbenchError(.value, "'x' and 'y' must have the same length") }
    let pairs = zip(all.0, all.1).filter { !$0.0.isNaN && !$0.1.isNaN }
    guard pairs.count >= 3 else { throw WorkbenchError(.value, "not enough finite observations") }
    let r = RCalls(args.context)
    let (x, y) = (pairs.map { $0.0 }, pairs.map { $0.1 })
    let correlation = try r("cor", .numbers(x), .numbers(y)).asDoubles().elements.first ?? .nan
    let df = Double(x.count - 2)
    let t = df.squareRoot() * correlation / (1 - correlation * correlation).squareRoot()
    let p = try TestParts.tails(t, df, alternative, level, r).p
    var limits: Value?
    if x.count > 3 {
        let z = atanh(correlation), width = 1 / Double(x.count - 3).squareRoot()
        func quantile(_ p: Double) throws -> Double { try r("qnorm", .number(p)).asDoubles().elements.first ?? .nan }
        let ends: [Double]
        switch alternative {
        case "less": ends = [-1, tanh(z + width * (try quantile(level)))]
        case "greater": ends = [tanh(z - width * (try quantile(level))), 1]
        default: ends = try [-1.0, 1].map { tanh(z + $0 * width * (try quantile((1 + level) / 2))) }
        }
        limits = TestParts.interval(ends, level)
    }
    return TestParts.test([
        ("statistic", TestParts.named(t, "t")), ("parameter", TestParts.named(df, "df").setting(Symbol.names, "df")),
        ("p.value", .number(p)),
        ("estimate", TestParts.named(correlation, "cor")), ("null.value", TestParts.named(0, "correlation")),
        ("alternative", .string(alternative)), ("method", "Pearson's product-moment correlation"),
        ("data.name", .string(TestParts.label(args, "x") + " and " + TestParts.label(args, "y"))), ("conf.int", limits),
    ])
}

private func chiSquaredTest(_ args: Arguments) throws -> Value {
    let context = args.context
    let r = RCalls(context)
    var x = try args.forced("x")
    var name = TestParts.label(args, "x")
    if args.has("y"), x.dim?.count != 2 {
        name += " and " + TestParts.label(args, "y")
        x = try context.call("table", [Argument(x), Argument(try args.forced("y"))])
    }
    if x.inherits("data.frame") { x = try r("as.matrix", x) }
    let counts = try x.asDoubles().elements
    guard counts.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
        throw WorkbenchError(.value, "all entries of 'x' must be nonnegative and finite")
    }
    let total = counts.reduce(0, +)
    guard total > 0 else { throw WorkbenchError(.value, "at least one entry of 'x' must be positive") }
    var expected: [Double]
    let df: Double
    var method: String
    var correction = 0.0
    if let dim = x.dim, dim.count == 2, dim.min() ?? 0 > 1 {
        let (rows, columns) = (dim[0], dim[1])
        let rowSums = (0..<rows).map { row in (0..<columns).reduce(0) { $0 + counts[row + $1 * rows] } }
        let columnSums = (0..<columns).map { column in counts[(column * rows)..<((column + 1) * rows)].reduce(0, +) }
        expected = columnSums.flatMap { column in rowSums.map { $0 * column / total } }
        df = Double((rows - 1) * (columns - 1))
        method = "Pearson's Chi-squared test"
        if try args.flag("correct"), rows == 2, columns == 2 {
            correction = min(0.5, zip(counts, expected).map { abs($0 - $1) }.min() ?? 0)
            method += " with Yates' continuity correction"
        }
    } else {
        guard counts.count > 1 else { throw WorkbenchError(.value, "'x' must at least have 2 elements") }
        var p = [Double](repeating: 1 / Double(counts.count), count: counts.count)
        if args.has("p") { p = try args["p"].asDoubles().elements }
        guard p.count == counts.count else {
            throw WorkbenchError(.value, "'x' and 'p' must have the same number of elements")
        }
        guard abs(p.reduce(0, +) - 1) < 1e-8 else { throw WorkbenchError(.value, "probabilities must sum to 1.") }
        expected = p.map { $0 * total }
        df = Double(counts.count - 1)
        method = "Chi-squared test for given probabilities"
    }
    let statistic = zip(counts, expected).reduce(0) { sum, pair in
        let gap = abs(pair.0 - pair.1) - correction
        return sum + gap * gap / pair.1
    }
    if expected.contains(where: { $0 < 5 }) {
        try context.warn("Chi-squared approximation may be incorrect", call: args.call)
    }
    let p = try r("pchisq", .number(statistic), .number(df), named: ["lower.tail": false])
    func shaped(_ numbers: [Double]) -> Value {
        var value = Value.numbers(numbers)
        for name in [Symbol.dim, Symbol.dimnames, Symbol.names] { value = value.setting(name, x.attribute(name)) }
        return value
    }
    return TestParts.test([
        ("statistic", TestParts.named(statistic, "X-squared")), ("parameter", TestParts.named(df, "df")),
        ("p.value", .numbers(try p.asDoubles().elements)),
        ("method", .string(method)), ("data.name", .string(name)), ("observed", x), ("expected", shaped(expected)),
        ("residuals", shaped(zip(counts, expected).map { ($0 - $1) / $1.squareRoot() })),
    ])
}
