import Diagnostics
import RRuntime

func registerSingularValues(_ base: Namespace) {
    base.function(
        "svd",
        [.value("x"), .value("nu", code: "min(n, p)"), .value("nv", code: "min(n, p)"), .value("LINPACK", false)],
        help: "Singular values and vectors."
    ) { args in
        let found = try Singular(args)
        var fields = [("d", Value.numbers(found.values))]
        if found.left.columns > 0 { fields.append(("u", matrixValue(found.left, nil))) }
        if found.right.rows > 0 { fields.append(("v", matrixValue(found.right.transposed, nil))) }
        return .named(fields)
    }
    base.function(
        "La.svd", [.value("x"), .value("nu", code: "min(n, p)"), .value("nv", code: "min(n, p)")],
        help: "Singular values and vectors, those of the right in rows."
    ) { args in
        let found = try Singular(args)
        var fields = [("d", Value.numbers(found.values))]
        if found.left.columns > 0 { fields.append(("u", matrixValue(found.left, nil))) }
        if found.right.rows > 0 { fields.append(("vt", matrixValue(found.right, nil))) }
        return .named(fields)
    }
}

/// What `svd()` found, with as many vectors as were asked for.
private struct Singular {
    let values: [Double]
    let left: Columns
    /// In rows.
    let right: Columns

    init(_ args: Arguments) throws {
        let x = try args.context.call("as.matrix", [Argument(try args.required("x"))], environment: args.environment)
        let message = "infinite or missing values in 'x'"
        if case .complex = x {
            throw WorkbenchError(.unsupported, "singular values of a complex matrix are not supported")
        }
        let a = try numericMatrix(x, message)
        guard a.elements.allSatisfy({ $0.isFinite }) else { throw WorkbenchError(.value, message) }
        guard a.rows > 0, a.columns > 0 else { throw WorkbenchError(.value, "a dimension is zero") }
        let least = min(a.rows, a.columns)
        let nu = args["nu"].isMissing ? least : min(max(try args.int("nu"), 0), a.rows)
        let nv = args["nv"].isMissing ? least : min(max(try args.int("nv"), 0), a.columns)
        let wanted: Lapack.Wanted = nu == 0 && nv == 0 ? .none : nu <= least && nv <= least ? .economical : .all
        let found = try args.context.released { try Lapack.singularValues(a, wanted) }
        values = found.values
        left = found.left.picking(Array(0..<nu))
        right = found.right.transposed.picking(Array(0..<nv)).transposed
    }
}
