import BaseValues
import Diagnostics
import ModelValues
import RRuntime

/// `summary()` of a generalized linear model, and its printing.
func registerGeneralizedSummary(_ stats: Namespace) {
    stats.method(
        "summary", for: "glm",
        [
            .value("object"), .value("dispersion", nil), .value("correlation", false), .value("symbolic.cor", false),
            .dots,
        ],
        help: "Estimates with errors, deviances, AIC"
    ) { args in try summary(args) }
    stats.method(
        "print", for: "summary.glm",
        [.value("x"), .value("digits"), .value("symbolic.cor"), .value("signif.stars"), .dots], visible: false
    ) { args in
        try printSummary(args)
        return args[0]
    }
}

/// The dispersion of a fit: 1, or Pearson's statistic over its degrees of freedom.
func dispersion(_ fit: Value, _ context: Context) throws -> Double {
    if let family = try? Family(fit.field("family") ?? .null, context), family.kind.hasFixedDispersion { return 1 }
    let degrees = fit.numbers("df.residual").first ?? 0
    guard degrees > 0 else { return .nan }
    return zip(fit.numbers("residuals"), fit.numbers("weights")).reduce(0) {
        $1.1 > 0 ? $0 + $1.1 * $1.0 * $1.0 : $0
    } / degrees
}

private func summary(_ args: Arguments) throws -> Value {
    let fit = args[0]
    let context = args.context
    let parts = try FitParts(fit)
    let r = RCalls(context)
    let family = try? Family(fit.field("family") ?? .null, context)
    let isGiven = !args["dispersion"].isNull
    let scale = isGiven ? try args.number("dispersion") : try dispersion(fit, context)
    let isKnown = isGiven || (family?.kind.hasFixedDispersion ?? false)
    let order = parts.places.indices.ordered { parts.places[$0] < parts.places[$1] }
    let known = order.map { parts.places[$0] }
    let names = known.map { parts.names[$0] }
    let estimates = fit.numbers("coefficients")
    let values = known.map { estimates[$0] }
    let errors = order.map { (scale * parts.inverse[$0][$0]).squareRoot() }
    let t = zip(values, errors).map { $0 / $1 }
    let sizes = Value.numbers(t.map { -abs($0) })
    let tails =
        isKnown
        ? try r("pnorm", sizes)
        : parts.residualDegrees > 0
            ? try r("pt", sizes, .number(parts.residualDegrees)) : .numbers(t.map { _ in .nan })
    let p = try tails.asDoubles().elements.map { 2 * $0 }
    let heads = ["Estimate", "Std. Error"] + (isKnown ? ["z value", "Pr(>|z|)"] : ["t value", "Pr(>|t|)"])
    let rank = names.count
    let covariance = order.flatMap { column in order.map { parts.inverse[$0][column] } }
    var fields: [(String, Value)] = []
    for name in [
        "call", "terms", "family", "deviance", "aic", "contrasts", "df.residual", "null.deviance", "df.null", "iter",
        "na.action",
    ] {
        if let value = fit.field(name), !value.isNull || name == "contrasts" {
            if !value.isNull { fields.append((name, value)) }
        }
    }
    let residuals = try context.call("residuals", [Argument(fit), Argument("deviance", name: "type")])
    fields += [
        ("deviance.resid", residuals),
        ("coefficients", .matrix(values + errors + t + p, rank, 4, names: [names, heads])),
        ("aliased", Value.logical(Vector(estimates.map { $0.isNA })).withNames(parts.names)),
        ("dispersion", .number(scale)),
        ("df", .ints([rank, Int(exactly: parts.residualDegrees) ?? 0, parts.names.count])),
        ("cov.unscaled", .matrix(covariance, rank, rank, names: [names, names])),
        ("cov.scaled", .matrix(covariance.map { $0 * scale }, rank, rank, names: [names, names])),
    ]
    return Value.named(fields).withClass("summary.glm")
}

private func printSummary(_ args: Arguments) throws {
    let x = args[0]
    let context = args.context
    let console = context.console
    let r = RCalls(context)
    let digits = try summaryDigits(args)
    let df = x.numbers("df")
    guard df.count == 3, let residuals = x.field("deviance.resid") else {
        throw WorkbenchError(.value, "this is no summary of a generalized linear model")
    }
    func number(_ name: String) -> Double { x.numbers(name).first ?? .nan }
    console.write(callText(x, context))
    console.write("Deviance Residuals: \n")
    var shown = residuals
    if number("df.residual") > 5 {
        let quartiles = try r("quantile", residuals, named: ["na.rm": true])
        shown = Value.numbers(try quartiles.asDoubles().elements).withNames(["Min", "1Q", "Median", "3Q", "Max"])
    }
    _ = try r(
        "print.default", r("zapsmall", shown, .int(digits + 1)),
        named: ["digits": .int(digits), "na.print": "", "print.gap": .int(2)])
    let aliased = try x.field("aliased")?.asLogicals().elements.map { $0 ?? true } ?? []
    if aliased.isEmpty {
        console.write("\nNo Coefficients\n")
    } else {
        let singular = Int(exactly: df[2] - df[0]) ?? 0
        console.write(
            singular > 0
                ? "\nCoefficients: (\(singular) not defined because of singularities)\n" : "\nCoefficients:\n")
        try printEstimates(x, aliased, digits, args)
    }
    let family = try x.field("family")?.field("family")?.asCharacters().elements.first??.string ?? ""
    console.write(
        "\n(Dispersion parameter for \(family) family taken to be \(try r.format([number("dispersion")], digits: context.options.int("digits", 7)).joined()))\n\n"
    )
    let deviances = try r.format([number("null.deviance"), number("deviance")], digits: max(5, digits + 1))
    let degrees = try r.format([number("df.null"), number("df.residual")], digits: 7)
    for (place, label) in ["    Null", "Residual"].enumerated() {
        console.write("\(label) deviance: \(deviances[place])  on \(degrees[place])  degrees of freedom\n")
    }
    if let note = omissionNote(x) { console.write("  (\(note))\n") }
    console.write(
        "AIC: \(try r.format([number("aic")], digits: max(4, digits + 1)).joined())\n\nNumber of Fisher Scoring iterations: \(numberText(number("iter")))\n\n"
    )
}

/// The table, with a row of NA for each coefficient that depends on others.
private func printEstimates(_ x: Value, _ aliased: [Bool], _ digits: Int, _ args: Arguments) throws {
    guard let table = x.field("coefficients"), let dim = table.dim, dim.count == 2, dim[1] == 4 else {
        throw WorkbenchError(.value, "this is no summary of a generalized linear model")
    }
    let numbers = try table.asDoubles().elements
    var columns = [[Double]](repeating: [], count: 4)
    var next = 0
    for isAliased in aliased {
        for column in 0..<4 {
            columns[column].append(isAliased || next >= dim[0] ? .na : numbers[column * dim[0] + next])
        }
        if !isAliased { next += 1 }
    }
    var coefficients = CoefficientTable(
        columns: columns, rowNames: x.field("aliased")?.nameStrings ?? [], columnNames: table.matrixColumnNames,
        digits: digits)
    coefficients.estimates = [0, 1]
    coefficients.statistics = [2]
    if args.has("signif.stars") { coefficients.stars = try args.flag("signif.stars") }
    try coefficients.print(args.context)
}
