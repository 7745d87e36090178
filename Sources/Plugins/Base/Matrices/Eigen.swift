import Diagnostics
import RRuntime

func registerEigen(_ base: Namespace) {
    base.function(
        "eigen", [.value("x"), .value("symmetric"), .value("only.values", false), .value("EISPACK", false)],
        help: "Eigenvalues and eigenvectors of a square matrix."
    ) { args in try eigen(args) }
    base.method("print", for: "eigen", [.value("x"), .dots], help: "Shows values and vectors.", visible: false) {
        args in
        args.context.console.write("eigen() decomposition\n")
        _ = try args.context.call(
            "print", [Argument(args[0].setting(Symbol.classAttribute, nil))] + args.dots, environment: args.environment)
        return args[0]
    }
}

private func eigen(_ args: Arguments) throws -> Value {
    let x = try args.context.call("as.matrix", [Argument(try args.required("x"))], environment: args.environment)
    guard let dim = x.dim, dim.count == 2, dim[0] > 0 else { throw WorkbenchError(.value, "0 x 0 matrix") }
    guard dim[0] == dim[1] else { throw WorkbenchError(.value, "non-square matrix in 'eigen'") }
    if case .complex = x {
        throw WorkbenchError(.unsupported, "eigen() of a complex matrix is not supported")
    }
    let message = "infinite or missing values in 'x'"
    let a = try numericMatrix(x, message)
    guard a.elements.allSatisfy({ $0.isFinite }) else { throw WorkbenchError(.value, message) }
    let isSymmetric = try args["symmetric"].isMissing ? a.isNearlySymmetric : args.flag("symmetric")
    let onlyValues = try args.flag("only.values")
    let (values, vectors) = try args.context.released {
        isSymmetric ? try symmetric(a, onlyValues) : try general(a, onlyValues)
    }
    let result = Value.named([("values", values), ("vectors", vectors)])
    return onlyValues ? result : result.setting(Symbol.classAttribute, "eigen")
}

/// Largest first.
private func symmetric(_ a: Columns, _ onlyValues: Bool) throws -> (Value, Value) {
    let (values, vectors) = try Lapack.symmetricEigen(a, vectors: !onlyValues)
    let order = Array(a.elements.isEmpty ? [] : (0..<a.rows).reversed())
    return (.numbers(order.map { values[$0] }), vectors.map { matrixValue($0.picking(order), nil) } ?? .null)
}

/// Largest absolute value first; complex if one value is.
private func general(_ a: Columns, _ onlyValues: Bool) throws -> (Value, Value) {
    let (real, imaginary, vectors) = try Lapack.generalEigen(a, vectors: !onlyValues)
    let sizes = zip(real, imaginary).map { ($0 * $0 + $1 * $1).squareRoot() }
    let order = sizes.indices.ordered { sizes[$0] == sizes[$1] ? $0 < $1 : sizes[$0] > sizes[$1] }
    let isComplex = zip(real, imaginary).contains { abs($1) > 10 * Double.ulpOfOne * abs($0) }
    guard isComplex else {
        return (.numbers(order.map { real[$0] }), vectors.map { matrixValue($0.picking(order), nil) } ?? .null)
    }
    let values = Value.complex(Vector(order.map { Complex(real[$0], imaginary[$0]) }))
    guard let vectors else { return (values, .null) }
    var columns = [[Complex]](repeating: [], count: a.rows)
    var place = 0
    while place < a.rows {
        if imaginary[place] != 0, place + 1 < a.rows {
            columns[place] = (0..<a.rows).map { Complex(vectors[$0, place], vectors[$0, place + 1]) }
            columns[place + 1] = columns[place].map { Complex($0.real, -$0.imaginary) }
            place += 2
        } else {
            columns[place] = (0..<a.rows).map { Complex(vectors[$0, place], 0) }
            place += 1
        }
    }
    let matrix = Value.complex(Vector(order.flatMap { columns[$0] })).setting(Symbol.dim, .ints([a.rows, a.rows]))
    return (values, matrix)
}

extension Columns {
    /// Equal to its transpose up to rounding, as `isSymmetric()` measures it.
    var isNearlySymmetric: Bool {
        var difference = 0.0
        var size = 0.0
        for column in 0..<columns {
            for row in 0..<rows where self[row, column] != self[column, row] {
                difference += abs(self[row, column] - self[column, row])
                size += abs(self[row, column])
            }
        }
        let tolerance = 100 * Double.ulpOfOne
        return size.isFinite && size > tolerance ? difference / size <= tolerance : difference <= tolerance
    }

    /// Some of the columns.
    func picking(_ places: [Int]) -> Columns {
        Columns(rows, places.count, places.flatMap { elements[($0 * rows)..<(($0 + 1) * rows)] })
    }
}
