import Diagnostics
import PluginAPI
import Tensors

/// `transform_normalize()`: `(x − mean) / std` a channel.
func registerNormalization(_ registry: Registry) {
    transform(
        registry, "transform_normalize",
        [
            .value("mean", help: "one number a channel"), .value("std", help: "one number a channel"),
            .value("inplace", false, help: "changes the given tensor"),
        ], help: "Subtracts a mean from each channel and divides by a standard deviation"
    ) { args in
        let mean = try numbers(args, "mean")
        let deviation = try numbers(args, "std")
        let isInPlace = try args.flag("inplace")
        let pixels: PixelOperation? =
            isInPlace || deviation.contains { Float($0) == 0 } || mean.count != deviation.count
            ? nil : .normalized(mean: mean.map { Float($0) }, deviation: deviation.map { Float($0) })
        return TransformStep(pixels: pixels) { image, _, _ in
            let x = try imageTensor(image, dimensions: 3...5)
            guard x.dtype.isFloating else {
                throw WorkbenchError(
                    .type, "Input tensor should be a float tensor. Got \(x.dtype.torchName).",
                    hint: "transform_convert_image_dtype(torch_float()) makes it one")
            }
            guard !deviation.contains(where: { x.dtype == .float32 ? Float($0) == 0 : $0 == 0 }) else {
                throw valueError(
                    "std evaluated to zero after conversion to \(x.dtype.torchName), leading to division by zero.")
            }
            let channels = x.shape[x.shape.count - 3]
            for count in [mean.count, deviation.count] where count != channels && count != 1 && channels != 1 {
                throw PixelPlan.channelMismatch(channels, count)
            }
            let m = try Tensor(mean, shape: [mean.count, 1, 1], dtype: x.dtype)
            let s = try Tensor(deviation, shape: [deviation.count, 1, 1], dtype: x.dtype)
            if isInPlace {
                _ = try x.sub_(m)
                return .tensor(try x.div_(s))
            }
            return .tensor(try x.sub(m).div(s))
        }
    }
}

/// Numbers of an argument that is a vector or a tensor.
func numbers(_ args: Arguments, _ name: String) throws -> [Double] {
    let tensor = try args.tensor(name)
    return try tensor.to(.float64).toArray(of: Double.self)
}
