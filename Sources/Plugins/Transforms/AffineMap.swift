import CImages
import Diagnostics
import Glibc
import PluginAPI
import Tensors

/// An affine map from output to input, relative to the image's centre, in pixels: `(x, y) ↦ M · (x, y, 1)`.
struct AffineMap {
    /// Row-major 2 × 3.
    let matrix: [Double]

    /// The inverse of: shear, scale and turn about a centre, then move.
    ///
    /// - Parameters:
    ///   - angle: Degrees; positive turns clockwise on screen.
    ///   - translate: Pixels to the right and down.
    ///   - shear: Degrees along x and y.
    ///   - center: Relative to the image's centre.
    /// - Source: torchvision, `_get_inverse_affine_matrix`.
    init(
        angle: Double, translate: [Double] = [0, 0], scale: Double = 1, shear: [Double] = [0, 0],
        center: [Double] = [0, 0]
    ) {
        let r = angle * .pi / 180, sx = shear[0] * .pi / 180, sy = shear[1] * .pi / 180
        let a = cos(r - sy) / cos(sy)
        let b = -cos(r - sy) * tan(sx) / cos(sy) - sin(r)
        let c = sin(r - sy) / cos(sy)
        let d = -sin(r - sy) * tan(sx) / cos(sy) + cos(r)
        var m = [d, -b, 0, -c, a, 0].map { $0 / scale }
        m[2] += m[0] * (-center[0] - translate[0]) + m[1] * (-center[1] - translate[1])
        m[5] += m[3] * (-center[0] - translate[0]) + m[4] * (-center[1] - translate[1])
        m[2] += center[0]
        m[5] += center[1]
        matrix = m
    }

    /// The map in single precision, first row over half the width, second over half the height.
    func scaled(height: Int, width: Int) -> [Float] {
        let (w, h) = (0.5 * Float(width), 0.5 * Float(height))
        let m = matrix.map { Float($0) }
        return [m[0] / w, m[1] / w, m[2] / w, m[3] / h, m[4] / h, m[5] / h]
    }

    /// Where each output pixel comes from, by the fast kernel.
    func nearest(height: Int, width: Int, outHeight: Int? = nil, outWidth: Int? = nil) -> PixelMap {
        let (oh, ow) = (outHeight ?? height, outWidth ?? width)
        let theta = scaled(height: height, width: width)
        let source = [Int32](unsafeUninitializedCapacity: oh * ow) { buffer, count in
            if let base = buffer.baseAddress, oh * ow > 0 {
                image_affine_nearest(
                    theta, Int32(clamping: width), Int32(clamping: height), Int32(clamping: ow), Int32(clamping: oh),
                    base)
            }
            count = oh * ow
        }
        return PixelMap(height: oh, width: ow, source: source)
    }

    /// The same, one pixel at a time: the reference that ``nearest(height:width:outHeight:outWidth:)`` is held to.
    func referenceNearest(height: Int, width: Int) -> PixelMap {
        var source: [Int32] = []
        positions(height: height, width: width, outHeight: height, outWidth: width) { x, y in
            let (column, row) = (x.rounded(.toNearestOrEven), y.rounded(.toNearestOrEven))
            guard column >= 0, row >= 0, column < Float(width), row < Float(height) else { return source.append(-1) }
            source.append(Int32(row) * Int32(clamping: width) + Int32(column))
        }
        return PixelMap(height: height, width: width, source: source)
    }

    /// Input positions of the output pixels in order, computed in single precision as libtorch does.
    func positions(height: Int, width: Int, outHeight: Int, outWidth: Int, _ body: (Float, Float) -> Void) {
        let theta = scaled(height: height, width: width)
        let (left, top) = (-Float(outWidth) * 0.5 + 0.5, -Float(outHeight) * 0.5 + 0.5)
        for row in 0..<outHeight {
            let y = top + Float(row)
            for column in 0..<outWidth {
                let x = left + Float(column)
                let gx = (x * theta[0]).addingProduct(y, theta[1]) + theta[2]
                let gy = (x * theta[3]).addingProduct(y, theta[4]) + theta[5]
                let column = (gx + 1) * (Float(width) / 2) - 0.5
                let row = (gy + 1) * (Float(height) / 2) - 0.5
                body(column, row)
            }
        }
    }

    /// Height and width that hold the whole turned image.
    func extent(height: Int, width: Int) -> (height: Int, width: Int) {
        let (w, h) = (Double(width), Double(height))
        let corners = [(-0.5 * w, -0.5 * h), (-0.5 * w, 0.5 * h), (0.5 * w, 0.5 * h), (0.5 * w, -0.5 * h)].map { x, y in
            (matrix[0] * x + matrix[1] * y + matrix[2], matrix[3] * x + matrix[4] * y + matrix[5])
        }
        func span(_ values: [Double]) -> Int {
            // Numbers a little off a whole one because of rounding shall not add a pixel.
            let cut = values.map { ($0 / 1e-4).rounded(.towardZero) * 1e-4 }
            let high = (cut.max() ?? 0).rounded(.up), low = (cut.min() ?? 0).rounded(.down)
            return Int(exactly: high - low) ?? 0
        }
        return (span(corners.map { $0.1 }), span(corners.map { $0.0 }))
    }

    /// The image read at the mapped positions; 0, or `fill`, outside.
    func apply(
        _ x: Tensor, _ mode: Interpolation, fill: [Double]? = nil, outHeight: Int? = nil, outWidth: Int? = nil
    ) throws -> Tensor {
        let (h, w) = (x.imageHeight, x.imageWidth)
        let (oh, ow) = (outHeight ?? h, outWidth ?? w)
        guard h > 0, w > 0, oh > 0, ow > 0, h * w < 1 << 30, oh * ow < 1 << 30 else {
            throw valueError("an image of \(h) x \(w) pixels cannot be turned")
        }
        let value: Tensor
        switch mode {
        case .nearest: value = try x.moved(by: nearest(height: h, width: w, outHeight: oh, outWidth: ow))
        case .bilinear: value = try bilinear(x, oh, ow)
        default: throw valueError("only interpolation 0 (nearest) and 2 (bilinear) turn tensors")
        }
        guard let fill, fill.contains(where: { $0 != 0 }) else { return value }
        let mask = nearest(height: h, width: w, outHeight: oh, outWidth: ow).source.map { $0 < 0 }
        let outside = try Tensor(mask, shape: [oh, ow])
        let colors = try Tensor(fill, shape: [fill.count, 1, 1], dtype: x.dtype)
        return try Tensor.select(outside, colors, value)
    }

    private func bilinear(_ x: Tensor, _ oh: Int, _ ow: Int) throws -> Tensor {
        let (h, w) = (x.imageHeight, x.imageWidth)
        let front = Array(x.shape.dropLast(2))
        let planes = front.reduce(1, *)
        let type: DType = x.dtype == .float64 ? .float64 : .float32
        let flat = try Tensor.cat(
            [try x.to(type).reshape([planes, h * w]), try Tensor.zeros([planes, 1], type)], 1)
        var places: [[Int64]] = [[], [], [], []]
        var weights: [[Float]] = [[], [], [], []]
        positions(height: h, width: w, outHeight: oh, outWidth: ow) { x, y in
            let (left, top) = (x.rounded(.down), y.rounded(.down))
            let (a, b) = (x - left, y - top)
            let taps: [(Float, Float, Float)] = [
                (left, top, (1 - a) * (1 - b)), (left + 1, top, a * (1 - b)), (left, top + 1, (1 - a) * b),
                (left + 1, top + 1, a * b),
            ]
            for (k, tap) in taps.enumerated() {
                let isInside = tap.0 >= 0 && tap.1 >= 0 && tap.0 < Float(w) && tap.1 < Float(h)
                places[k].append(isInside ? Int64(tap.1) * Int64(w) + Int64(tap.0) : Int64(h * w))
                weights[k].append(tap.2)
            }
        }
        var sum: Tensor?
        for k in 0..<4 {
            let part = try flat.indexSelect(1, Tensor(places[k])).mul(Tensor(weights[k], dtype: type))
            sum = try sum.map { try $0.add(part) } ?? part
        }
        guard var result = sum else { return x }
        if !x.dtype.isFloating { result = try result.round().to(x.dtype) }
        return try result.reshape(front + [oh, ow])
    }
}
