import CKernels
import Testing

@testable import Tensors

/// A run of stages on an input, and what both paths make of it.
struct FusionCase {
    /// The stages, made anew for each path so that leaves and running statistics are its own.
    let stages: () throws -> (stages: [any Stage], leaves: [Tensor])
    let x: Tensor

    struct Outcome {
        var y: [Double], shape: [Int], gradients: [[Double]], second: [[Double]], buffers: [[Double]], name: String?
    }

    /// Whether the input, and the leaves, ask for gradients.
    var inputNeeds = true, leavesNeed = true
    /// What is done to the gradient of the result.
    var spoilSlope: (Tensor) -> Void = { _ in }

    func outcome(fused: Bool, recorded: Bool = true, second: Bool = false) throws -> (Outcome, covered: Int) {
        let (stages, leaves) = try stages()
        for leaf in leaves { try leaf.requiresGrad_(leavesNeed) }
        let input = try x.copied(strides: x.strides).requiresGrad_(inputNeeds)
        func compute() throws -> (Tensor, Int) {
            if fused, let run = try Fusions.run(stages, on: input) {
                return (try stages[run.count...].reduce(run.value) { try $1.apply($0) }, run.count)
            }
            return (try stages.reduce(input) { try $1.apply($0) }, 0)
        }
        let (y, covered) = try recorded ? compute() : withoutGradients { try compute() }
        var result = Outcome(
            y: y.toArray(), shape: y.shape, gradients: [], second: [],
            buffers: stages.flatMap { ($0 as? any StageWithBuffers)?.buffers.map { $0.toArray() } ?? [] },
            name: y.node?.name)
        guard y.requiresGrad else { return (result, covered) }
        let slope = try Generator(seed: 5).randn(y.shape)
        spoilSlope(slope)
        if y.dtype == .float64 { return (result, covered) }
        let asked = [input] + leaves
        let wanted = asked.filter(\.requiresGrad)
        let gradients = try Tensor.gradients(
            of: [y], with: wanted, gradOutputs: [slope], createGraph: second, allowUnused: true)
        result.gradients = gradients.map { $0?.toArray() ?? [] }
        if second {
            var sum = try Tensor(scalar: .double(0))
            for case let gradient? in gradients where gradient.requiresGrad {
                sum = try sum.add(gradient.square().sum())
            }
            if sum.requiresGrad {
                result.second = try Tensor.gradients(of: [sum], with: wanted, allowUnused: true).map {
                    $0?.toArray() ?? []
                }
            }
        }
        return (result, covered)
    }

    /// Both paths give the same: bits of the value, gradients to within `bound` of the largest.
    func agree(covering count: Int, bound: Double = 2e-6, second: Bool = false) throws {
        for recorded in [true, false] {
            let (ours, covered) = try outcome(fused: true, recorded: recorded, second: second)
            let (plain, _) = try outcome(fused: false, recorded: recorded, second: second)
            #expect(covered == count)
            #expect(ours.shape == plain.shape)
            #expect(ours.name == plain.name)
            #expect(sameBits(ours.y, plain.y))
            #expect(ours.buffers.count == plain.buffers.count)
            for (a, b) in zip(ours.buffers, plain.buffers) { #expect(sameBits(a, b)) }
            #expect(ours.gradients.count == plain.gradients.count)
            for (i, (a, b)) in zip(ours.gradients, plain.gradients).enumerated() {
                #expect(difference(a, b) <= bound, "gradient \(i)")
            }
            #expect(ours.second.count == plain.second.count)
            for (i, (a, b)) in zip(ours.second, plain.second).enumerated() {
                #expect(difference(a, b) <= 10 * bound, "second gradient \(i)")
            }
        }
    }
}

/// A stage that changes tensors of its own.
protocol StageWithBuffers { var buffers: [Tensor] { get } }

func sameBits(_ a: [Double], _ b: [Double]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
}

/// Largest difference relative to the largest number; NaN must meet NaN and ∞ the same ∞.
func difference(_ a: [Double], _ b: [Double]) -> Double {
    guard a.count == b.count, zip(a, b).allSatisfy({ $0.isFinite && $1.isFinite || $0 == $1 || $0.isNaN && $1.isNaN })
    else {
        return .infinity
    }
    return relativeError(a.map { $0.isFinite ? $0 : 0 }, b.map { $0.isFinite ? $0 : 0 })
}

func eachInstructionSet(_ body: () throws -> Void) rethrows {
    let before = kernel_isa()
    defer { kernel_isa_select(before) }
    for isa in [KERNEL_SCALAR, KERNEL_AVX2, KERNEL_AVX512] where kernel_isa_select(isa) == isa { try body() }
}

@Suite("Fused runs", .serialized) struct FusionTests {
    private func pooling() throws -> MaxPoolStage { MaxPoolStage(try PoolWindow([2])) }

    /// Convolution, ReLU and max-pooling over `shape`, with and without bias.
    private func convolutionCase(
        _ shape: [Int], _ K: Int, padding: Int = 1, bias: Bool = true, inPlace: Bool = false,
        change: (Tensor) throws -> Void = { _ in }
    ) throws -> FusionCase {
        let generator = Generator(seed: 3)
        let x = try generator.randn(shape), w = try generator.randn([K, shape[1], 3, 3])
        let b = try generator.randn([K])
        try change(x)
        let window = try pooling()
        return FusionCase(
            stages: {
                let weight = try w.clone(), offset = bias ? try b.clone() : nil
                return (
                    [
                        ConvolutionStage(weight: weight, bias: offset, padding: .pixels([padding])),
                        ReluStage(inPlace: inPlace), window,
                    ], [weight] + (offset.map { [$0] } ?? [])
                )
            }, x: x)
    }

    @Test(
        "convolution, ReLU and max-pooling as one after the other, on every instruction set",
        arguments: [
            ([32, 16, 8, 8], 16, 1), ([33, 17, 3, 3], 20, 1), ([1, 16, 30, 31], 33, 1), ([3, 40, 13, 17], 18, 0),
            ([9, 130, 10, 9], 70, 1), ([1, 16, 26, 26], 16, 2), ([128, 16, 3, 3], 16, 1), ([128, 16, 4, 4], 48, 1),
        ])
    func convolution(shape: [Int], K: Int, padding: Int) throws {
        try eachInstructionSet {
            let c = try convolutionCase(shape, K, padding: padding)
            try c.agree(covering: 3)
            try convolutionCase(shape, K, padding: padding, bias: false, inPlace: true).agree(covering: 3)
        }
    }

    @Test("only the gradients that are asked for")
    func partial() throws {
        var c = try convolutionCase([32, 16, 9, 8], 20)
        c.inputNeeds = false
        try c.agree(covering: 3)
        c.inputNeeds = true
        c.leavesNeed = false
        try c.agree(covering: 3)
        c.inputNeeds = false
        try c.agree(covering: 3)
    }

    @Test("derivatives of derivatives")
    func second() throws {
        try convolutionCase([32, 16, 7, 8], 20).agree(covering: 3, bound: 1e-5, second: true)
        let window = try pooling()
        try FusionCase(stages: { ([ReluStage(), window], []) }, x: Generator(seed: 2).randn([3, 5, 7, 6]))
            .agree(covering: 2, second: true)
    }

    @Test("NaN, infinities, ties and negative windows go the same way")
    func special() throws {
        try eachInstructionSet {
            try convolutionCase([33, 16, 8, 9], 16) { x in
                x.typed(Float.self)[5] = .nan
                x.typed(Float.self)[16 * 72 * 7 + 3] = .infinity
                x.typed(Float.self)[16 * 72 * 9 + 70] = -.infinity
            }.agree(covering: 3)
            let window = try pooling()
            for shape in [[2, 5, 6, 7], [1, 16, 2, 2], [3, 35, 5, 4], [2, 1, 3, 3]] {
                let x = try Generator(seed: 4).randint(-3, 3, shape).to(.float32)
                x.typed(Float.self)[1] = .nan
                x.typed(Float.self)[3] = -.infinity
                for order in [x, try x.channelsLast()] {
                    try FusionCase(stages: { ([ReluStage(), window], []) }, x: order).agree(covering: 2)
                }
            }
        }
    }

    @Test("the same bits again; with other numbers of threads to 1e-5")
    func threads() throws {
        let before = Threads.count
        defer { Threads.setCount(before) }
        let c = try convolutionCase([24, 32, 16, 16], 48)
        func run(_ threads: Int) throws -> FusionCase.Outcome {
            Threads.setCount(threads)
            return try c.outcome(fused: true).0
        }
        let first = try run(2)
        #expect(try run(2).gradients == first.gradients)
        for count in [1, 3] {
            let other = try run(count)
            #expect(relativeError(other.y, first.y) < 1e-5)
            for (a, b) in zip(other.gradients, first.gradients) { #expect(relativeError(a, b) < 1e-5) }
        }
    }

    @Test("declines, with the reason, what it cannot take or a stage would report")
    func declining() throws {
        let window = try pooling(), generator = Generator(seed: 1)
        let w = try generator.randn([16, 16, 3, 3]), x = try generator.randn([64, 16, 8, 8])
        func reason(_ convolution: ConvolutionStage, _ pool: MaxPoolStage, _ x: Tensor) -> String {
            Fusions.reasons([convolution, ReluStage(), pool], on: x)[0]
        }
        let convolution = ConvolutionStage(weight: w, bias: nil, padding: .pixels([1]))
        #expect(reason(convolution, window, x) == "PooledConvolutionFusion: takes 3")
        #expect(
            reason(convolution, window, try x.to(.float64)) == "PooledConvolutionFusion: different types of numbers")
        #expect(reason(convolution, window, try x.select(0, 0)) == "PooledConvolutionFusion: not a batch of images")
        #expect(
            reason(convolution, window, try generator.randn([64, 3, 8, 8]))
                == "PooledConvolutionFusion: sizes that do not fit")
        #expect(
            reason(convolution, window, try generator.randn([64, 16, 1, 8]))
                == "PooledConvolutionFusion: other windows than 2×2 side by side")
        #expect(
            reason(convolution, MaxPoolStage(try PoolWindow([2], ceilMode: true)), try generator.randn([64, 16, 7, 8]))
                == "PooledConvolutionFusion: other windows than 2×2 side by side")
        for other in [
            try PoolWindow([3]), try PoolWindow([2], stride: [1]), try PoolWindow([2], padding: [1]),
            try PoolWindow([2], dilation: [2]),
        ] {
            #expect(reason(convolution, MaxPoolStage(other), x).hasSuffix("other windows than 2×2 side by side"))
        }
        let dilated = ConvolutionStage(weight: w, bias: nil, padding: .pixels([2]), dilation: [2])
        #expect(reason(dilated, window, x).contains("stride 1 and dilation 1 only"))
        #expect(
            reason(ConvolutionStage(weight: w, bias: nil, padding: .same), window, x).hasSuffix("padding = \"same\""))
        #expect(reason(convolution, window, try generator.randn([0, 16, 8, 8])).hasSuffix("nothing to compute"))
        withoutWinograd {
            #expect(reason(convolution, window, x).contains("switched off by options(workbench.winograd = FALSE)"))
        }
        #expect(try withoutFusion { try Fusions.run([ReluStage(), window], on: x) } == nil)
        #expect(try Fusions.run([ReluStage(inPlace: true), window], on: x) == nil)
        #expect(try Fusions.run([ReluStage(), window], on: try x.to(.float64)) == nil)
        #expect(try Fusions.run([ReluStage()], on: x) == nil)
    }
}
