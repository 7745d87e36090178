import Glibc
import RRuntime

extension Complex {
    package func times(_ b: Complex) -> Complex {
        Complex(real * b.real - imaginary * b.imaginary, real * b.imaginary + imaginary * b.real)
    }

    /// Smith's division, which does not overflow where the quotient does not.
    package func over(_ b: Complex) -> Complex {
        if abs(b.real) >= abs(b.imaginary) {
            let ratio = b.imaginary / b.real
            let scale = b.real * (1 + ratio * ratio)
            return Complex((real + imaginary * ratio) / scale, (imaginary - real * ratio) / scale)
        }
        let ratio = b.real / b.imaginary
        let scale = b.imaginary * (1 + ratio * ratio)
        return Complex((real * ratio + imaginary) / scale, (imaginary * ratio - real) / scale)
    }

    /// A whole power by repeated squaring, any other through the logarithm.
    package func raised(to b: Complex) -> Complex {
        if b.real == 0, b.imaginary == 0 { return Complex(1, 0) }
        if real == 0, imaginary == 0 { return b.real > 0 ? Complex(0, 0) : Complex(.infinity, 0) }
        if b.imaginary == 0, let whole = Int(exactly: b.real), abs(whole) <= 65536 {
            if whole == 1 { return self }
            var base = whole < 0 ? Complex(1, 0).over(self) : self
            var left = abs(whole)
            var result = Complex(1, 0)
            while left > 0 {
                if left & 1 == 1 { result = result.times(base) }
                left >>= 1
                if left > 0 { base = base.times(base) }
            }
            return result
        }
        let logarithm = self.logarithm
        return b.times(logarithm).exponential
    }

    package var modulus: Double { hypot(real, imaginary) }
    package var argument: Double { atan2(imaginary, real) }
    package var logarithm: Complex { Complex(log(modulus), argument) }
    package var exponential: Complex {
        let size = exp(real)
        return Complex(size * cos(imaginary), size * sin(imaginary))
    }

    package var squareRoot: Complex {
        if real == 0, imaginary == 0 { return Complex(0, imaginary) }
        let size = modulus
        if real >= 0 {
            let root = ((size + real) / 2).squareRoot()
            return Complex(root, imaginary / (2 * root))
        }
        let root = ((size - real) / 2).squareRoot()
        return Complex(abs(imaginary) / (2 * root), imaginary.sign == .minus ? -root : root)
    }
}
