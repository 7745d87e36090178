import BaseValues
import Diagnostics
import Glibc
import RRuntime

/// Registers `optimize`, `uniroot`, `approx`, `approxfun`.
func registerSolving(_ stats: Namespace) {
    for name in ["optimize", "optimise"] {
        stats.function(
            name,
            [
                .value("f"), .value("interval", code: "c(lower, upper)"), .dots, .value("lower"), .value("upper"),
                .value("maximum", false), .value("tol", code: ".Machine$double.eps^0.25"),
            ], help: "The lowest (or highest) point of a function on an interval: Brent's method."
        ) { args in
            let (low, high) = try interval(args)
            let isMaximum = try args.flag("maximum")
            let tolerance = args.has("tol") ? try args.number("tol") : pow(Double.ulpOfOne, 0.25)
            let f = try numericFunction(args)
            let place = try minimum(from: low, to: high, tolerance: tolerance) { isMaximum ? -(try f($0)) : try f($0) }
            return Value.named([
                (isMaximum ? "maximum" : "minimum", .number(place)), ("objective", .number(try f(place))),
            ])
        }
    }
    stats.function(
        "uniroot",
        [
            .value("f"), .value("interval", code: "c(lower, upper)"), .dots, .value("lower"), .value("upper"),
            .value("f.lower"), .value("f.upper"), .value("extendInt", "no"), .value("check.conv", false),
            .value("tol", code: ".Machine$double.eps^0.25"), .value("maxiter", 1000), .value("trace", 0),
        ], help: "A zero of a function on an interval: Brent's method."
    ) { args in
        let (low, high) = try interval(args)
        let f = try numericFunction(args)
        let tolerance = args.has("tol") ? try args.number("tol") : pow(Double.ulpOfOne, 0.25)
        let (first, last) = (try f(low), try f(high))
        if first.isNaN || last.isNaN { throw WorkbenchError(.value, "f.lower = f(lower) is NA") }
        guard first * last <= 0 else {
            throw WorkbenchError(.value, "f() values at end points not of opposite sign")
        }
        let found = try root(
            from: low, to: high, first, last, tolerance: tolerance, limit: try args.int("maxiter"), f)
        return Value.named([
            ("root", .number(found.place)), ("f.root", .number(try f(found.place))), ("iter", .int(found.steps)),
            ("init.it", .integer(Vector([nil]))), ("estim.prec", .number(found.precision)),
        ])
    }
    registerApprox(stats)
}

private func interval(_ args: Arguments) throws -> (Double, Double) {
    var limits = [Double]()
    if args.has("interval") { limits = try args["interval"].asDoubles().elements }
    let low = args.has("lower") ? try args.number("lower") : limits.min() ?? .nan
    let high = args.has("upper") ? try args.number("upper") : limits.max() ?? .nan
    guard low.isFinite, high.isFinite, low < high else { throw WorkbenchError(.value, "invalid 'xmin' value") }
    return (low, high)
}

private func numericFunction(_ args: Arguments) throws -> (Double) throws -> Double {
    let function = try args.functionValue("f")
    let (context, extra, environment) = (args.context, args.dots, args.environment)
    return { x in
        let result = try context.call(function, [Argument(.number(x))] + extra, environment: environment)
        guard result.length == 1, result.isAtomic, let number = try result.asDoubles().elements.first else {
            throw WorkbenchError(.value, "invalid function value in 'optimize'")
        }
        return number
    }
}

/// Brent (1973), `localmin`: golden section with parabolic steps.
private func minimum(
    from low: Double, to high: Double, tolerance: Double, _ f: (Double) throws -> Double
) throws -> Double {
    let golden = (3 - 5.0.squareRoot()) * 0.5
    let eps = Double.ulpOfOne.squareRoot()
    var (a, b) = (low, high)
    var v = a + golden * (b - a)
    var (w, x) = (v, v)
    var (d, e) = (0.0, 0.0)
    var fx = try value(x)
    var (fv, fw) = (fx, fx)
    let third = tolerance / 3
    func value(_ x: Double) throws -> Double {
        let result = try f(x)
        return result.isFinite ? result : .greatestFiniteMagnitude
    }
    for _ in 0..<10_000 {
        let middle = (a + b) * 0.5
        let near = eps * abs(x) + third
        let twice = near * 2
        if abs(x - middle) <= twice - (b - a) * 0.5 { break }
        var (p, q, r) = (0.0, 0.0, 0.0)
        if abs(e) > near {
            r = (x - w) * (fx - fv)
            q = (x - v) * (fx - fw)
            p = (x - v) * q - (x - w) * r
            q = (q - r) * 2
            if q > 0 { p = -p } else { q = -q }
            r = e
            e = d
        }
        var u: Double
        if abs(p) >= abs(q * 0.5 * r) || p <= q * (a - x) || p >= q * (b - x) {
            e = x < middle ? b - x : a - x
            d = golden * e
        } else {
            d = p / q
            u = x + d
            if u - a < twice || b - u < twice {
                d = near
                if x >= middle { d = -d }
            }
        }
        if abs(d) >= near { u = x + d } else { u = d > 0 ? x + near : x - near }
        let fu = try value(u)
        if fu <= fx {
            if u < x { b = x } else { a = x }
            (v, w, x) = (w, x, u)
            (fv, fw, fx) = (fw, fx, fu)
        } else {
            if u < x { a = u } else { b = u }
            if fu <= fw || w == x {
                (v, fv) = (w, fw)
                (w, fw) = (u, fu)
            } else if fu <= fv || v == x || v == w {
                (v, fv) = (u, fu)
            }
        }
    }
    return x
}

/// Brent (1973), `zeroin`: bisection with secant and inverse quadratic steps.
private func root(
    from low: Double, to high: Double, _ first: Double, _ last: Double, tolerance: Double, limit: Int,
    _ f: (Double) throws -> Double
) throws -> (place: Double, steps: Int, precision: Double) {
    var (a, b) = (low, high)
    var (fa, fb) = (first, last)
    var (c, fc) = (a, fa)
    if fa == 0 { return (a, 0, 0) }
    if fb == 0 { return (b, 0, 0) }
    var left = limit + 1
    let all = limit
    while left > 0 {
        left -= 1
        let previous = b - a
        if abs(fc) < abs(fb) {
            (a, b, c) = (b, c, b)
            (fa, fb, fc) = (fb, fc, fb)
        }
        let near = 2 * Double.ulpOfOne * abs(b) + tolerance / 2
        var step = (c - b) / 2
        if abs(step) <= near || fb == 0 { return (b, all - left, abs(c - b)) }
        if abs(previous) >= near, abs(fa) > abs(fb) {
            var (p, q): (Double, Double)
            let cb = c - b
            if a == c {
                let ratio = fb / fa
                p = cb * ratio
                q = 1 - ratio
            } else {
                let (r, s, t) = (fa / fc, fb / fc, fb / fa)
                p = t * (cb * r * (r - s) - (b - a) * (s - 1))
                q = (r - 1) * (s - 1) * (t - 1)
            }
            if p > 0 { q = -q } else { p = -p }
            if p < 0.75 * cb * q - abs(near * q) / 2, p < abs(previous * q / 2) { step = p / q }
        }
        if abs(step) < near { step = step > 0 ? near : -near }
        (a, fa) = (b, fb)
        b += step
        fb = try f(b)
        if (fb > 0) == (fc > 0) { (c, fc) = (a, fa) }
    }
    return (b, -1, abs(c - b))
}

private struct Interpolation {
    var x: [Double]
    var y: [Double]
    var isConstant: Bool
    var f: Double
    var left: Double
    var right: Double

    func callAsFunction(_ v: Double) -> Double {
        guard let first = x.first, let last = x.last, !v.isNaN else { return v.isNaN ? v : .na }
        if v < first { return left }
        if v > last { return right }
        var (i, j) = (0, x.count - 1)
        while i < j - 1 {
            let middle = (i + j) / 2
            if v < x[middle] { j = middle } else { i = middle }
        }
        if v == x[j] { return y[j] }
        if v == x[i] { return y[i] }
        if isConstant { return (f == 1 ? 0 : y[i] * (1 - f)) + (f == 0 ? 0 : y[j] * f) }
        return y[i] + (y[j] - y[i]) * ((v - x[i]) / (x[j] - x[i]))
    }
}

private func interpolation(_ args: Arguments) throws -> Interpolation {
    var x = try numbers(try args.required("x"), orThrow: "'x' must be numeric")
    var y: [Double]
    if args.has("y"), !args["y"].isNull {
        y = try numbers(args["y"], orThrow: "'y' must be numeric")
    } else {
        y = x
        x = x.indices.map { Double($0 + 1) }
    }
    guard x.count == y.count else { throw WorkbenchError(.value, "'x' and 'y' lengths differ") }
    var sums: [Double: (sum: Double, count: Double)] = [:]
    for (a, b) in zip(x, y) where !a.isNaN && !b.isNaN {
        let before = sums[a] ?? (0, 0)
        sums[a] = (before.sum + b, before.count + 1)
    }
    let places = sums.keys.ordered(by: <)
    let values = places.map { place in sums[place].map { $0.sum / $0.count } ?? .nan }
    let method = try args.string("method")
    guard "linear".hasPrefix(method) || "constant".hasPrefix(method) else {
        throw WorkbenchError(.value, "invalid interpolation method")
    }
    let isConstant = !"linear".hasPrefix(method)
    guard places.count >= (isConstant ? 1 : 2) else {
        throw WorkbenchError(.value, "need at least two non-NA values to interpolate")
    }
    let rule = try args["rule"].asIntegers().elements
    let leftRule = rule.first ?? 1
    let rightRule = rule.count > 1 ? rule[1] : leftRule
    let f = try args.number("f")
    var left = leftRule == 2 ? values[0] : .na
    var right = rightRule == 2 ? values[values.count - 1] : .na
    if args.has("yleft") { left = try args.number("yleft") }
    if args.has("yright") { right = try args.number("yright") }
    return Interpolation(x: places, y: values, isConstant: isConstant, f: f, left: left, right: right)
}

private func registerApprox(_ stats: Namespace) {
    let tail: [Parameter] = [
        .value("yleft"), .value("yright"), .value("rule", 1), .value("f", 0), .value("ties", code: "mean"),
    ]
    stats.function(
        "approx", [.value("x"), .value("y", nil), .value("xout"), .value("method", "linear"), .value("n", 50)] + tail,
        help: "Interpolated values."
    ) { args in
        let curve = try interpolation(args)
        var places: [Double]
        if args.has("xout") {
            places = try numbers(args["xout"], orThrow: "'xout' must be numeric")
        } else {
            let n = try args.int("n")
            guard n > 0, let first = curve.x.first, let last = curve.x.last else {
                throw WorkbenchError(.value, "'approx' requires n >= 1")
            }
            places = (0..<n).map { n == 1 ? first : first + Double($0) * ((last - first) / Double(n - 1)) }
            if n > 1 { places[n - 1] = last }
        }
        return Value.named([("x", .numbers(places)), ("y", .numbers(places.map { curve($0) }))])
    }
    stats.functionMaker(
        "approxfun", [.value("x"), .value("y", nil), .value("method", "linear")] + tail,
        help: "A function that interpolates."
    ) {
        args in
        let curve = try interpolation(args)
        return Builtin("approxfun", namespace: "stats", [.value("v")], help: "An interpolating function.") { inner in
            .numbers(try numbers(try inner.required("v"), orThrow: "'v' must be numeric").map { curve($0) })
        }
    }
}
