import PluginAPI

/// Changes of single elements without a copy, where the vector is held by nobody else.
extension Value {
    /// Sets one element of a vector from a value of length one of the same or a lower type; the place may be the one
    /// right behind the end of a vector without attributes.
    /// - Returns: false, and nothing is changed, when it is not that simple.
    mutating func setElement(_ place: Int, _ value: Value) -> Bool {
        switch self {
        case .double(var v):
            guard let new = value.scalarDouble, place <= v.elements.count else { return false }
            if place == v.elements.count, v.attributes != nil { return false }
            self = .null
            if place == v.elements.count { v.elements.append(new) } else { v.elements[place] = new }
            self = .double(v)
            return true
        case .integer(var v):
            guard let new = value.scalarInteger, place <= v.elements.count else { return false }
            if place == v.elements.count, v.attributes != nil { return false }
            self = .null
            if place == v.elements.count { v.elements.append(new) } else { v.elements[place] = new }
            self = .integer(v)
            return true
        case .logical(var v):
            guard case .logical(let w) = value, w.elements.count == 1, place <= v.elements.count else { return false }
            if place == v.elements.count, v.attributes != nil { return false }
            let new = w.elements[0]
            self = .null
            if place == v.elements.count { v.elements.append(new) } else { v.elements[place] = new }
            self = .logical(v)
            return true
        case .character(var v):
            guard case .character(let w) = value, w.elements.count == 1, place <= v.elements.count else {
                return false
            }
            if place == v.elements.count, v.attributes != nil { return false }
            let new = w.elements[0]
            self = .null
            if place == v.elements.count { v.elements.append(new) } else { v.elements[place] = new }
            self = .character(v)
            return true
        default: return false
        }
    }

    /// Sets one element of a list; the place may be the one right behind the end of a list without attributes.
    /// - Returns: false, and nothing is changed, when it is not that simple.
    mutating func setItem(_ place: Int, _ value: Value) -> Bool {
        switch self {
        case .list(var v):
            guard place <= v.elements.count, place < v.elements.count || v.attributes == nil else { return false }
            self = .null
            if place == v.elements.count { v.elements.append(value) } else { v.elements[place] = value }
            self = .list(v)
            return true
        case .expression(var v):
            guard place < v.elements.count else { return false }
            self = .null
            v.elements[place] = value
            self = .expression(v)
            return true
        default: return false
        }
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

    /// Puts elements of a vector of the same type at places, using them again from the start; grows to `extent` first.
    mutating func scatter(_ source: Value, at positions: [Int], extent: Int) {
        switch (self, source) {
        case (.raw(var v), .raw(let w)):
            self = .null
            v.scatter(w.elements, positions, extent)
            self = .raw(v)
        case (.logical(var v), .logical(let w)):
            self = .null
            v.scatter(w.elements, positions, extent)
            self = .logical(v)
        case (.integer(var v), .integer(let w)):
            self = .null
            v.scatter(w.elements, positions, extent)
            self = .integer(v)
        case (.double(var v), .double(let w)):
            self = .null
            v.scatter(w.elements, positions, extent)
            self = .double(v)
        case (.complex(var v), .complex(let w)):
            self = .null
            v.scatter(w.elements, positions, extent)
            self = .complex(v)
        case (.character(var v), .character(let w)):
            self = .null
            v.scatter(w.elements, positions, extent)
            self = .character(v)
        case (.list(var v), .list(let w)):
            self = .null
            v.scatter(w.elements, positions, extent)
            self = .list(v)
        case (.expression(var v), .expression(let w)):
            self = .null
            v.scatter(w.elements, positions, extent)
            self = .expression(v)
        default: break
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
