import Glibc
import RRuntime
import VectorValues

extension ArithmeticOperator {
    /// The operator on complex numbers; nil for `%%` and `%/%`, which have none.
    func apply(_ a: Complex, _ b: Complex) -> Complex? {
        switch self {
        case .add: return Complex(a.real + b.real, a.imaginary + b.imaginary)
        case .subtract: return Complex(a.real - b.real, a.imaginary - b.imaginary)
        case .multiply: return a.times(b)
        case .divide: return a.over(b)
        case .power: return a.raised(to: b)
        case .modulo, .quotient: return nil
        }
    }
}
