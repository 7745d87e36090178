import Diagnostics

/// A tensor kept for a pullback that may write the gradient over it, where nobody else holds it any more.
final class SavedTensor {
    private var tensor: Tensor?

    init(_ tensor: Tensor) { self.tensor = tensor }

    /// The tensor, and whether its elements may be overwritten: the graph is released after this pass, and neither the
    /// tensor nor its storage is held by anybody else.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.runtime` if it was handed out for overwriting before.
    func use() throws -> (tensor: Tensor, mayOverwrite: Bool) {
        guard var tensor else {
            throw WorkbenchError(
                .runtime, "Trying to backward through the graph a second time",
                hint: "call `$backward(retain_graph = TRUE)` the first time")
        }
        guard GradMode.releasesSaved, !GradMode.isEnabled else { return (tensor, false) }
        self.tensor = nil
        let alone = isKnownUniquelyReferenced(&tensor) && isKnownUniquelyReferenced(&tensor.storage)
        return (tensor, alone)
    }
}
