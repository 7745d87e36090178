import Glibc

/// The normal distribution as R computes it, to the last bit: random normal numbers are quantiles of uniform ones.
public enum NormalDistribution {
    static let logRootTwoPi = 0.918938533204672741780329736406
    static let inverseRootTwoPi = 0.398942280401432677939946059934

    /// Density, or its logarithm.
    public static func density(_ x: Double, mean: Double = 0, sd: Double = 1, log: Bool = false) -> Double {
        if x.isNaN || mean.isNaN || sd.isNaN { return x + mean + sd }
        if sd < 0 { return .nan }
        if !sd.isFinite { return log ? -.infinity : 0 }
        if !x.isFinite, mean == x { return .nan }
        if sd == 0 { return x == mean ? .infinity : (log ? -.infinity : 0) }
        let z = (x - mean) / sd
        if !z.isFinite { return log ? -.infinity : 0 }
        let distance = abs(z)
        if distance >= 2 * Double.greatestFiniteMagnitude.squareRoot() { return log ? -.infinity : 0 }
        if log { return -(logRootTwoPi + 0.5 * distance * distance + Glibc.log(sd)) }
        if distance < 5 { return inverseRootTwoPi * exp(-0.5 * distance * distance) / sd }
        if distance > (-2 * 0.693147180559945309417232121458 * (-1021 + 1 - 53)).squareRoot() { return 0 }
        // Splitting the square keeps the bits that distance² would lose.
        let high = (distance * 65536).rounded(.toNearestOrEven) / 65536
        let low = distance - high
        return inverseRootTwoPi / sd * (exp(-0.5 * high * high) * exp((-0.5 * low - high) * low))
    }

    /// Probability of a value up to x (or, not `lower`, above it), or its logarithm.
    public static func cumulative(
        _ x: Double, mean: Double = 0, sd: Double = 1, lower: Bool = true, log: Bool = false
    ) -> Double {
        if x.isNaN || mean.isNaN || sd.isNaN { return x + mean + sd }
        if !x.isFinite, mean == x { return .nan }
        let zero = log ? -Double.infinity : 0
        let one = log ? 0.0 : 1
        if sd <= 0 {
            if sd < 0 { return .nan }
            return (x < mean) == lower ? zero : one
        }
        let z = (x - mean) / sd
        if !z.isFinite { return (x < mean) == lower ? zero : one }
        let both = tails(z, log: log)
        return lower ? both.lower : both.upper
    }

    /// Cody's rational approximations (SPECFUN, Algorithm 715).
    static func tails(_ x: Double, log: Bool) -> (lower: Double, upper: Double) {
        let y = abs(x)
        var near: Double
        var far: Double
        if y <= 0.67448975 {
            let square = y > Double.ulpOfOne * 0.5 ? x * x : 0
            var numerator = a[4] * square
            var denominator = square
            for i in 0..<3 {
                numerator = (numerator + a[i]) * square
                denominator = (denominator + b[i]) * square
            }
            let part = x * (numerator + a[3]) / (denominator + b[3])
            let lower = 0.5 + part
            let upper = 0.5 - part
            return log ? (Glibc.log(lower), Glibc.log(upper)) : (lower, upper)
        }
        if y <= 5.656854249492380195206754896838 {
            var numerator = c[8] * y
            var denominator = y
            for i in 0..<7 {
                numerator = (numerator + c[i]) * y
                denominator = (denominator + d[i]) * y
            }
            (near, far) = scaled((numerator + c[7]) / (denominator + d[7]), y, log: log)
        } else if (log && y < 1e170) || (-37.5193 < x && x < 37.5193) {
            let square = 1 / (x * x)
            var numerator = p[5] * square
            var denominator = square
            for i in 0..<4 {
                numerator = (numerator + p[i]) * square
                denominator = (denominator + q[i]) * square
            }
            let ratio = square * (numerator + p[4]) / (denominator + q[4])
            (near, far) = scaled((inverseRootTwoPi - ratio) / y, y, log: log)
        } else if x > 0 {
            return log ? (0, -.infinity) : (1, 0)
        } else {
            return log ? (-.infinity, 0) : (0, 1)
        }
        return x > 0 ? (far, near) : (near, far)
    }

    private static func scaled(_ factor: Double, _ y: Double, log: Bool) -> (near: Double, far: Double) {
        let square = trunc(y * 16) / 16
        let rest = (y - square) * (y + square)
        if log {
            let near = (-square * square * 0.5) + (-rest * 0.5) + Glibc.log(factor)
            return (near, log1p(-exp(near)))
        }
        let near = exp(-square * square * 0.5) * exp(-rest * 0.5) * factor
        return (near, 1 - near)
    }

    /// The value below which (or, not `lower`, above which) a probability lies: Wichura's AS 241.
    public static func quantile(
        _ probability: Double, mean: Double = 0, sd: Double = 1, lower: Bool = true, log: Bool = false
    ) -> Double {
        if probability.isNaN || mean.isNaN || sd.isNaN { return probability + mean + sd }
        if log {
            if probability > 0 { return .nan }
            if probability == 0 { return lower ? .infinity : -.infinity }
            if probability == -.infinity { return lower ? -.infinity : .infinity }
        } else {
            if probability < 0 || probability > 1 { return .nan }
            if probability == 0 { return lower ? -.infinity : .infinity }
            if probability == 1 { return lower ? .infinity : -.infinity }
        }
        if sd < 0 { return .nan }
        if sd == 0 { return mean }
        let below =
            log
            ? (lower ? exp(probability) : -expm1(probability))
            : (lower ? probability : (0.5 - probability + 0.5))
        let offset = below - 0.5
        var value: Double
        if abs(offset) <= 0.425 {
            let r = 0.180625 - offset * offset
            value = offset * polynomial(central, r) / polynomial(centralUnder, r)
        } else {
            var r: Double
            if log, (lower && offset <= 0) || (!lower && offset > 0) {
                r = probability
            } else if offset < 0 {
                r = Glibc.log(below)
            } else {
                let above =
                    log
                    ? (lower ? -expm1(probability) : exp(probability))
                    : (lower ? (0.5 - probability + 0.5) : probability)
                r = Glibc.log(above)
            }
            r = (-r).squareRoot()
            if r <= 5 {
                r += -1.6
                value = polynomial(middle, r) / polynomial(middleUnder, r)
            } else {
                r += -5
                value = polynomial(tail, r) / polynomial(tailUnder, r)
            }
            if offset < 0 { value = -value }
        }
        return mean + sd * value
    }

    @inline(__always)
    private static func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
        coefficients.withUnsafeBufferPointer { buffer in
            var value = buffer[0]
            for i in 1..<8 { value = value * x + buffer[i] }
            return value
        }
    }

    private static let central = [
        2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
        13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
    ]
    private static let centralUnder = [
        5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
        5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0,
    ]
    private static let middle = [
        7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
        3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
    ]
    private static let middleUnder = [
        1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
        0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0,
    ]
    private static let tail = [
        2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
        0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
    ]
    private static let tailUnder = [
        2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
        0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1.0,
    ]
    private static let a = [
        2.2352520354606839287, 161.02823106855587881, 1067.6894854603709582, 18154.981253343561249,
        0.065682337918207449113,
    ]
    private static let b = [
        47.20258190468824187, 976.09855173777669322, 10260.932208618978205, 45507.789335026729956,
    ]
    private static let c = [
        0.39894151208813466764, 8.8831497943883759412, 93.506656132177855979, 597.27027639480026226,
        2494.5375852903726711, 6848.1904505362823326, 11602.651437647350124, 9842.7148383839780218,
        1.0765576773720192317e-8,
    ]
    private static let d = [
        22.266688044328115691, 235.38790178262499861, 1519.377599407554805, 6485.558298266760755,
        18615.571640885098091, 34900.952721145977266, 38912.003286093271411, 19685.429676859990727,
    ]
    private static let p = [
        0.21589853405795699, 0.1274011611602473639, 0.022235277870649807, 0.001421619193227893466,
        2.9112874951168792e-5, 0.02307344176494017303,
    ]
    private static let q = [
        1.28426009614491121, 0.468238212480865118, 0.0659881378689285515, 0.00378239633202758244,
        7.29751555083966205e-5,
    ]
}
