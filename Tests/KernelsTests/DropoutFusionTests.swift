import CKernels
import Testing

@testable import Tensors

@Suite("Fused runs with dropout", .serialized) struct DropoutFusionTests {
    /// Convolution, ReLU, max-pooling and dropout of channels over `shape`.
    private func convolutionCase(
        _ shape: [Int], _ K: Int, p: Double = 0.3, training: Bool = true, bias: Bool = true,
        change: (Tensor) throws -> Void = { _ in }
    ) throws -> FusionCase {
        let generator = Generator(seed: 3)
        let x = try generator.randn(shape), w = try generator.randn([K, shape[1], 3, 3]), b = try generator.randn([K])
        try change(x)
        let window = try PoolWindow([2])
        return FusionCase(
            stages: {
                let weight = try w.clone(), offset = bias ? try b.clone() : nil
                return (
                    [
                        ConvolutionStage(weight: weight, bias: offset, padding: .pixels([1])), ReluStage(),
                        MaxPoolStage(window),
                        DropoutStage(p: p, training: training, dropsChannels: true, generator: Generator(seed: 9)),
                    ], [weight] + (offset.map { [$0] } ?? [])
                )
            }, x: x)
    }

    /// A linear map, ReLU and dropout (none without p) of `rows` rows.
    private func linearCase(
        _ rows: Int, _ inputs: Int, _ outputs: Int, p: Double?, training: Bool = true, bias: Bool = true,
        inPlace: Bool = false, change: (Tensor) throws -> Void = { _ in }
    ) throws -> FusionCase {
        let generator = Generator(seed: 4)
        let x = try generator.randn([rows, inputs]), w = try generator.randn([outputs, inputs])
        let b = try generator.randn([outputs])
        try change(x)
        return FusionCase(
            stages: {
                let weight = try w.clone(), offset = bias ? try b.clone() : nil
                let dropout = p.map { DropoutStage(p: $0, training: training, generator: Generator(seed: 9)) }
                let last = [dropout].compactMap { $0 }
                return (
                    [LinearStage(weight: weight, bias: offset), ReluStage(inPlace: inPlace)] + last,
                    [weight] + (offset.map { [$0] } ?? [])
                )
            }, x: x)
    }

    @Test(
        "convolution, ReLU, max-pooling and dropout of channels as one after the other, on every instruction set",
        arguments: [
            ([32, 16, 8, 8], 16), ([33, 17, 5, 3], 20), ([1, 16, 30, 31], 33), ([9, 3, 10, 9], 70),
            ([40, 1, 8, 8], 18),
        ])
    func convolution(shape: [Int], K: Int) throws {
        try eachInstructionSet {
            try convolutionCase(shape, K).agree(covering: 4)
            try convolutionCase(shape, K, bias: false).agree(covering: 4)
        }
        try convolutionCase(shape, K, training: false).agree(covering: 4)
        try convolutionCase(shape, K, p: 0).agree(covering: 4)
        try convolutionCase(shape, K, p: 1).agree(covering: 4)
    }

    @Test(
        "a linear map, ReLU and dropout as one after the other, on every instruction set",
        arguments: [(32, 16, 24), (1, 5, 3), (128, 100, 200), (3, 1, 4099)])
    func linear(rows: Int, inputs: Int, outputs: Int) throws {
        try eachInstructionSet {
            for bias in [true, false] {
                try linearCase(rows, inputs, outputs, p: 0.4, bias: bias).agree(covering: 3)
                try linearCase(rows, inputs, outputs, p: nil, bias: bias, inPlace: true).agree(covering: 2)
            }
        }
        try linearCase(rows, inputs, outputs, p: 0.4, training: false).agree(covering: 3)
        try linearCase(rows, inputs, outputs, p: 1).agree(covering: 3)
    }

    @Test("derivatives of derivatives, and only those that are asked for")
    func gradients() throws {
        try convolutionCase([32, 16, 7, 8], 20).agree(covering: 4, bound: 1e-5, second: true)
        try convolutionCase([9, 3, 8, 8], 20).agree(covering: 4, bound: 1e-5, second: true)
        try linearCase(20, 30, 40, p: 0.4).agree(covering: 3, bound: 1e-5, second: true)
        try linearCase(20, 30, 40, p: nil).agree(covering: 2, bound: 1e-5, second: true)
        for (input, leaves) in [(false, true), (true, false), (false, false)] {
            var image = try convolutionCase([32, 16, 9, 8], 20), row = try linearCase(20, 30, 40, p: 0.4)
            (image.inputNeeds, image.leavesNeed) = (input, leaves)
            (row.inputNeeds, row.leavesNeed) = (input, leaves)
            try image.agree(covering: 4)
            try row.agree(covering: 3)
        }
    }

    @Test("NaN and infinities go the same way")
    func special() throws {
        func spoil(_ x: Tensor) {
            x.typed(Float.self)[5] = .nan
            x.typed(Float.self)[x.count / 2] = .infinity
            x.typed(Float.self)[x.count - 1] = -.infinity
        }
        try eachInstructionSet {
            try convolutionCase([33, 16, 8, 9], 16, change: spoil).agree(covering: 4)
            try convolutionCase([9, 3, 8, 9], 16, change: spoil).agree(covering: 4)
            try linearCase(9, 20, 33, p: 0.4, change: spoil).agree(covering: 3)
            try linearCase(9, 20, 33, p: nil, change: spoil).agree(covering: 2)
        }
    }

    @Test("gradients that are not finite go the same way, through units that are on, off and dropped")
    func specialGradients() throws {
        func spoil(_ slope: Tensor) {
            for i in stride(from: 0, to: slope.count, by: 3) {
                slope.typed(Float.self)[i] = [.infinity, -.infinity, .nan][i / 3 % 3]
            }
        }
        try eachInstructionSet {
            var (image, dropped) = (try convolutionCase([9, 3, 4, 4], 5), try linearCase(9, 20, 33, p: 0.4))
            var plain = try linearCase(9, 20, 33, p: nil)
            (image.spoilSlope, dropped.spoilSlope, plain.spoilSlope) = (spoil, spoil, spoil)
            try image.agree(covering: 4)
            try dropped.agree(covering: 3)
            try plain.agree(covering: 2)
        }
    }

    @Test("dropout of the other kind stays outside; what a stage would report is declined")
    func declining() throws {
        let generator = Generator(seed: 1)
        let window = try PoolWindow([2])
        let numbers = DropoutStage(p: 0.5, training: true, generator: generator)
        let channels = DropoutStage(p: 0.5, training: true, dropsChannels: true, generator: generator)
        let convolution = ConvolutionStage(
            weight: try generator.randn([16, 16, 3, 3]), bias: nil, padding: .pixels([1]))
        let image = try generator.randn([64, 16, 8, 8])
        #expect(
            Fusions.reasons([convolution, ReluStage(), MaxPoolStage(window), numbers], on: image)[0]
                == "PooledConvolutionFusion: takes 3")
        func reason(_ linear: LinearStage, _ last: any Stage, _ x: Tensor) -> String {
            Fusions.reasons([linear, ReluStage(), last], on: x)[4]
        }
        let linear = LinearStage(weight: try generator.randn([4, 6]), bias: try generator.randn([4]))
        let x = try generator.randn([5, 6])
        #expect(reason(linear, numbers, x) == "LinearReluFusion: takes 3")
        #expect(reason(linear, channels, x) == "LinearReluFusion: takes 2")
        for other in [try x.select(0, 0), try x.unsqueeze(0), try x.to(.float64)] {
            #expect(reason(linear, numbers, other) == "LinearReluFusion: matrices in single precision only")
        }
        #expect(
            reason(linear, numbers, try generator.randn([5, 7])) == "LinearReluFusion: sizes or types that do not fit")
        #expect(
            reason(LinearStage(weight: linear.weight, bias: try generator.randn([5])), numbers, x)
                == "LinearReluFusion: sizes or types that do not fit")
        #expect(reason(linear, numbers, try generator.randn([0, 6])) == "LinearReluFusion: nothing to compute")
    }
}
