import BaseValues
import Diagnostics
import RRuntime

/// What standard errors, leverages and predictions need of a fit.
package struct FitParts {
    /// Names of all coefficients.
    package let names: [String]
    /// Names of the observations.
    package let rows: [String]
    /// Places of the coefficients that are not NA, in the order of the decomposition.
    package let places: [Int]
    /// (XᵀX)⁻¹ of those.
    package let inverse: [[Double]]
    /// Residual degrees of freedom.
    package let residualDegrees: Double
    /// Residual standard error.
    package let sigma: Double
    /// Residuals times the roots of the weights.
    package let weightedResiduals: [Double]
    private let squares: LeastSquares

    /// Reads a fit.
    /// - Throws: for what is no linear model.
    package init(_ fit: Value) throws {
        guard fit.inherits("lm"), let decomposition = fit.field("qr"), let table = decomposition.field("qr"),
            let dim = table.dim, dim.count == 2
        else { throw WorkbenchError(.type, "a fit of lm() is needed, not <\(fit.classes.first?.string ?? "NULL")>") }
        names = fit.field("coefficients")?.nameStrings ?? []
        let residuals = fit.numbers("residuals")
        guard names.count == dim[1], fit.numbers("coefficients").count == dim[1], residuals.count == dim[0],
            fit.field("weights") == nil || fit.numbers("weights").count == dim[0]
        else { throw WorkbenchError(.value, "the fit has been changed: its parts do not go together") }
        rows = fit.field("residuals")?.nameStrings ?? []
        squares = LeastSquares(
            decomposed: try table.asDoubles().elements, rows: dim[0], columns: dim[1],
            qraux: decomposition.numbers("qraux"),
            pivot: decomposition.numbers("pivot").compactMap { Int(exactly: $0 - 1) },
            rank: Int(exactly: decomposition.numbers("rank").first ?? 0) ?? 0)
        places = Array(squares.pivot.prefix(squares.rank))
        inverse = squares.inverse
        residualDegrees = fit.numbers("df.residual").first ?? .nan
        sigma = (residualSum(fit) / residualDegrees).squareRoot()
        weightedResiduals =
            fit.field("weights") == nil
            ? residuals : zip(residuals, fit.numbers("weights")).map { $0 * $1.squareRoot() }
    }

    /// By coefficient; nil where it is NA.
    package var standardErrors: [Double?] {
        var errors = [Double?](repeating: nil, count: names.count)
        for (k, place) in places.enumerated() where place < errors.count {
            errors[place] = sigma * inverse[k][k].squareRoot()
        }
        return errors
    }

    /// The diagonal of the hat matrix.
    package var leverages: [Double] {
        var sums = [Double](repeating: 0, count: squares.rows)
        for k in 0..<squares.rank {
            var unit = [Double](repeating: 0, count: squares.rows)
            unit[k] = 1
            for (row, value) in squares.back(unit).enumerated() { sums[row] += value * value }
        }
        return sums
    }
}

extension LeastSquares {
    /// A decomposition read back from R's "qr" object; what is damaged has rank 0.
    package init(decomposed table: [Double], rows: Int, columns: Int, qraux: [Double], pivot: [Int], rank: Int) {
        let isWhole =
            table.count == rows * columns && qraux.count == columns && pivot.ordered(by: <) == Array(0..<columns)
            && (0...min(rows, columns)).contains(rank)
        self.init(
            columns: isWhole ? (0..<columns).map { Array(table[($0 * rows)..<(($0 + 1) * rows)]) } : [],
            qraux: isWhole ? qraux : [], pivot: isWhole ? pivot : [], rank: isWhole ? rank : 0, rows: rows)
    }
}

/// The weighted sum of squared residuals.
package func residualSum(_ fit: Value) -> Double {
    let residuals = fit.numbers("residuals")
    guard fit.field("weights") != nil else { return residuals.reduce(0) { $0 + $1 * $1 } }
    return zip(residuals, fit.numbers("weights")).reduce(0) { $0 + $1.0 * $1.0 * $1.1 }
}
