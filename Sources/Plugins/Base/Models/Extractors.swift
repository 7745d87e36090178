import BaseValues
import Diagnostics
import Glibc
import ModelValues
import RRuntime

/// `coef()`, `fitted()`, `residuals()` and what else is read off a fit.
func registerExtractors(_ stats: Namespace) {
    for (names, field, help) in [
        (["coef", "coefficients"], "coefficients", "The coefficients of a fit"),
        (["fitted", "fitted.values"], "fitted.values", "The fitted values of a model"),
        (["df.residual"], "df.residual", "Observations less coefficients"),
        (["weights"], "weights", "The weights of a fit"),
    ] {
        for name in names {
            stats.function(name, [.value("object"), .dots], help: help, dispatch: .generic) { args in
                try args.required("object").field(field) ?? .null
            }
        }
    }
    for name in ["residuals", "resid"] {
        stats.function(name, [.value("object"), .dots], help: "What a model leaves over", dispatch: .generic) { args in
            try args.required("object").field("residuals") ?? .null
        }
    }
    stats.function("deviance", [.value("object"), .dots], help: "The sum of squares left over", dispatch: .generic) {
        args in .number(residualSum(try args.required("object")))
    }
    stats.function("nobs", [.value("object"), .dots], help: "Number of observations of a fit", dispatch: .generic) {
        args in
        let fit = try args.required("object")
        if let weights = fit.field("weights") {
            return .int(try weights.asDoubles().elements.filter { $0 != 0 }.count)
        }
        return .int(fit.field("residuals")?.length ?? 0)
    }
    stats.function("sigma", [.value("object"), .dots], help: "The residual standard error", dispatch: .generic) {
        args in
        let fit = try args.required("object")
        return fit.field("sigma")
            ?? .number((residualSum(fit) / (fit.numbers("df.residual").first ?? .nan)).squareRoot())
    }
    stats.function("vcov", [.value("object"), .dots], help: "Covariances of the coefficients", dispatch: .generic) {
        args in
        let fit = try args.required("object")
        guard fit.inherits("lm") else { throw try args.noMethod(fit) }
        let parts = try FitParts(fit)
        let scale = parts.sigma * parts.sigma
        let names = parts.names
        var table = [Double](repeating: .na, count: names.count * names.count)
        for (i, a) in parts.places.enumerated() {
            for (j, b) in parts.places.enumerated() { table[a + b * names.count] = parts.inverse[i][j] * scale }
        }
        return .matrix(table, names.count, names.count, names: [names, names])
    }
    stats.function("logLik", [.value("object"), .dots], help: "Log-likelihood of a fit", dispatch: .generic) { args in
        let fit = try args.required("object")
        guard fit.inherits("lm") else { throw try args.noMethod(fit) }
        let (value, count) = try likelihood(fit)
        return Value.number(value).setting(Symbol.named("nall"), .int(fit.field("residuals")?.length ?? 0))
            .setting(Symbol.named("nobs"), .int(fit.field("residuals")?.length ?? 0))
            .setting(Symbol.named("df"), .int(count)).withClass("logLik")
    }
    stats.method("print", for: "logLik", [.value("x"), .value("digits"), .dots], visible: false) { args in
        let digits = args.has("digits") ? try args.int("digits") : args.context.options.int("digits", 7)
        let number = try RCalls(args.context).format(try args[0].asDoubles().elements, digits: digits).joined(
            separator: ", ")
        let df = numberText(try args[0].attribute("df")?.asDoubles().elements.first ?? .nan)
        args.context.console.write("'log Lik.' \(number) (df=\(df))\n")
        return args[0]
    }
    for (name, usesRows) in [("AIC", false), ("BIC", true)] {
        stats.function(
            name, [.value("object"), .dots, .value("k", 2)], help: "Information criterion of a fit", dispatch: .generic
        ) { args in
            let fit = try args.required("object")
            let (value, count) = try likelihood(fit)
            let rows = Double(fit.field("residuals")?.length ?? 0)
            let factor = usesRows ? log(rows) : args.has("k") ? try args.number("k") : 2
            return .number(-2 * value + factor * Double(count))
        }
    }
    stats.function("hatvalues", [.value("model"), .dots], help: "Leverages of the observations") { args in
        let parts = try FitParts(try args.required("model"))
        return Value.numbers(parts.leverages).withNames(parts.rows)
    }
    stats.function(
        "rstandard", [.value("model"), .dots], help: "Residuals in their standard deviations", dispatch: .generic
    ) { args in
        let parts = try FitParts(try args.required("model"))
        let values = zip(parts.weightedResiduals, parts.leverages).map { $0 / (parts.sigma * (1 - $1).squareRoot()) }
        return Value.numbers(values).withNames(parts.rows)
    }
    stats.function(
        "cooks.distance", [.value("model"), .dots], help: "How much each observation moves the fit", dispatch: .generic
    ) {
        args in
        let parts = try FitParts(try args.required("model"))
        let values = zip(parts.weightedResiduals, parts.leverages).map { e, h in
            let part = e / (parts.sigma * (1 - h))
            return part * part * h / Double(parts.places.count)
        }
        return Value.numbers(values).withNames(parts.rows)
    }
    stats.function(
        "confint", [.value("object"), .value("parm"), .value("level", 0.95), .dots],
        help: "Confidence intervals of the coefficients", dispatch: .generic
    ) { args in try intervals(args) }
    stats.function(
        "update", [.value("object"), .dots], help: "A fit with another formula or other arguments", dispatch: .generic
    ) { args in try refitted(args) }
}

private func likelihood(_ fit: Value) throws -> (value: Double, parameters: Int) {
    guard fit.inherits("lm") else {
        throw WorkbenchError(
            .type,
            "no applicable method for 'logLik' applied to an object of class \"\(fit.classes.first?.string ?? "NULL")\""
        )
    }
    let weights = fit.field("weights") == nil ? nil : fit.numbers("weights")
    let used = weights.map { $0.filter { $0 > 0 } }
    let n = Double(used?.count ?? fit.numbers("residuals").count)
    let logs = used?.reduce(0) { $0 + log($1) } ?? 0
    let value = 0.5 * (logs - n * (log(2 * .pi) + 1 - log(n) + log(residualSum(fit))))
    return (value, (Int(exactly: fit.numbers("rank").first ?? 0) ?? 0).addingReportingOverflow(1).partialValue)
}

private func intervals(_ args: Arguments) throws -> Value {
    let fit = try args.required("object")
    guard !fit.inherits("glm") else {
        throw WorkbenchError(
            .unsupported, "confint() of a generalized linear model by its likelihood is not supported",
            hint: "confint.default() gives the intervals of the normal approximation")
    }
    let parts = try FitParts(fit)
    let level = try args.number("level")
    guard level > 0, level < 1 else { throw WorkbenchError(.value, "'level' must be between 0 and 1") }
    let r = RCalls(args.context)
    let tails = [(1 - level) / 2, 1 - (1 - level) / 2]
    let t = try r("qt", .numbers(tails), .number(parts.residualDegrees)).asDoubles().elements
    var chosen = Array(parts.names.indices)
    switch args["parm"] {
    case .missing: break
    case .character(let names):
        chosen = names.elements.compactMap { name in parts.names.firstIndex(of: name?.string ?? "") }
    case let numbers:
        chosen = try numbers.asDoubles().elements.compactMap { Int(exactly: $0 - 1) }.filter {
            parts.names.indices.contains($0)
        }
    }
    let estimates = fit.numbers("coefficients")
    let errors = parts.standardErrors
    var table: [Double] = []
    for factor in t { table += chosen.map { estimates[$0] + factor * (errors[$0] ?? .na) } }
    let heads = try tails.map { tail in try r.format([100 * tail], digits: 3).joined() + " %" }
    return .matrix(table, chosen.count, 2, names: [chosen.map { parts.names[$0] }, heads])
}

private func refitted(_ args: Arguments) throws -> Value {
    let fit = try args.required("object")
    if case .call(let formula) = fit, formula.name?.name == "~", let new = args.dots.first?.value {
        return try updated(fit, new, args)
    }
    guard case .call(let call)? = fit.field("call") else {
        throw WorkbenchError(.value, "need an object with call component")
    }
    var arguments = call.arguments
    for (place, argument) in args.dots.enumerated() {
        let name = argument.name ?? (place == 0 ? Symbol.named("formula.") : nil)
        if name?.name == "formula." || name?.name == "formula" {
            let old = try args.context.call("formula", [Argument(fit)])
            let formula = try updated(old, argument.value, args)
            guard case .call(let written) = formula else { continue }
            let value = Value.call(Call(written.function, written.arguments))
            if let known = arguments.firstIndex(where: { $0.name?.name == "formula" }) {
                arguments[known].value = value
            } else {
                arguments.insert(Argument(value, name: "formula"), at: 0)
            }
            continue
        }
        guard let name else { continue }
        let supplied = args.call.arguments.first { $0.name === name }?.value ?? argument.value
        if let known = arguments.firstIndex(where: { $0.name === name }) {
            arguments[known].value = supplied
        } else {
            arguments.append(Argument(supplied, name: name))
        }
    }
    return try args.context.evaluate(.call(Call(call.function, arguments)), in: args.environment)
}
