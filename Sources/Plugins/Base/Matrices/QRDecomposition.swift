import Diagnostics
import RRuntime
import VectorValues

func registerQR(_ base: Namespace) {
    base.function(
        "qr", [.value("x"), .value("tol", 1e-7), .dots], help: "QR decomposition by Householder reflections.",
        dispatch: .generic
    ) { args in
        let x = try args.context.call("as.matrix", [Argument(try args.required("x"))], environment: args.environment)
        let a = try doubleMatrix(x, args)
        guard a.elements.allSatisfy({ $0.isFinite }) else {
            throw WorkbenchError(.value, "NA/NaN/Inf in foreign function call (arg 1)")
        }
        let factors = QRFactors(a, tolerance: try args.number("tol"))
        var matrix = Value.numbers(factors.matrix.elements)
            .setting(Symbol.dim, .ints([factors.matrix.rows, factors.matrix.columns]))
        let names = dimnamesElement(x, 1)
        if !names.isNull || !dimnamesElement(x, 0).isNull {
            matrix = matrix.setting(
                Symbol.dimnames, .items([dimnamesElement(x, 0), names.isNull ? .null : names.gathering(factors.pivot)]))
        }
        return Value.named([
            ("qr", matrix), ("rank", .int(factors.rank)), ("qraux", .numbers(factors.auxiliary)),
            ("pivot", .ints(factors.pivot.map { $0 + 1 })),
        ]).setting(Symbol.classAttribute, "qr")
    }
    base.function(
        "qr.R", [.value("qr"), .value("complete", false), .dots], help: "The triangle of a QR decomposition."
    ) {
        args in
        let factors = try QRFactors(args["qr"])
        let least = min(factors.matrix.rows, factors.matrix.columns)
        let size = try args.flag("complete") ? factors.matrix.rows : least
        var r = Columns(zeros: size, factors.matrix.columns)
        for column in 0..<r.columns {
            for row in 0..<min(column + 1, least) { r[row, column] = factors.matrix[row, column] }
        }
        let names = dimnamesElement(args["qr"].itemsList.first ?? .null, 1)
        return matrixValue(r, names.isNull ? nil : [.null, names])
    }
    base.function("qr.Q", [.value("qr"), .value("complete", false), .dots], help: "The orthogonal factor.") { args in
        let factors = try QRFactors(args["qr"])
        let size =
            try args.flag("complete") ? factors.matrix.rows : min(factors.matrix.rows, factors.matrix.columns)
        var q = Columns(zeros: factors.matrix.rows, size)
        for k in 0..<size { q[k, k] = 1 }
        for k in stride(from: factors.reflections - 1, through: 0, by: -1) { factors.reflect(&q, k) }
        return matrixValue(q, nil)
    }
    base.function("is.qr", [.value("x")], help: "Whether something is a QR decomposition.") { args in
        .flag(try args.required("x").inherits("qr"))
    }
    base.function("qr.coef", [.value("qr"), .value("y")], help: "Least-squares coefficients.") { args in
        try coefficients(args["qr"], try args.required("y"))
    }
    base.function("qr.fitted", [.value("qr"), .value("y"), .dots], help: "Least-squares fit.") { args in
        try projection(args, residuals: false)
    }
    base.function("qr.resid", [.value("qr"), .value("y")], help: "Least-squares residuals.") { args in
        try projection(args, residuals: true)
    }
    base.function("qr.solve", [.value("a"), .value("b"), .value("tol", 1e-7)], help: "Solves by QR.") { args in
        let a = try args.required("a")
        let decomposed =
            a.inherits("qr") ? a : try args.context.call("qr", [Argument(a)], environment: args.environment)
        let factors = try QRFactors(decomposed)
        if factors.rank < min(factors.matrix.rows, factors.matrix.columns) {
            throw WorkbenchError(.value, "singular matrix 'a' in solve")
        }
        if !args["b"].isMissing { return try coefficients(decomposed, args["b"]) }
        var identity = Columns(zeros: factors.matrix.rows, factors.matrix.rows)
        for k in 0..<identity.rows { identity[k, k] = 1 }
        return try coefficients(decomposed, matrixValue(identity, nil))
    }
}

/// A matrix of doubles; texts become numbers or, with R's warning, NA.
private func doubleMatrix(_ x: Value, _ args: Arguments) throws -> Columns {
    guard case .character = x, let dim = x.dim, dim.count == 2 else {
        return try numericMatrix(x, "'x' must be a numeric matrix")
    }
    let (numbers, lost) = try x.asDoublesNotingLoss()
    if lost { try args.context.warn("NAs introduced by coercion", call: args.call) }
    return Columns(dim[0], dim[1], numbers.elements)
}

/// A matrix value from columns.
func matrixValue(_ columns: Columns, _ dimnames: [Value]?) -> Value {
    let value = Value.numbers(columns.elements).setting(Symbol.dim, .ints([columns.rows, columns.columns]))
    return dimnames.map { value.setting(Symbol.dimnames, .items($0)) } ?? value
}

/// Householder QR with limited pivoting (LINPACK's dqrdc2): columns that depend on earlier ones go to the end.
struct QRFactors {
    var matrix: Columns
    var auxiliary: [Double]
    var pivot: [Int]
    var rank: Int

    init(_ a: Columns, tolerance: Double) {
        var m = a
        let (n, p) = (a.rows, a.columns)
        func norm(_ x: Columns, _ from: Int, _ column: Int) -> Double {
            (from..<n).reduce(0) { $0 + x[$1, column] * x[$1, column] }.squareRoot()
        }
        var norms = (0..<p).map { norm(a, 0, $0) }
        var originals = norms.map { $0 == 0 ? 1 : $0 }
        var order = Array(0..<p)
        var limit = p
        for l in 0..<min(n, p) {
            while l < limit, norms[l] < originals[l] * tolerance {
                for row in 0..<n {
                    let held = m[row, l]
                    for column in l..<(p - 1) { m[row, column] = m[row, column + 1] }
                    m[row, p - 1] = held
                }
                order.append(order.remove(at: l))
                norms.append(norms.remove(at: l))
                originals.append(originals.remove(at: l))
                limit -= 1
            }
            if l == n - 1 { break }
            var length = norm(m, l, l)
            if length == 0 { continue }
            if m[l, l] < 0 { length = -length }
            for row in l..<n { m[row, l] /= length }
            m[l, l] += 1
            for column in (l + 1)..<max(p, l + 1) {
                let dot = (l..<n).reduce(0) { $0 + m[$1, l] * m[$1, column] }
                let factor = -dot / m[l, l]
                for row in l..<n { m[row, column] += factor * m[row, l] }
                if norms[column] == 0 { continue }
                let ratio = abs(m[l, column]) / norms[column]
                let left = max(1 - ratio * ratio, 0)
                if abs(left) < 1e-6 {
                    norms[column] = norm(m, l + 1, column)
                } else {
                    norms[column] *= left.squareRoot()
                }
            }
            norms[l] = m[l, l]
            m[l, l] = -length
        }
        matrix = m
        pivot = order
        auxiliary = norms
        rank = min(limit, n)
    }

    /// Reads a value that `qr` made.
    init(_ value: Value) throws {
        guard value.inherits("qr"), case .list(let list) = value, list.count >= 4 else {
            throw WorkbenchError(.type, "argument is not a QR decomposition")
        }
        matrix = try numericMatrix(list[0], "argument is not a QR decomposition")
        rank = try list[1].asIntegers().elements.first.flatMap { $0 }.map { Int($0) } ?? 0
        auxiliary = try list[2].doubleElements()
        pivot = try list[3].asIntegers().elements.map { Int($0 ?? 1) - 1 }
        let columns = matrix.columns
        guard auxiliary.count == columns, Set(pivot) == Set(0..<columns), (0...min(columns, matrix.rows)).contains(rank)
        else {
            throw WorkbenchError(.value, "argument is not a QR decomposition")
        }
    }

    var reflections: Int { max(0, min(rank, matrix.rows - 1)) }

    /// Applies one reflection to the columns of another matrix.
    func reflect(_ other: inout Columns, _ k: Int) {
        let head = auxiliary[k]
        if head == 0 { return }
        for column in 0..<other.columns {
            var dot = head * other[k, column]
            for row in (k + 1)..<max(matrix.rows, k + 1) { dot += matrix[row, k] * other[row, column] }
            let factor = -dot / head
            other[k, column] += factor * head
            for row in (k + 1)..<max(matrix.rows, k + 1) { other[row, column] += factor * matrix[row, k] }
        }
    }
}

private func coefficients(_ qr: Value, _ y: Value) throws -> Value {
    let factors = try QRFactors(qr)
    var b = try numericMatrix(y, "invalid 'y'")
    guard b.rows == factors.matrix.rows else {
        throw WorkbenchError(.value, "'qr' and 'y' must have the same number of rows")
    }
    for k in 0..<factors.reflections { factors.reflect(&b, k) }
    var result = Columns(
        factors.matrix.columns, b.columns, Array(repeating: .na, count: factors.matrix.columns * b.columns))
    for column in 0..<b.columns {
        for k in stride(from: factors.rank - 1, through: 0, by: -1) {
            b[k, column] /= factors.matrix[k, k]
            for row in 0..<k { b[row, column] -= b[k, column] * factors.matrix[row, k] }
            result[factors.pivot[k], column] = b[k, column]
        }
    }
    let names = dimnamesElement(qr.itemsList.first ?? .null, 1)
    if y.dim != nil { return matrixValue(result, names.isNull ? nil : [names, dimnamesElement(y, 1)]) }
    let value = Value.numbers(result.elements)
    return names.isNull ? value : value.setting(Symbol.names, names)
}

private func projection(_ args: Arguments, residuals: Bool) throws -> Value {
    let factors = try QRFactors(args["qr"])
    let y = try args.required("y")
    var b = try numericMatrix(y, "invalid 'y'")
    guard b.rows == factors.matrix.rows else {
        throw WorkbenchError(.value, "'qr' and 'y' must have the same number of rows")
    }
    for k in 0..<factors.reflections { factors.reflect(&b, k) }
    for column in 0..<b.columns {
        let range = residuals ? 0..<min(factors.rank, b.rows) : min(factors.rank, b.rows)..<b.rows
        for row in range { b[row, column] = 0 }
    }
    for k in stride(from: factors.reflections - 1, through: 0, by: -1) { factors.reflect(&b, k) }
    return y.dim != nil ? matrixValue(b, nil) : .numbers(b.elements)
}
