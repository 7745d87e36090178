import BaseValues
import Diagnostics
import ModelValues
import RRuntime

/// `summary()` of a linear model, and its printing.
func registerLinearSummary(_ stats: Namespace) {
    stats.method("summary", for: "lm", [.value("object"), .dots], help: "Estimates with errors, R², F") { args in
        try summary(args[0], args.context)
    }
    stats.method(
        "print", for: "summary.lm",
        [.value("x"), .value("digits"), .value("symbolic.cor"), .value("signif.stars"), .dots], visible: false
    ) { args in
        try printSummary(args)
        return args[0]
    }
}

private func summary(_ fit: Value, _ context: Context) throws -> Value {
    let parts = try FitParts(fit)
    let r = RCalls(context)
    let estimates = fit.numbers("coefficients")
    // In the order of the coefficients.
    let order = parts.places.indices.ordered { parts.places[$0] < parts.places[$1] }
    let known = order.map { parts.places[$0] }
    let errors = known.map { parts.standardErrors[$0] ?? .na }
    let values = known.map { estimates[$0] }
    let t = zip(values, errors).map { $0 / $1 }
    let p = try r(
        "pt", .numbers(t.map { abs($0) }), .number(parts.residualDegrees), named: ["lower.tail": false]
    ).asDoubles().elements.map { 2 * $0 }
    let names = known.map { parts.names[$0] }
    let residuals = Value.numbers(parts.weightedResiduals).withNames(parts.rows)
    var fields: [(String, Value)] = [("call", fit.field("call") ?? .null), ("terms", fit.field("terms") ?? .null)]
    if let weights = fit.field("weights") { fields.append(("weights", weights)) }
    let rank = parts.places.count
    fields += [
        ("residuals", residuals),
        (
            "coefficients",
            .matrix(
                values + errors + t + p, names.count, 4,
                names: [names, ["Estimate", "Std. Error", "t value", "Pr(>|t|)"]]
            )
        ),
        (
            "aliased",
            Value.logical(Vector(estimates.map { $0.isNA })).withNames(parts.names)
        ),
        ("sigma", .number(parts.sigma)),
        (
            "df",
            .ints([rank, Int(exactly: parts.residualDegrees) ?? 0, parts.names.count])
        ),
    ]
    let hasIntercept = (try? fit.field("terms")?.attribute("intercept")?.asDoubles().elements.first) == 1
    let constants = hasIntercept ? 1 : 0
    if rank > constants {
        let fitted = fit.numbers("fitted.values")
        let weights = fit.field("weights") == nil ? [Double](repeating: 1, count: fitted.count) : fit.numbers("weights")
        let total = weights.reduce(0, +)
        let center = hasIntercept ? zip(fitted, weights).reduce(0) { $0 + $1.0 * $1.1 } / total : 0
        let explained = zip(fitted, weights).reduce(0) { $0 + $1.1 * ($1.0 - center) * ($1.0 - center) }
        let left = residualSum(fit)
        let square = explained / (explained + left)
        let rows = Double(weights.filter { $0 > 0 }.count)
        let numerator = Double(rank - constants)
        fields += [
            ("r.squared", .number(square)),
            (
                "adj.r.squared",
                .number(1 - (1 - square) * ((rows - Double(constants)) / parts.residualDegrees))
            ),
            (
                "fstatistic",
                Value.numbers([
                    explained / numerator / (parts.sigma * parts.sigma), numerator, parts.residualDegrees,
                ]).withNames(["value", "numdf", "dendf"])
            ),
        ]
    } else {
        fields += [("r.squared", 0), ("adj.r.squared", 0)]
    }
    fields.append(
        (
            "cov.unscaled",
            .matrix(
                order.flatMap { column in order.map { parts.inverse[$0][column] } }, rank, rank, names: [names, names])
        ))
    if let action = fit.field("na.action") { fields.append(("na.action", action)) }
    return Value.named(fields).withClass("summary.lm")
}

private func printSummary(_ args: Arguments) throws {
    let x = args[0]
    let context = args.context
    let console = context.console
    let r = RCalls(context)
    let digits = try summaryDigits(args)
    let df = x.numbers("df")
    guard df.count == 3, let residuals = x.field("residuals") else {
        throw WorkbenchError(.value, "this is no summary of a linear model")
    }
    console.write(callText(x, context))
    let weights = x.numbers("weights")
    let isWeighted = !weights.isEmpty && weights.min() != weights.max()
    console.write((isWeighted ? "Weighted " : "") + "Residuals:\n")
    if df[1] > 5 {
        let quartiles = try r("zapsmall", r("quantile", residuals), .int(digits + 1))
        let named = Value.numbers(try quartiles.asDoubles().elements).withNames(["Min", "1Q", "Median", "3Q", "Max"])
        _ = try r("print", named, named: ["digits": .int(digits)])
    } else if df[1] > 0 {
        _ = try r("print", residuals, named: ["digits": .int(digits)])
    } else {
        console.write("ALL \(numberText(df[0])) residuals are 0: no residual degrees of freedom!\n")
    }
    try printCoefficients(x, df, digits: digits, args)
    let sigma = try r("signif", .number(x.numbers("sigma").first ?? .nan), .int(digits)).asDoubles().elements
    console.write(
        "\nResidual standard error: \(try r.format(sigma, digits: 7).joined()) on \(numberText(df[1])) degrees of freedom\n"
    )
    if let count = x.field("na.action")?.length, count > 0 {
        console.write("  (\(count) observation\(count == 1 ? "" : "s") deleted due to missingness)\n")
    }
    let f = x.numbers("fstatistic")
    if f.count == 3 {
        func text(_ number: Double) throws -> String {
            try r("formatC", .number(number), named: ["digits": .int(digits)]).asCharacters().elements
                .map { $0?.string ?? "NA" }.joined()
        }
        let p = try r("pf", .number(f[0]), .number(f[1]), .number(f[2]), named: ["lower.tail": false]).asDoubles()
        console.write(
            "Multiple R-squared:  \(try text(x.numbers("r.squared").first ?? .nan)),\tAdjusted R-squared:  "
                + "\(try text(x.numbers("adj.r.squared").first ?? .nan)) \nF-statistic: \(try text(f[0])) on "
                + "\(numberText(f[1])) and \(numberText(f[2])) DF,  p-value: "
                + (try pValueTexts(p.elements, digits: digits, context).joined()) + "\n")
    }
    console.write("\n")
}

private func printCoefficients(_ x: Value, _ df: [Double], digits: Int, _ args: Arguments) throws {
    let context = args.context
    guard case .logical(let aliased)? = x.field("aliased"), aliased.count > 0, let table = x.field("coefficients"),
        let dim = table.dim, dim.count == 2, dim[1] == 4
    else {
        context.console.write("\nNo Coefficients\n")
        return
    }
    let gone = Int(exactly: df[2] - df[0]) ?? 0
    context.console.write(
        gone > 0
            ? "\nCoefficients: (\(gone) not defined because of singularities)\n" : "\nCoefficients:\n")
    let numbers = try table.asDoubles().elements
    var row = 0
    let rows = aliased.elements.map { isGone -> Int? in
        if isGone ?? false { return nil }
        row += 1
        return row - 1
    }
    let columns = (0..<dim[1]).map { column in
        rows.map { place in place.flatMap { $0 < dim[0] ? numbers[column * dim[0] + $0] : nil } ?? .na }
    }
    let stars =
        args.has("signif.stars")
        ? try args.flag("signif.stars")
        : context.options["show.signif.stars"].map { _ in context.options.flag("show.signif.stars") } ?? true
    try CoefficientTable(
        columns: columns, rowNames: x.field("aliased")?.nameStrings ?? [], columnNames: table.matrixColumnNames,
        estimates: [0, 1], statistics: [2], digits: digits, stars: stars
    ).print(context)
}
