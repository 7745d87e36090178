import CKernels
import Diagnostics
import Glibc

// One function an operation: its value and its pullback. Operations on whole numbers that have no whole result convert
// to float first, as in torch.
extension Tensor {
    /// −x.
    public func neg() throws -> Tensor {
        guard dtype != .bool else {
            throw WorkbenchError(
                .type,
                "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use "
                    + "the `~` or `logical_not()` operator instead.", hint: "`!x`, or `x$logical_not()`")
        }
        let op = UnaryOp(kernel: KERNEL_NEG, real: { -$0 }, whole: { 0 &- $0 })
        return Tensor(op: "NegBackward0", try elementwise(op), from: [self]) { dy in [try dy.neg()] }
    }

    /// |x|.
    public func abs() throws -> Tensor {
        let op = UnaryOp(kernel: KERNEL_ABS, real: { Swift.abs($0) }, whole: { $0 < 0 ? 0 &- $0 : $0 })
        return Tensor(op: "AbsBackward0", try elementwise(op), from: [self], saving: [self]) { [self] dy in
            [try dy.mul(sign())]
        }
    }

    /// −1, 0 or 1; 0 of NaN, as in libtorch.
    public func sign() throws -> Tensor {
        let op = UnaryOp(real: { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }, whole: { $0.signum() })
        return Tensor(op: "SignBackward0", try elementwise(op), from: [self]) { dy in [try dy.zerosLike()] }
    }

    /// eˣ.
    public func exp() throws -> Tensor {
        let op = UnaryOp(kernel: KERNEL_EXP, real: { Glibc.exp($0) })
        return Tensor(op: "ExpBackward0", try elementwise(op), from: [self]) { (dy, y) in [try dy.mul(y)] }
    }

    /// 2ˣ.
    public func exp2() throws -> Tensor {
        Tensor(op: "Exp2Backward0", try elementwise(UnaryOp(real: { Glibc.exp2($0) })), from: [self]) { (dy, y) in
            [try dy.mul(y).scaled(by: M_LN2)]
        }
    }

    /// eˣ − 1, exact near 0.
    public func expm1() throws -> Tensor {
        Tensor(op: "Expm1Backward0", try elementwise(UnaryOp(real: { Glibc.expm1($0) })), from: [self]) { (dy, y) in
            [try dy.mul(y.add(Tensor(scalar: .int(1))))]
        }
    }

    /// Natural logarithm.
    public func log() throws -> Tensor {
        let op = UnaryOp(kernel: KERNEL_LOG, real: { Glibc.log($0) })
        return Tensor(op: "LogBackward0", try elementwise(op), from: [self], saving: [self]) { [self] dy in
            [try dy.div(self)]
        }
    }

    /// Logarithm to base 2.
    public func log2() throws -> Tensor { try logarithm("Log2Backward0", base: M_LN2) { Glibc.log2($0) } }

    /// Logarithm to base 10.
    public func log10() throws -> Tensor { try logarithm("Log10Backward0", base: M_LN10) { Glibc.log10($0) } }

    private func logarithm(_ name: String, base: Double, _ f: @escaping (Double) -> Double) throws -> Tensor {
        Tensor(op: name, try elementwise(UnaryOp(real: f)), from: [self], saving: [self]) { [self] dy in
            [try dy.div(scaled(by: base))]
        }
    }

    /// log(1 + x), exact near 0.
    public func log1p() throws -> Tensor {
        Tensor(op: "Log1PBackward0", try elementwise(UnaryOp(real: { Glibc.log1p($0) })), from: [self], saving: [self])
        {
            [self] dy in [try dy.div(add(Tensor(scalar: .int(1))))]
        }
    }

    /// √x.
    public func sqrt() throws -> Tensor {
        let op = UnaryOp(kernel: KERNEL_SQRT, real: { $0.squareRoot() })
        return Tensor(op: "SqrtBackward0", try elementwise(op), from: [self]) { (dy, y) in
            [try dy.div(y.scaled(by: 2))]
        }
    }

    /// 1/√x.
    public func rsqrt() throws -> Tensor {
        let op = UnaryOp(kernel: KERNEL_RSQRT, real: { 1 / $0.squareRoot() })
        return Tensor(op: "RsqrtBackward0", try elementwise(op), from: [self]) { (dy, y) in
            [try dy.mul(y.mul(y).mul(y)).scaled(by: -0.5)]
        }
    }

    /// x².
    public func square() throws -> Tensor {
        let op = UnaryOp(kernel: KERNEL_SQUARE, real: { $0 * $0 }, whole: { $0 &* $0 })
        return Tensor(op: "PowBackward0", try elementwise(op), from: [self], saving: [self]) { [self] dy in
            [try dy.mul(scaled(by: 2))]
        }
    }

    /// 1/x.
    public func reciprocal() throws -> Tensor {
        let op = UnaryOp(kernel: KERNEL_RECIPROCAL, real: { 1 / $0 })
        return Tensor(op: "ReciprocalBackward0", try elementwise(op), from: [self]) { (dy, y) in
            [try dy.mul(y.mul(y)).neg()]
        }
    }

    /// An operation known by its definition and its slope at x.
    private func smooth(
        _ name: String, _ f: @escaping (Double) -> Double, slope: @escaping (Tensor) throws -> Tensor
    ) throws -> Tensor {
        Tensor(op: name, try elementwise(UnaryOp(real: f)), from: [self], saving: [self]) { [self] dy in
            [try dy.mul(slope(self))]
        }
    }

    /// Sine of an angle in radians.
    public func sin() throws -> Tensor { try smooth("SinBackward0", { Glibc.sin($0) }) { try $0.cos() } }
    /// Cosine of an angle in radians.
    public func cos() throws -> Tensor { try smooth("CosBackward0", { Glibc.cos($0) }) { try $0.sin().neg() } }
    /// Tangent of an angle in radians.
    public func tan() throws -> Tensor {
        try smooth("TanBackward0", { Glibc.tan($0) }) { try 1 / $0.cos().square() }
    }
    /// Angle in radians whose sine is x.
    public func asin() throws -> Tensor {
        try smooth("AsinBackward0", { Glibc.asin($0) }) { try (1 - $0.square()).rsqrt() }
    }
    /// Angle in radians whose cosine is x.
    public func acos() throws -> Tensor {
        try smooth("AcosBackward0", { Glibc.acos($0) }) { try (1 - $0.square()).rsqrt().neg() }
    }
    /// Angle in radians whose tangent is x.
    public func atan() throws -> Tensor {
        try smooth("AtanBackward0", { Glibc.atan($0) }) { try 1 / ($0.square() + 1) }
    }
    /// Hyperbolic sine.
    public func sinh() throws -> Tensor { try smooth("SinhBackward0", { Glibc.sinh($0) }) { try $0.cosh() } }
    /// Hyperbolic cosine.
    public func cosh() throws -> Tensor { try smooth("CoshBackward0", { Glibc.cosh($0) }) { try $0.sinh() } }
    /// Inverse hyperbolic sine.
    public func asinh() throws -> Tensor {
        try smooth("AsinhBackward0", { Glibc.asinh($0) }) { try ($0.square() + 1).rsqrt() }
    }
    /// Inverse hyperbolic cosine.
    public func acosh() throws -> Tensor {
        try smooth("AcoshBackward0", { Glibc.acosh($0) }) { try ($0.square() - 1).rsqrt() }
    }
    /// Inverse hyperbolic tangent.
    public func atanh() throws -> Tensor {
        try smooth("AtanhBackward0", { Glibc.atanh($0) }) { try 1 / (1 - $0.square()) }
    }
    /// Error function.
    public func erf() throws -> Tensor {
        try smooth("ErfBackward0", { Glibc.erf($0) }) { try $0.square().neg().exp().scaled(by: M_2_SQRTPI) }
    }
    /// 1 − erf(x).
    public func erfc() throws -> Tensor {
        try smooth("ErfcBackward0", { Glibc.erfc($0) }) { try $0.square().neg().exp().scaled(by: -M_2_SQRTPI) }
    }
    /// Logarithm of the gamma function's absolute value; its gradient is ``digamma()``.
    public func lgamma() throws -> Tensor {
        try smooth("LgammaBackward0", { Glibc.lgamma($0) }) { try $0.digamma() }
    }

    /// Slope of log Γ; its gradient is ``trigamma()``.
    public func digamma() throws -> Tensor {
        try smooth("DigammaBackward0", digammaOf) { try $0.trigamma() }
    }

    /// Slope of ``digamma()``; no gradient of its own.
    public func trigamma() throws -> Tensor { try elementwise(UnaryOp(real: trigammaOf)) }

    /// Inverse of the error function.
    public func erfinv() throws -> Tensor {
        Tensor(op: "ErfinvBackward0", try elementwise(UnaryOp(real: erfinvOf)), from: [self]) { (dy, y) in
            [try dy.mul(y.square().exp()).scaled(by: 0.5 * 2 / M_2_SQRTPI)]
        }
    }

    /// log(x / (1 − x)).
    public func logit() throws -> Tensor {
        try smooth("LogitBackward0", { Glibc.log($0 / (1 - $0)) }) { try 1 / $0.mul(1 - $0) }
    }

    /// x/(1 + |x|) and others are in Activations.swift; these round and have gradient 0.
    private func step(_ name: String, _ f: @escaping (Double) -> Double) throws -> Tensor {
        let op = UnaryOp(real: f, whole: { $0 })
        return Tensor(op: name, try elementwise(op), from: [self]) { dy in [try dy.zerosLike()] }
    }

    /// Largest whole number ≤ x.
    public func floor() throws -> Tensor { try step("FloorBackward0") { $0.rounded(.down) } }
    /// Smallest whole number ≥ x.
    public func ceil() throws -> Tensor { try step("CeilBackward0") { $0.rounded(.up) } }
    /// Nearest whole number, halves to even.
    public func round() throws -> Tensor { try step("RoundBackward0") { $0.rounded(.toNearestOrEven) } }
    /// Whole part.
    public func trunc() throws -> Tensor { try step("TruncBackward0") { $0.rounded(.towardZero) } }
    /// x − trunc(x).
    public func frac() throws -> Tensor {
        let op = UnaryOp(real: { $0 - $0.rounded(.towardZero) })
        return Tensor(op: "FracBackward0", try elementwise(op), from: [self]) { dy in [dy] }
    }

    /// Nearest number with a count of decimals (negative: tens, hundreds, …), halves to even.
    public func round(decimals: Int) throws -> Tensor {
        if decimals == 0 { return try round() }
        let scale = Glibc.pow(10, Double(decimals.magnitude))
        return try step("RoundBackward1") {
            decimals > 0
                ? ($0 * scale).rounded(.toNearestOrEven) / scale : ($0 / scale).rounded(.toNearestOrEven) * scale
        }
    }

    /// Brings every element into [low, high]; nil is no bound.
    ///
    /// The gradient passes inside the bounds, ends included.
    public func clamp(min low: Double? = nil, max high: Double? = nil) throws -> Tensor {
        let lower = low ?? -.infinity, upper = high ?? .infinity
        var op = UnaryOp(
            kernel: KERNEL_CLAMP, p: lower, q: upper,
            real: { $0.isNaN ? $0 : Swift.min(Swift.max($0, lower), upper) })
        if !dtype.isReal {
            let isWhole = [low, high].allSatisfy { $0 == nil || $0.flatMap { Int64(exactly: $0) } != nil }
            guard isWhole else { return try to(.float32).clamp(min: low, max: high) }
            let a = low.flatMap { Int64(exactly: $0) } ?? .min, b = high.flatMap { Int64(exactly: $0) } ?? .max
            op.whole = { Swift.min(Swift.max($0, a), b) }
        }
        return Tensor(op: "ClampBackward1", try elementwise(op), from: [self], saving: [self]) { [self] dy in
            let inside = try ge(Tensor(scalar: .double(lower))).logicalAnd(le(Tensor(scalar: .double(upper))))
            return [try Tensor.select(inside, dy, dy.zerosLike())]
        }
    }

    /// 1 where the element is NaN.
    public func isnan() throws -> Tensor { try predicate { $0.isNaN } }
    /// 1 where the element is ±∞.
    public func isinf() throws -> Tensor { try predicate { $0.isInfinite } }
    /// 1 where the element is a finite number.
    public func isfinite() throws -> Tensor { try predicate { $0.isFinite } }

    private func predicate(_ f: @escaping (Double) -> Bool) throws -> Tensor {
        let out = try emptyLike(.bool)
        Tensor.chunked(out, [self], KERNEL_F64, Double.self) { result, inputs, n in
            for i in 0..<n { result[i] = f(inputs[0][i]) ? 1 : 0 }
        }
        return out
    }

    /// NaN and ±∞ replaced by numbers (the type's largest for the infinities if nil).
    public func nanToNum(nan: Double = 0, posinf: Double? = nil, neginf: Double? = nil) throws -> Tensor {
        let largest = dtype == .float64 ? Double.greatestFiniteMagnitude : Double(Float.greatestFiniteMagnitude)
        let high = posinf ?? largest, low = neginf ?? -largest
        let op = UnaryOp(real: { $0.isNaN ? nan : $0 == .infinity ? high : $0 == -.infinity ? low : $0 }, whole: { $0 })
        return Tensor(op: "NanToNumBackward0", try elementwise(op), from: [self], saving: [self]) { [self] dy in
            [try Tensor.select(isfinite(), dy, dy.zerosLike())]
        }
    }
}

/// Recurrence up to 6, then the asymptotic series (Abramowitz & Stegun 6.3.18).
private func digammaOf(_ x: Double) -> Double {
    if x == 0 { return x.sign == .minus ? .infinity : -.infinity }
    if x < 0 {
        if x == x.rounded() { return .nan }
        return digammaOf(1 - x) - .pi / Glibc.tan(.pi * x)
    }
    var x = x, result = 0.0
    while x < 10 {
        result -= 1 / x
        x += 1
    }
    let z = 1 / (x * x)
    let series = z * (1 / 12.0 - z * (1 / 120.0 - z * (1 / 252.0 - z * (1 / 240.0 - z * (1 / 132.0)))))
    return result + Glibc.log(x) - 0.5 / x - series
}

/// Recurrence up to 10, then the asymptotic series (Abramowitz & Stegun 6.4.12); reflection below 0.
private func trigammaOf(_ x: Double) -> Double {
    if x == 0 { return .infinity }
    if x < 0 {
        if x == x.rounded() { return .infinity }
        let s = Glibc.sin(.pi * x)
        return .pi * .pi / (s * s) - trigammaOf(1 - x)
    }
    var x = x, result = 0.0
    while x < 10 {
        result += 1 / (x * x)
        x += 1
    }
    let z = 1 / (x * x)
    let series = z * (1 / 6.0 - z * (1 / 30.0 - z * (1 / 42.0 - z * (1 / 30.0 - z * (5 / 66.0)))))
    return result + 1 / x + z / 2 + series / x
}

/// Winitzki's approximation, made exact by three steps of Newton's method.
private func erfinvOf(_ y: Double) -> Double {
    if y.isNaN || Swift.abs(y) > 1 { return .nan }
    if Swift.abs(y) == 1 { return y * .infinity }
    let a = 0.147, l = Glibc.log1p(-y * y), t = 2 / (.pi * a) + l / 2
    var x = (t * t - l / a).squareRoot() - t
    x = x.squareRoot() * (y < 0 ? -1 : 1)
    for _ in 0..<3 { x -= (Glibc.erf(x) - y) / (M_2_SQRTPI * Glibc.exp(-x * x)) }
    return x
}
