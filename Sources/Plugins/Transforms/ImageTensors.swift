import Diagnostics
import PluginAPI
import Tensors

/// The tensor of an image: [C, H, W], [N, C, H, W], or one channel [H, W].
/// - Throws: R torchvision's `not implemented for …` for what is no tensor.
func imageTensor(_ value: Value, dimensions: ClosedRange<Int> = 2...5) throws -> Tensor {
    guard let tensor = value.asTensor else { throw notImplemented(value) }
    guard dimensions.contains(tensor.dimensions) else {
        throw WorkbenchError(
            .shape, "an image tensor has the shape [C, H, W] or [N, C, H, W], not \(listed(tensor.shape))",
            hint: "transform_to_tensor() makes one of an R array")
    }
    return tensor
}

/// R torchvision's error for a class it has no method for.
func notImplemented(_ value: Value) -> WorkbenchError {
    let name = value.dim?.count == 2 ? "matrix" : value.classes.first?.string ?? "unknown"
    var error = WorkbenchError(
        .unsupported, "not implemented for \(name)",
        hint: value.typeName == "character"
            ? "an image is a tensor or an array: base_loader(file) reads one"
            : value.isAtomic ? "transform_to_tensor() comes first" : nil)
    error.conditionClass = "not_implemented_error"
    return error
}

/// An error of R torch's class `value_error`.
func valueError(_ message: String, hint: String? = nil) -> WorkbenchError {
    var error = WorkbenchError(.value, message, hint: hint)
    error.conditionClass = "value_error"
    return error
}

/// A probability.
/// - Throws: `.value` for a number outside of 0 … 1.
func probability(_ args: Arguments, _ name: String = "p") throws -> Double {
    let p = try args.real(name)
    guard p >= 0, p <= 1 else { throw valueError("`\(name)` must be a probability, 0 … 1, not \(numberText(p))") }
    return p
}

/// "[3, 64, 64]".
func listed(_ shape: [Int]) -> String { "[" + shape.map { String($0) }.joined(separator: ", ") + "]" }

extension Tensor {
    var imageHeight: Int { shape[shape.count - 2] }
    var imageWidth: Int { shape[shape.count - 1] }

    /// Rows and columns cut out, counted from 0; what lies outside is left out.
    func cut(rows: Range<Int>, columns: Range<Int>) throws -> Tensor {
        let (h, w) = (imageHeight, imageWidth)
        let r = rows.clamped(to: 0..<h), c = columns.clamped(to: 0..<w)
        return try narrow(shape.count - 2, from: r.lowerBound, length: r.count)
            .narrow(shape.count - 1, from: c.lowerBound, length: c.count)
    }

    /// Pixels moved without interpolation; 0 where the map points outside.
    func moved(by map: PixelMap) throws -> Tensor {
        let (h, w) = (imageHeight, imageWidth)
        let front = Array(shape.dropLast(2))
        let planes = front.reduce(1, *)
        let outside = h * w
        let padded = try Tensor.cat([try reshape([planes, outside]), try Tensor.zeros([planes, 1], dtype)], 1)
        let index = try Tensor(map.source.map { $0 < 0 ? Int64(outside) : Int64($0) })
        return try padded.indexSelect(1, index).reshape(front + [map.height, map.width])
    }

    /// The tensor as a batch [N, C, H, W], and how to turn the result back.
    func asBatch() throws -> (batch: Tensor, back: (Tensor) throws -> Tensor) {
        switch dimensions {
        case 2: return (try reshape([1, 1] + shape), { try $0.reshape(Array($0.shape.suffix(2))) })
        case 3: return (try reshape([1] + shape), { try $0.reshape(Array($0.shape.suffix(3))) })
        case 4: return (self, { $0 })
        default:
            let front = Array(shape.dropLast(3))
            return (
                try reshape([-1] + Array(shape.suffix(3))), { try $0.reshape(front + Array($0.shape.suffix(3))) }
            )
        }
    }
}
