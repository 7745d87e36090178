import Diagnostics
import Tensors

/// A tensor of an R vector, matrix or array: logical gives bool, integer gives int64, double the session's default.
/// Arrays keep their logical shape; a vector of length one has shape [1].
///
/// - Throws: `.type` for what is no atomic vector, text included.
public func tensorFromR(_ value: Value, dtype: DType?, defaultType: DType) throws -> Tensor {
    let shape = value.dim ?? [value.length]
    let tensor: Tensor
    switch value {
    case .logical(let v):
        if dtype?.isReal ?? false, v.elements.contains(where: { $0 == nil }) {
            tensor = try Tensor(
                rowMajor(v.elements.map { element in element.map { $0 ? 1.0 : 0.0 } ?? .nan }, shape), shape: shape)
        } else {
            tensor = try Tensor(rowMajor(v.elements.map { $0 ?? false }, shape), shape: shape)
        }
    case .integer(let v):
        if dtype?.isReal ?? false, v.elements.contains(where: { $0 == nil }) {
            tensor = try Tensor(rowMajor(v.elements.map { $0.map { Double($0) } ?? .nan }, shape), shape: shape)
            break
        }
        // As in R torch, NA of integers is the smallest 32-bit number.
        tensor = try Tensor(rowMajor(v.elements.map { Int64($0 ?? Int32.min) }, shape), shape: shape)
    case .double(let v):
        let target = dtype ?? defaultType
        if target == .float32 {
            tensor = try Tensor(rowMajor(v.elements.map { Float($0) }, shape), shape: shape)
        } else {
            tensor = try Tensor(rowMajor(v.elements, shape), shape: shape)
        }
        return try tensor.to(target)
    case .raw(let v): tensor = try Tensor(rowMajor(v.elements, shape), shape: shape)
    case .null: return try Tensor.zeros([0], dtype ?? .bool)
    default:
        throw WorkbenchError(
            .type, "a tensor cannot be made of type '\(value.typeName)'",
            hint: "numbers, logicals and arrays of them can")
    }
    guard let dtype else { return tensor }
    return try tensor.to(dtype)
}

/// Elements of a column-major array in row-major order.
private func rowMajor<Element>(_ elements: [Element], _ shape: [Int]) -> [Element] {
    guard shape.count > 1, !elements.isEmpty, shape.reduce(1, *) == elements.count else { return elements }
    var steps = [Int](repeating: 1, count: shape.count)
    for d in 1..<shape.count { steps[d] = steps[d - 1] * shape[d - 1] }
    // Row-major order runs through the last dimension fastest.
    return permuted(elements, sizes: shape, steps: steps)
}

/// Elements of a row-major array in column-major order.
private func columnMajor<Element>(_ elements: [Element], _ shape: [Int]) -> [Element] {
    guard shape.count > 1, !elements.isEmpty else { return elements }
    var steps = [Int](repeating: 1, count: shape.count)
    for d in (0..<(shape.count - 1)).reversed() { steps[d] = steps[d + 1] * shape[d + 1] }
    // Column-major order runs through the first dimension fastest.
    return permuted(elements, sizes: Array(shape.reversed()), steps: Array(steps.reversed()))
}

/// Elements in the order of a nest of loops, outermost first.
private func permuted<Element>(_ elements: [Element], sizes: [Int], steps: [Int]) -> [Element] {
    var result: [Element] = []
    result.reserveCapacity(elements.count)
    var index = [Int](repeating: 0, count: sizes.count)
    var place = 0
    while true {
        result.append(elements[place])
        var d = sizes.count - 1
        while d >= 0 {
            index[d] += 1
            place += steps[d]
            if index[d] < sizes[d] { break }
            place -= steps[d] * sizes[d]
            index[d] = 0
            d -= 1
        }
        if d < 0 { return result }
    }
}

/// An R array of a tensor: float gives double, whole numbers integer (double beyond 32 bits), bool logical, uint8
/// integer. One dimension gives a vector without `dim`; a 0-d tensor a vector of length one.
public func arrayFromTensor(_ tensor: Tensor) throws -> Value {
    let plain = try tensor.detached().contiguous()
    let shape = plain.shape
    var value: Value
    switch plain.dtype {
    case .float32: value = .double(Vector(columnMajor(plain.toArray(of: Float.self).map { Double($0) }, shape)))
    case .float64, .float16, .bfloat16:
        value = .double(Vector(columnMajor(plain.toArray(of: Double.self), shape)))
    case .bool: value = .logical(Vector(columnMajor(plain.toArray(of: Bool.self).map { $0 }, shape)))
    default:
        let numbers = columnMajor(try plain.to(.int64).toArray(of: Int64.self), shape)
        if numbers.allSatisfy({ Int32(exactly: $0) != nil && $0 != Int64(Int32.min) }) {
            value = .integer(Vector(numbers.map { Int32(truncatingIfNeeded: $0) }))
        } else {
            value = .double(Vector(numbers.map { Double($0) }))
        }
    }
    if shape.count > 1 { value = value.setting(Symbol.dim, .ints(shape)) }
    return value
}

/// One number of a tensor for R, as `$item()` gives it.
public func valueFromScalar(_ scalar: Scalar) -> Value {
    switch scalar {
    case .bool(let flag): return .flag(flag)
    case .int(let number): return .int(Int(number))
    case .double(let number): return .number(number)
    }
}
