import Diagnostics
import RRuntime

/// What an index means: positions counted from 0 (nil for NA), and names that are new.
package struct ResolvedIndex {
    package var positions: [Int?]
    /// Names of positions past the end.
    package var newNames: [Int: Text] = [:]
}

/// Resolves an index of a dimension with `count` elements.
///
/// - Parameters:
///   - names: The dimension's names, for texts.
///   - partial: Texts may be unique beginnings of names (rows of data frames).
///   - extends: Unknown texts stand for new elements, else for NA.
package func resolveIndex(
    _ index: Value, count: Int, names: () -> [Text], partial: Bool = false, extends: Bool = false, _ context: Context
) throws -> ResolvedIndex {
    if index.isFactor, case .integer(let codes) = index {
        return try resolveIndex(.integer(Vector(codes.elements)), count: count, names: names, context)
    }
    switch index {
    case .missing: return ResolvedIndex(positions: Array(0..<count))
    case .null: return ResolvedIndex(positions: [])
    case .logical(let v):
        let length = max(count, v.count)
        if v.isEmpty { return ResolvedIndex(positions: []) }
        var positions: [Int?] = []
        for i in 0..<length {
            guard let flag = v[i % v.count] else {
                positions.append(nil)
                continue
            }
            if flag { positions.append(i) }
        }
        return ResolvedIndex(positions: positions)
    case .integer, .double:
        let numbers = try index.asDoubles().elements
        if numbers.contains(where: { $0 < 0 }) {
            if numbers.contains(where: { $0 > 0 }) || numbers.contains(where: { $0.isNaN }) {
                throw WorkbenchError(.value, "can't mix positive and negative subscripts")
            }
            var excluded = Set<Int>()
            for number in numbers {
                if let whole = Int(exactly: (-number).rounded(.towardZero)) { excluded.insert(whole - 1) }
            }
            return ResolvedIndex(positions: (0..<count).filter { !excluded.contains($0) })
        }
        var positions: [Int?] = []
        positions.reserveCapacity(numbers.count)
        for number in numbers {
            if number.isNaN {
                positions.append(nil)
            } else if let whole = Int(exactly: number.rounded(.towardZero)), whole < 2_000_000_000 {
                if whole > 0 { positions.append(whole - 1) }
            } else {
                throw WorkbenchError(.value, "subscript too large: \(numberText(number))")
            }
        }
        return ResolvedIndex(positions: positions)
    case .character(let v):
        let known = names()
        var places: [Text: Int] = [:]
        for (place, name) in known.enumerated() where places[name] == nil { places[name] = place }
        var result = ResolvedIndex(positions: [])
        var next = count
        for text in v.elements {
            guard let text else {
                result.positions.append(nil)
                continue
            }
            if let place = places[text] {
                result.positions.append(place)
                continue
            }
            if partial {
                let matches = known.indices.filter { known[$0].hasPrefix(text.string) }
                if matches.count == 1 {
                    result.positions.append(matches[0])
                    continue
                }
            }
            guard extends else {
                result.positions.append(nil)
                continue
            }
            places[text] = next
            result.newNames[next] = text
            result.positions.append(next)
            next += 1
        }
        return result
    case .list: throw WorkbenchError(.type, "invalid subscript type 'list'")
    default: throw WorkbenchError(.type, "invalid subscript type '\(index.typeName)'")
    }
}

/// Columns an index of a data frame selects.
/// - Throws: `undefined columns selected`.
package func selectedColumns(_ index: Value, of frame: Value, _ context: Context) throws -> [Int] {
    let names = frame.columnNames
    let count = frame.items.count
    if case .logical(let v) = index, v.count > count { throw undefinedColumns(frame) }
    let resolved = try resolveIndex(index, count: count, names: { names }, context)
    return try resolved.positions.map { position in
        guard let position, position < count else { throw undefinedColumns(frame, index) }
        return position
    }
}

private func undefinedColumns(_ frame: Value, _ index: Value = .null) -> WorkbenchError {
    let names = frame.columnNames.map { $0.string }
    var hint = "there are \(names.count) columns: " + names.prefix(12).joined(separator: ", ")
    if case .character(let v) = index,
        let unknown = v.elements.compactMap({ $0?.string }).first(where: { !names.contains($0) }),
        let near = didYouMean(unknown, among: names)
    {
        hint = near
    }
    return WorkbenchError(.value, "undefined columns selected", hint: hint)
}
