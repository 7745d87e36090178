import BaseValues
import Diagnostics
import ModelValues
import RRuntime

/// `contr.treatment()`, `contr.sum()`, `contr.poly()`.
func registerContrasts(_ stats: Namespace) {
    func levels(_ args: Arguments) throws -> [String] {
        let n = try args.required("n")
        var isText = false
        if case .character = n { isText = true }
        if isText || n.length > 1 {
            let names = try n.asCharacters().elements.map { $0?.string ?? "NA" }
            guard (2..<10_000).contains(names.count) else {
                throw WorkbenchError(.value, "not enough degrees of freedom to define contrasts")
            }
            return names
        }
        let count = try args.int("n")
        guard count >= 2, count < 10_000 else {
            throw WorkbenchError(.value, "not enough degrees of freedom to define contrasts")
        }
        return (1...count).map { String($0) }
    }
    stats.function(
        "contr.treatment", [.value("n"), .value("base", 1), .value("contrasts", true), .dots],
        help: "Each level against the base"
    ) { args in
        let names = try levels(args)
        let base = try args.int("base") - 1
        guard names.indices.contains(base) else { throw WorkbenchError(.value, "baseline group number out of range") }
        let columns = names.indices.filter { $0 != base || (try? args.flag("contrasts")) == false }
        return .matrix(
            columns.flatMap { column in names.indices.map { $0 == column ? 1 : 0 } }, names.count, columns.count,
            names: [names, columns.map { names[$0] }])
    }
    stats.function(
        "contr.sum", [.value("n"), .value("contrasts", true), .dots], help: "Each level against the last, summing to 0"
    ) { args in
        let names = try levels(args)
        let last = names.count - 1
        return .matrix(
            (0..<last).flatMap { column in names.indices.map { $0 == last ? -1 : $0 == column ? 1 : 0 } },
            names.count, last, names: [names, nil])
    }
    stats.function("contr.poly", [.value("n"), .dots], help: "Orthogonal polynomials, for ordered factors") { args in
        let names = try levels(args)
        try checkPolynomials(names.count)
        return .matrix(
            polynomials(names.count).flatMap { $0 }, names.count, names.count - 1,
            names: [nil, polynomialNames(names.count)])
    }
}
