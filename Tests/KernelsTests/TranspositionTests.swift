import Testing

@testable import Tensors

@Suite("Turned copies") struct TranspositionTests {
    private func fill(_ shape: [Int], _ dtype: DType) throws -> Tensor {
        try Tensor((0..<shape.reduce(1, *)).map { Int64($0) }).reshape(shape).to(dtype)
    }

    @Test(
        "channels-last and back, element for element",
        arguments: [
            [2, 3, 5, 7], [1, 3, 64, 64], [4, 9, 1, 6], [3, 64, 3, 3], [2, 17, 33, 1], [2, 40, 19, 23], [1, 1, 4, 4],
            [3, 2, 1, 1], [70, 5, 3, 3], [2, 100, 40, 40],
        ])
    func layouts(shape: [Int]) throws {
        for dtype in [DType.float32, .int32, .int64, .float64] {
            let x = try fill(shape, dtype)
            let turned = try x.channelsLast()
            #expect(turned.isChannelsLast && turned.shape == shape)
            let (C, area) = (shape[1], shape[2] * shape[3])
            let memory = try turned.permute([0, 2, 3, 1]).reshape([-1]).toArray(of: Int.self)
            var wanted: [Int] = []
            for n in 0..<shape[0] {
                for p in 0..<area {
                    for c in 0..<C { wanted.append((n * C + c) * area + p) }
                }
            }
            #expect(memory == wanted)
            #expect(try turned.contiguous().toArray(of: Int.self) == x.toArray(of: Int.self))
        }
    }

    @Test("parts of larger tensors, and a source walked backwards, are copied as they are")
    func views() throws {
        let x = try fill([6, 20, 30], .float32)
        let part = try x.narrow(1, from: 3, length: 12).narrow(2, from: 5, length: 20).transpose(1, 2)
        var wanted: [Float] = []
        for n in 0..<6 {
            for j in 0..<20 {
                for i in 0..<12 { wanted.append(Float(n * 600 + (i + 3) * 30 + j + 5)) }
            }
        }
        #expect(try part.contiguous().toArray(of: Float.self) == wanted)
        let wide = try Tensor.zeros([6, 12, 25], .float32)
        let target = try wide.narrow(2, from: 2, length: 20)
        try target.copyElements(from: part.transpose(1, 2))
        #expect(try target.contiguous().toArray(of: Float.self) == part.transpose(1, 2).toArray(of: Float.self))
        #expect(try wide.select(2, 0).toArray(of: Float.self).allSatisfy { $0 == 0 })
        let column = try fill([12], .float32).reshape([12, 1]).expand([12, 9]).transpose(0, 1)
        #expect(try column.contiguous().toArray(of: Float.self) == (0..<108).map { i -> Float in Float(i % 12) })
    }
}
