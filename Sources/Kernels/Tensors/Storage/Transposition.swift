import CKernels

/// A copy in which the output's neighbours lie apart in the source and the source's neighbours in the output, as
/// between [N, C, H, W] and channels-last: matrices are turned, one for each index of the dimensions before the last two.
struct Transposition {
    private let nest: LoopNest
    private let rows: Int, columns: Int
    private var outer: Int { nest.sizes.count - 2 }

    /// Nil for any other copy; output and source are the first two operands of the walk.
    init?(_ nest: LoopNest) {
        let last = nest.sizes.count - 1
        guard last >= 1, nest.strides[0][last] == 1, nest.strides[1][last - 1] == 1, nest.strides[1][last] > 0,
            nest.strides[0][last - 1] > 0
        else { return nil }
        self.nest = nest
        (rows, columns) = (nest.sizes[last - 1], nest.sizes[last])
    }

    /// Copies elements of four bytes.
    func run(_ out: UnsafeMutableRawPointer, _ source: UnsafeMutableRawPointer) {
        let to = out.assumingMemoryBound(to: UInt32.self), from = source.assumingMemoryBound(to: UInt32.self)
        let outRow = nest.strides[0][outer], sourceRow = nest.strides[1][outer + 1]
        parallelRanges(nest.count / columns, grain: Swift.max(1, 32768 / columns)) { range, _ in
            var row = range.lowerBound
            while row < range.upperBound {
                var matrix = row / rows, first = row % rows
                let count = Swift.min(rows - first, range.upperBound - row)
                row += count
                var (atOut, atSource) = (first * outRow, first)
                for d in stride(from: outer - 1, through: 0, by: -1) {
                    (matrix, first) = matrix.quotientAndRemainder(dividingBy: nest.sizes[d])
                    atOut += first * nest.strides[0][d]
                    atSource += first * nest.strides[1][d]
                }
                kernel_transpose_32(to + atOut, outRow, from + atSource, sourceRow, count, columns)
            }
        }
    }
}
