import Diagnostics
import Glibc
import PluginAPI
import Tensors

/// `nn_init_…_()`: fill a tensor in place, without gradients, and return it.
func registerInitialization(_ torch: Namespace) {
    func fill(
        _ name: String, _ parameters: [Parameter], help: String, _ change: @escaping (Tensor, Arguments) throws -> Void
    ) {
        torch.function("nn_init_\(name)", [.value("tensor")] + parameters, help: help) { args in
            let tensor = try args.tensor("tensor")
            try withoutGradients { try change(tensor, args) }
            return args[0]
        }
    }
    fill("uniform_", [.value("a", 0), .value("b", 1)], help: "Uniform numbers in [a, b)") { x, args in
        _ = try x.uniform_(try args.real("a"), try args.real("b"), args.context.tensors.generator)
    }
    fill("normal_", [.value("mean", 0), .value("std", 1)], help: "Normal numbers") { x, args in
        _ = try x.normal_(try args.real("mean"), try args.real("std"), args.context.tensors.generator)
    }
    fill("constant_", [.value("val")], help: "One number") { x, args in _ = try x.fill_(try args.scalar("val")) }
    fill("ones_", [], help: "Ones") { x, _ in _ = try x.fill_(.int(1)) }
    fill("zeros_", [], help: "Zeros") { x, _ in _ = try x.zero_() }
    fill("eye_", [], help: "The identity matrix") { x, _ in
        guard x.dimensions == 2 else { throw WorkbenchError(.shape, "Only tensors with 2 dimensions are supported") }
        _ = try x.copy_(Tensor.eye(x.shape[0], x.shape[1], x.dtype))
    }
    fill("xavier_uniform_", [.value("gain", 1)], help: "Uniform within ±gain·√(6 / (in + out))") { x, args in
        _ = try Initializers.xavierUniform(x, gain: try args.real("gain"), args.context.tensors.generator)
    }
    fill("xavier_normal_", [.value("gain", 1)], help: "Normal with deviation gain·√(2 / (in + out))") { x, args in
        _ = try Initializers.xavierNormal(x, gain: try args.real("gain"), args.context.tensors.generator)
    }
    fill(
        "trunc_normal_", [.value("mean", 0), .value("std", 1), .value("a", -2), .value("b", 2)],
        help: "Normal numbers between a and b"
    ) { x, args in
        let (mean, std) = (try args.real("mean"), try args.real("std"))
        let (low, high) = (try args.real("a"), try args.real("b"))
        guard std > 0, low < high else {
            throw WorkbenchError(
                .value,
                "nn_init_trunc_normal_(): std must be positive and a below b, not "
                    + "\(numberText(std)), \(numberText(low)), \(numberText(high))")
        }
        if mean < low - 2 * std || mean > high + 2 * std {
            try args.context.warn(
                "mean is more than 2 std from [a, b] in nn_init_trunc_normal_. "
                    + "The distribution of values may be incorrect.", call: args.call)
        }
        func share(_ bound: Double) -> Double { (1 + erf((bound - mean) / std / 2.0.squareRoot())) / 2 }
        _ = try x.uniform_(2 * share(low) - 1, 2 * share(high) - 1, args.context.tensors.generator)
        let scaled = try x.erfinv().mul(Tensor(scalar: .double(std * 2.0.squareRoot())))
            .add(Tensor(scalar: .double(mean)))
        _ = try x.copy_(scaled.clamp(min: low, max: high))
    }
    fill("orthogonal_", [.value("gain", 1)], help: "Rows or columns at right angles, of length gain") { x, args in
        guard x.dimensions >= 2 else {
            throw WorkbenchError(.value, "Only tensors with 2 or more dimensions are supported")
        }
        let rows = x.shape[0]
        let columns = rows == 0 ? 0 : x.count / rows
        let drawn = try Tensor.empty([rows, columns], .float32).normal_(0, 1, args.context.tensors.generator)
        let numbers = try drawn.to(.float64).toArray(of: Double.self)
        let result = orthonormal(numbers, rows, columns)
        let gain = try args.real("gain")
        _ = try x.copy_(Tensor(result.map { $0 * gain }, shape: x.shape).to(x.dtype))
    }
    let kaiming: [Parameter] = [.value("a", 0), .value("mode", "fan_in"), .value("nonlinearity", "leaky_relu")]
    fill("kaiming_uniform_", kaiming, help: "Uniform within ±gain·√(3 / fan)") { x, args in
        let (fan, gain) = try kaimingSettings(args)
        _ = try Initializers.kaimingUniform(x, gain, fan: fan, args.context.tensors.generator)
    }
    fill("kaiming_normal_", kaiming, help: "Normal with deviation gain / √fan") { x, args in
        let (fan, gain) = try kaimingSettings(args)
        _ = try Initializers.kaimingNormal(x, gain, fan: fan, args.context.tensors.generator)
    }
    torch.function(
        "nn_init_calculate_gain", [.value("nonlinearity"), .value("param", nil)],
        help: "The gain recommended for a nonlinearity"
    ) { args in
        .number(try nonlinearity(try args.string("nonlinearity"), slope: try args.optionalReal("param") ?? 0.01).gain)
    }
}

/// The nearest side by side: rows (or columns, whichever are fewer) of a row-major matrix made orthonormal, each against
/// those before it. That is the Q of a QR decomposition whose R has a positive diagonal.
private func orthonormal(_ numbers: [Double], _ rows: Int, _ columns: Int) -> [Double] {
    var result = numbers
    let byRows = rows < columns
    let (count, length) = byRows ? (rows, columns) : (columns, rows)
    func place(_ vector: Int, _ i: Int) -> Int { byRows ? vector * columns + i : i * columns + vector }
    for k in 0..<count {
        // Twice, as the first time rounding leaves a rest.
        for _ in 0..<2 {
            for j in 0..<k {
                var product = 0.0
                for i in 0..<length { product += result[place(k, i)] * result[place(j, i)] }
                for i in 0..<length { result[place(k, i)] -= product * result[place(j, i)] }
            }
        }
        var square = 0.0
        for i in 0..<length { square += result[place(k, i)] * result[place(k, i)] }
        let size = square.squareRoot()
        guard size > 0 else { continue }
        for i in 0..<length { result[place(k, i)] /= size }
    }
    return result
}

private func kaimingSettings(_ args: Arguments) throws -> (Initializers.Fan, Initializers.Nonlinearity) {
    let fan: Initializers.Fan
    switch try args.string("mode") {
    case "fan_in": fan = .in
    case "fan_out": fan = .out
    case let word: throw WorkbenchError(.value, "mode = \"\(word)\" is not known", hint: "fan_in or fan_out")
    }
    return (fan, try nonlinearity(try args.string("nonlinearity"), slope: try args.real("a")))
}

private func nonlinearity(_ name: String, slope: Double) throws -> Initializers.Nonlinearity {
    switch name {
    case "linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "sigmoid":
        return .linear
    case "tanh": return .tanh
    case "relu": return .relu
    case "leaky_relu": return .leakyRelu(slope: slope)
    default:
        throw WorkbenchError(
            .value, "Unsupported nonlinearity \(name)", hint: "linear, conv2d, sigmoid, tanh, relu or leaky_relu")
    }
}
