import BaseValues
import Glibc
import RRuntime

/// `summary()` of a table of counts: how many cases, and for several factors the test that they are independent.
func registerTableSummary(_ base: Namespace, _ parameters: [Parameter]) {
    base.method("summary", for: "table", parameters) { args in
        let counts = try args[0].asDoubles().elements
        let dim = args[0].dim ?? [counts.count]
        let cases = counts.reduce(0, +)
        var fields: [(String, Value)] = [("n.vars", .int(dim.count)), ("n.cases", .number(cases))]
        if dim.count > 1 {
            let expected = expectedCounts(counts, dim, cases)
            let statistic = zip(counts, expected).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) / $1.1 }
            let freedom = dim.reduce(1, *) - 1 - dim.reduce(0) { $0 + $1 - 1 }
            let p = try args.context.call(
                "pchisq",
                [
                    Argument(.number(statistic)), Argument(.number(Double(freedom))),
                    Argument(false, name: "lower.tail"),
                ])
            fields += [
                ("statistic", .number(statistic)), ("parameter", .number(Double(freedom))),
                ("approx.ok", .flag(expected.allSatisfy { $0 >= 5 })), ("p.value", p),
            ]
        }
        return Value.named(fields + [("call", args[0].attribute("call") ?? .null)]).withClass("summary.table")
    }
    base.method("print", for: "summary.table", [.value("x"), .value("digits"), .dots], visible: false) { args in
        let context = args.context
        func field(_ name: String) throws -> Value {
            try context.call("[[", [Argument(args[0].setting(Symbol.classAttribute, nil)), Argument(.string(name))])
        }
        func text(_ value: Value, _ options: [Argument] = []) throws -> String {
            try context.call("format", [Argument(value)] + options).asCharacters().elements.first??.string ?? ""
        }
        let digits = args.has("digits") ? try args.int("digits") : max(1, context.options.int("digits", 7) - 3)
        var lines = "Number of cases in table: \(try text(try field("n.cases"))) \n"
        lines += "Number of factors: \(try text(try field("n.vars"))) \n"
        if let vars = try field("n.vars").asIntegers().elements.first, (vars ?? 0) > 1 {
            let statistic = try field("statistic").asDoubles().elements.first ?? .nan
            let shown = try context.call(
                "round",
                [
                    Argument(.number(statistic)),
                    Argument(.number(max(0, Double(digits) - log10(max(statistic, 1e-300))))),
                ])
            lines += "Test for independence of all factors:\n\tChisq = \(try text(shown)), df = "
            lines += "\(try text(try field("parameter"))), p-value = "
            lines += try text(try field("p.value"), [Argument(.int(digits), name: "digits")]) + "\n"
            if try field("approx.ok").asLogicals().elements.first == false {
                lines += "\tChi-squared approximation may be incorrect\n"
            }
        }
        context.console.write(lines)
        return args[0]
    }
}

/// Counts to expect if the factors had nothing to do with each other: products of the shares in each margin.
private func expectedCounts(_ counts: [Double], _ dim: [Int], _ cases: Double) -> [Double] {
    var expected = [Double](repeating: cases, count: counts.count)
    var step = 1
    for size in dim {
        guard size > 0 else { return expected }
        var margin = [Double](repeating: 0, count: size)
        for (place, count) in counts.enumerated() { margin[place / step % size] += count }
        for place in expected.indices { expected[place] *= margin[place / step % size] / cases }
        step *= size
    }
    return expected
}
