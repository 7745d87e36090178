import CKernels
import Diagnostics

extension Tensor {
    private func requireReal(_ name: String, with other: Tensor) throws {
        guard dtype == other.dtype else {
            throw WorkbenchError(
                .runtime,
                "expected m1 and m2 to have the same dtype, but got: \(dtype.torchName) != \(other.dtype.torchName)",
                hint: "convert one of them, for example with `$to(dtype = torch_float())`")
        }
    }

    /// A matrix as BLAS takes it: whether transposed, and the distance between its rows (or columns).
    private func blasLayout() throws -> (tensor: Tensor, transposed: Bool, ld: Int) {
        let (r, c) = (shape[0], shape[1])
        if strides[1] == 1 || c == 1, strides[0] >= Swift.max(1, c) || r == 1 {
            return (self, false, r == 1 ? Swift.max(1, c) : strides[0])
        }
        if strides[0] == 1 || r == 1, strides[1] >= Swift.max(1, r) || c == 1 {
            return (self, true, c == 1 ? Swift.max(1, r) : strides[1])
        }
        return (try copied(), false, Swift.max(1, c))
    }

    /// Matrix product without record: out[M, N] (contiguous) = alpha·a[M, K]·b[K, N] + beta·out.
    static func product(_ a: Tensor, _ b: Tensor, into out: Tensor, alpha: Double = 1, beta: Double = 0) throws {
        let (M, K, N) = (a.shape[0], a.shape[1], b.shape[1])
        guard M > 0, N > 0 else { return }
        if a.dtype.isHalf {
            let wide = try out.converted(to: .float32)
            try product(
                a.converted(to: .float32), b.converted(to: .float32), into: wide, alpha: alpha, beta: beta)
            return try out.copyElements(from: wide)
        }
        guard M <= Int(Int32.max), N <= Int(Int32.max), K <= Int(Int32.max) else {
            throw WorkbenchError(
                .memory, "matrices of \(bracketed(a.shape)) and \(bracketed(b.shape)) are too large for BLAS")
        }
        if K == 0 {
            if beta == 0 { out.clear() }
            return
        }
        if !a.dtype.isFloating {
            // Whole numbers: exact products, without BLAS.
            let x = try a.copied().converted(to: .int64), y = try b.copied().converted(to: .int64)
            let p = x.typed(Int64.self), q = y.typed(Int64.self)
            var result = [Int64](repeating: 0, count: M * N)
            for i in 0..<M {
                for k in 0..<K { for j in 0..<N { result[i * N + j] &+= p[i * K + k] &* q[k * N + j] } }
            }
            withExtendedLifetime((x, y)) {}
            try out.copyElements(from: Tensor(result, shape: [M, N]))
            return
        }
        let (x, transA, lda) = try a.blasLayout()
        let (y, transB, ldb) = try b.blasLayout()
        // The larger side is cut into bands; each thread computes its own.
        let byRows = M >= N
        let grain = Swift.max(16, 1 << 20 / Swift.max(1, K * (byRows ? N : M)))
        parallelRanges(byRows ? M : N, grain: grain) { range, _ in
            let (m0, m) = byRows ? (range.lowerBound, range.count) : (0, M)
            let (n0, n) = byRows ? (0, N) : (range.lowerBound, range.count)
            let offsetA = transA ? m0 : m0 * lda, offsetB = transB ? n0 * ldb : n0
            if a.dtype == .float32 {
                kernel_gemm_f32(
                    transA ? 1 : 0, transB ? 1 : 0, m, n, K, Float(alpha), x.typed(Float.self) + offsetA, lda,
                    y.typed(Float.self) + offsetB, ldb, Float(beta), out.typed(Float.self) + m0 * N + n0, N)
            } else {
                kernel_gemm_f64(
                    transA ? 1 : 0, transB ? 1 : 0, m, n, K, alpha, x.typed(Double.self) + offsetA, lda,
                    y.typed(Double.self) + offsetB, ldb, beta, out.typed(Double.self) + m0 * N + n0, N)
            }
        }
        withExtendedLifetime((x, y)) {}
    }

    /// Product of two matrices, `[M, K]` and `[K, N]`.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.shape` naming both shapes, `.runtime` if the types differ.
    public func mm(_ other: Tensor) throws -> Tensor {
        guard dimensions == 2, other.dimensions == 2 else {
            throw WorkbenchError(
                .shape,
                "\(dimensions == 2 ? "mat2" : "self") must be a matrix, got shapes \(bracketed(shape)) and "
                    + bracketed(other.shape))
        }
        try requireReal("mm", with: other)
        guard shape[1] == other.shape[0] else {
            throw WorkbenchError(
                .shape,
                "mat1 and mat2 shapes cannot be multiplied (\(shape[0])x\(shape[1]) and \(other.shape[0])x\(other.shape[1]))"
            )
        }
        let out = try Tensor.empty([shape[0], other.shape[1]], dtype)
        try Tensor.product(self, other, into: out)
        let a = other.requiresGrad ? self : nil, b = requiresGrad ? other : nil
        return Tensor(op: "MmBackward0", out, from: [self, other], saving: [a, b].compactMap { $0 }) { dy in
            [try b.map { try dy.mm($0.t()) }, try a.map { try $0.t().mm(dy) }]
        }
    }

    /// Product of matrices pair by pair, `[B, M, K]` and `[B, K, N]`.
    public func bmm(_ other: Tensor) throws -> Tensor {
        guard dimensions == 3, other.dimensions == 3, shape[0] == other.shape[0], shape[2] == other.shape[1] else {
            throw WorkbenchError(
                .shape,
                "Expected size for first two dimensions of batch2 tensor to be: [\(shape.first ?? 0), \(shape.last ?? 0)] "
                    + "but got shapes \(bracketed(shape)) and \(bracketed(other.shape)).")
        }
        try requireReal("bmm", with: other)
        let out = try Tensor.empty([shape[0], shape[1], other.shape[2]], dtype)
        for i in 0..<shape[0] {
            func part(_ t: Tensor) -> Tensor {
                t.alias(
                    shape: Array(t.shape[1...]), strides: Array(t.strides[1...]), offset: t.offset + i * t.strides[0])
            }
            try Tensor.product(part(self), part(other), into: part(out))
        }
        let a = other.requiresGrad ? self : nil, b = requiresGrad ? other : nil
        return Tensor(op: "BmmBackward0", out, from: [self, other], saving: [a, b].compactMap { $0 }) { dy in
            [try b.map { try dy.bmm($0.transpose(1, 2)) }, try a.map { try $0.transpose(1, 2).bmm(dy) }]
        }
    }

    /// Product of a matrix and a vector.
    public func mv(_ vector: Tensor) throws -> Tensor {
        guard dimensions == 2, vector.dimensions == 1, shape[1] == vector.shape[0] else {
            throw WorkbenchError(
                .shape, "size mismatch, got input (\(bracketed(shape))), vec (\(bracketed(vector.shape)))")
        }
        let value = try mm(vector.unsqueeze(1)).squeeze(1)
        return Tensor(op: "MvBackward0", value.alias(), from: [value]) { dy in [dy] }
    }

    /// Inner product of two vectors.
    public func dot(_ other: Tensor) throws -> Tensor {
        guard dimensions == 1, other.dimensions == 1, shape == other.shape else {
            throw WorkbenchError(
                .shape,
                "1D tensors of the same size expected, but got \(bracketed(shape)) and \(bracketed(other.shape))")
        }
        let value = try unsqueeze(0).mm(other.unsqueeze(1)).reshape([])
        return Tensor(op: "DotBackward0", value.alias(), from: [value]) { dy in [dy] }
    }

    /// Every product of an element of one vector and one of another.
    public func outer(_ other: Tensor) throws -> Tensor {
        guard dimensions == 1, other.dimensions == 1 else {
            throw WorkbenchError(
                .shape, "outer: Expected 1-D arguments, but got \(bracketed(shape)) and \(bracketed(other.shape))")
        }
        return try unsqueeze(1).mul(other)
    }

    /// Matrix product of tensors: vectors, matrices, and stacks of matrices whose leading dimensions broadcast.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.shape` naming both shapes.
    public func matmul(_ other: Tensor) throws -> Tensor {
        switch (dimensions, other.dimensions) {
        case (0, _), (_, 0):
            throw WorkbenchError(
                .shape,
                "both arguments to matmul need to be at least 1D, but they are \(dimensions)D and \(other.dimensions)D")
        case (1, 1): return try dot(other)
        case (2, 1): return try mv(other)
        case (1, 2): return try unsqueeze(0).mm(other).squeeze(0)
        case (2, 2): return try mm(other)
        case (_, 1): return try matmul(other.unsqueeze(1)).squeeze(-1)
        case (1, _): return try unsqueeze(0).matmul(other).squeeze(-2)
        case (_, 2):
            // One matrix for all: a single product of the stacked rows.
            let value = try reshape([-1, shape[dimensions - 1]]).mm(other)
            return try value.reshape(Array(shape[..<(dimensions - 1)]) + [other.shape[1]])
        default:
            let n = dimensions, m = other.dimensions
            guard shape[n - 1] == other.shape[m - 2] else {
                throw WorkbenchError(
                    .shape,
                    "mat1 and mat2 shapes cannot be multiplied (\(bracketed(shape)) and \(bracketed(other.shape)))")
            }
            let batch = try Tensor.broadcastShape(Array(shape[..<(n - 2)]), Array(other.shape[..<(m - 2)]))
            let a = try expand(batch + shape[(n - 2)...]).reshape([-1] + shape[(n - 2)...])
            let b = try other.expand(batch + other.shape[(m - 2)...]).reshape([-1] + other.shape[(m - 2)...])
            return try a.bmm(b).reshape(batch + [shape[n - 2], other.shape[m - 1]])
        }
    }

    /// `beta·self + alpha·(a·b)`.
    public func addmm(_ a: Tensor, _ b: Tensor, beta: Double = 1, alpha: Double = 1) throws -> Tensor {
        let product = try a.mm(b)
        let value = try (beta == 1 ? self : scaled(by: beta)).add(product, alpha: alpha)
        return Tensor(op: "AddmmBackward0", value.alias(), from: [value]) { dy in [dy] }
    }

    /// `x·weightᵀ + bias`.
    ///
    /// - Parameters:
    ///   - weight: `[out, in]`.
    ///   - bias: `[out]` or nil.
    /// - Returns: `[…, out]` from `[…, in]`.
    /// - Throws: ``WorkbenchError`` of kind `.shape` naming both shapes.
    /// - Gradient: with respect to x, weight and bias.
    public func linear(_ weight: Tensor, _ bias: Tensor? = nil) throws -> Tensor {
        guard dimensions >= 1, weight.dimensions == 2, shape[dimensions - 1] == weight.shape[1] else {
            let rows = shape.dropLast().reduce(1, *)
            throw WorkbenchError(
                .shape,
                "mat1 and mat2 shapes cannot be multiplied (\(rows)x\(shape.last ?? 1) and "
                    + "\(weight.shape.last ?? 1)x\(weight.shape.first ?? 1))",
                hint: "the input has shape \(bracketed(shape)); its last size must be \(weight.shape.last ?? 1)")
        }
        try requireReal("linear", with: weight)
        let features = weight.shape[0]
        let flat = try reshape([shape.dropLast().reduce(1, *), weight.shape[1]])
        let out = try flat.linearElements(weight, bias)
        let x = weight.requiresGrad ? flat : nil, w = requiresGrad ? weight : nil
        let needsBias = bias?.requiresGrad ?? false
        let result = Tensor(
            op: bias == nil ? "MmBackward0" : "AddmmBackward0", out, from: [flat, weight] + (bias.map { [$0] } ?? []),
            saving: [x, w].compactMap { $0 }
        ) { dy in
            [try w.map { try dy.mm($0) }, try x.map { try dy.t().mm($0) }, needsBias ? try dy.sum(dims: [0]) : nil]
                .prefix(bias == nil ? 2 : 3).map { $0 }
        }
        return dimensions == 2 ? result : try result.reshape(shape.dropLast() + [features])
    }

    /// The value of ``linear(_:_:)`` for a matrix that fits the weight, without record.
    func linearElements(_ weight: Tensor, _ bias: Tensor?) throws -> Tensor {
        let features = weight.shape[0]
        let out = try Tensor.empty([shape[0], features], dtype)
        if let bias {
            guard bias.shape == [features] else {
                throw WorkbenchError(.shape, "bias has shape \(bracketed(bias.shape)), expected [\(features)]")
            }
            try out.copyElements(from: bias)
        }
        try Tensor.product(
            self, weight.alias(shape: weight.shape.reversed(), strides: weight.strides.reversed()), into: out,
            beta: bias == nil ? 0 : 1)
        return out
    }
}
