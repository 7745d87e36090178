import CKernels
import Diagnostics

/// What a quantile between two elements is.
public enum QuantileInterpolation: String, Sendable {
    /// On the line from one to the other.
    case linear
    /// The smaller one.
    case lower
    /// The larger one.
    case higher
    /// The one that is nearer, of equally near ones that with the even place.
    case nearest
    /// The mean of both.
    case midpoint
}

extension Tensor {
    /// A copy whose dimension `d` is the last, in rows; and how to put a result of such rows back.
    func rowsAlong(_ d: Int) throws -> (rows: Tensor, count: Int, length: Int, back: (Tensor) throws -> Tensor) {
        let axis = try dimension(d)
        if dimensions == 0 { return (try reshape([1]).detached(), 1, 1, { try $0.reshape([]) }) }
        let moved = try detached().movedim(axis, dimensions - 1).contiguous()
        let length = shape[axis]
        return (moved, length == 0 ? 0 : moved.count / length, length, { try $0.movedim(-1, axis).contiguous() })
    }

    /// Elements in order along a dimension, and where they were; equal ones keep their order, NaN is largest.
    public func sort(_ d: Int = -1, descending: Bool = false) throws -> (values: Tensor, indices: Tensor) {
        let (rows, count, n, back) = try rowsAlong(d)
        var order: [Int] = []
        order.reserveCapacity(count * n)
        func run<T: Comparable>(_ values: UnsafeMutablePointer<T>, _ isNaN: (T) -> Bool) {
            for row in 0..<count {
                let x = values + row * n
                // `sort` of the standard library is stable in practice; the index decides explicitly.
                order += (0..<n).sorted { i, j in
                    let a = x[i], b = x[j]
                    let aBig = isNaN(a), bBig = isNaN(b)
                    if aBig || bBig { return aBig == bBig ? i < j : descending ? aBig : bBig }
                    return a == b ? i < j : descending ? a > b : a < b
                }
            }
        }
        if dtype.isReal {
            let x = try rows.converted(to: .float64)
            run(x.typed(Double.self)) { $0.isNaN }
            withExtendedLifetime(x) {}
        } else {
            let x = try rows.converted(to: .int64)
            run(x.typed(Int64.self)) { _ in false }
            withExtendedLifetime(x) {}
        }
        let indices = try back(Tensor(order, shape: rows.shape))
        let picked = try gather(d, indices)
        return (Tensor(op: "SortBackward0", picked.alias(), from: [picked]) { dy in [dy] }, indices)
    }

    /// Indices that sort a dimension.
    public func argsort(_ d: Int = -1, descending: Bool = false) throws -> Tensor {
        try sort(d, descending: descending).indices
    }

    /// The k largest (or smallest) elements along a dimension, in order, and their indices.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.value` if there are fewer than k.
    public func topk(_ k: Int, _ d: Int = -1, largest: Bool = true) throws -> (values: Tensor, indices: Tensor) {
        let axis = try dimension(d)
        let n = dimensions == 0 ? 1 : shape[axis]
        guard k >= 0, k <= n else { throw WorkbenchError(.value, "selected index k out of range: k = \(k), size \(n)") }
        let order = try sort(d, descending: largest).indices
        let indices = dimensions == 0 ? order : try order.narrow(axis, from: 0, length: k).contiguous()
        let picked = try gather(d, indices)
        return (Tensor(op: "TopkBackward0", picked.alias(), from: [picked]) { dy in [dy] }, indices)
    }

    /// The k-th smallest element along a dimension (k from 1) and its index.
    public func kthvalue(_ k: Int, _ d: Int = -1, keepdim: Bool = false) throws -> (values: Tensor, indices: Tensor) {
        let axis = try dimension(d)
        let n = dimensions == 0 ? 1 : shape[axis]
        guard k >= 1, k <= n else {
            throw WorkbenchError(
                .value, "kthvalue(): selected number k out of range for dimension \(axis + 1): \(k) of \(n)")
        }
        let order = try sort(d).indices
        let index = dimensions == 0 ? order : try order.narrow(axis, from: k - 1, length: 1)
        let picked = try gather(d, index)
        return keepdim || dimensions == 0 ? (picked, index) : (try picked.squeeze(axis), try index.squeeze(axis))
    }

    /// The middle element along a dimension (the lower of two) and its index.
    public func median(_ d: Int, keepdim: Bool = false) throws -> (values: Tensor, indices: Tensor) {
        let axis = try dimension(d)
        let n = dimensions == 0 ? 1 : shape[axis]
        guard n > 0 else {
            throw WorkbenchError(.value, "median(): Expected reduction dim \(axis + 1) to have non-zero size.")
        }
        // NaN anywhere makes the median NaN: sorted last, it is the largest.
        if dtype.isReal, try isnan().any().item().isTrue {
            let order = try sort(d).indices
            let last = try gather(d, order.narrow(axis, from: n - 1, length: 1))
            let middle = try kthvalue((n - 1) / 2 + 1, d, keepdim: true)
            let nan = try last.isnan()
            let index = try Tensor.select(nan, order.narrow(axis, from: n - 1, length: 1), middle.indices)
            let value = try gather(d, index)
            return keepdim ? (value, index) : (try value.squeeze(axis), try index.squeeze(axis))
        }
        return try kthvalue((n - 1) / 2 + 1, d, keepdim: keepdim)
    }

    /// The middle of all elements (the lower of two).
    public func median() throws -> Tensor {
        guard count > 0 else { return try Tensor.full([], .double(.nan), dtype) }
        return try reshape([-1]).median(0).values
    }

    /// The quantile of all elements, or along a dimension, with linear interpolation.
    public func quantile(
        _ q: Double, _ d: Int? = nil, keepdim: Bool = false, between: QuantileInterpolation = .linear
    ) throws -> Tensor {
        guard q >= 0, q <= 1 else {
            throw WorkbenchError(.value, "quantile() q must be in the range [0, 1] but got \(q)")
        }
        guard let d else { return try reshape([-1]).quantile(q, 0, between: between) }
        let axis = try dimension(d)
        let n = dimensions == 0 ? 1 : shape[axis]
        guard n > 0 else { throw WorkbenchError(.value, "quantile() input tensor must be non-empty") }
        let sorted = try sort(d).values
        let place = q * Double(n - 1)
        func element(_ place: Double) throws -> Tensor { try sorted.narrow(axis, from: Int(place), length: 1) }
        let (low, high) = (place.rounded(.down), place.rounded(.up))
        var value: Tensor
        switch between {
        case .linear: value = try element(low).lerp(element(high), weight: place - low)
        case .midpoint: value = try element(low).lerp(element(high), weight: 0.5)
        case .lower: value = try element(low)
        case .higher: value = try element(high)
        case .nearest: value = try element(place.rounded(.toNearestOrEven))
        }
        // NaN, which is sorted last, is the quantile of whatever it is in.
        let largest = try element(Double(n - 1))
        value = try Tensor.select(largest.isnan(), largest, value)
        return keepdim ? value : try value.squeeze(axis)
    }

    /// Different elements in ascending order, where each input went, and how often each came.
    public func unique() throws -> (values: Tensor, inverse: Tensor, counts: Tensor) {
        let flat = try detached().reshape([-1])
        let (sorted, order) = try flat.sort(0)
        let places = order.toArray(of: Int.self)
        var firsts: [Int] = [], counts: [Int] = []
        var inverse = [Int](repeating: 0, count: places.count)
        for i in places.indices {
            let same = i > 0 && sorted.element(i * sorted.strides[0]) == sorted.element((i - 1) * sorted.strides[0])
            if same {
                counts[counts.count - 1] += 1
            } else {
                firsts.append(i)
                counts.append(1)
            }
            inverse[places[i]] = firsts.count - 1
        }
        return (
            try sorted.indexSelect(0, Tensor(firsts)), try Tensor(inverse, shape: shape), try Tensor(counts)
        )
    }

    // MARK: Running sums

    private func scan(
        _ d: Int, _ type: DType, _ f: (Double, Double) -> Double, whole: (Int64, Int64) -> Int64
    ) throws -> Tensor {
        let (rows, count, n, back) = try rowsAlong(d)
        if type == .int64 {
            let x = try rows.converted(to: .int64).copied()
            let p = x.typed(Int64.self)
            for row in 0..<count {
                for i in 1..<Swift.max(1, n) { p[row * n + i] = whole(p[row * n + i - 1], p[row * n + i]) }
            }
            return try back(x)
        }
        let x = try rows.converted(to: .float64).copied()
        let p = x.typed(Double.self)
        for row in 0..<count { for i in 1..<Swift.max(1, n) { p[row * n + i] = f(p[row * n + i - 1], p[row * n + i]) } }
        return try back(x).converted(to: type)
    }

    /// Running sums along a dimension.
    public func cumsum(_ d: Int) throws -> Tensor {
        let value = try scan(d, dtype.isReal ? dtype : .int64, +, whole: &+)
        return Tensor(op: "CumsumBackward0", value, from: [self]) { dy in
            [try dy.dimensions == 0 ? dy : dy.flip([d]).cumsum(d).flip([d])]
        }
    }

    /// Running products along a dimension.
    public func cumprod(_ d: Int) throws -> Tensor {
        let value = try scan(d, dtype.isReal ? dtype : .int64, *, whole: &*)
        return Tensor(op: "CumprodBackward0", value, from: [self], saving: [self]) { [self] (dy, y) in
            if dimensions == 0 { return [dy] }
            let zeros = try eq(Tensor(scalar: .int(0)))
            if try !zeros.any().item().isTrue {
                return [try dy.mul(y).flip([d]).cumsum(d).flip([d]).div(self)]
            }
            // With zeros: each factor's slope as the product of the others, one factor at a time.
            let axis = try dimension(d)
            let parts = try (0..<shape[axis]).map { k -> Tensor in
                var one = try Tensor.zeros([shape[axis]], .bool)
                one = try one.indexPut([Tensor([k])], Tensor(scalar: .bool(true)))
                var wide = [Int](repeating: 1, count: dimensions)
                wide[axis] = shape[axis]
                let others = try Tensor.select(one.reshape(wide), Tensor.scalar(.int(1), dtype), self).cumprod(d)
                let tail = try others.mul(dy).narrow(axis, from: k, length: shape[axis] - k)
                return try tail.sum(dims: [axis], keepdim: true)
            }
            return [try Tensor.cat(parts, axis)]
        }
    }
}
