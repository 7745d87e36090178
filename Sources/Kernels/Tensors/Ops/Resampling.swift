import CKernels
import Diagnostics

/// A linear map along one side of an image: each output is a weighted sum of a few inputs.
struct AxisWeights: Sendable {
    /// Inputs and weights of each output.
    let taps: [[(Int, Double)]]
    /// Number of inputs.
    let size: Int

    /// The map in the other direction: its transpose.
    var transposed: AxisWeights {
        var back = [[(Int, Double)]](repeating: [], count: size)
        for (i, list) in taps.enumerated() { for (j, w) in list { back[j].append((i, w)) } }
        return AxisWeights(taps: back, size: taps.count)
    }
}

/// How ``Tensor/interpolate(size:scale:mode:alignCorners:)`` fills in pixels.
public enum Interpolation: String, Sendable {
    /// The pixel above and left, as torch's "nearest".
    case nearest
    /// Two by two pixels.
    case bilinear
    /// Two by two by two, of volumes.
    case trilinear
    /// Four by four pixels, Keys' kernel with a = −0.75.
    case bicubic
    /// Mean over the pixels covered.
    case area
}

extension Tensor {
    /// Applies a map along each side of an image: interpolation and mean pooling are such maps.
    func resampled(_ rows: AxisWeights, _ columns: AxisWeights, _ name: String) throws -> Tensor {
        let (N, C, H, W) = (shape[0], shape[1], shape[2], shape[3])
        let (P, Q) = (rows.taps.count, columns.taps.count)
        let x = try channelsLast()
        let out = [N, C, P, Q]
        let y = try Tensor.empty(out, dtype, strides: channelsLastStrides(out))
        func run<T: BinaryFloatingPoint>(_: T.Type, _ row: [[(Int, T)]], _ column: [[(Int, T)]]) {
            let input = x.typed(T.self), output = y.typed(T.self)
            parallelRanges(N * P, grain: Swift.max(1, 16384 / Swift.max(1, Q * C))) { range, _ in
                for line in range {
                    let (n, p) = (line / P, line % P)
                    for q in 0..<Q {
                        let to = output + (line * Q + q) * C
                        for c in 0..<C { to[c] = 0 }
                        for (h, a) in row[p] {
                            for (v, b) in column[q] {
                                let from = input + ((n * H + h) * W + v) * C
                                let weight = a * b
                                for c in 0..<C { to[c] += from[c] * weight }
                            }
                        }
                    }
                }
            }
        }
        if dtype == .float32 {
            run(
                Float.self, rows.taps.map { $0.map { ($0.0, Float($0.1)) } },
                columns.taps.map { $0.map { ($0.0, Float($0.1)) } })
        } else {
            run(Double.self, rows.taps, columns.taps)
        }
        withExtendedLifetime(x) {}
        return Tensor(op: name, y, from: [self]) { dy in
            [try dy.resampled(rows.transposed, columns.transposed, name)]
        }
    }

    /// Changes the size of images `[N, C, H, W]` (or sequences `[N, C, L]`, or volumes `[N, C, D, H, W]`).
    ///
    /// - Parameters:
    ///   - size: Wanted size, one number or one a side; or nil to use `scale`.
    ///   - scale: Factor, one number or one a side.
    ///   - mode: How pixels are filled in.
    ///   - alignCorners: Whether the corner pixels' centres, rather than their outer edges, are matched.
    /// - Throws: ``WorkbenchError`` of kind `.value` or `.shape`.
    public func interpolate(
        size: [Int]? = nil, scale: [Double]? = nil, mode: Interpolation = .nearest, alignCorners: Bool = false
    ) throws -> Tensor {
        if dimensions == 3 {
            let wide = size.map { [1, $0.last ?? 1] }
            let factor = scale.map { [1, $0.last ?? 1] }
            return try unsqueeze(2).interpolate(size: wide, scale: factor, mode: mode, alignCorners: alignCorners)
                .squeeze(2)
        }
        let isVolume = dimensions == 5
        guard dimensions == 4 || isVolume, dtype.isFloating, shape.dropFirst(2).allSatisfy({ $0 > 0 }) else {
            throw WorkbenchError(.shape, "interpolate expects floating images [N, C, H, W], got \(typeText)")
        }
        guard isVolume ? mode != .bilinear && mode != .bicubic : mode != .trilinear else {
            throw WorkbenchError(
                .shape, "Got \(dimensions)D input, but \(mode.rawValue) mode needs \(isVolume ? 4 : 5)D input")
        }
        guard (size == nil) != (scale == nil) else {
            throw WorkbenchError(.value, "only one of size or scale_factor should be defined")
        }
        let axes = try (0..<(dimensions - 2)).map { d -> AxisWeights in
            let n = shape[d + 2]
            let factor = scale.map { $0[Swift.min(d, $0.count - 1)] }
            let wanted =
                size.map { $0[Swift.min(d, $0.count - 1)] } ?? Int(exactly: (Double(n) * (factor ?? 1)).rounded(.down))
                ?? -1
            try refuseHuge([wanted], "output size", below: sideLimit)
            guard wanted > 0 else {
                throw WorkbenchError(
                    .value,
                    "Input and output sizes should be greater than 0, but got input \(bracketed(Array(shape.dropFirst(2)))) output \(wanted)"
                )
            }
            return Tensor.axis(n, wanted, factor, mode, alignCorners)
        }
        if isVolume {
            // The sides are independent: first depth, with each slice as one line, then height and width.
            let (N, C, H, W) = (shape[0], shape[1], shape[3], shape[4])
            let name = mode == .trilinear ? "UpsampleTrilinear3DBackward0" : "UpsampleNearest3DBackward0"
            let deep = try reshape([N, C, shape[2], H * W])
                .resampled(axes[0], AxisWeights(taps: (0..<(H * W)).map { [($0, 1)] }, size: H * W), name)
            let D = axes[0].taps.count
            return try deep.reshape([N, C * D, H, W]).resampled(axes[1], axes[2], name)
                .reshape([N, C, D, axes[1].taps.count, axes[2].taps.count])
        }
        let name =
            switch mode {
            case .nearest: "UpsampleNearest2DBackward0"
            case .trilinear: "UpsampleTrilinear3DBackward0"
            case .bilinear: "UpsampleBilinear2DBackward0"
            case .bicubic: "UpsampleBicubic2DBackward0"
            case .area: "AdaptiveAvgPool2DBackward0"
            }
        return try resampled(axes[0], axes[1], name)
    }

    private static func axis(
        _ n: Int, _ wanted: Int, _ factor: Double?, _ mode: Interpolation, _ alignCorners: Bool
    ) -> AxisWeights {
        let step: Double =
            alignCorners && mode != .nearest
            ? (wanted > 1 ? Double(n - 1) / Double(wanted - 1) : 0)
            : factor.map { 1 / $0 } ?? Double(n) / Double(wanted)
        func clamp(_ i: Int) -> Int { Swift.min(Swift.max(i, 0), n - 1) }
        let taps = (0..<wanted).map { i -> [(Int, Double)] in
            switch mode {
            case .nearest: return [(clamp(Int(Float(i) * Float(step))), 1)]
            case .area:
                let window = i * n / wanted..<((i + 1) * n + wanted - 1) / wanted
                return window.map { ($0, 1 / Double(window.count)) }
            case .bilinear, .trilinear:
                let place = alignCorners ? Double(i) * step : Swift.max(0, (Double(i) + 0.5) * step - 0.5)
                let low = clamp(Int(place)), part = Swift.min(Swift.max(place - Double(low), 0), 1)
                return part == 0 ? [(low, 1)] : [(low, 1 - part), (clamp(low + 1), part)]
            case .bicubic:
                let place = alignCorners ? Double(i) * step : (Double(i) + 0.5) * step - 0.5
                let low = place.rounded(.down), t = place - low
                return (-1...2).map { k in (clamp(Int(low) + k), cubic(Swift.abs(t - Double(k)))) }
            }
        }
        return AxisWeights(taps: taps, size: n)
    }

    /// Keys' kernel, a = −0.75, at a distance in pixels.
    private static func cubic(_ x: Double) -> Double {
        let a = -0.75
        if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        if x < 2 { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
        return 0
    }
}
