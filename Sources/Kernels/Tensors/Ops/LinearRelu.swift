import CKernels

extension Tensor {
    /// `relu(x·weightᵀ + bias)·mask` of single-precision matrices.
    ///
    /// - Parameter mask: A constant ≥ 0 of the result's shape, contiguous, which is used up: −1 is written over it where
    ///   the product is 0 or less. Nil for ones.
    /// - Gradient: with respect to x, weight and bias; to any order, because the slope is a constant.
    func linearRelu(_ weight: Tensor, _ bias: Tensor?, mask: Tensor?) throws -> Tensor {
        let y = try linearElements(weight, bias)
        let numbers = y.typed(Float.self), slopes = mask?.typed(Float.self)
        // A piece goes through all steps before it leaves the nearest cache.
        let piece = 4096
        parallelRanges((y.count + piece - 1) / piece, grain: 8) { range, _ in
            for at in stride(from: range.lowerBound * piece, to: range.upperBound * piece, by: piece) {
                let (z, n) = (numbers + at, Swift.min(piece, y.count - at))
                if let slopes {
                    let m = slopes + at
                    for i in 0..<n {
                        let (product, kept) = (z[i], m[i])
                        z[i] = (product <= 0 ? 0 : product) * kept
                        m[i] = product <= 0 ? -1 : kept
                    }
                } else {
                    kernel_unary_f32(KERNEL_RELU, z, 1, z, 1, n, 0, 0)
                }
            }
        }
        let x = weight.requiresGrad ? self : nil, w = requiresGrad ? weight : nil
        let needsBias = bias?.requiresGrad ?? false
        func gradients(_ slope: Tensor) throws -> [Tensor?] {
            let gradients = [
                try w.map { try slope.mm($0) }, try x.map { try slope.t().mm($0) },
                needsBias ? try slope.sum(dims: [0]) : nil,
            ]
            return bias == nil ? Array(gradients.prefix(2)) : gradients
        }
        let inputs = [self, weight] + (bias.map { [$0] } ?? []), saved = [x, w].compactMap { $0 }
        guard let mask else {
            return Tensor(op: "ReluBackward0", y, from: inputs, saving: saved) { dy, y in
                try gradients(dy.thresholded(by: y))
            }
        }
        return Tensor(op: "MulBackward0", y, from: inputs, saving: saved) { dy in
            // A gradient that is not finite ends at a unit that is off, but not at one that was dropped.
            try gradients(dy.mul(mask).thresholded(by: mask + 1))
        }
    }
}
