import CKernels
import Testing

@testable import Tensors

@Suite("Products in panels", .serialized) struct PanelTests {
    /// Runs `body` with each instruction set the machine has.
    private func eachInstructionSet(_ body: () throws -> Void) rethrows {
        let before = kernel_isa()
        defer { kernel_isa_select(before) }
        for isa in [KERNEL_SCALAR, KERNEL_AVX2, KERNEL_AVX512] where kernel_isa_select(isa) == isa { try body() }
    }

    private func packed(_ t: Tensor, rows: Int) throws -> PanelMatrices {
        let panels = try PanelMatrices(places: 1, rows: rows, columns: t.shape[1])
        kernel_rows_to_panels(panels.kernel(), t.typed(Float.self), t.shape[0], t.shape[1])
        return panels
    }

    private func unpacked(_ panels: PanelMatrices, _ rows: Int, _ columns: Int) throws -> [Double] {
        let out = try Tensor.zeros([rows, columns])
        kernel_panels_to_rows(out.typed(Float.self), panels.kernel(), nil, rows, columns, Int(KERNEL_PANEL))
        return out.toArray()
    }

    @Test(
        "both products are those of double precision, and add to what is there",
        arguments: [
            (1, 1, 1), (12, 32, 32), (13, 33, 31), (5, 64, 48), (31, 7, 100), (64, 65, 16), (27, 96, 17), (3, 130, 65),
        ])
    func products(rows: Int, depth: Int, width: Int) throws {
        let generator = Generator(seed: 5)
        let a = try generator.randn([rows, depth]), b = try generator.randn([depth, width])
        let start = try generator.randn([rows, width])
        let exact = try a.to(.float64).matmul(b.to(.float64)).toArray(of: Double.self)
        let added = zip(exact, start.toArray(of: Double.self)).map { $0 + $1 }
        try eachInstructionSet {
            let left = try packed(a, rows: rows + 3), right = try packed(b, rows: depth)
            let turned = try packed(a.transpose(0, 1).contiguous(), rows: depth + 1)
            for (add, wanted) in [(Int32(0), exact), (1, added)] {
                let straight = try packed(start, rows: rows + 2), other = try packed(start, rows: rows)
                kernel_panel_product(straight.kernel(), left.kernel(), right.kernel(), 1, rows, depth, width, add)
                kernel_panel_product_turned(other.kernel(), turned.kernel(), right.kernel(), 1, rows, depth, width, add)
                let ours = try unpacked(straight, rows, width), turnedOurs = try unpacked(other, rows, width)
                #expect(relativeError(ours, wanted) < 2e-6)
                #expect(relativeError(turnedOurs, wanted) < 2e-6)
            }
        }
    }

    @Test(
        "convolution of images smaller than the filter is the sum of the definition",
        arguments: [
            (x: [16, 6, 2, 2], w: [32, 6, 3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1]),
            (x: [17, 40, 1, 1], w: [64, 40, 3, 3], stride: [2, 1], padding: [1, 1], dilation: [1, 1]),
            (x: [20, 18, 2, 4], w: [32, 18, 3, 3], stride: [1, 2], padding: [1, 2], dilation: [1, 1]),
            (x: [16, 5, 3, 2], w: [32, 5, 5, 3], stride: [2, 1], padding: [3, 1], dilation: [1, 1]),
            (x: [16, 33, 2, 3], w: [96, 33, 3, 3], stride: [1, 1], padding: [2, 2], dilation: [2, 2]),
        ])
    func dense(x size: [Int], w filters: [Int], stride: [Int], padding: [Int], dilation: [Int]) throws {
        let s = try ConvolutionShape(size, filters, stride: stride, padding: padding, dilation: dilation, groups: 1)
        #expect(DenseConvolution.declines(s, .float32) == nil)
        #expect("\(Convolutions.algorithm(s, .float32))" == "DenseConvolution")
        let generator = Generator(seed: 6)
        let x = try generator.randn(size).channelsLast(), w = try generator.randn(filters)
        let bias = try generator.randn([filters[0]])
        func run(_ algorithm: any ConvolutionAlgorithm.Type, _ w: Tensor) throws -> [Double] {
            let y = try Tensor.full([s.N, s.K, s.P, s.Q], .double(.nan)).channelsLast()
            try algorithm.forward(y, x, w, bias: bias, s)
            return y.toArray()
        }
        let exact = try run(ReferenceConvolution.self, w)
        try eachInstructionSet {
            let ours = try run(DenseConvolution.self, w), turned = try run(DenseConvolution.self, w.channelsLast())
            #expect(relativeError(ours, exact) < 2e-6)
            #expect(relativeError(turned, exact) < 2e-6)
        }
    }

    @Test("filters that nobody trains are transformed once, and anew when they change", arguments: [2, 8])
    func keeping(side: Int) throws {
        let generator = Generator(seed: 7)
        let x = try generator.randn([64, 32, side, side]), w = try generator.randn([32, 32, 3, 3])
        func y() throws -> [Double] { try x.conv2d(w, padding: .pixels([1])).toArray() }
        let first = try y()
        let kept = try #require(w.storage.derived)
        let second = try y()
        #expect(second == first)
        #expect(w.storage.derived === kept)
        try w.mul_(Tensor(scalar: .double(2)))
        let doubled = try y()
        #expect(relativeError(doubled, first.map { 2 * $0 }) < 1e-6)
        try w.requiresGrad_()
        _ = try y()
        #expect(w.storage.derived == nil)
    }

    @Test("says once which kernel computes a case, and why those before it do not")
    func explaining() throws {
        let generator = Generator(seed: 8)
        let x = try generator.randn([64, 32, 8, 8]), w = try generator.randn([32, 32, 3, 3])
        let five = try generator.randn([32, 32, 5, 5])
        let switches = KernelSwitches()
        var said: [String] = []
        switches.explain = { said.append($0) }
        try switches.bound {
            for _ in 0..<2 { _ = try x.conv2d(w, padding: .pixels([1])) }
            _ = try x.conv2d(five, padding: .pixels([2]))
        }
        #expect(said.first == "convolution [64, 32, 8, 8] with 32 filters of 3×3: WinogradConvolution")
        #expect(said.count == 2)
        let other = said.last ?? ""
        #expect(
            other.hasPrefix("convolution [64, 32, 8, 8] with 32 filters of 5×5: GemmConvolution (WinogradConvolution: ")
        )
        #expect(other.contains("3×3 filters only, these are 5×5; "))
        switches.explain = nil
        _ = try switches.bound { try x.conv2d(w) }
        #expect(said.count == 2)
    }
}
