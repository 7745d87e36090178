import Diagnostics
import PluginAPI
import Tensors

/// `transform_random_affine()`: angle, shift, scale and shear drawn from the generator of `torch_manual_seed`, one
/// uniform number each, in this order.
func registerRandomAffine(_ registry: Registry) {
    transform(
        registry, "transform_random_affine",
        [
            .value("degrees", help: "n for −n … n, or c(low, high)"),
            .value("translate", nil, help: "c(a, b): at most a·width and b·height pixels, 0 … 1"),
            .value("scale", nil, help: "c(low, high)"), .value("shear", nil, help: "degrees: n, c(low, high), or four"),
            .value("interpolation", 0, help: "0 nearest, 2 bilinear"),
            .value("fill", 0, help: "number outside of the image"), .value("resample"), .value("fillcolor"),
        ], help: "Turns, moves, scales and shears an image at random"
    ) { args in
        _ = try args.required("degrees")
        let drawing = AffineDrawing(
            degrees: try symmetricRange(args, "degrees"), translate: try shares(args), scale: try scales(args),
            shear: try shears(args))
        let mode = try interpolationMode(args)
        let fill = try fillNumbers(args)
        return TransformStep(pixels: moving(mode, fill) { h, w, streams in try drawing.map(h, w, streams) }) {
            image, streams, _ in
            let x = try imageTensor(image)
            return .tensor(try drawing.map(x.imageHeight, x.imageWidth, streams).apply(x, mode, fill: fill))
        }
    }
}

/// The ranges that an affine map is drawn from.
private struct AffineDrawing: Sendable {
    let degrees: (Double, Double)
    let translate: [Double]?
    let scale: [Double]?
    let shear: [Double]?

    func map(_ h: Int, _ w: Int, _ streams: RandomStreams) throws -> AffineMap {
        let angle = try streams.uniform(degrees.0, degrees.1)
        var shift = [0.0, 0.0]
        if let translate {
            let (dx, dy) = (translate[0] * Double(w), translate[1] * Double(h))
            shift[0] = try streams.uniform(-dx, dx).rounded(.toNearestOrEven)
            shift[1] = try streams.uniform(-dy, dy).rounded(.toNearestOrEven)
        }
        let factor = try scale.map { try streams.uniform($0[0], $0[1]) } ?? 1
        var slant = [0.0, 0.0]
        if let shear {
            slant[0] = try streams.uniform(shear[0], shear[1])
            if shear.count == 4 { slant[1] = try streams.uniform(shear[2], shear[3]) }
        }
        return AffineMap(angle: angle, translate: shift, scale: factor, shear: slant)
    }
}

private func shares(_ args: Arguments) throws -> [Double]? {
    guard !args["translate"].isNull else { return nil }
    let translate = try numbers(args, "translate")
    guard translate.count == 2 else { throw valueError("translate must be length 2") }
    guard translate.allSatisfy({ (0...1).contains($0) }) else {
        throw valueError("translate must be between 0 and 1", hint: "shares of width and height, not pixels")
    }
    return translate
}

private func scales(_ args: Arguments) throws -> [Double]? {
    guard !args["scale"].isNull else { return nil }
    let scale = try numbers(args, "scale")
    guard scale.count == 2 else { throw valueError("scale must be length 2") }
    guard scale.allSatisfy({ $0 > 0 }) else { throw valueError("scale must be positive") }
    return scale
}

private func shears(_ args: Arguments) throws -> [Double]? {
    guard !args["shear"].isNull else { return nil }
    let shear = try numbers(args, "shear")
    switch shear.count {
    case 1:
        guard shear[0] >= 0 else { throw valueError("shear must be positive if it's a single value") }
        return [-shear[0], shear[0]]
    case 2, 4: return shear
    default: throw valueError("shear must be length 1, 2 or 4")
    }
}
