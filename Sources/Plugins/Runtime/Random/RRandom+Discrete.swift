import Glibc

/// Counts, drawn with the algorithms R uses, so that the same seed gives the same numbers.
extension RRandom {
    /// A binomial count: Kachitvichyanukul and Schmeiser's BTPE (1988), inversion for means below 30.
    public func binomial(size: Double, probability: Double) -> Double {
        guard size.isFinite, size == size.rounded(.toNearestOrEven), probability.isFinite, size >= 0, probability >= 0,
            probability <= 1
        else { return .nan }
        if size == 0 || probability == 0 { return 0 }
        if probability == 1 { return size }
        guard size < 2_147_483_647 else {
            // R inverts the distribution function here; a normal quantile is as near as 31 bits allow.
            let mean = size * probability
            let deviation = (mean * (1 - probability)).squareRoot()
            return min(max((mean + deviation * NormalDistribution.quantile(uniform())).rounded(), 0), size)
        }
        let p = min(probability, 1 - probability)
        let count = size * p < 30 ? binomialByInversion(size, p) : binomialByRejection(size, p)
        return probability > 0.5 ? size - count : count
    }

    private func binomialByInversion(_ n: Double, _ p: Double) -> Double {
        let q = 1 - p
        let odds = p / q
        let g = odds * (n + 1)
        let none = wholePower(q, Int(n))
        while true {
            var count = 0.0
            var f = none
            var u = uniform()
            while true {
                if u < f { return count }
                if count > 110 { break }
                u -= f
                count += 1
                f *= g / count - odds
            }
        }
    }

    private func wholePower(_ base: Double, _ exponent: Int) -> Double {
        var result = 1.0
        var x = base
        var n = exponent
        while n > 0 {
            if n & 1 == 1 { result *= x }
            n >>= 1
            if n > 0 { x *= x }
        }
        return result
    }

    private func binomialByRejection(_ n: Double, _ p: Double) -> Double {
        let q = 1 - p
        let odds = p / q
        let g = odds * (n + 1)
        let np = n * p
        let ffm = np + p
        let m = ffm.rounded(.towardZero)
        let variance = np * q
        let p1 = (2.195 * variance.squareRoot() - 4.6 * q).rounded(.towardZero) + 0.5
        let xm = m + 0.5
        let xl = xm - p1
        let xr = xm + p1
        let c = 0.134 + 20.5 / (15.3 + m)
        var al = (ffm - xl) / (ffm - xl * p)
        let xll = al * (1 + 0.5 * al)
        al = (xr - ffm) / (xr * q)
        let xlr = al * (1 + 0.5 * al)
        let p2 = p1 * (1 + c + c)
        let p3 = p2 + c / xll
        let p4 = p3 + c / xlr
        while true {
            let u = uniform() * p4
            var v = uniform()
            if u <= p1 { return (xm - p1 * v + u).rounded(.towardZero) }
            let count: Double
            if u <= p2 {
                let x = xl + (u - p1) / c
                v = v * c + 1 - abs(xm - x) / p1
                if v > 1 || v <= 0 { continue }
                count = x.rounded(.towardZero)
            } else if u > p3 {
                count = (xr - log(v) / xlr).rounded(.towardZero)
                if count > n { continue }
                v = v * (u - p3) * xlr
            } else {
                count = (xl + log(v) / xll).rounded(.towardZero)
                if count < 0 { continue }
                v = v * (u - p2) * xll
            }
            let k = abs(count - m)
            if k <= 20 || k >= variance / 2 - 1 {
                var f = 1.0
                var i = min(m, count) + 1
                while i <= max(m, count) {
                    if m < count { f *= g / i - odds } else { f /= g / i - odds }
                    i += 1
                }
                if v <= f { return count }
                continue
            }
            let bound = (k / variance) * ((k * (k / 3 + 0.625) + 0.1666666666666) / variance + 0.5)
            let centre = -k * k / (2 * variance)
            let logV = log(v)
            if logV < centre - bound { return count }
            guard logV <= centre + bound else { continue }
            let x1 = count + 1
            let f1 = m + 1
            let z = n + 1 - m
            let w = n - count + 1
            // All four corrections are added, as R 4.2 does.
            let logRatio =
                xm * log(f1 / x1) + (n - m + 0.5) * log(z / w) + (count - m) * log(w * p / (x1 * q))
                + stirlingTail(f1) + stirlingTail(z) + stirlingTail(x1) + stirlingTail(w)
            if logV <= logRatio { return count }
        }
    }

    private func stirlingTail(_ x: Double) -> Double {
        let square = x * x
        return (13860 - (462 - (132 - (99 - 140 / square) / square) / square) / square) / x / 166320
    }

    /// A Poisson count: Ahrens and Dieter's PD (1982), inversion for means below 10.
    public func poisson(_ mean: Double) -> Double {
        guard mean.isFinite, mean >= 0 else { return .nan }
        if mean == 0 { return 0 }
        return mean < 10 ? poissonByInversion(mean) : poissonByRejection(mean)
    }

    private func poissonByInversion(_ mean: Double) -> Double {
        while true {
            let u = uniform()
            var p = exp(-mean)
            var cumulative = p
            if u <= cumulative { return 0 }
            for k in 1...35 {
                p *= mean / Double(k)
                cumulative += p
                if u <= cumulative { return Double(k) }
            }
        }
    }

    private func poissonByRejection(_ mean: Double) -> Double {
        let s = mean.squareRoot()
        let g = mean + s * normal()
        var count = -1.0
        var u = 0.0
        if g >= 0 {
            count = floor(g)
            if count >= floor(mean - 1.1484) { return count }
            let distance = mean - count
            u = uniform()
            if 6 * mean * mean * u >= distance * distance * distance { return count }
        }
        let inverseRootTwoPi = NormalDistribution.inverseRootTwoPi
        let omega = inverseRootTwoPi / s
        let b1 = 0.0416666666666666667 / mean
        let b2 = 0.3 * b1 * b1
        let c3 = 0.1428571428571428571 * b1 * b2
        let c2 = b2 - 15 * c3
        let c1 = b1 - 6 * b2 + 45 * c3
        let c0 = 1 - b1 + 3 * b2 - 15 * c3
        let c = 0.1069 / mean
        func densities(_ count: Double) -> (px: Double, py: Double, fx: Double, fy: Double) {
            let distance = mean - count
            let px: Double
            let py: Double
            if count < 10 {
                px = -mean
                py = pow(mean, count) / RRandom.factorials[Int(count)]
            } else {
                var correction = 0.0833333333333333333 / count
                correction *= 1 - 4.8 * correction * correction
                let v = distance / count
                if abs(v) <= 0.25 {
                    var sum = 0.1250060
                    for a in [-0.1384794, 0.1421878, -0.1661269, 0.2000118, -0.2500068, 0.3333333, -0.5] {
                        sum = sum * v + a
                    }
                    px = count * v * v * sum - correction
                } else {
                    px = count * log(1 + v) - distance - correction
                }
                py = inverseRootTwoPi / count.squareRoot()
            }
            let x = (0.5 - distance) / s
            let square = x * x
            return (px, py, -0.5 * square, omega * (((c3 * square + c2) * square + c1) * square + c0))
        }
        if g >= 0 {
            let (px, py, fx, fy) = densities(count)
            if fy - u * fy <= py * exp(px - fx) { return count }
        }
        while true {
            let e = exponential()
            u = 2 * uniform() - 1
            let t = 1.8 + (u >= 0 ? e : -e)
            guard t > -0.6744 else { continue }
            count = floor(mean + s * t)
            let (px, py, fx, fy) = densities(count)
            if c * abs(u) <= py * exp(px + e) - fy * exp(fx + e) { return count }
        }
    }

    private static let factorials: [Double] = [1, 1, 2, 6, 24, 120, 720, 5040, 40320, 362880]

    /// A geometric count: failures before the first success.
    public func geometric(_ probability: Double) -> Double {
        guard probability.isFinite, probability > 0, probability <= 1 else { return .nan }
        return poisson(exponential() * ((1 - probability) / probability))
    }

    /// A negative binomial count by size and probability.
    public func negativeBinomial(size: Double, probability: Double) -> Double {
        guard probability.isFinite, !size.isNaN, size > 0, probability > 0, probability <= 1 else { return .nan }
        if probability == 1 { return 0 }
        let size = size.isFinite ? size : .greatestFiniteMagnitude / 2
        return poisson(gamma(shape: size, scale: (1 - probability) / probability))
    }
}
