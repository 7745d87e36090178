import Diagnostics
import PluginAPI
import Tensors

/// `transform_adjust_…()`, `transform_color_jitter()`, gray.
func registerColor(_ registry: Registry) {
    for (name, factor, adjust) in [
        ("transform_adjust_brightness", "brightness_factor", brightened),
        ("transform_adjust_contrast", "contrast_factor", contrasted),
        ("transform_adjust_saturation", "saturation_factor", saturated),
    ] {
        transform(
            registry, name, [.value(factor, help: "1 changes nothing; ≥ 0")],
            help: "Changes the \(factor.split(separator: "_").first ?? "") of an image"
        ) { args in
            let number = try args.real(factor)
            guard number >= 0 else { throw valueError("\(factor) is not non-negative.") }
            return TransformStep { image, _, _ in .tensor(try adjust(try imageTensor(image), number)) }
        }
    }
    transform(
        registry, "transform_adjust_hue", [.value("hue_factor", help: "−0.5 … 0.5; 0 changes nothing")],
        help: "Shifts the hue of an image"
    ) { args in
        let number = try args.real("hue_factor")
        guard (-0.5...0.5).contains(number) else { throw valueError("hue_factor must be between -0.5 and 0.5.") }
        return TransformStep { image, _, _ in .tensor(try hueShifted(try imageTensor(image), number)) }
    }
    transform(
        registry, "transform_adjust_gamma", [.value("gamma", help: "≥ 0"), .value("gain", 1)],
        help: "gain · img ^ gamma"
    ) { args in
        let gamma = try args.real("gamma")
        let gain = try args.real("gain")
        guard gamma >= 0 else { throw valueError("gamma must be non-negative") }
        return TransformStep { image, _, _ in
            let x = try imageTensor(image)
            let unit = x.dtype.isFloating ? x : try x.to(.float32).div(Tensor(scalar: .double(255)))
            let y = try unit.pow(gamma).mul(Tensor(scalar: .double(gain))).clamp(min: 0, max: 1)
            return .tensor(x.dtype.isFloating ? y : try y.mul(Tensor(scalar: .double(255.999))).to(x.dtype))
        }
    }
    transform(registry, "transform_rgb_to_grayscale", [], help: "Brightness: 0.2989 R + 0.587 G + 0.114 B") { _ in
        TransformStep { image, _, _ in .tensor(try gray(try imageTensor(image), keepingChannel: false)) }
    }
    transform(
        registry, "transform_grayscale", [.value("num_output_channels", 1, help: "1 or 3")],
        help: "Brightness in one or three channels"
    ) { args in
        let channels = try args.int("num_output_channels")
        guard channels == 1 || channels == 3 else { throw valueError("num_output_channels should be either 1 or 3") }
        return TransformStep { image, _, _ in .tensor(try grayChannels(try imageTensor(image), channels)) }
    }
    transform(registry, "transform_random_grayscale", [.value("p", 0.1)], help: "Gray with a probability") { args in
        let p = try probability(args)
        return TransformStep { image, streams, _ in
            guard streams.base.uniform() < p else { return image }
            let x = try imageTensor(image)
            return .tensor(try grayChannels(x, x.shape[try channelPlace(x)]))
        }
    }
    registerJitter(registry)
}

private func channelPlace(_ x: Tensor) throws -> Int {
    guard x.dimensions >= 3, [1, 3].contains(x.shape[x.dimensions - 3]) else {
        throw WorkbenchError(
            .shape, "colours need an image of 1 or 3 channels [C, H, W], not \(listed(x.shape))")
    }
    return x.dimensions - 3
}

/// Brightness in the type of the image.
func gray(_ x: Tensor, keepingChannel: Bool) throws -> Tensor {
    let d = try channelPlace(x)
    let one =
        try x.shape[d] == 1
        ? x.select(d, 0)
        : x.select(d, 0).mul(Tensor(scalar: .double(0.2989)))
            .add(x.select(d, 1).mul(Tensor(scalar: .double(0.587))))
            .add(x.select(d, 2).mul(Tensor(scalar: .double(0.114)))).to(x.dtype)
    return keepingChannel ? try one.unsqueeze(d) : one
}

private func grayChannels(_ x: Tensor, _ channels: Int) throws -> Tensor {
    let one = try gray(x, keepingChannel: true)
    return channels == 1 ? one : try Tensor.cat([Tensor](repeating: one, count: channels), x.dimensions - 3)
}

/// `factor · a + (1 − factor) · b`, kept in the range of the type.
private func blend(_ a: Tensor, _ b: Tensor, _ factor: Double) throws -> Tensor {
    let bound: Double = a.dtype.isFloating ? 1 : 255
    let mixed = try a.to(a.dtype.isFloating ? a.dtype : .float32).mul(Tensor(scalar: .double(factor)))
        .add(b.to(a.dtype.isFloating ? a.dtype : .float32).mul(Tensor(scalar: .double(1 - factor))))
    return try mixed.clamp(min: 0, max: bound).to(a.dtype)
}

func brightened(_ x: Tensor, _ factor: Double) throws -> Tensor { try blend(x, try x.zerosLike(), factor) }

func contrasted(_ x: Tensor, _ factor: Double) throws -> Tensor {
    let floating: DType = x.dtype.isFloating ? x.dtype : .float32
    let d = try channelPlace(x)
    let mean = try gray(x, keepingChannel: true).to(floating).mean(dims: [d, d + 1, d + 2], keepdim: true)
    return try blend(x, mean, factor)
}

func saturated(_ x: Tensor, _ factor: Double) throws -> Tensor {
    try blend(x, try gray(x, keepingChannel: true), factor)
}

/// By way of hue, saturation and value. The fraction is `6 h − 1` in every sector, and a rising channel leaves out the
/// saturation, as R torchvision does it: colours are off, and the numbers are its numbers.
func hueShifted(_ x: Tensor, _ shift: Double) throws -> Tensor {
    let d = try channelPlace(x)
    guard x.shape[d] == 3 else { return x }
    let image = x.dtype.isFloating ? x : try x.to(.float32).div(Tensor(scalar: .double(255)))
    let floats = try image.permute((0..<image.dimensions).filter { $0 != d } + [d]).contiguous().to(.float32)
    let values = floats.toArray(of: Float.self)
    var result = [Float](repeating: 0, count: values.count)
    for pixel in stride(from: 0, to: values.count - 2, by: 3) {
        let (r, g, b) = (values[pixel], values[pixel + 1], values[pixel + 2])
        let high = max(r, g, b), low = min(r, g, b)
        let isGray = high == low
        let range = high - low
        let s = range / (isGray ? 1 : high)
        let divisor: Float = isGray ? 1 : range
        let (rc, gc, bc) = ((high - r) / divisor, (high - g) / divisor, (high - b) / divisor)
        let base: Float = high == r ? bc - gc : high == g ? 2 + rc - bc : 4 + gc - rc
        var h = (base / 6 + 1).truncatingRemainder(dividingBy: 1)
        h = (h + Float(shift)).truncatingRemainder(dividingBy: 1)
        let sector = (h * 6).rounded(.down)
        let f = h * 6 - 1
        func clamped(_ v: Float) -> Float { min(max(v, 0), 1) }
        let p = clamped(high * (1 - s)), q = clamped(high * (1 - s * f)), t = clamped(high * (1 - f))
        let colors: [(Float, Float, Float)] = [
            (high, t, p), (q, high, p), (p, high, t), (p, q, high), (t, p, high), (high, p, q),
        ]
        let place = ((Int(exactly: sector) ?? 0) % 6 + 6) % 6
        (result[pixel], result[pixel + 1], result[pixel + 2]) = colors[place]
    }
    var order = Array(0..<(image.dimensions - 1))
    order.insert(image.dimensions - 1, at: d)
    let y = try Tensor(result, shape: floats.shape).permute(order).contiguous()
    return x.dtype.isFloating ? try y.to(x.dtype) : try y.mul(Tensor(scalar: .double(255.999))).to(x.dtype)
}

private typealias Adjustment = (Tensor, Double) throws -> Tensor

private func registerJitter(_ registry: Registry) {
    transform(
        registry, "transform_color_jitter",
        [
            .value("brightness", 0, help: "v for max(0, 1 − v) … 1 + v, or c(low, high)"), .value("contrast", 0),
            .value("saturation", 0), .value("hue", 0, help: "v for −v … v, at most 0.5"),
        ], help: "Changes brightness, contrast, saturation and hue at random, in random order"
    ) { args in
        let parts: [(String, Double, Adjustment)] = [
            ("brightness", 1, brightened), ("contrast", 1, contrasted), ("saturation", 1, saturated),
            ("hue", 0, hueShifted),
        ]
        let ranges = try parts.map { name, center, _ in try jitterRange(args, name, center) }
        return TransformStep { image, streams, _ in
            var x = try imageTensor(image)
            // R's generator: first the factors, then their order.
            let active = zip(parts, ranges).compactMap { part, range in
                range.map { (part.2, streams.base.uniform($0.0, $0.1)) }
            }
            for place in streams.base.permutation(active.count) { x = try active[place].0(x, active[place].1) }
            return .tensor(x)
        }
    }
}

private func jitterRange(_ args: Arguments, _ name: String, _ center: Double) throws -> (Double, Double)? {
    let values = try numbers(args, name)
    var range: (Double, Double)
    switch values.count {
    case 1:
        guard values[0] >= 0 else { throw valueError("If \(name) is a single number, it must be non negative.") }
        range = (center - values[0], center + values[0])
        if center == 1 { range.0 = max(range.0, 0) }
    case 2: range = (values[0], values[1])
    default: throw valueError("\(name) should be a single number or a vector of length 2.")
    }
    if name == "hue" {
        guard range.0 >= -0.5, range.1 <= 0.5 else {
            throw valueError(
                "hue must be between -0.5 and 0.5, not \(numberText(range.0, digits: 7)) … \(numberText(range.1, digits: 7))"
            )
        }
    } else if range.0 < 0 {
        throw valueError("\(name) must not be negative")
    }
    return range.0 == center && range.1 == center ? nil : range
}
