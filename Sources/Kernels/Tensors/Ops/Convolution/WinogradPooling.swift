import CKernels

/// Where the output transform writes: the whole output, or what ReLU and 2×2 max-pooling leave of it.
struct WinogradOutput {
    let y: WinogradPlan.Floats
    /// Places of the largest numbers, if pooled.
    let place: UnsafeMutablePointer<UInt8>?
    let bias: WinogradPlan.Floats?
    /// Multiplies the pooled numbers, one for each image and channel; nil for ones.
    var factor: WinogradPlan.Floats?
    /// Sums of the output for each piece of the work, where they are wanted; of whole outputs in 4×4 tiles only.
    var parts: [ChannelPart] = []

    /// Transforms products of tiles back and writes them, as `kernel_winograd_output`.
    func write(
        piece: Int, _ m: KernelPanels, _ geometry: KernelTiles, _ first: Int, _ count: Int, _ from: Int, _ channels: Int
    ) {
        if let place {
            kernel_winograd_output_pool(y, place, m, bias, factor, geometry, first, count, from, channels)
        } else {
            kernel_winograd_output(y, m, bias, geometry, first, count, from, channels)
            if !parts.isEmpty { parts[piece].add(y, geometry, first, count, from, channels) }
        }
    }
}

extension ChannelPart {
    /// Adds the pixels of tiles for a panel of channels, just written and still in the cache.
    fileprivate func add(
        _ y: WinogradPlan.Floats, _ g: KernelTiles, _ first: Int, _ tiles: Int, _ from: Int, _ channels: Int
    ) {
        if counts[from] == 0 {
            let each = Int(g.down * g.across), row = first % each / Int(g.across) * 4
            let pixel = (first / each * Int(g.P) + row) * Int(g.Q) + first % Int(g.across) * 4
            for c in from..<from + channels { shift[c] = Double(y[pixel * Int(g.K) + c]) }
        }
        let pixels = sum.withUnsafeMutableBufferPointer { sum in
            squares.withUnsafeMutableBufferPointer { squares in
                shift.withUnsafeBufferPointer { shift in
                    kernel_winograd_moments(
                        sum.baseAddress.map { $0 + from }, squares.baseAddress.map { $0 + from }, y,
                        shift.baseAddress.map { $0 + from }, g, first, tiles, from, channels)
                }
            }
        }
        for c in from..<from + channels { counts[c] += Double(pixels) }
    }
}

/// What the output's gradient is read from: itself, or the gradient of the pooled output and the places.
struct WinogradSlope {
    let dy: WinogradPlan.Floats
    let place: UnsafeMutablePointer<UInt8>?
    var factor: WinogradPlan.Floats?

    /// Transforms tiles of the gradient, as `kernel_winograd_slope`.
    func read(_ z: KernelPanels, _ geometry: KernelTiles, _ first: Int, _ count: Int) {
        if let place {
            kernel_winograd_slope_pool(z, dy, place, factor, geometry, first, count)
        } else {
            kernel_winograd_slope(z, dy, geometry, first, count)
        }
    }
}

extension WinogradConvolution: PooledConvolutionAlgorithm {
    static func declinesPooled(_ shape: ConvolutionShape, _ dtype: DType) -> String? {
        declines(shape, dtype) ?? (shape.P >= 2 && shape.Q >= 2 ? nil : "no room for a window")
    }

    static func forwardPooled(
        _ y: PooledOutput, _ x: Tensor, _ w: Tensor, bias: Tensor?, _ shape: ConvolutionShape
    ) throws {
        try forward(
            WinogradOutput(
                y: y.numbers.typed(Float.self), place: y.place.typed(UInt8.self), bias: bias?.typed(Float.self),
                factor: y.factor?.typed(Float.self)), x, w, shape)
    }

    static func gradientsPooled(
        _ dx: Tensor?, _ dw: Tensor?, x: Tensor, dy: PooledOutput, w: Tensor, _ shape: ConvolutionShape
    ) throws {
        try gradients(
            dx.map { WinogradPlan.InputGradient(dx: $0.typed(Float.self), w: w.filters) },
            dw.map { WinogradPlan.WeightGradient(dw: $0.filters, x: x.typed(Float.self)) },
            WinogradSlope(
                dy: dy.numbers.typed(Float.self), place: dy.place.typed(UInt8.self),
                factor: dy.factor?.typed(Float.self)), shape)
    }
}
