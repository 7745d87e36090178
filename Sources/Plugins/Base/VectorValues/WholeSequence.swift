import RRuntime

/// `from:to`: integers if `from` is whole and all fit, else doubles.
package func wholeSequence(from: Double, to: Double) -> Value {
    let count = Int((abs(to - from) + 1e-10).rounded(.down)) + 1
    let step: Double = from <= to ? 1 : -1
    let last = from + Double(count - 1) * step
    if let first = Int32(exactly: from), first != Int32.min, let end = Int32(exactly: last), end != Int32.min {
        if first <= end {
            return .integer(
                Vector(
                    Array(unsafeUninitializedCapacity: count) { buffer, initialized in
                        for i in 0..<count {
                            buffer.initializeElement(at: i, to: first &+ Int32(truncatingIfNeeded: i))
                        }
                        initialized = count
                    }))
        }
        return .integer(Vector((0..<count).map { first &- Int32(truncatingIfNeeded: $0) }))
    }
    return .double(Vector((0..<count).map { from + Double($0) * step }))
}
