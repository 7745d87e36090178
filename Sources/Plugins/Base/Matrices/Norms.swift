import Diagnostics
import RRuntime

func registerNorms(_ base: Namespace) {
    base.function("norm", [.value("x"), .value("type", "O")], help: "Norm of a matrix.") { args in
        let x = try args.required("x")
        guard x.dim?.count == 2 else { throw WorkbenchError(.type, "'A' must be a numeric matrix") }
        let a = try numericMatrix(x, "'A' must be a numeric matrix")
        switch try args.string("type") {
        case "O", "o", "1": return .number(a.oneNorm)
        case "I", "i": return .number(a.transposed.oneNorm)
        case "F", "f", "E", "e": return .number(a.elements.reduce(0) { $0 + $1 * $1 }.squareRoot())
        case "M", "m": return .number(a.elements.map { abs($0) }.max() ?? 0)
        case "2":
            guard !a.elements.isEmpty else { return 0 }
            guard a.elements.allSatisfy({ $0.isFinite }) else {
                throw WorkbenchError(.value, "infinite or missing values in 'x'")
            }
            return .number(try Lapack.singularValues(a, .none).values.first ?? 0)
        case let type:
            throw WorkbenchError(
                .value, "argument type[1]='\(type)' must be one of 'M','1','O','I','F', 'E' or '2'")
        }
    }
    base.function(
        "rcond", [.value("x"), .value("norm", "O", help: "O or I"), .value("triangular", false), .dots],
        help: "Reciprocal of the condition number of a square matrix."
    ) { args in
        let x = try args.context.call("as.matrix", [Argument(try args.required("x"))], environment: args.environment)
        let a = try numericMatrix(x, "'A' must be a numeric matrix")
        guard a.rows == a.columns else { throw WorkbenchError(.value, "'A' must be a square matrix") }
        guard a.rows > 0 else { return .number(.infinity) }
        let norm = try args.string("norm")
        guard ["O", "o", "1", "I", "i"].contains(norm) else {
            throw WorkbenchError(.value, "argument type[1]='\(norm)' must be one of '1','O', or 'I'")
        }
        let isRows = norm == "I" || norm == "i"
        let factors = try LUFactors(a)
        if factors.singularAt != nil { return 0 }
        return .number(
            try factors.reciprocalCondition(isRows ? "I" : "O", isRows ? a.transposed.oneNorm : a.oneNorm))
    }
}

extension Columns {
    /// Largest sum of absolute values in a column.
    var oneNorm: Double {
        var largest = 0.0
        for column in 0..<columns {
            let sum = (0..<rows).reduce(0) { $0 + abs(self[$1, column]) }
            if sum.isNaN { return sum }
            largest = max(largest, sum)
        }
        return largest
    }
}
