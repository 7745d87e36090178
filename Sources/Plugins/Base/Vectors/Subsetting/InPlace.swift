import PluginAPI

/// Changes of single elements without a copy, where the vector is held by nobody else.
extension Value {
    // `switch self { case .double(var v): self = .null … }` keeps a second reference to the elements for the length of
    // the switch, so that the write copies them; `if case` does not.

    /// Sets one element of a vector from a value of length one of the same or a lower type; the place may be the one
    /// right behind the end of a vector without attributes.
    /// - Returns: false, and nothing is changed, when it is not that simple.
    mutating func setElement(_ place: Int, _ value: Value) -> Bool {
        if case .double(var v) = self {
            guard let new = value.scalarDouble, place <= v.elements.count else { return false }
            if place == v.elements.count, v.attributes != nil { return false }
            self = .null
            if place == v.elements.count { v.elements.append(new) } else { v.elements[place] = new }
            self = .double(v)
            return true
        }
        if case .integer(var v) = self {
            guard let new = value.scalarInteger, place <= v.elements.count else { return false }
            if place == v.elements.count, v.attributes != nil { return false }
            self = .null
            if place == v.elements.count { v.elements.append(new) } else { v.elements[place] = new }
            self = .integer(v)
            return true
        }
        if case .logical(var v) = self {
            guard let new = value.scalarLogical, place <= v.elements.count else { return false }
            if place == v.elements.count, v.attributes != nil { return false }
            self = .null
            if place == v.elements.count { v.elements.append(new) } else { v.elements[place] = new }
            self = .logical(v)
            return true
        }
        if case .character(var v) = self {
            guard let new = value.scalarText, place <= v.elements.count else { return false }
            if place == v.elements.count, v.attributes != nil { return false }
            self = .null
            if place == v.elements.count { v.elements.append(new) } else { v.elements[place] = new }
            self = .character(v)
            return true
        }
        return false
    }

    /// Sets one element of a list; the place may be the one right behind the end of a list without attributes.
    /// - Returns: false, and nothing is changed, when it is not that simple.
    mutating func setItem(_ place: Int, _ value: Value) -> Bool {
        if case .list(var v) = self {
            guard place <= v.elements.count, place < v.elements.count || v.attributes == nil else { return false }
            self = .null
            if place == v.elements.count { v.elements.append(value) } else { v.elements[place] = value }
            self = .list(v)
            return true
        }
        if case .expression(var v) = self {
            guard place < v.elements.count else { return false }
            self = .null
            v.elements[place] = value
            self = .expression(v)
            return true
        }
        return false
    }

    private var scalarDouble: Double? {
        switch self {
        case .double(let v): return v.elements.count == 1 ? v.elements[0] : nil
        case .integer(let v):
            guard v.elements.count == 1 else { return nil }
            guard let element = v.elements[0] else { return .na }
            return Double(element)
        default: return nil
        }
    }

    private var scalarInteger: Int32?? {
        guard case .integer(let v) = self, v.elements.count == 1 else { return nil }
        return .some(v.elements[0])
    }

    private var scalarLogical: Bool?? {
        guard case .logical(let v) = self, v.elements.count == 1 else { return nil }
        return .some(v.elements[0])
    }

    private var scalarText: Text?? {
        guard case .character(let v) = self, v.elements.count == 1 else { return nil }
        return .some(v.elements[0])
    }

    /// Puts elements of a vector of the same type at places, using them again from the start; grows to `extent` first.
    mutating func scatter(_ source: Value, at positions: [Int], extent: Int) {
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
