import Diagnostics

/// Rules for the initial weights of layers; each fills a tensor in place, without record.
///
/// - Source: torch's `nn_init_*`: Glorot & Bengio 2010 (xavier), He et al. 2015 (kaiming).
public enum Initializers {
    /// Which side of a weight a fan counts.
    public enum Fan: Sendable {
        /// Inputs of one output.
        case `in`
        /// Outputs of one input.
        case out
    }

    /// The factor recommended for the activation that follows.
    public enum Nonlinearity: Sendable {
        /// None, convolution, sigmoid: 1.
        case linear
        /// 5/3.
        case tanh
        /// √2.
        case relu
        /// √(2 / (1 + slope²)).
        case leakyRelu(slope: Double)
        /// 3/4.
        case selu

        /// The factor.
        public var gain: Double {
            switch self {
            case .linear: 1
            case .tanh: 5.0 / 3
            case .relu: 2.0.squareRoot()
            case .leakyRelu(let slope): (2 / (1 + slope * slope)).squareRoot()
            case .selu: 0.75
            }
        }
    }

    /// Inputs of an output and outputs of an input of a weight `[out, in, kernel…]`.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.value` for fewer than two dimensions.
    public static func fans(_ weight: Tensor) throws -> (in: Int, out: Int) {
        guard weight.dimensions >= 2 else {
            throw WorkbenchError(
                .value, "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
        }
        let field = weight.shape[2...].reduce(1, *)
        return (weight.shape[1] * field, weight.shape[0] * field)
    }

    /// Uniform in ±√3·gain/√fan.
    @discardableResult
    public static func kaimingUniform(
        _ x: Tensor, _ nonlinearity: Nonlinearity = .leakyRelu(slope: 0), fan: Fan = .in, _ generator: Generator
    ) throws -> Tensor {
        let fans = try fans(x)
        let std = nonlinearity.gain / Double(fan == .in ? fans.in : fans.out).squareRoot()
        let bound = 3.0.squareRoot() * std
        return try withoutGradients { try x.uniform_(-bound, bound, generator) }
    }

    /// Normal with standard deviation gain/√fan.
    @discardableResult
    public static func kaimingNormal(
        _ x: Tensor, _ nonlinearity: Nonlinearity = .leakyRelu(slope: 0), fan: Fan = .in, _ generator: Generator
    ) throws -> Tensor {
        let fans = try fans(x)
        let std = nonlinearity.gain / Double(fan == .in ? fans.in : fans.out).squareRoot()
        return try withoutGradients { try x.normal_(0, std, generator) }
    }

    /// Uniform in ±gain·√(6 / (fan in + fan out)).
    @discardableResult
    public static func xavierUniform(_ x: Tensor, gain: Double = 1, _ generator: Generator) throws -> Tensor {
        let fans = try fans(x)
        let bound = 3.0.squareRoot() * (gain * (2 / Double(fans.in + fans.out)).squareRoot())
        return try withoutGradients { try x.uniform_(-bound, bound, generator) }
    }

    /// Normal with standard deviation gain·√(2 / (fan in + fan out)).
    @discardableResult
    public static func xavierNormal(_ x: Tensor, gain: Double = 1, _ generator: Generator) throws -> Tensor {
        let fans = try fans(x)
        let std = gain * (2 / Double(fans.in + fans.out)).squareRoot()
        return try withoutGradients { try x.normal_(0, std, generator) }
    }

    /// Weights of a linear or convolutional layer: kaiming uniform with a = √5, that is ±1/√(fan in).
    @discardableResult
    public static func layerWeight(_ weight: Tensor, _ generator: Generator) throws -> Tensor {
        try kaimingUniform(weight, .leakyRelu(slope: 5.0.squareRoot()), generator)
    }

    /// Bias of such a layer: uniform in ±1/√(fan in of its weight).
    @discardableResult
    public static func layerBias(_ bias: Tensor, weight: Tensor, _ generator: Generator) throws -> Tensor {
        let fan = try fans(weight).in
        let bound = fan > 0 ? 1 / Double(fan).squareRoot() : 0
        return try withoutGradients { try bias.uniform_(-bound, bound, generator) }
    }
}
