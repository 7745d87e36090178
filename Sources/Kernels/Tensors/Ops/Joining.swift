import Diagnostics

extension Tensor {
    /// Tensors one after another along a dimension; empty vectors are skipped.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.shape` naming the shapes that do not fit.
    public static func cat(_ tensors: [Tensor], _ d: Int = 0) throws -> Tensor {
        guard let any = tensors.first else { throw WorkbenchError(.value, "expected a non-empty list of Tensors") }
        for (i, tensor) in tensors.enumerated() where tensor.dimensions == 0 {
            throw WorkbenchError(.runtime, "zero-dimensional tensor (at position \(i + 1)) cannot be concatenated")
        }
        let lead = tensors.first { $0.shape != [0] } ?? any
        let parts = tensors.filter { $0.shape != [0] || lead.dimensions == 1 }
        let axis = try lead.dimension(d)
        var size = 0
        for (i, part) in parts.enumerated() {
            guard part.dimensions == lead.dimensions else {
                throw WorkbenchError(
                    .shape, "Tensors must have same number of dimensions: got \(lead.dimensions) and \(part.dimensions)"
                )
            }
            for k in part.shape.indices where k != axis && part.shape[k] != lead.shape[k] {
                throw WorkbenchError(
                    .shape,
                    "Sizes of tensors must match except in dimension \(axis + 1). Expected size \(lead.shape[k]) but got size "
                        + "\(part.shape[k]) for tensor number \(i + 1) in the list.",
                    hint: "the shapes are \(bracketed(lead.shape)) and \(bracketed(part.shape))")
            }
            size += part.shape[axis]
        }
        var shape = lead.shape
        shape[axis] = size
        let type = commonType(tensors)
        let allLast = parts.allSatisfy { $0.isChannelsLast && !$0.isContiguous }
        let out = try empty(shape, type, strides: allLast ? channelsLastStrides(shape) : contiguousStrides(shape))
        var at = 0
        var starts: [(start: Int, size: Int)] = []
        for part in parts {
            let place = out.alias(shape: part.shape, offset: at * out.strides[axis])
            try place.copyElements(from: part)
            starts.append((at, part.shape[axis]))
            at += part.shape[axis]
        }
        return Tensor(op: "CatBackward0", out, from: parts) { dy in
            try starts.map { try dy.narrow(axis, from: $0.start, length: $0.size) }
        }
    }

    /// Tensors of one shape along a new dimension.
    public static func stack(_ tensors: [Tensor], _ d: Int = 0) throws -> Tensor {
        guard let first = tensors.first else { throw WorkbenchError(.value, "stack expects a non-empty TensorList") }
        for (i, tensor) in tensors.enumerated() where tensor.shape != first.shape {
            throw WorkbenchError(
                .shape,
                "stack expects each tensor to be equal size, but got \(bracketed(first.shape)) at entry 0 and "
                    + "\(bracketed(tensor.shape)) at entry \(i)")
        }
        let value = try cat(tensors.map { try $0.unsqueeze(d) }, d)
        return Tensor(op: "StackBackward0", value.alias(), from: [value]) { dy in [dy] }
    }

    /// Parts of given sizes along a dimension, as views.
    public func split(sizes: [Int], _ d: Int = 0) throws -> [Tensor] {
        let axis = try dimension(d)
        guard dimensions > 0, sizes.reduce(0, { $0.addingReportingOverflow($1).partialValue }) == shape[axis],
            sizes.allSatisfy({ $0 >= 0 })
        else {
            throw WorkbenchError(
                .shape,
                "split_with_sizes expects split_sizes to sum exactly to \(shape.isEmpty ? 0 : shape[axis]) (input tensor's "
                    + "size at dimension \(axis + 1)), but got split_sizes=\(bracketed(sizes))")
        }
        var at = 0
        return try sizes.map { size in
            defer { at += size }
            return try narrow(axis, from: at, length: size)
        }
    }

    /// Parts of `size` elements along a dimension (the last may be smaller), as views.
    public func split(_ size: Int, _ d: Int = 0) throws -> [Tensor] {
        let axis = try dimension(d)
        guard dimensions > 0 else { throw WorkbenchError(.runtime, "split expects at least a 1-dimensional tensor") }
        let total = shape[axis]
        guard size > 0 || total == 0 else {
            throw WorkbenchError(.value, "split expects split_size be non-negative, but got split_size=\(size)")
        }
        if total == 0 { return [self] }
        return try stride(from: 0, to: total, by: Swift.min(size, total)).map {
            try narrow(axis, from: $0, length: Swift.min(size, total - $0))
        }
    }

    /// At most `count` equal parts along a dimension, as views.
    public func chunk(_ count: Int, _ d: Int = 0) throws -> [Tensor] {
        guard count > 0 else {
            throw WorkbenchError(.value, "chunk expects `chunks` to be greater than 0, got: \(count)")
        }
        let axis = try dimension(d)
        guard dimensions > 0 else { throw WorkbenchError(.runtime, "chunk expects at least a 1-dimensional tensor") }
        return try split(Swift.max(1, shape[axis] / count + (shape[axis] % count == 0 ? 0 : 1)), axis)
    }

    /// The slices along a dimension, as views.
    public func unbind(_ d: Int = 0) throws -> [Tensor] {
        let axis = try dimension(d)
        guard dimensions > 0 else {
            throw WorkbenchError(.runtime, "Dimension specified as 0 but tensor has no dimensions")
        }
        return try (0..<shape[axis]).map { try select(axis, $0) }
    }

    /// The tensor repeated along each dimension (new ones in front).
    public func `repeat`(_ times: [Int]) throws -> Tensor {
        if let negative = times.first(where: { $0 < 0 }) {
            throw WorkbenchError(.value, "a tensor cannot be repeated \(negative) times: repeat \(bracketed(times))")
        }
        guard times.count >= dimensions else {
            throw WorkbenchError(
                .value,
                "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor: repeat "
                    + "\(bracketed(times)), shape \(bracketed(shape))")
        }
        let padded = [Int](repeating: 1, count: times.count - dimensions) + shape
        // [t₀, s₀, t₁, s₁, …] expanded, then neighbours joined.
        var between: [Int] = [], wide: [Int] = []
        for (t, s) in zip(times, padded) {
            between += [1, s]
            wide += [t, s]
        }
        var target: [Int] = []
        for (t, s) in zip(times, padded) {
            let (size, overflow) = t.multipliedReportingOverflow(by: s)
            guard !overflow else {
                throw WorkbenchError(.memory, "repeat \(bracketed(times)) of \(bracketed(shape)) is too large")
            }
            target.append(size)
        }
        _ = try Storage.elementCount(of: target, dtype: dtype)
        let value = try reshape(between).expand(wide).clone().reshape(target)
        return Tensor(op: "RepeatBackward0", value.alias(), from: [value]) { dy in [dy] }
    }

    /// Each element (slice along `d`) repeated `times` in place; flattened first if `d` is nil.
    public func repeatInterleave(_ times: Int, _ d: Int? = nil) throws -> Tensor {
        guard times >= 0 else { throw WorkbenchError(.value, "repeats must be non-negative, got \(times)") }
        guard let d else { return try reshape([-1]).repeatInterleave(times, 0) }
        let axis = try dimension(d)
        var wide = shape
        wide.insert(times, at: axis + 1)
        return try unsqueeze(axis + 1).expand(wide).clone().flatten(axis, axis + 1)
    }

    /// The order along dimensions reversed.
    public func flip(_ dims: [Int]) throws -> Tensor {
        let axes = try dims.isEmpty ? [] : dimensionList(dims)
        var newStrides = strides
        var start = offset
        for d in axes where shape[d] > 0 {
            start += (shape[d] - 1) * strides[d]
            newStrides[d] = 0 - strides[d]
        }
        let value = try Tensor.empty(shape, dtype)
        try value.copyElements(from: alias(strides: newStrides, offset: start))
        return Tensor(op: "FlipBackward0", value, from: [self]) { dy in [try dy.flip(dims)] }
    }

    /// Elements shifted around along dimensions (row-major if none is given).
    public func roll(_ shifts: [Int], _ dims: [Int] = []) throws -> Tensor {
        if dims.isEmpty {
            guard shifts.count == 1 else { throw WorkbenchError(.value, "shifts and dimensions must align") }
            return try reshape([-1]).roll(shifts, [0]).reshape(shape)
        }
        guard shifts.count == dims.count else {
            throw WorkbenchError(
                .value, "shifts and dimensions must align. shifts: \(shifts.count), dims: \(dims.count)")
        }
        return try zip(shifts, dims).reduce(self) { x, move in
            let axis = try x.dimension(move.1)
            guard x.dimensions > 0, x.shape[axis] > 0 else { return x }
            let n = x.shape[axis]
            let s = ((move.0 % n) + n) % n
            if s == 0 { return x }
            return try Tensor.cat(
                [x.narrow(axis, from: n - s, length: s), x.narrow(axis, from: 0, length: n - s)], axis)
        }
    }

    private func triangle(_ name: String, keep: (_ row: Int, _ column: Int) -> Bool) throws -> Tensor {
        guard dimensions >= 2 else {
            throw WorkbenchError(.runtime, "\(name): input tensor must have at least 2 dimensions")
        }
        let (r, c) = (shape[dimensions - 2], shape[dimensions - 1])
        var mask = [Bool](repeating: false, count: r * c)
        for i in 0..<r { for j in 0..<c { mask[i * c + j] = keep(i, j) } }
        let wanted = try Tensor(mask, shape: [r, c])
        let value = try Tensor.select(wanted, detached(), Tensor.scalar(.int(0), dtype))
        return Tensor(op: name == "tril" ? "TrilBackward0" : "TriuBackward0", value, from: [self]) { dy in
            [try Tensor.select(wanted, dy, Tensor.scalar(.int(0), dy.dtype))]
        }
    }

    /// Lower triangle of the last two dimensions, 0 above the given diagonal.
    public func tril(_ diagonal: Int = 0) throws -> Tensor {
        try triangle("tril") { $1.subtractingReportingOverflow($0).partialValue <= diagonal }
    }

    /// Upper triangle of the last two dimensions, 0 below the given diagonal.
    public func triu(_ diagonal: Int = 0) throws -> Tensor {
        try triangle("triu") { $1.subtractingReportingOverflow($0).partialValue >= diagonal }
    }

    /// Of a vector, the matrix with it on a diagonal; of a matrix, that diagonal.
    public func diag(_ distance: Int = 0) throws -> Tensor {
        if dimensions == 2 { return try diagonal(offset: distance).clone() }
        guard dimensions == 1 else {
            throw WorkbenchError(.runtime, "diag(): Supports 1D or 2D tensors. Got \(dimensions)D")
        }
        guard distance.magnitude < 1 << 24 else {
            throw WorkbenchError(.value, "diagonal \(distance) is out of range")
        }
        let n = shape[0] + Swift.abs(distance)
        return try embedded(in: [n, n]) { try $0.diagonal(offset: distance) }
    }

    /// Sum of the diagonal of a matrix.
    public func trace() throws -> Tensor {
        guard dimensions == 2 else {
            throw WorkbenchError(.runtime, "trace: expected a matrix, but got tensor with dim \(dimensions)")
        }
        return try diagonal().sum()
    }
}
