import Diagnostics

extension Tensor {
    /// Determinants of matrices `[…, n, n]`.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.shape` for what are no square matrices.
    /// - Gradient: through the inverse, so that of a singular matrix is an error.
    public func det() throws -> Tensor {
        let n = try squareSize("linalg.det")
        let values = try matrices(n).map { matrix -> Double in
            var lower = Decomposition(matrix, n)
            return lower.factor() ? lower.determinant : 0
        }
        let front = Array(shape.dropLast(2))
        return Tensor(
            op: "LinalgDetBackward0", try Tensor(values, shape: front).to(dtype), from: [self], saving: [self]
        ) { dy in
            let scale = try dy.mul(self.det()).unsqueeze(-1).unsqueeze(-1)
            return [try self.inverse().transpose(-2, -1).mul(scale)]
        }
    }

    /// Inverses of matrices `[…, n, n]`, computed in double precision.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.shape` for what are no square matrices, `.value` for a singular one.
    /// - Gradient: −A⁻ᵀ·dy·A⁻ᵀ.
    public func inverse() throws -> Tensor {
        let n = try squareSize("linalg.inv")
        var values: [Double] = []
        values.reserveCapacity(count)
        for (place, matrix) in try matrices(n).enumerated() {
            var lower = Decomposition(matrix, n)
            guard lower.factor() else {
                throw WorkbenchError(
                    .value,
                    "linalg.inv: the inversion could not be completed because the input matrix is singular"
                        + (count > n * n ? " (matrix \(place + 1))" : ""))
            }
            values += lower.inverse
        }
        let result = try Tensor(values, shape: shape).to(dtype)
        return Tensor(op: "LinalgInvExBackward0", result, from: [self]) { dy, y in
            let turned = try y.transpose(-2, -1)
            return [try turned.matmul(dy).matmul(turned).neg()]
        }
    }

    private func squareSize(_ name: String) throws -> Int {
        guard dimensions >= 2, shape[dimensions - 1] == shape[dimensions - 2] else {
            throw WorkbenchError(
                .shape,
                "\(name): "
                    + (dimensions < 2
                        ? "The input tensor A must have at least 2 dimensions."
                        : "A must be batches of square matrices, but they are \(shape[dimensions - 2]) by \(shape[dimensions - 1]) matrices")
            )
        }
        guard dtype.isFloating else {
            throw WorkbenchError(
                .type, "\(name): Expected a floating point tensor as input. Got \(dtype.torchName)",
                hint: "x$to(dtype = torch_float())")
        }
        return shape[dimensions - 1]
    }

    /// The elements of each matrix, row by row.
    private func matrices(_ n: Int) throws -> [ArraySlice<Double>] {
        let all = try detached().to(.float64).contiguous().toArray(of: Double.self)
        guard n > 0 else { return [] }
        return stride(from: 0, to: all.count, by: n * n).map { all[$0..<($0 + n * n)] }
    }
}

/// A matrix as the product of two triangles, rows exchanged where that keeps the numbers small.
private struct Decomposition {
    private let n: Int
    private var a: [Double]
    private var order: [Int]
    private var sign = 1.0

    init(_ elements: ArraySlice<Double>, _ n: Int) {
        self.n = n
        a = Array(elements)
        order = Array(0..<n)
    }

    /// - Returns: Whether the matrix is regular.
    mutating func factor() -> Bool {
        for k in 0..<n {
            var best = k
            for i in k..<n where abs(a[i * n + k]) > abs(a[best * n + k]) { best = i }
            guard a[best * n + k] != 0 else { return false }
            if best != k {
                for j in 0..<n { a.swapAt(k * n + j, best * n + j) }
                order.swapAt(k, best)
                sign = -sign
            }
            for i in (k + 1)..<max(n, k + 1) {
                let factor = a[i * n + k] / a[k * n + k]
                a[i * n + k] = factor
                for j in (k + 1)..<max(n, k + 1) { a[i * n + j] -= factor * a[k * n + j] }
            }
        }
        return true
    }

    var determinant: Double { (0..<n).reduce(sign) { $0 * a[$1 * n + $1] } }

    /// Row by row.
    var inverse: [Double] {
        var result = [Double](repeating: 0, count: n * n)
        var x = [Double](repeating: 0, count: n)
        for column in 0..<n {
            for i in 0..<n {
                x[i] = order[i] == column ? 1 : 0
                for j in 0..<i { x[i] -= a[i * n + j] * x[j] }
            }
            for i in (0..<n).reversed() {
                for j in (i + 1)..<max(n, i + 1) { x[i] -= a[i * n + j] * x[j] }
                x[i] /= a[i * n + i]
            }
            for i in 0..<n { result[i * n + column] = x[i] }
        }
        return result
    }
}
