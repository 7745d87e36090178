/// A walk over operands of one shape and different strides, in as few and as long straight runs as possible.
///
/// The first operand (the output) decides the order; neighbouring dimensions that every operand walks alike become one.
struct LoopNest {
    /// Sizes, the innermost last; never empty.
    private(set) var sizes: [Int]
    /// Strides in elements, an array for each operand.
    private(set) var strides: [[Int]]

    init(shape: [Int], strides operands: [[Int]]) {
        var dims: [Int] = []
        for d in shape.indices where shape[d] != 1 { dims.append(d) }
        if let lead = operands.first {
            // Insertion sort: stable, and there are few dimensions.
            for i in dims.indices.dropFirst() {
                var j = i
                while j > 0, abs(lead[dims[j - 1]]) < abs(lead[dims[j]]) {
                    dims.swapAt(j - 1, j)
                    j -= 1
                }
            }
        }
        var sizes: [Int] = []
        var strides = [[Int]](repeating: [], count: operands.count)
        for d in dims {
            if let last = sizes.last,
                operands.indices.allSatisfy({ strides[$0][sizes.count - 1] == operands[$0][d] &* shape[d] })
            {
                sizes[sizes.count - 1] = last * shape[d]
                for o in operands.indices { strides[o][sizes.count - 1] = operands[o][d] }
            } else {
                sizes.append(shape[d])
                for o in operands.indices { strides[o].append(operands[o][d]) }
            }
        }
        if sizes.isEmpty {
            sizes = [1]
            strides = strides.map { _ in [0] }
        }
        self.sizes = sizes
        self.strides = strides
    }

    /// Number of elements.
    var count: Int { sizes.reduce(1, *) }
    /// Stride of an operand along a run.
    func innerStride(_ operand: Int) -> Int { strides[operand][sizes.count - 1] }

    /// Calls body(offset of each operand, length) for each run, on several threads if there are more than `grain`
    /// elements for each.
    func forEachRun(grain: Int = 32768, _ body: (UnsafeMutablePointer<Int>, Int) -> Void) {
        let inner = sizes[sizes.count - 1]
        let outerDims = sizes.count - 1
        let operands = strides.count
        parallelRanges(count, grain: grain) { range, _ in
            withUnsafeTemporaryAllocation(of: Int.self, capacity: operands * 2 + sizes.count) { scratch in
                guard let base = scratch.baseAddress else { return }
                let offsets = base, shifted = base + operands, index = base + 2 * operands
                var rest = range.lowerBound / inner
                var start = range.lowerBound % inner
                for o in 0..<operands { offsets[o] = 0 }
                for d in stride(from: outerDims - 1, through: 0, by: -1) {
                    index[d] = rest % sizes[d]
                    rest /= sizes[d]
                    for o in 0..<operands { offsets[o] += index[d] * strides[o][d] }
                }
                var position = range.lowerBound
                while position < range.upperBound {
                    let length = min(inner - start, range.upperBound - position)
                    for o in 0..<operands { shifted[o] = offsets[o] + start * strides[o][outerDims] }
                    body(shifted, length)
                    position += length
                    start = 0
                    var d = outerDims - 1
                    while d >= 0 {
                        index[d] += 1
                        for o in 0..<operands { offsets[o] += strides[o][d] }
                        if index[d] < sizes[d] { break }
                        for o in 0..<operands { offsets[o] -= sizes[d] * strides[o][d] }
                        index[d] = 0
                        d -= 1
                    }
                }
            }
        }
    }
}

/// Strides of a shape stored row after row.
func contiguousStrides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    var step = 1
    for d in shape.indices.reversed() {
        strides[d] = step
        step = step &* max(1, shape[d])
    }
    return strides
}

/// Strides of [N, C, H, W] stored as N, H, W, C (or [N, C, W] as N, W, C).
func channelsLastStrides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    guard shape.count >= 3 else { return contiguousStrides(shape) }
    var step = max(1, shape[1])
    for d in stride(from: shape.count - 1, through: 2, by: -1) {
        strides[d] = step
        step = step &* max(1, shape[d])
    }
    strides[0] = step
    return strides
}
