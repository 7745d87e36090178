import Diagnostics
import PluginAPI
import Tensors

/// `transform_affine()`, `transform_rotate()`, and `transform_perspective()`, which is refused.
func registerAffine(_ registry: Registry) {
    let fill = Parameter.value("fill", nil, help: "number, or one a channel, outside of the image; 0 if NULL")
    transform(
        registry, "transform_affine",
        [
            .value("angle", help: "degrees, clockwise"), .value("translate", help: "c(right, down) in pixels"),
            .value("scale", help: "> 0"), .value("shear", help: "degrees along x, or c(x, y)"),
            .value("interpolation", 0, help: "0 nearest, 2 bilinear"), fill, .value("resample"), .value("fillcolor"),
            .value("center", nil, help: "c(x, y) in pixels from the upper left corner; the middle if NULL"),
        ], help: "Turns, moves, scales and shears an image"
    ) { args in
        let angle = try args.real("angle")
        let translate = try numbers(args, "translate")
        let scale = try args.real("scale")
        let shear = try numbers(args, "shear")
        guard translate.count == 2 else { throw valueError("translate should be of length 2") }
        guard scale > 0 else { throw valueError("scale should be positive") }
        guard shear.count == 1 || shear.count == 2 else { throw valueError("shear should be of length 1 or 2") }
        let mode = try interpolationMode(args)
        let outside = try fillNumbers(args)
        let center = try centerNumbers(args)
        func map(_ h: Int, _ w: Int) -> AffineMap {
            AffineMap(
                angle: angle, translate: translate, scale: scale, shear: shear.count == 1 ? shear + [0] : shear,
                center: relative(center, h, w))
        }
        return TransformStep(pixels: moving(mode, outside) { h, w, _ in map(h, w) }) { image, _, _ in
            let x = try imageTensor(image)
            return .tensor(try map(x.imageHeight, x.imageWidth).apply(x, mode, fill: outside))
        }
    }
    let rotation: [Parameter] = [
        .value("interpolation", 0, help: "0 nearest, 2 bilinear"),
        .value("expand", false, help: "makes the image large enough to hold all of it"),
        .value("center", nil, help: "c(x, y) in pixels from the upper left corner; the middle if NULL"), fill,
    ]
    transform(
        registry, "transform_rotate",
        [.value("angle", help: "degrees, counter-clockwise")] + rotation + [.value("resample")],
        help: "Turns an image"
    ) { args in
        let angle = try args.real("angle")
        return try rotationStep(args) { _ in angle }
    }
    transform(
        registry, "transform_random_rotation",
        [.value("degrees", help: "n for −n … n, or c(low, high)")] + rotation + [.value("resample")],
        help: "Turns an image by a random angle"
    ) { args in
        let range = try symmetricRange(args, "degrees")
        return try rotationStep(args) { try $0.uniform(range.0, range.1) }
    }
    transform(
        registry, "transform_perspective",
        [.value("startpoints"), .value("endpoints"), .value("interpolation", 2), .value("fill", nil)],
        help: "Not implemented"
    ) { _ in throw perspectiveError() }
    transform(
        registry, "transform_random_perspective",
        [.value("distortion_scale", 0.5), .value("p", 0.5), .value("interpolation", 2), .value("fill", 0)],
        help: "Not implemented"
    ) { args in
        let p = try probability(args)
        return TransformStep { image, streams, _ in
            guard streams.base.uniform() < p else { return image }
            throw perspectiveError()
        }
    }
}

private func perspectiveError() -> WorkbenchError {
    var error = WorkbenchError(
        .unsupported, "`transform_perspective` is not implemented yet.",
        hint: "transform_affine() turns, moves, scales and shears")
    error.conditionClass = "not_implemented_error"
    return error
}

/// A chain's pixel operation of an affine map without interpolation that fills in 0; nil for any other.
func moving(
    _ mode: Interpolation, _ fill: [Double]?, _ map: @escaping (Int, Int, RandomStreams) throws -> AffineMap
) -> PixelOperation? {
    guard mode == .nearest, fill?.contains(where: { $0 != 0 }) != true else { return nil }
    return .moved { h, w, streams in try map(h, w, streams).nearest(height: h, width: w) }
}

private func rotationStep(_ args: Arguments, _ angle: @escaping (RandomStreams) throws -> Double) throws
    -> TransformStep
{
    let mode = try interpolationMode(args)
    let outside = try fillNumbers(args)
    let center = try centerNumbers(args)
    let expands = try args.flag("expand")
    func map(_ h: Int, _ w: Int, _ streams: RandomStreams) throws -> AffineMap {
        AffineMap(angle: -(try angle(streams)), center: relative(center, h, w))
    }
    return TransformStep(pixels: expands ? nil : moving(mode, outside, map)) { image, streams, _ in
        let x = try imageTensor(image)
        let turn = try map(x.imageHeight, x.imageWidth, streams)
        guard expands else { return .tensor(try turn.apply(x, mode, fill: outside)) }
        let size = turn.extent(height: x.imageHeight, width: x.imageWidth)
        return .tensor(try turn.apply(x, mode, fill: outside, outHeight: size.height, outWidth: size.width))
    }
}

/// `n` for −n … n, or two numbers.
func symmetricRange(_ args: Arguments, _ name: String) throws -> (Double, Double) {
    let numbers = try numbers(args, name)
    if numbers.count == 1 {
        guard numbers[0] >= 0 else { throw valueError("\(name) must be positive if it's a single value") }
        return (-numbers[0], numbers[0])
    }
    guard numbers.count == 2 else { throw valueError("\(name) must be length 1 or 2") }
    return (numbers[0], numbers[1])
}

/// Numbers to fill in, or nil.
func fillNumbers(_ args: Arguments) throws -> [Double]? {
    for name in ["fill", "fillcolor"] where args.has(name) && !args[name].isNull { return try numbers(args, name) }
    return nil
}

private func centerNumbers(_ args: Arguments) throws -> [Double]? {
    if args["center"].isNull || args["center"].isMissing { return nil }
    let center = try numbers(args, "center")
    guard center.count == 2 else { throw valueError("center should be of length 2") }
    return center
}

private func relative(_ center: [Double]?, _ h: Int, _ w: Int) -> [Double] {
    guard let center else { return [0, 0] }
    return [center[0] - Double(w) * 0.5, center[1] - Double(h) * 0.5]
}
