import CKernels
import Diagnostics

extension Tensor {
    /// 1 where the elements are equal.
    public func eq(_ other: Tensor) throws -> Tensor {
        try Tensor.compare(CompareOp(kernel: KERNEL_EQ, real: { $0 == $1 }, whole: { $0 == $1 }), self, other)
    }
    /// 1 where the elements differ.
    public func ne(_ other: Tensor) throws -> Tensor {
        try Tensor.compare(CompareOp(kernel: KERNEL_NE, real: { $0 != $1 }, whole: { $0 != $1 }), self, other)
    }
    /// 1 where this element is smaller.
    public func lt(_ other: Tensor) throws -> Tensor {
        try Tensor.compare(CompareOp(kernel: KERNEL_LT, real: { $0 < $1 }, whole: { $0 < $1 }), self, other)
    }
    /// 1 where this element is smaller or equal.
    public func le(_ other: Tensor) throws -> Tensor {
        try Tensor.compare(CompareOp(kernel: KERNEL_LE, real: { $0 <= $1 }, whole: { $0 <= $1 }), self, other)
    }
    /// 1 where this element is larger.
    public func gt(_ other: Tensor) throws -> Tensor {
        try Tensor.compare(CompareOp(kernel: KERNEL_GT, real: { $0 > $1 }, whole: { $0 > $1 }), self, other)
    }
    /// 1 where this element is larger or equal.
    public func ge(_ other: Tensor) throws -> Tensor {
        try Tensor.compare(CompareOp(kernel: KERNEL_GE, real: { $0 >= $1 }, whole: { $0 >= $1 }), self, other)
    }

    private static func truth(_ a: Tensor, _ b: Tensor, _ f: @Sendable @escaping (Int64, Int64) -> Bool) throws
        -> Tensor
    {
        let a = try a.to(.bool), b = try b.to(.bool)
        let op = BinaryOp(real: { a, _ in a }, whole: { f($0, $1) ? 1 : 0 })
        return try elementwise(op, a, b, type: .bool)
    }

    /// 1 where both are not 0.
    public func logicalAnd(_ other: Tensor) throws -> Tensor { try Tensor.truth(self, other) { $0 != 0 && $1 != 0 } }
    /// 1 where at least one is not 0.
    public func logicalOr(_ other: Tensor) throws -> Tensor { try Tensor.truth(self, other) { $0 != 0 || $1 != 0 } }
    /// 1 where exactly one is not 0.
    public func logicalXor(_ other: Tensor) throws -> Tensor {
        try Tensor.truth(self, other) { ($0 != 0) != ($1 != 0) }
    }
    /// 1 where the element is 0.
    public func logicalNot() throws -> Tensor { try to(.bool).eq(Tensor(scalar: .bool(false))) }

    private func bits(_ other: Tensor, _ f: @Sendable @escaping (Int64, Int64) -> Int64) throws -> Tensor {
        guard !Tensor.commonType([self, other]).isReal else {
            throw WorkbenchError(
                .runtime, "bitwise operations need whole numbers or bool, not \(typeText) and \(other.typeText)")
        }
        return try Tensor.elementwise(BinaryOp(real: { a, _ in a }, whole: f), self, other)
    }

    /// Bits set in both.
    public func bitwiseAnd(_ other: Tensor) throws -> Tensor { try bits(other) { $0 & $1 } }
    /// Bits set in either.
    public func bitwiseOr(_ other: Tensor) throws -> Tensor { try bits(other) { $0 | $1 } }
    /// Bits set in exactly one.
    public func bitwiseXor(_ other: Tensor) throws -> Tensor { try bits(other) { $0 ^ $1 } }
    /// All bits turned; for bool, not.
    public func bitwiseNot() throws -> Tensor {
        if dtype == .bool { return try logicalNot() }
        guard !dtype.isReal else {
            throw WorkbenchError(.runtime, "bitwise_not needs whole numbers or bool, not \(typeText)")
        }
        return try elementwise(UnaryOp(real: { $0 }, whole: { ~$0 }))
    }

    /// Elements of `a` where the condition is not 0, of `b` elsewhere; all three broadcast.
    ///
    /// - Gradient: with respect to `a` and `b`.
    public static func select(_ condition: Tensor, _ a: Tensor, _ b: Tensor) throws -> Tensor {
        let type = commonType([a, b])
        let shape = try broadcastShape(condition.shape, broadcastShape(a.shape, b.shape))
        let out = try empty(shape, type, strides: resultStrides(shape, [a, b, condition]))
        let mask = try condition.converted(to: .bool).broadcastAlias(to: shape)
        let x = try a.converted(to: type).broadcastAlias(to: shape)
        let y = try b.converted(to: type).broadcastAlias(to: shape)
        func run<T>(_: T.Type) {
            let nest = LoopNest(shape: shape, strides: [out.strides, mask.strides, x.strides, y.strides])
            let (so, sm, sx, sy) = (nest.innerStride(0), nest.innerStride(1), nest.innerStride(2), nest.innerStride(3))
            let (o, m, x, y) = (out.typed(T.self), mask.typed(UInt8.self), x.typed(T.self), y.typed(T.self))
            nest.forEachRun { offsets, n in
                let (o, m, x, y) = (o + offsets[0], m + offsets[1], x + offsets[2], y + offsets[3])
                for i in 0..<n { o[i &* so] = m[i &* sm] != 0 ? x[i &* sx] : y[i &* sy] }
            }
        }
        if out.count > 0 {
            switch type.byteCount {
            case 1: run(UInt8.self)
            case 2: run(UInt16.self)
            case 4: run(UInt32.self)
            default: run(UInt64.self)
            }
        }
        let (shapeA, shapeB, needsA, needsB) = (a.shape, b.shape, a.requiresGrad, b.requiresGrad)
        return Tensor(op: "WhereBackward0", out, from: [a, b], saving: [condition]) { dy in
            let zero = try Tensor.scalar(.int(0), dy.dtype)
            return [
                needsA ? try select(condition, dy, zero).reduced(to: shapeA) : nil,
                needsB ? try select(condition, zero, dy).reduced(to: shapeB) : nil,
            ]
        }
    }

    /// This tensor with `value` where the mask is not 0.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.runtime` if the mask is not bool.
    public func maskedFill(_ mask: Tensor, _ value: Scalar) throws -> Tensor {
        guard mask.dtype == .bool else {
            throw WorkbenchError(
                .runtime, "masked_fill_ only supports boolean masks, but got mask with dtype \(mask.dtype.torchName)")
        }
        let filled = try Tensor.select(mask, Tensor(scalar: value).to(dtype), detached())
        return Tensor(op: "MaskedFillBackward0", filled, from: [self], saving: [mask]) { [shape] dy in
            [try Tensor.select(mask, Tensor.scalar(.int(0), dy.dtype), dy).reduced(to: shape)]
        }
    }

    /// Whether shapes and all elements are equal.
    public func equal(_ other: Tensor) throws -> Bool {
        guard shape == other.shape else { return false }
        return count == 0 ? true : try eq(other).all().item() == .bool(true)
    }

    /// 1 where |a − b| ≤ atol + rtol·|b|.
    public func isclose(_ other: Tensor, rtol: Double = 1e-5, atol: Double = 1e-8, equalNan: Bool = false) throws
        -> Tensor
    {
        let a = try detached().to(.float64), b = try other.detached().to(.float64)
        let op = BinaryOp(
            real: { x, y in
                if x == y || (equalNan && x.isNaN && y.isNaN) { return 1 }
                return x.isFinite && y.isFinite && Swift.abs(x - y) <= atol + rtol * Swift.abs(y) ? 1 : 0
            }, whole: { a, _ in a })
        return try Tensor.elementwise(op, a, b).to(.bool)
    }

    /// Whether all elements are close, as ``isclose(_:rtol:atol:equalNan:)`` says.
    public func allclose(_ other: Tensor, rtol: Double = 1e-5, atol: Double = 1e-8, equalNan: Bool = false) throws
        -> Bool
    {
        let close = try isclose(other, rtol: rtol, atol: atol, equalNan: equalNan)
        return try close.count == 0 || close.all().item() == .bool(true)
    }
}
