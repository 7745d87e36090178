import Diagnostics
import PluginAPI
import Tensors

/// `nn_layer_norm()` and `nn_group_norm()`.
func registerNormalization(_ torch: Namespace) {
    torch.layer(
        "nn_layer_norm", [.value("normalized_shape"), .value("eps", 1e-5), .value("elementwise_affine", true)],
        help: "Normalises over the last dimensions of each item"
    ) { layer, args in
        let shape = try args.wholeNumbers("normalized_shape")
        let eps = try args.real("eps")
        let affine = try args.flag("elementwise_affine")
        layer.setParameter("weight", affine ? try Tensor.ones(shape).requiresGrad_() : nil)
        layer.setParameter("bias", affine ? try Tensor.zeros(shape).requiresGrad_() : nil)
        return { x, layer, _ in
            try x.layerNorm(shape, weight: layer.parameter("weight"), bias: layer.parameter("bias"), eps: eps)
        }
    }
    torch.function(
        "nnf_layer_norm",
        [.value("input"), .value("normalized_shape"), .value("weight", nil), .value("bias", nil), .value("eps", 1e-5)],
        help: "Normalises over the last dimensions of each item"
    ) { args in
        .tensor(
            try args.tensor("input").layerNorm(
                try args.wholeNumbers("normalized_shape"), weight: try args.optionalTensor("weight"),
                bias: try args.optionalTensor("bias"), eps: try args.real("eps")))
    }
    torch.layer(
        "nn_group_norm", [.value("num_groups"), .value("num_channels"), .value("eps", 1e-5), .value("affine", true)],
        help: "Normalises over groups of channels of each item"
    ) { layer, args in
        let groups = try size(args, "num_groups")
        let channels = try size(args, "num_channels")
        guard channels % groups == 0 else {
            throw WorkbenchError(
                .value, "num_channels must be divisible by num_groups", hint: "\(channels) channels, \(groups) groups")
        }
        let eps = try args.real("eps")
        let affine = try args.flag("affine")
        layer.setParameter("weight", affine ? try Tensor.ones([channels]).requiresGrad_() : nil)
        layer.setParameter("bias", affine ? try Tensor.zeros([channels]).requiresGrad_() : nil)
        return { x, layer, _ in
            try x.groupNorm(groups, weight: layer.parameter("weight"), bias: layer.parameter("bias"), eps: eps)
        }
    }
    torch.function(
        "nnf_group_norm",
        [.value("input"), .value("num_groups"), .value("weight", nil), .value("bias", nil), .value("eps", 1e-5)],
        help: "Normalises over groups of channels of each item"
    ) { args in
        .tensor(
            try args.tensor("input").groupNorm(
                try args.int("num_groups"), weight: try args.optionalTensor("weight"),
                bias: try args.optionalTensor("bias"), eps: try args.real("eps")))
    }
    torch.function(
        "nnf_normalize", [.value("input"), .value("p", 2), .value("dim", 2), .value("eps", 1e-12)],
        help: "Divides by the p-norm along a dimension"
    ) { args in
        .tensor(
            try args.tensor("input").normalized(
                p: try args.real("p"), try args.dimension("dim"), eps: try args.real("eps")))
    }
}
