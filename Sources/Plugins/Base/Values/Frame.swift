import Diagnostics
import RRuntime

/// Row names of a data frame: counted, whole numbers, or texts.
package enum RowNames {
    /// 1, 2, …, kept as `c(NA, -n)`.
    case automatic(Int)
    case integers([Int32?])
    case texts([Text?])

    /// Number of rows.
    package var count: Int {
        switch self {
        case .automatic(let n): return n
        case .integers(let v): return v.count
        case .texts(let v): return v.count
        }
    }

    /// Not given by anybody.
    package var isAutomatic: Bool {
        if case .automatic = self { return true }
        return false
    }

    /// The names as text.
    package var texts: [Text] {
        switch self {
        case .automatic(let n): return (0..<n).map { Text(String($0 + 1)) }
        case .integers(let v): return v.map { Text($0.map { String($0) } ?? "NA") }
        case .texts(let v): return v.map { $0 ?? "NA" }
        }
    }

    /// As the attribute keeps them.
    package var attribute: Value {
        switch self {
        case .automatic(let n):
            return n == 0 ? .integer(Vector([])) : .integer(Vector([nil, Int32(truncatingIfNeeded: -n)]))
        case .integers(let v):
            if v.indices.allSatisfy({ v[$0] == Int32(truncatingIfNeeded: $0 + 1) }) {
                return RowNames.automatic(v.count).attribute
            }
            return .integer(Vector(v))
        case .texts(let v): return .character(Vector(v))
        }
    }

    /// As R shows them: integers or texts.
    package var shown: Value {
        if case .automatic(let n) = self { return .integer(Vector((0..<n).map { Int32(truncatingIfNeeded: $0 + 1) })) }
        return attribute
    }

    /// Reads the attribute.
    package init(attribute: Value?, rows: Int) {
        switch attribute {
        case .integer(let v)?:
            if v.count == 2, v[0] == nil, let n = v[1] {
                self = .automatic(Int(n.magnitude))
            } else {
                self = .integers(v.elements)
            }
        case .double(let v)?:
            self = .integers(v.elements.map { Int32(exactly: $0) })
        case .character(let v)?: self = .texts(v.elements)
        default: self = .automatic(rows)
        }
    }

    /// The names at positions; repeated and missing ones are made unique.
    package func picked(_ positions: [Int?]) -> RowNames {
        switch self {
        case .automatic, .integers:
            var numbers: [Int32?] = []
            numbers.reserveCapacity(positions.count)
            var isClean = true
            var seen = Set<Int32>(minimumCapacity: positions.count)
            for position in positions {
                var number: Int32?
                if let position {
                    if case .integers(let v) = self {
                        number = position < v.count ? v[position] : nil
                    } else {
                        number = position < count ? Int32(truncatingIfNeeded: position + 1) : nil
                    }
                }
                if let number { if !seen.insert(number).inserted { isClean = false } } else { isClean = false }
                numbers.append(number)
            }
            if isClean { return .integers(numbers) }
            return .texts(madeUnique(numbers.map { Text($0.map { String($0) } ?? "NA") }))
        case .texts(let v):
            let names = positions.map { position -> Text in
                guard let position, position < v.count else { return "NA" }
                return v[position] ?? "NA"
            }
            return .texts(madeUnique(names))
        }
    }
}

/// Row names of a data frame.
package func rowNames(of frame: Value) -> RowNames {
    RowNames(attribute: frame.attribute(Symbol.rowNames), rows: frame.items.first.map { rowCount(of: $0) } ?? 0)
}

/// `NROW`: rows of a data frame or matrix, else the length.
package func rowCount(of value: Value) -> Int {
    if value.isDataFrame {
        if let attribute = value.attribute(Symbol.rowNames) { return RowNames(attribute: attribute, rows: 0).count }
        return value.items.first.map { rowCount(of: $0) } ?? 0
    }
    if let dim = value.dim, let rows = dim.first { return rows }
    if value.inherits("POSIXlt"), case .list(let fields) = value { return fields.elements.map { $0.length }.max() ?? 0 }
    return value.length
}

/// A data frame of columns of equal length.
package func makeFrame(_ columns: [Value], names: [Text?], rowNames: RowNames) -> Value {
    let entries: [(name: Symbol, value: Value)] = [
        (Symbol.names, .character(Vector(names))), (Symbol.classAttribute, "data.frame"),
        (Symbol.rowNames, rowNames.attribute),
    ]
    return .list(Vector(columns, Attributes.of(entries)))
}

package extension Value {
    /// Names of a data frame's columns.
    var columnNames: [Text] { names?.map { $0 ?? "NA" } ?? [] }

    /// A data frame's column by name.
    func column(_ name: Text) -> Value? {
        guard case .list(let list) = self, let place = names?.firstIndex(of: name), place < list.count else {
            return nil
        }
        return list[place]
    }

    /// The same data frame with other columns, names and row names; other attributes stay.
    func replacingColumns(_ columns: [Value], names: [Text?], rowNames: RowNames) -> Value {
        let kept = attributes.setting(Symbol.names, .character(Vector(names)))
            .setting(Symbol.rowNames, rowNames.attribute)
        return .list(Vector(columns, kept))
    }
}

/// Elements or rows of a column at positions.
package func columnRows(_ column: Value, _ positions: [Int?], _ context: Context) throws -> Value {
    if column.isDataFrame { return try frameRows(column, positions, context) }
    if let dim = column.dim, dim.count == 2 {
        var all: [Int?] = []
        for c in 0..<dim[1] { all += positions.map { row in row.map { $0 + c * dim[0] } } }
        var result = column.pickedBare(all).setting(Symbol.dim, .ints([positions.count, dim[1]]))
        if case .list(let parts)? = column.attribute(Symbol.dimnames), parts.count == 2 {
            let rowPart = parts[0].isNull ? Value.null : parts[0].pickedBare(positions)
            result = result.setting(
                Symbol.dimnames, .list(Vector([rowPart, parts[1]], parts.attributes)))
        }
        return result
    }
    return try context.elements(of: column, at: positions)
}

/// Rows of a data frame at positions counted from 0; nil and positions past the end give rows of NA.
package func frameRows(_ frame: Value, _ positions: [Int?], _ context: Context) throws -> Value {
    let count = rowCount(of: frame)
    let inside = positions.map { position in position.flatMap { $0 < count ? $0 : nil } }
    let columns = try frame.items.map { try columnRows($0, inside, context) }
    return frame.replacingColumns(columns, names: frame.names ?? [], rowNames: rowNames(of: frame).picked(inside))
}

/// A column repeated to a number of rows.
package func recycledColumn(_ column: Value, to count: Int, _ context: Context) throws -> Value {
    let rows = rowCount(of: column)
    if rows == count || rows == 0 { return column }
    return try columnRows(column, (0..<count).map { $0 % rows }, context)
}

/// A data frame's or list's elements as variables.
package func frameEnvironment(_ frame: Value, parent: Environment) -> Environment {
    let environment = Environment(parent: parent)
    let names = frame.names ?? []
    for (index, column) in frame.items.enumerated() where index < names.count {
        if let name = names[index], !name.isEmpty { environment.define(Symbol.named(name), column) }
    }
    return environment
}
