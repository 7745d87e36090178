import Diagnostics

extension Tensor {
    /// Rows of a table, one for each index.
    ///
    /// - Parameters:
    ///   - index: Whole numbers from 0, any shape.
    ///   - paddingIndex: A row whose gradient is always 0, or nil.
    /// - Returns: The shape of index with the row length added.
    /// - Throws: ``WorkbenchError`` of kind `.value` naming an index outside the table.
    public func embedding(_ index: Tensor, paddingIndex: Int? = nil) throws -> Tensor {
        guard dimensions == 2 else {
            throw WorkbenchError(.shape, "'weight' must be 2-D, got shape \(bracketed(shape))")
        }
        if index.count > 0, case .int(let largest) = try index.amax().item(), largest >= Int64(shape[0]) {
            throw WorkbenchError(
                .value, "index \(largest + 1) is out of range for an embedding of \(shape[0]) rows",
                hint: "valid are 1 … \(shape[0])")
        }
        let value = try detached().indexSelect(0, index.reshape([-1])).reshape(index.shape + [shape[1]])
        let original = shape
        return Tensor(op: "EmbeddingBackward0", value, from: [self]) { dy in
            var rows = try dy.reshape([-1, original[1]])
            if let paddingIndex {
                let padding = try index.reshape([-1, 1]).eq(Tensor(scalar: .int(Int64(paddingIndex))))
                rows = try rows.maskedFill(padding.expand(rows.shape), .int(0))
            }
            return [try Tensor.zeros(original, dy.dtype).indexAdd(0, index.reshape([-1]), rows)]
        }
    }
}
