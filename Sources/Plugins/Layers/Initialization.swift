import Diagnostics
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
