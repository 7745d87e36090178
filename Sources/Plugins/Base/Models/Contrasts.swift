import BaseValues
import Diagnostics
import PluginAPI

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

/// ".L", ".Q", ".C", "^4", …
func polynomialNames(_ levels: Int) -> [String] {
    (1..<max(levels, 1)).map { $0 <= 3 ? [".L", ".Q", ".C"][$0 - 1] : "^\($0)" }
}

/// Beyond 95 levels rounding takes over.
func checkPolynomials(_ levels: Int) throws {
    guard levels <= 95 else {
        throw WorkbenchError(
            .value,
            "orthogonal polynomials cannot be represented accurately enough for \(levels - 1) degrees of freedom")
    }
}

/// Polynomials of degree 1, 2, … over equally spaced levels, orthogonal and of length 1.
func polynomials(_ levels: Int) -> [[Double]] {
    let scores = (0..<levels).map { Double($0) - Double(levels - 1) / 2 }
    var basis: [[Double]] = [[Double](repeating: 1 / Double(levels).squareRoot(), count: levels)]
    for _ in 1..<max(levels, 1) {
        guard let last = basis.last else { break }
        var next = zip(last, scores).map { $0 * $1 }
        // Twice: rounding leaves a rest.
        for _ in 0..<2 {
            for column in basis {
                let part = zip(column, next).reduce(0) { $0 + $1.0 * $1.1 }
                next = zip(next, column).map { $0 - part * $1 }
            }
        }
        let length = next.reduce(0) { $0 + $1 * $1 }.squareRoot()
        basis.append(next.map { $0 / length })
    }
    return Array(basis.dropFirst())
}
