import Glibc

#if arch(x86_64) || arch(i386)
    /// The widest hardware float: R computes powers of ten in it.
    private typealias WideFloat = Float80
#else
    /// The widest hardware float: R computes powers of ten in it.
    private typealias WideFloat = Double
#endif

/// R 4's `round`: of the two decimal neighbours the nearer one; at equal distance the one with an even last digit.
public func roundHalfEven(_ x: Double, digits: Double) -> Double {
    if x.isNaN || digits.isNaN { return x + digits }
    if !x.isFinite || digits > 323 || x == 0 { return x }
    if digits < -308 { return 0 }
    if digits == 0 { return x.rounded(.toNearestOrEven) }
    let places = Int((digits + 0.5).rounded(.down))
    return x < 0 ? -roundPositive(-x, places) : roundPositive(x, places)
}

private func roundPositive(_ x: Double, _ digits: Int) -> Double {
    // 15 significant digits and more: nothing to round.
    let exponent = Int(Glibc.log10(x).rounded(.down))
    if digits + exponent >= 15 { return x }
    let power = wholePower(abs(digits))
    func scaled(_ value: Double) -> Double {
        guard digits > 308 else { return digits >= 0 ? value * power : value / power }
        return value * wholePower(digits - 308) * 1e308
    }
    func unscaled(_ value: Double) -> Double {
        guard digits > 308 else { return digits >= 0 ? value / power : value * power }
        return value / 1e308 / wholePower(digits - 308)
    }
    let large = scaled(x)
    let below = large.rounded(.down)
    let lower = unscaled(below)
    let upper = unscaled(large.rounded(.up))
    let distanceDown = x - lower
    let distanceUp = upper - x
    let isEven = below.truncatingRemainder(dividingBy: 2) == 0
    return distanceDown < distanceUp || (isEven && distanceDown == distanceUp) ? lower : upper
}

private func wholePower(_ exponent: Int) -> Double {
    var result = WideFloat(1)
    var base = WideFloat(10)
    var left = exponent
    while left > 0 {
        if left & 1 == 1 { result *= base }
        left >>= 1
        if left > 0 { base *= base }
    }
    return Double(result)
}

/// R's `signif`.
public func roundSignificant(_ x: Double, digits: Double) -> Double {
    if x.isNaN || digits.isNaN { return x + digits }
    if !x.isFinite || x == 0 || digits > 22 { return x }
    let wanted = max(1, Int(max(digits, -1e6).rounded(.toNearestOrEven)))
    let size = abs(x)
    let logarithm = Glibc.log10(size)
    var exponent = wanted - 1 - Int(logarithm.rounded(.down))
    let sign: Double = x < 0 ? -1 : 1
    if abs(logarithm) < 306 {
        var extra = 1.0
        if exponent > 308 {
            extra = wholePower(exponent - 308)
            exponent = 308
        }
        if exponent > 0 {
            let power = wholePower(exponent)
            return sign * ((size * power) * extra).rounded(.toNearestOrEven) / power / extra
        }
        let power = wholePower(-exponent)
        return sign * (size / power).rounded(.toNearestOrEven) * power
    }
    // Very large or small: by way of the decimal digits, so that nothing overflows on the way.
    return parseNumber(formatDouble(x, conversion: "e", precision: wanted - 1)) ?? x
}
