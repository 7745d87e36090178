import Diagnostics
import Glibc
import RRuntime
import VectorValues

func registerSpecialFunctions(_ base: Namespace) {
    base.function("factorial", [.value("x")], help: "gamma(x + 1).") { args in
        let x = try args.required("x")
        guard x.kind == .double || x.kind == .integer || x.kind == .logical else {
            throw WorkbenchError(.type, "non-numeric argument to binary operator")
        }
        return try mathMap(x, args) { gammaFunction($0 + 1) }
    }
    base.function("lfactorial", [.value("x")], help: "lgamma(x + 1).") { args in
        try mathMap(try args.required("x"), args) { logGamma($0 + 1) }
    }
    base.function("beta", [.value("a"), .value("b")], help: "Beta function.") { args in
        try binaryMath(try args.required("a"), try args.required("b"), args) { a, b in
            if a < 0 || b < 0 { return .nan }
            if a == 0 || b == 0 { return .infinity }
            if a + b < 171.6 { return (1 / gammaFunction(a + b)) * gammaFunction(a) * gammaFunction(b) }
            return exp(logBeta(a, b))
        }
    }
    base.function("lbeta", [.value("a"), .value("b")], help: "Logarithm of the beta function.") { args in
        try binaryMath(try args.required("a"), try args.required("b"), args) { logBeta($0, $1) }
    }
    base.function("choose", [.value("n"), .value("k")], help: "Binomial coefficients.") { args in
        try binaryMath(try args.required("n"), try args.required("k"), args) { choose($0, $1) }
    }
    base.function("lchoose", [.value("n"), .value("k")], help: "Logarithm of binomial coefficients.") { args in
        try binaryMath(try args.required("n"), try args.required("k"), args) {
            logGamma($0 + 1) - logGamma($1 + 1) - logGamma($0 - $1 + 1)
        }
    }
}

/// Exact products for whole numbers up to 50, else C's.
func gammaFunction(_ x: Double) -> Double {
    if x.isNaN { return x }
    if x == 0 || (x < 0 && x == x.rounded()) { return .nan }
    if x == x.rounded(), x <= 50 {
        var value = 1.0
        var factor = 2.0
        while factor < x {
            value *= factor
            factor += 1
        }
        return value
    }
    return tgamma(x)
}

func logGamma(_ x: Double) -> Double {
    if x <= 0, x == x.rounded() { return .infinity }
    var sign: Int32 = 0
    return lgamma_r(x, &sign)
}

private func logBeta(_ a: Double, _ b: Double) -> Double {
    let p = min(a, b)
    if p < 0 { return .nan }
    if p == 0 { return .infinity }
    if max(a, b).isInfinite { return -.infinity }
    return logGamma(a) + logGamma(b) - logGamma(a + b)
}

/// R's `choose`: k is rounded; exact products for small k.
private func choose(_ n: Double, _ k: Double) -> Double {
    let k0 = k
    var k = k.rounded(.toNearestOrEven)
    if abs(k - k0) > 1e-7 { k = k0.rounded() }
    if k < 30 {
        let isWhole = abs(n - n.rounded()) <= 1e-7 * max(1, abs(n))
        if isWhole, n - k < k, n >= 0 { k = (n - k).rounded() }
        if k < 0 { return 0 }
        if k == 0 { return 1 }
        var result = n
        var j = 2.0
        while j <= k {
            result *= (n - j + 1) / j
            j += 1
        }
        return isWhole ? result.rounded(.toNearestOrEven) : result
    }
    if n < 0 {
        let result = choose(-n + k - 1, k)
        return k.truncatingRemainder(dividingBy: 2) != 0 ? -result : result
    }
    if n == n.rounded() {
        if n < k { return 0 }
        if n - k < 30 { return choose(n, n - k) }
        return exp(logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1)).rounded(.toNearestOrEven)
    }
    return exp(logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1))
}

/// Recurrence up to 10, then the asymptotic series.
func digamma(_ x: Double) -> Double {
    if x.isNaN { return x }
    if x <= 0, x == x.rounded() { return .nan }
    if x < 0 { return digamma(1 - x) - .pi / tan(.pi * x) }
    var x = x
    var result = 0.0
    while x < 10 {
        result -= 1 / x
        x += 1
    }
    let inverse = 1 / (x * x)
    let coefficients: [Double] = [
        1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12,
    ]
    var power = inverse
    var series = 0.0
    for coefficient in coefficients {
        series += coefficient * power
        power *= inverse
    }
    return result + log(x) - 0.5 / x - series
}

func trigamma(_ x: Double) -> Double {
    if x.isNaN { return x }
    if x <= 0, x == x.rounded() { return .infinity }
    if x < 0 {
        let s = sin(.pi * x)
        return .pi * .pi / (s * s) - trigamma(1 - x)
    }
    var x = x
    var result = 0.0
    while x < 15 {
        result += 1 / (x * x)
        x += 1
    }
    let inverse = 1 / (x * x)
    let coefficients: [Double] = [1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730]
    var power = inverse
    var series = 0.0
    for coefficient in coefficients {
        series += coefficient * power
        power *= inverse
    }
    return result + 1 / x + inverse / 2 + series / x
}
