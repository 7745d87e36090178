import RRuntime

extension Symbol {
    static let recursive = Symbol.named("recursive")
    static let useNames = Symbol.named("use.names")
    package static let drop = Symbol.named("drop")
    package static let exact = Symbol.named("exact")
    static let tsp = Symbol.named("tsp")
}

extension Value {
    /// Elements that carry names at all: names of a vector; of a one-dimensional array its dimnames.
    package var elementNames: [Text?]? {
        if let names { return names }
        guard let dim, dim.count == 1, let lists = dimnamesLists, let first = lists.first else { return nil }
        return first
    }

    /// `dimnames` as texts by dimension, nil where a dimension has none; nil without the attribute.
    package var dimnamesLists: [[Text?]?]? {
        guard case .list(let list)? = attributes?[Symbol.dimnames] else { return nil }
        return list.elements.map { element in
            guard case .character(let names) = element else { return nil }
            return names.elements
        }
    }
}

/// Finds the first place of each of many names; small lists are searched directly.
package struct NameTable {
    private let names: [Text?]
    private var table: [Text: Int]?

    package init(_ names: [Text?], lookups: Int) {
        self.names = names
        guard lookups > 4, names.count > 16 else { return }
        var table: [Text: Int] = [:]
        table.reserveCapacity(names.count)
        for (place, name) in names.enumerated() {
            if let name, table[name] == nil { table[name] = place }
        }
        self.table = table
    }

    /// Position from 0, or nil. Empty names and NA are never found.
    package func position(of name: Text?) -> Int? {
        guard let name, !name.isEmpty else { return nil }
        if let table { return table[name] }
        return names.firstPosition(of: name)
    }
}

extension Array where Element == Text? {
    /// Position of the first equal text.
    package func firstPosition(of name: Text) -> Int? {
        withUnsafeBufferPointer { buffer in
            var place = 0
            while place < buffer.count {
                if let candidate = buffer[place], candidate == name { return place }
                place += 1
            }
            return nil
        }
    }
}
