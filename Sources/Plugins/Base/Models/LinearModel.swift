import BaseValues
import Diagnostics
import ModelValues
import RRuntime

/// `lm()` and its printing.
func registerLinearModel(_ stats: Namespace) {
    stats.function(
        "lm",
        [
            .value("formula", help: "y ~ a + b"), .value("data", nil, help: "a data frame"), .promise("subset"),
            .promise("weights"), .value("na.action"), .value("method", "qr"), .value("model", true), .value("x", false),
            .value("y", false), .value("qr", true), .value("singular.ok", true), .value("contrasts", nil), .dots,
        ], help: "A linear model, by least squares"
    ) { args in try linearModel(args) }
    stats.method("print", for: "lm", [.value("x"), .value("digits"), .dots], visible: false) { args in
        let r = RCalls(args.context)
        let digits = args.has("digits") ? try args.int("digits") : max(3, args.context.options.int("digits", 7) - 3)
        args.context.console.write(callText(args[0], args.context))
        let coefficients = args[0].field("coefficients") ?? .null
        if coefficients.length == 0 {
            args.context.console.write("No coefficients\n")
        } else {
            args.context.console.write("Coefficients:\n")
            let shown = try r("format", coefficients, named: ["digits": .int(digits)])
            _ = try r("print.default", shown, named: ["print.gap": .int(2), "quote": false])
        }
        args.context.console.write("\n")
        return args[0]
    }
}

private func linearModel(_ args: Arguments) throws -> Value {
    let context = args.context
    let data: Value = args.has("data") ? args["data"] : .null
    let formula = try args.required("formula")
    let terms = try formulaTerms(formula, data: data, args)
    guard terms.hasResponse else { throw WorkbenchError(.value, "incompatible dimensions", hint: "y ~ x") }
    let frame = try ModelFrame(
        terms, Array(terms.labels.indices), data: data, subset: args["subset"], weights: args["weights"], args)
    if frame.count == 0 { throw WorkbenchError(.value, "0 (non-NA) cases") }
    guard let response = frame.columns.first, response.dim.map({ $0.count < 2 || $0[1] == 1 }) ?? true else {
        throw WorkbenchError(.unsupported, "models with several responses are not supported")
    }
    guard response.isNumeric || response.typeName == "logical", !response.isFactor else {
        throw WorkbenchError(
            .type, response.isFactor ? "NA/NaN/Inf in 'y'" : "invalid type (\(response.typeName)) for the response",
            hint: "the left side of the formula must be numbers")
    }
    var y = try response.asDoubles().elements
    let matrix = try ModelMatrix(terms, frame, context)
    for (name, values) in [("y", y)] + matrix.columns.map({ ("x", $0) }) where values.contains(where: { !$0.isFinite })
    {
        throw WorkbenchError(.value, "NA/NaN/Inf in '\(name)'")
    }
    for place in terms.offsets {
        let shift = try frame.columns[place].asDoubles().elements
        y = zip(y, shift).map { $0 - $1 }
    }
    let fit = try Fit(matrix, y, frame.weights, context)
    guard try fit.squares.rank == matrix.columns.count || args.flag("singular.ok") else {
        throw WorkbenchError(.value, "singular fit encountered")
    }
    let rows = frame.rows
    let isSorted = fit.squares.pivot.map { matrix.names[$0] }
    func byRow(_ numbers: [Double]) -> Value { Value.numbers(numbers).withNames(rows) }
    let fitted = zip(try response.asDoubles().elements, fit.residuals).map { $0 - $1 }
    let effectNames = rows.indices.map { $0 < fit.squares.rank ? isSorted[$0] : "" }
    let effects = Value.numbers(fit.effects).withNames(effectNames)
    var fields: [(String, Value)] = [
        ("coefficients", Value.numbers(fit.coefficients).withNames(matrix.names)),
        ("residuals", byRow(fit.residuals)),
    ]
    if let weights = frame.weights {
        fields += [("fitted.values", byRow(fitted)), ("effects", effects), ("weights", .numbers(weights))]
        fields.append(("rank", .int(fit.squares.rank)))
    } else {
        fields += [("effects", effects), ("rank", .int(fit.squares.rank)), ("fitted.values", byRow(fitted))]
    }
    fields += [
        ("assign", .ints(matrix.assign)), ("qr", fit.decomposition(rows, matrix)),
        ("df.residual", .int(fit.used - fit.squares.rank)),
    ]
    if let action = frame.omission { fields.append(("na.action", action)) }
    if !matrix.contrasts.isEmpty { fields.append(("contrasts", .named(matrix.contrasts))) }
    if !matrix.contrasts.isEmpty || matrix.levels.isEmpty {
        fields.append(
            ("xlevels", matrix.levels.isEmpty ? .named([]) : .named(matrix.levels.map { ($0.0, .strings($0.1)) })))
    }
    let described = described(terms, frame)
    fields += [
        ("call", .call(matchedCall(args))), ("terms", described), ("model", frame.asValue(described)),
    ]
    return Value.named(fields).withClass("lm")
}

/// One least-squares fit, weighted or not.
struct Fit {
    let squares: LeastSquares
    let effects: [Double]
    /// In the order of the columns; NA for those that depend on others.
    let coefficients: [Double]
    let residuals: [Double]
    /// Rows that count: those of a weight above 0.
    let used: Int

    init(_ matrix: ModelMatrix, _ y: [Double], _ weights: [Double]?, _ context: Context) throws {
        let roots = weights?.map { $0.squareRoot() }
        func weighted(_ x: [Double]) -> [Double] { roots.map { zip(x, $0).map { $0 * $1 } } ?? x }
        squares = try LeastSquares(matrix.columns.map(weighted), rows: y.count) { try context.pollInterrupt() }
        effects = squares.effects(weighted(y))
        let solution = squares.solution(effects)
        var coefficients = [Double](repeating: .na, count: matrix.columns.count)
        for (place, value) in zip(squares.pivot, solution) { coefficients[place] = value }
        self.coefficients = coefficients
        used = weights.map { $0.filter { $0 > 0 }.count } ?? y.count
        if weights == nil {
            residuals = squares.back(
                [Double](repeating: 0, count: min(squares.rank, y.count)) + effects.dropFirst(squares.rank))
        } else {
            let usable = zip(squares.pivot, solution)
            residuals = y.indices.map { row in
                y[row] - usable.reduce(0) { $0 + matrix.columns[$1.0][row] * $1.1 }
            }
        }
    }

    /// R's "qr" object.
    func decomposition(_ rows: [String], _ matrix: ModelMatrix) -> Value {
        var table = Value.matrix(
            squares.qr.flatMap { $0 }, rows.count, squares.qr.count,
            names: [rows, squares.pivot.map { matrix.names[$0] }]
        ).setting(Symbol.named("assign"), .ints(matrix.assign))
        if !matrix.contrasts.isEmpty { table = table.setting(Symbol.named("contrasts"), .named(matrix.contrasts)) }
        return Value.named([
            ("qr", table), ("qraux", .numbers(squares.qraux)), ("pivot", .ints(squares.pivot.map { $0 + 1 })),
            ("tol", 1e-7), ("rank", .int(squares.rank)),
        ]).withClass("qr")
    }
}
