import Diagnostics
import RRuntime

/// ".L", ".Q", ".C", "^4", …
package func polynomialNames(_ levels: Int) -> [String] {
    (1..<max(levels, 1)).map { $0 <= 3 ? [".L", ".Q", ".C"][$0 - 1] : "^\($0)" }
}

/// Beyond 95 levels rounding takes over.
package func checkPolynomials(_ levels: Int) throws {
    guard levels <= 95 else {
        throw WorkbenchError(
            .value,
            "orthogonal polynomials cannot be represented accurately enough for \(levels - 1) degrees of freedom")
    }
}

/// Polynomials of degree 1, 2, … over equally spaced levels, orthogonal and of length 1.
package func polynomials(_ levels: Int) -> [[Double]] {
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
