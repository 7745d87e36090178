import BaseValues
import Diagnostics
import Glibc
import ModelValues
import RRuntime

/// What is read off a generalized linear model: residuals, predictions, likelihood, covariances.
func registerGeneralizedParts(_ stats: Namespace) {
    for name in ["residuals", "resid"] {
        stats.method(
            name, for: "glm",
            [.value("object"), .value("type", "deviance", help: "deviance, pearson, working, response"), .dots],
            help: "What a model leaves over"
        ) { args in try residuals(args) }
    }
    stats.method(
        "predict", for: "glm",
        [
            .value("object"), .value("newdata", nil), .value("type", "link", help: "link or response"),
            .value("se.fit", false), .value("dispersion", nil), .dots,
        ], help: "Linear predictors or means, of new data too"
    ) { args in try prediction(args) }
    stats.method("deviance", for: "glm", [.value("object"), .dots]) { args in args[0].field("deviance") ?? .null }
    stats.method("nobs", for: "glm", [.value("object"), .dots]) { args in .int(observations(args[0])) }
    stats.method("weights", for: "glm", [.value("object"), .value("type", "prior"), .dots]) { args in
        args[0].field(try args.string("type").hasPrefix("w") ? "weights" : "prior.weights") ?? .null
    }
    stats.method("vcov", for: "glm", [.value("object"), .dots], help: "Covariances of the coefficients") { args in
        let parts = try FitParts(args[0])
        let scale = try dispersion(args[0], args.context)
        let names = parts.names
        var table = [Double](repeating: .na, count: names.count * names.count)
        for (i, a) in parts.places.enumerated() {
            for (j, b) in parts.places.enumerated() { table[a + b * names.count] = parts.inverse[i][j] * scale }
        }
        return .matrix(table, names.count, names.count, names: [names, names])
    }
    stats.method("logLik", for: "glm", [.value("object"), .dots], help: "Log-likelihood of a fit") { args in
        let (value, count) = try likelihood(args[0], args.context)
        return Value.number(value).setting(Symbol.named("nobs"), .int(observations(args[0])))
            .setting(Symbol.named("df"), .int(count)).withClass("logLik")
    }
    for name in ["AIC", "BIC"] {
        stats.method(name, for: "glm", [.value("object"), .dots, .value("k", 2)]) { args in
            let (value, count) = try likelihood(args[0], args.context)
            let factor = name == "AIC" ? try args.number("k") : log(Double(observations(args[0])))
            return .number(-2 * value + factor * Double(count))
        }
    }
    stats.method("rstandard", for: "glm", [.value("model"), .dots]) { args in
        let parts = try FitParts(args[0])
        let scale = try dispersion(args[0], args.context)
        let deviances = try args.context.call("residuals", [Argument(args[0])]).asDoubles().elements
        let values = zip(deviances, parts.leverages).map { $0 / (scale * (1 - $1)).squareRoot() }
        return Value.numbers(values).withNames(parts.rows)
    }
    stats.method("cooks.distance", for: "glm", [.value("model"), .dots]) { args in
        let parts = try FitParts(args[0])
        let scale = try dispersion(args[0], args.context)
        let pearson = try args.context.call("residuals", [Argument(args[0]), Argument("pearson", name: "type")])
        let values = zip(try pearson.asDoubles().elements, parts.leverages).map { e, h in
            (e / (1 - h)) * (e / (1 - h)) * h / (scale * Double(parts.places.count))
        }
        return Value.numbers(values).withNames(parts.rows)
    }
    stats.function(
        "confint.default", [.value("object"), .value("parm"), .value("level", 0.95), .dots],
        help: "Confidence intervals by the normal distribution of the estimates"
    ) { args in try intervals(args) }
}

private func observations(_ fit: Value) -> Int { fit.numbers("prior.weights").filter { $0 != 0 }.count }

private func likelihood(_ fit: Value, _ context: Context) throws -> (value: Double, parameters: Int) {
    let rank = Int(exactly: fit.numbers("rank").first ?? 0) ?? 0
    let extra = try Family(fit.field("family") ?? .null, context).kind.estimatesDispersion ? 1 : 0
    let count = rank + extra
    return (Double(count) - (fit.numbers("aic").first ?? .nan) / 2, count)
}

private func residuals(_ args: Arguments) throws -> Value {
    let fit = args[0]
    let kinds = ["deviance", "pearson", "working", "response", "partial"]
    let word = try args.string("type")
    guard let kind = kinds.first(where: { $0.hasPrefix(word) }) else {
        throw WorkbenchError(
            .value, "'arg' should be one of " + kinds.map { "‘\($0)’" }.joined(separator: ", "))
    }
    let y = fit.numbers("y"), mu = fit.numbers("fitted.values"), weights = fit.numbers("prior.weights")
    guard y.count == mu.count, weights.count == mu.count else {
        throw WorkbenchError(.value, "the fit has been changed: its parts do not go together")
    }
    let family = try Family(fit.field("family") ?? .null, args.context)
    let values: [Double]
    switch kind {
    case "deviance":
        values = y.indices.map {
            let size = max(family.deviance(y[$0], mu[$0], weights[$0]), 0).squareRoot()
            return y[$0] > mu[$0] ? size : -size
        }
    case "pearson":
        values = y.indices.map {
            (y[$0] - mu[$0]) * weights[$0].squareRoot() / family.variance(mu[$0]).squareRoot()
        }
    case "response": values = zip(y, mu).map { $0 - $1 }
    case "working": return fit.field("residuals") ?? .null
    default: throw WorkbenchError(.unsupported, "residuals(type = \"partial\") is not supported")
    }
    return Value.numbers(values).withNames(fit.field("residuals")?.nameStrings ?? [])
}

private func prediction(_ args: Arguments) throws -> Value {
    let fit = args[0]
    let context = args.context
    let kinds = ["link", "response", "terms"]
    let word = try args.string("type")
    guard let kind = kinds.first(where: { $0.hasPrefix(word) }) else {
        throw WorkbenchError(.value, "'arg' should be one of ‘link’, ‘response’, ‘terms’")
    }
    guard kind != "terms" else {
        throw WorkbenchError(.unsupported, "predict(type = \"terms\") is not supported")
    }
    let family = try Family(fit.field("family") ?? .null, context)
    let wantsErrors = try args.flag("se.fit")
    if args["newdata"].isNull, !wantsErrors {
        return fit.field(kind == "link" ? "linear.predictors" : "fitted.values") ?? .null
    }
    let parts = try FitParts(fit)
    var given: [Argument] = [Argument(fit), Argument(.flag(wantsErrors), name: "se.fit")]
    if !args["newdata"].isNull { given.append(Argument(args["newdata"], name: "newdata")) }
    let linear = try context.call("predict.lm", given, environment: args.environment)
    func means(_ eta: Value) throws -> Value {
        .double(Vector(try eta.asDoubles().elements.map(family.link.mean), eta.attributes))
    }
    guard wantsErrors else { return kind == "link" ? linear : try means(linear) }
    let eta = linear.field("fit") ?? .null
    let scale = try args["dispersion"].isNull ? dispersion(fit, context) : args.number("dispersion")
    let predictors = try eta.asDoubles().elements
    let unscaled = linear.field("se.fit") ?? .null
    let errors = try unscaled.asDoubles().elements.enumerated().map { row, error -> Double in
        let own = error / parts.sigma * scale.squareRoot()
        guard kind == "response", row < predictors.count else { return own }
        return own * abs(family.link.slope(predictors[row]))
    }
    // The slopes bring the names of the predictors with them.
    let labels = kind == "response" ? eta.attributes : unscaled.attributes
    return Value.named([
        ("fit", kind == "link" ? eta : try means(eta)), ("se.fit", .double(Vector(errors, labels))),
        ("residual.scale", .number(scale.squareRoot())),
    ])
}

private func intervals(_ args: Arguments) throws -> Value {
    let fit = try args.required("object")
    let r = RCalls(args.context)
    let coefficients = fit.field("coefficients") ?? .null
    let names = coefficients.nameStrings
    let estimates = try coefficients.asDoubles().elements
    let covariance = try r("vcov", fit)
    guard let dim = covariance.dim, dim == [estimates.count, estimates.count] else {
        throw WorkbenchError(.value, "coefficients and covariances do not go together")
    }
    let table = try covariance.asDoubles().elements
    let level = try args.number("level")
    guard level > 0, level < 1 else { throw WorkbenchError(.value, "'level' must be between 0 and 1") }
    var chosen = Array(names.indices)
    switch args["parm"] {
    case .missing: break
    case .character(let wanted):
        chosen = wanted.elements.compactMap { name in names.firstIndex(of: name?.string ?? "") }
    case let numbers:
        chosen = try numbers.asDoubles().elements.compactMap { Int(exactly: $0 - 1) }.filter {
            names.indices.contains($0)
        }
    }
    let tails = [(1 - level) / 2, 1 - (1 - level) / 2]
    let heads = try tails.map { try r.format([100 * $0], digits: 3).joined() + " %" }
    let bounds = try r("qnorm", .numbers(tails)).asDoubles().elements.flatMap { factor in
        chosen.map { estimates[$0] + factor * table[$0 * (dim[0] + 1)].squareRoot() }
    }
    return .matrix(bounds, chosen.count, 2, names: [chosen.map { names[$0] }, heads])
}
