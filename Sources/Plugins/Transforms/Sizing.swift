import Diagnostics
import PluginAPI
import Tensors

/// Resizing and cutting: `transform_resize()`, `transform_crop()`, `transform_center_crop()`,
/// `transform_resized_crop()`, `transform_five_crop()`, `transform_ten_crop()`.
func registerSizing(_ registry: Registry) {
    let interpolation = Parameter.value("interpolation", 2, help: "0 nearest, 2 bilinear, 3 bicubic")
    transform(
        registry, "transform_resize", [.value("size", help: "short side, or c(height, width)"), interpolation],
        help: "Changes the size of an image, without smoothing beforehand"
    ) { args in
        let size = try args.wholeNumbers("size")
        let mode = try interpolationMode(args)
        return TransformStep { image, _, _ in .tensor(try resized(try imageTensor(image), size, mode)) }
    }
    transform(
        registry, "transform_crop",
        [
            .value("top", help: "first row, from 1"), .value("left", help: "first column, from 1"), .value("height"),
            .value("width"),
        ], help: "Cuts out rows and columns"
    ) { args in
        let (top, left) = (try args.int("top"), try args.int("left"))
        let (height, width) = (try args.int("height"), try args.int("width"))
        return TransformStep { image, _, _ in
            .tensor(try cropped(try imageTensor(image), top, left, height, width))
        }
    }
    transform(
        registry, "transform_center_crop", [.value("size", help: "side, or c(height, width)")],
        help: "Cuts out the middle"
    ) {
        args in
        let size = try sides(args, "size")
        return TransformStep { image, _, _ in
            .tensor(try centerCropped(try imageTensor(image), size[0], size[1]))
        }
    }
    transform(
        registry, "transform_resized_crop",
        [.value("top"), .value("left"), .value("height"), .value("width"), .value("size"), interpolation],
        help: "Cuts out rows and columns and changes their size"
    ) { args in
        let (top, left) = (try args.int("top"), try args.int("left"))
        let (height, width) = (try args.int("height"), try args.int("width"))
        let size = try args.wholeNumbers("size")
        let mode = try interpolationMode(args)
        return TransformStep { image, _, _ in
            .tensor(try resized(try cropped(try imageTensor(image), top, left, height, width), size, mode))
        }
    }
    transform(registry, "transform_five_crop", [.value("size")], help: "The four corners and the middle, in a list") {
        args in
        let size = try sides(args, "size")
        return TransformStep { image, _, _ in .tensors(try fiveCrops(try imageTensor(image), size)) }
    }
    transform(
        registry, "transform_ten_crop", [.value("size"), .value("vertical_flip", false)],
        help: "Corners and middle of the image and of its mirror image, in a list"
    ) { args in
        let size = try sides(args, "size")
        let isVertical = try args.flag("vertical_flip")
        return TransformStep { image, _, _ in
            let x = try imageTensor(image)
            return .tensors(try fiveCrops(x, size) + fiveCrops(try x.flip([isVertical ? -2 : -1]), size))
        }
    }
}

/// How pixels are filled in, by R torchvision's numbers.
func interpolationMode(_ args: Arguments) throws -> Interpolation {
    let value = args["interpolation"]
    if case .character(let text) = value, let word = text.elements.first, let name = word?.string {
        if name == "nearest" { return .nearest }
        if name == "bilinear" { return .bilinear }
        if name == "bicubic" { return .bicubic }
    }
    switch try? args.int("interpolation") {
    case 0: return .nearest
    case 2: return .bilinear
    case 3: return .bicubic
    default:
        throw valueError(
            "interpolation = \(args.context.deparse(value).first ?? "") is not known",
            hint: "0 is nearest, 2 bilinear, 3 bicubic")
    }
}

/// Height and width: one number for both, or two.
func sides(_ args: Arguments, _ name: String) throws -> [Int] {
    let numbers = try args.wholeNumbers(name)
    guard numbers.count == 1 || numbers.count == 2, numbers.allSatisfy({ $0 > 0 }) else {
        throw valueError(
            "`\(name)` must be one or two whole numbers from 1, not "
                + numbers.map { String($0) }.joined(separator: ", "))
    }
    return numbers.count == 1 ? [numbers[0], numbers[0]] : numbers
}

func resized(_ x: Tensor, _ size: [Int], _ mode: Interpolation) throws -> Tensor {
    guard size.count == 1 || size.count == 2 else {
        throw valueError("Size must be a numeric vector of length 1 or 2.")
    }
    guard size.allSatisfy({ $0 > 0 && $0 < 1 << 20 }) else {
        throw valueError("size must be positive, not " + size.map { String($0) }.joined(separator: ", "))
    }
    let (h, w) = (x.imageHeight, x.imageWidth)
    var wanted = size
    if size.count == 1 {
        let (short, long) = (min(h, w), max(h, w))
        guard short > 0 else { throw valueError("an image of \(h) x \(w) pixels cannot be resized") }
        if short == size[0] { return x }
        let other = Int(Double(size[0]) * Double(long) / Double(short))
        wanted = h <= w ? [size[0], other] : [other, size[0]]
    }
    if wanted == [h, w] { return x }
    let (batch, back) = try x.asBatch()
    guard !x.dtype.isFloating else { return try back(try batch.interpolate(size: wanted, mode: mode)) }
    var y = try batch.to(.float32).interpolate(size: wanted, mode: mode)
    if mode == .bicubic { y = try y.clamp(min: 0, max: 255) }
    if mode != .nearest { y = try y.round() }
    return try back(y.to(x.dtype))
}

/// Rows and columns from 1; what lies outside of the image is left out.
func cropped(_ x: Tensor, _ top: Int, _ left: Int, _ height: Int, _ width: Int) throws -> Tensor {
    let (h, w) = (x.imageHeight, x.imageWidth)
    func range(_ start: Int, _ length: Int, _ size: Int) -> Range<Int> {
        let low = min(max(start, 1), size + 1) - 1
        let (end, overflow) = start.addingReportingOverflow(length - 1)
        return low..<max(low, min(overflow ? size : end, size))
    }
    let (rows, columns) = (range(top, height, h), range(left, width, w))
    guard !rows.isEmpty, !columns.isEmpty else {
        throw valueError(
            "nothing is left of an image of \(h) x \(w) pixels: top \(top), left \(left), height \(height), width \(width)"
        )
    }
    return try x.cut(rows: rows, columns: columns)
}

/// The middle as R torchvision has it: from row `max(1, (H − h) / 2)`, counted from 1.
func centerCropped(_ x: Tensor, _ height: Int, _ width: Int) throws -> Tensor {
    var x = x
    let (h, w) = (x.imageHeight, x.imageWidth)
    if h < height || w < width {
        let rows = max(height - h, 0), columns = max(width - w, 0)
        x = try x.pad([columns / 2, (columns + 1) / 2, rows / 2, (rows + 1) / 2])
    }
    let top = max(1, (x.imageHeight - height) / 2), left = max(1, (x.imageWidth - width) / 2)
    return try cropped(x, top, left, height, width)
}

/// As R torchvision: the corners take height and width in the other order, the middle does not.
private func fiveCrops(_ x: Tensor, _ size: [Int]) throws -> [Tensor] {
    let (h, w) = (x.imageHeight, x.imageWidth)
    let (tall, wide) = (size[1], size[0])
    guard max(size[0], size[1]) <= min(h, w) || (tall <= h && wide <= w && size[0] <= h && size[1] <= w) else {
        throw valueError("Requested crop size \(listed(size)) is bigger than input size \(listed([h, w]))")
    }
    return [
        try cropped(x, 1, 1, tall, wide), try cropped(x, h - tall + 1, 1, tall, wide),
        try cropped(x, 1, w - wide + 1, tall, wide), try cropped(x, h - tall + 1, w - wide + 1, tall, wide),
        try centerCropped(x, size[0], size[1]),
    ]
}
