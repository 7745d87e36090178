import CKernels
import Diagnostics
import Glibc

/// A tensor seen as a matrix: what is kept along the rows, what is reduced along the columns.
struct ReductionPlan {
    /// The elements, as they are or copied so that two strides describe them.
    let source: Tensor
    let kept: Int
    let reduced: Int
    let keptStride: Int
    let reducedStride: Int
    /// Shape of the result, with and without the reduced dimensions.
    let keptShape: [Int]
    let resultShape: [Int]
    /// Dimensions that are reduced.
    let dims: [Int]

    init(_ x: Tensor, dims given: [Int], keepdim: Bool) throws {
        let dims = try x.dimensionList(given)
        self.dims = dims
        let keptDims = x.shape.indices.filter { !dims.contains($0) }
        let reducedDims = x.shape.indices.filter { dims.contains($0) }
        keptShape = x.shape.indices.map { dims.contains($0) ? 1 : x.shape[$0] }
        resultShape = keepdim ? keptShape : keptDims.map { x.shape[$0] }
        // Beside a size of 0 the others may be as large as they like: their product need not be a number.
        kept = try Storage.elementCount(of: keptDims.map { x.shape[$0] }, dtype: x.dtype)
        reduced =
            kept > 0
            ? x.count / kept : try Storage.elementCount(of: reducedDims.map { x.shape[$0] }, dtype: x.dtype)
        func single(_ dims: [Int]) -> Int? {
            // One stride for a row-major walk over these dimensions, if there is one.
            var unit = 1, expected: Int?
            for d in dims.reversed() where x.shape[d] != 1 {
                if let expected, x.strides[d] != expected { return nil }
                if expected == nil { unit = x.strides[d] }
                expected = x.strides[d] &* x.shape[d]
            }
            return unit
        }
        if let a = single(keptDims), let b = single(reducedDims) {
            source = x
            keptStride = a
            reducedStride = b
        } else {
            let order = keptDims + reducedDims
            source = try x.alias(shape: order.map { x.shape[$0] }, strides: order.map { x.strides[$0] }).copied()
            keptStride = reduced
            reducedStride = 1
        }
    }
}

extension Tensor {
    /// Reduces with a function of (pointer to the first, stride, count) for each kept element, side by side.
    private static func fold<T, R>(
        _ plan: ReductionPlan, _: T.Type, into out: UnsafeMutablePointer<R>,
        _ f: (UnsafePointer<T>, Int, Int) -> R
    ) {
        let x = plan.source.typed(T.self)
        let (step, stride, n) = (plan.keptStride, plan.reducedStride, plan.reduced)
        parallelRanges(plan.kept, grain: Swift.max(1, 32768 / Swift.max(1, n))) { range, _ in
            for i in range { out[i] = f(UnsafePointer(x + i * step), stride, n) }
        }
    }

    /// Sums in double precision, one for each kept element.
    private static func realSums(_ plan: ReductionPlan) -> [Double] {
        [Double](unsafeUninitializedCapacity: plan.kept) { buffer, count in
            count = plan.kept
            guard let out = buffer.baseAddress else { return }
            let x = plan.source
            if plan.keptStride == 1, plan.reducedStride != 1, plan.kept > 1 {
                // Down the columns: whole rows are added, each thread takes a band of columns.
                for i in 0..<plan.kept { out[i] = 0 }
                parallelRanges(plan.kept, grain: Swift.max(16, 65536 / Swift.max(1, plan.reduced))) { range, _ in
                    if x.dtype == .float32 {
                        kernel_column_sum_f32(
                            out + range.lowerBound, x.typed(Float.self) + range.lowerBound, plan.reducedStride,
                            plan.reduced, range.count)
                    } else {
                        kernel_column_sum_f64(
                            out + range.lowerBound, x.typed(Double.self) + range.lowerBound, plan.reducedStride,
                            plan.reduced, range.count)
                    }
                }
            } else if plan.kept == 1, plan.reduced > 1 << 16 {
                let pieces = 64  // fixed, so that the sum does not depend on the number of threads
                var parts = [Double](repeating: 0, count: pieces)
                parts.withUnsafeMutableBufferPointer { parts in
                    guard let parts = parts.baseAddress else { return }
                    parallelTasks(pieces) { piece in
                        let a = plan.reduced * piece / pieces, b = plan.reduced * (piece + 1) / pieces
                        let s = plan.reducedStride
                        parts[piece] =
                            x.dtype == .float32
                            ? kernel_sum_f32(x.typed(Float.self) + a * s, s, b - a)
                            : kernel_sum_f64(x.typed(Double.self) + a * s, s, b - a)
                    }
                }
                out[0] = parts.reduce(0, +)
            } else if x.dtype == .float32 {
                fold(plan, Float.self, into: out) { kernel_sum_f32($0, $1, $2) }
            } else {
                fold(plan, Double.self, into: out) { kernel_sum_f64($0, $1, $2) }
            }
        }
    }

    /// Sum over dimensions (all if none is given), in double precision inside; whole numbers and bool give int64.
    ///
    /// - Gradient: the same for every element summed.
    public func sum(dims: [Int] = [], keepdim: Bool = false, dtype wanted: DType? = nil) throws -> Tensor {
        if let wanted, wanted != dtype, wanted.isReal || dtype.isReal {
            return try to(wanted).sum(dims: dims, keepdim: keepdim)
        }
        if dtype.isHalf { return try to(.float32).sum(dims: dims, keepdim: keepdim).to(dtype) }
        let plan = try ReductionPlan(self, dims: dims, keepdim: keepdim)
        let value: Tensor
        if dtype.isFloating {
            value = try Tensor(Tensor.realSums(plan), shape: plan.resultShape, dtype: dtype)
        } else {
            let whole = try plan.source.converted(to: .int64)
            let sums = (0..<plan.kept).map { i -> Int64 in
                let x = whole.typed(Int64.self) + i * plan.keptStride
                return (0..<plan.reduced).reduce(Int64(0)) { $0 &+ x[$1 * plan.reducedStride] }
            }
            value = try Tensor(sums, shape: plan.resultShape)
        }
        let (original, keptShape) = (shape, plan.keptShape)
        return Tensor(op: dims.isEmpty ? "SumBackward0" : "SumBackward1", value, from: [self]) { dy in
            [try dy.reshape(keptShape).expand(original)]
        }
    }

    /// Mean over dimensions (all if none is given).
    ///
    /// - Throws: ``WorkbenchError`` of kind `.runtime` for whole numbers and bool.
    public func mean(dims: [Int] = [], keepdim: Bool = false, dtype wanted: DType? = nil) throws -> Tensor {
        if let wanted, wanted != dtype { return try to(wanted).mean(dims: dims, keepdim: keepdim) }
        if dtype.isHalf { return try to(.float32).mean(dims: dims, keepdim: keepdim).to(dtype) }
        guard dtype.isFloating else {
            throw WorkbenchError(
                .runtime,
                "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
                    + "Got: \(dtype.torchName)", hint: "convert it first: `$to(dtype = torch_float())`")
        }
        let plan = try ReductionPlan(self, dims: dims, keepdim: keepdim)
        let n = Double(plan.reduced)
        let value = try Tensor(Tensor.realSums(plan).map { $0 / n }, shape: plan.resultShape, dtype: dtype)
        let (original, keptShape) = (shape, plan.keptShape)
        return Tensor(op: dims.isEmpty ? "MeanBackward0" : "MeanBackward1", value, from: [self]) { dy in
            [try dy.scaled(by: 1 / n).reshape(keptShape).expand(original)]
        }
    }

    /// Values of the reduced elements of each kept one, in double precision (int64 beyond 2⁵³ loses its last digits).
    func rows(dims: [Int], keepdim: Bool) throws -> (plan: ReductionPlan, values: Tensor) {
        let plan = try ReductionPlan(self, dims: dims, keepdim: keepdim)
        return (plan, try plan.source.converted(to: .float64))
    }

    /// Product of whole numbers, as int64, which wraps.
    private func wholeProduct(dims: [Int], keepdim: Bool) throws -> Tensor {
        let plan = try ReductionPlan(detached().to(.int64), dims: dims, keepdim: keepdim)
        let value = try Tensor.zeros(plan.resultShape, .int64)
        Tensor.fold(plan, Int64.self, into: value.typed(Int64.self)) { x, stride, n in
            (0..<n).reduce(1) { $0 &* x[$1 * stride] }
        }
        return value
    }

    private func folded(
        _ plan: ReductionPlan, _ values: Tensor, _ type: DType, _ f: (UnsafePointer<Double>, Int, Int) -> Double
    ) throws -> Tensor {
        // A converted copy has the source's order in memory only if that was dense.
        let x =
            plan.source.isDense || values === plan.source ? values : try plan.source.copied().converted(to: .float64)
        let steps = plan.source.isDense || values === plan.source ? (plan.keptStride, plan.reducedStride) : nil
        guard let steps else {
            let order = try ReductionPlan(x, dims: plan.dims, keepdim: true)
            return try folded(order, x, type, f).alias(
                shape: plan.resultShape, strides: contiguousStrides(plan.resultShape))
        }
        var result = [Double](repeating: 0, count: plan.kept)
        result.withUnsafeMutableBufferPointer { buffer in
            guard let out = buffer.baseAddress else { return }
            let base = x.typed(Double.self)
            parallelRanges(plan.kept, grain: Swift.max(1, 16384 / Swift.max(1, plan.reduced))) { range, _ in
                for i in range { out[i] = f(UnsafePointer(base + i * steps.0), steps.1, plan.reduced) }
            }
        }
        return try Tensor(result, shape: plan.resultShape, dtype: type)
    }

    /// Product over dimensions (all if none is given).
    public func prod(dims: [Int] = [], keepdim: Bool = false) throws -> Tensor {
        if !dtype.isReal { return try wholeProduct(dims: dims, keepdim: keepdim) }
        let (plan, values) = try rows(dims: dims, keepdim: keepdim)
        let value = try folded(plan, values, dtype) { x, stride, n in
            (0..<n).reduce(1.0) { $0 * x[$1 * stride] }
        }
        let (original, keptShape, all) = (shape, plan.keptShape, plan.dims)
        return Tensor(op: "ProdBackward0", value, from: [self], saving: [self]) { [self] (dy, y) in
            let wide = try dy.reshape(keptShape).expand(original)
            let zeros = try eq(Tensor(scalar: .int(0)))
            if try !zeros.any().item().isTrue {
                return [try wide.mul(y.reshape(keptShape).div(self))]
            }
            // With a zero among the factors the others' product must be formed without dividing.
            let filled = try Tensor.select(zeros, Tensor.scalar(.int(1), dtype), self)
            let others = try filled.prod(dims: all, keepdim: true).div(filled)
            let count = try zeros.to(dtype).sum(dims: all, keepdim: true)
            let one = try count.eq(Tensor(scalar: .int(1))).logicalAnd(zeros)
            let none = try count.eq(Tensor(scalar: .int(0))).expand(original)
            let slope = try Tensor.select(one.logicalOr(none), others, others.zerosLike())
            return [try wide.mul(slope)]
        }
    }

    /// Variance over dimensions; `correction` 1 divides by n − 1.
    public func variance(dims: [Int] = [], correction: Double = 1, keepdim: Bool = false) throws -> Tensor {
        guard dtype.isReal else {
            throw WorkbenchError(
                .runtime, "std and var only support floating point and complex dtypes, not \(dtype.torchName)")
        }
        let (plan, values) = try rows(dims: dims, keepdim: keepdim)
        let divisor = Double(plan.reduced) - correction
        let value = try folded(plan, values, dtype) { x, stride, n in
            var mean = 0.0, m2 = 0.0
            for i in 0..<n {  // Welford's recurrence
                let d = x[i * stride] - mean
                mean += d / Double(i + 1)
                m2 += d * (x[i * stride] - mean)
            }
            return divisor > 0 ? m2 / divisor : m2 / 0
        }
        let (original, keptShape, all) = (shape, plan.keptShape, plan.dims)
        return Tensor(op: "VarBackward0", value, from: [self], saving: [self]) { [self] dy in
            let centred = try sub(mean(dims: all, keepdim: true))
            return [try dy.reshape(keptShape).expand(original).mul(centred).scaled(by: 2 / divisor)]
        }
    }

    /// Standard deviation over dimensions.
    public func std(dims: [Int] = [], correction: Double = 1, keepdim: Bool = false) throws -> Tensor {
        let value = try variance(dims: dims, correction: correction, keepdim: keepdim)
        return Tensor(
            op: "StdBackward0", try value.elementwise(UnaryOp(kernel: KERNEL_SQRT, real: { $0.squareRoot() })),
            from: [value]
        ) { (dy, y) in
            [try dy.div(y.scaled(by: 2))]
        }
    }

    /// (Σ |x|ᵖ)^(1/p) over dimensions; p may be 0 (count of non-zeros), ∞ or −∞.
    public func norm(_ p: Double = 2, dims: [Int] = [], keepdim: Bool = false) throws -> Tensor {
        guard dtype.isReal else {
            throw WorkbenchError(
                .runtime,
                "linalg.vector_norm: Expected a floating point or complex tensor as input. Got \(dtype.torchName)")
        }
        let (plan, values) = try rows(dims: dims, keepdim: keepdim)
        let value = try folded(plan, values, dtype) { x, stride, n in
            var total = p == -.infinity ? Double.infinity : 0.0
            for i in 0..<n {
                let a = Swift.abs(x[i * stride])
                switch p {
                case .infinity: total = a.isNaN ? a : Swift.max(total, a)
                case -.infinity: total = a.isNaN ? a : Swift.min(total, a)
                case 0: total += a == 0 ? 0 : 1
                case 1: total += a
                case 2: total += a * a
                default: total += Glibc.pow(a, p)
                }
            }
            if p == 2 { return total.squareRoot() }
            return p.isInfinite || p == 0 || p == 1 ? total : Glibc.pow(total, 1 / p)
        }
        let (original, keptShape, all) = (shape, plan.keptShape, plan.dims)
        return Tensor(op: "LinalgVectorNormBackward0", value, from: [self], saving: [self]) { [self] (dy, y) in
            let wide = try dy.reshape(keptShape).expand(original), norm = try y.reshape(keptShape)
            if p == 0 { return [try wide.zerosLike()] }
            if p == 1 { return [try wide.mul(sign())] }
            let zero = try Tensor.scalar(.int(0), dtype)
            if p.isInfinite {
                let hits = try abs().eq(norm)
                let share = try hits.to(dtype).div(hits.to(dtype).sum(dims: all, keepdim: true))
                return [try wide.mul(sign()).mul(share)]
            }
            let slope =
                p == 2 ? try div(norm) : try mul(abs().pow(p - 2)).div(norm.pow(p - 1))
            return [try wide.mul(Tensor.select(norm.eq(zero), zero, slope))]
        }
    }

    /// log Σ eˣ over dimensions, without overflow.
    public func logsumexp(dims: [Int], keepdim: Bool = false) throws -> Tensor {
        if !dtype.isReal { return try to(.float32).logsumexp(dims: dims, keepdim: keepdim) }
        let (plan, values) = try rows(dims: dims, keepdim: keepdim)
        let value = try folded(plan, values, dtype) { x, stride, n in
            var most = -Double.infinity
            for i in 0..<n { most = Swift.max(most, x[i * stride]) }
            let shift = most.isFinite ? most : 0
            return Glibc.log((0..<n).reduce(0.0) { $0 + Glibc.exp(x[$1 * stride] - shift) }) + shift
        }
        let (original, keptShape) = (shape, plan.keptShape)
        return Tensor(op: "LogsumexpBackward0", value, from: [self], saving: [self]) { [self] (dy, y) in
            [try dy.reshape(keptShape).expand(original).mul(sub(y.reshape(keptShape)).exp())]
        }
    }

    /// 1 where any reduced element is not 0.
    public func any(dims: [Int] = [], keepdim: Bool = false) throws -> Tensor {
        let (plan, values) = try to(.bool).rows(dims: dims, keepdim: keepdim)
        return try folded(plan, values, .bool) { x, stride, n in
            for i in 0..<n where x[i * stride] != 0 { return 1 }
            return 0
        }
    }

    /// 1 where all reduced elements are not 0.
    public func all(dims: [Int] = [], keepdim: Bool = false) throws -> Tensor {
        let (plan, values) = try to(.bool).rows(dims: dims, keepdim: keepdim)
        return try folded(plan, values, .bool) { x, stride, n in
            for i in 0..<n where x[i * stride] == 0 { return 0 }
            return 1
        }
    }

    /// Number of elements that are not 0.
    public func countNonzero(dims: [Int] = []) throws -> Tensor { try to(.bool).sum(dims: dims) }

    // MARK: Largest and smallest

    private func extremePlaces(_ dims: [Int], keepdim: Bool, largest: Bool) throws -> (ReductionPlan, Tensor) {
        let (plan, values) = try rows(dims: dims, keepdim: keepdim)
        guard plan.reduced > 0 else {
            throw WorkbenchError(
                .value,
                "max(), min(): Expected reduction dim to be specified for input.numel() == 0, or a dim with "
                    + "non-zero size", hint: "the tensor has shape \(bracketed(shape))")
        }
        let places = try folded(plan, values, .int64) { x, stride, n in
            var place = 0, best = x[0]
            if best.isNaN { return 0 }
            for i in 1..<Swift.max(1, n) {
                let v = x[i * stride]
                if v.isNaN { return Double(i) }
                if largest ? v > best : v < best {
                    best = v
                    place = i
                }
            }
            return Double(place)
        }
        return (plan, places)
    }

    private func extreme(_ d: Int, keepdim: Bool, largest: Bool) throws -> (values: Tensor, indices: Tensor) {
        let axis = try dimension(d)
        let (_, places) = try extremePlaces([axis], keepdim: true, largest: largest)
        if dimensions == 0 { return (try clone(), places) }
        let picked = try gather(axis, places)
        // torch names the node after the reduction, not after the gathering inside.
        let values = Tensor(op: largest ? "MaxBackward0" : "MinBackward0", picked.alias(), from: [picked]) { dy in [dy]
        }
        return keepdim ? (values, places) : (try values.squeeze(axis), try places.squeeze(axis))
    }

    /// Largest elements along a dimension and their indices (the first of equals; NaN is largest).
    public func max(_ d: Int, keepdim: Bool = false) throws -> (values: Tensor, indices: Tensor) {
        try extreme(d, keepdim: keepdim, largest: true)
    }

    /// Smallest elements along a dimension and their indices.
    public func min(_ d: Int, keepdim: Bool = false) throws -> (values: Tensor, indices: Tensor) {
        try extreme(d, keepdim: keepdim, largest: false)
    }

    /// Largest elements over dimensions; equal ones share the gradient.
    public func amax(dims: [Int] = [], keepdim: Bool = false) throws -> Tensor {
        try extremeValue(dims, keepdim, largest: true, dims.isEmpty ? "MaxBackward1" : "AmaxBackward0")
    }

    /// Smallest elements over dimensions; equal ones share the gradient.
    public func amin(dims: [Int] = [], keepdim: Bool = false) throws -> Tensor {
        try extremeValue(dims, keepdim, largest: false, dims.isEmpty ? "MinBackward1" : "AminBackward0")
    }

    private func extremeValue(_ dims: [Int], _ keepdim: Bool, largest: Bool, _ name: String) throws -> Tensor {
        let (plan, values) = try rows(dims: dims, keepdim: keepdim)
        guard plan.reduced > 0 else {
            throw WorkbenchError(
                .value, "max(), min(): cannot reduce a tensor of shape \(bracketed(shape)) with no elements")
        }
        let value = try folded(plan, values, dtype) { x, stride, n in
            var best = x[0]
            for i in 0..<n {
                let v = x[i * stride]
                if v.isNaN { return v }
                best = largest ? Swift.max(best, v) : Swift.min(best, v)
            }
            return best
        }
        let (original, keptShape, all) = (shape, plan.keptShape, plan.dims)
        return Tensor(op: name, value, from: [self], saving: [self]) { [self] (dy, y) in
            let hits = try eq(y.reshape(keptShape)).to(dy.dtype)
            let share = try hits.div(hits.sum(dims: all, keepdim: true))
            return [try dy.reshape(keptShape).expand(original).mul(share)]
        }
    }

    /// Index of the largest element along a dimension, or among all in row-major order.
    public func argmax(_ d: Int? = nil, keepdim: Bool = false) throws -> Tensor {
        try extremePlaces(d.map { [$0] } ?? [], keepdim: keepdim, largest: true).1
    }

    /// Index of the smallest element along a dimension, or among all in row-major order.
    public func argmin(_ d: Int? = nil, keepdim: Bool = false) throws -> Tensor {
        try extremePlaces(d.map { [$0] } ?? [], keepdim: keepdim, largest: false).1
    }
}

extension Scalar {
    /// Whether it is not 0.
    var isTrue: Bool { doubleValue != 0 }
}
