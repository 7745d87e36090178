import Glibc

/// Continuous distributions, drawn with the algorithms R uses, so that the same seed gives the same numbers.
extension RRandom {
    /// A gamma number: Ahrens and Dieter's GD (1982) for shapes from 1, their GS (1974) below.
    public func gamma(shape a: Double, scale: Double = 1) -> Double {
        if a.isNaN || scale.isNaN { return .nan }
        if a <= 0 || scale <= 0 { return scale == 0 || a == 0 ? 0 : .nan }
        if !a.isFinite || !scale.isFinite { return .infinity }
        return a < 1 ? scale * smallShapeGamma(a) : largeShapeGamma(a, scale)
    }

    private func smallShapeGamma(_ a: Double) -> Double {
        let e = 1 + 0.36787944117144232159 * a
        while true {
            let p = e * uniform()
            if p >= 1 {
                let x = -log((e - p) / a)
                if exponential() >= (1 - a) * log(x) { return x }
            } else {
                let x = exp(log(p) / a)
                if exponential() >= x { return x }
            }
        }
    }

    private func largeShapeGamma(_ a: Double, _ scale: Double) -> Double {
        let s2 = a - 0.5
        let s = s2.squareRoot()
        let d = 5.656854 - s * 12
        var t = normal()
        var x = s + 0.5 * t
        let accepted = x * x
        if t >= 0 { return scale * accepted }
        var u = uniform()
        if d * u <= t * t * t { return scale * accepted }
        let r = 1 / a
        var q0 = 2.424e-4
        for coefficient in [2.4511e-4, -7.388e-5, 0.00144121, 0.00801191, 0.02083148, 0.04166669] {
            q0 = q0 * r + coefficient
        }
        q0 *= r
        let b: Double
        let si: Double
        let c: Double
        if a <= 3.686 {
            b = 0.463 + s + 0.178 * s2
            si = 1.235
            c = 0.195 / s - 0.079 + 0.16 * s
        } else if a <= 13.022 {
            b = 1.654 + 0.0076 * s2
            si = 1.68 / s + 0.275
            c = 0.062 / s + 0.024
        } else {
            b = 1.77
            si = 0.75
            c = 0.1515 / s
        }
        func quotient(_ t: Double) -> Double {
            let v = t / (s + s)
            if abs(v) <= 0.25 {
                var sum = 0.1233795
                for coefficient in [-0.1367177, 0.1423657, -0.1662921, 0.2000062, -0.250003, 0.3333333] {
                    sum = sum * v + coefficient
                }
                return q0 + 0.5 * t * t * sum * v
            }
            return q0 - s * t + 0.25 * t * t + (s2 + s2) * log(1 + v)
        }
        if x > 0, log(1 - u) <= quotient(t) { return scale * accepted }
        while true {
            let e = exponential()
            u = uniform()
            u = u + u - 1
            t = u < 0 ? b - si * e : b + si * e
            guard t >= -0.71874483771719 else { continue }
            let q = quotient(t)
            if q > 0 {
                let w = expm1(q)
                if c * abs(u) <= w * exp(e - 0.5 * t * t) { break }
            }
        }
        x = s + 0.5 * t
        return scale * x * x
    }

    /// A beta number: Cheng's BB and BC (1978).
    public func beta(_ first: Double, _ second: Double) -> Double {
        if first.isNaN || second.isNaN || first < 0 || second < 0 { return .nan }
        if !first.isFinite, !second.isFinite { return 0.5 }
        if first == 0, second == 0 { return uniform() < 0.5 ? 0 : 1 }
        if !first.isFinite || second == 0 { return 1 }
        if !second.isFinite || first == 0 { return 0 }
        let a = min(first, second)
        let b = max(first, second)
        let sum = a + b
        let largestExponent = 1024 * 0.693147180559945309417232121458
        func odds(_ factor: Double, _ v: Double) -> Double {
            guard v <= largestExponent else { return .greatestFiniteMagnitude }
            let w = factor * exp(v)
            return w.isInfinite ? .greatestFiniteMagnitude : w
        }
        if a <= 1 {
            let inverse = 1 / a
            let delta = 1 + b - a
            let k1 = delta * (0.0138889 + 0.0416667 * a) / (b * inverse - 0.777778)
            let k2 = 0.25 + (0.5 + 0.25 / delta) * a
            var w: Double
            while true {
                let u1 = uniform()
                let u2 = uniform()
                let z: Double
                if u1 < 0.5 {
                    let y = u1 * u2
                    z = u1 * y
                    if 0.25 * u2 + z - y >= k1 { continue }
                } else {
                    z = u1 * u1 * u2
                    if z <= 0.25 {
                        w = odds(b, inverse * log(u1 / (1 - u1)))
                        break
                    }
                    if z >= k2 { continue }
                }
                let v = inverse * log(u1 / (1 - u1))
                w = odds(b, v)
                if sum * (log(sum / (a + w)) + v) - 1.3862944 >= log(z) { break }
            }
            return first == a ? a / (a + w) : w / (a + w)
        }
        let spread = ((sum - 2) / (2 * a * b - sum)).squareRoot()
        let gamma = a + 1 / spread
        var w: Double
        while true {
            let u1 = uniform()
            let u2 = uniform()
            let v = spread * log(u1 / (1 - u1))
            w = odds(a, v)
            let z = u1 * u1 * u2
            let r = gamma * v - 1.3862944
            let s = a + r - w
            if s + 2.609438 >= 5 * z { break }
            let t = log(z)
            if s > t { break }
            if r + sum * log(sum / (b + w)) >= t { break }
        }
        return first != a ? b / (b + w) : w / (b + w)
    }

    /// A chi-squared number.
    public func chiSquared(_ degrees: Double) -> Double {
        if !degrees.isFinite || degrees < 0 { return .nan }
        return gamma(shape: degrees / 2, scale: 2)
    }

    /// A number of Student's t distribution.
    public func studentT(_ degrees: Double) -> Double {
        if degrees.isNaN || degrees <= 0 { return .nan }
        if !degrees.isFinite { return normal() }
        let numerator = normal()
        return numerator / (chiSquared(degrees) / degrees).squareRoot()
    }

    /// A number of the F distribution.
    public func fRatio(_ first: Double, _ second: Double) -> Double {
        if first.isNaN || second.isNaN || first <= 0 || second <= 0 { return .nan }
        let numerator = first.isFinite ? chiSquared(first) / first : 1
        return numerator / (second.isFinite ? chiSquared(second) / second : 1)
    }

    /// A Weibull number.
    public func weibull(shape: Double, scale: Double) -> Double {
        if !shape.isFinite || !scale.isFinite || shape <= 0 || scale <= 0 { return scale == 0 ? 0 : .nan }
        return scale * pow(-log(uniform()), 1 / shape)
    }

    /// A logistic number.
    public func logistic(location: Double, scale: Double) -> Double {
        if location.isNaN || !scale.isFinite { return .nan }
        if scale == 0 || !location.isFinite { return location }
        let u = uniform()
        return location + scale * log(u / (1 - u))
    }

    /// A Cauchy number.
    public func cauchy(location: Double, scale: Double) -> Double {
        if location.isNaN || !scale.isFinite || scale < 0 { return .nan }
        if scale == 0 || !location.isFinite { return location }
        return location + scale * tan(Double.pi * uniform())
    }
}
