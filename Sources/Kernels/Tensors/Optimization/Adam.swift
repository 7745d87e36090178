import CKernels
import Diagnostics

/// One step of Adam (or AdamW) on one parameter, in a single pass over it.
///
/// - Source: Kingma & Ba 2015; decoupled decay: Loshchilov & Hutter 2019; order of operations as in R torch's optim_adam.
public struct AdamStep: Sendable {
    /// Learning rate.
    public var lr: Double
    /// Decay of the gradient's running mean.
    public var beta1: Double
    /// Decay of the squared gradient's running mean.
    public var beta2: Double
    /// Added to the denominator.
    public var eps: Double
    /// Factor of the parameter that is added to the gradient (Adam) or taken off the parameter (AdamW).
    public var weightDecay: Double
    /// Whether decay acts on the parameter directly.
    public var decoupled: Bool

    /// The settings of a step.
    public init(
        lr: Double, beta1: Double = 0.9, beta2: Double = 0.999, eps: Double = 1e-8, weightDecay: Double = 0,
        decoupled: Bool = false
    ) {
        self.lr = lr
        self.beta1 = beta1
        self.beta2 = beta2
        self.eps = eps
        self.weightDecay = weightDecay
        self.decoupled = decoupled
    }

    /// Moves a parameter and its running means.
    ///
    /// float32 tensors of one dense order in memory take the fused kernel, others the plain formula below.
    ///
    /// - Parameters:
    ///   - parameter: Changed in place.
    ///   - gradient: Of the same shape.
    ///   - mean: Running mean of gradients, changed in place; 0 to begin with.
    ///   - square: Running mean of squared gradients, likewise.
    ///   - step: Number of this step, from 1.
    /// - Throws: ``WorkbenchError`` of kind `.shape` if shapes differ.
    public func apply(_ parameter: Tensor, gradient: Tensor, mean: Tensor, square: Tensor, step: Int) throws {
        guard parameter.shape == gradient.shape, mean.shape == parameter.shape, square.shape == parameter.shape else {
            throw WorkbenchError(
                .shape,
                "a gradient of shape \(bracketed(gradient.shape)) for a parameter of \(bracketed(parameter.shape))")
        }
        let correction1 = 1 - power(beta1, step), correction2 = 1 - power(beta2, step)
        let all = [parameter, gradient, mean, square]
        if all.allSatisfy({ $0.dtype == .float32 && $0.isDense && $0.strides == parameter.strides }) {
            let settings = KernelAdam(
                beta1: Float(beta1), beta2: Float(beta2), eps: Float(eps), stepSize: Float(lr / correction1),
                biasCorrection2Sqrt: Float(correction2.squareRoot()), weightDecay: decoupled ? 0 : Float(weightDecay),
                decoupledDecay: decoupled ? Float(1 - lr * weightDecay) : 1)
            let pointers = all.map { $0.typed(Float.self) }
            parallelRanges(parameter.count, grain: 16384) { range, _ in
                let at = range.lowerBound
                kernel_adam_f32(
                    pointers[0] + at, pointers[1] + at, pointers[2] + at, pointers[3] + at, range.count, settings)
            }
        } else {
            try withoutGradients { try plain(parameter, gradient, mean, square, correction1, correction2) }
        }
        for tensor in [parameter, mean, square] { tensor.storage.version += 1 }
    }

    /// The definition, with tensor operations: the reference of the fused kernel.
    func plain(
        _ p: Tensor, _ gradient: Tensor, _ m: Tensor, _ v: Tensor, _ correction1: Double, _ correction2: Double
    ) throws {
        var g = gradient
        if weightDecay != 0 {
            if decoupled {
                try p.mul_(Tensor(scalar: .double(1 - lr * weightDecay)))
            } else {
                g = try g.add(p, alpha: weightDecay)
            }
        }
        try m.mul_(Tensor(scalar: .double(beta1))).add_(g, alpha: 1 - beta1)
        try v.mul_(Tensor(scalar: .double(beta2))).addcmul_(g, g, value: 1 - beta2)
        let denominator = try v.sqrt().div(Tensor(scalar: .double(correction2.squareRoot()))) + eps
        try p.addcdiv_(m, denominator, value: -lr / correction1)
    }

    private func power(_ base: Double, _ n: Int) -> Double {
        var result = 1.0, factor = base, rest = n
        while rest > 0 {
            if rest & 1 == 1 { result *= factor }
            factor *= factor
            rest >>= 1
        }
        return result
    }
}

/// Scales gradients together so that their joint norm is at most `maximum`, in place.
///
/// - Parameters:
///   - parameters: Those without a gradient are passed over.
///   - maximum: Largest norm allowed.
///   - norm: Which norm: 2, another p, or infinity.
/// - Returns: The joint norm before.
public func clipGradientNorm(_ parameters: [Tensor], maximum: Double, norm p: Double = 2) throws -> Tensor {
    let gradients = parameters.compactMap(\.grad)
    guard !gradients.isEmpty else { return try Tensor.zeros([]) }
    return try withoutGradients {
        let norms = try Tensor.stack(gradients.map { try $0.norm(p).to(.float32) })
        let total = try p.isInfinite ? norms.amax() : norms.norm(p)
        let factor = maximum / (try total.item().doubleValue + 1e-6)
        if factor < 1 { for gradient in gradients { try gradient.mul_(Tensor(scalar: .double(factor))) } }
        return total
    }
}

/// Brings every element of the gradients into ±`limit`, in place.
public func clipGradientValue(_ parameters: [Tensor], limit: Double) throws {
    try withoutGradients {
        for gradient in parameters.compactMap(\.grad) {
            try gradient.inPlace { try $0.clamp(min: -limit, max: limit) }
        }
    }
}
