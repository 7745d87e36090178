import Testing

@testable import Tensors

/// Values of scripts/fixtures/layers.py, computed by PyTorch.
private let cases: [(name: String, inputs: [String], operation: @Sendable ([Tensor]) throws -> Tensor)] = [
    ("conv3", ["x", "w", "b"], { try $0[0].conv2d($0[1], $0[2], padding: .pixels([1])) }),
    ("conv7", ["x", "w"], { try $0[0].conv2d($0[1], stride: [2], padding: .pixels([3])) }),
    ("conv1", ["x", "w"], { try $0[0].conv2d($0[1], stride: [2]) }),
    ("conv3s2", ["x", "w"], { try $0[0].conv2d($0[1], stride: [2], padding: .pixels([1])) }),
    (
        "depthwise", ["x", "w", "b"],
        {
            try $0[0].conv2d($0[1], $0[2], padding: .pixels([2]), dilation: [2], groups: 4)
        }
    ),
    ("norm", ["x", "w", "b"], { try $0[0].batchNorm(weight: $0[1], bias: $0[2], training: true) }),
    ("maxpool", ["x"], { try $0[0].maxPool2d(PoolWindow([3], stride: [2], padding: [1])) }),
    ("avgpool", ["x"], { try $0[0].adaptiveAvgPool2d([3, 2]) }),
    ("linear", ["x", "w", "b"], { try $0[0].linear($0[1], $0[2]) }),
    ("gelu", ["input"], { try $0[0].gelu() }),
    ("bicubic", ["x"], { try $0[0].interpolate(scale: [1.7], mode: .bicubic) }),
    ("bilinear", ["x"], { try $0[0].interpolate(size: [7, 3], mode: .bilinear, alignCorners: true) }),
]

@Suite("PyTorch's layers") struct FixtureTests {
    @Test("values and gradients are PyTorch's", arguments: cases.map(\.name))
    func layer(_ name: String) throws {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(
            separator: "/")
        let file = try Safetensors.read(folder + "/Fixtures/layers.safetensors")
        let item = try #require(cases.first { $0.name == name })
        let inputs = try item.inputs.map { try #require(file["\(name).\($0)"]).requiresGrad_() }
        let y = try item.operation(inputs)
        let recorded = try #require(file["\(name).y"])
        #expect(y.shape == recorded.shape)
        #expect(relativeError(y.toArray(), recorded.toArray()) < 2e-6)
        try y.backward(gradient: file["\(name).s"])
        for (key, input) in zip(item.inputs, inputs) {
            let gradient = try #require(input.grad), wanted = try #require(file["\(name).d\(key)"])
            let error = relativeError(gradient.toArray(), wanted.toArray())
            #expect(error < 5e-6, "d\(key): \(error)")
        }
    }
}
