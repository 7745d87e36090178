import BaseValues
import Diagnostics
import ModelValues
import RRuntime

/// `anova()` of one generalized linear model, term by term, or of several.
func registerDevianceAnalysis(_ stats: Namespace) {
    stats.method(
        "anova", for: "glm",
        [.value("object"), .dots, .value("dispersion", nil), .value("test", nil, help: "Chisq, LRT or F")],
        help: "Table of deviances"
    ) { args in
        var test = try args.optionalString("test")
        let others = args.dots.filter { $0.value.inherits("glm") }.map { $0.value }
        if let word = test {
            let known = ["Chisq", "LRT", "F"].first { $0.hasPrefix(word) }
            guard let known else {
                throw WorkbenchError(
                    .unsupported, "anova(test = \"\(word)\") is not supported", hint: "\"Chisq\", \"LRT\" or \"F\"")
            }
            test = known
        }
        let fits = [args[0]] + others
        let scale =
            try args["dispersion"].isNull
            ? dispersion(fits.min { residualDegrees($0) < residualDegrees($1) } ?? args[0], args.context)
            : args.number("dispersion")
        let table =
            others.isEmpty ? try DevianceTable(byTerm: args[0], args.context) : try DevianceTable(fits, args.context)
        return try table.asValue(test: test, scale: scale, args.context)
    }
}

private func residualDegrees(_ fit: Value) -> Double { fit.numbers("df.residual").first ?? .nan }

private struct DevianceTable {
    var rows: Value
    var degrees: [Double]
    var deviances: [Double]
    var heading: [String]
    /// Whether the rows are whole models, which then come first in the table.
    var comparesModels: Bool

    /// One model, its terms added one after the other.
    init(byTerm fit: Value, _ context: Context) throws {
        let family = try Family(fit.field("family") ?? .null, context)
        let assign = fit.numbers("effects").isEmpty ? [] : try columnsOf(fit, context).assign
        let labels =
            try fit.field("terms")?.attribute("term.labels")?.asCharacters().elements.map { $0?.string ?? "" } ?? []
        degrees = [fit.numbers("df.null").first ?? .nan]
        deviances = [fit.numbers("null.deviance").first ?? .nan]
        let (y, weights) = (fit.numbers("y"), fit.numbers("prior.weights"))
        var offset = fit.numbers("offset")
        if offset.count != y.count { offset = [Double](repeating: 0, count: y.count) }
        guard weights.count == y.count else {
            throw WorkbenchError(.value, "the fit has been changed: its parts do not go together")
        }
        let used = Double(weights.filter { $0 != 0 }.count)
        for term in labels.indices.dropLast() {
            let all = try columnsOf(fit, context).columns
            let columns = zip(all, assign).filter { $0.1 <= term + 1 }.map { $0.0 }
            guard columns.allSatisfy({ $0.count == y.count }) else {
                throw WorkbenchError(.value, "the fit has been changed: its parts do not go together")
            }
            let scoring = try Scoring(
                columns: columns, Responses(y: y, weights: weights, family), offset: offset, family,
                try ScoringControl(fit.field("control") ?? .null), context)
            degrees.append(used - Double(scoring.squares.rank))
            deviances.append(scoring.deviance)
        }
        if !labels.isEmpty {
            degrees.append(residualDegrees(fit))
            deviances.append(fit.numbers("deviance").first ?? .nan)
        }
        rows = .strings(["NULL"] + labels)
        var response = ""
        if case .call(let formula)? = fit.field("terms"), let left = formula.arguments.first {
            response = context.deparse(left.value).joined()
        }
        heading = [
            "Analysis of Deviance Table\n\nModel: \(family.kind.rawValue), link: \(family.link.rawValue)\n\n"
                + "Response: \(response)\n\nTerms added sequentially (first to last)\n\n"
        ]
        comparesModels = false
    }

    /// Several models.
    init(_ fits: [Value], _ context: Context) throws {
        degrees = fits.map(residualDegrees)
        deviances = fits.map { $0.numbers("deviance").first ?? .nan }
        let models = try fits.enumerated().map { place, fit -> String in
            guard case .call(let call) = try context.call("formula", [Argument(fit)]) else { return "" }
            let text = context.deparse(.call(Call(call.function, call.arguments))).joined(separator: "\n")
            return "Model \(place + 1): \(text)"
        }
        rows = automaticRowNames(fits.count)
        heading = ["Analysis of Deviance Table\n", models.joined(separator: "\n")]
        comparesModels = true
    }

    func asValue(test: String?, scale: Double, _ context: Context) throws -> Value {
        let r = RCalls(context)
        let steps = [Double.na] + zip(degrees, degrees.dropFirst()).map { $0 - $1 }
        let gains =
            [Double.na]
            + zip(deviances, deviances.dropFirst()).map {
                comparesModels ? $0 - $1 : max(0, $0 - $1)
            }
        let left: [(String, Value)] = [("Resid. Df", .numbers(degrees)), ("Resid. Dev", .numbers(deviances))]
        let right: [(String, Value)] = [("Df", .numbers(steps)), ("Deviance", .numbers(gains))]
        var columns = comparesModels ? left + right : right + left
        let sizes = Value.numbers(steps.map { abs($0) })
        if test == "F" {
            let f = zip(gains, steps).map { $1 == 0 ? Double.na : $0 / $1 / scale }
            let rest = degrees.min() ?? .nan
            columns.append(("F", .numbers(f)))
            columns.append(
                ("Pr(>F)", try r("pf", .numbers(f), sizes, .number(rest), named: ["lower.tail": false])))
        } else if test != nil {
            let values = zip(gains, steps).map { $1 == 0 ? Double.na : $0 / scale }
            columns.append(("Pr(>Chi)", try r("pchisq", .numbers(values), sizes, named: ["lower.tail": false])))
        }
        return Value.frame(columns, rowNames: rows).setting(Symbol.named("heading"), .strings(heading))
            .withClass("anova", "data.frame")
    }
}

/// The columns of a fit's matrix and the terms they belong to.
private func columnsOf(_ fit: Value, _ context: Context) throws -> (columns: [[Double]], assign: [Int]) {
    let matrix = try context.call("model.matrix", [Argument(fit)])
    guard let dim = matrix.dim, dim.count == 2 else { return ([], []) }
    let numbers = try matrix.asDoubles().elements
    let assign = try matrix.attribute("assign")?.asDoubles().elements.map { Int(exactly: $0) ?? 0 } ?? []
    return ((0..<dim[1]).map { Array(numbers[($0 * dim[0])..<(($0 + 1) * dim[0])]) }, assign)
}

extension Responses {
    /// Responses of a fit: shares of the weights for binomial ones.
    fileprivate init(y: [Double], weights: [Double], _ family: Family) {
        self.y = y
        self.weights = weights
        trials = [Double](repeating: 1, count: y.count)
        switch family.kind {
        case .binomial, .quasibinomial: start = zip(y, weights).map { ($0 * $1 + 0.5) / ($1 + 1) }
        case .poisson, .quasipoisson: start = y.map { $0 + 0.1 }
        default: start = y
        }
    }
}
