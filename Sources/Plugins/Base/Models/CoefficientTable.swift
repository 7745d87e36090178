import BaseValues
import Diagnostics
import Glibc
import ModelValues
import RRuntime

/// `format.pval()`, `printCoefmat()`.
func registerCoefficientTable(_ stats: Namespace) {
    stats.function(
        "format.pval",
        [
            .value("pv"), .value("digits"), .value("eps", code: ".Machine$double.eps"), .value("na.form", "NA"), .dots,
        ], help: "Texts of p values"
    ) { args in
        let digits = args.has("digits") ? try args.int("digits") : max(1, args.context.options.int("digits", 7) - 2)
        let smallest = args.has("eps") ? try args.number("eps") : Double.ulpOfOne
        let numbers = try args.required("pv").asDoubles().elements
        let texts = try pValueTexts(numbers, digits: digits, smallest: smallest, args.context)
        let missing = try args.string("na.form")
        return .strings(zip(numbers, texts).map { $0.isNaN ? missing : $1 })
    }
    stats.function(
        "printCoefmat",
        [
            .value("x"), .value("digits"), .value("signif.stars", true), .value("signif.legend"), .value("dig.tst"),
            .value("cs.ind"), .value("tst.ind"), .value("zap.ind"), .value("P.values"), .value("has.Pvalue"),
            .value("eps.Pvalue"), .value("na.print", "NA"), .dots,
        ], help: "Prints a table of estimates", visible: false
    ) { args in
        let x = try args.context.call("as.matrix", [Argument(try args.required("x"))])
        guard let dim = x.dim, dim.count == 2 else {
            throw WorkbenchError(.type, "'x' must be coefficient matrix/data frame")
        }
        let numbers = try x.asDoubles().elements
        var rowNames = (0..<dim[0]).map { "[\($0 + 1),]" }
        if case .list(let names)? = x.attribute(Symbol.dimnames), let first = names.elements.first, !first.isNull {
            rowNames = try first.asCharacters().elements.map { $0?.string ?? "NA" }
        }
        let heads = x.matrixColumnNames
        let last = heads.last ?? ""
        let hasP =
            args.has("has.Pvalue")
            ? try args.flag("has.Pvalue") : dim[1] >= 4 && (last.hasPrefix("Pr(") || last.hasPrefix("p-v"))
        func places(_ name: String, _ fallback: [Int]) throws -> [Int] {
            guard args.has(name) else { return fallback }
            return try args[name].asDoubles().elements.compactMap { Int(exactly: $0 - 1) }
                .filter { (0..<dim[1]).contains($0) }
        }
        let k = max(0, dim[1] - (hasP ? 1 : 0) - 1)
        let table = CoefficientTable(
            columns: (0..<dim[1]).map { Array(numbers[($0 * dim[0])..<(($0 + 1) * dim[0])]) }, rowNames: rowNames,
            columnNames: heads, estimates: try places("cs.ind", Array(0..<k)),
            statistics: try places("tst.ind", k < dim[1] ? [k] : []), zapped: try places("zap.ind", []),
            hasPValues: hasP,
            digits: args.has("digits") ? try args.int("digits") : max(3, args.context.options.int("digits", 7) - 2),
            stars: try args.flag("signif.stars"),
            legend: args.has("signif.legend") ? try args.flag("signif.legend") : true,
            missing: try args.string("na.print"))
        try table.print(args.context)
        return args["x"]
    }
}
