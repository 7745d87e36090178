import Diagnostics
import PluginAPI
import Tensors

/// `nn_squeeze_excitation()`: weighs the channels of an image by what they hold on average.
///
/// Hu et al., "Squeeze-and-Excitation Networks" (2018): the means of the channels go through two small fully connected
/// layers, relu between them, and a sigmoid; each channel is multiplied by what comes out for it.
enum Squeeze: Plugin {
    static let name = "squeeze"

    static func register(in registry: Registry) {
        let squeeze = registry.namespace("squeeze")
        squeeze.layer(
            "nn_squeeze_excitation",
            [
                .value("channels", help: "channels of the input"),
                .value(
                    "reduction", 16, help: "how many times fewer there are between the two layers, at least one stays"),
            ], help: "Weighs channels by their means: x [N, C, H, W] * sigmoid(W2 relu(W1 mean(x)))"
        ) { layer, args in
            let channels = try size(args, "channels")
            let hidden = max(1, channels / (try size(args, "reduction")))
            let generator = args.context.tensors.generator
            for (number, shape) in [(1, [hidden, channels]), (2, [channels, hidden])] {
                let bound = 1 / Double(shape[1]).squareRoot()
                let weight = try Tensor.empty(shape).uniform_(-bound, bound, generator)
                let bias = try Tensor.empty([shape[0]]).uniform_(-bound, bound, generator)
                layer.setParameter("weight\(number)", try weight.requiresGrad_())
                layer.setParameter("bias\(number)", try bias.requiresGrad_())
            }
            // Tensors come from the layer that is handed in: a copy has its own.
            return { x, layer, _ in
                guard x.dimensions == 4, x.shape[1] == channels else {
                    throw WorkbenchError(
                        .shape, "nn_squeeze_excitation(\(channels)) takes [N, \(channels), H, W], not \(x.shape)")
                }
                guard let weight1 = layer.parameter("weight1"), let weight2 = layer.parameter("weight2") else {
                    throw WorkbenchError(.value, "nn_squeeze_excitation() has lost its weights")
                }
                let means = try x.mean(dims: [2, 3])
                let hidden = try means.linear(weight1, layer.parameter("bias1")).relu()
                let scale = try hidden.linear(weight2, layer.parameter("bias2")).sigmoid()
                return try x.mul(scale.reshape([x.shape[0], channels, 1, 1]))
            }
        }
        squeeze.trial("nn_squeeze_excitation", "nn_squeeze_excitation(8, reduction = 2)", input: [2, 8, 5, 4])
    }
}

private func size(_ args: Arguments, _ name: String) throws -> Int {
    let number = try args.int(name)
    guard (1...65_536).contains(number) else {
        throw WorkbenchError(.value, "`\(name)` must be from 1 to 65536, not \(number)")
    }
    return number
}

@c(workbench_plugin)
public func entry(_ host: UnsafeMutableRawPointer, _ abi: Int32) -> Int32 { load(Squeeze.self, into: host, abi: abi) }
