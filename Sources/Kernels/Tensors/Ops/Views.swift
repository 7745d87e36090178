import Diagnostics

extension Tensor {
    /// The same elements under another shape; one size may be −1.
    ///
    /// Shares storage where the order in memory allows it. Channels-last images (results of convolutions) are copied
    /// into row-major order, so that code written for row-major tensors works.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.runtime` if a permuted tensor cannot be seen that way without a copy;
    ///   kind `.shape` if the number of elements differs.
    public func view(_ sizes: [Int]) throws -> Tensor {
        let target = try resolvedShape(sizes)
        if let strides = stridesAs(target) { return viewed(target, strides) }
        if isChannelsLast || (dimensions == 3 && isDense && strides == channelsLastStrides(shape)) {
            return try contiguous().view(target)
        }
        throw WorkbenchError(
            .runtime,
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
                + "contiguous subspaces). Use .reshape(...) instead.",
            hint: "the tensor has shape \(bracketed(shape)): use `$reshape()` or `$contiguous()$view()`")
    }

    private func viewed(_ target: [Int], _ targetStrides: [Int]) -> Tensor {
        let original = shape
        return Tensor(
            op: "ViewBackward0", alias(shape: target, strides: targetStrides), from: [self], viewOf: self
        ) { dy in [try dy.reshape(original)] }
    }

    /// The same elements under another shape, copied only if they must be.
    public func reshape(_ sizes: [Int]) throws -> Tensor {
        let target = try resolvedShape(sizes)
        if target == shape { return self }
        if let strides = stridesAs(target) { return viewed(target, strides) }
        return try contiguous().view(target)
    }

    private func resolvedShape(_ sizes: [Int]) throws -> [Int] {
        var known = 1
        var unknown: Int?
        for (d, size) in sizes.enumerated() {
            if size == -1 {
                guard unknown == nil else { throw WorkbenchError(.shape, "only one dimension can be inferred") }
                unknown = d
            } else {
                let (product, overflow) = known.multipliedReportingOverflow(by: size)
                guard size >= 0, !overflow else {
                    throw WorkbenchError(.shape, "invalid shape dimension \(size) in \(bracketed(sizes))")
                }
                known = product
            }
        }
        let count = count
        let error = WorkbenchError(
            .shape, "shape '\(bracketed(sizes))' is invalid for input of size \(count)",
            hint: "the tensor has shape \(bracketed(shape))")
        guard let unknown else {
            guard known == count else { throw error }
            return sizes
        }
        guard known > 0, count % known == 0 else {
            if known == 0, count == 0 {
                throw WorkbenchError(
                    .shape,
                    "cannot reshape tensor of 0 elements into shape \(bracketed(sizes)) because the unspecified "
                        + "dimension size -1 can be any value and is ambiguous")
            }
            throw error
        }
        var result = sizes
        result[unknown] = count / known
        return result
    }

    /// Strides under which the same elements have the target shape, if there are such.
    private func stridesAs(_ target: [Int]) -> [Int]? {
        if count == 0 || dimensions == 0 { return contiguousStrides(target) }
        // Both shapes are walked from the end, a block of source dimensions that lie in one straight run at a time;
        // target sizes must fill each block exactly.
        var result = [Int](repeating: 1, count: target.count)
        var open = target.count - 1
        var unit = strides[dimensions - 1]
        var block = 1
        for d in shape.indices.reversed() {
            block *= shape[d]
            if d > 0, shape[d - 1] == 1 || strides[d - 1] == block * unit { continue }
            var filled = 1
            while open >= 0, filled < block || target[open] == 1 {
                result[open] = filled * unit
                filled *= target[open]
                open -= 1
            }
            guard filled == block else { return nil }
            if d > 0 {
                unit = strides[d - 1]
                block = 1
            }
        }
        return open < 0 ? result : nil
    }

    /// Dimensions from `start` to `end` as one.
    public func flatten(_ start: Int = 0, _ end: Int = -1) throws -> Tensor {
        if dimensions == 0 { return try reshape([1]) }
        let a = try dimension(start), b = try dimension(end)
        guard a <= b else {
            throw WorkbenchError(.value, "flatten() has invalid args: start_dim cannot come after end_dim")
        }
        if a == b { return self }
        return try reshape(Array(shape[..<a]) + [shape[a...b].reduce(1, *)] + Array(shape[(b + 1)...]))
    }

    /// A dimension as several.
    public func unflatten(_ d: Int, _ sizes: [Int]) throws -> Tensor {
        let d = try dimension(d)
        let part = try alias(shape: [shape.isEmpty ? 1 : shape[d]], strides: [0], offset: 0).resolvedShape(sizes)
        return try reshape(Array(shape[..<d]) + part + Array(shape[(d + 1)...]))
    }

    /// Dimensions in another order.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.runtime` if not every dimension is named once.
    public func permute(_ dims: [Int]) throws -> Tensor {
        guard dims.count == dimensions else {
            throw WorkbenchError(
                .runtime,
                "permute: \(dims.count) dimension\(dims.count == 1 ? "" : "s") for a tensor of \(dimensions)",
                hint: "name each once; the tensor has shape \(bracketed(shape))")
        }
        if dims.isEmpty { return self }
        let order = try dimensionList(dims)
        var inverse = order
        for (i, d) in order.enumerated() { inverse[d] = i }
        return Tensor(
            op: "PermuteBackward0", alias(shape: order.map { shape[$0] }, strides: order.map { strides[$0] }),
            from: [self], viewOf: self
        ) { [inverse] dy in [try dy.permute(inverse)] }
    }

    /// Two dimensions exchanged.
    public func transpose(_ a: Int, _ b: Int) throws -> Tensor {
        let a = try dimension(a), b = try dimension(b)
        if dimensions == 0 { return self }
        var newShape = shape, newStrides = strides
        newShape.swapAt(a, b)
        newStrides.swapAt(a, b)
        return Tensor(
            op: "TransposeBackward0", alias(shape: newShape, strides: newStrides), from: [self], viewOf: self
        ) { dy in [try dy.transpose(a, b)] }
    }

    /// Transpose of a matrix; a vector or number stays.
    public func t() throws -> Tensor {
        guard dimensions <= 2 else {
            throw WorkbenchError(.runtime, "t() expects a tensor with <= 2 dimensions, but self is \(dimensions)D")
        }
        if dimensions < 2 { return self }
        return Tensor(
            op: "TBackward0", alias(shape: shape.reversed(), strides: strides.reversed()), from: [self], viewOf: self
        ) { dy in [try dy.t()] }
    }

    /// One dimension moved to another place.
    public func movedim(_ from: Int, _ to: Int) throws -> Tensor {
        let from = try dimension(from), to = try dimension(to)
        if from == to { return self }
        var order = Array(shape.indices)
        order.remove(at: from)
        order.insert(from, at: to)
        return try permute(order)
    }

    /// Sizes of 1 repeated without copying; −1 keeps a size.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.shape` if another size would have to change.
    public func expand(_ sizes: [Int]) throws -> Tensor {
        let lead = sizes.count - dimensions
        guard lead >= 0 else {
            throw WorkbenchError(
                .runtime,
                "expand(\(typeText), size=\(bracketed(sizes))): the number of sizes provided (\(sizes.count)) must be "
                    + "greater or equal to the number of dimensions in the tensor (\(dimensions))")
        }
        var target = sizes
        for d in sizes.indices where sizes[d] == -1 {
            guard d >= lead else {
                throw WorkbenchError(
                    .runtime, "expand: -1 is not allowed in a leading, non-existing dimension \(d + 1)")
            }
            target[d] = shape[d - lead]
        }
        for d in shape.indices where shape[d] != 1 && shape[d] != target[d + lead] {
            throw WorkbenchError(
                .shape,
                "The expanded size of the tensor (\(target[d + lead])) must match the existing size (\(shape[d])) at "
                    + "non-singleton dimension \(d + lead + 1).  Target sizes: \(bracketed(sizes)).  Tensor sizes: "
                    + bracketed(shape))
        }
        // A view may be larger than memory, but its elements must be countable.
        var total = 1
        for size in target where size != 0 {
            let (product, overflow) = total.multipliedReportingOverflow(by: size)
            guard !overflow else {
                throw WorkbenchError(.memory, "expand to \(bracketed(sizes)) has more than 2^63 elements")
            }
            total = product
        }
        guard target.allSatisfy({ $0 >= 0 }) else {
            throw WorkbenchError(.shape, "negative size in \(bracketed(sizes))")
        }
        let original = shape
        return Tensor(op: "ExpandBackward0", try broadcastAlias(to: target), from: [self], viewOf: self) { dy in
            [try dy.reduced(to: original)]
        }
    }

    /// Without a dimension of size 1; a larger one stays.
    public func squeeze(_ d: Int) throws -> Tensor { try squeeze(dims: [d]) }

    /// Without the dimensions of size 1 among those given; without all of them if none is given.
    public func squeeze(dims: [Int] = []) throws -> Tensor {
        let chosen = try dimensionList(dims)
        let kept = shape.indices.filter { !(shape[$0] == 1 && chosen.contains($0)) }
        let original = shape
        return Tensor(
            op: dims.isEmpty ? "SqueezeBackward0" : "SqueezeBackward1",
            alias(shape: kept.map { shape[$0] }, strides: kept.map { strides[$0] }), from: [self], viewOf: self
        ) { dy in [try dy.reshape(original)] }
    }

    /// With a dimension of size 1 at a place (−1: at the end).
    public func unsqueeze(_ d: Int) throws -> Tensor {
        let n = dimensions + 1
        guard d >= -n, d < n else { throw dimensionOutOfRange(d, n) }
        let d = d < 0 ? d + n : d
        var newShape = shape, newStrides = strides
        newShape.insert(1, at: d)
        newStrides.insert(d < dimensions ? shape[d] &* strides[d] : 1, at: d)
        return Tensor(
            op: "UnsqueezeBackward0", alias(shape: newShape, strides: newStrides), from: [self], viewOf: self
        ) { dy in [try dy.squeeze(d)] }
    }

    /// Elements start, start + step, … below `end` along a dimension; ends count from the back if negative.
    public func slice(_ d: Int, from start: Int?, to end: Int?, step: Int = 1) throws -> Tensor {
        guard dimensions > 0 else { throw WorkbenchError(.runtime, "slice() cannot be applied to a 0-dim tensor.") }
        let d = try dimension(d)
        guard step > 0 else { throw WorkbenchError(.value, "slice step must be positive, got \(step)") }
        let size = shape[d]
        func place(_ i: Int) -> Int { Swift.min(Swift.max(i < 0 ? i + size : i, 0), size) }
        let a = place(start ?? 0)
        let b = Swift.max(a, place(end ?? size))
        var newShape = shape, newStrides = strides
        newShape[d] = (b - a) / step + ((b - a) % step == 0 ? 0 : 1)
        newStrides[d] = strides[d] &* step
        let original = shape
        return Tensor(
            op: "SliceBackward0", alias(shape: newShape, strides: newStrides, offset: offset + a * strides[d]),
            from: [self], viewOf: self
        ) { dy in
            [try dy.embedded(in: original) { try $0.slice(d, from: a, to: b, step: step) }]
        }
    }

    /// `length` elements from `start` along a dimension.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.value` if they are not all there.
    public func narrow(_ d: Int, from start: Int, length: Int) throws -> Tensor {
        let axis = try dimension(d)
        guard dimensions > 0 else { throw WorkbenchError(.runtime, "narrow() cannot be applied to a 0-dim tensor.") }
        let a = start < 0 ? start + shape[axis] : start
        guard a >= 0, length >= 0, a <= shape[axis], length <= shape[axis] - a else {
            throw WorkbenchError(
                .value, "start (\(start)) + length (\(length)) exceeds dimension size (\(shape[axis])).")
        }
        return try slice(axis, from: a, to: a + length)
    }

    /// The part at one index of a dimension, which disappears.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.value` naming index and size.
    public func select(_ d: Int, _ index: Int) throws -> Tensor {
        guard dimensions > 0 else { throw WorkbenchError(.value, "select() cannot be applied to a 0-dim tensor.") }
        let d = try dimension(d)
        guard index >= -shape[d], index < shape[d] else {
            throw WorkbenchError(
                .value,
                "index \(fromOne(index)) out of range for tensor of size \(bracketed(shape)) at dimension \(d + 1)")
        }
        let i = index < 0 ? index + shape[d] : index
        var newShape = shape, newStrides = strides
        newShape.remove(at: d)
        newStrides.remove(at: d)
        let original = shape
        return Tensor(
            op: "SelectBackward0", alias(shape: newShape, strides: newStrides, offset: offset + i * strides[d]),
            from: [self], viewOf: self
        ) { dy in
            [try dy.embedded(in: original) { try $0.select(d, i) }]
        }
    }

    /// Zeros of a shape with this tensor in the part that `part` makes of them; differentiable.
    func embedded(in whole: [Int], _ part: @escaping (Tensor) throws -> Tensor) throws -> Tensor {
        let result = try Tensor.zeros(whole, dtype)
        try withoutGradients { try part(result).copyElements(from: self) }
        return Tensor(op: "SliceBackward0", result, from: [self]) { dy in [try part(dy)] }
    }

    /// A diagonal of the matrices of two dimensions, as the last dimension.
    public func diagonal(offset distance: Int = 0, _ dim1: Int = 0, _ dim2: Int = 1) throws -> Tensor {
        let a = try dimension(dim1), b = try dimension(dim2)
        guard a != b else {
            throw WorkbenchError(.value, "diagonal dimensions cannot be identical \(fromOne(dim1)), \(fromOne(dim2))")
        }
        let rows = distance < 0 ? shape[a] &+ distance : shape[a]
        let columns = distance > 0 ? shape[b] &- distance : shape[b]
        let n = Swift.max(0, Swift.min(rows, columns))
        let start = n == 0 ? 0 : distance < 0 ? (0 - distance) * strides[a] : distance * strides[b]
        let kept = shape.indices.filter { $0 != a && $0 != b }
        let original = shape
        return Tensor(
            op: "DiagonalBackward0",
            alias(
                shape: kept.map { shape[$0] } + [n], strides: kept.map { strides[$0] } + [strides[a] + strides[b]],
                offset: offset + start), from: [self], viewOf: self
        ) { dy in [try dy.embedded(in: original) { try $0.diagonal(offset: distance, a, b) }] }
    }

    /// Windows of `size` elements, `step` apart, along a dimension: a view with one dimension more.
    public func unfold(_ d: Int, size: Int, step: Int) throws -> Tensor {
        let axis = try dimension(d)
        let length = dimensions == 0 ? 1 : shape[axis]
        guard size >= 0, size <= length else {
            throw WorkbenchError(
                .value, "maximum size for tensor at dimension \(axis + 1) is \(length) but size is \(size)")
        }
        guard step > 0 else { throw WorkbenchError(.value, "step is \(step) but must be > 0") }
        guard dimensions > 0 else { return try reshape([size]) }
        var newShape = shape, newStrides = strides
        newShape[axis] = (length - size) / step + 1
        newStrides[axis] = strides[axis] * step
        newShape.append(size)
        newStrides.append(strides[axis])
        let original = shape
        let windows = newShape[axis]
        return Tensor(
            op: "UnfoldBackward0", alias(shape: newShape, strides: newStrides), from: [self], viewOf: self
        ) { dy in
            // Windows may overlap: each is added in its turn.
            var result = try Tensor.zeros(original, dy.dtype)
            for w in 0..<windows {
                let part = try dy.select(axis, w).movedim(-1, axis)
                result = try result.add(
                    part.embedded(in: original) { try $0.narrow(axis, from: w * step, length: size) })
            }
            return [result]
        }
    }

    /// Any strides over the storage, checked against its size; the gradient adds up where elements are seen twice.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.value` if the last element lies outside the storage.
    public func asStrided(_ sizes: [Int], _ newStrides: [Int], offset start: Int? = nil) throws -> Tensor {
        _ = try Storage.elementCount(of: sizes, dtype: dtype)
        var last = start ?? offset
        for (size, stride) in zip(sizes, newStrides) where size > 0 {
            let (distance, o1) = (size - 1).multipliedReportingOverflow(by: stride)
            let (sum, o2) = last.addingReportingOverflow(distance)
            guard !o1, !o2, stride >= 0 else { throw WorkbenchError(.value, "as_strided: strides out of range") }
            last = sum
        }
        guard sizes.count == newStrides.count, start ?? 0 >= 0,
            sizes.contains(0) || last < storage.byteCount / dtype.byteCount
        else {
            throw WorkbenchError(
                .value,
                "setStorage: sizes \(bracketed(sizes)), strides \(bracketed(newStrides)) are out of bounds for storage of "
                    + "size \(storage.byteCount)")
        }
        return alias(shape: sizes, strides: newStrides, offset: start)
    }
}
