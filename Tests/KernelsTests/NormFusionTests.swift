import CKernels
import Testing

@testable import Tensors

extension BatchNormStage: StageWithBuffers {
    var buffers: [Tensor] { [runningMean, runningVar, batches].compactMap { $0 } }
}

@Suite("Fused runs with batch normalisation", .serialized) struct NormFusionTests {
    enum Tail { case relu, reluInPlace, pool, add }

    private struct Settings {
        var training = true, affine = true, tracks = true
        var momentum: Double? = 0.1
    }

    /// Batch normalisation and what follows it over `shape`.
    private func normCase(
        _ shape: [Int], _ tail: Tail, _ settings: Settings = Settings(), shift: Double = 0.3,
        change: (Tensor) throws -> Void = { _ in }
    ) throws -> FusionCase {
        let generator = Generator(seed: 7), C = shape[1]
        let x = try generator.randn(shape) + shift
        let other = try generator.randn(shape)
        let weight = try generator.randn([C]), bias = try generator.randn([C])
        try change(x)
        let window = try PoolWindow([2])
        return FusionCase(
            stages: {
                let weight = settings.affine ? try weight.clone() : nil, bias = settings.affine ? try bias.clone() : nil
                let norm = BatchNormStage(
                    channels: C, runningMean: settings.tracks ? try Tensor.full([C], .double(0.25)) : nil,
                    runningVar: settings.tracks ? try Tensor.full([C], .double(1.5)) : nil,
                    batches: settings.tracks ? try Tensor.full([1], .int(2)).to(.int64) : nil, weight: weight,
                    bias: bias, training: settings.training, momentum: settings.momentum)
                let leaves = [weight, bias].compactMap { $0 }
                switch tail {
                case .relu: return ([norm, ReluStage()], leaves)
                case .reluInPlace: return ([norm, ReluStage(inPlace: true)], leaves)
                case .pool: return ([norm, ReluStage(), MaxPoolStage(window)], leaves)
                case .add:
                    let around = try other.clone()
                    return ([norm, AddStage(around), ReluStage(inPlace: true)], leaves + [around])
                }
            }, x: x)
    }

    private static let shapes = [
        [4, 16, 8, 8], [3, 5, 7, 9], [1, 17, 6, 5], [33, 64, 4, 4], [2, 1, 3, 2], [130, 24, 2, 2], [1, 33, 2, 3],
    ]

    @Test(
        "as one after the other, in training and evaluation, on every instruction set",
        arguments: shapes, [Tail.relu, .reluInPlace, .pool, .add])
    func agreement(shape: [Int], tail: Tail) throws {
        let covered = tail == .pool || tail == .add ? 3 : 2
        try eachInstructionSet {
            try normCase(shape, tail).agree(covering: covered, bound: 1e-5)
            try normCase(shape, tail, Settings(training: false)).agree(covering: covered, bound: 1e-5)
        }
    }

    @Test("without weights, without running statistics, with a plain average", arguments: [Tail.relu, .pool, .add])
    func settings(tail: Tail) throws {
        let covered = tail == .relu ? 2 : 3
        for settings in [
            Settings(affine: false), Settings(tracks: false), Settings(training: false, tracks: false),
            Settings(momentum: nil), Settings(training: false, affine: false),
        ] {
            try normCase([5, 18, 6, 7], tail, settings).agree(covering: covered, bound: 1e-5)
            var c = try normCase([5, 18, 6, 7], tail, settings)
            c.inputNeeds = false
            try c.agree(covering: covered, bound: 1e-5)
            c.leavesNeed = false
            try c.agree(covering: covered, bound: 1e-5)
        }
    }

    /// A convolution and batch normalisation with its statistics taken on the way, or in a pass of their own.
    private func convolved(_ shape: [Int], _ K: Int, mean: Double, fused: Bool) throws -> [[Double]] {
        let generator = Generator(seed: 3)
        let x = try generator.randn(shape), bias = try generator.randn([K]) + mean
        let w = try generator.randn([K, shape[1], 3, 3])
        let norm = BatchNormStage(
            channels: K, runningMean: try Tensor.zeros([K]), runningVar: try Tensor.ones([K]), weight: nil, bias: nil,
            training: true)
        let convolution = ConvolutionStage(weight: try w.requiresGrad_(), bias: bias, padding: .pixels([1]))
        let first = fused ? try Fusions.run([convolution, norm], on: x) : nil
        #expect((first?.count == 1 && first?.value.channelMoments != nil) == fused)
        let y = try norm.apply(first?.value ?? convolution.apply(x))
        #expect(y.node?.name == "NativeBatchNormBackward0")
        let gradient = try Tensor.gradients(of: [y], with: [w], gradOutputs: [try Generator(seed: 5).randn(y.shape)])
        return [y.toArray(), gradient[0]?.toArray() ?? []] + norm.buffers.map { $0.toArray() }
    }

    @Test(
        "statistics taken while a convolution is in the cache are those of a pass of their own",
        arguments: [
            ([64, 16, 16, 16], 33), ([64, 16, 13, 9], 70), ([32, 16, 8, 8], 16), ([3, 40, 13, 17], 18),
            ([128, 64, 4, 4], 130),
        ])
    func statisticsOfConvolutions(shape: [Int], K: Int) throws {
        let threads = Threads.count
        defer { Threads.setCount(threads) }
        try eachInstructionSet {
            for mean in [0, 1000.0] {
                for count in [1, 2, 3] {
                    Threads.setCount(count)
                    let ours = try convolved(shape, K, mean: mean, fused: true)
                    let plain = try convolved(shape, K, mean: mean, fused: false)
                    for (a, b) in zip(ours, plain) { #expect(difference(a, b) < 1e-6) }
                }
            }
        }
    }

    @Test("statistics on the way are for those who take them, and only while the output is as it was")
    func statisticsDeclined() throws {
        let generator = Generator(seed: 1)
        let x = try generator.randn([32, 16, 8, 8])
        let w = try generator.randn([16, 16, 3, 3])
        let convolution = ConvolutionStage(weight: w, bias: nil, padding: .pixels([1]))
        func norm(training: Bool) throws -> BatchNormStage {
            BatchNormStage(
                channels: 16, runningMean: try Tensor.zeros([16]), runningVar: try Tensor.ones([16]), weight: nil,
                bias: nil, training: training)
        }
        #expect(try Fusions.run([convolution, norm(training: false)], on: x) == nil)
        #expect(try Fusions.run([convolution, norm(training: true)], on: x.select(0, 0)) == nil)
        let run = try #require(try Fusions.run([convolution, norm(training: true)], on: x))
        let moments = try #require(run.value.channelMoments)
        #expect(moments.moments(of: run.value) != nil)
        _ = try run.value.add_(Tensor(scalar: .double(1)))
        #expect(moments.moments(of: run.value) == nil)
        #expect(
            difference(
                try norm(training: true).apply(run.value).toArray(),
                try norm(training: true).apply(run.value.clone()).toArray()) == 0)
    }

    @Test("derivatives of derivatives", arguments: [Tail.relu, .pool, .add])
    func second(tail: Tail) throws {
        try normCase([6, 5, 4, 6], tail).agree(covering: tail == .relu ? 2 : 3, bound: 1e-5, second: true)
        try normCase([6, 5, 4, 6], tail, Settings(training: false)).agree(
            covering: tail == .relu ? 2 : 3, bound: 1e-5, second: true)
    }

    @Test("NaN and infinities go the same way; a mean of 1000 costs no digits", arguments: [Tail.relu, .pool, .add])
    func special(tail: Tail) throws {
        let covered = tail == .relu ? 2 : 3
        for training in [true, false] {
            try normCase([3, 18, 6, 5], tail, Settings(training: training)) { x in
                x.typed(Float.self)[7] = .nan
                x.typed(Float.self)[30 * 4] = .infinity
                x.typed(Float.self)[30 * 5 + 1] = -.infinity
            }.agree(covering: covered, bound: 1e-5)
        }
        try normCase([8, 18, 6, 6], tail, shift: 1000).agree(covering: covered, bound: 1e-5)
    }

    @Test("declines what a stage would report, and other types")
    func declining() throws {
        let generator = Generator(seed: 1)
        let stages = try normCase([4, 16, 8, 8], .pool).stages().stages
        func reason(_ x: Tensor) -> String { Fusions.reasons(stages, on: x)[1] }
        #expect(reason(try generator.randn([4, 16, 8, 8])) == "NormPoolingFusion: takes 3")
        #expect(reason(try generator.randn([4, 15, 8, 8])).hasSuffix("sizes that do not fit"))
        #expect(reason(try generator.randn([1, 16, 1, 1])).hasSuffix("one value a channel"))
        #expect(reason(try generator.randn([4, 16, 8, 8]).to(.float64)).hasSuffix("single-precision images only"))
        #expect(reason(try generator.randn([4, 16])).hasSuffix("single-precision images only"))
        #expect(reason(try generator.randn([0, 16, 4, 4])).hasSuffix("nothing to compute"))
        #expect(reason(try generator.randn([4, 16, 1, 4])).hasSuffix("other windows than 2×2 side by side"))
    }

    @Test(
        "the gradient is written over what was saved only where nobody else holds it",
        arguments: [Tail.relu, .pool, .add])
    func overwriting(tail: Tail) throws {
        let c = try normCase([5, 18, 6, 7], tail)
        enum Holder { case nobody, tensor, storage, graph }
        func gradient(_ holder: Holder) throws -> [Double] {
            let leaf = try c.x.clone().channelsLast().requiresGrad_()
            let stages = try c.stages().stages
            var held: [Any] = []
            func forward() throws -> Tensor {
                let x = try leaf.scaled(by: 2)
                if holder == .tensor { held.append(x) }
                if holder == .storage { held.append(x.detached()) }
                return try #require(try Fusions.run(stages, on: x)).value.square().sum()
            }
            let loss = try forward()
            if holder == .graph {
                try loss.backward(retainGraph: true)
                leaf.grad = nil
            }
            try loss.backward()
            for case let x as Tensor in held {
                let wanted = try leaf.detached().scaled(by: 2)
                #expect(x.toArray(of: Double.self) == wanted.toArray(of: Double.self))
            }
            return leaf.grad?.toArray() ?? []
        }
        let alone = try gradient(.nobody)
        #expect(alone.contains { $0 != 0 })
        for holder in [Holder.tensor, .storage, .graph] { #expect(try gradient(holder) == alone) }
    }

    @Test("the sums a convolution's bias takes from the pass below it are those of the gradient, also of a changed one")
    func totals() throws {
        let c = try normCase([5, 18, 6, 7], .pool)
        for factor in [nil, 2.0] {
            let bias = try Tensor.zeros([18]).requiresGrad_()
            let weight = try Generator(seed: 9).randn([18, 18, 1, 1])
            let x = try c.x.conv2d(weight, bias)
            var arrived: Tensor?
            try x.registerHook { gradient in
                if let factor { try gradient.mul_(Tensor(scalar: .double(factor))) }
                arrived = try gradient.clone()
                return nil
            }
            let y = try #require(try Fusions.run(c.stages().stages, on: x)).value
            try y.square().sum().backward()
            let gradient = try #require(arrived)
            let sums = try gradient.to(.float64).sum(dims: [0, 2, 3]).toArray(of: Double.self)
            let scale = try gradient.abs().sum(dims: [0, 2, 3]).toArray(of: Double.self).max() ?? 0
            let ours = try #require(bias.grad).toArray(of: Double.self)
            #expect(scale > 0)
            for (a, b) in zip(ours, sums) { #expect(abs(a - b) <= 1e-9 * scale) }
        }
    }
}
