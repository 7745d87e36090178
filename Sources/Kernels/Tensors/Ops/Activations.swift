import CKernels
import Diagnostics
import Glibc

// Definitions: torch.nn.functional. Each takes any floating tensor and keeps its shape and order in memory.
extension Tensor {
    /// max(x, 0).
    public func relu() throws -> Tensor {
        let op = UnaryOp(kernel: KERNEL_RELU, real: { $0 <= 0 ? 0 : $0 }, whole: { Swift.max($0, 0) })
        return Tensor(op: "ReluBackward0", try elementwise(op), from: [self]) { (dy, y) in
            [try dy.thresholded(by: y)]
        }
    }

    /// An operation given by its definition and its slope, the slope as an operation on x.
    private func activation(
        _ name: String, _ op: UnaryOp, slope: @escaping (Tensor) throws -> Tensor
    ) throws -> Tensor {
        guard dtype.isFloating else {
            throw WorkbenchError(.runtime, "\(name.dropLast(9)) is not implemented for '\(dtype.torchName)'")
        }
        return Tensor(op: name, try elementwise(op), from: [self], saving: [self]) { [self] dy in
            [try dy.mul(slope(self))]
        }
    }

    /// 1 where the predicate holds, else 0, in the type of x.
    private static func indicator(_ x: Tensor, _ f: @escaping (Double) -> Bool) throws -> Tensor {
        try x.elementwise(UnaryOp(real: { f($0) ? 1 : 0 }))
    }

    /// x clamped to [0, 6].
    public func relu6() throws -> Tensor { try hardtanh(0, 6).named("HardtanhBackward0") }

    /// x clamped to [low, high]; no gradient at the ends.
    public func hardtanh(_ low: Double = -1, _ high: Double = 1) throws -> Tensor {
        guard low <= high else {
            throw WorkbenchError(.value, "max_val must be larger than min_val, got \(low) and \(high)")
        }
        let op = UnaryOp(
            kernel: KERNEL_CLAMP, p: low, q: high, real: { $0.isNaN ? $0 : Swift.min(Swift.max($0, low), high) })
        return try activation("HardtanhBackward0", op) { try Tensor.indicator($0) { $0 > low && $0 < high } }
    }

    /// x above 0, slope·x below.
    public func leakyRelu(_ slope: Double = 0.01) throws -> Tensor {
        let op = UnaryOp(kernel: KERNEL_LEAKY_RELU, p: slope, real: { $0 > 0 ? $0 : $0 * slope })
        return try activation("LeakyReluBackward0", op) { x in
            try x.elementwise(UnaryOp(real: { $0 > 0 ? 1 : slope }))
        }
    }

    /// x above 0, weight·x below, with one weight or one for each channel (dimension 1).
    ///
    /// - Gradient: with respect to x and weight.
    public func prelu(_ weight: Tensor) throws -> Tensor {
        guard weight.count == 1 || (dimensions >= 2 && weight.count == shape[1]) else {
            throw WorkbenchError(
                .shape,
                "Mismatch of parameter numbers and input channel size. Found parameter numbers = \(weight.count) and "
                    + "channel size = \(dimensions >= 2 ? shape[1] : 1).")
        }
        var wide = [Int](repeating: 1, count: dimensions)
        if weight.count > 1 { wide[1] = weight.count }
        let factor = try weight.reshape(wide)
        return try Tensor.select(gt(Tensor(scalar: .int(0))), self, mul(factor)).named("PreluKernelBackward0")
    }

    /// x above 0, alpha·(eˣ − 1) below.
    public func elu(_ alpha: Double = 1) throws -> Tensor {
        try activation("EluBackward0", UnaryOp(real: { $0 > 0 ? $0 : alpha * Glibc.expm1($0) })) { x in
            try Tensor.select(x.gt(Tensor(scalar: .int(0))), x.onesLike(), x.clamp(max: 0).exp().scaled(by: alpha))
        }
    }

    /// scale·elu(x, alpha) with the two constants of Klambauer and others, 2017.
    public func selu() throws -> Tensor {
        let alpha = 1.6732632423543772848170429916717, scale = 1.0507009873554804934193349852946
        let op = UnaryOp(real: { $0 > 0 ? scale * $0 : scale * alpha * Glibc.expm1($0) })
        return try activation("EluBackward0", op) { x in
            try Tensor.select(x.gt(Tensor(scalar: .int(0))), x.onesLike(), x.clamp(max: 0).exp().scaled(by: alpha))
                .scaled(by: scale)
        }
    }

    /// max(0, x) + min(0, alpha·(e^(x/alpha) − 1)).
    public func celu(_ alpha: Double = 1) throws -> Tensor {
        guard alpha != 0 else { throw WorkbenchError(.value, "ZeroDivisionError: alpha cannot be 0 for CELU") }
        return try activation("EluBackward0", UnaryOp(real: { $0 > 0 ? $0 : alpha * Glibc.expm1($0 / alpha) })) { x in
            try Tensor.select(x.gt(Tensor(scalar: .int(0))), x.onesLike(), x.clamp(max: 0).scaled(by: 1 / alpha).exp())
        }
    }

    /// x·Φ(x), with the normal distribution function or its tanh approximation.
    public func gelu(tanh approximate: Bool = false) throws -> Tensor {
        let k = (2 / Double.pi).squareRoot(), c = 0.044715
        if approximate {
            let op = UnaryOp(real: { 0.5 * $0 * (1 + Glibc.tanh(k * ($0 + c * $0 * $0 * $0))) })
            return try activation("GeluBackward0", op) { x in
                let square = try x.square()
                let t = try x.mul(square.scaled(by: c) + 1).scaled(by: k).tanh()
                let inner = try (square.scaled(by: 3 * c) + 1).scaled(by: k)
                return try (t + 1).scaled(by: 0.5).add(x.scaled(by: 0.5).mul(1 - t.square()).mul(inner))
            }
        }
        let op = UnaryOp(real: { $0 * 0.5 * Glibc.erfc(-$0 * 0.5.squareRoot()) })
        return try activation("GeluBackward0", op) { x in
            let cdf = try (x.scaled(by: 0.5.squareRoot()).erf() + 1).scaled(by: 0.5)
            let pdf = try x.square().scaled(by: -0.5).exp().scaled(by: 1 / (2 * Double.pi).squareRoot())
            return try cdf.add(x.mul(pdf))
        }
    }

    /// 1 / (1 + e⁻ˣ).
    public func sigmoid() throws -> Tensor {
        let op = UnaryOp(kernel: KERNEL_SIGMOID, real: { 1 / (1 + Glibc.exp(-$0)) })
        return Tensor(op: "SigmoidBackward0", try elementwise(op), from: [self]) { (dy, y) in
            [try dy.mul(y.mul(1 - y))]
        }
    }

    /// Hyperbolic tangent.
    public func tanh() throws -> Tensor {
        let op = UnaryOp(kernel: KERNEL_TANH, real: { Glibc.tanh($0) })
        return Tensor(op: "TanhBackward0", try elementwise(op), from: [self]) { (dy, y) in
            [try dy.mul(1 - y.square())]
        }
    }

    /// x·sigmoid(x).
    public func silu() throws -> Tensor {
        let op = UnaryOp(kernel: KERNEL_SILU, real: { $0 / (1 + Glibc.exp(-$0)) })
        return try activation("SiluBackward0", op) { x in
            let s = try x.sigmoid()
            return try s.mul(x.mul(1 - s) + 1)
        }
    }

    /// x·tanh(softplus(x)).
    public func mish() throws -> Tensor {
        try activation("MishBackward0", UnaryOp(real: { $0 * Glibc.tanh(Glibc.log1p(Glibc.exp($0))) })) { x in
            let t = try x.softplus().tanh()
            return try t.add(x.mul(x.sigmoid()).mul(1 - t.square()))
        }
    }

    /// clamp(x/6 + 1/2, 0, 1).
    public func hardsigmoid() throws -> Tensor {
        try activation("HardsigmoidBackward0", UnaryOp(real: { Swift.min(Swift.max($0 + 3, 0), 6) / 6 })) {
            try $0.elementwise(UnaryOp(real: { $0 > -3 && $0 < 3 ? 1 / 6.0 : 0 }))
        }
    }

    /// x·hardsigmoid(x).
    public func hardswish() throws -> Tensor {
        try activation("HardswishBackward0", UnaryOp(real: { $0 * Swift.min(Swift.max($0 + 3, 0), 6) / 6 })) { x in
            let ramp = try x.scaled(by: 1 / 3.0) + 0.5
            let zero = try Tensor.scalar(.int(0), x.dtype), one = try Tensor.scalar(.int(1), x.dtype)
            return try Tensor.select(
                x.le(Tensor(scalar: .int(-3))), zero, Tensor.select(x.lt(Tensor(scalar: .int(3))), ramp, one))
        }
    }

    /// log(1 + e^(beta·x)) / beta; x itself where beta·x > threshold.
    public func softplus(beta: Double = 1, threshold: Double = 20) throws -> Tensor {
        let op = UnaryOp(real: { $0 * beta > threshold ? $0 : Glibc.log1p(Glibc.exp($0 * beta)) / beta })
        return try activation("SoftplusBackward0", op) { x in
            let scaled = try x.scaled(by: beta)
            return try Tensor.select(scaled.gt(Tensor(scalar: .double(threshold))), x.onesLike(), scaled.sigmoid())
        }
    }

    /// x / (1 + |x|).
    public func softsign() throws -> Tensor {
        try activation("SoftsignBackward0", UnaryOp(real: { $0 / (1 + Swift.abs($0)) })) {
            try ($0.abs() + 1).square().reciprocal()
        }
    }

    /// x drawn toward 0 by lambda, 0 within.
    public func softshrink(_ lambda: Double = 0.5) throws -> Tensor {
        guard lambda >= 0 else {
            throw WorkbenchError(.value, "lambda must be greater or equal to 0, but found to be \(lambda).")
        }
        let op = UnaryOp(real: { $0 > lambda ? $0 - lambda : $0 < -lambda ? $0 + lambda : $0.isNaN ? $0 : 0 })
        return try activation("SoftshrinkBackward0", op) { try Tensor.indicator($0) { $0 > lambda || $0 < -lambda } }
    }

    /// x, but 0 within ±lambda.
    public func hardshrink(_ lambda: Double = 0.5) throws -> Tensor {
        try activation("HardshrinkBackward0", UnaryOp(real: { $0 >= -lambda && $0 <= lambda ? 0 : $0 })) {
            try Tensor.indicator($0) { !($0 >= -lambda && $0 <= lambda) }
        }
    }

    /// x − tanh(x).
    public func tanhshrink() throws -> Tensor { try sub(tanh()) }

    /// x above the threshold, a fixed value elsewhere.
    public func threshold(_ threshold: Double, _ value: Double) throws -> Tensor {
        try activation("ThresholdBackward0", UnaryOp(real: { $0 <= threshold ? value : $0 })) {
            try Tensor.indicator($0) { $0 > threshold }
        }
    }

    /// First half times the sigmoid of the second, along a dimension of even size.
    public func glu(_ d: Int = -1) throws -> Tensor {
        let axis = try dimension(d)
        guard dimensions > 0, shape[axis] % 2 == 0 else {
            throw WorkbenchError(
                .shape,
                "Halving dimension must be even, but dimension \(axis + 1) is size \(shape.isEmpty ? 1 : shape[axis])")
        }
        let halves = try split(Swift.max(1, shape[axis] / 2), axis)
        return try halves[0].mul((halves.count > 1 ? halves[1] : halves[0]).sigmoid()).named("GluBackward0")
    }

    /// log(sigmoid(x)), without overflow.
    public func logsigmoid() throws -> Tensor {
        let op = UnaryOp(real: { Swift.min($0, 0) - Glibc.log1p(Glibc.exp(-Swift.abs($0))) })
        return try activation("LogSigmoidBackward0", op) { try $0.neg().sigmoid() }
    }
}

extension Tensor {
    /// 0 where y ≤ 0, else its elements (also where y is NaN): the gradient of a ReLU with the output y.
    func thresholded(by y: Tensor) throws -> Tensor {
        let y = y.detached()
        return Tensor(
            op: "ThresholdBackward0", try Tensor.elementwise(.reluBackward, self, y), from: [self], saving: [y]
        ) {
            d in
            [try d.thresholded(by: y)]
        }
    }
}
