import Diagnostics
import PluginAPI
import Tensors

/// `transform_pad()`: pixels around an image.
func registerPadding(_ registry: Registry) {
    transform(
        registry, "transform_pad",
        [
            .value("padding", help: "all sides; c(left and right, top and bottom); or c(left, right, top, bottom)"),
            .value("fill", 0, help: "number of padding_mode = \"constant\""),
            .value("padding_mode", "constant", help: "constant, edge, reflect or symmetric"),
        ], help: "Adds pixels around an image"
    ) { args in
        let padding = try args.wholeNumbers("padding")
        let fill = try args.real("fill")
        let mode = try paddingMode(args)
        return TransformStep { image, _, _ in .tensor(try padded(try imageTensor(image), padding, fill, mode)) }
    }
}

/// What is put around an image.
enum Surrounding {
    case constant, edge, reflect, symmetric
}

func paddingMode(_ args: Arguments) throws -> Surrounding {
    switch try args.string("padding_mode") {
    case "constant": return .constant
    case "edge": return .edge
    case "reflect": return .reflect
    case "symmetric": return .symmetric
    default: throw valueError("Padding mode should be either constant, edge, reflect or symmetric")
    }
}

/// Left, right, top, bottom of one, two or four numbers.
func padded(_ x: Tensor, _ padding: [Int], _ fill: Double, _ mode: Surrounding) throws -> Tensor {
    let sides: [Int]
    switch padding.count {
    case 1: sides = [padding[0], padding[0], padding[0], padding[0]]
    case 2: sides = [padding[0], padding[0], padding[1], padding[1]]
    case 4: sides = padding
    default:
        throw valueError("Padding must be an int or a 1, 2, or 4 element vector, not a \(padding.count) element one")
    }
    guard sides.allSatisfy({ $0.magnitude < 1 << 20 }) else { throw valueError("padding is too large") }
    guard mode != .constant else { return try x.pad(sides, value: fill) }
    // Each output row and column names the one it is copied from.
    let rows = try indices(x.imageHeight, sides[2], sides[3], mode)
    let columns = try indices(x.imageWidth, sides[0], sides[1], mode)
    return try x.indexSelect(x.shape.count - 2, Tensor(rows)).indexSelect(x.shape.count - 1, Tensor(columns))
}

private func indices(_ size: Int, _ before: Int, _ after: Int, _ mode: Surrounding) throws -> [Int] {
    guard size > 0 else { throw valueError("an image without pixels cannot be padded") }
    let reach = mode == .reflect ? size - 1 : size
    guard mode == .edge || max(before, after) <= reach else {
        throw valueError(
            "Padding size should be less than the corresponding input dimension, but got: padding (\(before), \(after)) at a side of \(size) pixels"
        )
    }
    guard before + after + size > 0 else { throw valueError("nothing is left of the image") }
    return (-before..<size + after).map { place in
        switch mode {
        case .constant, .edge: return min(max(place, 0), size - 1)
        case .reflect: return place < 0 ? -place : place >= size ? 2 * (size - 1) - place : place
        case .symmetric: return place < 0 ? -place - 1 : place >= size ? 2 * size - 1 - place : place
        }
    }
}
