import Diagnostics
import RRuntime

/// `cov2cor()`, `ppoints()`.
func registerCovariances(_ stats: Namespace) {
    stats.function("cov2cor", [.value("V")], help: "Correlations from covariances") { args in
        let v = try args.required("V")
        guard let dim = v.dim, dim.count == 2, dim[0] == dim[1], v.isNumeric else {
            throw WorkbenchError(.value, "'V' is not a square numeric matrix")
        }
        let n = dim[0]
        var numbers = try v.asDoubles().elements
        let scales = (0..<n).map { 1 / numbers[$0 * (n + 1)].squareRoot() }
        if scales.contains(where: { !$0.isFinite }) {
            try args.context.warn(
                "diag(.) had 0 or NA entries; non-finite result is doubtful", call: args.call)
        }
        for column in 0..<n {
            for row in 0..<n {
                numbers[row + column * n] =
                    row == column ? 1 : scales[row] * numbers[row + column * n] * scales[column]
            }
        }
        return .double(Vector(numbers, v.attributes))
    }
    stats.function(
        "ppoints", [.value("n"), .value("a", code: "if (n <= 10) 3/8 else 1/2")],
        help: "Probabilities at which quantiles of a sample of n stand"
    ) { args in
        let given = try args.required("n")
        let count = try given.length > 1 ? given.length : args.int("n")
        guard count >= 0, count < 1 << 31 else { throw args.invalid("n") }
        try MemoryDoor.check(count: count, elementBytes: 8)
        let a = args.has("a") ? try args.number("a") : count <= 10 ? 3.0 / 8 : 1.0 / 2
        return .numbers((0..<count).map { (Double($0 + 1) - a) / (Double(count) + 1 - 2 * a) })
    }
}
