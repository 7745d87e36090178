import CKernels

/// Few tiles: all of them (or a large part, where memory ends) transformed first, then each thread takes a share of the
/// channels, a chunk at a time. Threads never write to the same pixels, and results do not depend on their number.
extension WinogradPlan {
    /// Tiles transformed at a time.
    private var bandTiles: Int { Swift.min(tiles, Swift.max(64, (96 << 20) / tileBytes)) }

    /// Channels in a chunk: whole panels.
    private func chunk(_ channels: Int) -> Int {
        Swift.min(64, PanelMatrices.padded((channels + threads - 1) / threads))
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

    private func scratch(places: Int = 36, _ rows: Int, _ columns: Int) throws -> [PanelMatrices] {
        try (0..<threads).map { _ in try PanelMatrices(places: places, rows: rows, columns: columns) }
    }

    private func eachBand(_ body: (_ first: Int, _ count: Int) -> Void) {
        for first in Swift.stride(from: 0, to: tiles, by: bandTiles) {
            body(first, Swift.min(bandTiles, tiles - first))
        }
    }

    /// - Parameter kept: All filters as ``turnedFilters(_:)`` makes them, or nil: each chunk's are made where they are
    ///   used.
    func forwardChunks(
        _ y: WinogradOutput, _ x: Floats, _ w: KernelFilters, kept: PanelMatrices? = nil
    ) throws {
        let (C, K) = (shape.C, shape.K)
        let size = chunk(K)
        let inputs = try PanelMatrices(places: tiling.places, rows: bandTiles, columns: C)
        let filters = kept == nil ? try scratch(places: tiling.filters, C, size) : []
        let products = try scratch(places: tiling.places, bandTiles, size)
        eachBand { first, count in
            parallelRanges(count, grain: 4) { range, _ in
                kernel_winograd_input(
                    inputs.kernel(row: range.lowerBound), x, geometry, first + range.lowerBound, range.count)
            }
            forEachChunk(K) { piece, k in
                let m = products[piece].kernel()
                let u = kept?.kernel(column: k.lowerBound) ?? filters[piece].kernel()
                if kept == nil {
                    kernel_winograd_filter_turned(u, w.from(filter: k.lowerBound), k.count, C, tiling.kernel)
                }
                tiling.multiply(m, inputs.kernel(), u, count, C, k.count)
                y.write(piece: piece, m, geometry, first, count, k.lowerBound, k.count)
            }
        }
    }

    func backwardChunks(_ ofInput: InputGradient?, _ ofWeight: WeightGradient?, _ dy: WinogradSlope) throws {
        let (C, K) = (shape.C, shape.K)
        let sizeC = chunk(C), sizeK = chunk(K)
        let slopes = try PanelMatrices(rows: bandTiles, columns: K)
        let inputs = try ofWeight.map { _ in try PanelMatrices(rows: bandTiles, columns: C) }
        let filters = try ofInput.map { _ in try scratch(K, sizeC) } ?? []
        let products = try ofInput.map { _ in try scratch(bandTiles, sizeC) } ?? []
        let sums = try ofWeight.map { _ in try scratch(sizeK, C) } ?? []
        if let ofInput {
            parallelRanges(shape.N * shape.H * shape.W * C, grain: 1 << 16) { range, _ in
                (ofInput.dx + range.lowerBound).update(repeating: 0, count: range.count)
            }
        }
        eachBand { first, count in
            parallelRanges(count, grain: 4) { range, _ in
                dy.read(slopes.kernel(row: range.lowerBound), geometry, first + range.lowerBound, range.count)
                if let ofWeight, let inputs {
                    kernel_winograd_input(
                        inputs.kernel(row: range.lowerBound), ofWeight.x, geometry, first + range.lowerBound,
                        range.count)
                }
            }
            if let ofInput {
                forEachChunk(C) { piece, c in
                    let u = filters[piece].kernel(), m = products[piece].kernel()
                    kernel_winograd_filter(u, ofInput.w.from(channel: c.lowerBound), K, c.count)
                    kernel_panel_product(m, slopes.kernel(), u, 36, count, K, c.count, 0)
                    kernel_winograd_back(ofInput.dx, m, geometry, first, count, c.lowerBound, c.count)
                }
            }
            if let ofWeight, let inputs {
                forEachChunk(K) { piece, k in
                    let d = sums[piece].kernel()
                    for row in Swift.stride(from: 0, to: count, by: WinogradPlan.stretch) {
                        kernel_panel_product_turned(
                            d, slopes.kernel(row: row, column: k.lowerBound), inputs.kernel(row: row), 36, k.count,
                            Swift.min(WinogradPlan.stretch, count - row), C, 0)
                        kernel_winograd_filter_back(
                            ofWeight.dw.from(filter: k.lowerBound), d, k.count, C, first + row == 0 ? 0 : 1)
                    }
                }
            }
        }
    }
}
