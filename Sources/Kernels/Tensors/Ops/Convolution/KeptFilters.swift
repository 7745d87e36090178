import CKernels

/// What an algorithm made of filters that nobody trains, kept beside them until their elements change.
final class KeptFilters {
    let panels: PanelMatrices
    private let key: Key

    private struct Key: Equatable {
        let algorithm: ObjectIdentifier
        let version: Int, offset: Int
        let geometry: [Int]
    }

    private init(_ panels: PanelMatrices, _ key: Key) {
        self.panels = panels
        self.key = key
    }

    /// Drops what was made of filters before they were trained.
    static func forget(_ w: Tensor) { w.storage.derived = nil }

    /// The panels that `make` computes from w, made once as long as w does not change; made anew, and not kept, for
    /// filters that are trained: they change with every step.
    ///
    /// - Parameter geometry: What else they depend on.
    static func panels(
        of w: Tensor, _ algorithm: any ConvolutionAlgorithm.Type, geometry: [Int] = [],
        make: () throws -> PanelMatrices
    ) throws -> PanelMatrices {
        if w.requiresGrad {
            forget(w)
            return try make()
        }
        let key = Key(
            algorithm: ObjectIdentifier(algorithm), version: w.storage.version, offset: w.offset,
            geometry: w.shape + w.strides + geometry)
        if let kept = w.storage.derived as? KeptFilters, kept.key == key { return kept.panels }
        let made = KeptFilters(try make(), key)
        w.storage.derived = made
        return made.panels
    }
}
