import Diagnostics
import PluginAPI
import Tensors

/// `nn_conv2d()` once more, from outside: what `library(plainconv, override = TRUE)` puts in the place of the built-in one.
///
/// It has the weights, the draws and, because it says as data what it computes, the speed of the built-in layer: a net
/// sees its neighbours and computes them together. Padding is with zeros.
enum PlainConvolution: Plugin {
    static let name = "plainconv"

    static func register(in registry: Registry) {
        let plainconv = registry.namespace("plainconv")
        plainconv.layer(
            "nn_conv2d",
            [
                .value("in_channels", help: "channels of the input"), .value("out_channels", help: "number of filters"),
                .value("kernel_size", help: "side of the filters"), .value("stride", 1, help: "pixels between windows"),
                .value("padding", 0, help: "zero pixels around the image"), .value("dilation", 1),
                .value("groups", 1, help: "groups of channels convolved apart"), .value("bias", true),
            ], help: "Convolution over images [N, C, H, W]"
        ) { layer, args in
            func size(_ name: String, from least: Int = 1) throws -> Int {
                let size = try args.int(name)
                guard (least...65536).contains(size) else {
                    throw WorkbenchError(.value, "`\(name)` must be from \(least) to 65536, not \(size)")
                }
                return size
            }
            let inputs = try size("in_channels"), filters = try size("out_channels"), side = try size("kernel_size")
            let stride = try size("stride"), padding = try size("padding", from: 0), dilation = try size("dilation")
            let groups = try size("groups")
            guard inputs % groups == 0, filters % groups == 0 else {
                throw WorkbenchError(.value, "\(inputs) and \(filters) channels cannot be split into \(groups) groups")
            }
            let generator = args.context.tensors.generator
            let weight = try Tensor.empty([filters, inputs / groups, side, side])
            _ = try Initializers.layerWeight(weight, generator)
            layer.setParameter("weight", try weight.requiresGrad_())
            if try args.flag("bias") {
                let bias = try Initializers.layerBias(Tensor.empty([filters]), weight: weight, generator)
                layer.setParameter("bias", try bias.requiresGrad_())
            } else {
                layer.setParameter("bias", nil)
            }
            // Tensors come from the layer that is handed in: a copy has its own.
            func stage(_ layer: Module) -> ConvolutionStage? {
                layer.parameter("weight").map {
                    ConvolutionStage(
                        weight: $0, bias: layer.parameter("bias"), stride: [stride], padding: .pixels([padding]),
                        dilation: [dilation], groups: groups)
                }
            }
            layer.describe(stage)
            return { x, layer, _ in
                guard let stage = stage(layer) else {
                    throw WorkbenchError(.value, "nn_conv2d() has lost its weight")
                }
                return try stage.apply(x)
            }
        }
        plainconv.trial("nn_conv2d", "nn_conv2d(3, 4, 3, padding = 1)", input: [2, 3, 6, 5])
    }
}

/// What `library(plainconv)` calls.
@c(workbench_plugin)
public func entry(_ host: UnsafeMutableRawPointer, _ abi: Int32) -> Int32 {
    load(PlainConvolution.self, into: host, abi: abi)
}
