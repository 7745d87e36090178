import CKernels
import Testing

@testable import Tensors

@Suite("Winograd's convolution", .serialized) struct WinogradTests {
    private func shape(_ x: [Int], _ K: Int, padding: [Int]) throws -> ConvolutionShape {
        try ConvolutionShape(x, [K, x[1], 3, 3], stride: [1, 1], padding: padding, dilation: [1, 1], groups: 1)
    }

    private struct Case {
        let s: ConvolutionShape
        let x: Tensor, w: Tensor, bias: Tensor, dy: Tensor

        init(_ s: ConvolutionShape) throws {
            self.s = s
            let generator = Generator(seed: 11)
            x = try generator.randn([s.N, s.C, s.H, s.W]).channelsLast()
            w = try generator.randn([s.K, s.C, 3, 3]).channelsLast()
            bias = try generator.randn([s.K])
            dy = try generator.randn([s.N, s.K, s.P, s.Q]).channelsLast()
        }

        /// y, dx, dw; outputs begin as NaN, so that what is not written shows.
        func results(_ body: (_ y: Tensor, _ dx: Tensor, _ dw: Tensor) throws -> Void) throws -> [[Double]] {
            let outputs = try [dy.shape, x.shape, w.shape].map {
                try Tensor.full($0, .double(.nan)).channelsLast()
            }
            try body(outputs[0], outputs[1], outputs[2])
            return outputs.map { $0.toArray() }
        }

        func exact() throws -> [[Double]] {
            try results { y, dx, dw in
                try ReferenceConvolution.forward(y, x, w, bias: bias, s)
                try ReferenceConvolution.gradients(dx, dw, x: x, dy: dy, w: w, s)
            }
        }
    }

    static let bound = 2e-5

    /// Rounding errors grow with the length of a sum: one over all 8,192 tiles would be wrong by 6e-5.
    @Test("the gradient of the filters of a large batch is as exact")
    func largeBatch() throws {
        let c = try Case(shape([128, 16, 32, 32], 16, padding: [1, 1]))
        let before = Threads.count
        defer { Threads.setCount(before) }
        Threads.setCount(1)
        let exact = try Tensor.empty(c.w.shape, .float32, strides: c.w.strides)
        try GemmConvolution.weightGradient(exact, c.x, c.dy, c.s)
        let plan = WinogradPlan(c.s)
        for way in [plan.backwardBlocks, plan.backwardChunks] {
            let dw = try Tensor.empty(c.w.shape, .float32, strides: c.w.strides)
            try way(
                nil, WinogradPlan.WeightGradient(dw: dw.filters, x: c.x.typed(Float.self)),
                WinogradSlope(dy: c.dy.typed(Float.self), place: nil))
            let error = relativeError(dw.toArray(), exact.toArray())
            #expect(error <= WinogradTests.bound, "\(error)")
        }
    }

    @Test(
        "every pass, split in either way, is within 2e-5 of the sum in double precision, on every instruction set",
        arguments: [
            ([3, 16, 8, 8], 16, [1, 1]), ([1, 5, 1, 1], 3, [1, 1]), ([1, 17, 2, 3], 33, [1, 1]),
            ([2, 16, 3, 3], 20, [0, 0]), ([5, 19, 7, 9], 31, [1, 1]), ([2, 24, 5, 6], 16, [2, 2]),
            ([3, 40, 13, 11], 18, [0, 2]), ([4, 64, 16, 16], 48, [1, 1]), ([9, 130, 4, 4], 70, [1, 1]),
            ([2, 16, 4, 4], 16, [7, 0]), ([1, 3, 30, 17], 2, [1, 1]),
        ])
    func accuracy(input: [Int], K: Int, padding: [Int]) throws {
        let c = try Case(shape(input, K, padding: padding))
        let exact = try c.exact()
        let plan = WinogradPlan(c.s)
        let before = (isa: kernel_isa(), threads: Threads.count)
        defer {
            kernel_isa_select(before.isa)
            Threads.setCount(before.threads)
        }
        for isa in [KERNEL_SCALAR, KERNEL_AVX2, KERNEL_AVX512] where kernel_isa_select(isa) == isa {
            let x = c.x.typed(Float.self), w = c.w.filters, dy = c.dy.typed(Float.self)
            let bias = c.bias.typed(Float.self)
            let blocks = try c.results { y, dx, dw in
                try plan.forwardBlocks(.init(y: y.typed(Float.self), place: nil, bias: bias), x, plan.turnedFilters(w))
                try plan.backwardBlocks(
                    .init(dx: dx.typed(Float.self), w: w), .init(dw: dw.filters, x: x),
                    .init(dy: dy, place: nil))
            }
            let chunks = try c.results { y, dx, dw in
                try plan.forwardChunks(.init(y: y.typed(Float.self), place: nil, bias: bias), x, w)
                try plan.backwardChunks(
                    .init(dx: dx.typed(Float.self), w: w), .init(dw: dw.filters, x: x),
                    .init(dy: dy, place: nil))
            }
            let apart = try c.results { y, dx, dw in
                try WinogradConvolution.forward(y, c.x, c.w, bias: c.bias, c.s)
                try WinogradConvolution.inputGradient(dx, c.dy, c.w, c.s)
                try WinogradConvolution.weightGradient(dw, c.x, c.dy, c.s)
            }
            for (way, ours) in [("blocks", blocks), ("chunks", chunks), ("chosen", apart)] {
                for (pass, i) in [("forward", 0), ("input", 1), ("weight", 2)] {
                    let error = relativeError(ours[i], exact[i])
                    #expect(error <= WinogradTests.bound, "\(kernelInstructionSet) \(way) \(pass): \(error)")
                }
            }
        }
    }

    @Test("the same bits again with as many threads, 1e-5 with others")
    func threads() throws {
        let before = Threads.count
        defer { Threads.setCount(before) }
        for size in [[24, 32, 16, 16], [40, 64, 4, 4]] {
            let c = try Case(shape(size, 48, padding: [1, 1]))
            func run(_ threads: Int) throws -> [[Double]] {
                Threads.setCount(threads)
                return try c.results { y, dx, dw in
                    try WinogradConvolution.forward(y, c.x, c.w, bias: c.bias, c.s)
                    try WinogradConvolution.gradients(dx, dw, x: c.x, dy: c.dy, w: c.w, c.s)
                }
            }
            let first = try run(3)
            #expect(try run(3) == first)
            for count in [1, 2, 7] {
                for (ours, wanted) in zip(try run(count), first) { #expect(relativeError(ours, wanted) < 1e-5) }
            }
        }
    }

    @Test("says why it declines, and is switched off for the thread that asks")
    func declining() throws {
        let wide = try shape([128, 64, 16, 16], 64, padding: [1, 1])
        #expect(WinogradConvolution.declines(wide, .float32) == nil)
        #expect("\(Convolutions.algorithm(wide, .float32))" == "WinogradConvolution")
        #expect(WinogradConvolution.declines(wide, .float64) == "single precision only")
        withoutWinograd {
            #expect(
                WinogradConvolution.declines(wide, .float32) == "switched off by options(workbench.winograd = FALSE)")
            #expect("\(Convolutions.algorithm(wide, .float32))" == "GemmConvolution")
        }
        #expect(
            WinogradConvolution.declines(try shape([128, 512, 2, 2], 512, padding: [1, 1]), .float32)
                == "2×2 outputs fill too little of 4×4 tiles")
        #expect(
            WinogradConvolution.declines(try shape([128, 3, 64, 64], 64, padding: [1, 1]), .float32)
                == "fewer than 16 channels: the transforms cost more than they save")
        #expect(
            WinogradConvolution.declines(try shape([1, 64, 16, 16], 64, padding: [1, 1]), .float32)
                == "too few tiles (16) to pay for transforming the filters")
        let strided = try ConvolutionShape(
            [128, 64, 16, 16], [64, 64, 3, 3], stride: [2, 2], padding: [1, 1], dilation: [1, 1], groups: 1)
        #expect(WinogradConvolution.declines(strided, .float32) == "stride 1 and dilation 1 only")
    }

    @Test("a recorded convolution gives the direct sum's gradients, together and alone")
    func recorded() throws {
        let c = try Case(shape([8, 32, 12, 12], 32, padding: [1, 1]))
        func gradients(x needsX: Bool, w needsW: Bool) throws -> [[Double]] {
            let x = try c.x.copied().requiresGrad_(needsX), w = try c.w.copied().requiresGrad_(needsW)
            try x.conv2d(w, c.bias, padding: .pixels([1])).mul(c.dy).sum().backward()
            return [x.grad?.toArray() ?? [], w.grad?.toArray() ?? []]
        }
        let exact = try withoutWinograd { try gradients(x: true, w: true) }
        let both = try gradients(x: true, w: true)
        let alone = [try gradients(x: true, w: false)[0], try gradients(x: false, w: true)[1]]
        for i in 0..<2 {
            #expect(relativeError(both[i], exact[i]) < WinogradTests.bound)
            #expect(relativeError(alone[i], exact[i]) < WinogradTests.bound)
        }
    }
}
