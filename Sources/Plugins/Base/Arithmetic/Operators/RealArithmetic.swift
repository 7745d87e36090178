import Glibc
import VectorValues

/// The arithmetic operators on numbers; `%%` and `%/%` as R 4 defines them for large quotients.
enum ArithmeticOperator: Int {
    case add, subtract, multiply, divide, power, modulo, quotient

    @inline(__always)
    func apply(_ a: Double, _ b: Double) -> Double {
        switch self {
        case .add: return a + b
        case .subtract: return a - b
        case .multiply: return a * b
        case .divide: return a / b
        case .power: return rPower(a, b)
        case .modulo: return rModulo(a, b)
        case .quotient: return rQuotient(a, b)
        }
    }
}

/// `x ^ y`: as C's, but 1 for `1 ^ NA` and `NA ^ 0`, and NaN for a negative number to an infinite power.
@inline(__always)
func rPower(_ x: Double, _ y: Double) -> Double {
    if y == 2 { return x * x }
    if x == 1 || y == 0 { return 1 }
    if x.isFinite, y.isFinite { return pow(x, y) }
    if x.isNaN || y.isNaN { return x + y }
    if y.isInfinite, x < 0 { return .nan }
    return pow(x, y)
}

private let epsilon = Double.ulpOfOne

/// `x %% y`
func rModulo(_ x: Double, _ y: Double) -> Double {
    if y == 0 { return .nan }
    if abs(y) * epsilon > 1, x.isFinite, abs(x) <= abs(y) {
        if abs(x) == abs(y) { return 0 }
        return (x < 0 && y > 0) || (y < 0 && x > 0) ? x + y : x
    }
    let q = x / y
    if x.isNaN || y.isNaN { return x + y }
    if !x.isFinite { return .nan }
    if y.isInfinite { return x == 0 || (x > 0) == (y > 0) ? x : y }
    // The quotient of a large x is many too large or too small; dividing what is left again takes that back.
    let part = LongDouble(x) - LongDouble(q.rounded(.down)) * LongDouble(y)
    let rest = Double(part / LongDouble(y)).rounded(.down)
    return Double(part - LongDouble(rest) * LongDouble(y))
}

/// Whether nothing of `x %% y` is sure: the quotient has more digits than there are.
func isModuloUnsure(_ x: Double, _ y: Double) -> Bool {
    let q = x / y
    return y != 0 && q.isFinite && abs(q) * Double(LongDouble.ulpOfOne) > 1
}

/// `x %/% y`
func rQuotient(_ x: Double, _ y: Double) -> Double {
    let q = x / y
    if y == 0 || abs(q) * epsilon > 1 || !q.isFinite { return q }
    if abs(q) < 1 { return q < 0 || (x < 0 && y > 0) || (x > 0 && y < 0) ? -1 : 0 }
    let floor = q.rounded(.down)
    let part = LongDouble(x) - LongDouble(floor) * LongDouble(y)
    return floor + Double((part / LongDouble(y)).rounded(.down))
}

/// Integer `x %% y` for y other than 0: the sign is that of y.
@inline(__always)
func integerModulo(_ x: Int32, _ y: Int32) -> Int32 {
    let rest = Int64(x) % Int64(y)
    return Int32(truncatingIfNeeded: rest != 0 && (rest < 0) != (y < 0) ? rest + Int64(y) : rest)
}

/// Integer `x %/% y` for y other than 0, rounded down; nil when it does not fit.
@inline(__always)
func integerQuotient(_ x: Int32, _ y: Int32) -> Int32? {
    let a = Int64(x)
    let b = Int64(y)
    var q = a / b
    if a % b != 0, (a < 0) != (b < 0) { q -= 1 }
    return Int32(exactly: q)
}
