import Diagnostics
import PluginAPI
import Tensors

/// `transform_hflip()`, `transform_vflip()` and the random ones, which draw from R's generator (`set.seed`).
func registerFlips(_ registry: Registry) {
    for (name, isHorizontal, text) in [
        ("transform_hflip", true, "left and right"), ("transform_vflip", false, "top and bottom"),
    ] {
        transform(registry, name, [], help: "Swaps \(text)") { _ in
            TransformStep(pixels: .moved({ h, w, _ in flip(h, w, horizontally: isHorizontal) })) { image, _, _ in
                .tensor(try imageTensor(image).flip([isHorizontal ? -1 : -2]))
            }
        }
    }
    for (name, isHorizontal, text) in [
        ("transform_random_horizontal_flip", true, "left and right"),
        ("transform_random_vertical_flip", false, "top and bottom"),
    ] {
        transform(
            registry, name, [.value("p", 0.5, help: "probability, 0 … 1")],
            help: "Swaps \(text) with a probability"
        ) { args in
            let p = try probability(args)
            return TransformStep(
                pixels: .moved({ h, w, streams in
                    streams.base.uniform() < p ? flip(h, w, horizontally: isHorizontal) : nil
                })
            ) { image, streams, _ in
                guard streams.base.uniform() < p else { return image }
                return .tensor(try imageTensor(image).flip([isHorizontal ? -1 : -2]))
            }
        }
    }
}

private func flip(_ height: Int, _ width: Int, horizontally: Bool) -> PixelMap {
    var source: [Int32] = []
    source.reserveCapacity(height * width)
    for row in 0..<height {
        for column in 0..<width {
            let place =
                horizontally ? row * width + (width - 1 - column) : (height - 1 - row) * width + column
            source.append(Int32(truncatingIfNeeded: place))
        }
    }
    return PixelMap(height: height, width: width, source: source)
}
