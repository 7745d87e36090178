import Diagnostics
import PluginAPI
import Tensors

/// `transform_to_tensor()`, `transform_convert_image_dtype()`, `transform_linear_transformation()`.
func registerConversion(_ registry: Registry) {
    transform(
        registry, "transform_to_tensor", [],
        help: "Makes a tensor [C, H, W] of an image: an R array [H, W, C] or matrix; whole numbers are divided by 255"
    ) { _ in
        TransformStep(pixels: .scaled) { image, _, context in .tensor(try tensor(of: image, context)) }
    }
    transform(
        registry, "transform_convert_image_dtype", [.value("dtype", code: "torch_float()")],
        help: "Changes the type of an image's numbers, and their range with it (0 … 1 for floats)"
    ) { args in
        let dtype = try args.dtype() ?? .float32
        return TransformStep { image, _, _ in .tensor(try converted(try imageTensor(image), to: dtype)) }
    }
    transform(
        registry, "transform_linear_transformation",
        [.value("transformation_matrix", help: "[D, D], D = C·H·W"), .value("mean_vector", help: "[D]")],
        help: "Subtracts a mean from the flattened image and multiplies by a matrix"
    ) { args in
        let matrix = try args.tensor("transformation_matrix")
        let mean = try args.tensor("mean_vector")
        guard matrix.dimensions == 2, matrix.shape[0] == matrix.shape[1] else {
            throw valueError("transformation_matrix should be square, got \(listed(matrix.shape))")
        }
        return TransformStep { image, _, _ in
            let x = try imageTensor(image)
            guard x.shape.suffix(3).reduce(1, *) == matrix.shape[0] else {
                throw valueError(
                    "the image has \(x.shape.suffix(3).reduce(1, *)) numbers, the matrix is \(listed(matrix.shape))")
            }
            let flat = try x.reshape([-1, matrix.shape[0]]).sub(mean.reshape([1, -1]))
            return .tensor(try flat.mm(matrix).reshape(x.shape))
        }
    }
}

/// A tensor of an R image. Three-dimensional arrays are [H, W, C], but taken as [C, H, W] if that is what they look like.
private func tensor(of image: Value, _ context: Context) throws -> Tensor {
    if case .list(let list) = image {
        return try Tensor.stack(try list.elements.map { try tensor(of: $0, context) }, 0)
    }
    switch image {
    case .double, .integer, .logical:
        guard let dim = image.dim, (2...4).contains(dim.count) else { throw notImplemented(image) }
        var tensor = try tensorFromR(image, dtype: nil, defaultType: .float32)
        switch dim.count {
        case 2: tensor = try tensor.unsqueeze(0)
        case 3 where !(dim[0] <= 4 && dim[2] > 4): tensor = try tensor.permute([2, 0, 1])
        default: break
        }
        guard tensor.dtype == .int64 else { return try tensor.contiguous() }
        return try tensor.to(.float32).contiguous().div(Tensor(scalar: .int(255)))
    default: throw notImplemented(image)
    }
}

private func largest(_ dtype: DType) -> Double {
    switch dtype {
    case .uint8: return 255
    case .int8: return 127
    case .int16: return 32767
    case .int32: return 2_147_483_647
    // The largest that double precision and int64 both hold.
    case .int64: return 9_223_372_036_854_774_784
    case .bool: return 1
    case .float32, .float64, .float16, .bfloat16: return 1
    }
}

private func converted(_ x: Tensor, to dtype: DType) throws -> Tensor {
    if x.dtype == dtype { return x }
    if x.dtype.isReal, dtype.isReal { return try x.to(dtype) }
    if x.dtype.isHalf { return try converted(try x.to(.float32), to: dtype) }
    if dtype.isHalf { return try converted(x, to: .float32).to(dtype) }
    if x.dtype.isFloating {
        if dtype == .int64 || x.dtype == .float32 && dtype == .int32 {
            // Single precision cannot hold these: the product is made in double precision.
            return try x.to(.float64).mul(Tensor(scalar: .double(largest(dtype)))).floor().to(dtype)
        }
        return try x.mul(Tensor(scalar: .double(largest(dtype) + 1 - 1e-3))).to(dtype)
    }
    if dtype.isFloating { return try x.to(dtype).div(Tensor(scalar: .double(largest(x.dtype)))) }
    let (from, to) = (largest(x.dtype), largest(dtype))
    if from > to {
        return try x.to(.int64).floorDivide(Tensor(scalar: .int(Int64((from + 1) / (to + 1))))).to(dtype)
    }
    return try x.to(dtype).mul(Tensor(scalar: .int(Int64((to + 1) / (from + 1)))))
}
