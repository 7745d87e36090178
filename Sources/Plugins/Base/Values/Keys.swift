import Diagnostics
import RRuntime

/// What makes elements equal for `match`, `unique` and their kin.
package enum ElementKey: Hashable {
    case missing
    case integer(Int32)
    /// Bits of a double: zeros are one, NaNs are one, NA is ``missing``.
    case bits(UInt64)
    case text(Text)
    case pair(UInt64, UInt64)
    /// Structure of a list's element, written out.
    case structure([UInt8])
}

@inline(__always)
private func bits(_ number: Double) -> UInt64 {
    if number.isNaN { return Double.nan.bitPattern }
    return number == 0 ? 0 : number.bitPattern
}

/// The type elements are compared as: the more general of two.
package enum KeyType: Int, Comparable {
    case logical, integer, double, complex, text, list

    package static func < (a: KeyType, b: KeyType) -> Bool { a.rawValue < b.rawValue }

    package init(_ value: Value) {
        switch value {
        case .null, .logical: self = .logical
        case .integer: self = value.isFactor ? .text : .integer
        case .raw: self = .text
        case .double: self = .double
        case .complex: self = .complex
        case .character: self = .text
        default: self = .list
        }
    }
}

package extension Context {
    /// Keys of a vector's elements, compared as a type; names and other attributes do not count.
    func keys(of value: Value, as type: KeyType) throws -> [ElementKey] {
        switch type {
        case .logical, .integer:
            return try value.asIntegers().elements.map { element in element.map { .integer($0) } ?? .missing }
        case .double:
            return try value.asDoubles().elements.map { $0.isNA ? .missing : .bits(bits($0)) }
        case .complex:
            return try value.asComplexes().elements.map {
                $0.isNA ? .missing : .pair(bits($0.real), bits($0.imaginary))
            }
        case .text:
            let texts = value.isFactor ? try self.texts(of: value) : try asCharacters(value.bare).elements
            return texts.map { element in element.map { .text($0) } ?? .missing }
        case .list:
            return value.items.map { element in
                var bytes: [UInt8] = []
                writeStructure(element, into: &bytes)
                return .structure(bytes)
            }
        }
    }

    /// Keys of two vectors, comparable with each other. `match` compares lists as text.
    func commonKeys(_ a: Value, _ b: Value) throws -> (a: [ElementKey], b: [ElementKey]) {
        let type = min(max(KeyType(a), KeyType(b)), .text)
        return (try keys(of: a, as: type), try keys(of: b, as: type))
    }

    /// Keys by which the elements of one vector are told apart.
    func ownKeys(of value: Value) throws -> [ElementKey] {
        if value.isFactor, case .integer(let codes) = value {
            return codes.elements.map { code in code.map { .integer($0) } ?? .missing }
        }
        if case .raw(let v) = value { return v.elements.map { .integer(Int32($0)) } }
        return try keys(of: value, as: KeyType(value))
    }

    /// Keys by which the rows of a data frame or matrix are told apart.
    func rowKeys(of columns: [Value], count: Int) throws -> [[ElementKey]] {
        var rows = [[ElementKey]](repeating: [], count: count)
        for column in columns {
            let keys: [ElementKey]
            if let dim = column.dim, dim.count == 2 {
                let all = try ownKeys(of: column.bare)
                for row in 0..<count { for c in 0..<dim[1] { rows[row].append(all[row + c * dim[0]]) } }
                continue
            } else if column.isDataFrame {
                let inner = try rowKeys(of: column.items, count: count)
                for row in 0..<count { rows[row] += inner[row] }
                continue
            } else if column.isObject, !column.isAtomic {
                keys = try texts(of: column).map { element in element.map { .text($0) } ?? .missing }
            } else {
                keys = try ownKeys(of: column)
            }
            for row in 0..<min(count, keys.count) { rows[row].append(keys[row]) }
        }
        return rows
    }

    private func writeStructure(_ value: Value, into bytes: inout [UInt8]) {
        func write(_ number: UInt64) { withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) } }
        func write(_ text: Text?) {
            guard let text else {
                write(UInt64.max)
                return
            }
            write(UInt64(text.string.utf8.count))
            bytes.append(contentsOf: text.string.utf8)
        }
        write(Text(value.typeName))
        write(UInt64(truncatingIfNeeded: value.length))
        switch value {
        case .logical(let v): for e in v.elements { bytes.append(e.map { $0 ? 1 : 0 } ?? 2) }
        case .integer(let v):
            for e in v.elements { write(e.map { UInt64(UInt32(bitPattern: $0)) } ?? UInt64.max) }
        case .double(let v): for e in v.elements { write(e.isNA ? UInt64.max : bits(e)) }
        case .complex(let v):
            for e in v.elements {
                write(bits(e.real))
                write(bits(e.imaginary))
            }
        case .character(let v): for e in v.elements { write(e) }
        case .raw(let v): bytes.append(contentsOf: v.elements)
        case .list(let v), .expression(let v): for e in v.elements { writeStructure(e, into: &bytes) }
        case .environment(let e): write(UInt64(UInt(bitPattern: ObjectIdentifier(e).hashValue)))
        case .object(let o): write(UInt64(UInt(bitPattern: ObjectIdentifier(o).hashValue)))
        case .builtin(let b): write(UInt64(UInt(bitPattern: ObjectIdentifier(b).hashValue)))
        case .closure, .call, .symbol: for line in deparse(value) { write(Text(line)) }
        default: break
        }
        guard let attributes = value.attributes else { return }
        for entry in attributes.entries.ordered(by: { $0.name.text < $1.name.text }) where entry.name !== Symbol.srcref
        {
            write(entry.name.text)
            writeStructure(entry.value, into: &bytes)
        }
    }
}
