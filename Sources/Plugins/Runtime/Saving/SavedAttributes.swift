extension Value {
    /// Whether names, `dim` and `dimnames` go together with the elements, as they do in every value that R code can
    /// make. Readers of files refuse what contradicts itself.
    public var attributesFit: Bool {
        guard let attributes else { return true }
        if case .character(let names)? = attributes[Symbol.names], names.count != length { return false }
        if attributes[Symbol.dim] != nil {
            guard let dim, !dim.isEmpty else { return false }
            var product = 1
            for size in dim {
                let (next, overflow) = product.multipliedReportingOverflow(by: size)
                guard !overflow else { return false }
                product = next
            }
            guard product == length else { return false }
        }
        if let names = attributes[Symbol.dimnames], !names.isNull {
            guard let dim, case .list(let parts) = names, parts.count <= dim.count else { return false }
            for (size, part) in zip(dim, parts.elements) where !part.isNull {
                guard case .character(let texts) = part, texts.count == size else { return false }
            }
        }
        return true
    }
}
