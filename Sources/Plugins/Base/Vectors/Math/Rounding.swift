import Diagnostics
import Glibc
import PluginAPI

func registerRounding(_ base: Namespace) {
    base.function(
        "round", [.value("x"), .value("digits", 0)], help: "Rounds to decimals; halves go to the even digit.",
        dispatch: .math
    ) { args in
        let x = try args.required("x")
        return try rounding(x, args) { roundHalfEven($0, digits: $1) }
    }
    base.function(
        "signif", [.value("x"), .value("digits", 6)], help: "Rounds to significant digits.", dispatch: .math
    ) { args in
        let x = try args.required("x")
        return try rounding(x, args) { roundSignificant($0, digits: $1) }
    }
    base.function("trunc", [.value("x"), .dots], help: "Cuts off the fraction.", dispatch: .math) { args in
        let x = try args.required("x")
        return try mathMap(x, args) { $0.rounded(.towardZero) }
    }
    base.function("abs", [.value("x")], help: "Absolute value.", dispatch: .math) { args in
        let x = try args.required("x")
        switch x {
        case .integer(let v): return .integer(v.map { e in e.map { $0 < 0 ? 0 - $0 : $0 } })
        case .logical(let v): return .integer(Vector(v.elements.map { e in e.map { $0 ? 1 : 0 } }, v.attributes))
        case .complex(let v): return .double(v.map { $0.modulus })
        default: return try mathMap(x, args) { Swift.abs($0) }
        }
    }
    base.function("sign", [.value("x")], help: "-1, 0 or 1.", dispatch: .math) { args in
        let x = try args.required("x")
        return try mathMap(x, args) { $0.isNaN ? $0 : $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
    }
}

private func rounding(_ x: Value, _ args: Arguments, _ function: (Double, Double) -> Double) throws -> Value {
    let digits = args["digits"]
    guard digits.length > 0 || x.length == 0 else {
        throw WorkbenchError(.value, "invalid second argument of length 0")
    }
    switch digits {
    case .double, .integer, .logical: break
    default: throw WorkbenchError(.type, "non-numeric argument to mathematical function")
    }
    if case .complex(let v) = x {
        let places = try digits.asDoubles()[0]
        return .complex(v.map { Complex(function($0.real, places), function($0.imaginary, places)) })
    }
    if digits.length == 1, digits.attributes == nil {
        let places = try digits.asDoubles()[0]
        return try mathMap(x, args) { function($0, places) }
    }
    return try binaryMath(x, digits, args, function)
}

/// R 4's `round`: of the two decimal neighbours the nearer one; at equal distance the one with an even last digit.
func roundHalfEven(_ x: Double, digits: Double) -> Double {
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
    let power = powerOfTen(abs(digits))
    func scaled(_ value: Double) -> Double {
        guard digits > 308 else { return digits >= 0 ? value * power : value / power }
        return value * powerOfTen(digits - 308) * 1e308
    }
    func unscaled(_ value: Double) -> Double {
        guard digits > 308 else { return digits >= 0 ? value / power : value * power }
        return value / 1e308 / powerOfTen(digits - 308)
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

private func powerOfTen(_ exponent: Int) -> Double {
    var result = LongDouble(1)
    var base = LongDouble(10)
    var left = exponent
    while left > 0 {
        if left & 1 == 1 { result *= base }
        left >>= 1
        if left > 0 { base *= base }
    }
    return Double(result)
}

/// R's `signif`.
func roundSignificant(_ x: Double, digits: Double) -> Double {
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
            extra = powerOfTen(exponent - 308)
            exponent = 308
        }
        if exponent > 0 {
            let power = powerOfTen(exponent)
            return sign * ((size * power) * extra).rounded(.toNearestOrEven) / power / extra
        }
        let power = powerOfTen(-exponent)
        return sign * (size / power).rounded(.toNearestOrEven) * power
    }
    // Very large or small: by way of the decimal digits, so that nothing overflows on the way.
    return parseNumber(formatDouble(x, conversion: "e", precision: wanted - 1)) ?? x
}
