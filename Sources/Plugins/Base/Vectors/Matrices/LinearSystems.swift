import Diagnostics
import Glibc
import PluginAPI

func registerLinearSystems(_ base: Namespace) {
    base.function(
        "solve", [.value("a"), .value("b", code: "diag(nrow(a))"), .value("tol", code: ".Machine$double.eps"), .dots],
        help: "Solution of a %*% x = b, or the inverse of a.", dispatch: .generic
    ) { args in try solve(args) }
    base.function("det", [.value("x"), .dots], help: "Determinant.") { args in
        let (sign, logarithm) = try determinant(try args.required("x"), args)
        return .number(sign * exp(logarithm))
    }
    base.function(
        "determinant", [.value("x"), .value("logarithm", true), .dots], help: "Sign and size of the determinant."
    ) { args in
        let (sign, logarithm) = try determinant(try args.required("x"), args)
        let isLog = try args.flag("logarithm")
        var modulus = Value.number(isLog ? logarithm : exp(logarithm))
        modulus = modulus.setting(Symbol.named("logarithm"), .flag(isLog))
        return Value.named([("modulus", modulus), ("sign", .int(sign < 0 ? -1 : 1))])
            .setting(Symbol.classAttribute, "det")
    }
}

/// LU factors with row exchanges, as LAPACK's dgetrf makes them.
struct LUFactors {
    var matrix: Columns
    var pivots: [Int] = []
    var sign = 1.0
    /// First column (from 0) whose pivot is exactly zero.
    var singularAt: Int?

    init(_ a: Columns) {
        matrix = a
        let n = a.rows
        for k in 0..<n {
            var best = k
            for row in k..<n where abs(matrix[row, k]) > abs(matrix[best, k]) { best = row }
            pivots.append(best)
            if matrix[best, k] == 0 {
                if singularAt == nil { singularAt = k }
                continue
            }
            if best != k {
                sign = -sign
                for column in 0..<n {
                    let held = matrix[k, column]
                    matrix[k, column] = matrix[best, column]
                    matrix[best, column] = held
                }
            }
            let inverse = 1 / matrix[k, k]
            for row in (k + 1)..<max(n, k + 1) { matrix[row, k] *= inverse }
            for column in (k + 1)..<max(n, k + 1) {
                let factor = matrix[k, column]
                if factor == 0 { continue }
                for row in (k + 1)..<n { matrix[row, column] -= matrix[row, k] * factor }
            }
        }
    }

    func solve(_ b: Columns) -> Columns {
        var x = b
        let n = matrix.rows
        for column in 0..<x.columns {
            for k in 0..<n where pivots[k] != k {
                let held = x[k, column]
                x[k, column] = x[pivots[k], column]
                x[pivots[k], column] = held
            }
            for k in 0..<n {
                let value = x[k, column]
                if value == 0 { continue }
                for row in (k + 1)..<max(n, k + 1) { x[row, column] -= value * matrix[row, k] }
            }
            for k in stride(from: n - 1, through: 0, by: -1) {
                x[k, column] /= matrix[k, k]
                let value = x[k, column]
                for row in 0..<k { x[row, column] -= value * matrix[row, k] }
            }
        }
        return x
    }

    /// Reciprocal of the condition number in the 1-norm, from the inverse.
    func reciprocalCondition(norm: Double) -> Double {
        let n = matrix.rows
        var identity = Columns(zeros: n, n)
        for k in 0..<n { identity[k, k] = 1 }
        let inverse = solve(identity)
        return 1 / (norm * inverse.oneNorm)
    }
}

extension Columns {
    /// Largest sum of absolute values in a column.
    var oneNorm: Double {
        (0..<columns).map { column in (0..<rows).reduce(0) { $0 + abs(self[$1, column]) } }.max() ?? 0
    }
}

/// A numeric matrix argument.
func numericMatrix(_ x: Value, _ message: String) throws -> Columns {
    switch x {
    case .double, .integer, .logical: break
    default: throw WorkbenchError(.type, message)
    }
    let dim = x.dim ?? [x.length, 1]
    guard dim.count == 2 else { throw WorkbenchError(.type, message) }
    return Columns(dim[0], dim[1], try x.doubleElements())
}

private func solve(_ args: Arguments) throws -> Value {
    let aValue = try args.required("a")
    let a = try numericMatrix(aValue, "'a' must be a numeric matrix")
    guard a.rows == a.columns else {
        throw WorkbenchError(.value, "'a' (\(a.rows) x \(a.columns)) must be square")
    }
    let bValue = args["b"]
    var b: Columns
    if bValue.isMissing {
        b = Columns(zeros: a.rows, a.rows)
        for k in 0..<a.rows { b[k, k] = 1 }
    } else {
        b = try numericMatrix(bValue, "'b' must be a numeric matrix")
        guard b.rows == a.rows else {
            throw WorkbenchError(
                .value,
                "'b' (\(b.rows) x \(b.columns)) must be compatible with 'a' (\(a.rows) x \(a.columns))")
        }
    }
    let factors = LUFactors(a)
    if let column = factors.singularAt {
        throw WorkbenchError(
            .value, "Lapack routine dgesv: system is exactly singular: U[\(column + 1),\(column + 1)] = 0")
    }
    let tolerance = args["tol"].isMissing ? Double.ulpOfOne : try args.number("tol")
    if tolerance > 0 {
        let condition = factors.reciprocalCondition(norm: a.oneNorm)
        if condition < tolerance {
            let text = formatDouble(condition, conversion: "g", precision: 6)
            throw WorkbenchError(
                .value, "system is computationally singular: reciprocal condition number = \(text)")
        }
    }
    var result = Value.numbers(factors.solve(b).elements)
    let columnNamesOfA = dimnamesElement(aValue, 1)
    if bValue.isMissing {
        result = result.setting(Symbol.dim, .ints([a.rows, a.rows]))
        let rowNames = dimnamesElement(aValue, 0)
        if !columnNamesOfA.isNull || !rowNames.isNull {
            result = result.setting(Symbol.dimnames, .items([columnNamesOfA, rowNames]))
        }
    } else if bValue.dim != nil {
        result = result.setting(Symbol.dim, .ints([a.rows, b.columns]))
        let names = dimnamesElement(bValue, 1)
        if !columnNamesOfA.isNull || !names.isNull {
            result = result.setting(Symbol.dimnames, .items([columnNamesOfA, names]))
        }
    } else if !columnNamesOfA.isNull {
        result = result.setting(Symbol.names, columnNamesOfA)
    }
    return result
}

/// Sign and logarithm of the absolute determinant.
private func determinant(_ x: Value, _ args: Arguments) throws -> (Double, Double) {
    guard let dim = x.dim, dim.count == 2, dim[0] == dim[1] else {
        throw WorkbenchError(.value, x.dim?.count == 2 ? "'x' must be a square matrix" : "'a' must be a numeric matrix")
    }
    let a = try numericMatrix(x, "'a' must be a numeric matrix")
    let factors = LUFactors(a)
    if factors.singularAt != nil { return (1, -.infinity) }
    var sign = factors.sign
    var sum = 0.0
    for k in 0..<a.rows {
        let pivot = factors.matrix[k, k]
        if pivot < 0 { sign = -sign }
        sum += log(abs(pivot))
    }
    return (sign, sum)
}
