import Diagnostics

extension Tensor {
    /// The same elements in memory in another order of dimensions, as a tensor was laid out before it was saved.
    ///
    /// - Parameter strides: Dense: a permutation of row-major ones.
    /// - Throws: `.data` for strides that are not.
    public func laidOut(strides: [Int]) throws -> Tensor {
        guard strides.count == shape.count else { throw Tensor.badLayout }
        let target = Tensor(storage: storage, shape: shape, strides: strides, offset: 0, dtype: dtype)
        guard strides.allSatisfy({ $0 >= 0 }), target.isDense else { throw Tensor.badLayout }
        let made = try Tensor.empty(shape, dtype, strides: strides)
        try withoutGradients { _ = try made.copy_(self) }
        return made
    }

    /// A tensor over part of this one's bytes, as a view was before it was saved; it is no view to gradients.
    ///
    /// - Parameters:
    ///   - strides: Elements between neighbours, from 0.
    ///   - offset: Elements from this tensor's first one in memory.
    /// - Throws: `.data` for what reaches outside.
    public func region(shape: [Int], strides: [Int], offset: Int) throws -> Tensor {
        // A step of 0 reaches no further, however many elements there are: they must be countable all the same.
        _ = try Storage.elementCount(of: shape, dtype: dtype)
        guard isDense, shape.count == strides.count, offset >= 0, offset < Swift.max(1, count) else {
            throw Tensor.badLayout
        }
        var last = offset
        for (size, stride) in zip(shape, strides) {
            guard size >= 0, stride >= 0 else { throw Tensor.badLayout }
            let (step, overflow) = Swift.max(0, size - 1).multipliedReportingOverflow(by: stride)
            let (sum, overflowed) = last.addingReportingOverflow(step)
            guard !overflow, !overflowed else { throw Tensor.badLayout }
            last = sum
        }
        guard last < count else { throw Tensor.badLayout }
        return Tensor(storage: storage, shape: shape, strides: strides, offset: self.offset + offset, dtype: dtype)
    }

    private static var badLayout: WorkbenchError {
        WorkbenchError(.data, "the saved layout of a tensor contradicts itself")
    }
}
