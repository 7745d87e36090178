import CLapack
import Diagnostics
import RRuntime
import VectorValues

/// LAPACK's routines over ``Columns``: those that R calls, so that signs and orders are R's.
enum Lapack {
    /// Throws for what is no result.
    /// - Parameter info: What a routine returned; positive numbers mean something to the caller.
    static func check(_ info: Int32, _ routine: String) throws {
        if Int(info) == lapack_no_memory { throw cannotAllocate(bytes: Double(129 << 20)) }
        if info < 0 { throw WorkbenchError(.value, "error code \(info) from Lapack routine '\(routine)'") }
    }

    /// Eigenvalues, rising, and vectors of a symmetric matrix, whose lower triangle is read.
    static func symmetricEigen(_ a: Columns, vectors: Bool) throws -> (values: [Double], vectors: Columns?) {
        var work = a.elements
        var values = [Double](repeating: 0, count: a.rows)
        var z = [Double](repeating: 0, count: vectors ? a.elements.count : 0)
        let info =
            vectors
            ? lapack_eigen_symmetric(a.rows, &work, &values, &z)
            : lapack_eigen_symmetric(a.rows, &work, &values, nil)
        try check(info, "dsyevr")
        if info > 0 { throw WorkbenchError(.value, "error code \(info) from Lapack routine 'dsyevr'") }
        return (values, vectors ? Columns(a.rows, a.rows, z) : nil)
    }

    /// Eigenvalues and right vectors of any square matrix; of two conjugates the vector's parts are two columns.
    static func generalEigen(
        _ a: Columns, vectors: Bool
    ) throws -> (real: [Double], imaginary: [Double], vectors: Columns?) {
        var work = a.elements
        var real = [Double](repeating: 0, count: a.rows)
        var imaginary = real
        var z = [Double](repeating: 0, count: vectors ? a.elements.count : 0)
        let info =
            vectors
            ? lapack_eigen_general(a.rows, &work, &real, &imaginary, &z)
            : lapack_eigen_general(a.rows, &work, &real, &imaginary, nil)
        try check(info, "dgeev")
        if info > 0 { throw WorkbenchError(.value, "error code \(info) from Lapack routine 'dgeev'") }
        return (real, imaginary, vectors ? Columns(a.rows, a.rows, z) : nil)
    }

    /// Which singular vectors are wanted.
    enum Wanted {
        case none, economical, all
    }

    /// Singular values, left vectors, and right vectors in rows.
    static func singularValues(
        _ a: Columns, _ wanted: Wanted
    ) throws -> (values: [Double], left: Columns, right: Columns) {
        let least = min(a.rows, a.columns)
        let (left, right) =
            switch wanted {
            case .none: (0, 0)
            case .economical: (least, least)
            case .all: (a.rows, a.columns)
            }
        var work = a.elements
        var values = [Double](repeating: 0, count: least)
        var u = [Double](repeating: 0, count: max(1, a.rows * left))
        var vt = [Double](repeating: 0, count: max(1, right * a.columns))
        let job: Character =
            switch wanted {
            case .none: "N"
            case .economical: "S"
            case .all: "A"
            }
        let info = lapack_singular_values(
            CChar(bitPattern: job.asciiValue ?? 78), a.rows, a.columns, &work, &values, &u, &vt)
        try check(info, "dgesdd")
        if info > 0 { throw WorkbenchError(.value, "error code \(info) from Lapack routine 'dgesdd'") }
        return (
            values, Columns(a.rows, left, Array(u.prefix(a.rows * left))),
            Columns(right, a.columns, Array(vt.prefix(right * a.columns)))
        )
    }

    /// The upper triangle whose cross product is a matrix, of which the upper triangle is read.
    static func cholesky(_ a: Columns) throws -> Columns {
        var result = a
        for column in 0..<a.columns {
            for row in (column + 1)..<max(column + 1, a.rows) { result[row, column] = 0 }
        }
        let info = lapack_cholesky(a.rows, &result.elements)
        try check(info, "dpotrf")
        if info > 0 { throw WorkbenchError(.value, "the leading minor of order \(info) is not positive definite") }
        return result
    }
}

/// LU factors with row exchanges (dgetrf).
struct LUFactors {
    let matrix: Columns
    let pivots: [Int32]
    /// First column (from 0) whose pivot is exactly zero.
    let singularAt: Int?

    init(_ a: Columns) throws {
        var factors = a.elements
        var rows = [Int32](repeating: 0, count: a.rows)
        let info = a.rows == 0 ? 0 : lapack_lu(a.rows, &factors, &rows)
        try Lapack.check(info, "dgetrf")
        matrix = Columns(a.rows, a.columns, factors)
        pivots = rows
        singularAt = info > 0 ? Int(info) - 1 : nil
    }

    /// Whether rows were exchanged an odd number of times.
    var isOdd: Bool { pivots.enumerated().filter { Int($0.element) != $0.offset + 1 }.count % 2 == 1 }

    func solve(_ b: Columns) throws -> Columns {
        var x = b
        if b.elements.isEmpty { return x }
        try Lapack.check(lapack_lu_solve(matrix.rows, b.columns, matrix.elements, pivots, &x.elements), "dgesv")
        return x
    }

    /// Reciprocal of the condition number; 0 where the norm is no number.
    func reciprocalCondition(_ norm: Character, _ size: Double) throws -> Double {
        if size.isNaN { return 0 }
        var result = 0.0
        let info = lapack_lu_condition(
            CChar(bitPattern: norm.asciiValue ?? 79), matrix.rows, matrix.elements, size, &result)
        try Lapack.check(info, "dgecon")
        return result
    }
}
