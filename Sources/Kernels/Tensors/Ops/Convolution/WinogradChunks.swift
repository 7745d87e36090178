import CKernels

/// Few tiles: all of them (or a large part, where memory ends) transformed first, then each thread takes a share of the
/// channels, a chunk at a time. Threads never write to the same pixels, and results do not depend on their number.
extension WinogradPlan {
    /// Tiles transformed at a time.
    private var bandTiles: Int { Swift.min(tiles, Swift.max(64, (96 << 20) / (144 * (rowC + rowK)))) }

    /// Channels in a chunk; a multiple of 16.
    private func chunk(_ channels: Int) -> Int {
        let share = (channels + threads - 1) / threads
        return Swift.min(64, (share + 15) / 16 * 16)
    }

    /// Calls `body(piece, channels)` for every chunk; pieces run side by side.
    private func forEachChunk(_ channels: Int, _ body: (_ piece: Int, Range<Int>) -> Void) {
        let size = chunk(channels), count = (channels + size - 1) / size
        let pieces = Swift.min(threads, count)
        parallelTasks(pieces) { piece in
            for number in (count * piece / pieces)..<(count * (piece + 1) / pieces) {
                body(piece, number * size..<Swift.min(channels, (number + 1) * size))
            }
        }
    }

    private func scratch(_ step: Int) throws -> [Storage] {
        try (0..<threads).map { _ in try WinogradPlan.planes(step) }
    }

    private func eachBand(_ body: (_ first: Int, _ count: Int) -> Void) {
        for first in Swift.stride(from: 0, to: tiles, by: bandTiles) {
            body(first, Swift.min(bandTiles, tiles - first))
        }
    }

    func forwardChunks(_ y: Floats, _ x: Floats, _ w: Floats, _ bias: Floats?) throws {
        let (C, K) = (shape.C, shape.K)
        let size = chunk(K)
        let stepV = WinogradPlan.step(bandTiles, rowC), stepU = WinogradPlan.step(size, rowC)
        let stepM = WinogradPlan.step(bandTiles, size)
        let inputs = try WinogradPlan.planes(stepV)
        let filters = try scratch(stepU), products = try scratch(stepM)
        eachBand { first, count in
            parallelRanges(count, grain: 4) { range, _ in
                kernel_winograd_input(
                    inputs.floats + range.lowerBound * rowC, stepV, rowC, x, geometry, first + range.lowerBound,
                    range.count)
            }
            forEachChunk(K) { piece, k in
                let u = filters[piece].floats, m = products[piece].floats
                kernel_winograd_filter(u, stepU, rowC, w + k.lowerBound * 9 * C, C, k.count, 0, C)
                for j in 0..<36 {
                    kernel_gemm_f32(
                        0, 1, count, k.count, C, 1, inputs.floats + j * stepV, rowC, u + j * stepU, rowC, 0,
                        m + j * stepM, size)
                }
                kernel_winograd_output(y, m, stepM, size, bias, geometry, first, count, k.lowerBound, k.count)
            }
        }
    }

    func backwardChunks(_ ofInput: InputGradient?, _ ofWeight: WeightGradient?, _ dy: Floats) throws {
        let (C, K) = (shape.C, shape.K)
        let sizeC = chunk(C), sizeK = chunk(K)
        let stepV = WinogradPlan.step(bandTiles, rowC), stepZ = WinogradPlan.step(bandTiles, rowK)
        let stepU = WinogradPlan.step(K, sizeC), stepM = WinogradPlan.step(bandTiles, sizeC)
        let stepD = WinogradPlan.step(sizeK, rowC)
        let slopes = try WinogradPlan.planes(stepZ)
        let inputs = try ofWeight.map { _ in try WinogradPlan.planes(stepV) }
        let filters = try ofInput.map { _ in try scratch(stepU) } ?? []
        let products = try ofInput.map { _ in try scratch(stepM) } ?? []
        let sums = try ofWeight.map { _ in try scratch(stepD) } ?? []
        if let ofInput {
            parallelRanges(shape.N * shape.H * shape.W * C, grain: 1 << 16) { range, _ in
                (ofInput.dx + range.lowerBound).update(repeating: 0, count: range.count)
            }
        }
        eachBand { first, count in
            parallelRanges(count, grain: 4) { range, _ in
                kernel_winograd_slope(
                    slopes.floats + range.lowerBound * rowK, stepZ, rowK, dy, geometry, first + range.lowerBound,
                    range.count)
                if let ofWeight, let inputs {
                    kernel_winograd_input(
                        inputs.floats + range.lowerBound * rowC, stepV, rowC, ofWeight.x, geometry,
                        first + range.lowerBound, range.count)
                }
            }
            if let ofInput {
                forEachChunk(C) { piece, c in
                    let u = filters[piece].floats, m = products[piece].floats
                    kernel_winograd_filter(u, stepU, sizeC, ofInput.w, C, K, c.lowerBound, c.count)
                    for j in 0..<36 {
                        kernel_gemm_f32(
                            0, 0, count, c.count, K, 1, slopes.floats + j * stepZ, rowK, u + j * stepU, sizeC, 0,
                            m + j * stepM, sizeC)
                    }
                    kernel_winograd_back(
                        ofInput.dx, m, stepM, sizeC, geometry, first, count, c.lowerBound, c.count)
                }
            }
            if let ofWeight, let inputs {
                forEachChunk(K) { piece, k in
                    let d = sums[piece].floats
                    for j in 0..<36 {
                        kernel_gemm_f32(
                            1, 0, k.count, C, count, 1, slopes.floats + j * stepZ + k.lowerBound, rowK,
                            inputs.floats + j * stepV, rowC, 0, d + j * stepD, rowC)
                    }
                    kernel_winograd_filter_back(
                        ofWeight.dw + k.lowerBound * 9 * C, d, stepD, rowC, C, k.count, first == 0 ? 0 : 1)
                }
            }
        }
    }
}
