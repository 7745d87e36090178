import BaseValues
import Diagnostics
import ModelValues
import RRuntime

/// `aov()`, its printing and its summary.
func registerVarianceAnalysis(_ stats: Namespace) {
    stats.function(
        "aov", [.value("formula"), .value("data", nil), .dots], help: "Analysis of variance, by a linear model"
    ) { args in
        let given = [Argument(try args.required("formula"))] + (args["data"].isNull ? [] : [Argument(args["data"])])
        let fit = try args.context.call("lm", given + args.dots, environment: args.environment)
        guard case .list(let list) = fit else { return fit }
        let fields = zip(fit.nameStrings, list.elements).map { name, value in
            (name, name == "call" ? .call(matchedCall(args)) : value)
        }
        return Value.named(fields).withClass("aov", "lm")
    }
    stats.method("print", for: "aov", [.value("x"), .dots], visible: false) { args in
        try printFit(args[0], args.context)
        return args[0]
    }
    stats.method("summary", for: "aov", [.value("object"), .dots], help: "Table of variance") { args in
        let table = try args.context.call("anova", [Argument(args[0])])
        guard case .list(let list) = table else { return table }
        // R's names are as wide as that of the constant, which it leaves out.
        let rows = rowLabels(table)
        let width = rows.map { $0.count }.reduce(11) { max($0, $1) }
        let frame = Value.frame(
            Array(zip(table.nameStrings, list.elements)).map { ($0.0, $0.1) },
            rowNames: .strings(rows.map { $0.rightPadded(to: width) })
        ).withClass("anova", "data.frame")
        return Value.items([frame]).withClass("summary.aov", "listof")
    }
    stats.method("print", for: "summary.aov", [.value("x"), .value("digits"), .dots], visible: false) { args in
        let digits = args.has("digits") ? args["digits"] : .int(max(3, args.context.options.int("digits", 7) - 3))
        guard case .list(let list) = args[0], let table = list.elements.first else { return args[0] }
        _ = try args.context.call("print", [Argument(table), Argument(digits, name: "digits")])
        return args[0]
    }
}

private func printFit(_ fit: Value, _ context: Context) throws {
    let r = RCalls(context)
    context.console.write(
        "Call:\n   " + context.deparse(fit.field("call") ?? .null).joined(separator: "\n") + "\n\nTerms:\n")
    let table = try context.call("anova", [Argument(fit)])
    let sums = try r("format", r("zapsmall", .numbers(table.numbers("Sum Sq"))))
    let degrees = try r("format", .numbers(table.numbers("Df")))
    let cells = zip(try sums.asCharacters().elements, try degrees.asCharacters().elements).flatMap { [$0, $1] }
    let shown = Value.character(Vector(cells)).setting(Symbol.dim, .ints([2, cells.count / 2])).setting(
        Symbol.dimnames,
        .items([.strings(["Sum of Squares", "Deg. of Freedom"]), .strings(rowLabels(table))]))
    _ = try r("print.default", shown, named: ["quote": false, "right": true])
    let parts = try FitParts(fit)
    let sigma = try r.format([parts.sigma], digits: context.options.int("digits", 7)).joined()
    context.console.write("\nResidual standard error: \(sigma)\n")
    let hidden = parts.names.count - parts.places.count
    if hidden > 0 { context.console.write("\(hidden) out of \(parts.names.count) effects not estimable\n") }
    context.console.write("Estimated effects \(try isBalanced(fit) ? "are balanced" : "may be unbalanced")\n")
}

/// Whether the columns of the model are orthogonal.
private func isBalanced(_ fit: Value) throws -> Bool {
    guard let table = fit.field("qr")?.field("qr"), let dim = table.dim, dim.count == 2 else { return true }
    let numbers = try table.asDoubles().elements
    let rank = min(Int(exactly: fit.numbers("rank").first ?? 0) ?? 0, dim[0], dim[1])
    var (diagonal, rest) = (0.0, 0.0)
    for column in 0..<max(rank, 0) {
        for row in 0...column {
            if row == column {
                diagonal += abs(numbers[row + column * dim[0]])
            } else {
                rest += abs(numbers[row + column * dim[0]])
            }
        }
    }
    return rest <= 1e-8 * diagonal
}
