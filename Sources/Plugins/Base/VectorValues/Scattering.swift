import RRuntime

extension Value {
    /// Puts elements of a vector of the same type at places, using them again from the start; grows to `extent` first.
    package mutating func scatter(_ source: Value, at positions: [Int], extent: Int) {
        if case .double(var v) = self, case .double(let w) = source {
            self = .null
            v.scatter(w.elements, positions, extent)
            self = .double(v)
            return
        }
        if case .integer(var v) = self, case .integer(let w) = source {
            self = .null
            v.scatter(w.elements, positions, extent)
            self = .integer(v)
            return
        }
        if case .logical(var v) = self, case .logical(let w) = source {
            self = .null
            v.scatter(w.elements, positions, extent)
            self = .logical(v)
            return
        }
        if case .character(var v) = self, case .character(let w) = source {
            self = .null
            v.scatter(w.elements, positions, extent)
            self = .character(v)
            return
        }
        if case .list(var v) = self, case .list(let w) = source {
            self = .null
            v.scatter(w.elements, positions, extent)
            self = .list(v)
            return
        }
        if case .raw(var v) = self, case .raw(let w) = source {
            self = .null
            v.scatter(w.elements, positions, extent)
            self = .raw(v)
            return
        }
        if case .complex(var v) = self, case .complex(let w) = source {
            self = .null
            v.scatter(w.elements, positions, extent)
            self = .complex(v)
            return
        }
        if case .expression(var v) = self, case .expression(let w) = source {
            self = .null
            v.scatter(w.elements, positions, extent)
            self = .expression(v)
            return
        }
    }
}

extension Vector where Element: VectorElement {
    fileprivate mutating func scatter(_ source: [Element], _ positions: [Int], _ extent: Int) {
        if extent > elements.count {
            elements.append(contentsOf: repeatElement(Element.absent, count: extent - elements.count))
        }
        guard !source.isEmpty else { return }
        var next = 0
        for position in positions {
            if position >= 0 { elements[position] = source[next] }
            next += 1
            if next == source.count { next = 0 }
        }
    }
}
