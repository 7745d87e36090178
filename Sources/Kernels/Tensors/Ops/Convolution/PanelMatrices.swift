import CKernels

/// Memory for matrices in panels (`KernelPanels`), one for each place of a transformed tile.
struct PanelMatrices {
    private let storage: Storage
    private let step: Int
    /// Rows of each matrix.
    let rows: Int

    /// Matrices of `rows` rows and at least `columns` columns, uninitialised.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.memory`.
    init(places: Int = 36, rows: Int, columns: Int) throws {
        self.rows = rows
        step = PanelMatrices.step(rows, columns)
        storage = try Storage(byteCount: places * step * 4)
    }

    /// Floats from a matrix to the next: a cache line more than they need, or the matrices would all fall into the same
    /// few sets of the cache.
    static func step(_ rows: Int, _ columns: Int) -> Int { rows * PanelMatrices.padded(columns) + 16 }

    /// Columns rounded up to whole panels.
    static func padded(_ columns: Int) -> Int {
        (columns + Int(KERNEL_PANEL) - 1) / Int(KERNEL_PANEL) * Int(KERNEL_PANEL)
    }

    /// As the kernels take them, from a row or from a column that begins a panel.
    func kernel(row: Int = 0, column: Int = 0) -> KernelPanels {
        KernelPanels(
            at: storage.floats + row * Int(KERNEL_PANEL) + column * rows, step: step, rows: rows)
    }
}

extension Storage {
    var floats: UnsafeMutablePointer<Float> { bytes.assumingMemoryBound(to: Float.self) }
}
