import CKernels

/// Many tiles: blocks of tiles, each transformed, multiplied and transformed back by one thread while it is in the cache.
extension WinogradPlan {
    /// All filters transformed, by all threads: [channel, filter].
    func turnedFilters(_ w: KernelFilters) throws -> PanelMatrices {
        let filters = try PanelMatrices(places: tiling.filters, rows: shape.C, columns: shape.K)
        let panel = Int(KERNEL_PANEL)
        parallelRanges((shape.K + panel - 1) / panel, grain: 1) { range, _ in
            let k = range.lowerBound * panel
            kernel_winograd_filter_turned(
                filters.kernel(column: k), w.from(filter: k), Swift.min(shape.K, range.upperBound * panel) - k,
                shape.C, tiling.kernel)
        }
        return filters
    }

    /// The same as [filter, channel].
    private func filters(_ w: KernelFilters) throws -> PanelMatrices {
        let filters = try PanelMatrices(rows: shape.K, columns: shape.C)
        parallelRanges(shape.K, grain: 8) { range, _ in
            kernel_winograd_filter(
                filters.kernel(row: range.lowerBound), w.from(filter: range.lowerBound), range.count, shape.C)
        }
        return filters
    }

    /// - Parameter filters: Those of ``turnedFilters(_:)``.
    func forwardBlocks(_ y: WinogradOutput, _ x: Floats, _ filters: PanelMatrices) throws {
        let (C, K) = (shape.C, shape.K)
        // As many blocks for each thread.
        let pieces = Swift.min(threads, tiles)
        let blocks = ((tiles + blockTiles - 1) / blockTiles + pieces - 1) / pieces * pieces
        let most = (tiles + blocks - 1) / blocks
        let places = tiling.places
        let inputs = try (0..<pieces).map { _ in try PanelMatrices(places: places, rows: most, columns: C) }
        let panel = Int(KERNEL_PANEL)
        let products = try (0..<pieces).map { _ in try PanelMatrices(places: places, rows: most, columns: panel) }
        parallelTasks(pieces) { piece in
            let v = inputs[piece].kernel(), m = products[piece].kernel()
            for block in (blocks * piece / pieces)..<(blocks * (piece + 1) / pieces) {
                let first = tiles * block / blocks, count = tiles * (block + 1) / blocks - first
                if count == 0 { continue }
                kernel_winograd_input(v, x, geometry, first, count)
                // A panel of channels goes back to pixels before the next one pushes it out of the cache.
                for k in stride(from: 0, to: K, by: panel) {
                    let channels = Swift.min(panel, K - k)
                    tiling.multiply(m, v, filters.kernel(column: k), count, C, channels)
                    y.write(piece: piece, m, geometry, first, count, k, channels)
                }
            }
        }
    }

    func backwardBlocks(_ ofInput: InputGradient?, _ ofWeight: WeightGradient?, _ dy: WinogradSlope) throws {
        let (C, K) = (shape.C, shape.K)
        let filters = try ofInput.map { try self.filters($0.w) }
        let pieces = Swift.min(threads, shape.N)
        let most = Swift.min(blockTiles, tiles)
        let inputs = try (0..<pieces).map { _ in try PanelMatrices(rows: most, columns: C) }
        let slopes = try (0..<pieces).map { _ in try PanelMatrices(rows: most, columns: K) }
        let panel = Int(KERNEL_PANEL)
        let products = try filters.map { _ in
            try (0..<pieces).map { _ in try PanelMatrices(rows: most, columns: panel) }
        }
        let sums = try ofWeight.map { _ in try (0..<pieces).map { _ in try PanelMatrices(rows: K, columns: C) } } ?? []
        let partials = try ofWeight.map { try Partials($0.dw, K: K, C: C, count: pieces) }
        let image = shape.H * shape.W * C
        parallelTasks(pieces) { piece in
            let v = inputs[piece].kernel(), z = slopes[piece].kernel()
            let end = shape.N * (piece + 1) / pieces * perImage
            var first = shape.N * piece / pieces * perImage
            var summed = 0, isFirst = true
            while first < end {
                let count = Swift.min(most, end - first)
                dy.read(z, geometry, first, count)
                if let ofInput, let filters, let products {
                    // Images whose first tile is in this block.
                    let fresh = (first + perImage - 1) / perImage..<(first + count + perImage - 1) / perImage
                    (ofInput.dx + fresh.lowerBound * image).update(repeating: 0, count: fresh.count * image)
                    let m = products[piece].kernel()
                    for c in stride(from: 0, to: C, by: panel) {
                        let channels = Swift.min(panel, C - c)
                        kernel_panel_product(m, z, filters.kernel(column: c), 36, count, K, channels, 0)
                        kernel_winograd_back(ofInput.dx, m, geometry, first, count, c, channels)
                    }
                }
                first += count
                if let ofWeight, let partials {
                    kernel_winograd_input(v, ofWeight.x, geometry, first - count, count)
                    kernel_panel_product_turned(sums[piece].kernel(), z, v, 36, K, count, C, summed == 0 ? 0 : 1)
                    summed += count
                    if summed >= WinogradPlan.stretch || first == end {
                        kernel_winograd_filter_back(
                            partials.filters[piece], sums[piece].kernel(), K, C, isFirst ? 0 : 1)
                        (summed, isFirst) = (0, false)
                    }
                }
            }
        }
        partials?.addUp()
    }

    /// Tiles whose products are added before they go back to filters. Rounding errors grow with the length of a sum, and
    /// the way back enlarges them: one sum over all the tiles of a large batch would be wrong by 5e-5.
    static var stretch: Int { 256 }

    /// Gradients of the filters from each thread's tiles: the first is the whole one.
    private struct Partials {
        let filters: [KernelFilters]
        private let blocks: [Storage]
        private let count: Int

        init(_ dw: KernelFilters, K: Int, C: Int, count pieces: Int) throws {
            count = K * C * 9
            let bytes = count * MemoryLayout<Float>.stride
            blocks = try (1..<pieces).map { _ in try Storage(byteCount: bytes) }
            filters =
                [dw] + blocks.map { KernelFilters(at: $0.floats, filter: dw.filter, channel: dw.channel, tap: dw.tap) }
        }

        /// Adds the others to the first, in order.
        func addUp() {
            guard let whole = filters[0].at else { return }
            parallelRanges(count, grain: 1 << 14) { range, _ in
                for block in blocks {
                    let (at, other) = (whole + range.lowerBound, block.floats + range.lowerBound)
                    kernel_binary_f32(KERNEL_ADD, at, 1, at, 1, other, 1, range.count, 0)
                }
            }
        }
    }
}
