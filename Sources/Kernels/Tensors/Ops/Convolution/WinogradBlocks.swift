import CKernels

/// Many tiles: blocks of tiles, each transformed, multiplied and transformed back by one thread while it is in the cache.
extension WinogradPlan {
    /// All filters transformed, by all threads.
    private func transformedFilters(_ w: Floats) throws -> Storage {
        let step = WinogradPlan.step(shape.K, rowC)
        let filters = try WinogradPlan.planes(step)
        parallelRanges(shape.K, grain: 8) { range, _ in
            kernel_winograd_filter(
                filters.floats + range.lowerBound * rowC, step, rowC, w + range.lowerBound * 9 * shape.C, shape.C,
                range.count, 0, shape.C)
        }
        return filters
    }

    func forwardBlocks(_ y: Floats, _ x: Floats, _ w: Floats, _ bias: Floats?) throws {
        let (C, K) = (shape.C, shape.K)
        let filters = try transformedFilters(w)
        let stepU = WinogradPlan.step(K, rowC)
        // As many blocks for each thread.
        let pieces = Swift.min(threads, tiles)
        let blocks = ((tiles + blockTiles - 1) / blockTiles + pieces - 1) / pieces * pieces
        let most = (tiles + blocks - 1) / blocks
        let stepV = WinogradPlan.step(most, rowC), stepM = WinogradPlan.step(most, rowK)
        let inputs = try (0..<pieces).map { _ in try WinogradPlan.planes(stepV) }
        let products = try (0..<pieces).map { _ in try WinogradPlan.planes(stepM) }
        parallelTasks(pieces) { piece in
            let u = filters.floats, v = inputs[piece].floats, m = products[piece].floats
            for block in (blocks * piece / pieces)..<(blocks * (piece + 1) / pieces) {
                let first = tiles * block / blocks, count = tiles * (block + 1) / blocks - first
                if count == 0 { continue }
                kernel_winograd_input(v, stepV, rowC, x, geometry, first, count)
                for j in 0..<36 {
                    kernel_gemm_f32(
                        0, 1, count, K, C, 1, v + j * stepV, rowC, u + j * stepU, rowC, 0, m + j * stepM, rowK)
                }
                kernel_winograd_output(y, m, stepM, rowK, bias, geometry, first, count, 0, K)
            }
        }
    }

    func backwardBlocks(_ ofInput: InputGradient?, _ ofWeight: WeightGradient?, _ dy: Floats) throws {
        let (C, K) = (shape.C, shape.K)
        let filters = try ofInput.map { try transformedFilters($0.w) }
        let stepU = WinogradPlan.step(K, rowC)
        let pieces = Swift.min(threads, shape.N)
        let most = Swift.min(blockTiles, tiles)
        let stepV = WinogradPlan.step(most, rowC), stepZ = WinogradPlan.step(most, rowK)
        let inputs = try (0..<pieces).map { _ in try WinogradPlan.planes(stepV) }
        let slopes = try (0..<pieces).map { _ in try WinogradPlan.planes(stepZ) }
        let sums = try ofWeight.map { _ in try (0..<pieces).map { _ in try WinogradPlan.planes(stepU) } } ?? []
        let image = shape.H * shape.W * C
        parallelTasks(pieces) { piece in
            let v = inputs[piece].floats, z = slopes[piece].floats
            let end = shape.N * (piece + 1) / pieces * perImage
            var first = shape.N * piece / pieces * perImage
            var beta: Float = 0
            while first < end {
                let count = Swift.min(most, end - first)
                kernel_winograd_slope(z, stepZ, rowK, dy, geometry, first, count)
                if let ofInput, let filters {
                    // Images whose first tile is in this block.
                    let fresh = (first + perImage - 1) / perImage..<(first + count + perImage - 1) / perImage
                    (ofInput.dx + fresh.lowerBound * image).update(repeating: 0, count: fresh.count * image)
                    for j in 0..<36 {
                        kernel_gemm_f32(
                            0, 0, count, C, K, 1, z + j * stepZ, rowK, filters.floats + j * stepU, rowC, 0,
                            v + j * stepV, rowC)
                    }
                    kernel_winograd_back(ofInput.dx, v, stepV, rowC, geometry, first, count, 0, C)
                }
                if let ofWeight {
                    kernel_winograd_input(v, stepV, rowC, ofWeight.x, geometry, first, count)
                    for j in 0..<36 {
                        kernel_gemm_f32(
                            1, 0, K, C, count, 1, z + j * stepZ, rowK, v + j * stepV, rowC, beta,
                            sums[piece].floats + j * stepU, rowC)
                    }
                    beta = 1
                }
                first += count
            }
        }
        guard let ofWeight, let total = sums.first?.floats else { return }
        parallelRanges(K, grain: 8) { range, _ in
            let at = range.lowerBound * rowC
            for other in sums.dropFirst() {
                for j in 0..<36 {
                    let sum = total + j * stepU + at
                    kernel_binary_f32(
                        KERNEL_ADD, sum, 1, sum, 1, other.floats + j * stepU + at, 1, range.count * rowC, 0)
                }
            }
            kernel_winograd_filter_back(
                ofWeight.dw + range.lowerBound * 9 * C, total + at, stepU, rowC, C, range.count, 0)
        }
    }
}
