import CKernels
import Testing

@testable import Tensors

@Suite("Filters 7 wide with step 2 over images of few channels", .serialized) struct StemConvolutionTests {
    private func eachInstructionSet(_ body: () throws -> Void) rethrows {
        let before = kernel_isa()
        defer { kernel_isa_select(before) }
        for isa in [KERNEL_SCALAR, KERNEL_AVX2, KERNEL_AVX512] where kernel_isa_select(isa) == isa { try body() }
    }

    private func run(
        _ algorithm: any ConvolutionAlgorithm.Type, _ x: Tensor, _ w: Tensor, _ bias: Tensor?, _ s: ConvolutionShape
    ) throws -> [Double] {
        // An output that begins as NaN, so that what is not written shows.
        let y = try Tensor.full([s.N, s.K, s.P, s.Q], .double(.nan)).channelsLast()
        try algorithm.forward(y, x, w, bias: bias, s)
        return y.toArray()
    }

    @Test(
        "is within 2e-5 of the sum in double precision, on every instruction set",
        arguments: [
            (x: [2, 3, 64, 64], K: 64, rows: 7, step: 2, padding: [3, 3]),
            (x: [1, 1, 1, 1], K: 1, rows: 1, step: 1, padding: [0, 3]),
            (x: [1, 4, 9, 7], K: 33, rows: 7, step: 2, padding: [3, 0]),
            (x: [3, 2, 13, 31], K: 17, rows: 3, step: 1, padding: [1, 2]),
            (x: [1, 3, 230, 233], K: 16, rows: 7, step: 2, padding: [3, 3]),
            (x: [2, 3, 40, 10], K: 48, rows: 11, step: 3, padding: [7, 5]),
            (x: [1, 3, 5, 3], K: 31, rows: 5, step: 2, padding: [0, 12]),
            (x: [1, 2, 3, 2000], K: 5, rows: 2, step: 4, padding: [9, 3]),
        ])
    func accuracy(x size: [Int], K: Int, rows: Int, step: Int, padding: [Int]) throws {
        let s = try ConvolutionShape(
            size, [K, size[1], rows, 7], stride: [step, 2], padding: padding, dilation: [1, 1], groups: 1)
        let generator = Generator(seed: 14)
        let x = try generator.randn(size).channelsLast(), w = try generator.randn([K, size[1], rows, 7])
        let bias = try generator.randn([K])
        for bias in [nil, bias] {
            let exact = try run(ReferenceConvolution.self, x, w, bias, s)
            try eachInstructionSet {
                for w in [w, try w.channelsLast()] {
                    let error = relativeError(try run(StemConvolution.self, x, w, bias, s), exact)
                    #expect(error <= WinogradTests.bound, "\(kernelInstructionSet): \(error)")
                }
            }
        }
    }

    @Test("the same bits with any number of threads, and where y is larger than the caches")
    func threads() throws {
        let before = Threads.count
        defer { Threads.setCount(before) }
        let s = try ConvolutionShape(
            [70, 3, 64, 64], [64, 3, 7, 7], stride: [2, 2], padding: [3, 3], dilation: [1, 1], groups: 1)
        let generator = Generator(seed: 15)
        let x = try generator.randn([70, 3, 64, 64]).channelsLast(), w = try generator.randn([64, 3, 7, 7])
        let direct = try run(DirectConvolution.self, x, w, nil, s)
        try eachInstructionSet {
            Threads.setCount(3)
            let first = try run(StemConvolution.self, x, w, nil, s)
            #expect(relativeError(first, direct) <= WinogradTests.bound)
            for count in [1, 2, 7] {
                Threads.setCount(count)
                #expect(try run(StemConvolution.self, x, w, nil, s) == first)
            }
        }
    }

    @Test("says why it declines")
    func declining() throws {
        func shape(_ x: [Int], _ w: [Int], stride: Int = 2, dilation: Int = 1) throws -> ConvolutionShape {
            try ConvolutionShape(
                x, w, stride: [stride, stride], padding: [3, 3], dilation: [dilation, dilation], groups: x[1] / w[1])
        }
        let first = try shape([128, 3, 64, 64], [64, 3, 7, 7])
        #expect("\(Convolutions.algorithm(first, .float32))" == "StemConvolution")
        #expect(StemConvolution.declines(first, .float64) == "single precision only")
        withoutWinograd { #expect("\(Convolutions.algorithm(first, .float32))" == "DirectConvolution") }
        #expect(
            StemConvolution.declines(try shape([8, 3, 64, 64], [64, 3, 7, 7], stride: 1), .float32)
                == "filters 7 wide with step 2 only")
        #expect(
            StemConvolution.declines(try shape([8, 3, 64, 64], [64, 3, 7, 5]), .float32)
                == "filters 7 wide with step 2 only")
        #expect(
            StemConvolution.declines(try shape([8, 8, 64, 64], [64, 8, 7, 7]), .float32)
                == "more than 4 channels (8): a matrix product is as fast")
        #expect(
            StemConvolution.declines(try shape([8, 3, 64, 64], [63, 1, 7, 7]), .float32)
                == "one group only, these are 3")
        #expect(
            StemConvolution.declines(try shape([8, 3, 64, 64], [64, 3, 7, 7], dilation: 2), .float32)
                == "dilation 1 only")
        #expect(
            StemConvolution.declines(try shape([8, 3, 64, 2], [64, 3, 7, 7]), .float32)
                == "1 outputs a row fill too little of tiles of 4")
    }

    @Test("a recorded convolution has the direct sum's gradients")
    func recorded() throws {
        let generator = Generator(seed: 16)
        let image = try generator.randn([6, 3, 32, 32]), filters = try generator.randn([16, 3, 7, 7])
        func results() throws -> [[Double]] {
            let x = try image.copied().requiresGrad_(), w = try filters.copied().requiresGrad_()
            let y = try x.conv2d(w, stride: [2], padding: .pixels([3]))
            try y.mul(y).sum().backward()
            return try [y, #require(x.grad), #require(w.grad)].map { $0.toArray() }
        }
        let exact = try withoutWinograd { try results() }
        for (ours, wanted) in zip(try results(), exact) { #expect(relativeError(ours, wanted) < WinogradTests.bound) }
    }
}
