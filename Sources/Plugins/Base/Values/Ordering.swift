import Diagnostics
import RRuntime

/// One sort key: values to compare, NA apart.
package enum SortKey {
    case integers([Int32?])
    case doubles([Double])
    case texts([Text?])
    case complexes([Complex])

    package var count: Int {
        switch self {
        case .integers(let v): return v.count
        case .doubles(let v): return v.count
        case .texts(let v): return v.count
        case .complexes(let v): return v.count
        }
    }

    package func isMissing(_ index: Int) -> Bool {
        switch self {
        case .integers(let v): return v[index] == nil
        case .doubles(let v): return v[index].isNaN
        case .texts(let v): return v[index] == nil
        case .complexes(let v): return v[index].isNA
        }
    }

    /// −1, 0 or 1 for two elements that are not missing.
    package func compare(_ a: Int, _ b: Int) -> Int {
        switch self {
        case .integers(let v):
            let (x, y) = (v[a] ?? 0, v[b] ?? 0)
            return x < y ? -1 : x > y ? 1 : 0
        case .doubles(let v): return v[a] < v[b] ? -1 : v[a] > v[b] ? 1 : 0
        case .texts(let v):
            guard let x = v[a], let y = v[b] else { return 0 }
            return x < y ? -1 : y < x ? 1 : 0
        case .complexes(let v):
            if v[a].real != v[b].real { return v[a].real < v[b].real ? -1 : 1 }
            return v[a].imaginary < v[b].imaginary ? -1 : v[a].imaginary > v[b].imaginary ? 1 : 0
        }
    }
}

package extension Context {
    /// A vector as a sort key: factors by code, other classes by their `xtfrm`.
    func sortKey(_ value: Value) throws -> SortKey {
        if value.isObject, !value.keepsClassByElement {
            let plain = try call("xtfrm", [Argument(value)])
            return try sortKey(plain.bare)
        }
        switch value {
        case .null: return .integers([])
        case .logical, .integer, .raw: return .integers(try value.asIntegers().elements)
        case .double(let v): return .doubles(v.elements)
        case .complex(let v): return .complexes(v.elements)
        case .character(let v): return .texts(v.elements)
        default:
            throw WorkbenchError(
                .type, "unimplemented type '\(value.typeName)' in 'orderVector1'",
                hint: "only atomic vectors have an order; sort a list by one of its fields: x[order(sapply(x, f))]")
        }
    }
}

/// Where missing values go.
package enum MissingPlace {
    case first, last, removed

    /// Reads `na.last`.
    package init(_ value: Value) throws {
        guard value.length == 1, let flag = try value.asLogicals().elements.first else {
            throw WorkbenchError(.value, "invalid 'na.last' argument")
        }
        self = flag.map { $0 ? .last : .first } ?? .removed
    }
}

package extension Context {
    /// Positions (from 0) that put the keys in order; equal elements stay in place.
    /// - Throws: only when Ctrl-C was pressed, which comparing looks at now and then.
    func ordering(_ keys: [SortKey], decreasing: [Bool], missing: MissingPlace) throws -> [Int] {
        guard let first = keys.first else { return [] }
        var positions = Array(0..<first.count)
        if missing == .removed {
            positions.removeAll { position in keys.contains { $0.isMissing(position) } }
        }
        var loop = LongLoop(self)
        if keys.count == 1, case .doubles(let v) = first, !v.contains(where: { $0.isNaN }) {
            if decreasing[0] {
                try positions.sort {
                    try loop.step()
                    return v[$0] > v[$1] || (v[$0] == v[$1] && $0 < $1)
                }
            } else {
                try positions.sort {
                    try loop.step()
                    return v[$0] < v[$1] || (v[$0] == v[$1] && $0 < $1)
                }
            }
            return positions
        }
        try positions.sort { a, b in
            try loop.step()
            for (key, isDecreasing) in zip(keys, decreasing) {
                let missingA = key.isMissing(a)
                let missingB = key.isMissing(b)
                if missingA || missingB {
                    if missingA && missingB { continue }
                    return missingA == (missing == .first)
                }
                let order = key.compare(a, b)
                if order != 0 { return isDecreasing ? order > 0 : order < 0 }
            }
            return a < b
        }
        return positions
    }
}
