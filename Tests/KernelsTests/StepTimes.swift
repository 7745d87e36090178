import Glibc
import Testing

@testable import Tensors

private func seconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
}

/// Seconds of processor time, all threads together.
private func processorSeconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
}

/// Measures and prints; asserts nothing. Runs only when WORKBENCH_TIMES is set.
@Suite("Step times", .enabled(if: getenv("WORKBENCH_TIMES") != nil), .serialized) struct StepTimes {
    @Test("a training step at full width, batch 128", arguments: ["dropout", "batchnorm"])
    func training(kind: String) throws {
        let generator = Generator(seed: 1)
        let net = try ConvNet(kind: kind, divisor: 1, classes: 200, generator)
        let x = try generator.randn([128, 3, 64, 64]), y = try generator.randint(0, 200, [128])
        let means = try net.parameters.map { try $0.tensor.zerosLike() }
        let squares = try net.parameters.map { try $0.tensor.zerosLike() }
        for step in 1...4 {
            let start = seconds(), busy = processorSeconds()
            for (_, parameter) in net.parameters { parameter.grad = nil }
            let loss = try net.forward(x, training: true, generator).crossEntropy(y)
            let middle = seconds()
            try loss.backward()
            let late = seconds()
            for (i, (_, parameter)) in net.parameters.enumerated() {
                guard let gradient = parameter.grad else { continue }
                try AdamStep(lr: 0.0004).apply(
                    parameter, gradient: gradient, mean: means[i], square: squares[i], step: step)
            }
            let end = seconds()
            print(
                "\(kind) step \(step): \(end - start) s (processor \(processorSeconds() - busy)), forward \(middle - start), backward \(late - middle), Adam \(end - late); "
                    + "live \(BufferPool.liveBytes >> 20) MB, cached \(BufferPool.cachedBytes >> 20) MB")
        }
    }

    @Test(
        "3×3 convolutions, batch 128, best of five: the direct product and Winograd's method",
        arguments: [
            (64, 128, 32), (128, 256, 16), (256, 512, 8), (512, 1024, 4), (64, 64, 16), (128, 128, 8), (256, 256, 4),
            (512, 512, 2),
        ])
    func convolutions(C: Int, K: Int, side: Int) throws {
        let s = try ConvolutionShape(
            [128, C, side, side], [K, C, 3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1)
        let generator = Generator(seed: 1)
        let x = try generator.randn([128, C, side, side]).channelsLast()
        let w = try generator.randn([K, C, 3, 3]).channelsLast()
        let dy = try generator.randn([128, K, side, side]).channelsLast()
        let y = try dy.emptyLike(), dx = try x.emptyLike(), dw = try w.emptyLike()
        func best(_ body: () throws -> Void) rethrows -> String {
            var least = (wall: Double.infinity, processor: Double.infinity)
            for _ in 1...5 {
                let start = seconds(), busy = processorSeconds()
                try body()
                least.wall = min(least.wall, seconds() - start)
                least.processor = min(least.processor, processorSeconds() - busy)
            }
            return "\(Int(least.wall * 1e4) / 10) ms (processor \(Int(least.processor * 1e4) / 10))"
        }
        for algorithm in [GemmConvolution.self, WinogradConvolution.self] as [any ConvolutionAlgorithm.Type] {
            let forward = try best { try algorithm.forward(y, x, w, bias: nil, s) }
            let backward = try best { try algorithm.gradients(dx, dw, x: x, dy: dy, w: w, s) }
            print(
                "\(C)→\(K) \(side)×\(side) \(algorithm): forward \(forward), both gradients \(backward)"
                    + (algorithm.declines(s, .float32).map { "; declines: " + $0 } ?? ""))
        }
    }

    @Test("a frozen ResNet-18, batch 128, 64 pixels")
    func resnet() throws {
        let generator = Generator(seed: 1)
        let net = try ResNet18(generator)
        let x = try generator.randn([128, 3, 64, 64])
        for _ in 1...4 {
            let start = seconds(), busy = processorSeconds()
            _ = try withoutGradients { try net.forward(x, training: true) }
            print("resnet forward: \(seconds() - start) s (processor \(processorSeconds() - busy))")
        }
    }
}
