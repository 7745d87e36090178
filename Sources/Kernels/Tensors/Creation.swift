import CKernels
import Diagnostics

extension Tensor {
    /// A tensor whose elements are not set.
    ///
    /// - Parameters:
    ///   - shape: Sizes, each ≥ 0.
    ///   - dtype: Element type.
    ///   - strides: Order of the elements in memory, dense; row-major if nil.
    /// - Throws: ``WorkbenchError`` of kind `.shape` or `.memory`.
    public static func empty(_ shape: [Int], _ dtype: DType = .float32) throws -> Tensor {
        try empty(shape, dtype, strides: contiguousStrides(shape))
    }

    static func empty(_ shape: [Int], _ dtype: DType, strides: [Int]) throws -> Tensor {
        let count = try Storage.elementCount(of: shape, dtype: dtype)
        return Tensor(
            storage: try Storage(byteCount: count * dtype.byteCount), shape: shape, strides: strides, dtype: dtype)
    }

    /// All elements 0.
    public static func zeros(_ shape: [Int], _ dtype: DType = .float32) throws -> Tensor {
        let result = try empty(shape, dtype)
        result.clear()
        return result
    }

    /// All elements 1.
    public static func ones(_ shape: [Int], _ dtype: DType = .float32) throws -> Tensor {
        try full(shape, .int(1), dtype)
    }

    /// All elements the same number.
    public static func full(_ shape: [Int], _ value: Scalar, _ dtype: DType = .float32) throws -> Tensor {
        let result = try empty(shape, dtype)
        result.fillElements(value)
        return result
    }

    /// 1 on the diagonal, 0 elsewhere.
    public static func eye(_ rows: Int, _ columns: Int? = nil, _ dtype: DType = .float32) throws -> Tensor {
        let columns = columns ?? rows
        let result = try zeros([rows, columns], dtype)
        let diagonal = result.alias(shape: [Swift.min(rows, columns)], strides: [columns + 1])
        diagonal.fillElements(.int(1))
        return result
    }

    /// start, start + step, … up to but not including `end`.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.value` if the step is 0 or leads away from `end`.
    public static func arange(_ start: Double, _ end: Double, step: Double = 1, _ dtype: DType = .int64) throws
        -> Tensor
    {
        guard step != 0, start.isFinite, end.isFinite, step.isFinite else {
            throw WorkbenchError(.value, "step must be nonzero and bounds finite, got \(start), \(end), step \(step)")
        }
        guard (end - start) * step >= 0 else {
            throw WorkbenchError(.value, "upper bound and larger bound inconsistent with step sign")
        }
        guard let count = Int(exactly: ((end - start) / step).rounded(.up)) else {
            throw WorkbenchError(.memory, "arange(\(start), \(end), step \(step)) has too many elements")
        }
        let result = try empty([count], dtype)
        try result.storeDoubles { Double($0) * step + start }
        return result
    }

    /// `steps` numbers from `start` to `end`, both included.
    public static func linspace(_ start: Double, _ end: Double, steps: Int, _ dtype: DType = .float32) throws -> Tensor
    {
        guard steps >= 0 else { throw WorkbenchError(.value, "number of steps must be non-negative, got \(steps)") }
        let result = try empty([steps], dtype)
        if dtype == .float32, steps > 1 {
            // torch's own steps in single precision, from both ends to the middle.
            let a = Float(start), b = Float(end)
            let step = (b - a) / Float(steps - 1)
            let out = result.typed(Float.self)
            for i in 0..<steps {
                out[i] = i < steps / 2 ? a + step * Float(i) : b - step * Float(steps - i - 1)
            }
            return result
        }
        let step = steps > 1 ? (end - start) / Double(steps - 1) : 0
        try result.storeDoubles {
            $0 < steps / 2 || steps == 1 ? start + step * Double($0) : end - step * Double(steps - $0 - 1)
        }
        return result
    }

    /// A tensor from numbers in row-major order.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.shape` if their number is not that of the shape.
    public convenience init<T: Element>(_ values: [T], shape: [Int]? = nil, dtype: DType? = nil) throws {
        let shape = shape ?? [values.count]
        let count = try Storage.elementCount(of: shape, dtype: T.dtype)
        guard count == values.count else {
            throw WorkbenchError(.shape, "shape \(bracketed(shape)) is invalid for input of size \(values.count)")
        }
        let dtype = dtype ?? T.dtype
        let storage = try Storage(byteCount: count * dtype.byteCount)
        values.withUnsafeBytes { source in
            guard let base = source.baseAddress, count > 0 else { return }
            kernel_convert(dtype.kernel, storage.bytes, 1, T.dtype.kernel, base, 1, count)
        }
        self.init(storage: storage, shape: shape, strides: contiguousStrides(shape), dtype: dtype)
    }

    /// A single number as a 0-d tensor that promotes like a number: double, int64 or bool.
    public convenience init(scalar: Scalar) throws {
        switch scalar {
        case .bool(let value): try self.init([value], shape: [])
        case .int(let value): try self.init([value], shape: [])
        case .double(let value): try self.init([value], shape: [])
        }
        isWrappedNumber = true
    }

    /// A 0-d tensor of a given type that promotes like a 0-d tensor.
    public static func scalar(_ value: Scalar, _ dtype: DType = .float32) throws -> Tensor {
        try full([], value, dtype)
    }

    /// Zeros in this tensor's shape (and order in memory), of this or another type.
    public func zerosLike(_ dtype: DType? = nil) throws -> Tensor {
        let result = try emptyLike(dtype)
        result.clear()
        return result
    }

    /// Ones in this tensor's shape.
    public func onesLike(_ dtype: DType? = nil) throws -> Tensor { try fullLike(.int(1), dtype) }

    /// One number in this tensor's shape.
    public func fullLike(_ value: Scalar, _ dtype: DType? = nil) throws -> Tensor {
        let result = try emptyLike(dtype)
        result.fillElements(value)
        return result
    }

    /// Unset elements in this tensor's shape; a dense order in memory is kept.
    public func emptyLike(_ dtype: DType? = nil) throws -> Tensor {
        try Tensor.empty(shape, dtype ?? self.dtype, strides: isDense ? strides : contiguousStrides(shape))
    }

    // MARK: Reading

    /// The elements in row-major order, converted.
    public func toArray<T: Element>(of type: T.Type = T.self) -> [T] {
        let count = count
        let nest = LoopNest(shape: shape, strides: [contiguousStrides(shape), strides])
        return [T](unsafeUninitializedCapacity: count) { buffer, written in
            written = count
            guard count > 0, let out = buffer.baseAddress else { return }
            let unit = T.dtype.byteCount
            let raw = UnsafeMutableRawPointer(out)
            nest.forEachRun(grain: .max) { offsets, n in
                kernel_convert(
                    T.dtype.kernel, raw + offsets[0] * unit, nest.innerStride(0), dtype.kernel,
                    pointer + offsets[1] * dtype.byteCount, nest.innerStride(1), n)
            }
        }
    }

    /// The number of a one-element tensor.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.runtime` if there is not exactly one.
    public func item() throws -> Scalar {
        guard count == 1 else {
            throw WorkbenchError(.runtime, "a Tensor with \(count) elements cannot be converted to Scalar")
        }
        return element(0)
    }

    /// Element at a distance from the first, in elements.
    func element(_ distance: Int) -> Scalar {
        let place = pointer + distance * dtype.byteCount
        switch dtype {
        case .float32: return .double(Double(place.assumingMemoryBound(to: Float.self).pointee))
        case .float64: return .double(place.assumingMemoryBound(to: Double.self).pointee)
        case .bool: return .bool(place.assumingMemoryBound(to: UInt8.self).pointee != 0)
        case .float16, .bfloat16:
            var value = 0.0
            kernel_convert(KERNEL_F64, &value, 1, dtype.kernel, place, 1, 1)
            return .double(value)
        default:
            var value: Int64 = 0
            kernel_convert(KERNEL_I64, &value, 1, dtype.kernel, place, 1, 1)
            return .int(value)
        }
    }

    // MARK: Filling, without record

    func clear() {
        if isDense {
            let bytes = count * dtype.byteCount
            let start = pointer
            parallelRanges(bytes, grain: 1 << 22) { range, _ in
                (start + range.lowerBound).initializeMemory(as: UInt8.self, repeating: 0, count: range.count)
            }
        } else {
            fillElements(.int(0))
        }
    }

    func fillElements(_ value: Scalar) {
        guard count > 0 else { return }
        let nest = LoopNest(shape: shape, strides: [strides])
        var whole = value.intValue
        var real = value.doubleValue
        let isReal = if case .double = value { true } else { false }
        withUnsafeBytes(of: &whole) { whole in
            withUnsafeBytes(of: &real) { real in
                guard let whole = whole.baseAddress, let real = real.baseAddress else { return }
                nest.forEachRun { offsets, n in
                    kernel_convert(
                        dtype.kernel, pointer + offsets[0] * dtype.byteCount, nest.innerStride(0),
                        isReal ? KERNEL_F64 : KERNEL_I64, isReal ? real : whole, 0, n)
                }
            }
        }
    }

    /// Sets element i (row-major; the tensor is contiguous) to f(i).
    func storeDoubles(_ f: (Int) -> Double) throws {
        for i in 0..<count {
            var value = f(i)
            kernel_convert(dtype.kernel, pointer + i * dtype.byteCount, 1, KERNEL_F64, &value, 1, 1)
        }
    }

    /// Copies another tensor's elements into this one, converting and broadcasting; not recorded.
    func copyElements(from source: Tensor) throws {
        let source = try source.broadcastAlias(to: shape)
        guard count > 0 else { return }
        let nest = LoopNest(shape: shape, strides: [strides, source.strides])
        let out = pointer, from = source.pointer
        let to = dtype, type = source.dtype
        if to == type, to.byteCount == 4, let turn = Transposition(nest) { return turn.run(out, from) }
        let so = nest.innerStride(0), si = nest.innerStride(1)
        nest.forEachRun { offsets, n in
            kernel_convert(
                to.kernel, out + offsets[0] * to.byteCount, so, type.kernel, from + offsets[1] * type.byteCount, si, n)
        }
    }

    /// The same elements seen in a larger shape (strides 0), not recorded.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.shape` if a size is neither the wanted one nor 1.
    func broadcastAlias(to wanted: [Int]) throws -> Tensor {
        if shape == wanted { return self }
        let lead = wanted.count - shape.count
        var result = [Int](repeating: 0, count: wanted.count)
        guard lead >= 0 else { throw Tensor.broadcastError(shape, wanted) }
        for d in shape.indices {
            if shape[d] == wanted[d + lead] {
                result[d + lead] = strides[d]
            } else if shape[d] != 1 {
                throw Tensor.broadcastError(shape, wanted)
            }
        }
        return alias(shape: wanted, strides: result)
    }

    static func broadcastError(_ a: [Int], _ b: [Int]) -> WorkbenchError {
        let n = Swift.max(a.count, b.count)
        for d in (0..<n).reversed() {
            let i = d - (n - a.count), j = d - (n - b.count)
            if i >= 0, j >= 0, a[i] != b[j], a[i] != 1, b[j] != 1 {
                return WorkbenchError(
                    .shape,
                    "The size of tensor a (\(a[i])) must match the size of tensor b (\(b[j])) at non-singleton "
                        + "dimension \(d + 1)", hint: "the shapes are \(bracketed(a)) and \(bracketed(b))")
            }
        }
        return WorkbenchError(
            .shape, "a tensor of shape \(bracketed(a)) cannot be broadcast to \(bracketed(b))")
    }

    /// The shape two shapes broadcast to.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.shape` naming both.
    public static func broadcastShape(_ a: [Int], _ b: [Int]) throws -> [Int] {
        let n = Swift.max(a.count, b.count)
        var result = [Int](repeating: 1, count: n)
        for d in 0..<n {
            let i = d - (n - a.count), j = d - (n - b.count)
            let x = i >= 0 ? a[i] : 1, y = j >= 0 ? b[j] : 1
            guard x == y || x == 1 || y == 1 else { throw broadcastError(a, b) }
            result[d] = x == 1 ? y : x
        }
        return result
    }
}
