import BaseValues
import Glibc
import RRuntime

/// Up to three parameters of a distribution.
struct Triple: Sendable {
    var a = 0.0
    var b = 0.0
    var c = 0.0
}

/// A family of distributions: what `dNAME`, `pNAME`, `qNAME` and `rNAME` compute. Nil for what is not there.
struct Family: Sendable {
    /// `norm`, `unif`, …
    let name: String
    /// In words, for help.
    let title: String
    /// Parameters after the first.
    let parameters: [Parameter]
    /// Numbers are drawn as integers.
    var isCount = false
    /// Density, or its logarithm.
    let density: (@Sendable (Double, Triple, Bool) -> Double)?
    /// Both tails.
    let tails: (@Sendable (Double, Triple) -> (lower: Double, upper: Double))?
    /// Quantile of a lower and upper probability.
    let quantile: (@Sendable (Double, Double, Triple) -> Double)?
    /// A random number.
    let draw: (@Sendable (RRandom, Triple) -> Double)?
}

private func logIf(_ isLog: Bool, _ value: Double) -> Double { isLog ? log(value) : value }

/// Continuous families on the whole line or an interval, with closed forms.
let closedFormFamilies: [Family] = [
    Family(
        name: "unif", title: "uniform", parameters: [.value("min", 0), .value("max", 1)],
        density: { x, p, isLog in
            if p.b < p.a { return .nan }
            let inside = x >= p.a && x <= p.b
            return isLog ? (inside ? -log(p.b - p.a) : -.infinity) : (inside ? 1 / (p.b - p.a) : 0)
        },
        tails: { x, p in
            if p.b < p.a || !p.a.isFinite || !p.b.isFinite { return (.nan, .nan) }
            if x >= p.b { return (1, 0) }
            if x <= p.a { return (0, 1) }
            return ((x - p.a) / (p.b - p.a), (p.b - x) / (p.b - p.a))
        },
        quantile: { lower, _, p in p.b < p.a ? .nan : p.b == p.a ? p.a : p.a + lower * (p.b - p.a) },
        draw: { $0.uniform($1.a, $1.b) }),
    Family(
        name: "exp", title: "exponential", parameters: [.value("rate", 1)],
        density: { x, p, isLog in
            if p.a <= 0 { return .nan }
            if x < 0 { return isLog ? -.infinity : 0 }
            return isLog ? -x * p.a + log(p.a) : exp(-x * p.a) * p.a
        },
        tails: { x, p in p.a < 0 ? (.nan, .nan) : x <= 0 ? (0, 1) : (-expm1(-x * p.a), exp(-x * p.a)) },
        quantile: { lower, upper, p in
            p.a < 0 ? .nan : lower == 0 ? 0 : -(lower < 0.5 ? log1p(-lower) : log(upper)) / p.a
        },
        draw: { random, p in
            let scale = 1 / p.a
            if !scale.isFinite || scale <= 0 { return scale == 0 ? 0 : .nan }
            return scale * random.exponential()
        }),
    Family(
        name: "weibull", title: "Weibull", parameters: [.value("shape"), .value("scale", 1)],
        density: { x, p, isLog in
            if p.a <= 0 || p.b <= 0 { return .nan }
            if x < 0 || !x.isFinite { return isLog ? -.infinity : 0 }
            let first = pow(x / p.b, p.a - 1)
            let second = first * (x / p.b)
            return isLog ? -second + log(p.a * first / p.b) : p.a * first * exp(-second) / p.b
        },
        tails: { x, p in
            if p.a <= 0 || p.b <= 0 { return (.nan, .nan) }
            let h = x <= 0 ? 0 : pow(x / p.b, p.a)
            return (-expm1(-h), exp(-h))
        },
        quantile: { lower, upper, p in
            p.a <= 0 || p.b <= 0 ? .nan : p.b * pow(-(lower < 0.5 ? log1p(-lower) : log(upper)), 1 / p.a)
        },
        draw: { $0.weibull(shape: $1.a, scale: $1.b) }),
    Family(
        name: "logis", title: "logistic", parameters: [.value("location", 0), .value("scale", 1)],
        density: { x, p, isLog in
            if p.b <= 0 { return .nan }
            let z = abs((x - p.a) / p.b)
            let e = exp(-z)
            let f = 1 + e
            return isLog ? -(z + log(p.b * f * f)) : e / (p.b * f * f)
        },
        tails: { x, p in
            if p.b <= 0 { return (.nan, .nan) }
            let z = (x - p.a) / p.b
            return (1 / (1 + exp(-z)), 1 / (1 + exp(z)))
        },
        quantile: { lower, upper, p in p.b < 0 ? .nan : p.b == 0 ? p.a : p.a + p.b * log(lower / upper) },
        draw: { $0.logistic(location: $1.a, scale: $1.b) }),
    Family(
        name: "cauchy", title: "Cauchy", parameters: [.value("location", 0), .value("scale", 1)],
        density: { x, p, isLog in
            if p.b <= 0 { return .nan }
            let y = (x - p.a) / p.b
            return isLog ? -log(Double.pi * p.b * (1 + y * y)) : 1 / (Double.pi * p.b * (1 + y * y))
        },
        tails: { x, p in
            if p.b <= 0 { return (.nan, .nan) }
            func above(_ z: Double) -> Double {
                if z > 1 { return atan(1 / z) / Double.pi }
                return 0.5 - atan(z) / Double.pi
            }
            let z = (x - p.a) / p.b
            return (above(-z), above(z))
        },
        quantile: { lower, upper, p in
            if p.b < 0 { return .nan }
            if lower == 0 { return -.infinity }
            if upper == 0 { return .infinity }
            if lower == 0.5 { return p.a }
            return lower < 0.5 ? p.a - p.b / tan(Double.pi * lower) : p.a + p.b / tan(Double.pi * upper)
        },
        draw: { $0.cauchy(location: $1.a, scale: $1.b) }),
    Family(
        name: "lnorm", title: "log-normal", parameters: [.value("meanlog", 0), .value("sdlog", 1)],
        density: { x, p, isLog in
            if p.b < 0 { return .nan }
            if x <= 0 { return isLog ? -.infinity : 0 }
            let y = (log(x) - p.a) / p.b
            let value = -(0.918938533204672741780329736406 + 0.5 * y * y + log(x * p.b))
            return isLog ? value : 0.398942280401432677939946059934 * exp(-0.5 * y * y) / (x * p.b)
        },
        tails: { x, p in
            if x <= 0 { return (0, 1) }
            return (
                NormalDistribution.cumulative(log(x), mean: p.a, sd: p.b),
                NormalDistribution.cumulative(log(x), mean: p.a, sd: p.b, lower: false)
            )
        },
        quantile: { lower, upper, p in
            exp(
                lower <= 0.5
                    ? NormalDistribution.quantile(lower, mean: p.a, sd: p.b)
                    : NormalDistribution.quantile(upper, mean: p.a, sd: p.b, lower: false))
        },
        draw: { exp($0.normal(mean: $1.a, sd: $1.b)) }),
]

@Sendable private func betaTails(_ x: Double, _ p: Triple) -> (lower: Double, upper: Double) {
    if p.a < 0 || p.b < 0 { return (.nan, .nan) }
    return Incomplete.beta(x, 1 - x, p.a, p.b)
}

@Sendable private func tTails(_ x: Double, _ p: Triple) -> (lower: Double, upper: Double) {
    let n = p.a
    if n <= 0 { return (.nan, .nan) }
    if !x.isFinite { return x < 0 ? (0, 1) : (1, 0) }
    if !n.isFinite {
        return (NormalDistribution.cumulative(x), NormalDistribution.cumulative(x, lower: false))
    }
    let sum = n + x * x
    let tail = Incomplete.beta(n / sum, x * x / sum, n / 2, 0.5).lower / 2
    return x <= 0 ? (tail, 1 - tail) : (1 - tail, tail)
}

@Sendable private func gammaTails(_ x: Double, _ p: Triple) -> (lower: Double, upper: Double) {
    if p.a < 0 || p.b < 0 { return (.nan, .nan) }
    return Incomplete.gamma(p.a, x / p.b)
}

@Sendable private func gammaDensity(_ x: Double, _ p: Triple, _ isLog: Bool) -> Double {
    if p.a < 0 || p.b <= 0 { return .nan }
    if x < 0 { return isLog ? -.infinity : 0 }
    if p.a == 0 { return x == 0 ? .infinity : (isLog ? -.infinity : 0) }
    if x == 0 {
        if p.a < 1 { return .infinity }
        return p.a > 1 ? (isLog ? -.infinity : 0) : (isLog ? -log(p.b) : 1 / p.b)
    }
    if p.a < 1 {
        let term = Incomplete.poissonTerm(p.a, x / p.b, log: isLog)
        return isLog ? term + log(p.a / x) : term * p.a / x
    }
    let term = Incomplete.poissonTerm(p.a - 1, x / p.b, log: isLog)
    return isLog ? term - log(p.b) : term / p.b
}

@Sendable private func gammaQuantile(_ lower: Double, _ upper: Double, _ p: Triple) -> Double {
    if p.a < 0 || p.b < 0 { return .nan }
    if lower == 0 || p.a == 0 { return 0 }
    if upper == 0 { return .infinity }
    return p.b * Incomplete.invert(lower: lower, upper: upper, from: 0, to: .infinity) { Incomplete.gamma(p.a, $0) }
}

/// Continuous families that need incomplete gamma or beta functions.
let incompleteFamilies: [Family] = [
    Family(
        name: "gamma", title: "gamma",
        parameters: [.value("shape"), .value("rate", 1), .value("scale", code: "1/rate")],
        density: gammaDensity, tails: gammaTails, quantile: gammaQuantile,
        draw: { $0.gamma(shape: $1.a, scale: $1.b) }),
    Family(
        name: "chisq", title: "chi-squared", parameters: [.value("df")],
        density: { gammaDensity($0, Triple(a: $1.a / 2, b: 2), $2) },
        tails: { gammaTails($0, Triple(a: $1.a / 2, b: 2)) },
        quantile: { gammaQuantile($0, $1, Triple(a: $2.a / 2, b: 2)) },
        draw: { $0.chiSquared($1.a) }),
    Family(
        name: "beta", title: "beta", parameters: [.value("shape1"), .value("shape2")],
        density: { x, p, isLog in
            if p.a < 0 || p.b < 0 { return .nan }
            if x < 0 || x > 1 { return isLog ? -.infinity : 0 }
            if x == 0 {
                return p.a > 1 ? (isLog ? -.infinity : 0) : p.a < 1 ? .infinity : logIf(isLog, p.b)
            }
            if x == 1 {
                return p.b > 1 ? (isLog ? -.infinity : 0) : p.b < 1 ? .infinity : logIf(isLog, p.a)
            }
            let value: Double
            if p.a <= 2 || p.b <= 2 {
                value = (p.a - 1) * log(x) + (p.b - 1) * log1p(-x) - (lgamma(p.a) + lgamma(p.b) - lgamma(p.a + p.b))
            } else {
                value = log(p.a + p.b - 1) + Incomplete.binomialTerm(p.a - 1, p.a + p.b - 2, x, 1 - x, log: true)
            }
            return isLog ? value : exp(value)
        },
        tails: betaTails,
        quantile: { lower, upper, p in
            if p.a < 0 || p.b < 0 { return .nan }
            if lower == 0 { return 0 }
            if upper == 0 { return 1 }
            return Incomplete.invert(lower: lower, upper: upper, from: 0, to: 1) { betaTails($0, p) }
        },
        draw: { $0.beta($1.a, $1.b) }),
    Family(
        name: "t", title: "Student t", parameters: [.value("df")],
        density: { x, p, isLog in
            let n = p.a
            if n <= 0 { return .nan }
            if !x.isFinite { return isLog ? -.infinity : 0 }
            if !n.isFinite { return NormalDistribution.density(x, log: isLog) }
            let t =
                -Incomplete.deviance(n / 2, (n + 1) / 2) + Incomplete.stirlingError((n + 1) / 2)
                - Incomplete.stirlingError(n / 2)
            let u = log1p(x * x / n) * n / 2
            let value = t - u - (0.918938533204672741780329736406 + log1p(x * x / n) / 2)
            return isLog ? value : exp(value)
        },
        tails: tTails,
        quantile: { lower, upper, p in
            if p.a <= 0 { return .nan }
            if lower == 0 { return -.infinity }
            if upper == 0 { return .infinity }
            if lower == upper { return 0 }
            if !p.a.isFinite { return NormalDistribution.quantile(lower) }
            let size = Incomplete.invert(lower: max(lower, upper), upper: min(lower, upper), from: 0, to: .infinity) {
                tTails($0, p)
            }
            return lower < upper ? -size : size
        },
        draw: { $0.studentT($1.a) }),
    Family(
        name: "f", title: "F", parameters: [.value("df1"), .value("df2")],
        density: { x, p, isLog in
            let (m, n) = (p.a, p.b)
            if m <= 0 || n <= 0 { return .nan }
            if x < 0 || !x.isFinite { return isLog ? -.infinity : 0 }
            if x == 0 { return m > 2 ? (isLog ? -.infinity : 0) : m == 2 ? (isLog ? 0 : 1) : .infinity }
            let value =
                m / 2 * log(m / n) + (m / 2 - 1) * log(x) - (m + n) / 2 * log1p(m / n * x)
                - (lgamma(m / 2) + lgamma(n / 2) - lgamma((m + n) / 2))
            return isLog ? value : exp(value)
        },
        tails: { x, p in
            if p.a <= 0 || p.b <= 0 { return (.nan, .nan) }
            if x <= 0 { return (0, 1) }
            if !x.isFinite { return (1, 0) }
            let sum = p.b + p.a * x
            return Incomplete.beta(p.a * x / sum, p.b / sum, p.a / 2, p.b / 2)
        },
        quantile: { lower, upper, p in
            if p.a <= 0 || p.b <= 0 { return .nan }
            if lower == 0 { return 0 }
            if upper == 0 { return .infinity }
            return Incomplete.invert(lower: lower, upper: upper, from: 0, to: .infinity) { x in
                let sum = p.b + p.a * x
                return Incomplete.beta(p.a * x / sum, p.b / sum, p.a / 2, p.b / 2)
            }
        },
        draw: { $0.fRatio($1.a, $1.b) }),
]

private func isWhole(_ x: Double) -> Bool { abs(x - x.rounded()) <= 1e-7 * max(1, abs(x)) }

@Sendable private func binomialTails(_ x: Double, _ p: Triple) -> (lower: Double, upper: Double) {
    if !isWhole(p.a) || p.a < 0 || p.b < 0 || p.b > 1 { return (.nan, .nan) }
    let k = floor(x + 1e-7)
    if k < 0 { return (0, 1) }
    if k >= p.a { return (1, 0) }
    let both = Incomplete.beta(p.b, 1 - p.b, k + 1, p.a - k)
    return (both.upper, both.lower)
}

@Sendable private func poissonTails(_ x: Double, _ p: Triple) -> (lower: Double, upper: Double) {
    if p.a < 0 { return (.nan, .nan) }
    if x < 0 { return (0, 1) }
    if p.a == 0 || !x.isFinite { return (1, 0) }
    let both = Incomplete.gamma(floor(x + 1e-7) + 1, p.a)
    return (both.upper, both.lower)
}

/// Families of counts.
let countFamilies: [Family] = [
    Family(
        name: "binom", title: "binomial", parameters: [.value("size"), .value("prob")], isCount: true,
        density: { x, p, isLog in
            if !isWhole(p.a) || p.a < 0 || p.b < 0 || p.b > 1 { return .nan }
            if !isWhole(x) || x < 0 || !x.isFinite { return isLog ? -.infinity : 0 }
            return Incomplete.binomialTerm(x.rounded(), p.a.rounded(), p.b, 1 - p.b, log: isLog)
        },
        tails: binomialTails,
        quantile: { lower, upper, p in
            if !isWhole(p.a) || p.a < 0 || p.b < 0 || p.b > 1 { return .nan }
            if lower == 0 || p.b == 0 { return 0 }
            if upper == 0 { return p.a }
            return Incomplete.invertCount(lower: lower, guess: p.a * p.b, max: p.a) { binomialTails($0, p) }
        },
        draw: { $0.binomial(size: $1.a, probability: $1.b) }),
    Family(
        name: "pois", title: "Poisson", parameters: [.value("lambda")], isCount: true,
        density: { x, p, isLog in
            if p.a < 0 { return .nan }
            if !isWhole(x) || x < 0 || !x.isFinite { return isLog ? -.infinity : 0 }
            return Incomplete.poissonTerm(x.rounded(), p.a, log: isLog)
        },
        tails: poissonTails,
        quantile: { lower, upper, p in
            if p.a < 0 || !p.a.isFinite { return .nan }
            if lower == 0 || p.a == 0 { return 0 }
            if upper == 0 { return .infinity }
            return Incomplete.invertCount(lower: lower, guess: p.a, max: 1e15) { poissonTails($0, p) }
        },
        draw: { $0.poisson($1.a) }),
    Family(
        name: "geom", title: "geometric", parameters: [.value("prob")], isCount: true,
        density: { x, p, isLog in
            if p.a <= 0 || p.a > 1 { return .nan }
            if !isWhole(x) || x < 0 || !x.isFinite { return isLog ? -.infinity : 0 }
            let term = Incomplete.binomialTerm(0, x.rounded(), p.a, 1 - p.a, log: isLog)
            return isLog ? log(p.a) + term : p.a * term
        },
        tails: { x, p in
            if p.a <= 0 || p.a > 1 { return (.nan, .nan) }
            if x < 0 { return (0, 1) }
            let k = floor(x + 1e-7)
            let value = log1p(-p.a) * (k + 1)
            return (-expm1(value), exp(value))
        },
        quantile: { lower, upper, p in
            if p.a <= 0 || p.a > 1 { return .nan }
            if lower == 0 || p.a == 1 { return 0 }
            if upper == 0 { return .infinity }
            let logUpper = lower < 0.5 ? log1p(-lower) : log(upper)
            return max(0, ceil(logUpper / log1p(-p.a) - 1 - 1e-12))
        },
        draw: { $0.geometric($1.a) }),
]
