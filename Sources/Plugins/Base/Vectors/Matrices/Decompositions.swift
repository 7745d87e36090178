import Diagnostics
import Glibc
import PluginAPI

func registerDecompositions(_ base: Namespace) {
    base.function("chol", [.value("x"), .dots], help: "Upper triangle whose cross product is x.", dispatch: .generic) {
        args in try cholesky(try args.required("x"))
    }
    base.function("chol2inv", [.value("x"), .dots], help: "Inverse from a Cholesky triangle.") { args in
        let r = try numericMatrix(try args.required("x"), "'a' must be a numeric matrix")
        guard r.rows == r.columns else { throw WorkbenchError(.value, "'a' must be a square matrix") }
        return matrixValue(LUFactors(r.transposed.times(r)).solve(identity(r.rows)), nil)
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
    base.function(
        "eigen", [.value("x"), .value("symmetric"), .value("only.values", false), .value("EISPACK", false)],
        help: "Eigenvalues and eigenvectors of a symmetric matrix."
    ) { args in try eigen(args) }
    base.method("print", for: "eigen", [.value("x"), .dots], help: "Shows values and vectors.", visible: false) {
        args in
        args.context.console.write("eigen() decomposition\n")
        _ = try args.context.call(
            "print", [Argument(args[0].setting(Symbol.classAttribute, nil))] + args.dots, environment: args.environment)
        return args[0]
    }
    base.function(
        "svd", [.value("x"), .value("nu", code: "min(n, p)"), .value("nv", code: "min(n, p)")],
        help: "Singular values and vectors."
    ) { args in try singularValues(args) }
    base.function("norm", [.value("x"), .value("type", "O")], help: "Norm of a matrix.") { args in
        let x = try args.required("x")
        guard x.dim?.count == 2 else { throw WorkbenchError(.type, "'A' must be a numeric matrix") }
        let a = try numericMatrix(x, "'A' must be a numeric matrix")
        switch try args.string("type") {
        case "O", "o", "1": return .number(a.oneNorm)
        case "I", "i": return .number(a.transposed.oneNorm)
        case "F", "f", "E", "e": return .number(a.elements.reduce(0) { $0 + $1 * $1 }.squareRoot())
        case "M", "m": return .number(a.elements.map { abs($0) }.max() ?? 0)
        case "2": return .number(SingularValues(a).values.first ?? 0)
        case let type:
            throw WorkbenchError(
                .value, "argument type[1]='\(type)' must be one of 'M','1','O','I','F', 'E' or '2'")
        }
    }
}

private func identity(_ n: Int) -> Columns {
    var result = Columns(zeros: n, n)
    for k in 0..<n { result[k, k] = 1 }
    return result
}

private func cholesky(_ x: Value) throws -> Value {
    let a = try numericMatrix(x, "'a' must be a numeric matrix")
    guard a.rows == a.columns else { throw WorkbenchError(.value, "'a' must be a square matrix") }
    var r = Columns(zeros: a.rows, a.rows)
    for column in 0..<a.rows {
        for row in 0...column {
            var sum = a[row, column]
            for k in 0..<row { sum -= r[k, row] * r[k, column] }
            if row < column {
                r[row, column] = sum / r[row, row]
            } else {
                guard sum > 0 else {
                    throw WorkbenchError(.value, "the leading minor of order \(row + 1) is not positive definite")
                }
                r[row, row] = sum.squareRoot()
            }
        }
    }
    var result = matrixValue(r, nil)
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

/// Eigenvalues of a symmetric matrix by cyclic Jacobi rotations, largest first.
struct SymmetricEigen {
    var values: [Double]
    var vectors: Columns

    init(_ matrix: Columns) {
        var a = matrix
        let n = a.rows
        var v = identity(n)
        for _ in 0..<100 {
            var off = 0.0
            for column in 1..<max(n, 1) { for row in 0..<column { off += a[row, column] * a[row, column] } }
            if off < 1e-300 || !off.isFinite { break }
            for p in 0..<max(n - 1, 0) {
                for q in (p + 1)..<n where a[p, q] != 0 {
                    let theta = (a[q, q] - a[p, p]) / (2 * a[p, q])
                    let t = (theta >= 0 ? 1.0 : -1.0) / (abs(theta) + (theta * theta + 1).squareRoot())
                    let c = 1 / (t * t + 1).squareRoot()
                    let s = t * c
                    for k in 0..<n {
                        let (x, y) = (a[k, p], a[k, q])
                        a[k, p] = c * x - s * y
                        a[k, q] = s * x + c * y
                    }
                    for k in 0..<n {
                        let (x, y) = (a[p, k], a[q, k])
                        a[p, k] = c * x - s * y
                        a[q, k] = s * x + c * y
                    }
                    for k in 0..<n {
                        let (x, y) = (v[k, p], v[k, q])
                        v[k, p] = c * x - s * y
                        v[k, q] = s * x + c * y
                    }
                }
            }
        }
        let order = (0..<n).sorted { a[$0, $0] > a[$1, $1] }
        values = order.map { a[$0, $0] }
        vectors = Columns(zeros: n, n)
        for (column, source) in order.enumerated() {
            // The sign is free; LAPACK's vectors mostly end in a positive number.
            let sign: Double = n > 0 && v[n - 1, source] < 0 ? -1 : 1
            for row in 0..<n { vectors[row, column] = sign * v[row, source] }
        }
    }
}

private func eigen(_ args: Arguments) throws -> Value {
    let x = try args.context.call("as.matrix", [Argument(try args.required("x"))], environment: args.environment)
    let a = try numericMatrix(x, "'x' must be a numeric matrix")
    guard a.rows == a.columns else { throw WorkbenchError(.value, "non-square matrix in 'eigen'") }
    guard a.elements.allSatisfy({ $0.isFinite }) else {
        throw WorkbenchError(.value, "infinite or missing values in 'x'")
    }
    var isSymmetric = true
    let size = a.elements.map { abs($0) }.max() ?? 0
    for column in 0..<a.columns {
        for row in 0..<column where abs(a[row, column] - a[column, row]) > 100 * Double.ulpOfOne * size {
            isSymmetric = false
        }
    }
    if !args["symmetric"].isMissing { isSymmetric = try args.flag("symmetric") }
    guard isSymmetric else {
        throw WorkbenchError(
            .unsupported, "eigen() of a matrix that is not symmetric is not implemented",
            hint: "symmetric = TRUE uses the lower triangle")
    }
    var lower = a
    for column in 0..<a.columns { for row in 0..<column { lower[row, column] = a[column, row] } }
    let result = SymmetricEigen(lower)
    if try args.flag("only.values") { return Value.named([("values", .numbers(result.values)), ("vectors", .null)]) }
    return Value.named([("values", .numbers(result.values)), ("vectors", matrixValue(result.vectors, nil))])
        .setting(Symbol.classAttribute, "eigen")
}

/// Singular values by one-sided Jacobi rotations, largest first; columns of `left` and `right` belong together.
struct SingularValues {
    var values: [Double] = []
    var left: Columns
    var right: Columns

    init(_ matrix: Columns) {
        let isWide = matrix.rows < matrix.columns
        var a = isWide ? matrix.transposed : matrix
        let (n, p) = (a.rows, a.columns)
        var v = identity(p)
        for _ in 0..<100 {
            var rotated = false
            for i in 0..<max(p - 1, 0) {
                for j in (i + 1)..<p {
                    var (alpha, beta, gamma) = (0.0, 0.0, 0.0)
                    for row in 0..<n {
                        alpha += a[row, i] * a[row, i]
                        beta += a[row, j] * a[row, j]
                        gamma += a[row, i] * a[row, j]
                    }
                    if abs(gamma) <= 1e-15 * (alpha * beta).squareRoot() || !gamma.isFinite { continue }
                    rotated = true
                    let zeta = (beta - alpha) / (2 * gamma)
                    let t = (zeta >= 0 ? 1.0 : -1.0) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
                    let c = 1 / (1 + t * t).squareRoot()
                    let s = c * t
                    for row in 0..<n {
                        let (x, y) = (a[row, i], a[row, j])
                        a[row, i] = c * x - s * y
                        a[row, j] = s * x + c * y
                    }
                    for row in 0..<p {
                        let (x, y) = (v[row, i], v[row, j])
                        v[row, i] = c * x - s * y
                        v[row, j] = s * x + c * y
                    }
                }
            }
            if !rotated { break }
        }
        let norms = (0..<p).map { column in (0..<n).reduce(0) { $0 + a[$1, column] * a[$1, column] }.squareRoot() }
        let order = (0..<p).sorted { norms[$0] > norms[$1] }
        values = order.map { norms[$0] }
        var u = Columns(zeros: n, p)
        var w = Columns(zeros: p, p)
        for (column, source) in order.enumerated() {
            // The sign is free; LAPACK's first left vector mostly begins with a negative number.
            let sign: Double = n > 0 && a[0, source] > 0 ? -1 : 1
            for row in 0..<n { u[row, column] = norms[source] > 0 ? sign * a[row, source] / norms[source] : 0 }
            for row in 0..<p { w[row, column] = sign * v[row, source] }
        }
        left = isWide ? w : u
        right = isWide ? u : w
    }
}

private func singularValues(_ args: Arguments) throws -> Value {
    let x = try args.context.call("as.matrix", [Argument(try args.required("x"))], environment: args.environment)
    let a = try numericMatrix(x, "argument is not a numeric matrix")
    guard a.elements.allSatisfy({ $0.isFinite }) else {
        throw WorkbenchError(.value, "infinite or missing values in 'x'")
    }
    let result = SingularValues(a)
    let size = min(a.rows, a.columns)
    func columns(_ matrix: Columns, _ name: String) throws -> Value {
        let wanted = args[name].isMissing ? size : min(max(try args.int(name), 0), size)
        return matrixValue(Columns(matrix.rows, wanted, Array(matrix.elements.prefix(matrix.rows * wanted))), nil)
    }
    return Value.named([
        ("d", .numbers(result.values)), ("u", try columns(result.left, "nu")), ("v", try columns(result.right, "nv")),
    ])
}
