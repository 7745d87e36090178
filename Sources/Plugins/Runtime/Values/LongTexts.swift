/// Numbers become text slowly enough that a long vector must be interruptible on the way.
extension Context {
    /// Elements as text in stretches, between which Ctrl-C is looked at; nil where it is quick or no vector of numbers.
    func longTexts(_ value: Value) throws -> CharacterVector? {
        switch value {
        case .integer(let v): return try inStretches(v.elements) { .integer(Vector($0)) }
        case .double(let v): return try inStretches(v.elements) { .double(Vector($0)) }
        case .complex(let v): return try inStretches(v.elements) { .complex(Vector($0)) }
        default: return nil
        }
    }

    private func inStretches<Element>(
        _ elements: [Element], _ vector: ([Element]) -> Value
    ) throws -> CharacterVector? {
        let stretch = 1 << 16
        guard elements.count > stretch else { return nil }
        var texts: [Text?] = []
        texts.reserveCapacity(elements.count)
        for start in stride(from: 0, to: elements.count, by: stretch) {
            try pollInterrupt()
            let part = Array(elements[start..<min(start + stretch, elements.count)])
            texts += try vector(part).asCharacters().elements
        }
        return Vector(texts)
    }
}
