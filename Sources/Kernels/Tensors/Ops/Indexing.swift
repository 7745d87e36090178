import CKernels
import Diagnostics

extension Tensor {
    /// Row-major int64 copies of an index tensor, checked against a size; negative ones count from the end if allowed.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.value` naming the index and the size.
    func checkedIndices(below size: Int, dimension d: Int, allowNegative: Bool = false) throws -> [Int] {
        guard dtype.isInteger else {
            throw WorkbenchError(.runtime, "index tensors must be whole numbers (torch_long()), not \(dtype.torchName)")
        }
        var result = toArray(of: Int.self)
        for i in result.indices {
            if result[i] < 0, allowNegative { result[i] &+= size }
            guard result[i] >= 0, result[i] < size else {
                throw WorkbenchError(
                    .value,
                    "index \(fromOne(toArray(of: Int.self)[i])) is out of bounds for dimension \(d + 1) with size \(size)"
                )
            }
        }
        return result
    }

    /// Rows (slices along `d`) in the order of an index vector.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.value` for an index outside the dimension.
    /// - Gradient: added up where an index comes more than once.
    public func indexSelect(_ d: Int, _ index: Tensor) throws -> Tensor {
        let axis = try dimension(d)
        guard index.dimensions <= 1 else {
            throw WorkbenchError(
                .value, "index_select(): Index is supposed to be a vector, but got dim: \(index.dimensions)")
        }
        let size = dimensions == 0 ? 1 : shape[axis]
        let places = try index.checkedIndices(below: size, dimension: axis)
        let source = dimensions == 0 ? try reshape([1]) : self
        let original = source.shape
        let out = try source.detached().contiguous().slices(axis, places)
        return Tensor(op: "IndexSelectBackward0", out, from: [source]) { dy in
            [try dy.zeros(original).indexAdd(axis, index, dy)]
        }
    }

    /// Slices of a contiguous tensor along an axis, one behind the other.
    private func slices(_ axis: Int, _ places: [Int]) throws -> Tensor {
        var resultShape = shape
        resultShape[axis] = places.count
        let out = try Tensor.empty(resultShape, dtype)
        let outer = shape[..<axis].reduce(1, *), inner = shape[(axis + 1)...].reduce(1, *)
        let bytes = inner * dtype.byteCount, rows = shape[axis]
        for o in 0..<outer {
            let from = pointer + o * rows * bytes, to = out.pointer + o * places.count * bytes
            switch bytes {
            case 4: gatherElements(UInt32.self, from, to, places)
            case 8: gatherElements(UInt64.self, from, to, places)
            default:
                for (i, place) in places.enumerated() {
                    (to + i * bytes).copyMemory(from: from + place * bytes, byteCount: bytes)
                }
            }
        }
        return out
    }

    private func gatherElements<Element>(
        _ type: Element.Type, _ from: UnsafeMutableRawPointer, _ to: UnsafeMutableRawPointer, _ places: [Int]
    ) {
        let source = from.assumingMemoryBound(to: type), target = to.assumingMemoryBound(to: type)
        for (i, place) in places.enumerated() { target[i] = source[place] }
    }

    private func zeros(_ shape: [Int]) throws -> Tensor { try Tensor.zeros(shape, dtype) }

    /// One slice along a dimension, as an unrecorded view.
    func part(_ d: Int, _ i: Int) -> Tensor {
        var newShape = shape, newStrides = strides
        newShape.remove(at: d)
        newStrides.remove(at: d)
        return alias(shape: newShape, strides: newStrides, offset: offset + i * strides[d])
    }

    /// This tensor with slices of `source` added at the places of an index vector.
    public func indexAdd(_ d: Int, _ index: Tensor, _ source: Tensor, alpha: Double = 1) throws -> Tensor {
        let axis = try dimension(d)
        let places = try index.checkedIndices(below: dimensions == 0 ? 1 : shape[axis], dimension: axis)
        guard source.dimensions == dimensions, dimensions == 0 || source.shape[axis] == places.count else {
            throw WorkbenchError(
                .shape,
                "index_add_(): Number of indices (\(places.count)) should be equal to source.size(dim): shapes "
                    + "\(bracketed(shape)) and \(bracketed(source.shape))")
        }
        let out = try cloneElements()
        let adding = try alpha == 1 ? source.detached() : source.detached().scaled(by: alpha)
        let base = dimensions == 0 ? out.alias(shape: [1], strides: [1]) : out
        let from = dimensions == 0 ? adding.alias(shape: [1], strides: [1]) : adding
        for (i, place) in places.enumerated() {
            let row = base.part(axis, place)
            _ = try Tensor.elementwise(.add, row, from.part(axis, i), into: row)
        }
        return Tensor(op: "IndexAddBackward0", out, from: [self, source]) { dy in
            [dy, try dy.indexSelect(axis, index).scaled(by: alpha).reshape(source.shape)]
        }
    }

    // MARK: gather and scatter

    /// Walks index, giving each place's offset here (with the index put in for dimension `d`) and in `other`.
    private func walk(
        _ axis: Int, _ index: Tensor, _ other: [Int],
        _ body: (_ here: Int, _ there: Int, _ position: Int) throws -> Void
    ) throws {
        let size = shape.isEmpty ? 1 : shape[axis]
        let values = try index.checkedIndices(below: size, dimension: axis)
        var position = [Int](repeating: 0, count: index.dimensions)
        for (n, value) in values.enumerated() {
            var here = 0, there = 0
            for d in position.indices {
                here += (d == axis ? value : position[d]) * (shape.isEmpty ? 0 : strides[d])
                there += position[d] * other[d]
            }
            try body(here, there, n)
            var d = index.dimensions - 1
            while d >= 0 {
                position[d] += 1
                if position[d] < index.shape[d] { break }
                position[d] = 0
                d -= 1
            }
        }
    }

    private func checkGather(_ axis: Int, _ index: Tensor, _ name: String) throws {
        guard index.dimensions == dimensions || (dimensions == 0 && index.dimensions == 1) else {
            throw WorkbenchError(
                .shape, "Index tensor must have the same number of dimensions as \(name) tensor",
                hint: "the shapes are \(bracketed(index.shape)) and \(bracketed(shape))")
        }
        for d in index.shape.indices where d != axis && dimensions > 0 && index.shape[d] > shape[d] {
            throw WorkbenchError(
                .shape,
                "Size does not match at dimension \(d + 1) expected index \(bracketed(index.shape)) to be no larger than "
                    + "\(name) \(bracketed(shape)) apart from dimension \(axis + 1)")
        }
    }

    /// out[i][j]… = self[index[i][j]…][j]… (for dimension 0).
    public func gather(_ d: Int, _ index: Tensor) throws -> Tensor {
        let axis = try dimension(d)
        try checkGather(axis, index, "input")
        let out = try Tensor.empty(index.shape, dtype)
        let unit = dtype.byteCount
        try walk(axis, index, out.strides) { here, there, _ in
            (out.pointer + there * unit).copyMemory(from: pointer + here * unit, byteCount: unit)
        }
        let original = shape
        return Tensor(op: "GatherBackward0", out, from: [self], saving: [index]) { dy in
            [try Tensor.zeros(original, dy.dtype).scatterAdd(axis, index, dy)]
        }
    }

    /// This tensor with the elements of `source` put at the places that ``gather(_:_:)`` would read.
    public func scatter(_ d: Int, _ index: Tensor, _ source: Tensor) throws -> Tensor {
        let axis = try dimension(d)
        try checkGather(axis, index, "self")
        let source = try source.to(dtype)
        try source.checkGather(source.dimensions, index, "src")
        let out = try copied()
        let unit = dtype.byteCount
        try out.walk(axis, index, source.strides) { here, there, _ in
            (out.pointer + here * unit).copyMemory(from: source.pointer + there * unit, byteCount: unit)
        }
        let sourceShape = source.shape
        return Tensor(op: "ScatterBackward0", out, from: [self, source], saving: [index]) { dy in
            let zero = try Tensor.zeros(index.shape, dy.dtype)
            return [
                try dy.scatter(axis, index, zero),
                try dy.gather(axis, index).embedded(in: sourceShape) { part in
                    try index.shape.indices.reduce(part) { try $0.narrow($1, from: 0, length: index.shape[$1]) }
                },
            ]
        }
    }

    /// This tensor with one number put at the places of an index.
    public func scatter(_ d: Int, _ index: Tensor, _ value: Scalar) throws -> Tensor {
        try scatter(d, index, Tensor.full(index.shape, value, dtype))
    }

    /// This tensor with the elements of `source` added at the places that ``gather(_:_:)`` would read.
    public func scatterAdd(_ d: Int, _ index: Tensor, _ source: Tensor) throws -> Tensor {
        let axis = try dimension(d)
        try checkGather(axis, index, "self")
        try source.checkGather(source.dimensions, index, "src")
        let out = try copied()
        let source = try source.to(dtype)
        if dtype == .float32 {
            let o = out.typed(Float.self), s = source.typed(Float.self)
            try out.walk(axis, index, source.strides) { here, there, _ in o[here] += s[there] }
        } else if dtype == .float64 {
            let o = out.typed(Double.self), s = source.typed(Double.self)
            try out.walk(axis, index, source.strides) { here, there, _ in o[here] += s[there] }
        } else {
            let whole = try out.converted(to: .int64), from = try source.converted(to: .int64)
            let o = whole.typed(Int64.self), s = from.typed(Int64.self)
            try whole.walk(axis, index, from.strides) { here, there, _ in o[here] = o[here] &+ s[there] }
            if whole !== out { try out.copyElements(from: whole) }
        }
        let sourceShape = source.shape
        return Tensor(op: "ScatterAddBackward0", out, from: [self, source], saving: [index]) { dy in
            [
                dy,
                try dy.gather(axis, index).embedded(in: sourceShape) { part in
                    try index.shape.indices.reduce(part) { try $0.narrow($1, from: 0, length: index.shape[$1]) }
                },
            ]
        }
    }

    // MARK: Index tensors

    /// Positions of the elements that are not 0, a row of indices each, in row-major order.
    public func nonzero() throws -> Tensor {
        // Flags and indices are collected outside of tensors.
        _ = try Storage.elementCount(of: shape, dtype: .uint8)
        let flags = try to(.bool).toArray(of: UInt8.self)
        let rows = flags.reduce(0) { $0 + Int($1) }
        _ = try Storage.elementCount(of: [rows, Swift.max(1, dimensions), 2], dtype: .int64)
        var found: [Int] = []
        let steps = contiguousStrides(shape)
        for i in flags.indices where flags[i] != 0 {
            for d in shape.indices { found.append(i / steps[d] % shape[d]) }
        }
        return try Tensor(found, shape: [rows, dimensions])
    }

    /// Elements where a mask (broadcast with this tensor) is not 0, as a vector.
    public func maskedSelect(_ mask: Tensor) throws -> Tensor {
        guard mask.dtype == .bool else {
            throw WorkbenchError(.runtime, "masked_select: expected BoolTensor for mask, not \(mask.dtype.torchName)")
        }
        let common = try Tensor.broadcastShape(shape, mask.shape)
        return try expand(common).index([mask.expand(common)])
    }

    /// The places an index list names: their shape, where they go in the result, and their offsets.
    private func places(_ indices: [Tensor?]) throws -> (shape: [Int], offsets: [Int]) {
        var wide: [Tensor?] = []
        for index in indices {
            guard let index, index.dtype == .bool || index.dtype == .uint8 else {
                wide.append(index)
                continue
            }
            // A mask stands for the indices of its ones, one index tensor for each of its dimensions.
            for d in 0..<index.dimensions where wide.count + d < dimensions {
                guard index.shape[d] == shape[wide.count + d] else {
                    throw WorkbenchError(
                        .value,
                        "The shape of the mask \(bracketed(index.shape)) at index \(d) does not match the shape of the "
                            + "indexed tensor \(bracketed(shape)) at index \(wide.count + d)")
                }
            }
            let found = try index.nonzero()
            for d in 0..<index.dimensions { wide.append(found.part(1, d)) }
        }
        guard wide.count <= dimensions else {
            throw WorkbenchError(
                .value, "too many indices for tensor of dimension \(dimensions) (got \(wide.count))")
        }
        while wide.count < dimensions { wide.append(nil) }
        var common: [Int] = []
        for case let index? in wide {
            guard let shape = try? Tensor.broadcastShape(common, index.shape) else {
                throw WorkbenchError(
                    .shape,
                    "shape mismatch: indexing tensors could not be broadcast together with shapes "
                        + wide.compactMap { $0.map { bracketed($0.shape) } }.joined(separator: ", "))
            }
            common = shape
        }
        let used = wide.indices.filter { wide[$0] != nil }
        let adjacent = used.isEmpty || (used.last ?? 0) - (used.first ?? 0) + 1 == used.count
        var offsets = [Int](repeating: 0, count: common.reduce(1, *))
        for d in used {
            guard let index = wide[d] else { continue }
            let values = try index.checkedIndices(below: shape[d], dimension: d, allowNegative: true)
            let spread = try Tensor(values, shape: index.shape).expand(common).toArray(of: Int.self)
            for i in offsets.indices { offsets[i] += spread[i] * strides[d] }
        }
        // Result: dimensions before, the indexed ones in place of the first (or in front if apart), the rest.
        let rest = wide.indices.filter { wide[$0] == nil }
        let lead = adjacent && !used.isEmpty ? rest.filter { $0 < used[0] } : []
        let tail = rest.filter { !lead.contains($0) }
        func combos(_ dims: [Int]) -> [Int] {
            var result = [0]
            for d in dims {
                var next: [Int] = []
                next.reserveCapacity(result.count * shape[d])
                for base in result { for i in 0..<shape[d] { next.append(base + i * strides[d]) } }
                result = next
            }
            return result
        }
        let before = combos(lead), after = combos(tail)
        var all: [Int] = []
        all.reserveCapacity(before.count * offsets.count * after.count)
        for a in before { for b in offsets { for c in after { all.append(a + b + c) } } }
        return (lead.map { shape[$0] } + (used.isEmpty ? [] : common) + tail.map { shape[$0] }, all)
    }

    /// Elements at the places that index tensors name (nil: the whole dimension), as NumPy's advanced indexing.
    ///
    /// - Parameter indices: At most one for each dimension; whole numbers (negative from the end), or masks that stand
    ///   for as many dimensions as they have.
    /// - Throws: ``WorkbenchError`` of kind `.value` or `.shape`.
    /// - Gradient: added up where a place is named more than once.
    public func index(_ indices: [Tensor?]) throws -> Tensor {
        let (resultShape, offsets) = try places(indices)
        let out = try Tensor.empty(resultShape, dtype)
        let unit = dtype.byteCount
        for (i, place) in offsets.enumerated() {
            (out.pointer + i * unit).copyMemory(from: pointer + place * unit, byteCount: unit)
        }
        let original = shape
        return Tensor(op: "IndexBackward0", out, from: [self], saving: indices.compactMap { $0 }) { dy in
            [try dy.zeros(original).indexPut(indices, dy, accumulate: true)]
        }
    }

    /// This tensor with values put (or added) at the places that index tensors name.
    ///
    /// - Gradient: with respect to self and values.
    public func indexPut(_ indices: [Tensor?], _ values: Tensor, accumulate: Bool = false) throws -> Tensor {
        let out = try copied()
        let (region, offsets) = try out.places(indices)
        guard (try? Tensor.broadcastShape(values.shape, region)) == region else {
            throw WorkbenchError(
                .shape,
                "shape mismatch: value tensor of shape \(bracketed(values.shape)) cannot be broadcast to indexing result "
                    + "of shape \(bracketed(region))")
        }
        let source = try values.to(dtype).expand(region).detached().copied()
        let unit = dtype.byteCount
        if !accumulate {
            for (i, place) in offsets.enumerated() {
                (out.pointer + place * unit).copyMemory(from: source.pointer + i * unit, byteCount: unit)
            }
        } else if dtype == .float32 {
            let o = out.typed(Float.self), s = source.typed(Float.self)
            for (i, place) in offsets.enumerated() { o[place] += s[i] }
        } else if dtype == .float64 {
            let o = out.typed(Double.self), s = source.typed(Double.self)
            for (i, place) in offsets.enumerated() { o[place] += s[i] }
        } else {
            let whole = try out.converted(to: .int64), from = try source.converted(to: .int64)
            let o = whole.typed(Int64.self), s = from.typed(Int64.self)
            for (i, place) in offsets.enumerated() { o[place] = o[place] &+ s[i] }
            if whole !== out { try out.copyElements(from: whole) }
        }
        let valueShape = values.shape
        return Tensor(
            op: "IndexPutBackward0", out, from: [self, values], saving: indices.compactMap { $0 }
        ) { dy in
            [
                accumulate ? dy : try dy.indexPut(indices, Tensor.zeros([], dy.dtype)),
                try dy.index(indices).reduced(to: valueShape),
            ]
        }
    }

    /// Writes values at the places that index tensors name; `x[i, j] <- v`.
    @discardableResult
    public func indexPut_(_ indices: [Tensor?], _ values: Tensor, accumulate: Bool = false) throws -> Tensor {
        try inPlace { try $0.indexPut(indices, values, accumulate: accumulate) }
    }

    /// 1 at the index in a new last dimension, 0 elsewhere.
    ///
    /// - Parameter classes: Size of the new dimension; one more than the largest index if nil.
    public func oneHot(classes: Int? = nil) throws -> Tensor {
        guard dtype == .int64 else {
            throw WorkbenchError(
                .runtime, "one_hot is only applicable to index tensor of type Long, not \(dtype.torchName)")
        }
        let values = toArray(of: Int.self)
        let needed = (values.max() ?? 0).addingReportingOverflow(1).partialValue
        guard values.allSatisfy({ $0 >= 0 }) else {
            throw WorkbenchError(.value, "Class values must be non-negative, got \(values.min() ?? 0)")
        }
        guard needed <= classes ?? needed else {
            throw WorkbenchError(
                .value, "Class values must not be larger than num_classes: \(needed) > \(classes ?? 0)")
        }
        let result = try Tensor.zeros(shape + [classes ?? needed], .int64)
        let out = result.typed(Int64.self)
        for (i, value) in values.enumerated() { out[i * (classes ?? needed) + value] = 1 }
        return result
    }

    /// Elements by their row-major number.
    public func take(_ index: Tensor) throws -> Tensor { try reshape([-1]).index([index]) }

    /// This tensor with one number in the slices that an index vector names.
    public func indexFill(_ d: Int, _ index: Tensor, _ value: Scalar) throws -> Tensor {
        let axis = try dimension(d)
        var indices = [Tensor?](repeating: nil, count: axis)
        indices.append(index)
        return try indexPut(indices, Tensor.scalar(value, dtype))
    }

    /// This tensor with slices of `source` in the places that an index vector names.
    public func indexCopy(_ d: Int, _ index: Tensor, _ source: Tensor) throws -> Tensor {
        let axis = try dimension(d)
        var indices = [Tensor?](repeating: nil, count: axis)
        indices.append(index)
        return try indexPut(indices, source)
    }
}
