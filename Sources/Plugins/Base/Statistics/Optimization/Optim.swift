import BaseValues
import Diagnostics
import Glibc
import RRuntime

/// Registers `optim`.
func registerOptim(_ stats: Namespace) {
    stats.function(
        "optim",
        [
            .value("par"), .value("fn"), .value("gr", nil), .dots, .value("method", "Nelder-Mead"),
            .value("lower", code: "-Inf"),
            .value("upper", code: "Inf"), .value("control", code: "list()"), .value("hessian", false),
        ], help: "The lowest point of a function of several numbers."
    ) { args in try optim(args) }
}

/// What `control = list()` says.
struct OptimControl {
    var scale = 1.0
    var limit: Int?
    var absolute = -Double.infinity
    var relative = Double.ulpOfOne.squareRoot()
    var alpha = 1.0
    var beta = 0.5
    var gamma = 2.0
    var step = 1e-3
    /// Of L-BFGS-B: relative reduction in units of the rounding error, projected gradient, number of pairs kept.
    var factor = 1e7
    var gradientTolerance = 0.0
    var pairs = 5
}

/// Where an optimization ended.
struct Optimum {
    var point: [Double]
    var value: Double
    var functions: Int?
    var gradients: Int?
    var code: Int
    var message: String?

    init(
        _ point: [Double], _ value: Double, _ functions: Int?, _ gradients: Int?, _ code: Int, _ message: String? = nil
    ) {
        self.point = point
        self.value = value
        self.functions = functions
        self.gradients = gradients
        self.code = code
        self.message = message
    }
}

private func optim(_ args: Arguments) throws -> Value {
    var control = OptimControl()
    if args.has("control"), case .list(let list) = args["control"] {
        for (index, name) in (args["control"].names ?? []).enumerated() {
            let value = list[index]
            let number = try value.isAtomic ? value.asDoubles().elements.first ?? .nan : .nan
            switch name?.string {
            case "fnscale": control.scale = number
            case "maxit": control.limit = Int(exactly: number.rounded())
            case "abstol": control.absolute = number
            case "reltol": control.relative = number
            case "alpha": control.alpha = number
            case "beta": control.beta = number
            case "gamma": control.gamma = number
            case "factr": control.factor = number
            case "pgtol": control.gradientTolerance = number
            case "lmm": control.pairs = min(max(Int(exactly: number.rounded(.down)) ?? 5, 1), 100)
            case "trace", "parscale", "ndeps", "REPORT": break
            case let other:
                try args.context.warn("unknown names in control: \(other ?? "NA")", call: args.call)
            }
        }
    }
    let par = try args.required("par")
    let start = try par.asDoubles().elements
    let names = par.names
    let function = try args.functionValue("fn")
    let (context, extra, environment, scale) = (args.context, args.dots, args.environment, control.scale)
    func vector(_ x: [Double]) -> Value { Value.numbers(x).withNames(names) }
    let f: ([Double]) throws -> Double = { x in
        let result = try context.call(function, [Argument(vector(x))] + extra, environment: environment)
        guard result.length == 1, result.isAtomic, let number = try result.asDoubles().elements.first else {
            throw WorkbenchError(
                .value, "objective function in optim evaluates to length \(result.length) not 1")
        }
        return number / scale
    }
    var method = try args["method"].asCharacters().elements.first??.string ?? "Nelder-Mead"
    let bounds = try Bounds(args, count: start.count)
    if bounds.isFinite, method != "L-BFGS-B", method != "Brent" {
        try context.warn("bounds can only be used with method L-BFGS-B (or Brent)", call: args.call)
        method = "L-BFGS-B"
    }
    if method == "Nelder-Mead", start.count == 1 {
        try context.warn(
            "one-dimensional optimization by Nelder-Mead is unreliable:\nuse \"Brent\" or optimize() directly",
            call: args.call)
    }
    let step = control.step
    let usesBounds = method == "L-BFGS-B"
    let numericGradient: ([Double]) throws -> [Double] = { x in
        var moved = x
        return try x.indices.map { i in
            let high = usesBounds ? min(x[i] + step, bounds.upper[i]) : x[i] + step
            moved[i] = high
            let above = try f(moved)
            let low = usesBounds ? max(x[i] - step, bounds.lower[i]) : x[i] - step
            moved[i] = low
            let below = try f(moved)
            moved[i] = x[i]
            let width = usesBounds ? (high - x[i]) + (x[i] - low) : 2 * step
            let slope = (above - below) / width
            guard slope.isFinite else { throw WorkbenchError(.value, "non-finite finite-difference value [\(i + 1)]") }
            return slope
        }
    }
    var gradient = numericGradient
    if !args["gr"].isNull {
        let given = try args.functionValue("gr")
        gradient = { x in
            let result = try context.call(given, [Argument(vector(x))] + extra, environment: environment)
            let values = try result.asDoubles().elements
            guard values.count == x.count else {
                throw WorkbenchError(.value, "gradient in optim evaluated to length \(values.count) not \(x.count)")
            }
            return values.map { $0 / scale }
        }
    }
    let found: Optimum
    if "Nelder-Mead".hasPrefix(method), !method.isEmpty {
        found = try nelderMead(start, control, f)
    } else if method == "BFGS" {
        found = try bfgs(start, control, f, gradient)
    } else if method == "L-BFGS-B" {
        found = try boundedOptimum(start, bounds, control, f, gradient)
    } else if method == "Brent" {
        guard start.count == 1 else {
            throw WorkbenchError(.value, "method = \"Brent\" is only available for one-dimensional optimization")
        }
        guard let low = bounds.lower.first, let high = bounds.upper.first, low.isFinite, high.isFinite else {
            throw WorkbenchError(.value, "'xmin' not less than 'xmax'", hint: "lower and upper must be finite")
        }
        found = try brentOptimum(function, low, high, control, scale, args)
    } else {
        throw WorkbenchError(
            .unsupported, "optim(method = \"\(method)\") is not supported",
            hint: "methods: \"Nelder-Mead\", \"BFGS\", \"L-BFGS-B\", \"Brent\"")
    }
    func count(_ n: Int?) -> Int32? { n.map { Int32(truncatingIfNeeded: $0) } }
    let counts = Value.integer(Vector([count(found.functions), count(found.gradients)])).withNames([
        "function", "gradient",
    ])
    var fields: [(String, Value)] = [
        ("par", vector(found.point)), ("value", .number(found.value * scale)), ("counts", counts),
        ("convergence", .int(found.code)), ("message", found.message.map { .string($0) } ?? .null),
    ]
    if try args.flag("hessian") {
        let n = start.count
        var matrix = [Double](repeating: 0, count: n * n)
        var moved = found.point
        for i in 0..<n {
            moved[i] = found.point[i] + step
            let above = try gradient(moved)
            moved[i] = found.point[i] - step
            let below = try gradient(moved)
            moved[i] = found.point[i]
            for j in 0..<n { matrix[i * n + j] = scale * (above[j] - below[j]) / (2 * step) }
        }
        let symmetric = (0..<(n * n)).map { 0.5 * (matrix[$0] + matrix[$0 % n * n + $0 / n]) }
        fields.append(("hessian", Value.numbers(symmetric).setting(Symbol.dim, .ints([n, n]))))
    }
    return Value.named(fields)
}
