import BaseValues
import Diagnostics
import ModelValues
import RRuntime

/// `anova()` of one linear model, term by term, or of several.
func registerVariance(_ stats: Namespace) {
    stats.function("anova", [.value("object"), .dots], help: "Table of variance", dispatch: .generic) { args in
        throw try args.noMethod(try args.required("object"))
    }
    stats.method("anova", for: "lm", [.value("object"), .dots], help: "Table of variance") { args in
        let others = args.dots.filter { $0.value.inherits("lm") }.map { $0.value }
        return others.isEmpty ? try byTerm(args[0], args.context) : try between([args[0]] + others, args.context)
    }
    stats.method("print", for: "anova", [.value("x"), .value("digits"), .value("signif.stars"), .dots], visible: false)
    {
        args in
        try printVariance(args)
        return args[0]
    }
}

private func fProbability(_ f: Double, _ a: Double, _ b: Double, _ context: Context) throws -> Double {
    guard !f.isNaN else { return .na }
    return try RCalls(context)("pf", .number(f), .number(a), .number(b), named: ["lower.tail": false]).asDoubles()
        .elements.first ?? .na
}

private func byTerm(_ fit: Value, _ context: Context) throws -> Value {
    let parts = try FitParts(fit)
    let effects = fit.numbers("effects")
    let assign = fit.numbers("assign")
    var labels =
        try fit.field("terms")?.attribute("term.labels")?.asCharacters().elements.map { $0?.string ?? "" } ?? []
    var sums = [Double](repeating: 0, count: labels.count)
    var degrees = [Double](repeating: 0, count: labels.count)
    for (k, place) in parts.places.enumerated() where place < assign.count && k < effects.count {
        guard let term = Int(exactly: assign[place] - 1), sums.indices.contains(term) else { continue }
        sums[term] += effects[k] * effects[k]
        degrees[term] += 1
    }
    let used = labels.indices.filter { degrees[$0] > 0 }
    labels = used.map { labels[$0] } + ["Residuals"]
    let left = residualSum(fit)
    let allDegrees = used.map { degrees[$0] } + [parts.residualDegrees]
    let allSums = used.map { sums[$0] } + [left]
    let means = zip(allSums, allDegrees).map { $0 / $1 }
    let scale = left / parts.residualDegrees
    var f = means.dropLast().map { $0 / scale }
    var p = try zip(f, allDegrees).map { try fProbability($0, $1, parts.residualDegrees, context) }
    f.append(.na)
    p.append(.na)
    let response = fit.field("terms").map { terms -> String in
        guard case .call(let formula) = terms, let left = formula.arguments.first else { return "" }
        return context.deparse(left.value).joined()
    }
    return Value.frame(
        [
            ("Df", .ints(allDegrees.compactMap { Int(exactly: $0) })), ("Sum Sq", .numbers(allSums)),
            ("Mean Sq", .numbers(means)),
            ("F value", .numbers(Array(f))), ("Pr(>F)", .numbers(p)),
        ], rowNames: .strings(labels)
    ).setting(Symbol.named("heading"), .strings(["Analysis of Variance Table\n", "Response: \(response ?? "")"]))
        .withClass("anova", "data.frame")
}

private func between(_ fits: [Value], _ context: Context) throws -> Value {
    let degrees = fits.map { $0.numbers("df.residual").first ?? .nan }
    let sums = fits.map { residualSum($0) }
    let steps = [Double.na] + zip(degrees.dropFirst(), degrees).map { $1 - $0 }
    let gains = [Double.na] + zip(sums.dropFirst(), sums).map { $1 - $0 }
    let largest = degrees.indices.min { degrees[$0] < degrees[$1] } ?? 0
    let scale = sums[largest] / degrees[largest]
    var f = [Double.na]
    var p = [Double.na]
    for place in fits.indices.dropFirst() {
        f.append(steps[place] == 0 ? .na : gains[place] / steps[place] / scale)
        p.append(try fProbability(f[place], abs(steps[place]), degrees[largest], context))
    }
    let models = try fits.enumerated().map { place, fit -> String in
        let formula = try context.call("formula", [Argument(fit)])
        guard case .call(let call) = formula else { return "" }
        return "Model \(place + 1): "
            + context.deparse(.call(Call(call.function, call.arguments))).joined(separator: "\n")
    }
    return Value.frame(
        [
            ("Res.Df", .numbers(degrees)), ("RSS", .numbers(sums)), ("Df", .numbers(steps)),
            ("Sum of Sq", .numbers(gains)),
            ("F", .numbers(f)), ("Pr(>F)", .numbers(p)),
        ], rowNames: automaticRowNames(fits.count)
    ).setting(
        Symbol.named("heading"), .strings(["Analysis of Variance Table\n", models.joined(separator: "\n")])
    ).withClass("anova", "data.frame")
}

private func printVariance(_ args: Arguments) throws {
    let x = args[0]
    let context = args.context
    if let heading = try x.attribute("heading")?.asCharacters().elements {
        for line in heading { context.console.write((line?.string ?? "NA") + "\n") }
    }
    guard case .list(let list) = x else { return }
    let names = x.nameStrings
    let columns = try list.elements.map { try $0.asDoubles().elements }
    let hasP = names.last?.hasPrefix("Pr(") ?? false
    let statistics = names.indices.filter {
        names[$0].dropFirst().hasPrefix(" value") || ["F", "Cp", "Chisq"].contains(names[$0])
    }
    let zapped = names.indices.filter { place in
        !(hasP && place == names.count - 1) && !statistics.contains(place) && !names[place].hasSuffix("Df")
    }
    try CoefficientTable(
        columns: columns, rowNames: rowLabels(x), columnNames: names, statistics: statistics, zapped: zapped,
        hasPValues: hasP,
        digits: args.has("digits") ? try args.int("digits") : max(3, context.options.int("digits", 7) - 2),
        stars: args.has("signif.stars") ? try args.flag("signif.stars") : true, missing: ""
    ).print(context)
}
