import Glibc

/// The functions behind most distribution functions: binomial and Poisson terms by Loader's saddle-point expansion
/// (2000), incomplete gamma and beta by series and continued fractions (Lentz).
enum Incomplete {
    /// log(n!) less Stirling's approximation of it.
    static func stirlingError(_ n: Double) -> Double {
        if n <= 15 { return lgamma(n + 1) - (n + 0.5) * log(n) + n - 0.918938533204672741780329736406 }
        let square = n * n
        if n > 500 { return (1.0 / 12 - (1.0 / 360) / square) / n }
        if n > 80 { return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260) / square) / square) / n }
        if n > 35 {
            return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680) / square) / square) / square) / n
        }
        return
            (1.0 / 12
            - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - (1.0 / 1188) / square) / square) / square) / square) / n
    }

    /// x·log(x/m) + m − x without cancellation.
    static func deviance(_ x: Double, _ m: Double) -> Double {
        if !x.isFinite || !m.isFinite || m == 0 { return .nan }
        if abs(x - m) < 0.1 * (x + m) {
            let v = (x - m) / (x + m)
            var s = (x - m) * v
            if abs(s) < Double.leastNormalMagnitude { return s }
            var term = 2 * x * v
            for j in 1..<1000 {
                term *= v * v
                let next = s + term / Double(2 * j + 1)
                if next == s { return next }
                s = next
            }
        }
        return x * log(x / m) + m - x
    }

    /// m^x e^−m / Γ(x + 1), or its logarithm.
    static func poissonTerm(_ x: Double, _ m: Double, log isLog: Bool = false) -> Double {
        let none = isLog ? -Double.infinity : 0
        if m == 0 { return x == 0 ? (isLog ? 0 : 1) : none }
        if !m.isFinite || x < 0 { return none }
        if x <= m * Double.leastNormalMagnitude { return isLog ? -m : exp(-m) }
        if m < x * Double.leastNormalMagnitude {
            if !x.isFinite { return none }
            let value = -m + x * log(m) - lgamma(x + 1)
            return isLog ? value : exp(value)
        }
        let exponent = -stirlingError(x) - deviance(x, m)
        let factor = 2 * Double.pi * x
        return isLog ? -0.5 * log(factor) + exponent : exp(exponent) / factor.squareRoot()
    }

    /// The binomial probability of x of n, also for fractions, or its logarithm; q is 1 − p.
    static func binomialTerm(_ x: Double, _ n: Double, _ p: Double, _ q: Double, log isLog: Bool = false) -> Double {
        let none = isLog ? -Double.infinity : 0
        let one = isLog ? 0.0 : 1
        if p == 0 { return x == 0 ? one : none }
        if q == 0 { return x == n ? one : none }
        if x == 0 {
            if n == 0 { return one }
            let value = p < 0.1 ? -deviance(n, n * q) - n * p : n * log(q)
            return isLog ? value : exp(value)
        }
        if x == n {
            let value = q < 0.1 ? -deviance(n, n * p) - n * q : n * log(p)
            return isLog ? value : exp(value)
        }
        if x < 0 || x > n { return none }
        let exponent =
            stirlingError(n) - stirlingError(x) - stirlingError(n - x) - deviance(x, n * p) - deviance(n - x, n * q)
        let factor = 1.837877066409345483560659472811 + log(x) + log1p(-x / n)
        return isLog ? exponent - 0.5 * factor : exp(exponent - 0.5 * factor)
    }

    /// Both tails of the gamma distribution with scale 1.
    static func gamma(_ a: Double, _ x: Double) -> (lower: Double, upper: Double) {
        if x <= 0 { return (0, 1) }
        if !x.isFinite { return (1, 0) }
        if a == 0 { return (1, 0) }
        let term = poissonTerm(a, x)
        if x < a + 1 {
            var sum = 1.0
            var part = 1.0
            var n = 1.0
            while n < 100_000 {
                part *= x / (a + n)
                sum += part
                if part < sum * 1e-17 { break }
                n += 1
            }
            let lower = min(term * sum, 1)
            return (lower, 1 - lower)
        }
        var b = x + 1 - a
        var c = 1e300
        var d = 1 / b
        var h = d
        var i = 1.0
        while i < 100_000 {
            let an = -i * (i - a)
            b += 2
            d = an * d + b
            if abs(d) < 1e-300 { d = 1e-300 }
            c = b + an / c
            if abs(c) < 1e-300 { c = 1e-300 }
            d = 1 / d
            let factor = d * c
            h *= factor
            if abs(factor - 1) < 1e-16 { break }
            i += 1
        }
        let upper = min(term * a * h, 1)
        return (1 - upper, upper)
    }

    /// Both tails of the beta distribution; y is 1 − x.
    static func beta(_ x: Double, _ y: Double, _ a: Double, _ b: Double) -> (lower: Double, upper: Double) {
        if x <= 0 { return (0, 1) }
        if y <= 0 { return (1, 0) }
        if a == 0 || b == 0 || !a.isFinite || !b.isFinite {
            if a == 0, b == 0 { return (0.5, 0.5) }
            if a == 0 || a / b == 0 { return (1, 0) }
            if b == 0 || b / a == 0 { return (0, 1) }
            return x < 0.5 ? (0, 1) : (1, 0)
        }
        if x > (a + 1) / (a + b + 2) {
            let swapped = beta(y, x, b, a)
            return (swapped.upper, swapped.lower)
        }
        let term = b / (a + b) * binomialTerm(a, a + b, x, y)
        var c = 1.0
        var d = 1 - (a + b) * x / (a + 1)
        if abs(d) < 1e-300 { d = 1e-300 }
        d = 1 / d
        var h = d
        var m = 1.0
        while m < 100_000 {
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 + even * d
            if abs(d) < 1e-300 { d = 1e-300 }
            c = 1 + even / c
            if abs(c) < 1e-300 { c = 1e-300 }
            d = 1 / d
            h *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 + odd * d
            if abs(d) < 1e-300 { d = 1e-300 }
            c = 1 + odd / c
            if abs(c) < 1e-300 { c = 1e-300 }
            d = 1 / d
            let factor = d * c
            h *= factor
            if abs(factor - 1) < 1e-16 { break }
            m += 1
        }
        let lower = min(term * h, 1)
        return (lower, 1 - lower)
    }

    /// The value at which a rising distribution function passes a probability, by bisection to the last bit.
    static func invert(
        lower: Double, upper: Double, from low: Double, to high: Double,
        _ tails: (Double) -> (lower: Double, upper: Double)
    ) -> Double {
        var low = low
        var high = high
        // The smaller tail decides: 1 − p has lost its digits.
        func below(_ x: Double) -> Bool { lower <= upper ? tails(x).lower < lower : tails(x).upper > upper }
        if !high.isFinite {
            high = max(low, 1)
            while below(high), high < 1e300 { high *= 2 }
        }
        if !low.isFinite {
            low = min(high, -1)
            while !below(low), low > -1e300 { low *= 2 }
        }
        for _ in 0..<2000 {
            var middle = low + (high - low) / 2
            // Across many magnitudes halving the exponent is quicker.
            if low > 0, high / low > 4 { middle = (low * high).squareRoot() }
            if low == 0, high > 1e-300 { middle = high > 1e-3 ? high / 2 : high * high }
            if !(middle > low && middle < high) { break }
            if below(middle) { low = middle } else { high = middle }
        }
        return abs(tails(low).lower - lower) < abs(tails(high).lower - lower) ? low : high
    }

    /// The smallest count at which a distribution function reaches a probability.
    static func invertCount(
        lower: Double, guess: Double, max largest: Double, _ tails: (Double) -> (lower: Double, upper: Double)
    ) -> Double {
        let target = lower * (1 - 64 * Double.ulpOfOne)
        func reaches(_ k: Double) -> Bool { tails(k).lower >= target }
        var step = 1.0
        var high = min(max(guess.rounded(.down), 0), largest)
        while !reaches(high), high < largest {
            high = min(high + step, largest)
            step *= 2
        }
        var low = high
        step = 1
        while low >= 0, reaches(low) {
            low -= step
            step *= 2
        }
        low = max(low, -1)
        while high - low > 1 {
            let middle = ((low + high) / 2).rounded(.down)
            if reaches(middle) { high = middle } else { low = middle }
        }
        return high
    }
}
