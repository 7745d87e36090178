import CKernels
import Diagnostics

/// An operation on each element, with its fast kernels where there are some.
struct UnaryOp {
    var kernel: KernelUnary?
    var p = 0.0
    var q = 0.0
    /// The definition, in double precision: the reference, and what runs where there is no kernel.
    let real: (Double) -> Double
    /// For whole numbers, if the result is one; else they are converted to float first.
    var whole: ((Int64) -> Int64)?
}

/// An operation on pairs of elements.
struct BinaryOp: Sendable {
    var kernel: KernelBinary?
    let real: @Sendable (Double, Double) -> Double
    let whole: @Sendable (Int64, Int64) -> Int64

    static let add = BinaryOp(kernel: KERNEL_ADD, real: { $0 + $1 }, whole: { $0 &+ $1 })
    static let sub = BinaryOp(kernel: KERNEL_SUB, real: { $0 - $1 }, whole: { $0 &- $1 })
    static let mul = BinaryOp(kernel: KERNEL_MUL, real: { $0 * $1 }, whole: { $0 &* $1 })
    static let div = BinaryOp(kernel: KERNEL_DIV, real: { $0 / $1 }, whole: { $1 == 0 ? 0 : $0 / $1 })
    static let maximum = BinaryOp(
        kernel: KERNEL_MAXIMUM, real: { $0.isNaN || $1.isNaN ? .nan : Swift.max($0, $1) }, whole: { Swift.max($0, $1) })
    static let minimum = BinaryOp(
        kernel: KERNEL_MINIMUM, real: { $0.isNaN || $1.isNaN ? .nan : Swift.min($0, $1) }, whole: { Swift.min($0, $1) })
    static let reluBackward = BinaryOp(
        kernel: KERNEL_RELU_BACKWARD, real: { $1 <= 0 ? 0 : $0 }, whole: { $1 <= 0 ? 0 : $0 })
}

/// A comparison of pairs of elements.
struct CompareOp: Sendable {
    let kernel: KernelCompare
    let real: @Sendable (Double, Double) -> Bool
    let whole: @Sendable (Int64, Int64) -> Bool
}

extension Tensor {
    // MARK: Promotion

    /// The type two tensors' elements are brought to before they meet, by torch's rules: tensors with dimensions
    /// decide; 0-d tensors and, after them, numbers only raise the category (bool, whole, floating).
    static func commonType(_ tensors: [Tensor]) -> DType {
        var byPriority: [DType?] = [nil, nil, nil]
        for tensor in tensors {
            var type = tensor.dtype
            if tensor.isWrappedNumber, type.isReal { type = .float32 }
            let level = tensor.dimensions > 0 ? 0 : tensor.isWrappedNumber ? 2 : 1
            byPriority[level] = byPriority[level]?.promoted(with: type) ?? type
        }
        func combined(_ higher: DType?, _ lower: DType?) -> DType? {
            guard let higher, let lower else { return higher ?? lower }
            if higher.isReal { return higher }
            return higher == .bool || lower.isReal ? higher.promoted(with: lower) : higher
        }
        return combined(byPriority[0], combined(byPriority[1], byPriority[2])) ?? .float32
    }

    /// Order in memory for a result of `shape`: that of the first operand that has the shape and no gaps.
    static func resultStrides(_ shape: [Int], _ operands: [Tensor]) -> [Int] {
        for operand in operands where operand.shape == shape && operand.isDense { return operand.strides }
        return contiguousStrides(shape)
    }

    // MARK: Engines

    /// Applies an operation to each element; not recorded.
    func elementwise(_ op: UnaryOp, into given: Tensor? = nil) throws -> Tensor {
        if dtype.isHalf { return try converted(to: .float32).elementwise(op).rounded(to: dtype, into: given) }
        if !dtype.isFloating {
            guard let whole = op.whole else { return try to(.float32).elementwise(op) }
            let out = try given ?? emptyLike()
            Tensor.chunked(out, [self], KERNEL_I64, Int64.self) { result, inputs, n in
                for i in 0..<n { result[i] = whole(inputs[0][i]) }
            }
            return out
        }
        let out = try given ?? emptyLike()
        guard let kernel = op.kernel else {
            let real = op.real
            Tensor.chunked(out, [self], KERNEL_F64, Double.self) { result, inputs, n in
                for i in 0..<n { result[i] = real(inputs[0][i]) }
            }
            return out
        }
        let nest = LoopNest(shape: shape, strides: [out.strides, strides])
        let so = nest.innerStride(0), sx = nest.innerStride(1)
        if dtype == .float32 {
            let y = out.typed(Float.self), x = typed(Float.self)
            let p = Float(op.p), q = Float(op.q)
            nest.forEachRun { kernel_unary_f32(kernel, y + $0[0], so, x + $0[1], sx, $1, p, q) }
        } else {
            let y = out.typed(Double.self), x = typed(Double.self)
            nest.forEachRun { kernel_unary_f64(kernel, y + $0[0], so, x + $0[1], sx, $1, op.p, op.q) }
        }
        return out
    }

    /// Applies an operation to pairs of elements after broadcasting and promotion; not recorded.
    static func elementwise(
        _ op: BinaryOp, _ a: Tensor, _ b: Tensor, type: DType? = nil, parameter p: Double = 0, into given: Tensor? = nil
    ) throws -> Tensor {
        let type = type ?? given?.dtype ?? commonType([a, b])
        let shape = try broadcastShape(a.shape, b.shape)
        let out = try given ?? empty(shape, type, strides: resultStrides(shape, [a, b]))
        guard out.shape == shape else {
            throw WorkbenchError(
                .shape,
                "output with shape \(bracketed(out.shape)) doesn't match the broadcast shape \(bracketed(shape))")
        }
        if type.isHalf {
            return try elementwise(
                op, a.converted(to: .float32), b.converted(to: .float32), type: .float32, parameter: p
            )
            .rounded(to: type, into: out)
        }
        let x = try a.converted(to: type).broadcastAlias(to: shape)
        let y = try b.converted(to: type).broadcastAlias(to: shape)
        if let kernel = op.kernel, type.isFloating {
            let nest = LoopNest(shape: shape, strides: [out.strides, x.strides, y.strides])
            let (so, sx, sy) = (nest.innerStride(0), nest.innerStride(1), nest.innerStride(2))
            if type == .float32 {
                let (o, x, y) = (out.typed(Float.self), x.typed(Float.self), y.typed(Float.self))
                nest.forEachRun {
                    kernel_binary_f32(kernel, o + $0[0], so, x + $0[1], sx, y + $0[2], sy, $1, Float(p))
                }
            } else {
                let (o, x, y) = (out.typed(Double.self), x.typed(Double.self), y.typed(Double.self))
                nest.forEachRun { kernel_binary_f64(kernel, o + $0[0], so, x + $0[1], sx, y + $0[2], sy, $1, p) }
            }
        } else if type.isFloating {
            let real = op.real
            chunked(out, [x, y], KERNEL_F64, Double.self) { result, inputs, n in
                for i in 0..<n { result[i] = real(inputs[0][i], inputs[1][i]) }
            }
        } else {
            let whole = op.whole
            chunked(out, [x, y], KERNEL_I64, Int64.self) { result, inputs, n in
                for i in 0..<n { result[i] = whole(inputs[0][i], inputs[1][i]) }
            }
        }
        return out
    }

    /// Compares pairs of elements after broadcasting and promotion: a bool tensor, never recorded.
    static func compare(_ op: CompareOp, _ a: Tensor, _ b: Tensor) throws -> Tensor {
        let common = commonType([a, b])
        let type = common.isHalf ? .float32 : common
        let shape = try broadcastShape(a.shape, b.shape)
        let out = try empty(shape, .bool, strides: resultStrides(shape, [a, b]))
        let x = try a.converted(to: type).broadcastAlias(to: shape)
        let y = try b.converted(to: type).broadcastAlias(to: shape)
        if type.isFloating {
            let nest = LoopNest(shape: shape, strides: [out.strides, x.strides, y.strides])
            let (so, sx, sy) = (nest.innerStride(0), nest.innerStride(1), nest.innerStride(2))
            let o = out.typed(UInt8.self)
            let kernel = op.kernel
            if type == .float32 {
                let (x, y) = (x.typed(Float.self), y.typed(Float.self))
                nest.forEachRun { kernel_compare_f32(kernel, o + $0[0], so, x + $0[1], sx, y + $0[2], sy, $1) }
            } else {
                let (x, y) = (x.typed(Double.self), y.typed(Double.self))
                nest.forEachRun { kernel_compare_f64(kernel, o + $0[0], so, x + $0[1], sx, y + $0[2], sy, $1) }
            }
        } else {
            let whole = op.whole
            chunked(out, [x, y], KERNEL_I64, Int64.self) { result, inputs, n in
                for i in 0..<n { result[i] = whole(inputs[0][i], inputs[1][i]) ? 1 : 0 }
            }
        }
        return out
    }

    /// Walks operands of one shape in pieces of up to 512 elements, converted to one type on the way in and back on
    /// the way out: how operations without a kernel work on every element type.
    static func chunked<T>(
        _ out: Tensor, _ inputs: [Tensor], _ type: KernelType, _ element: T.Type,
        _ body: (UnsafeMutablePointer<T>, [UnsafeMutablePointer<T>], Int) -> Void
    ) {
        guard out.count > 0 else { return }
        let nest = LoopNest(shape: out.shape, strides: [out.strides] + inputs.map(\.strides))
        let piece = 512
        let places = inputs.map { (pointer: $0.pointer, unit: $0.dtype.byteCount, type: $0.dtype.kernel) }
        let outPointer = out.pointer, outUnit = out.dtype.byteCount, outType = out.dtype.kernel
        nest.forEachRun(grain: 4096) { offsets, n in
            withUnsafeTemporaryAllocation(of: T.self, capacity: piece * (inputs.count + 1)) { scratch in
                guard let base = scratch.baseAddress else { return }
                let buffers = inputs.indices.map { base + piece * ($0 + 1) }
                var done = 0
                while done < n {
                    let m = Swift.min(piece, n - done)
                    for (k, place) in places.enumerated() {
                        let step = nest.innerStride(k + 1)
                        kernel_convert(
                            type, buffers[k], 1, place.type,
                            place.pointer + (offsets[k + 1] + done * step) * place.unit,
                            step, m)
                    }
                    body(base, buffers, m)
                    let step = nest.innerStride(0)
                    kernel_convert(outType, outPointer + (offsets[0] + done * step) * outUnit, step, type, base, 1, m)
                    done += m
                }
            }
        }
    }

    /// A result in single precision as the half-precision one it stands for.
    private func rounded(to type: DType, into given: Tensor?) throws -> Tensor {
        guard let given else { return try converted(to: type) }
        try given.copyElements(from: self)
        return given
    }

    /// The elements as another type, not recorded; itself if it has the type.
    func converted(to type: DType) throws -> Tensor {
        if dtype == type { return self }
        let result = try emptyLike(type)
        try result.copyElements(from: self)
        return result
    }

    /// Converts the elements: floats to whole numbers toward zero, NaN and what does not fit to the smallest int64.
    ///
    /// - Returns: This very tensor if it has the type and no copy is asked for.
    /// - Gradient: converted back.
    public func to(_ type: DType, copy: Bool = false) throws -> Tensor {
        if dtype == type, !copy { return self }
        let value = dtype == type ? try cloneElements() : try converted(to: type)
        let original = dtype
        return Tensor(op: "ToCopyBackward0", value, from: [self]) { dy in [try dy.to(original)] }
    }

    /// A copy in the same dense order in memory, not recorded.
    func cloneElements() throws -> Tensor {
        let result = try emptyLike()
        try result.copyElements(from: self)
        return result
    }

    /// A copy with its own storage.
    public func clone() throws -> Tensor {
        Tensor(op: "CloneBackward0", try cloneElements(), from: [self]) { dy in [dy] }
    }

    /// Itself if row-major without gaps, else such a copy.
    public func contiguous() throws -> Tensor {
        if isContiguous { return self }
        return Tensor(op: "CloneBackward0", try copied(), from: [self]) { dy in [dy] }
    }

    /// Sums the dimensions along which `shape` was broadcast to this tensor's shape.
    func reduced(to target: [Int]) throws -> Tensor {
        if shape == target { return self }
        let lead = shape.count - target.count
        var dims = Array(0..<lead)
        for d in target.indices where target[d] == 1 && shape[d + lead] != 1 { dims.append(d + lead) }
        let summed = dims.isEmpty ? self : try sum(dims: dims, keepdim: true)
        return try summed.reshape(target)
    }
}
