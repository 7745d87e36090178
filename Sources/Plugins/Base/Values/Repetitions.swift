import RRuntime

package extension Context {
    /// Position (from 0) of each key's first occurrence in a table.
    /// - Throws: only when Ctrl-C was pressed.
    func firstPositions(_ keys: [ElementKey], in table: [ElementKey]) throws -> [Int?] {
        // A few look-ups in a short table are quicker without hashing.
        if keys.count * table.count < 64 { return keys.map { key in table.firstIndex(of: key) } }
        var loop = LongLoop(self)
        var places: [ElementKey: Int] = [:]
        places.reserveCapacity(table.count)
        for (index, key) in table.enumerated() {
            try loop.step()
            if places[key] == nil { places[key] = index }
        }
        return try keys.map {
            try loop.step()
            return places[$0]
        }
    }

    /// For each key whether it occurred before (or, from the end, after).
    /// - Throws: only when Ctrl-C was pressed.
    func duplicates<Key: Hashable>(_ keys: [Key], fromLast: Bool, except: Set<Key> = []) throws -> [Bool] {
        var loop = LongLoop(self)
        return try repetitions(keys, fromLast: fromLast, except: except) { try loop.step() }
    }
}

/// For each key of a short list, as names are, whether it occurred before (or, from the end, after).
package func duplicates<Key: Hashable>(_ keys: [Key], fromLast: Bool) -> [Bool] {
    repetitions(keys, fromLast: fromLast, except: []) {}
}

@inline(__always)
private func repetitions<Key: Hashable>(
    _ keys: [Key], fromLast: Bool, except: Set<Key>, each step: () throws -> Void
) rethrows -> [Bool] {
    var seen = Set<Key>(minimumCapacity: keys.count)
    var result = [Bool](repeating: false, count: keys.count)
    if fromLast {
        for index in keys.indices.reversed() where !except.contains(keys[index]) {
            try step()
            result[index] = !seen.insert(keys[index]).inserted
        }
    } else {
        for index in keys.indices where !except.contains(keys[index]) {
            try step()
            result[index] = !seen.insert(keys[index]).inserted
        }
    }
    return result
}
