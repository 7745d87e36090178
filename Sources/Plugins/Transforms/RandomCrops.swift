import Diagnostics
import Glibc
import PluginAPI
import Tensors

/// `transform_random_crop()`, `transform_random_resized_crop()` and `transform_random_erasing()`.
func registerRandomCrops(_ registry: Registry) {
    transform(
        registry, "transform_random_crop",
        [
            .value("size", help: "side, or c(height, width)"), .value("padding", nil), .value("pad_if_needed", false),
            .value("fill", 0), .value("padding_mode", "constant"),
        ], help: "Cuts out a window at random"
    ) { args in
        let size = try sides(args, "size")
        let padding = args["padding"].isNull ? nil : try args.wholeNumbers("padding")
        let pads = try args.flag("pad_if_needed")
        let fill = try args.real("fill")
        let mode = try paddingMode(args)
        return TransformStep { image, streams, _ in
            var x = try imageTensor(image)
            if let padding { x = try padded(x, padding, fill, mode) }
            if pads {
                let (rows, columns) = (max(0, size[0] - x.imageHeight), max(0, size[1] - x.imageWidth))
                if rows + columns > 0 { x = try padded(x, [columns, rows], fill, mode) }
            }
            let (h, w) = (x.imageHeight, x.imageWidth)
            guard h >= size[0], w >= size[1] else {
                throw valueError(
                    "Required crop size \(listed(size)) is larger than input image size \(listed([h, w]))",
                    hint: "pad_if_needed = TRUE adds pixels")
            }
            // As in R torchvision the last position is never drawn; a side that fits exactly has one position.
            func offset(_ room: Int) throws -> Int {
                guard room > 0 else { return 1 }
                return Int(try streams.torch.randint(1, Int64(room) + 1, [1]).item().intValue)
            }
            let top = h == size[0] && w == size[1] ? 1 : try offset(h - size[0])
            let left = h == size[0] && w == size[1] ? 1 : try offset(w - size[1])
            return .tensor(try cropped(x, top, left, size[0], size[1]))
        }
    }
    transform(
        registry, "transform_random_resized_crop",
        [
            .value("size"), .value("scale", .numbers([0.08, 1]), help: "share of the area"),
            .value("ratio", .numbers([3.0 / 4, 4.0 / 3]), help: "width over height"),
            .value("interpolation", 2, help: "0 nearest, 2 bilinear, 3 bicubic"),
        ], help: "Cuts out a window of random size and place and resizes it"
    ) { args in
        let size = try args.wholeNumbers("size")
        let scale = try numbers(args, "scale")
        let ratio = try numbers(args, "ratio")
        guard scale.count == 2, ratio.count == 2, ratio.allSatisfy({ $0 > 0 }) else {
            throw valueError("scale and ratio must be of length 2, ratio positive")
        }
        let mode = try interpolationMode(args)
        return TransformStep { image, streams, _ in
            let x = try imageTensor(image)
            let window = try drawnWindow(x.imageHeight, x.imageWidth, scale, ratio, streams)
            let part = try cropped(x, window.top, window.left, window.height, window.width)
            return .tensor(try resized(part, size.count == 1 ? [size[0], size[0]] : size, mode))
        }
    }
    transform(
        registry, "transform_random_erasing",
        [
            .value("p", 0.5), .value("scale", .numbers([0.02, 0.33])), .value("ratio", .numbers([0.3, 3.3])),
            .value("value", 0), .value("inplace", false),
        ], help: "Overwrites a random window with a number"
    ) { args in
        let p = try probability(args)
        let scale = try numbers(args, "scale")
        let ratio = try numbers(args, "ratio")
        let value = try args.real("value")
        let isInPlace = try args.flag("inplace")
        guard scale.count == 2, ratio.count == 2, ratio.allSatisfy({ $0 > 0 }) else {
            throw valueError("scale and ratio must be of length 2, ratio positive")
        }
        return TransformStep { image, streams, _ in
            guard streams.base.uniform() < p else { return image }
            let given = try imageTensor(image)
            let x = isInPlace ? given : try given.clone()
            let window = try drawnWindow(x.imageHeight, x.imageWidth, scale, ratio, streams)
            _ = try cropped(x, window.top, window.left, window.height, window.width).fill_(.double(value))
            return .tensor(x)
        }
    }
}

private struct Window {
    let top: Int
    let left: Int
    let height: Int
    let width: Int
}

/// Ten tries at a share of the area and a ratio (torch's generator); the place by R's generator; else the middle.
private func drawnWindow(
    _ h: Int, _ w: Int, _ scale: [Double], _ ratio: [Double], _ streams: RandomStreams
) throws -> Window {
    let area = Double(h * w)
    let logRatio = ratio.map { log($0) }
    for _ in 0..<10 {
        let target = area * (try streams.uniform(scale[0], scale[1]))
        let aspect = exp(try streams.uniform(logRatio[0], logRatio[1]))
        let width = Int((target * aspect).squareRoot().rounded(.toNearestOrEven))
        let height = Int((target / aspect).squareRoot().rounded(.toNearestOrEven))
        if width > 0, height > 0, width <= w, height <= h {
            let top = streams.base.sample(h - height + 1, 1, replace: false)[0] + 1
            let left = streams.base.sample(w - width + 1, 1, replace: false)[0] + 1
            return Window(top: top, left: left, height: height, width: width)
        }
    }
    let inRatio = Double(w) / Double(max(h, 1))
    let (low, high) = (min(ratio[0], ratio[1]), max(ratio[0], ratio[1]))
    var (width, height) = (w, h)
    if inRatio < low { height = min(h, max(1, Int((Double(w) / low).rounded(.toNearestOrEven)))) }
    if inRatio > high { width = min(w, max(1, Int((Double(h) * high).rounded(.toNearestOrEven)))) }
    return Window(top: (h - height) / 2 + 1, left: (w - width) / 2 + 1, height: height, width: width)
}
