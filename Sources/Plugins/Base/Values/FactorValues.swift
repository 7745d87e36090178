import Diagnostics
import RRuntime

/// A factor of codes from 1.
package func makeFactor(_ codes: [Int32?], levels: [Text?], ordered: Bool = false, names: [Text?]? = nil) -> Value {
    var entries: [(name: Symbol, value: Value)] = []
    if let names { entries.append((Symbol.names, .character(Vector(names)))) }
    entries.append((Symbol.levels, .character(Vector(levels))))
    entries.append((Symbol.classAttribute, .strings(ordered ? ["ordered", "factor"] : ["factor"])))
    return .integer(Vector(codes, Attributes.of(entries)))
}

/// `factor(x)`: levels are the sorted distinct elements.
package func makeFactor(of x: Value, _ context: Context) throws -> Value {
    if x.isFactor { return x }
    return try factor(x: x, levels: nil, labels: nil, exclude: .logical(Vector([nil])), ordered: nil, context)
}

/// A factor whose levels are in order of appearance.
package func makeFactorInOrder(_ x: Value, _ context: Context) throws -> Value {
    let texts = try context.texts(of: x)
    var places: [Text: Int32] = [:]
    var levels: [Text?] = []
    let codes = texts.map { text -> Int32? in
        guard let text else { return nil }
        if let place = places[text] { return place }
        levels.append(text)
        places[text] = Int32(truncatingIfNeeded: levels.count)
        return Int32(truncatingIfNeeded: levels.count)
    }
    return makeFactor(codes, levels: levels)
}

/// What `factor()` computes.
package func factor(
    x: Value, levels: Value?, labels: Value?, exclude: Value, ordered: Bool?, _ context: Context
) throws -> Value {
    let x: Value = x.isNull ? .character(Vector([])) : x
    guard x.isVector else {
        throw WorkbenchError(.type, "'x' must be a vector, not \(x.typeName)")
    }
    var levelTexts: [Text?]
    if let levels {
        levelTexts = try context.texts(of: levels)
        let values = levels.isNull ? [] : levelTexts
        if let repeated = duplicates(values.map { ElementKeyOf($0) }, fromLast: false).firstIndex(of: true) {
            throw WorkbenchError(
                .value, "factor level [\(repeated + 1)] is duplicated")
        }
    } else if x.isFactor {
        let present = Set(try x.asIntegers().elements.compactMap { $0 })
        let all = x.levelTexts
        levelTexts = all.indices.filter { present.contains(Int32($0 + 1)) }.map { all[$0] }
        if try x.asIntegers().elements.contains(where: { $0 == nil }) { levelTexts.append(nil) }
    } else {
        let keys = try context.ownKeys(of: x)
        let repeated = try context.duplicates(keys, fromLast: false)
        let distinct = try context.elements(of: x, at: repeated.indices.filter { !repeated[$0] })
        let order = try context.ordering([try context.sortKey(distinct)], decreasing: [false], missing: .last)
        let texts = try context.texts(of: distinct)
        let sorted = order.map { texts[$0] }
        let again = duplicates(sorted.map { ElementKeyOf($0) }, fromLast: false)
        levelTexts = sorted.indices.filter { !again[$0] }.map { sorted[$0] }
    }
    let excluded: [Text?] = exclude.isNull ? [] : try context.texts(of: exclude)
    let keptIndices = levelTexts.indices.filter { index in !excluded.contains { $0 == levelTexts[index] } }
    let labelTexts = try labels.map { try context.texts(of: $0) }
    let kept = keptIndices.map { levelTexts[$0] }
    var places: [ElementKey: Int32] = [:]
    for (index, level) in kept.enumerated() where places[ElementKeyOf(level)] == nil {
        places[ElementKeyOf(level)] = Int32(truncatingIfNeeded: index + 1)
    }
    var codes = try context.texts(of: x).map { places[ElementKeyOf($0)] }
    var finalLevels = kept
    if let labelTexts {
        if labelTexts.count == kept.count {
            var unique: [Text?] = []
            var newPlace: [ElementKey: Int32] = [:]
            let map = labelTexts.map { label -> Int32 in
                if let place = newPlace[ElementKeyOf(label)] { return place }
                unique.append(label)
                newPlace[ElementKeyOf(label)] = Int32(truncatingIfNeeded: unique.count)
                return Int32(truncatingIfNeeded: unique.count)
            }
            codes = codes.map { code in code.flatMap { map.coded($0) } }
            finalLevels = unique
        } else if labelTexts.count == 1 {
            let stem = labelTexts[0]?.string ?? "NA"
            finalLevels = kept.indices.map { Text(stem + String($0 + 1)) }
        } else {
            throw WorkbenchError(
                .value, "invalid 'labels'; length \(labelTexts.count) should be 1 or \(kept.count)")
        }
    }
    return makeFactor(codes, levels: finalLevels, ordered: ordered ?? x.inherits("ordered"), names: x.names)
}

package extension Array {
    /// The element a factor's code means; nil for a code that no level belongs to, as in a damaged factor.
    func coded(_ code: Int32) -> Element? {
        let place = Int(code) - 1
        return indices.contains(place) ? self[place] : nil
    }
}

/// A text, or NA, as a key.
package func ElementKeyOf(_ text: Text?) -> ElementKey { text.map { .text($0) } ?? .missing }

/// Factors put together; their levels are united in order.
package func joinedFactors(_ factors: [Value], _ context: Context) throws -> Value {
    var levels: [Text?] = []
    var places: [ElementKey: Int32] = [:]
    for factor in factors {
        for level in factor.levelTexts where places[ElementKeyOf(level)] == nil {
            levels.append(level)
            places[ElementKeyOf(level)] = Int32(truncatingIfNeeded: levels.count)
        }
    }
    var codes: [Int32?] = []
    var names: [Text?] = []
    for factor in factors {
        let own = factor.levelTexts
        codes += try factor.asIntegers().elements.map { code in
            code.flatMap { own.coded($0).flatMap { places[ElementKeyOf($0)] } }
        }
        names += factor.names ?? [Text?](repeating: "", count: factor.length)
    }
    let isOrdered =
        factors.allSatisfy { $0.inherits("ordered") } && factors.allSatisfy { $0.levelTexts == factors[0].levelTexts }
    return makeFactor(
        codes, levels: levels, ordered: isOrdered, names: factors.contains { $0.names != nil } ? names : nil)
}

/// Counts of a factor's levels, those of NA last.
package func factorSummary(_ x: Value, limit: Int, _ context: Context) throws -> Value {
    let levels = x.levelTexts
    var counts = [Int](repeating: 0, count: levels.count)
    var missing = 0
    for code in try x.asIntegers().elements {
        if let code, code > 0, Int(code) <= counts.count { counts[Int(code) - 1] += 1 } else { missing += 1 }
    }
    var entries = zip(levels, counts).map { (name: $0 ?? "NA's", count: $1) }
    if missing > 0 { entries.append((name: "NA's", count: missing)) }
    if entries.count > limit, limit > 0 {
        let order = entries.indices.ordered {
            entries[$0].count > entries[$1].count || (entries[$0].count == entries[$1].count && $0 < $1)
        }
        let kept = order.prefix(limit - 1).map { entries[$0] }
        let rest = order.dropFirst(limit - 1).reduce(0) { $0 + entries[$1].count }
        entries = kept + [(name: "(Other)", count: rest)]
    }
    return Value.ints(entries.map { $0.count }).withNames(entries.map { Optional($0.name) })
}

/// For each row the combination of levels it has, counted from 0, first factor fastest.
package func codesOfCombination(_ factors: [Value]) throws -> [Int?] {
    let codes = try factors.map { try $0.asIntegers().elements }
    let sizes = factors.map { $0.levelTexts.count }
    var total = 1
    for size in sizes {
        let (product, overflow) = total.multipliedReportingOverflow(by: max(size, 1))
        guard !overflow, product < 1 << 28 else { throw WorkbenchError(.memory, "too many combinations of levels") }
        total = product
    }
    return (0..<(codes.first?.count ?? 0)).map { row in
        var place = 0
        var step = 1
        for (which, own) in codes.enumerated() {
            guard let code = own[row] else { return nil }
            place += (Int(code) - 1) * step
            step *= sizes[which]
        }
        return place
    }
}
