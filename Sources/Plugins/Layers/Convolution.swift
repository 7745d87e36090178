import Diagnostics
import PluginAPI
import Tensors

/// Settings of a convolution read from R's arguments.
struct ConvolutionSettings {
    let stride: [Int]
    let padding: Tensor.Padding
    let paddingMode: PadMode
    let dilation: [Int]
    let groups: Int

    init(_ args: Arguments, spatial: Int) throws {
        stride = try extents(args, "stride", spatial)
        dilation = try extents(args, "dilation", spatial)
        groups = try args.int("groups")
        if case .character = args["padding"] {
            switch try args.string("padding") {
            case "same": padding = .same
            case "valid": padding = .valid
            case let word:
                throw WorkbenchError(
                    .value, "padding = \"\(word)\" is not known", hint: "a number, \"same\" or \"valid\"")
            }
        } else {
            padding = .pixels(try extents(args, "padding", spatial, from: 0))
        }
        if args.has("padding_mode") {
            let word = try args.string("padding_mode")
            switch word {
            case "zeros": paddingMode = .constant
            case "reflect": paddingMode = .reflect
            case "replicate": paddingMode = .replicate
            case "circular": paddingMode = .circular
            default:
                throw WorkbenchError(
                    .value, "padding_mode = \"\(word)\" is not known", hint: "zeros, reflect, replicate or circular")
            }
        } else {
            paddingMode = .constant
        }
    }

    /// The input padded in another way than with zeros, and the padding that is left to do.
    func padded(_ x: Tensor, kernel: [Int]) throws -> (Tensor, Tensor.Padding) {
        guard paddingMode != .constant else { return (x, padding) }
        var amounts: [Int] = []
        for d in kernel.indices.reversed() {
            switch padding {
            case .pixels(let pixels):
                let amount = pixels[pixels.count == 1 ? 0 : d]
                amounts += [amount, amount]
            case .same:
                let total = dilation[dilation.count == 1 ? 0 : d] * (kernel[d] - 1)
                amounts += [total / 2, total - total / 2]
            }
        }
        return (try x.pad(amounts, mode: paddingMode), .valid)
    }
}

/// One number, or one for each spatial dimension.
func extents(_ args: Arguments, _ name: String, _ spatial: Int, from low: Int = 1) throws -> [Int] {
    let numbers = try args.wholeNumbers(name)
    guard numbers.count == 1 || numbers.count == spatial, numbers.allSatisfy({ $0 >= low }) else {
        throw WorkbenchError(
            .value,
            "`\(name)` must be one or \(spatial) whole numbers from \(low), not "
                + numbers.map { String($0) }.joined(separator: ", "))
    }
    return numbers.count == 1 ? [Int](repeating: numbers[0], count: spatial) : numbers
}

private let settingParameters: [Parameter] = [
    .value("stride", 1, help: "pixels between windows"),
    .value("padding", 0, help: "zero pixels on each side; \"same\" or \"valid\""),
    .value("dilation", 1, help: "pixels between the taps of a filter"),
    .value("groups", 1, help: "groups of channels convolved apart"), .value("bias", true),
    .value("padding_mode", "zeros", help: "zeros, reflect, replicate or circular"),
]

/// `nn_conv1d()`, `nn_conv2d()`, `nn_conv_transpose2d()` and their functions; weights [out, in / groups, kernel…].
func registerConvolutions(_ torch: Namespace) {
    for spatial in [1, 2] {
        torch.layer(
            "nn_conv\(spatial)d", inherits: ["nn_conv_nd"],
            [.value("in_channels"), .value("out_channels"), .value("kernel_size")] + settingParameters,
            help: "Convolution over \(spatial == 1 ? "a sequence [N, C, L]" : "images [N, C, H, W]")"
        ) { layer, args in
            let kernel = try extents(args, "kernel_size", spatial)
            let settings = try ConvolutionSettings(args, spatial: spatial)
            try setUpWeights(layer, args, kernel, groups: settings.groups, transposed: false)
            if spatial == 2, settings.paddingMode == .constant {
                layer.describe { layer in
                    layer.parameter("weight").map {
                        ConvolutionStage(
                            weight: $0, bias: layer.parameter("bias"), stride: settings.stride,
                            padding: settings.padding, dilation: settings.dilation, groups: settings.groups)
                    }
                }
            }
            return { x, layer, _ in
                let (input, padding) = try settings.padded(x, kernel: kernel)
                let weight = try layer.needed("weight")
                let bias = layer.parameter("bias")
                if spatial == 1 {
                    return try input.conv1d(
                        weight, bias, stride: settings.stride[0], padding: padding, dilation: settings.dilation[0],
                        groups: settings.groups)
                }
                return try input.conv2d(
                    weight, bias, stride: settings.stride, padding: padding, dilation: settings.dilation,
                    groups: settings.groups)
            }
        }
    }
    registerTransposed(torch)
    let functional: [Parameter] = [
        .value("input"), .value("weight"), .value("bias", nil), .value("stride", 1), .value("padding", 0),
        .value("dilation", 1), .value("groups", 1),
    ]
    for name in ["nnf_conv2d", "torch_conv2d"] {
        torch.function(name, functional, help: "Convolution over images [N, C, H, W]") { args in
            let settings = try ConvolutionSettings(args, spatial: 2)
            return .tensor(
                try args.tensor("input").conv2d(
                    try args.tensor("weight"), try args.optionalTensor("bias"), stride: settings.stride,
                    padding: settings.padding, dilation: settings.dilation, groups: settings.groups))
        }
    }
    for name in ["nnf_conv1d", "torch_conv1d"] {
        torch.function(name, functional, help: "Convolution over sequences [N, C, L]") { args in
            let settings = try ConvolutionSettings(args, spatial: 1)
            return .tensor(
                try args.tensor("input").conv1d(
                    try args.tensor("weight"), try args.optionalTensor("bias"), stride: settings.stride[0],
                    padding: settings.padding, dilation: settings.dilation[0], groups: settings.groups))
        }
    }
}

private func setUpWeights(
    _ layer: ComposedLayer, _ args: Arguments, _ kernel: [Int], groups: Int, transposed: Bool
) throws {
    let inputs = try size(args, "in_channels")
    let outputs = try size(args, "out_channels")
    guard groups >= 1, inputs % groups == 0 else {
        throw WorkbenchError(
            .value, "in_channels must be divisible by groups", hint: "\(inputs) channels, \(groups) groups")
    }
    guard outputs % groups == 0 else {
        throw WorkbenchError(
            .value, "out_channels must be divisible by groups", hint: "\(outputs) channels, \(groups) groups")
    }
    let generator = args.context.tensors.generator
    let shape = transposed ? [inputs, outputs / groups] + kernel : [outputs, inputs / groups] + kernel
    let weight = try Tensor.empty(shape, args.context.tensors.defaultType)
    _ = try Initializers.layerWeight(weight, generator)
    layer.setParameter("weight", try weight.requiresGrad_())
    if try args.flag("bias") {
        let bias = try Tensor.empty([outputs], args.context.tensors.defaultType)
        _ = try Initializers.layerBias(bias, weight: weight, generator)
        layer.setParameter("bias", try bias.requiresGrad_())
    } else {
        layer.setParameter("bias", nil)
    }
}

private func registerTransposed(_ torch: Namespace) {
    torch.layer(
        "nn_conv_transpose2d", inherits: ["nn_conv_transpose_nd", "nn_conv_nd"],
        [
            .value("in_channels"), .value("out_channels"), .value("kernel_size"), .value("stride", 1),
            .value("padding", 0), .value("output_padding", 0), .value("groups", 1), .value("bias", true),
            .value("dilation", 1), .value("padding_mode", "zeros"),
        ], help: "Transposed convolution over images [N, C, H, W]"
    ) { layer, args in
        guard try args.string("padding_mode") == "zeros" else {
            throw WorkbenchError(.value, "Only \"zeros\" padding mode is supported for nn_conv_transpose2d")
        }
        let kernel = try extents(args, "kernel_size", 2)
        let stride = try extents(args, "stride", 2)
        let padding = try extents(args, "padding", 2, from: 0)
        let outputPadding = try extents(args, "output_padding", 2, from: 0)
        let dilation = try extents(args, "dilation", 2)
        let groups = try args.int("groups")
        try setUpWeights(layer, args, kernel, groups: groups, transposed: true)
        return { x, layer, _ in
            try x.convTranspose2d(
                try layer.needed("weight"), layer.parameter("bias"), stride: stride, padding: padding,
                outputPadding: outputPadding, groups: groups, dilation: dilation)
        }
    }
    for name in ["nnf_conv_transpose2d", "torch_conv_transpose2d"] {
        torch.function(
            name,
            [
                .value("input"), .value("weight"), .value("bias", nil), .value("stride", 1), .value("padding", 0),
                .value("output_padding", 0), .value("groups", 1), .value("dilation", 1),
            ], help: "Transposed convolution over images [N, C, H, W]"
        ) { args in
            .tensor(
                try args.tensor("input").convTranspose2d(
                    try args.tensor("weight"), try args.optionalTensor("bias"), stride: try extents(args, "stride", 2),
                    padding: try extents(args, "padding", 2, from: 0),
                    outputPadding: try extents(args, "output_padding", 2, from: 0), groups: try args.int("groups"),
                    dilation: try extents(args, "dilation", 2)))
        }
    }
}
