import Diagnostics
import Glibc

/// How the losses of single items become one number.
public enum Reduction: String, Sendable {
    /// Their (weighted) mean.
    case mean
    /// Their sum.
    case sum
    /// Not at all.
    case none
}

extension Tensor {
    private func reduced(_ reduction: Reduction) throws -> Tensor {
        switch reduction {
        case .mean: try mean()
        case .sum: try sum()
        case .none: self
        }
    }

    /// Minus the log-probability of each item's class.
    ///
    /// - Parameters:
    ///   - target: Classes from 0, int64, `[N, …]` for log-probabilities `[N, C, …]` (or one number for `[C]`).
    ///   - weight: One factor a class, `[C]`, or nil; the mean divides by the sum of the factors used.
    ///   - ignoreIndex: Items of this class count for nothing.
    /// - Throws: ``WorkbenchError`` of kind `.value` naming a class that is out of range, `.shape`.
    /// - Gradient: with respect to self.
    public func nllLoss(
        _ target: Tensor, weight: Tensor? = nil, ignoreIndex: Int = -100, reduction: Reduction = .mean
    ) throws -> Tensor {
        guard dimensions >= 1, dtype.isFloating else {
            throw WorkbenchError(.shape, "nll_loss expects log-probabilities [N, C, …], got \(typeText)")
        }
        if dimensions == 1 {
            guard target.dimensions == 0 || (target.dimensions == 1 && target.shape == shape) else {
                throw WorkbenchError(
                    .shape, "size mismatch (got input: \(bracketed(shape)), target: \(bracketed(target.shape)))",
                    hint:
                        "the input has no dimension of items: $squeeze() drops that of a batch of one, $flatten(start_dim = 2) keeps it"
                )
            }
            let loss = try unsqueeze(0).nllLoss(
                target.reshape([1]), weight: weight, ignoreIndex: ignoreIndex, reduction: reduction)
            return reduction == .none ? try loss.reshape([]) : loss
        }
        guard target.dtype == .int64 || target.dtype == .uint8 else {
            throw WorkbenchError(
                .runtime, "expected scalar type Long but found \(target.dtype.torchName)",
                hint: "class labels must be whole numbers: `torch_tensor(y, dtype = torch_long())`")
        }
        let expected = [shape[0]] + shape[2...]
        guard target.shape == expected else {
            throw WorkbenchError(
                .shape,
                target.dimensions == 1 && dimensions == 2
                    ? "Expected input batch_size (\(shape[0])) to match target batch_size (\(target.shape[0]))."
                    : "Expected target of size \(bracketed(expected)), got \(bracketed(target.shape))",
                hint: "the input has shape \(bracketed(shape))")
        }
        let C = shape[1]
        guard weight == nil || weight?.shape == [C] else {
            throw WorkbenchError(
                .shape,
                "weight tensor should be defined either for all \(C) classes or no classes but got weight tensor "
                    + "of shape: \(bracketed(weight?.shape ?? []))")
        }
        let classes = target.toArray(of: Int.self)
        let factors = weight?.toArray(of: Double.self)
        let inner = shape[2...].reduce(1, *)
        // Coefficient of each item's log-probability, and where that lies in a row-major [N, C, …].
        var coefficients = [Double](repeating: 0, count: classes.count)
        var places = [Int](repeating: 0, count: classes.count)
        var total = 0.0
        for (i, k) in classes.enumerated() where k != ignoreIndex {
            guard k >= 0, k < C else {
                throw WorkbenchError(.value, "Target \(k) is out of bounds: there are \(C) classes, from 0 to \(C - 1)")
            }
            coefficients[i] = factors?[k] ?? 1
            total += coefficients[i]
            places[i] = (i / inner * C + k) * inner + i % inner
        }
        let values = try detached().contiguous()
        let terms = classes.indices.map { i -> Double in
            coefficients[i] == 0 ? 0 : -coefficients[i] * values.element(places[i]).doubleValue
        }
        let value: Tensor
        switch reduction {
        case .none: value = try Tensor(terms, shape: target.shape, dtype: dtype)
        case .sum: value = try Tensor([terms.reduce(0, +)], shape: [], dtype: dtype)
        case .mean: value = try Tensor([terms.reduce(0, +) / total], shape: [], dtype: dtype)
        }
        let (original, type) = (shape, dtype)
        return Tensor(op: "NllLossBackward0", value, from: [self]) { dy in
            var slopes = [Double](repeating: 0, count: original.reduce(1, *))
            for i in classes.indices where classes[i] != ignoreIndex {
                slopes[places[i]] = -coefficients[i] / (reduction == .mean ? total : 1)
            }
            let slope = try Tensor(slopes, shape: original, dtype: type)
            return [try slope.mul(reduction == .none ? dy.unsqueeze(1) : dy)]
        }
    }

    /// ``nllLoss(_:weight:ignoreIndex:reduction:)`` of the log softmax over classes (dimension 1).
    public func crossEntropy(
        _ target: Tensor, weight: Tensor? = nil, ignoreIndex: Int = -100, reduction: Reduction = .mean,
        labelSmoothing: Double = 0
    ) throws -> Tensor {
        let axis = dimensions == 1 ? 0 : 1
        if target.dtype.isFloating, target.shape == shape {
            // Class probabilities as targets.
            var logs = try logSoftmax(axis).mul(target)
            if let weight {
                var wide = [Int](repeating: 1, count: dimensions)
                wide[axis] = weight.count
                logs = try logs.mul(weight.reshape(wide))
            }
            let loss = try logs.sum(dims: [axis]).neg()
            return try reduction == .mean && dimensions > 1
                ? loss.sum().div(Tensor(scalar: .int(Int64(count / shape[axis])))) : loss.reduced(reduction)
        }
        let logs = try logSoftmax(axis)
        let loss = try logs.nllLoss(target, weight: weight, ignoreIndex: ignoreIndex, reduction: reduction)
        guard labelSmoothing > 0 else { return loss }
        let smooth = try logs.mean(dims: [axis]).neg().reduced(reduction)
        return try loss.scaled(by: 1 - labelSmoothing).add(smooth, alpha: labelSmoothing)
    }

    /// (x − target)².
    public func mseLoss(_ target: Tensor, reduction: Reduction = .mean) throws -> Tensor {
        try sub(target).square().reduced(reduction).named("MseLossBackward0")
    }

    /// |x − target|.
    public func l1Loss(_ target: Tensor, reduction: Reduction = .mean) throws -> Tensor {
        let loss = try sub(target).abs()
        return try loss.reduced(reduction)
    }

    /// (x − target)² / (2·beta) within ±beta, |x − target| − beta/2 outside.
    public func smoothL1Loss(_ target: Tensor, beta: Double = 1, reduction: Reduction = .mean) throws -> Tensor {
        guard beta >= 0 else {
            throw WorkbenchError(.value, "smooth_l1_loss does not support negative values for beta, got \(beta)")
        }
        if beta == 0 { return try l1Loss(target, reduction: reduction) }
        let d = try sub(target), size = try d.abs()
        let near = try d.square().scaled(by: 0.5 / beta)
        return try Tensor.select(size.lt(Tensor(scalar: .double(beta))), near, size - 0.5 * beta).reduced(reduction)
            .named("SmoothL1LossBackward0")
    }

    /// ½(x − target)² within ±delta, delta·(|x − target| − delta/2) outside.
    public func huberLoss(_ target: Tensor, delta: Double = 1, reduction: Reduction = .mean) throws -> Tensor {
        guard delta > 0 else {
            throw WorkbenchError(.value, "huber_loss does not support non-positive values for delta, got \(delta)")
        }
        let d = try sub(target), size = try d.abs()
        let near = try d.square().scaled(by: 0.5), far = try (size - 0.5 * delta).scaled(by: delta)
        return try Tensor.select(size.le(Tensor(scalar: .double(delta))), near, far).reduced(reduction)
            .named("HuberLossBackward0")
    }

    /// −w·(t·log x + (1 − t)·log(1 − x)) for probabilities x; logarithms not below −100.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.runtime` for x outside [0, 1], `.shape` if shapes differ.
    public func bceLoss(_ target: Tensor, weight: Tensor? = nil, reduction: Reduction = .mean) throws -> Tensor {
        guard shape == target.shape else {
            throw WorkbenchError(
                .shape,
                "Using a target size (\(bracketed(target.shape))) that is different to the input size "
                    + "(\(bracketed(shape))) is deprecated. Please ensure they have the same size.")
        }
        if count > 0,
            try detached().lt(Tensor(scalar: .int(0))).any().item().isTrue
                || detached().gt(Tensor(scalar: .int(1))).any().item().isTrue
        {
            throw WorkbenchError(
                .runtime, "all elements of input should be between 0 and 1",
                hint: "apply `torch_sigmoid()` first, or use the loss with logits")
        }
        let op = BinaryOp(
            real: { x, t in
                (t - 1) * Swift.max(Glibc.log1p(-x), -100) - t * Swift.max(Glibc.log(x), -100)
            }, whole: { a, _ in a })
        let value = try Tensor.elementwise(op, self, target, type: dtype)
        let learnsTarget = target.requiresGrad
        var loss = Tensor(op: "BinaryCrossEntropyBackward0", value, from: [self, target], saving: [self, target]) {
            [self] dy in
            let mine = try dy.mul(sub(target).div((1 - self).mul(self).clamp(min: 1e-12)))
            guard learnsTarget else { return [mine, nil] }
            return [mine, try dy.mul((1 - self).log().clamp(min: -100).sub(log().clamp(min: -100)))]
        }
        if let weight { loss = try loss.mul(weight) }
        return try loss.reduced(reduction)
    }

    /// The same of the sigmoid of x, without overflow; `posWeight` is a factor for the positive part.
    public func bceWithLogitsLoss(
        _ target: Tensor, weight: Tensor? = nil, posWeight: Tensor? = nil, reduction: Reduction = .mean
    ) throws -> Tensor {
        guard shape == target.shape else {
            throw WorkbenchError(
                .shape,
                "Target size (\(bracketed(target.shape))) must be the same as input size (\(bracketed(shape)))")
        }
        // (1 − t)·x + (1 + (p − 1)·t)·softplus(−x)
        let logs = try logsigmoid().neg()
        var loss = try (1 - target).mul(self)
        if let posWeight {
            loss = try loss.add(((posWeight - 1).mul(target) + 1).mul(logs))
        } else {
            loss = try loss.add(logs)
        }
        loss = loss.named("BinaryCrossEntropyWithLogitsBackward0")
        if let weight { loss = try loss.mul(weight) }
        return try loss.reduced(reduction)
    }

    /// t·(log t − x) for log-probabilities x; `batchMean` divides by the first size instead of the count.
    public func klDivLoss(
        _ target: Tensor, reduction: Reduction = .mean, batchMean: Bool = false, logTarget: Bool = false
    ) throws -> Tensor {
        let loss: Tensor
        if logTarget {
            loss = try target.exp().mul(target.sub(self))
        } else {
            loss = try target.xlogy(target).sub(target.mul(self))
        }
        if batchMean { return try loss.sum().scaled(by: 1 / Double(Swift.max(1, shape.first ?? 1))) }
        return try loss.reduced(reduction)
    }

    /// x·log(y), 0 where x is 0.
    public func xlogy(_ other: Tensor) throws -> Tensor {
        let zero = try Tensor.scalar(.int(0), dtype.isFloating ? dtype : .float32)
        let isZero = try eq(Tensor(scalar: .int(0)))
        let safe = try Tensor.select(isZero, Tensor.scalar(.int(1), other.dtype), other)
        return try Tensor.select(isZero, zero, mul(safe.log())).named("XlogyBackward0")
    }

    /// x·y / (|x|·|y|) along a dimension, norms not below eps.
    public func cosineSimilarity(_ other: Tensor, _ d: Int = 1, eps: Double = 1e-8) throws -> Tensor {
        let a = try norm(2, dims: [d], keepdim: true).clamp(min: eps)
        let b = try other.norm(2, dims: [d], keepdim: true).clamp(min: eps)
        return try div(a).mul(other.div(b)).sum(dims: [d])
    }

    /// |x − y + eps|ₚ over the last dimension.
    public func pairwiseDistance(_ other: Tensor, p: Double = 2, eps: Double = 1e-6, keepdim: Bool = false) throws
        -> Tensor
    {
        try (sub(other) + eps).norm(p, dims: [-1], keepdim: keepdim)
    }

    /// x / max(|x|ₚ, eps) along a dimension.
    public func normalized(p: Double = 2, _ d: Int = 1, eps: Double = 1e-12) throws -> Tensor {
        try div(norm(p, dims: [d], keepdim: true).clamp(min: eps))
    }
}
