import Diagnostics

extension Tensor {
    /// Sums of the singular values of matrices `[…, m, n]` (nuclear norms), or the values themselves.
    ///
    /// One-sided Jacobi rotations in double precision (Hestenes 1958).
    ///
    /// - Returns: Shape `[…]`.
    /// - Throws: ``WorkbenchError`` of kind `.shape` or `.type` for what are no matrices of floating-point numbers.
    /// - Gradient: U·Vᵀ of the singular values above rounding.
    public func nuclearNorm() throws -> Tensor {
        guard dimensions >= 2 else {
            throw WorkbenchError(
                .shape, "linalg.matrix_norm: The input tensor A must have at least 2 dimensions.")
        }
        guard dtype.isFloating else {
            throw WorkbenchError(
                .type,
                "linalg.matrix_norm: Expected a floating point or complex tensor as input. Got \(dtype.torchName)")
        }
        let (m, n) = (shape[dimensions - 2], shape[dimensions - 1])
        let all = try detached().to(.float64).contiguous().toArray(of: Double.self)
        var sums: [Double] = []
        var slopes: [Double] = []
        slopes.reserveCapacity(all.count)
        let front = Array(shape.dropLast(2))
        for place in 0..<front.reduce(1, *) {
            let parts = SingularParts(Array(all[place * m * n..<(place + 1) * m * n]), rows: m, columns: n)
            sums.append(parts.values.reduce(0, +))
            slopes += parts.direction
        }
        let original = shape, type = dtype
        return Tensor(op: "LinalgMatrixNormBackward0", try Tensor(sums, shape: front).to(type), from: [self]) { dy in
            let direction = try Tensor(slopes, shape: original).to(type)
            return [try direction.mul(dy.unsqueeze(-1).unsqueeze(-1))]
        }
    }
}

/// The singular values of one matrix, and the product of its singular vectors.
private struct SingularParts {
    /// Singular values, in no order.
    private(set) var values: [Double] = []
    /// U·Vᵀ, row by row.
    private(set) var direction: [Double]

    init(_ matrix: [Double], rows m: Int, columns n: Int) {
        // Columns of a are rotated until they are orthogonal: a = U·Σ, and v gathers the rotations.
        var a = (0..<n).map { j in (0..<m).map { matrix[$0 * n + j] } }
        var v = (0..<n).map { j in (0..<n).map { $0 == j ? 1.0 : 0.0 } }
        for _ in 0..<60 where SingularParts.sweep(&a, &v) == false { break }
        direction = [Double](repeating: 0, count: m * n)
        values = a.map { column in column.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        let smallest = (values.max() ?? 0) * 1e-12
        for (k, value) in values.enumerated() where value > smallest {
            for i in 0..<m { for j in 0..<n { direction[i * n + j] += a[k][i] / value * v[k][j] } }
        }
    }

    /// Rotates each pair of columns once; whether anything was left to rotate.
    private static func sweep(_ a: inout [[Double]], _ v: inout [[Double]]) -> Bool {
        var rotated = false
        for p in 0..<a.count {
            for q in (p + 1)..<max(p + 1, a.count) {
                var (alpha, beta, gamma) = (0.0, 0.0, 0.0)
                for i in 0..<a[p].count {
                    alpha += a[p][i] * a[p][i]
                    beta += a[q][i] * a[q][i]
                    gamma += a[p][i] * a[q][i]
                }
                guard abs(gamma) > 1e-15 * (alpha * beta).squareRoot(), gamma.isFinite else { continue }
                rotated = true
                let zeta = (beta - alpha) / (2 * gamma)
                let t = (zeta < 0 ? -1 : 1) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
                let c = 1 / (1 + t * t).squareRoot(), s = c * t
                rotate(&a, p, q, c, s)
                rotate(&v, p, q, c, s)
            }
        }
        return rotated
    }

    private static func rotate(_ x: inout [[Double]], _ p: Int, _ q: Int, _ c: Double, _ s: Double) {
        for i in 0..<x[p].count {
            let (first, second) = (x[p][i], x[q][i])
            x[p][i] = c * first - s * second
            x[q][i] = s * first + c * second
        }
    }
}
