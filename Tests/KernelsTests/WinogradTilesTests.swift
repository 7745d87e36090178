import CKernels
import Testing

@testable import Tensors

@Suite("Winograd's convolution with stride 2 and of images of 2×2", .serialized) struct WinogradTilesTests {
    private func shape(_ x: [Int], _ K: Int, stride: Int, padding: [Int]) throws -> ConvolutionShape {
        try ConvolutionShape(
            x, [K, x[1], 3, 3], stride: [stride, stride], padding: padding, dilation: [1, 1], groups: 1)
    }

    private struct Case {
        let s: ConvolutionShape
        let x: Tensor, w: Tensor, bias: Tensor

        init(_ s: ConvolutionShape) throws {
            self.s = s
            let generator = Generator(seed: 13)
            x = try generator.randn([s.N, s.C, s.H, s.W]).channelsLast()
            w = try generator.randn([s.K, s.C, 3, 3])
            bias = try generator.randn([s.K])
        }

        /// An output that begins as NaN, so that what is not written shows.
        func output(_ body: (Tensor) throws -> Void) throws -> [Double] {
            let y = try Tensor.full([s.N, s.K, s.P, s.Q], .double(.nan)).channelsLast()
            try body(y)
            return y.toArray()
        }

        func run(_ algorithm: any ConvolutionAlgorithm.Type, bias: Tensor?) throws -> [Double] {
            try output { try algorithm.forward($0, x, w, bias: bias, s) }
        }

        /// With tiles of a kind, split in either way, filters in order or channels-last.
        func tiled(_ tiling: Tiling, blocks: Bool, bias: Tensor?) throws -> [Double] {
            let plan = WinogradPlan(s, tiling)
            let w = blocks ? w : try w.channelsLast()
            return try output { y in
                let y = WinogradOutput(y: y.typed(Float.self), place: nil, bias: bias?.typed(Float.self))
                if blocks {
                    try plan.forwardBlocks(y, x.typed(Float.self), plan.turnedFilters(w.filters))
                } else {
                    try plan.forwardChunks(y, x.typed(Float.self), w.filters)
                }
            }
        }
    }

    private func eachInstructionSet(_ body: () throws -> Void) rethrows {
        let before = kernel_isa()
        defer { kernel_isa_select(before) }
        for isa in [KERNEL_SCALAR, KERNEL_AVX2, KERNEL_AVX512] where kernel_isa_select(isa) == isa { try body() }
    }

    private func check(_ c: Case, _ tiling: Tiling) throws {
        for bias in [nil, c.bias] {
            let exact = try c.run(ReferenceConvolution.self, bias: bias)
            try eachInstructionSet {
                for blocks in [true, false] {
                    let error = relativeError(try c.tiled(tiling, blocks: blocks, bias: bias), exact)
                    #expect(error <= WinogradTests.bound, "\(kernelInstructionSet) blocks \(blocks): \(error)")
                }
            }
        }
    }

    @Test(
        "stride 2 is within 2e-5 of the sum in double precision, with both tiles, on every instruction set",
        arguments: [
            ([3, 16, 16, 16], 16, [1, 1]), ([1, 1, 1, 1], 1, [1, 1]), ([1, 5, 3, 2], 3, [1, 1]),
            ([2, 17, 8, 8], 33, [1, 1]), ([5, 19, 7, 9], 31, [1, 1]), ([2, 24, 5, 6], 16, [2, 2]),
            ([3, 40, 13, 11], 18, [0, 2]), ([4, 64, 4, 4], 48, [1, 1]), ([2, 16, 4, 4], 16, [7, 0]),
            ([9, 130, 4, 4], 70, [1, 1]), ([1, 3, 31, 18], 2, [1, 0]), ([1, 8, 3, 3], 9, [0, 0]),
        ])
    func strided(input: [Int], K: Int, padding: [Int]) throws {
        let c = try Case(shape(input, K, stride: 2, padding: padding))
        try check(c, .stridedFour)
        try check(c, .stridedTwo)
    }

    @Test(
        "images of 2×2 are within 2e-5 of the sum in double precision, on every instruction set",
        arguments: [([16, 16, 2, 2], 16), ([1, 1, 2, 2], 1), ([7, 33, 2, 2], 50), ([130, 70, 2, 2], 17)])
    func small(input: [Int], K: Int) throws {
        try check(Case(shape(input, K, stride: 1, padding: [1, 1])), .image)
    }

    @Test("the same bits again with as many threads, 1e-5 with others")
    func threads() throws {
        let before = Threads.count
        defer { Threads.setCount(before) }
        for (size, stride) in [([24, 32, 16, 16], 2), ([40, 64, 4, 4], 2), ([40, 64, 2, 2], 1)] {
            let c = try Case(shape(size, 48, stride: stride, padding: [1, 1]))
            let algorithm = Convolutions.algorithm(c.s, .float32)
            #expect("\(algorithm)".hasSuffix("WinogradConvolution"))
            func run(_ threads: Int) throws -> [Double] {
                Threads.setCount(threads)
                return try c.run(algorithm, bias: c.bias)
            }
            let first = try run(3)
            #expect(try run(3) == first)
            for count in [1, 2, 7] { #expect(relativeError(try run(count), first) < 1e-5) }
        }
    }

    @Test("says why it declines, and is switched off for the thread that asks")
    func declining() throws {
        let strided = try shape([128, 64, 16, 16], 128, stride: 2, padding: [1, 1])
        let small = try shape([128, 512, 2, 2], 512, stride: 1, padding: [1, 1])
        #expect("\(Convolutions.algorithm(strided, .float32))" == "StridedWinogradConvolution")
        #expect("\(Convolutions.algorithm(small, .float32))" == "SmallWinogradConvolution")
        #expect(StridedWinogradConvolution.tiling(strided).outputs == 4)
        let few = try shape([128, 64, 4, 4], 128, stride: 2, padding: [1, 1])
        #expect(StridedWinogradConvolution.tiling(few).outputs == 2)
        #expect(StridedWinogradConvolution.declines(strided, .float64) == "single precision only")
        #expect(StridedWinogradConvolution.declines(small, .float32) == "stride 2 only")
        #expect(
            StridedWinogradConvolution.declines(try shape([128, 64, 5, 5], 128, stride: 2, padding: [1, 1]), .float32)
                == "3×3 outputs fill too little of tiles")
        #expect(
            StridedWinogradConvolution.declines(try shape([1, 64, 16, 16], 128, stride: 2, padding: [1, 1]), .float32)
                == "too few tiles (4) to pay for transforming the filters")
        #expect(
            StridedWinogradConvolution.declines(try shape([128, 3, 16, 16], 64, stride: 2, padding: [1, 1]), .float32)
                == "fewer than 16 channels: the transforms cost more than they save")
        #expect(
            SmallWinogradConvolution.declines(try shape([128, 64, 2, 2], 64, stride: 1, padding: [2, 1]), .float32)
                == "images of 2×2 with padding 1 and stride 1 only")
        #expect(
            SmallWinogradConvolution.declines(try shape([2, 64, 2, 2], 64, stride: 1, padding: [1, 1]), .float32)
                == "too few images (2) to pay for transforming the filters")
        let wide = try ConvolutionShape(
            [128, 64, 16, 16], [64, 64, 3, 3], stride: [2, 2], padding: [2, 2], dilation: [2, 2], groups: 1)
        #expect(StridedWinogradConvolution.declines(wide, .float32) == "dilation 1 only")
        let grouped = try ConvolutionShape(
            [128, 64, 16, 16], [64, 32, 3, 3], stride: [2, 2], padding: [1, 1], dilation: [1, 1], groups: 2)
        #expect(StridedWinogradConvolution.declines(grouped, .float32) == "one group only, these are 2")
        withoutWinograd {
            #expect("\(Convolutions.algorithm(strided, .float32))" == "GemmConvolution")
            #expect("\(Convolutions.algorithm(small, .float32))" == "DenseConvolution")
        }
    }

    @Test("a recorded convolution gives the direct sum's values and gradients", arguments: [(16, 2), (4, 2), (2, 1)])
    func recorded(side: Int, stride: Int) throws {
        let c = try Case(shape([36, 32, side, side], 32, stride: stride, padding: [1, 1]))
        func results() throws -> [[Double]] {
            let x = try c.x.copied().requiresGrad_(), w = try c.w.copied().requiresGrad_()
            let y = try x.conv2d(w, c.bias, stride: [stride], padding: .pixels([1]))
            try y.mul(y).sum().backward()
            return try [y, #require(x.grad), #require(w.grad)].map { $0.toArray() }
        }
        let exact = try withoutWinograd { try results() }
        for (ours, wanted) in zip(try results(), exact) { #expect(relativeError(ours, wanted) < WinogradTests.bound) }
    }
}
