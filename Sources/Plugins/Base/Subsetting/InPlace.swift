import RRuntime

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
}
