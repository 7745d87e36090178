import Diagnostics

/// How rows of a table are looked up beside their number.
public struct EmbeddingOptions: Sendable {
    /// A row (from 0) whose gradient is always 0, or nil.
    public var paddingIndex: Int?
    /// Rows looked up that are longer are shortened to it, in the table itself.
    public var maxNorm: Double?
    /// The p of that norm.
    public var normType = 2.0
    /// Whether the gradient of a row is divided by how often it was looked up.
    public var scalesByFrequency = false

    /// The usual ones.
    public init(
        paddingIndex: Int? = nil, maxNorm: Double? = nil, normType: Double = 2, scalesByFrequency: Bool = false
    ) {
        self.paddingIndex = paddingIndex
        self.maxNorm = maxNorm
        self.normType = normType
        self.scalesByFrequency = scalesByFrequency
    }
}

extension Tensor {
    /// Rows of a table, one for each index.
    ///
    /// - Parameters:
    ///   - index: Whole numbers from 0, any shape.
    ///   - options: Padding row, longest row, scaling of the gradient.
    /// - Returns: The shape of index with the row length added.
    /// - Throws: ``WorkbenchError`` of kind `.value` naming an index outside the table.
    public func embedding(_ index: Tensor, _ options: EmbeddingOptions = EmbeddingOptions()) throws -> Tensor {
        guard dimensions == 2 else {
            throw WorkbenchError(.shape, "'weight' must be 2-D, got shape \(bracketed(shape))")
        }
        if index.count > 0, case .int(let largest) = try index.amax().item(), largest >= Int64(shape[0]) {
            throw WorkbenchError(
                .value, "index \(largest + 1) is out of range for an embedding of \(shape[0]) rows",
                hint: "valid are 1 … \(shape[0])")
        }
        let flat = try index.reshape([-1])
        if let bound = options.maxNorm { try shortenRows(flat, bound, options.normType) }
        let value = try detached().indexSelect(0, flat).reshape(index.shape + [shape[1]])
        let original = shape
        return Tensor(op: "EmbeddingBackward0", value, from: [self]) { dy in
            var rows = try dy.reshape([-1, original[1]])
            if let padding = options.paddingIndex {
                let isPadding = try flat.unsqueeze(-1).eq(Tensor(scalar: .int(Int64(padding))))
                rows = try rows.maskedFill(isPadding.expand(rows.shape), .int(0))
            }
            if options.scalesByFrequency {
                let ones = try Tensor.ones(flat.shape, dy.dtype)
                let counts = try Tensor.zeros([original[0]], dy.dtype).indexAdd(0, flat, ones)
                rows = try rows.div(counts.indexSelect(0, flat).unsqueeze(-1))
            }
            return [try Tensor.zeros(original, dy.dtype).indexAdd(0, flat, rows)]
        }
    }

    /// Shortens the rows looked up to a norm, in place and without being recorded.
    private func shortenRows(_ index: Tensor, _ bound: Double, _ p: Double) throws {
        let table = detached()
        for row in Set(index.toArray(of: Int64.self)) {
            guard let place = Int(exactly: row), place >= 0 else { continue }
            let line = try table.select(0, place)
            let norm = try line.norm(p).item().doubleValue
            if norm > bound { _ = try line.mul_(Tensor(scalar: .double(bound / (norm + 1e-7)))) }
        }
    }
}
