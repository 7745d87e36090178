import Diagnostics

/// What ``Tensor/gridSample(_:mode:padding:alignCorners:)`` reads outside an image.
public enum GridPadding: String, Sendable {
    /// 0.
    case zeros
    /// The nearest edge pixel.
    case border
    /// The image mirrored.
    case reflection
}

extension Tensor {
    /// Sampling positions of an affine map: `grid[n, p, q] = theta[n] · (x, y, 1)` with x, y in [−1, 1].
    ///
    /// - Parameters:
    ///   - theta: `[N, 2, 3]`.
    ///   - size: `[N, C, H, W]` of the output.
    /// - Returns: `[N, H, W, 2]`.
    public static func affineGrid(_ theta: Tensor, _ size: [Int], alignCorners: Bool = false) throws -> Tensor {
        guard theta.dimensions == 3, Array(theta.shape[1...]) == [2, 3], size.count == 4, size[0] == theta.shape[0]
        else {
            throw WorkbenchError(
                .shape,
                "Expected a batch of 2D affine matrices of shape Nx2x3 for size \(bracketed(size)). Got "
                    + bracketed(theta.shape))
        }
        // Positions are made outside of tensors, three numbers each.
        _ = try Storage.elementCount(of: [size[0], size[2], size[3], 6], dtype: .float64)
        func line(_ n: Int) -> [Double] {
            (0..<n).map { i in
                if n == 1 { return 0 }
                return alignCorners ? -1 + 2 * Double(i) / Double(n - 1) : (2 * Double(i) + 1) / Double(n) - 1
            }
        }
        let (xs, ys) = (line(size[3]), line(size[2]))
        var base: [Double] = []
        for y in ys { for x in xs { base += [x, y, 1] } }
        let points = try Tensor(base, shape: [1, size[2] * size[3], 3], dtype: theta.dtype)
        return try points.expand([size[0], -1, -1]).bmm(theta.transpose(1, 2)).reshape([size[0], size[2], size[3], 2])
            .named("AffineGridGeneratorBackward0")
    }

    /// Reads images at given positions, between pixels by interpolation.
    ///
    /// - Parameters:
    ///   - grid: `[N, P, Q, 2]`, x then y, −1 and 1 the image's sides.
    ///   - mode: `.nearest` or `.bilinear`.
    ///   - padding: What lies outside.
    ///   - alignCorners: Whether −1 and 1 are the corner pixels' centres instead of their outer edges.
    /// - Returns: `[N, C, P, Q]`.
    /// - Gradient: with respect to self and, for `.bilinear`, grid.
    public func gridSample(
        _ grid: Tensor, mode: Interpolation = .bilinear, padding: GridPadding = .zeros, alignCorners: Bool = false
    ) throws -> Tensor {
        guard dimensions == 4, grid.dimensions == 4, grid.shape[3] == 2, grid.shape[0] == shape[0],
            dtype.isFloating, shape[2] > 0, shape[3] > 0
        else {
            throw WorkbenchError(
                .shape,
                "grid_sampler(): expected images [N, C, H, W] and a grid [N, P, Q, 2], got \(bracketed(shape)) and "
                    + bracketed(grid.shape))
        }
        guard mode == .nearest || mode == .bilinear else {
            throw WorkbenchError(
                .unsupported, "grid_sample knows \"nearest\" and \"bilinear\", not \"\(mode.rawValue)\"")
        }
        let (N, H, W) = (shape[0], shape[2], shape[3])
        let (P, Q) = (grid.shape[1], grid.shape[2])
        // Taps are collected outside of tensors, four numbers each.
        _ = try Storage.elementCount(of: [N, P, Q, mode == .nearest ? 1 : 4, 8], dtype: .float64)
        let positions = grid.toArray(of: Double.self)

        // Position in pixels along one side, and its slope in the grid's number.
        func place(_ g: Double, _ n: Int) -> (Double, Double) {
            let scale = alignCorners ? Double(n - 1) / 2 : Double(n) / 2
            var v = alignCorners ? (g + 1) * scale : ((g + 1) * Double(n) - 1) / 2
            var slope = scale
            switch padding {
            case .zeros: break
            case .reflection:
                let low = alignCorners ? 0 : -0.5, span = alignCorners ? Double(n - 1) : Double(n)
                if span <= 0 { return (0, 0) }
                var d = v - low
                if d < 0 { (d, slope) = (-d, -slope) }
                guard d.isFinite else { return (0, 0) }
                let turns = (d / span).rounded(.down)
                d -= turns * span
                if turns.remainder(dividingBy: 2) != 0 { (d, slope) = (span - d, -slope) }
                v = d + low
                fallthrough
            case .border:
                if v < 0 || v.isNaN { (v, slope) = (0, 0) }
                if v > Double(n - 1) { (v, slope) = (Double(n - 1), 0) }
            }
            return (v, slope)
        }

        // For each output pixel: pixels read, their weights, and the weights' slopes in x and y.
        var taps: [(pixel: Int, weight: Double, dx: Double, dy: Double)] = []
        let perOutput = mode == .nearest ? 1 : 4
        taps.reserveCapacity(N * P * Q * perOutput)
        for i in 0..<(N * P * Q) {
            let n = i / (P * Q)
            let (x, sx) = place(positions[2 * i], W), (y, sy) = place(positions[2 * i + 1], H)
            func tap(_ h: Double, _ w: Double, _ weight: Double, _ dx: Double, _ dy: Double) {
                guard h >= 0, w >= 0, h < Double(H), w < Double(W) else { return taps.append((-1, 0, 0, 0)) }
                taps.append(((n * H + Int(h)) * W + Int(w), weight, dx, dy))
            }
            if mode == .nearest {
                tap(y.rounded(.toNearestOrEven), x.rounded(.toNearestOrEven), 1, 0, 0)
            } else {
                let (h, w) = (y.rounded(.down), x.rounded(.down))
                let (b, a) = (y - h, x - w)
                tap(h, w, (1 - b) * (1 - a), -(1 - b) * sx, -(1 - a) * sy)
                tap(h, w + 1, (1 - b) * a, (1 - b) * sx, -a * sy)
                tap(h + 1, w, b * (1 - a), -b * sx, (1 - a) * sy)
                tap(h + 1, w + 1, b * a, b * sx, a * sy)
            }
        }
        let pixels = try permute([0, 2, 3, 1]).reshape([N * H * W, shape[1]])
        let index = try Tensor(taps.map { Swift.max(0, $0.pixel) })
        func column(_ f: (Int) -> Double) throws -> Tensor {
            try Tensor(taps.indices.map(f), shape: [N * P * Q, perOutput, 1], dtype: dtype)
        }
        let read = try pixels.indexSelect(0, index).reshape([N * P * Q, perOutput, shape[1]])
        let weights = try column { taps[$0].weight }
        var value = try read.mul(weights).sum(dims: [1])
        if grid.requiresGrad, mode == .bilinear {
            // The sum once more as a function of the grid alone: value 0, slope that of the weights.
            let constant = read.detached()
            let dx = try constant.mul(column { taps[$0].dx }).sum(dims: [1])
            let dy = try constant.mul(column { taps[$0].dy }).sum(dims: [1])
            let shapeOfGrid = grid.shape
            let byGrid = Tensor(op: "GridSampler2DBackward0", try value.detached().zerosLike(), from: [grid]) { d in
                let gx = try d.mul(dx).sum(dims: [1]), gy = try d.mul(dy).sum(dims: [1])
                return [try Tensor.stack([gx, gy], 1).reshape(shapeOfGrid)]
            }
            value = try value.add(byGrid)
        }
        return try value.reshape([N, P, Q, shape[1]]).permute([0, 3, 1, 2]).contiguous().named("GridSampler2DBackward0")
    }
}
