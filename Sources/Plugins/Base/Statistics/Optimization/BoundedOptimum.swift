import Diagnostics
import RRuntime

/// The box of a search.
struct Bounds {
    let lower: [Double]
    let upper: [Double]

    init(_ args: Arguments, count: Int) throws {
        func side(_ name: String, _ free: Double) throws -> [Double] {
            let given = args.has(name) ? try args[name].asDoubles().elements : [free]
            guard !given.isEmpty else { throw args.invalid(name) }
            return (0..<count).map { given[$0 % given.count] }
        }
        lower = try side("lower", -.infinity)
        upper = try side("upper", .infinity)
    }

    /// Something is bounded.
    var isFinite: Bool { lower.contains { $0 > -.infinity } || upper.contains { $0 < .infinity } }
    /// Everything is, on both sides.
    var isBox: Bool { lower.allSatisfy { $0.isFinite } && upper.allSatisfy { $0.isFinite } }

    func projected(_ x: [Double]) -> [Double] { x.indices.map { min(max(x[$0], lower[$0]), upper[$0]) } }

    /// Largest component of the gradient that still leads anywhere.
    func projectedNorm(_ x: [Double], _ g: [Double]) -> Double {
        x.indices.reduce(0) { norm, i in
            max(norm, abs(g[i] < 0 ? max(x[i] - upper[i], g[i]) : min(x[i] - lower[i], g[i])))
        }
    }
}

/// The limited-memory quasi-Newton method within bounds (Byrd, Lu, Nocedal & Zhu 1995, SIAM J. Sci. Comput. 16).
func boundedOptimum(
    _ start: [Double], _ bounds: Bounds, _ control: OptimControl, _ f: ([Double]) throws -> Double,
    _ gradient: ([Double]) throws -> [Double]
) throws -> Optimum {
    let limit = control.limit ?? 100
    func finite(_ x: [Double]) throws -> Double {
        let value = try f(x)
        guard value.isFinite else { throw WorkbenchError(.value, "L-BFGS-B needs finite values of 'fn'") }
        return value
    }
    guard zip(bounds.lower, bounds.upper).allSatisfy({ $0 <= $1 }) else {
        return Optimum(start, try f(start), 0, 0, 52, "ERROR: NO FEASIBLE SOLUTION")
    }
    if start.isEmpty { return Optimum(start, try f(start), 1, 0, 0, "NOTHING TO DO") }
    if limit <= 0 { return Optimum(start, try f(start), 0, 0, 1, "MAXIT REACHED") }
    var x = bounds.projected(start)
    var value = try finite(x)
    var g = try gradient(x)
    var evaluations = 1
    func end(_ code: Int, _ message: String) -> Optimum { Optimum(x, value, evaluations, evaluations, code, message) }
    let isSmall = "CONVERGENCE: NORM OF PROJECTED GRADIENT <= PGTOL"
    if bounds.projectedNorm(x, g) <= control.gradientTolerance { return end(0, isSmall) }
    var model = QuadraticModel(count: x.count, pairs: control.pairs)
    var iterations = 0
    while true {
        let target = try model.minimum(from: x, gradient: g, bounds)
        let direction = zip(target, x).map { $0 - $1 }
        let (oldPoint, oldGradient, oldValue) = (x, g, value)
        var search = LineSearch(
            direction: direction, from: x, bounds, isFirst: iterations == 0, slope: dot(g, direction), value: value)
        var failed = search.slope >= 0
        var slope = search.slope
        while !failed {
            guard let step = search.next(value: value, slope: slope) else { break }
            if search.evaluations >= 20 {
                failed = true
                break
            }
            search.evaluations += 1
            evaluations += 1
            x = step == 1 ? target : x.indices.map { step * direction[$0] + oldPoint[$0] }
            value = try finite(x)
            g = try gradient(x)
            slope = dot(g, direction)
        }
        if failed {
            (x, g, value) = (oldPoint, oldGradient, oldValue)
            if model.isEmpty { return end(52, "ERROR: ABNORMAL_TERMINATION_IN_LNSRCH") }
            model.forget()
            continue
        }
        iterations += 1
        if iterations > limit { return end(1, "NEW_X") }
        if bounds.projectedNorm(x, g) <= control.gradientTolerance { return end(0, isSmall) }
        let size = max(abs(oldValue), abs(value), 1)
        if oldValue - value <= Double.ulpOfOne * control.factor * size {
            return end(0, "CONVERGENCE: REL_REDUCTION_OF_F <= FACTR*EPSMCH")
        }
        let change = zip(g, oldGradient).map { $0 - $1 }
        let step = search.step
        let curvature = (slope - search.slope) * step
        if curvature > Double.ulpOfOne * -search.slope * step {
            model.learn(step: direction.map { $0 * step }, change: change, curvature: curvature)
        }
    }
}

func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

/// One number, by `optimize()`.
func brentOptimum(
    _ function: Value, _ low: Double, _ high: Double, _ control: OptimControl, _ scale: Double, _ args: Arguments
) throws -> Optimum {
    let f = Builtin("fn", namespace: "stats", [.value("x")]) { inner in
        let value = try inner.context.call(function, [Argument(inner[0])] + args.dots, environment: args.environment)
        return .number((try value.asDoubles().elements.first ?? .nan) / scale)
    }
    let found = try args.context.call(
        "optimize",
        [
            Argument(.builtin(f)), Argument(.number(low), name: "lower"), Argument(.number(high), name: "upper"),
            Argument(.number(control.relative), name: "tol"),
        ])
    guard case .list(let list) = found, list.count == 2 else { return Optimum([.nan], .nan, nil, nil, 0) }
    return Optimum(try list[0].asDoubles().elements, try list[1].asDoubles()[0], nil, nil, 0)
}
