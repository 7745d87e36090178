import PluginAPI
import Tensors

/// `nn_utils_clip_grad_norm_()` and `nn_utils_clip_grad_value_()`.
func registerGradientClipping(_ torch: Namespace) {
    torch.function(
        "nn_utils_clip_grad_norm_", [.value("parameters"), .value("max_norm"), .value("norm_type", 2)],
        help: "Scales gradients so that their common norm is at most max_norm; returns the norm before"
    ) { args in
        .tensor(
            try clipGradientNorm(
                try args.tensorList("parameters"), maximum: try args.real("max_norm"), norm: try args.real("norm_type"))
        )
    }
    torch.function(
        "nn_utils_clip_grad_value_", [.value("parameters"), .value("clip_value")],
        help: "Limits gradients to ±clip_value", visible: false
    ) { args in
        try clipGradientValue(try args.tensorList("parameters"), limit: try args.real("clip_value"))
        return .null
    }
}
