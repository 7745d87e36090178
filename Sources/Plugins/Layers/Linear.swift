import Diagnostics
import PluginAPI
import Tensors

/// `y = x Wᵀ + b`, weight [out, in]; initialised uniformly within ±1/√in (Kaiming with a = √5), as in torch.
func registerLinear(_ torch: Namespace) {
    torch.layer(
        "nn_linear",
        [
            .value("in_features", help: "size of the last dimension of the input"),
            .value("out_features", help: "size of the last dimension of the output"), .value("bias", true),
        ], help: "A fully connected layer: x Wᵀ + b"
    ) { layer, args in
        let inputs = try size(args, "in_features")
        let outputs = try size(args, "out_features")
        let generator = args.context.tensors.generator
        let weight = try Tensor.empty([outputs, inputs], args.context.tensors.defaultType)
        _ = try Initializers.layerWeight(weight, generator)
        layer.setParameter("weight", try weight.requiresGrad_())
        if try args.flag("bias") {
            let bias = try Tensor.empty([outputs], args.context.tensors.defaultType)
            _ = try Initializers.layerBias(bias, weight: weight, generator)
            layer.setParameter("bias", try bias.requiresGrad_())
        } else {
            layer.setParameter("bias", nil)
        }
        layer.describe { layer in
            layer.parameter("weight").map { LinearStage(weight: $0, bias: layer.parameter("bias")) }
        }
        return { x, layer, _ in try x.linear(try layer.needed("weight"), layer.parameter("bias")) }
    }
    torch.function(
        "nnf_linear", [.value("input"), .value("weight"), .value("bias", nil)], help: "x Wᵀ + b"
    ) { args in
        .tensor(try args.tensor("input").linear(try args.tensor("weight"), try args.optionalTensor("bias")))
    }
    torch.module(
        "nn_bilinear", [.value("in1_features"), .value("in2_features"), .value("out_features"), .value("bias", true)],
        inputs: [.value("input1"), .value("input2")], help: "x₁ A x₂ + b"
    ) { layer, args in
        let first = try size(args, "in1_features")
        let generator = args.context.tensors.generator
        let weight = try Tensor.empty([try size(args, "out_features"), first, try size(args, "in2_features")])
        let bound = 1 / Double(first).squareRoot()
        _ = try weight.uniform_(-bound, bound, generator)
        layer.setParameter("weight", try weight.requiresGrad_())
        if try args.flag("bias") {
            let bias = try Tensor.empty([weight.shape[0]])
            _ = try bias.uniform_(-bound, bound, generator)
            layer.setParameter("bias", try bias.requiresGrad_())
        } else {
            layer.setParameter("bias", nil)
        }
        return { args, layer in
            .tensor(
                try bilinear(
                    try args.tensor("input1"), try args.tensor("input2"), try layer.needed("weight"),
                    layer.parameter("bias")))
        }
    }
    torch.function(
        "nnf_bilinear", [.value("input1"), .value("input2"), .value("weight"), .value("bias", nil)], help: "x₁ A x₂ + b"
    ) { args in
        .tensor(
            try bilinear(
                try args.tensor("input1"), try args.tensor("input2"), try args.tensor("weight"),
                try args.optionalTensor("bias")))
    }
}

/// `y[n, k] = Σ x₁[n, i] W[k, i, j] x₂[n, j] + b[k]`.
private func bilinear(_ a: Tensor, _ b: Tensor, _ weight: Tensor, _ bias: Tensor?) throws -> Tensor {
    guard weight.dimensions == 3, let last = a.shape.last, let other = b.shape.last, last == weight.shape[1],
        other == weight.shape[2], a.shape.dropLast() == b.shape.dropLast()
    else {
        throw WorkbenchError(
            .shape,
            "bilinear(): inputs of shape \(a.shape) and \(b.shape) do not go with a weight of shape \(weight.shape)",
            hint: "inputs are [*, in1] and [*, in2], the weight is [out, in1, in2]")
    }
    let (k, i, j) = (weight.shape[0], weight.shape[1], weight.shape[2])
    let left = try a.matmul(try weight.permute([1, 0, 2]).reshape([i, k * j]))
    let shaped = try left.reshape(Array(a.shape.dropLast()) + [k, j])
    let product = try shaped.mul(b.unsqueeze(-2)).sum(dims: [-1])
    return try bias.map { try product.add($0) } ?? product
}

extension Module {
    /// A parameter that the layer cannot do without.
    func needed(_ name: String) throws -> Tensor {
        guard let tensor = parameter(name) else {
            throw WorkbenchError(.runtime, "\(displayName) has lost its parameter `\(name)`")
        }
        return tensor
    }
}

/// A size of a layer: a whole number from 1.
func size(_ args: Arguments, _ name: String) throws -> Int {
    let number = try args.int(name)
    guard number >= 1 else { throw WorkbenchError(.value, "`\(name)` must be at least 1, not \(number)") }
    return number
}
