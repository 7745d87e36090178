import BaseValues
import Diagnostics
import ModelValues
import RRuntime

/// What tests of hypotheses have in common.
enum TestParts {
    /// "two.sided", "less" or "greater", also abbreviated.
    static func alternative(_ args: Arguments) throws -> String {
        let word = try args.string("alternative")
        guard let full = ["two.sided", "less", "greater"].first(where: { $0.hasPrefix(word) }) else {
            throw WorkbenchError(.value, "'arg' should be one of ‘two.sided’, ‘less’, ‘greater’")
        }
        return full
    }

    static func confidence(_ args: Arguments) throws -> Double {
        let level = try args.number("conf.level")
        guard level > 0, level < 1 else {
            throw WorkbenchError(.value, "'conf.level' must be a single number between 0 and 1")
        }
        return level
    }

    static func label(_ args: Arguments, _ name: String) -> String {
        args.context.deparse(args.expression(name)).joined(separator: " ")
    }

    static func sample(_ args: Arguments, _ name: String) throws -> [Double] {
        let value = try args.forced(name)
        guard value.isNumeric || value.typeName == "logical" else {
            throw WorkbenchError(.type, "'\(name)' must be a numeric vector")
        }
        return try value.asDoubles().elements
    }

    static func mean(_ x: [Double]) -> Double { x.reduce(0, +) / Double(x.count) }

    static func variance(_ x: [Double]) -> Double {
        let m = mean(x)
        return x.reduce(0) { $0 + ($1 - m) * ($1 - m) } / Double(x.count - 1)
    }

    /// The p value of a t statistic and the two limits, in units of the standard error, around it.
    static func tails(
        _ t: Double, _ df: Double, _ alternative: String, _ level: Double, _ r: RCalls
    ) throws -> (p: Double, limits: [Double]) {
        func number(_ name: String, _ x: Double, lower: Bool = true) throws -> Double {
            try r(name, .number(x), .number(df), named: ["lower.tail": .flag(lower)]).asDoubles().elements.first ?? .nan
        }
        switch alternative {
        case "less": return (try number("pt", t), [-.infinity, t + (try number("qt", level))])
        case "greater": return (try number("pt", t, lower: false), [t - (try number("qt", level)), .infinity])
        default:
            let width = try number("qt", 1 - (1 - level) / 2)
            return (2 * (try number("pt", -abs(t))), [t - width, t + width])
        }
    }

    static func test(_ fields: [(String, Value?)]) -> Value {
        Value.named(fields.compactMap { name, value in value.map { (name, $0) } }).withClass("htest")
    }

    static func named(_ number: Double, _ name: String) -> Value { Value.number(number).withNames([name]) }

    static func interval(_ limits: [Double], _ level: Double) -> Value {
        Value.numbers(limits).setting(Symbol.named("conf.level"), .number(level))
    }
}
