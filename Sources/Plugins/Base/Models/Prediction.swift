import BaseValues
import Diagnostics
import ModelValues
import RRuntime

/// `predict()` of a linear model.
func registerPrediction(_ stats: Namespace) {
    stats.function("predict", [.value("object"), .dots], help: "What a model predicts", dispatch: .generic) { args in
        throw try args.noMethod(try args.required("object"))
    }
    stats.method(
        "predict", for: "lm",
        [
            .value("object"), .value("newdata"), .value("se.fit", false), .value("scale", nil),
            .value("df", code: "Inf"),
            .value("interval", "none", help: "none, confidence or prediction"), .value("level", 0.95), .dots,
        ], help: "Fitted values, or those of new data, with intervals"
    ) { args in try predicted(args) }
}

func predicted(_ args: Arguments) throws -> Value {
    let fit = args[0]
    let parts = try FitParts(fit)
    let r = RCalls(args.context)
    let words = ["none", "confidence", "prediction"]
    let word = try args.string("interval")
    guard let interval = words.first(where: { $0.hasPrefix(word) }) else {
        throw WorkbenchError(.value, "'arg' should be one of ‘none’, ‘confidence’, ‘prediction’")
    }
    let (matrix, rows, shift) = try predictors(fit, args)
    let estimates = fit.numbers("coefficients")
    guard matrix.columns.allSatisfy({ $0.count == rows.count }), shift.count <= rows.count else {
        throw WorkbenchError(.value, "the fit has been changed: its parts do not go together")
    }
    guard matrix.columns.count == estimates.count else {
        throw WorkbenchError(
            .value, "the new data do not fit the model: \(matrix.columns.count) columns, not \(estimates.count)")
    }
    if parts.places.count < estimates.count, args.has("newdata") {
        try args.context.warn("prediction from a rank-deficient fit may be misleading", call: args.call)
    }
    var values = [Double](repeating: 0, count: rows.count)
    for place in parts.places.ordered(by: <) {
        for row in rows.indices { values[row] += matrix.columns[place][row] * estimates[place] }
    }
    for (row, number) in shift.enumerated() { values[row] += number }
    if interval == "prediction", !args.has("newdata") {
        try args.context.warn(
            "predictions on current data refer to _future_ responses\n", call: args.call)
    }
    let wantsErrors = try args.flag("se.fit")
    guard wantsErrors || interval != "none" else { return Value.numbers(values).withNames(rows) }
    let variance = rows.indices.map { row -> Double in
        var sum = 0.0
        for (i, a) in parts.places.enumerated() {
            for (j, b) in parts.places.enumerated() {
                sum += matrix.columns[a][row] * parts.inverse[i][j] * matrix.columns[b][row]
            }
        }
        return sum * parts.sigma * parts.sigma
    }
    var result = Value.numbers(values).withNames(rows)
    if interval != "none" {
        let level = try args.number("level")
        let t = try r("qt", .number((1 - level) / 2), .number(parts.residualDegrees)).asDoubles().elements.first ?? .nan
        let extra = interval == "prediction" ? parts.sigma * parts.sigma : 0
        let widths = variance.map { t * ($0 + extra).squareRoot() }
        let table = values + zip(values, widths).map { $0 + $1 } + zip(values, widths).map { $0 - $1 }
        result = .matrix(table, rows.count, 3, names: [rows, ["fit", "lwr", "upr"]])
    }
    guard wantsErrors else { return result }
    let errors = Value.numbers(variance.map { $0.squareRoot() })
    return Value.named([
        ("fit", result), ("se.fit", rows.count == 1 ? errors : errors.withNames(rows)),
        ("df", .int(Int(exactly: parts.residualDegrees) ?? 0)), ("residual.scale", .number(parts.sigma)),
    ])
}
