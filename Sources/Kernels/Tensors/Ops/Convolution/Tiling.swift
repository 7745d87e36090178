import CKernels

/// How outputs are cut into tiles, and which places of a transformed tile meet which transformed filter.
struct Tiling {
    let kernel: KernelTiling
    /// Output pixels along a side of a tile.
    let outputs: Int
    /// Places along a side that have a filter of their own, and those that share one with the others of their kind.
    private let own: Int, shared: Int

    /// F(4×4, 3×3).
    static let four = Tiling(kernel: KERNEL_TILES_4, outputs: 4, own: 6, shared: 0)
    /// Stride 2, 4×4 or 2×2 outputs.
    static let stridedFour = Tiling(kernel: KERNEL_TILES_STRIDED_4, outputs: 4, own: 5, shared: 4)
    static let stridedTwo = Tiling(kernel: KERNEL_TILES_STRIDED_2, outputs: 2, own: 3, shared: 2)
    /// Images of 2×2 pixels.
    static let image = Tiling(kernel: KERNEL_TILES_IMAGE_2, outputs: 2, own: 3, shared: 0)

    private var side: Int { own + shared }
    private var filterSide: Int { own + (shared > 0 ? 1 : 0) }

    /// Places of a transformed tile, and of a transformed filter.
    var places: Int { side * side }
    var filters: Int { filterSide * filterSide }

    /// Tiles along so many output pixels.
    func along(_ pixels: Int) -> Int { (pixels + outputs - 1) / outputs }

    /// m = v·u at each place: m [tiles, width], v [tiles, depth], u [depth, width].
    func multiply(_ m: KernelPanels, _ v: KernelPanels, _ u: KernelPanels, _ tiles: Int, _ depth: Int, _ width: Int) {
        func run(place: Int, every step: Int, _ count: Int, filter: Int, every filterStep: Int) {
            kernel_panel_product(
                m.from(place: place, every: step), v.from(place: place, every: step),
                u.from(place: filter, every: filterStep), count, tiles, depth, width, 0)
        }
        if shared == 0 { return run(place: 0, every: 1, places, filter: 0, every: 1) }
        for i in 0..<own {
            run(place: i * side, every: 1, own, filter: i * filterSide, every: 1)
            run(place: i * side + own, every: 1, shared, filter: i * filterSide + own, every: 0)
            run(place: own * side + i, every: side, shared, filter: own * filterSide + i, every: 0)
        }
        for i in own..<side { run(place: i * side + own, every: 1, shared, filter: filters - 1, every: 0) }
    }
}

extension KernelPanels {
    fileprivate func from(place: Int, every count: Int) -> KernelPanels {
        KernelPanels(at: at + place * step, step: step * count, rows: rows)
    }
}
