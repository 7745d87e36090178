import CKernels
import Diagnostics

/// Images of at most four channels: the products of a filter row are taken straight from the padded image, with
/// nothing laid out first. As exact as the matrix product.
///
/// The work is cut into bands of rows, and those into at most 32 tasks; neither depends on the number of threads, so
/// results do not either.
enum DirectConvolution: PooledConvolutionAlgorithm {
    private typealias Floats = UnsafeMutablePointer<Float>

    static func declines(_ s: ConvolutionShape, _ dtype: DType) -> String? {
        guard dtype == .float32 else { return "single precision only" }
        guard s.C <= 4 else { return "more than 4 channels (\(s.C)): a matrix product is as fast" }
        guard s.groups == 1 else { return "one group only, these are \(s.groups)" }
        guard s.dilationH == 1, s.dilationW == 1 else { return "dilation 1 only" }
        guard s.R <= 11, s.S <= 11 else { return "filters up to 11×11, these are \(s.R)×\(s.S)" }
        guard s.K < 1 << 16, s.N < 1 << 31, s.H < 1 << 20, s.P < 1 << 20, s.Q < 1 << 16, s.strideH < 1 << 10,
            s.strideW < 1 << 10, s.padH < 1 << 20, s.padW < 1 << 20
        else { return "sizes beyond what it is made for" }
        return nil
    }

    static func declinesPooled(_ s: ConvolutionShape, _ dtype: DType) -> String? {
        if let reason = declines(s, dtype) { return reason }
        return s.P >= 2 && s.Q >= 2 ? nil : "no window fits \(s.P)×\(s.Q) outputs"
    }

    /// Sizes, and the rows of outputs that are worked on with one copy of the image's rows.
    private struct Plan {
        let sizes: KernelDirect
        /// Rows of outputs (or of windows of two) in a band and in all.
        let band: Int, rows: Int
        /// Bands of an image, and of all.
        let perImage: Int, bands: Int
        let tasks: Int
        let scratchBytes: Int

        init(_ s: ConvolutionShape, pooled: Bool, mostTasks: Int = 32) {
            sizes = kernel_direct(s.window, s.K, s.N * s.P * s.Q * s.K * 4 > 16 << 20 ? 1 : 0)
            rows = pooled ? s.P / 2 : s.P
            // About 64 kB of image, and work enough that the copy does not count.
            let inputs = (64 << 10) / (4 * sizes.length)
            let fitting = Swift.max(1, Swift.min(16, (inputs - s.R) / s.strideH + 1))
            band = pooled ? Swift.max(1, fitting / 2) : fitting
            perImage = (rows + band - 1) / band
            bands = s.N * perImage
            tasks = Swift.max(1, Swift.min(mostTasks, bands))
            scratchBytes = kernel_direct_scratch(sizes, pooled ? 2 * band : band) * 4
        }

        /// Calls `body(task, image, first row, rows, scratch)` for every band, the bands of a task in order.
        func forEachBand(_ body: (_ task: Int, _ n: Int, _ first: Int, _ count: Int, _ scratch: Floats) -> Void) throws
        {
            let blocks = try (0..<tasks).map { _ in try Storage(byteCount: scratchBytes) }
            parallelTasks(tasks) { task in
                for number in (bands * task / tasks)..<(bands * (task + 1) / tasks) {
                    let first = number % perImage * band
                    body(task, number / perImage, first, Swift.min(band, rows - first), blocks[task].floats)
                }
            }
        }

        /// The filters as the kernels take them, and the bias filled up with zeros.
        func operands(_ w: Tensor, _ bias: Tensor?) throws -> (filters: Storage, bias: Storage) {
            let depth = sizes.window.R * sizes.window.S * sizes.window.C
            let filters = try Storage(byteCount: depth * sizes.rowK * 4)
            kernel_direct_filters(filters.floats, w.filters, sizes)
            let padded = try Storage(byteCount: sizes.rowK * 4)
            padded.floats.update(repeating: 0, count: sizes.rowK)
            if let bias { padded.floats.update(from: bias.typed(Float.self), count: sizes.K) }
            return (filters, padded)
        }
    }

    static func forward(_ y: Tensor, _ x: Tensor, _ w: Tensor, bias: Tensor?, _ s: ConvolutionShape) throws {
        let plan = Plan(s, pooled: false)
        let operands = try plan.operands(w, bias)
        let (py, px) = (y.typed(Float.self), x.typed(Float.self))
        try plan.forEachBand { _, n, first, count, scratch in
            kernel_direct_forward(
                py + n * s.P * s.Q * s.K, px + n * s.H * s.W * s.C, operands.filters.floats, operands.bias.floats,
                plan.sizes, first, count, scratch)
        }
    }

    static func forwardPooled(
        _ y: PooledOutput, _ x: Tensor, _ w: Tensor, bias: Tensor?, _ s: ConvolutionShape
    ) throws {
        let plan = Plan(s, pooled: true)
        let operands = try plan.operands(w, bias)
        let (py, px, places) = (y.numbers.typed(Float.self), x.typed(Float.self), y.place.typed(UInt8.self))
        let (image, factor) = ((s.P / 2) * (s.Q / 2) * s.K, y.factor?.typed(Float.self))
        try plan.forEachBand { _, n, first, count, scratch in
            kernel_direct_pooled(
                py + n * image, places + n * image, px + n * s.H * s.W * s.C, operands.filters.floats,
                operands.bias.floats, factor.map { $0 + n * s.K }, plan.sizes, first, count, scratch)
        }
    }

    static func inputGradient(_ dx: Tensor, _ dy: Tensor, _ w: Tensor, _ shape: ConvolutionShape) throws {
        // Nobody asks for it but those who paint pictures with gradients.
        try GemmConvolution.inputGradient(dx, dy, w, shape)
    }

    static func weightGradient(_ dw: Tensor, _ x: Tensor, _ dy: Tensor, _ s: ConvolutionShape) throws {
        let (px, pdy) = (x.typed(Float.self), dy.typed(Float.self))
        try sumBands(dw, s, pooled: false) { sums, sizes, n, first, count, scratch in
            kernel_direct_weight(
                sums, px + n * s.H * s.W * s.C, pdy + n * s.P * s.Q * s.K, sizes, first, count, scratch)
        }
    }

    static func gradientsPooled(
        _ dx: Tensor?, _ dw: Tensor?, x: Tensor, dy: PooledOutput, w: Tensor, _ s: ConvolutionShape
    ) throws {
        let (px, pdy, places) = (x.typed(Float.self), dy.numbers.typed(Float.self), dy.place.typed(UInt8.self))
        let (image, factor) = ((s.P / 2) * (s.Q / 2) * s.K, dy.factor?.typed(Float.self))
        if let dw, !x.isAllFinite {
            // The pixels that a window did not take meet a gradient of 0, which makes a NaN of what is not finite.
            try weightGradient(dw, x, dy.spread(height: s.P, width: s.Q), s)
        } else if let dw {
            try sumBands(dw, s, pooled: true) { sums, sizes, n, first, count, scratch in
                kernel_direct_pooled_weight(
                    sums, px + n * s.H * s.W * s.C, pdy + n * image, places + n * image, factor.map { $0 + n * s.K },
                    sizes, first, count, scratch)
            }
        }
        guard let dx else { return }
        try GemmConvolution.inputGradient(dx, dy.spread(height: s.P, width: s.Q), w, s)
    }

    /// Adds up what `body` adds to the sums of a band: single precision in a band, double between bands.
    private static func sumBands(
        _ dw: Tensor, _ s: ConvolutionShape, pooled: Bool,
        _ body: (_ sums: Floats, KernelDirect, _ n: Int, _ first: Int, _ count: Int, _ scratch: Floats) -> Void
    ) throws {
        let depth = s.R * s.S * s.C
        let count = depth * ((s.K + 15) / 16 * 16)
        let plan = Plan(s, pooled: pooled, mostTasks: Swift.max(2, Swift.min(32, (32 << 20) / (12 * count))))
        let sums = try (0..<plan.tasks).map { _ in try Storage(byteCount: 4 * count) }
        let totals = try (0..<plan.tasks).map { _ in try Storage(byteCount: 8 * count) }
        for total in totals { total.doubles.update(repeating: 0, count: count) }
        try plan.forEachBand { task, n, first, rows, scratch in
            let sum = sums[task].floats
            sum.update(repeating: 0, count: count)
            body(sum, plan.sizes, n, first, rows, scratch)
            kernel_column_sum_f32(totals[task].doubles, sum, 1, 1, count)
        }
        let out = dw.filters, rowK = plan.sizes.rowK
        for i in 0..<depth {
            let (tap, c) = i.quotientAndRemainder(dividingBy: s.C)
            for k in 0..<s.K {
                var total = 0.0
                for part in totals { total += part.doubles[i * rowK + k] }
                out.at[k * out.filter + c * out.channel + tap * out.tap] = Float(total)
            }
        }
    }
}

extension Tensor {
    /// Whether no element of a dense tensor in single precision is NaN or infinite.
    fileprivate var isAllFinite: Bool {
        let bits = UnsafeRawPointer(typed(Float.self)).assumingMemoryBound(to: UInt32.self)
        let piece = 1 << 16, pieces = (count + piece - 1) / piece
        let largest = UnsafeMutablePointer<UInt32>.allocate(capacity: pieces)
        defer { largest.deallocate() }
        parallelRanges(pieces, grain: 4) { range, _ in
            for number in range {
                var top: UInt32 = 0
                for i in number * piece..<Swift.min(count, (number + 1) * piece) {
                    top = Swift.max(top, bits[i] & 0x7FFF_FFFF)
                }
                largest[number] = top
            }
        }
        return (0..<pieces).allSatisfy { largest[$0] < Float.infinity.bitPattern }
    }
}

extension Storage {
    fileprivate var doubles: UnsafeMutablePointer<Double> { bytes.assumingMemoryBound(to: Double.self) }
}
