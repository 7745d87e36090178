import BaseValues
import Diagnostics
import ModelValues
import RRuntime

/// `glm()`, `glm.fit()`, `glm.control()` and the printing of a fit.
func registerGeneralizedModel(_ stats: Namespace) {
    stats.function(
        "glm",
        [
            .value("formula", help: "y ~ a + b"),
            .value("family", code: "gaussian", help: "gaussian, binomial, poisson, Gamma, …, also with a link"),
            .value("data", nil, help: "a data frame"), .promise("weights"), .promise("subset"), .value("na.action"),
            .value("start", nil), .value("etastart", nil), .value("mustart", nil), .promise("offset"),
            .value("control", code: "list(...)"), .value("model", true), .value("method", "glm.fit"),
            .value("x", false), .value("y", true), .value("singular.ok", true), .value("contrasts", nil), .dots,
        ], help: "A generalized linear model, by Fisher scoring"
    ) { args in try generalizedModel(args) }
    stats.function(
        "glm.control", [.value("epsilon", 1e-8), .value("maxit", 25), .value("trace", false)],
        help: "How long and how exactly glm() iterates"
    ) { args in
        try ScoringControl(.named([("epsilon", args[0]), ("maxit", args[1]), ("trace", args[2])])).asValue
    }
    stats.method("print", for: "glm", [.value("x"), .value("digits"), .dots], visible: false) { args in
        try printFit(args)
        return args[0]
    }
}

private func generalizedModel(_ args: Arguments) throws -> Value {
    let context = args.context
    let family = try Family(args.has("family") ? args["family"] : "gaussian", context)
    let data: Value = args.has("data") ? args["data"] : .null
    let terms = try formulaTerms(try args.required("formula"), data: data, args)
    guard terms.hasResponse else {
        throw WorkbenchError(.value, "object of type 'symbol' is not subsettable", hint: "y ~ x")
    }
    let frame = try ModelFrame(
        terms, Array(terms.labels.indices), data: data, subset: args["subset"], weights: args["weights"], args)
    guard frame.count > 0, let response = frame.columns.first else {
        throw WorkbenchError(.value, "object 'fit' not found", hint: "there is no complete row")
    }
    var controls: [(String, Value)] = args.dots.map { ($0.name?.name ?? "", $0.value) }
    if args.has("control"), case .list(let list) = args["control"] {
        controls = Array(zip(args["control"].nameStrings, list.elements))
    }
    let control = try ScoringControl(.named(controls))
    let matrix = try ModelMatrix(terms, frame, context)
    if matrix.columns.contains(where: { $0.contains { !$0.isFinite } }) {
        throw WorkbenchError(.value, "NA/NaN/Inf in 'x'")
    }
    let responses = try Responses(response, weights: frame.weights, family, context)
    if responses.y.contains(where: { !$0.isFinite }) { throw WorkbenchError(.value, "NA/NaN/Inf in 'y'") }
    var offset = [Double](repeating: 0, count: frame.count)
    var hasOffset = !terms.offsets.isEmpty
    for place in terms.offsets {
        for (row, number) in try frame.columns[place].asDoubles().elements.enumerated() where row < offset.count {
            offset[row] += number
        }
    }
    let home = try evaluationEnvironment(data, parent: terms.environment)
    let given = try context.forcedExpression(args["offset"], in: home)
    if !given.isNull {
        var numbers = try given.asDoubles().elements
        let gone = Set(frame.omitted.map { $0.place - 1 })
        if numbers.count == frame.count + gone.count {
            numbers = numbers.indices.filter { !gone.contains($0) }.map { numbers[$0] }
        }
        guard numbers.count == frame.count else {
            throw WorkbenchError(
                .value,
                "number of offsets is \(numbers.count) should equal \(frame.count) (number of observations)")
        }
        hasOffset = true
        offset = zip(offset, numbers).map { $0 + $1 }
    }
    func optional(_ name: String) throws -> [Double]? { args[name].isNull ? nil : try args[name].asDoubles().elements }
    let start = try optional("start")
    if let start, start.count != matrix.columns.count {
        throw WorkbenchError(
            .value,
            "length of 'start' should equal \(matrix.columns.count) and correspond to initial coefs for "
                + "c(" + matrix.names.map { "\"\($0)\"" }.joined(separator: ", ") + ")")
    }
    var eta = try optional("etastart")
    if eta == nil, let mu = try optional("mustart") { eta = mu.map(family.link.predictor) }
    if let eta, eta.count != frame.count { throw args.invalid("etastart") }
    let scoring = try Scoring(
        columns: matrix.columns, responses, offset: offset, family, control, start: start, eta: eta, context)
    var fields = try FitFields(scoring, responses, matrix, frame.rows, family, offset: offset, context)
    if hasOffset, terms.hasIntercept {
        fields.nullDeviance = try Scoring(
            columns: [[Double](repeating: 1, count: frame.count)], responses, offset: offset, family, control, context
        ).deviance
    }
    let object = try context.call(family.kind.rawValue, [Argument(.string(family.link.rawValue))])
    var all = fields.list(object)
    let described = described(terms, frame)
    if try args.flag("model") { all.append(("model", frame.asValue(described))) }
    if let action = frame.omission { all.append(("na.action", action)) }
    all += [
        ("call", .call(matchedCall(args))),
        ("formula", args["formula"].inherits("formula") ? args["formula"] : described),
        ("terms", described), ("data", data.isNull ? .environment(terms.environment) : data),
        ("offset", hasOffset ? .numbers(offset) : .null), ("control", control.asValue), ("method", "glm.fit"),
        ("contrasts", matrix.contrasts.isEmpty ? .null : .named(matrix.contrasts)),
        (
            "xlevels", .named(matrix.levels.map { ($0.0, .strings($0.1)) })
        ),
    ]
    return Value.named(all).withClass("glm", "lm")
}

/// The numbers of a fit under R's names.
private struct FitFields {
    let scoring: Scoring
    let responses: Responses
    let matrix: ModelMatrix
    let rows: [String]
    let family: Family
    var nullDeviance: Double
    let criterion: Double

    init(
        _ scoring: Scoring, _ responses: Responses, _ matrix: ModelMatrix, _ rows: [String], _ family: Family,
        offset: [Double], _ context: Context
    ) throws {
        self.scoring = scoring
        self.responses = responses
        self.matrix = matrix
        self.rows = rows
        self.family = family
        let total = responses.weights.reduce(0, +)
        let center = zip(responses.y, responses.weights).reduce(0) { $0 + $1.0 * $1.1 } / total
        let null =
            matrix.assign.contains(0)
            ? [Double](repeating: center, count: rows.count) : offset.map(family.link.mean)
        nullDeviance = family.deviance(responses.y, null, responses.weights)
        criterion =
            try family.criterion(
                responses.y, scoring.mu, responses.weights, trials: responses.trials, deviance: scoring.deviance,
                context)
            + 2 * Double(scoring.squares.rank)
    }

    func list(_ familyObject: Value) -> [(String, Value)] {
        func byRow(_ numbers: [Double]) -> Value { Value.numbers(numbers).withNames(rows) }
        let squares = scoring.squares
        let rank = squares.rank
        let sorted = squares.pivot.map { matrix.names[$0] }
        let residuals = rows.indices.map {
            (responses.y[$0] - scoring.mu[$0]) / family.link.slope(scoring.eta[$0])
        }
        var coefficients = [Double](repeating: .na, count: matrix.columns.count)
        for (place, value) in scoring.coefficients.enumerated() where !value.isNaN { coefficients[place] = value }
        var fields: [(String, Value)] = [
            ("coefficients", Value.numbers(coefficients).withNames(matrix.names)), ("residuals", byRow(residuals)),
            ("fitted.values", byRow(scoring.mu)),
        ]
        if !matrix.columns.isEmpty {
            let names = scoring.effects.indices.map { $0 < rank ? sorted[$0] : "" }
            let size = min(squares.qr.count, squares.rows)
            var r = [Double](repeating: 0, count: size * squares.qr.count)
            for column in squares.qr.indices {
                for row in 0..<min(column + 1, size) { r[row + column * size] = squares.qr[column][row] }
            }
            let kept = rows.indices.filter { scoring.working.count == rows.count && scoring.working[$0] > 0 }
            let decomposition = Value.named([
                (
                    "qr",
                    .matrix(
                        squares.qr.flatMap { $0 }, squares.rows, squares.qr.count,
                        names: [kept.count == squares.rows ? kept.map { rows[$0] } : nil, sorted])
                ),
                ("rank", .int(rank)), ("qraux", .numbers(squares.qraux)),
                ("pivot", .ints(squares.pivot.map { $0 + 1 })),
                ("tol", .number(1e-11)),
            ]).withClass("qr")
            fields += [
                ("effects", Value.numbers(scoring.effects).withNames(names)),
                ("R", .matrix(r, size, squares.qr.count, names: [Array(sorted.prefix(size)), sorted])),
                ("rank", .int(rank)), ("qr", decomposition),
            ]
        } else {
            fields.append(("rank", .int(0)))
        }
        let used = responses.weights.filter { $0 != 0 }.count
        let hasConstant = matrix.assign.contains(0)
        return fields + [
            ("family", familyObject), ("linear.predictors", byRow(scoring.eta)),
            ("deviance", .number(scoring.deviance)),
            ("aic", .number(criterion)), ("null.deviance", .number(nullDeviance)), ("iter", .int(scoring.iterations)),
            ("weights", byRow(scoring.working)), ("prior.weights", byRow(responses.weights)),
            ("df.residual", .int(used - rank)), ("df.null", .int(used - (hasConstant ? 1 : 0))),
            ("y", byRow(responses.y)), ("converged", .flag(scoring.converged)), ("boundary", .flag(scoring.boundary)),
        ]
    }
}

private func printFit(_ args: Arguments) throws {
    let x = args[0]
    let console = args.context.console
    let r = RCalls(args.context)
    let digits = args.has("digits") ? try args.int("digits") : max(3, args.context.options.int("digits", 7) - 3)
    console.write("\nCall:  " + args.context.deparse(x.field("call") ?? .null).joined(separator: "\n") + "\n\n")
    if let coefficients = x.field("coefficients"), coefficients.length > 0 {
        console.write("Coefficients:\n")
        let shown = try r("format", coefficients, named: ["digits": .int(digits)])
        _ = try r("print.default", shown, named: ["print.gap": .int(2), "quote": false])
    } else {
        console.write("No coefficients\n\n")
    }
    func number(_ name: String) -> Double { x.numbers(name).first ?? .nan }
    func text(_ name: String) throws -> String {
        try r("format", r("signif", .number(number(name)), .int(digits))).asCharacters().elements.first??.string ?? ""
    }
    console.write(
        "\nDegrees of Freedom: \(numberText(number("df.null"))) Total (i.e. Null);  \(numberText(number("df.residual"))) Residual\n"
    )
    if let note = omissionNote(x) { console.write("  (\(note))\n") }
    console.write(
        "Null Deviance:\t    \(try text("null.deviance")) \nResidual Deviance: \(try text("deviance")) \tAIC: \(try text("aic"))\n"
    )
}

/// How many rows a fit left out for NA, in words.
func omissionNote(_ fit: Value) -> String? {
    guard let count = fit.field("na.action")?.length, count > 0 else { return nil }
    return "\(count) observation\(count == 1 ? "" : "s") deleted due to missingness"
}
