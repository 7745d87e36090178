import Diagnostics
import Glibc
import RRuntime
import VectorValues

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
    guard a.rows > 0 else { throw WorkbenchError(.value, "'a' is 0-diml") }
    guard b.columns > 0 else { throw WorkbenchError(.value, "no right-hand side in 'b'") }
    let factors = try LUFactors(a)
    if let column = factors.singularAt {
        throw WorkbenchError(
            .value, "Lapack routine dgesv: system is exactly singular: U[\(column + 1),\(column + 1)] = 0")
    }
    let tolerance = args["tol"].isMissing ? Double.ulpOfOne : try args.number("tol")
    if tolerance > 0 {
        let condition = try factors.reciprocalCondition("O", a.oneNorm)
        if condition < tolerance {
            let text = formatDouble(condition, conversion: "g", precision: 6)
            throw WorkbenchError(
                .value, "system is computationally singular: reciprocal condition number = \(text)")
        }
    }
    var result = Value.numbers(try factors.solve(b).elements)
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
    let factors = try LUFactors(a)
    if factors.singularAt != nil { return (1, -.infinity) }
    var sign = factors.isOdd ? -1.0 : 1
    var sum = 0.0
    for k in 0..<a.rows {
        let pivot = factors.matrix[k, k]
        if pivot < 0 { sign = -sign }
        sum += log(abs(pivot))
    }
    return (sign, sum)
}
