import CKernels
import Diagnostics

extension Tensor {
    private func rowwise(_ d: Int, log: Bool) throws -> Tensor {
        let (rows, count, n, back) = try rowsAlong(d)
        let out = try Tensor.empty(rows.shape, dtype)
        parallelRanges(count, grain: Swift.max(1, 8192 / Swift.max(1, n))) { range, _ in
            let at = range.lowerBound * n
            if dtype == .float32 {
                kernel_softmax_f32(
                    out.typed(Float.self) + at, rows.typed(Float.self) + at, range.count, n, log ? 1 : 0)
            } else {
                kernel_softmax_f64(
                    out.typed(Double.self) + at, rows.typed(Double.self) + at, range.count, n, log ? 1 : 0)
            }
        }
        withExtendedLifetime(rows) {}
        return try back(out)
    }

    /// eˣ / Σ eˣ along a dimension.
    public func softmax(_ d: Int) throws -> Tensor {
        if dtype.isHalf { return try to(.float32).softmax(d).to(dtype) }
        if !dtype.isFloating { return try to(.float32).softmax(d) }
        let axis = try dimension(d)
        return Tensor(op: "SoftmaxBackward0", try rowwise(axis, log: false), from: [self]) { (dy, y) in
            let weighted = try dy.mul(y)
            return [try weighted.sub(y.mul(weighted.sum(dims: [axis], keepdim: true)))]
        }
    }

    /// log(eˣ / Σ eˣ) along a dimension, without overflow.
    public func logSoftmax(_ d: Int) throws -> Tensor {
        if dtype.isHalf { return try to(.float32).logSoftmax(d).to(dtype) }
        if !dtype.isFloating { return try to(.float32).logSoftmax(d) }
        let axis = try dimension(d)
        return Tensor(op: "LogSoftmaxBackward0", try rowwise(axis, log: true), from: [self]) { (dy, y) in
            [try dy.sub(y.exp().mul(dy.sum(dims: [axis], keepdim: true)))]
        }
    }

    /// Softmax of −x.
    public func softmin(_ d: Int) throws -> Tensor { try neg().softmax(d) }

    /// The same value under another operation's name: for operations composed of others.
    func named(_ op: String) -> Tensor { Tensor(op: op, alias(), from: [self]) { dy in [dy] } }
}
