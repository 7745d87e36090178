import CKernels
import Diagnostics

/// Convolution as a matrix product: the windows of a band of output pixels are laid out as rows ([R·S·C] each) and
/// multiplied with the filters by BLAS, band after band, the bands spread over the threads.
enum GemmConvolution: ConvolutionAlgorithm {
    static func declines(_ shape: ConvolutionShape, _ dtype: DType) -> String? {
        let largest = Int(Int32.max)
        let sizes = [shape.R * shape.S * shape.C, shape.K, shape.C]
        return sizes.allSatisfy { $0 < largest } ? nil : "sizes beyond BLAS's 32-bit integers"
    }

    /// Output pixels in a band: enough rows that packing the filters anew for each band does not count.
    private static func bandRows(_ s: ConvolutionShape, unit: Int) -> Int {
        let bytes = s.R * s.S * (s.C / s.groups) * unit
        return Swift.max(512, Swift.min(4096, (2 << 20) / Swift.max(1, bytes)))
    }

    /// Whether windows are single pixels in order: the input itself is the matrix.
    private static func isPointwise(_ s: ConvolutionShape) -> Bool {
        s.R == 1 && s.S == 1 && s.strideH == 1 && s.strideW == 1 && s.padH == 0 && s.padW == 0
    }

    private static func gemm(
        _ dtype: DType, _ transA: Bool, _ transB: Bool, _ M: Int, _ N: Int, _ K: Int, _ A: UnsafeMutableRawPointer,
        _ lda: Int, _ B: UnsafeMutableRawPointer, _ ldb: Int, beta: Double, _ C: UnsafeMutableRawPointer, _ ldc: Int
    ) {
        if dtype == .float32 {
            kernel_gemm_f32(
                transA ? 1 : 0, transB ? 1 : 0, M, N, K, 1, A.assumingMemoryBound(to: Float.self), lda,
                B.assumingMemoryBound(to: Float.self), ldb, Float(beta), C.assumingMemoryBound(to: Float.self), ldc)
        } else {
            kernel_gemm_f64(
                transA ? 1 : 0, transB ? 1 : 0, M, N, K, 1, A.assumingMemoryBound(to: Double.self), lda,
                B.assumingMemoryBound(to: Double.self), ldb, beta, C.assumingMemoryBound(to: Double.self), ldc)
        }
    }

    /// Pieces of bands of `rows` output pixels that are worked on side by side.
    private static func pieces(_ total: Int, _ rows: Int) -> Int {
        Swift.max(1, Swift.min(Threads.count, (total + rows - 1) / rows))
    }

    /// Bands of `rows` output pixels spread over `pieces` (``pieces(_:_:)`` of now by default: the number of threads may
    /// change between two looks), each piece with `scratch` bytes of its own.
    private static func bands(
        _ total: Int, _ rows: Int, pieces wanted: Int? = nil, scratch: Int,
        _ body: (_ piece: Int, Range<Int>, UnsafeMutableRawPointer) -> Void
    ) throws {
        let pieces = wanted ?? pieces(total, rows)
        let blocks = try (0..<pieces).map { _ in try Storage(byteCount: scratch) }
        // Even shares: with two threads and three bands one would wait.
        let count = (total + rows - 1) / rows
        let even = (count + pieces - 1) / pieces * pieces
        parallelTasks(pieces) { piece in
            for band in (even * piece / pieces)..<(even * (piece + 1) / pieces) {
                let range = (total * band / even)..<(total * (band + 1) / even)
                if !range.isEmpty { body(piece, range, blocks[piece].bytes) }
            }
        }
        withExtendedLifetime(blocks) {}
    }

    static func forward(_ y: Tensor, _ x: Tensor, _ w: Tensor, bias: Tensor?, _ s: ConvolutionShape) throws {
        let unit = x.dtype.byteCount, dtype = x.dtype
        let (c, k) = (s.C / s.groups, s.K / s.groups)
        let depth = s.R * s.S * c
        let rows = bandRows(s, unit: unit)
        let direct = isPointwise(s)
        let filters = try w.channelsLast()
        let (px, pw, py) = (x.pointer, filters.pointer, y.pointer)
        let pb = bias?.pointer
        defer { withExtendedLifetime(filters) {} }
        try bands(s.N * s.P * s.Q, rows, scratch: direct ? 0 : (rows + 1) * depth * unit) { _, range, cols in
            if let pb {
                for row in range { (py + row * s.K * unit).copyMemory(from: pb, byteCount: s.K * unit) }
            }
            for g in 0..<s.groups {
                var matrix = px + (range.lowerBound * s.C + g * c) * unit
                var ld = s.C
                if !direct {
                    kernel_im2col(cols, px + g * c * unit, s.window, s.C, range.lowerBound, range.count, unit)
                    matrix = cols
                    ld = depth
                }
                gemm(
                    dtype, false, true, range.count, k, depth, matrix, ld, pw + g * k * depth * unit, depth,
                    beta: pb == nil ? 0 : 1, py + (range.lowerBound * s.K + g * k) * unit, s.K)
            }
        }
    }

    static func inputGradient(_ dx: Tensor, _ dy: Tensor, _ w: Tensor, _ s: ConvolutionShape) throws {
        let padH = s.dilationH * (s.R - 1) - s.padH, padW = s.dilationW * (s.S - 1) - s.padW
        if s.strideH == 1, s.strideW == 1, padH >= 0, padW >= 0, s.groups == 1,
            s.P == s.H + 2 * s.padH - s.dilationH * (s.R - 1), s.Q == s.W + 2 * s.padW - s.dilationW * (s.S - 1)
        {
            // The gradient is itself a convolution, of dy with the filters turned by 180° and their roles exchanged.
            let turned = try w.permute([1, 0, 2, 3]).detached().flip([2, 3]).channelsLast()
            let back = try ConvolutionShape(
                [s.N, s.K, s.P, s.Q], [s.C, s.K, s.R, s.S], stride: [1, 1], padding: [padH, padW],
                dilation: [s.dilationH, s.dilationW], groups: 1)
            return try forward(dx, dy, turned, bias: nil, back)
        }
        // General case: gradients of the window rows, added back where windows overlap; a piece takes whole images.
        let unit = dx.dtype.byteCount, dtype = dx.dtype
        let (c, k) = (s.C / s.groups, s.K / s.groups)
        let depth = s.R * s.S * c, per = s.P * s.Q
        dx.clear()
        let filters = try w.channelsLast()
        defer { withExtendedLifetime(filters) {} }
        let (pdx, pw, pdy) = (dx.pointer, filters.pointer, dy.pointer)
        let band = Swift.max(1, Swift.min(s.N, 1024 / Swift.max(1, per)))
        try bands(s.N, band, scratch: (band + 1) * per * depth * unit) { _, images, cols in
            let first = images.lowerBound * per, count = images.count * per
            for g in 0..<s.groups {
                gemm(
                    dtype, false, false, count, depth, k, pdy + (first * s.K + g * k) * unit, s.K,
                    pw + g * k * depth * unit, depth, beta: 0, cols, depth)
                if dtype == .float32 {
                    kernel_col2im_f32(
                        pdx.assumingMemoryBound(to: Float.self) + g * c, cols.assumingMemoryBound(to: Float.self),
                        s.window, s.C, first, count)
                } else {
                    kernel_col2im_f64(
                        pdx.assumingMemoryBound(to: Double.self) + g * c, cols.assumingMemoryBound(to: Double.self),
                        s.window, s.C, first, count)
                }
            }
        }
    }

    static func weightGradient(_ dw: Tensor, _ x: Tensor, _ dy: Tensor, _ s: ConvolutionShape) throws {
        if !dw.isChannelsLast {
            let turned = try Tensor.empty(dw.shape, dw.dtype, strides: channelsLastStrides(dw.shape))
            try weightGradient(turned, x, dy, s)
            return try dw.copyElements(from: turned)
        }
        let unit = dw.dtype.byteCount, dtype = dw.dtype
        let (c, k) = (s.C / s.groups, s.K / s.groups)
        let depth = s.R * s.S * c
        let total = s.N * s.P * s.Q
        let rows = bandRows(s, unit: unit)
        let direct = isPointwise(s)
        let pieces = pieces(total, rows)
        // Each piece sums its own bands; the sums are added in order at the end.
        let sums = try (1..<pieces).map { _ in try dw.emptyLike() }
        for sum in [dw] + sums { sum.clear() }
        let (px, pdy) = (x.pointer, dy.pointer)
        let targets = [dw.pointer] + sums.map(\.pointer)
        try bands(total, rows, pieces: pieces, scratch: direct ? 0 : (rows + 1) * depth * unit) { piece, range, cols in
            for g in 0..<s.groups {
                var matrix = px + (range.lowerBound * s.C + g * c) * unit
                var ld = s.C
                if !direct {
                    kernel_im2col(cols, px + g * c * unit, s.window, s.C, range.lowerBound, range.count, unit)
                    matrix = cols
                    ld = depth
                }
                gemm(
                    dtype, true, false, k, depth, range.count, pdy + (range.lowerBound * s.K + g * k) * unit, s.K,
                    matrix, ld, beta: 1, targets[piece] + g * k * depth * unit, depth)
            }
        }
        for sum in sums { try dw.addElements(sum) }
    }
}
