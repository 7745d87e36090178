import CKernels
import Testing

@testable import Tensors

/// Input size, filters, filter size, stride, padding.
private typealias Row = (input: [Int], K: Int, filter: [Int], stride: [Int], padding: [Int])

@Suite("Convolution of images of few channels", .serialized) struct DirectConvolutionTests {
    private func shape(_ row: Row, dilation: Int = 1, groups: Int = 1) throws -> ConvolutionShape {
        try ConvolutionShape(
            row.input, [row.K, row.input[1] / groups] + row.filter, stride: row.stride, padding: row.padding,
            dilation: [dilation, dilation], groups: groups)
    }

    private struct Case {
        let s: ConvolutionShape
        let x: Tensor, w: Tensor, bias: Tensor, dy: Tensor, pooledDy: Tensor

        init(_ s: ConvolutionShape) throws {
            self.s = s
            let generator = Generator(seed: 12)
            x = try generator.randn([s.N, s.C, s.H, s.W]).channelsLast()
            w = try generator.randn([s.K, s.C, s.R, s.S]).channelsLast()
            bias = try generator.randn([s.K])
            dy = try generator.randn([s.N, s.K, s.P, s.Q]).channelsLast()
            pooledDy = try generator.randn([s.N, s.K, s.P / 2, s.Q / 2]).channelsLast()
        }

        /// An output that begins as NaN, so that what is not written shows.
        func blank(_ like: Tensor) throws -> Tensor { try Tensor.full(like.shape, .double(.nan)).channelsLast() }

        /// y, dx, dw; filters channels-last, or in order of their shape.
        func results(_ algorithm: any ConvolutionAlgorithm.Type, _ dy: Tensor, inOrder: Bool = false) throws -> [Tensor]
        {
            var outputs = try [self.dy, x, w].map { try blank($0) }
            var w = w
            if inOrder { (w, outputs[2]) = (try w.contiguous(), try outputs[2].contiguous()) }
            try algorithm.forward(outputs[0], x, w, bias: bias, s)
            try algorithm.gradients(outputs[1], outputs[2], x: x, dy: dy, w: w, s)
            return outputs
        }

        func pooled() throws -> (y: Tensor, place: Tensor, dx: Tensor, dw: Tensor) {
            let y = try blank(pooledDy), dx = try blank(x), dw = try blank(w)
            let place = try Tensor.empty(y.shape, .uint8, strides: y.strides)
            func output(_ numbers: Tensor) -> PooledOutput { PooledOutput(numbers: numbers, place: place, factor: nil) }
            try DirectConvolution.forwardPooled(output(y), x, w, bias: bias, s)
            try DirectConvolution.gradientsPooled(dx, dw, x: x, dy: output(pooledDy), w: w, s)
            return (y, place, dx, dw)
        }
    }

    /// ReLU and 2×2 max-pooling of y `[N, P, Q, K]`, the place of each maximum, and dy spread to those places.
    private func pool(_ y: [Float], _ dy: [Float], _ s: ConvolutionShape) -> (y: [Float], place: [Int], dy: [Float]) {
        var pooled: [Float] = [], places: [Int] = [], spread = [Float](repeating: 0, count: y.count)
        for n in 0..<s.N {
            for p in 0..<s.P / 2 {
                for q in 0..<s.Q / 2 {
                    for k in 0..<s.K {
                        let at = (0..<4).map { ((n * s.P + 2 * p + $0 / 2) * s.Q + 2 * q + $0 % 2) * s.K + k }
                        var best = at[0], place = 0
                        for j in 1..<4 where y[at[j]] > y[best] || y[at[j]].isNaN { (best, place) = (at[j], j) }
                        if !(y[best] > 0) { place = 4 }
                        if place < 4 { spread[best] = dy[pooled.count] }
                        pooled.append(y[best].isNaN ? y[best] : max(0, y[best]))
                        places.append(place)
                    }
                }
            }
        }
        return (pooled, places, spread)
    }

    private func forEachSet(_ body: () throws -> Void) rethrows {
        let before = kernel_isa()
        defer { kernel_isa_select(before) }
        for isa in [KERNEL_SCALAR, KERNEL_AVX2, KERNEL_AVX512] where kernel_isa_select(isa) == isa { try body() }
    }

    /// The elements as they lie in memory.
    private func memory<T>(_ tensor: Tensor, _ type: T.Type) -> [T] {
        Array(UnsafeBufferPointer(start: tensor.typed(type), count: tensor.count))
    }

    private static let rows: [Row] = [
        ([3, 3, 16, 16], 64, [3, 3], [1, 1], [1, 1]), ([2, 3, 20, 24], 64, [7, 7], [2, 2], [3, 3]),
        ([1, 1, 1, 1], 1, [1, 1], [1, 1], [0, 0]), ([5, 1, 28, 28], 6, [5, 5], [1, 1], [0, 0]),
        ([3, 2, 13, 11], 20, [5, 5], [1, 1], [2, 2]), ([2, 4, 17, 9], 70, [3, 7], [2, 1], [0, 3]),
        ([2, 3, 20, 31], 40, [11, 11], [4, 4], [2, 2]), ([2, 3, 3, 3], 17, [3, 3], [1, 1], [3, 3]),
        ([1, 3, 97, 65], 33, [3, 3], [2, 2], [1, 1]), ([40, 1, 5, 6], 8, [2, 4], [1, 2], [1, 0]),
        ([1, 4, 2, 3], 16, [2, 2], [1, 1], [0, 0]), ([1, 3, 6, 300], 48, [1, 9], [3, 2], [0, 6]),
        ([2, 2, 9, 9], 31, [4, 1], [1, 1], [5, 9]), ([1, 3, 40, 2], 100, [5, 2], [2, 3], [1, 1]),
    ]

    @Test(
        "every pass is within 2e-6 of the sum in double precision, on every instruction set", arguments: rows.indices)
    func accuracy(index: Int) throws {
        let c = try Case(shape(Self.rows[index]))
        #expect(DirectConvolution.declines(c.s, .float32) == nil)
        let exact = try c.results(ReferenceConvolution.self, c.dy)
        try forEachSet {
            let ours = try c.results(DirectConvolution.self, c.dy)
            let inOrder = try c.results(DirectConvolution.self, c.dy, inOrder: true)
            #expect(try zip(ours, inOrder).allSatisfy { try $0.toArray(of: Float.self) == $1.toArray(of: Float.self) })
            for (pass, i) in [("forward", 0), ("input", 1), ("weight", 2)] {
                let error = relativeError(ours[i].toArray(), exact[i].toArray())
                #expect(error <= 2e-6, "\(kernelInstructionSet) \(pass): \(error)")
            }
        }
    }

    @Test("pooled, it gives the bits of convolution, ReLU and pooling, and their gradients", arguments: rows.indices)
    func pooled(index: Int) throws {
        let c = try Case(shape(Self.rows[index]))
        let reason = DirectConvolution.declinesPooled(c.s, .float32)
        guard c.s.P > 1, c.s.Q > 1 else {
            #expect(reason == "no window fits \(c.s.P)×\(c.s.Q) outputs")
            return
        }
        #expect(reason == nil)
        try forEachSet {
            let plain = try c.blank(c.dy)
            try DirectConvolution.forward(plain, c.x, c.w, bias: c.bias, c.s)
            let wanted = pool(memory(plain, Float.self), memory(c.pooledDy, Float.self), c.s)
            let ours = try c.pooled()
            #expect(memory(ours.y, Float.self) == wanted.y)
            #expect(memory(ours.place, UInt8.self).map(Int.init) == wanted.place)
            let spread = try c.blank(c.dy)
            spread.typed(Float.self).update(from: wanted.dy, count: wanted.dy.count)
            let exact = try c.results(ReferenceConvolution.self, spread)
            for (pass, mine, exact) in [("input", ours.dx, exact[1]), ("weight", ours.dw, exact[2])] {
                let error = relativeError(mine.toArray(), exact.toArray())
                #expect(error <= 2e-6, "\(kernelInstructionSet) \(pass): \(error)")
            }
        }
    }

    @Test("a window with NaN is NaN and passes its gradient to it; infinity and ties are as in max_pool")
    func odd() throws {
        let s = try shape(([1, 1, 2, 4], 3, [1, 1], [1, 1], [0, 0]))
        try forEachSet {
            let c = try Case(s)
            c.x.typed(Float.self).update(from: [1, 1, .infinity, 2, 1, .nan, 0, 2], count: 8)
            c.w.typed(Float.self).update(from: [1, -1, 0.5], count: 3)
            c.bias.typed(Float.self).update(repeating: 0, count: 3)
            let nan = try c.pooled()
            #expect(memory(nan.place, UInt8.self) == [3, 3, 3, 0, 4, 0])
            let y = memory(nan.y, Float.self)
            #expect(y[0..<3].allSatisfy(\.isNaN) && Array(y[3...]) == [.infinity, 0, .infinity])
            c.x.typed(Float.self).update(from: [3, 3, -1, 2, 3, 3, 0, 2], count: 8)
            #expect(memory(try c.pooled().place, UInt8.self) == [0, 4, 0, 1, 0, 1])
        }
    }

    @Test("the same bits with any number of threads, and for a large output as for a small one")
    func threads() throws {
        let before = Threads.count
        defer { Threads.setCount(before) }
        let c = try Case(shape(([40, 3, 33, 32], 128, [3, 3], [1, 1], [1, 1])))
        let bits = try [1, 2, 5].map { count in
            Threads.setCount(count)
            let pooled = try c.pooled()
            return try (c.results(DirectConvolution.self, c.dy) + [pooled.y, pooled.dw]).map { memory($0, Float.self) }
        }
        for i in [0, 2, 3, 4] { #expect(bits[0][i] == bits[1][i] && bits[0][i] == bits[2][i]) }
        let one = try Case(shape(([1, 3, 33, 32], 128, [3, 3], [1, 1], [1, 1])))
        one.x.typed(Float.self).update(from: c.x.typed(Float.self), count: one.x.count)
        let y = try one.blank(one.dy)
        try DirectConvolution.forward(y, one.x, c.w, bias: c.bias, one.s)
        #expect(memory(y, Float.self) == Array(bits[0][0].prefix(y.count)))
    }

    @Test("says why it declines; exact, so it stays when Winograd's method is off")
    func declining() throws {
        let first: Row = ([128, 3, 64, 64], 64, [3, 3], [1, 1], [1, 1])
        let layer = try shape(first)
        #expect("\(Convolutions.algorithm(layer, .float32))" == "DirectConvolution")
        withoutWinograd { #expect("\(Convolutions.algorithm(layer, .float32))" == "DirectConvolution") }
        #expect(DirectConvolution.declines(layer, .float64) == "single precision only")
        #expect(DirectConvolution.declines(try shape(first, dilation: 2), .float32) == "dilation 1 only")
        #expect(
            DirectConvolution.declines(try shape(([1, 4, 8, 8], 4, [3, 3], [1, 1], [1, 1]), groups: 2), .float32)
                == "one group only, these are 2")
        #expect(
            DirectConvolution.declines(try shape(([1, 5, 8, 8], 4, [3, 3], [1, 1], [1, 1])), .float32)
                == "more than 4 channels (5): a matrix product is as fast")
        #expect(
            DirectConvolution.declines(try shape(([1, 3, 16, 16], 4, [3, 12], [1, 1], [0, 0])), .float32)
                == "filters up to 11×11, these are 3×12")
    }
}
