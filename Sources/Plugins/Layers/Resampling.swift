import Diagnostics
import PluginAPI
import Tensors

private func interpolation(_ args: Arguments, _ name: String = "mode") throws -> Interpolation {
    let word = try args.string(name)
    if word == "linear" { return .bilinear }
    guard let mode = Interpolation(rawValue: word) else {
        throw WorkbenchError(
            .value, "\(name) = \"\(word)\" is not known", hint: "nearest, linear, bilinear, trilinear, bicubic or area")
    }
    return mode
}

/// `nnf_interpolate()`, `nn_upsample()`, `nnf_grid_sample()`, `nnf_affine_grid()`.
func registerResampling(_ torch: Namespace) {
    let parameters: [Parameter] = [
        .value("size", nil), .value("scale_factor", nil), .value("mode", "nearest"), .value("align_corners", nil),
    ]
    func resample(_ x: Tensor, _ args: Arguments, recomputing: Bool = false) throws -> Tensor {
        var scale: [Double]? = args["scale_factor"].isNull ? nil : try args["scale_factor"].asDoubles().elements
        var size: [Int]? = args["size"].isNull ? nil : try args.wholeNumbers("size")
        if recomputing, let factors = scale, !factors.isEmpty, size == nil, x.dimensions > 2 {
            // The factors are those of the whole sizes, not the ones given.
            size = x.shape.dropFirst(2).enumerated().map { place, side in
                Int(exactly: (Double(side) * factors[min(place, factors.count - 1)]).rounded(.down)) ?? -1
            }
            scale = nil
        }
        return try x.interpolate(
            size: size, scale: scale, mode: try interpolation(args),
            alignCorners: args["align_corners"].isNull ? false : try args.flag("align_corners"))
    }
    torch.function(
        "nnf_interpolate", [.value("input")] + parameters + [.value("recompute_scale_factor", nil)],
        help: "Images in another size"
    ) { args in
        let recomputing = args["recompute_scale_factor"].isNull ? false : try args.flag("recompute_scale_factor")
        return .tensor(try resample(try args.tensor("input"), args, recomputing: recomputing))
    }
    torch.layer("nn_upsample", parameters, help: "Images in another size") { _, args in
        let settings = args
        return { x, _, _ in try resample(x, settings) }
    }
    torch.function(
        "nnf_affine_grid", [.value("theta"), .value("size"), .value("align_corners", false)],
        help: "Sampling positions of an affine map"
    ) { args in
        .tensor(
            try Tensor.affineGrid(
                try args.tensor("theta"), try args.wholeNumbers("size"), alignCorners: try args.flag("align_corners")))
    }
    torch.function(
        "nnf_grid_sample",
        [
            .value("input"), .value("grid"), .value("mode", "bilinear"), .value("padding_mode", "zeros"),
            .value("align_corners", false),
        ],
        help: "Images sampled at positions"
    ) { args in
        let word = try args.string("padding_mode")
        guard let padding = GridPadding(rawValue: word) else {
            throw WorkbenchError(.value, "padding_mode = \"\(word)\" is not known", hint: "zeros, border or reflection")
        }
        return .tensor(
            try args.tensor("input").gridSample(
                try args.tensor("grid"), mode: try interpolation(args), padding: padding,
                alignCorners: try args.flag("align_corners")))
    }
}
