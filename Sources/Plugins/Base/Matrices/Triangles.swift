import Diagnostics
import RRuntime

func registerTriangles(_ base: Namespace) {
    base.function("chol", [.value("x"), .dots], help: "Upper triangle whose cross product is x.", dispatch: .generic) {
        args in try cholesky(try args.required("x"))
    }
    base.function("chol2inv", [.value("x"), .dots], help: "Inverse from a Cholesky triangle.") { args in
        let r = try numericMatrix(try args.required("x"), "'a' must be a numeric matrix")
        guard r.rows == r.columns else { throw WorkbenchError(.value, "'a' must be a square matrix") }
        for k in 0..<r.rows where r[k, k] == 0 {
            throw WorkbenchError(.value, "element (\(k + 1), \(k + 1)) is zero, so the inverse cannot be computed")
        }
        return matrixValue(r.inverseOfCrossProduct, nil)
    }
    for (name, isUpper) in [("backsolve", true), ("forwardsolve", false)] {
        base.function(
            name,
            [
                .value(isUpper ? "r" : "l"), .value("x"), .value("k", code: "ncol(r)"),
                .value("upper.tri", .flag(isUpper)), .value("transpose", false),
            ], help: "Solves a triangular system."
        ) { args in try triangular(args) }
    }
}

extension Columns {
    /// (RᵀR)⁻¹ of an upper triangle R.
    fileprivate var inverseOfCrossProduct: Columns {
        let n = rows
        var inverse = Columns(zeros: n, n)
        for column in 0..<n {
            for row in stride(from: column, through: 0, by: -1) {
                var sum = row == column ? 1.0 : 0
                for k in (row + 1)..<max(row + 1, column + 1) { sum -= self[row, k] * inverse[k, column] }
                inverse[row, column] = sum / self[row, row]
            }
        }
        var result = Columns(zeros: n, n)
        for a in 0..<n {
            for b in 0..<n {
                result[a, b] = (max(a, b)..<n).reduce(0) { $0 + inverse[a, $1] * inverse[b, $1] }
            }
        }
        return result
    }
}

private func cholesky(_ x: Value) throws -> Value {
    guard let dim = x.dim, dim.count == 2 else {
        guard x.length == 1 else { throw WorkbenchError(.value, "non-matrix argument to 'chol'") }
        let a = try numericMatrix(x, "'a' must be a numeric matrix")
        return matrixValue(try Lapack.cholesky(a), nil)
    }
    guard dim[0] == dim[1] else { throw WorkbenchError(.value, "'a' must be a square matrix") }
    let a = try numericMatrix(x, "'a' must be a numeric matrix")
    guard dim[0] > 0 else { throw WorkbenchError(.value, "'a' must have dims > 0") }
    var result = matrixValue(try Lapack.cholesky(a), nil)
    if let names = x.attribute(Symbol.dimnames) { result = result.setting(Symbol.dimnames, names) }
    return result
}

private func triangular(_ args: Arguments) throws -> Value {
    let r = try numericMatrix(args[0], "'r' must be a numeric matrix")
    let y = try args.required("x")
    var b = try numericMatrix(y, "'x' must be numeric")
    let size = args["k"].isMissing ? r.columns : try args.int("k")
    guard size >= 0, size <= r.rows, size <= r.columns, size <= b.rows else {
        throw WorkbenchError(.value, "invalid 'k' argument")
    }
    let transposes = try args.flag("transpose")
    let isUpper = try args.flag("upper.tri")
    func entry(_ row: Int, _ column: Int) -> Double { transposes ? r[column, row] : r[row, column] }
    let order = isUpper != transposes ? Array((0..<size).reversed()) : Array(0..<size)
    var result = Columns(zeros: size, b.columns)
    for column in 0..<b.columns {
        for (step, k) in order.enumerated() {
            if entry(k, k) == 0 {
                throw WorkbenchError(.value, "singular matrix in 'backsolve'. First zero in diagonal [\(k + 1)]")
            }
            let value = b[k, column] / entry(k, k)
            result[k, column] = value
            for row in order[(step + 1)...] { b[row, column] -= value * entry(row, k) }
        }
    }
    return y.dim != nil ? matrixValue(result, nil) : .numbers(result.elements)
}
