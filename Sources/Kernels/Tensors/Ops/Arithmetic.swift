import CKernels
import Diagnostics
import Glibc

extension Tensor {
    /// torch's name of a gradient: a number as second operand has a form of its own.
    private func gradientName(_ operation: String, _ other: Tensor) -> String {
        operation + (other.isWrappedNumber ? "Backward1" : "Backward0")
    }

    /// `self + alpha·other`.
    public func add(_ other: Tensor, alpha: Double = 1) throws -> Tensor {
        let value = try Tensor.sum(self, other, alpha)
        return Tensor(
            op: gradientName("Add", other), value, from: [self, other],
            pullback: Tensor.sumPullback(self, other, alpha))
    }

    /// `self − alpha·other`.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.type` for bool tensors.
    public func sub(_ other: Tensor, alpha: Double = 1) throws -> Tensor {
        guard dtype != .bool, other.dtype != .bool else {
            throw WorkbenchError(
                .runtime,
                "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, "
                    + "use the `~` or `logical_not()` operator instead.")
        }
        let value = alpha == 1 ? try Tensor.elementwise(.sub, self, other) : try Tensor.sum(self, other, -alpha)
        return Tensor(
            op: gradientName("Sub", other), value, from: [self, other],
            pullback: Tensor.sumPullback(self, other, -alpha))
    }

    private static func sum(_ a: Tensor, _ b: Tensor, _ alpha: Double) throws -> Tensor {
        if alpha == 1 { return try elementwise(.add, a, b) }
        if let whole = Int64(exactly: alpha) {
            let op = BinaryOp(
                kernel: KERNEL_ADD_SCALED, real: { $0 + alpha * $1 }, whole: { $0 &+ whole &* $1 })
            return try elementwise(op, a, b, parameter: alpha)
        }
        guard commonType([a, b]).isReal else {
            throw WorkbenchError(
                .runtime, "For integral input tensors, argument alpha must not be a floating point number, got \(alpha)"
            )
        }
        let op = BinaryOp(kernel: KERNEL_ADD_SCALED, real: { $0 + alpha * $1 }, whole: { a, _ in a })
        return try elementwise(op, a, b, parameter: alpha)
    }

    private static func sumPullback(_ a: Tensor, _ b: Tensor, _ alpha: Double) -> (Tensor) throws -> [Tensor?] {
        let (needsA, needsB, shapeA, shapeB) = (a.requiresGrad, b.requiresGrad, a.shape, b.shape)
        return { dy in
            [
                needsA ? try dy.reduced(to: shapeA) : nil,
                needsB ? try (alpha == 1 ? dy : dy.scaled(by: alpha)).reduced(to: shapeB) : nil,
            ]
        }
    }

    /// `self·other`, element by element.
    public func mul(_ other: Tensor) throws -> Tensor {
        let (needsA, needsB) = (requiresGrad, other.requiresGrad)
        // Only what the pullback reads is kept.
        let a = needsB ? self : nil, b = needsA ? other : nil
        let (shapeA, shapeB) = (shape, other.shape)
        return Tensor(
            op: gradientName("Mul", other), try Tensor.elementwise(.mul, self, other), from: [self, other],
            saving: [a, b].compactMap { $0 }
        ) { dy in
            [
                try b.map { try dy.mul($0).reduced(to: shapeA) },
                try a.map { try dy.mul($0).reduced(to: shapeB) },
            ]
        }
    }

    /// `self·number`, recorded as a product.
    public func scaled(by number: Double) throws -> Tensor {
        guard dtype.isFloating else { return try mul(Tensor(scalar: .double(number))) }
        let op = UnaryOp(kernel: KERNEL_AFFINE, p: number, q: 0, real: { $0 * number })
        return Tensor(op: "MulBackward0", try elementwise(op), from: [self]) { dy in [try dy.scaled(by: number)] }
    }

    /// True quotient: whole numbers give floats.
    public func div(_ other: Tensor) throws -> Tensor {
        let common = Tensor.commonType([self, other])
        let value = try Tensor.elementwise(.div, self, other, type: common.isReal ? common : .float32)
        let needsA = requiresGrad
        let a = other.requiresGrad ? self : nil
        let (shapeA, shapeB) = (shape, other.shape)
        return Tensor(
            op: gradientName("Div", other), value, from: [self, other], saving: [a, other].compactMap { $0 }
        ) { dy in
            [
                needsA ? try dy.div(other).reduced(to: shapeA) : nil,
                try a.map { try dy.neg().mul($0.div(other).div(other)).reduced(to: shapeB) },
            ]
        }
    }

    /// How ``div(_:rounding:)`` rounds.
    public enum Rounding: Sendable {
        /// Toward zero.
        case trunc
        /// Toward −∞.
        case floor
    }

    /// Quotient rounded to a whole number; no gradient.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.runtime` for whole numbers divided by 0.
    public func div(_ other: Tensor, rounding: Rounding) throws -> Tensor {
        try Tensor.checkDivisor(self, other)
        let op =
            switch rounding {
            case .trunc:
                BinaryOp(
                    real: { ($0 / $1).rounded(.towardZero) }, whole: { $1 == 0 ? 0 : $1 == -1 ? 0 &- $0 : $0 / $1 })
            case .floor: BinaryOp(real: floorQuotient, whole: floorQuotient)
            }
        return Tensor(
            op: "DivBackward1", try Tensor.elementwise(op, self, other), from: [self, other]
        ) { dy in [try dy.zerosLike(), nil] }
    }

    /// `floor(self / other)`; no gradient.
    public func floorDivide(_ other: Tensor) throws -> Tensor { try div(other, rounding: .floor).detached() }

    /// Remainder with the sign of the divisor, as R's `%%`.
    public func remainder(_ other: Tensor) throws -> Tensor {
        try Tensor.checkDivisor(self, other)
        let op = BinaryOp(
            real: { a, b in
                let r = Glibc.fmod(a, b)
                return r != 0 && (r < 0) != (b < 0) ? r + b : r
            },
            whole: { a, b in
                if b == 0 || b == -1 { return 0 }
                let r = a % b
                return r != 0 && (r < 0) != (b < 0) ? r + b : r
            })
        let shapeA = shape, shapeB = other.shape, needsB = other.requiresGrad
        let quotient = needsB ? try detached().div(other.detached(), rounding: .floor) : nil
        return Tensor(op: "RemainderBackward0", try Tensor.elementwise(op, self, other), from: [self, other]) { dy in
            [try dy.reduced(to: shapeA), try quotient.map { try dy.mul($0).neg().reduced(to: shapeB) }]
        }
    }

    /// Remainder with the sign of the dividend, as C's `fmod`.
    public func fmod(_ other: Tensor) throws -> Tensor {
        try Tensor.checkDivisor(self, other)
        let op = BinaryOp(
            real: { Glibc.fmod($0, $1) }, whole: { $1 == 0 || $1 == -1 ? 0 : $0 % $1 })
        let shapeA = shape, shapeB = other.shape, needsB = other.requiresGrad
        let quotient = needsB ? try detached().div(other.detached(), rounding: .trunc) : nil
        return Tensor(op: "FmodBackward0", try Tensor.elementwise(op, self, other), from: [self, other]) { dy in
            [try dy.reduced(to: shapeA), try quotient.map { try dy.mul($0).neg().reduced(to: shapeB) }]
        }
    }

    private static func checkDivisor(_ a: Tensor, _ b: Tensor) throws {
        guard !commonType([a, b]).isReal, b.count > 0 else { return }
        if try b.eq(Tensor(scalar: .int(0))).any().item() == .bool(true) {
            throw WorkbenchError(.runtime, "ZeroDivisionError", hint: "a whole-number tensor was divided by 0")
        }
    }

    /// `selfᵒᵗʰᵉʳ`, element by element.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.runtime` for whole numbers to negative powers.
    public func pow(_ other: Tensor) throws -> Tensor {
        let type = Tensor.commonType([self, other])
        if !type.isReal, other.count > 0, try other.lt(Tensor(scalar: .int(0))).any().item() == .bool(true) {
            throw WorkbenchError(
                .runtime, "Integers to negative integer powers are not allowed.",
                hint: "convert the tensor to float first")
        }
        if other.isWrappedNumber, case .double(let exponent) = other.element(0), dtype.isFloating {
            return try pow(exponent)
        }
        if other.isWrappedNumber, dtype.isFloating { return try pow(other.element(0).doubleValue) }
        let op = BinaryOp(real: { Glibc.pow($0, $1) }, whole: wholePower)
        let needsA = requiresGrad, needsB = other.requiresGrad
        let (shapeA, shapeB, base) = (shape, other.shape, self)
        return Tensor(
            op: "PowBackward1", try Tensor.elementwise(op, self, other), from: [self, other], saving: [self, other]
        ) { (dy, y) in
            let one = try Tensor(scalar: .int(1))
            var da: Tensor?, db: Tensor?
            if needsA {
                let slope = try other.mul(base.pow(other.sub(one)))
                da = try dy.mul(Tensor.select(other.eq(Tensor(scalar: .int(0))), slope.zerosLike(), slope)).reduced(
                    to: shapeA)
            }
            if needsB {
                let slope = try y.mul(base.log())
                let flat = try base.eq(Tensor(scalar: .int(0))).logicalAnd(other.ge(Tensor(scalar: .int(0))))
                db = try dy.mul(Tensor.select(flat, slope.zerosLike(), slope)).reduced(to: shapeB)
            }
            return [da, db]
        }
    }

    /// Every element to one power.
    public func pow(_ exponent: Double) throws -> Tensor {
        guard dtype.isFloating else { return try pow(Tensor(scalar: .double(exponent))) }
        let op: UnaryOp =
            switch exponent {
            case 2: UnaryOp(kernel: KERNEL_SQUARE, real: { $0 * $0 })
            case 0.5: UnaryOp(kernel: KERNEL_SQRT, real: { $0.squareRoot() })
            case -1: UnaryOp(kernel: KERNEL_RECIPROCAL, real: { 1 / $0 })
            default: UnaryOp(real: { Glibc.pow($0, exponent) })
            }
        return Tensor(op: "PowBackward0", try elementwise(op), from: [self], saving: [self]) { [self] dy in
            [exponent == 0 ? try dy.zerosLike() : try dy.mul(pow(exponent - 1).scaled(by: exponent))]
        }
    }

    /// The larger of each pair; NaN wins.
    ///
    /// Equal elements share the gradient.
    public func maximum(_ other: Tensor) throws -> Tensor { try extremum(.maximum, "MaximumBackward0", other) }

    /// The smaller of each pair; NaN wins.
    ///
    /// Equal elements share the gradient.
    public func minimum(_ other: Tensor) throws -> Tensor { try extremum(.minimum, "MinimumBackward0", other) }

    private func extremum(_ op: BinaryOp, _ name: String, _ other: Tensor) throws -> Tensor {
        let (shapeA, shapeB, a) = (shape, other.shape, self)
        return Tensor(
            op: name, try Tensor.elementwise(op, self, other), from: [self, other], saving: [self, other]
        ) { (dy, y) in
            let half = try dy.scaled(by: 0.5)
            let equal = try a.eq(other)
            let first = try Tensor.select(equal, half, Tensor.select(a.eq(y), dy, dy.zerosLike()))
            let second = try Tensor.select(equal, half, Tensor.select(other.eq(y), dy, dy.zerosLike()))
            return [try first.reduced(to: shapeA), try second.reduced(to: shapeB)]
        }
    }

    /// Angle of the point (other, self), in radians.
    public func atan2(_ other: Tensor) throws -> Tensor {
        let type = Tensor.commonType([self, other])
        let op = BinaryOp(real: { Glibc.atan2($0, $1) }, whole: { a, _ in a })
        let (shapeA, shapeB, y) = (shape, other.shape, self)
        return Tensor(
            op: "Atan2Backward0", try Tensor.elementwise(op, self, other, type: type.isReal ? type : .float32),
            from: [self, other], saving: [self, other]
        ) { dy in
            let square = try y.mul(y).add(other.mul(other))
            return [
                try dy.mul(other.div(square)).reduced(to: shapeA),
                try dy.mul(y.neg().div(square)).reduced(to: shapeB),
            ]
        }
    }

    /// `self + value·(tensor1·tensor2)`.
    public func addcmul(_ tensor1: Tensor, _ tensor2: Tensor, value: Double = 1) throws -> Tensor {
        try add(tensor1.mul(tensor2), alpha: value)
    }

    /// `self + value·(tensor1/tensor2)`.
    public func addcdiv(_ tensor1: Tensor, _ tensor2: Tensor, value: Double = 1) throws -> Tensor {
        try add(tensor1.div(tensor2), alpha: value)
    }

    /// `self + weight·(end − self)`.
    public func lerp(_ end: Tensor, weight: Double) throws -> Tensor { try add(end.sub(self), alpha: weight) }

    // MARK: In place

    /// `self += alpha·other`, without a temporary tensor where no gradient is recorded.
    @discardableResult
    public func add_(_ other: Tensor, alpha: Double = 1) throws -> Tensor {
        if try changesDirectly(with: other) {
            let op = BinaryOp(
                kernel: alpha == 1 ? KERNEL_ADD : KERNEL_ADD_SCALED, real: { $0 + alpha * $1 }, whole: { $0 &+ $1 })
            _ = try Tensor.elementwise(op, self, other, parameter: alpha, into: self)
            storage.version += 1
            return self
        }
        return try inPlace { try $0.add(other, alpha: alpha) }
    }

    /// `self −= alpha·other`.
    @discardableResult
    public func sub_(_ other: Tensor, alpha: Double = 1) throws -> Tensor { try add_(other, alpha: -alpha) }

    /// `self ·= other`.
    @discardableResult
    public func mul_(_ other: Tensor) throws -> Tensor {
        if try changesDirectly(with: other) {
            _ = try Tensor.elementwise(.mul, self, other, into: self)
            storage.version += 1
            return self
        }
        return try inPlace { try $0.mul(other) }
    }

    /// `self /= other`.
    @discardableResult
    public func div_(_ other: Tensor) throws -> Tensor {
        if try changesDirectly(with: other) {
            _ = try Tensor.elementwise(.div, self, other, into: self)
            storage.version += 1
            return self
        }
        return try inPlace { try $0.div(other) }
    }

    /// `self += value·(tensor1·tensor2)`.
    @discardableResult
    public func addcmul_(_ tensor1: Tensor, _ tensor2: Tensor, value: Double = 1) throws -> Tensor {
        try add_(tensor1.mul(tensor2), alpha: value)
    }

    /// `self += value·(tensor1/tensor2)`.
    @discardableResult
    public func addcdiv_(_ tensor1: Tensor, _ tensor2: Tensor, value: Double = 1) throws -> Tensor {
        try add_(tensor1.div(tensor2), alpha: value)
    }

    /// Whether the elements may be overwritten one by one: floats, nothing recorded, no overlap with the other operand
    /// other than being the very same elements.
    private func changesDirectly(with other: Tensor) throws -> Bool {
        guard dtype.isFloating, other.dtype.category <= dtype.category, isDense,
            !GradMode.isEnabled || !(requiresGrad || other.requiresGrad || viewBase?.requiresGrad == true),
            other.storage !== storage || (other.strides == strides && other.offset == offset && other.shape == shape)
        else { return false }
        return (try? Tensor.broadcastShape(shape, other.shape)) == shape
    }
}

private func floorQuotient(_ a: Double, _ b: Double) -> Double {
    if b == 0 { return a / b }
    let r = Glibc.fmod(a, b)
    var q = (a - r) / b
    if r != 0, (r < 0) != (b < 0) { q -= 1 }
    return q == 0 ? (a / b < 0 ? -0.0 : 0.0) : q.rounded()
}

private func floorQuotient(_ a: Int64, _ b: Int64) -> Int64 {
    if b == 0 { return 0 }
    if b == -1 { return 0 &- a }
    let q = a / b
    return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q
}

private func wholePower(_ base: Int64, _ exponent: Int64) -> Int64 {
    var result: Int64 = 1, factor = base, rest = exponent
    while rest > 0 {
        if rest & 1 == 1 { result = result &* factor }
        factor = factor &* factor
        rest >>= 1
    }
    return exponent < 0 ? 0 : result
}

extension Tensor {
    /// Sum of two tensors.
    public static func + (a: Tensor, b: Tensor) throws -> Tensor { try a.add(b) }
    /// Difference of two tensors.
    public static func - (a: Tensor, b: Tensor) throws -> Tensor { try a.sub(b) }
    /// Product of two tensors, element by element.
    public static func * (a: Tensor, b: Tensor) throws -> Tensor { try a.mul(b) }
    /// True quotient of two tensors.
    public static func / (a: Tensor, b: Tensor) throws -> Tensor { try a.div(b) }
    /// The negative of each element.
    public static prefix func - (a: Tensor) throws -> Tensor { try a.neg() }
    /// Sum with a number.
    public static func + (a: Tensor, b: Double) throws -> Tensor { try a.add(Tensor(scalar: .double(b))) }
    /// Difference with a number.
    public static func - (a: Tensor, b: Double) throws -> Tensor { try a.sub(Tensor(scalar: .double(b))) }
    /// Product with a number.
    public static func * (a: Tensor, b: Double) throws -> Tensor { try a.mul(Tensor(scalar: .double(b))) }
    /// Quotient with a number.
    public static func / (a: Tensor, b: Double) throws -> Tensor { try a.div(Tensor(scalar: .double(b))) }
    /// A number minus each element.
    public static func - (a: Double, b: Tensor) throws -> Tensor { try Tensor(scalar: .double(a)).sub(b) }
    /// A number divided by each element.
    public static func / (a: Double, b: Tensor) throws -> Tensor { try Tensor(scalar: .double(a)).div(b) }
}
