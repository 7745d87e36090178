import Diagnostics
import Glibc
import RRuntime

/// The vector types in the order in which combining values raises them.
package enum Kind: Int, Comparable {
    case null, raw, logical, integer, double, complex, character, list, expression

    package static func < (a: Kind, b: Kind) -> Bool { a.rawValue < b.rawValue }

    /// R's name of the type.
    package var name: String {
        switch self {
        case .null: return "NULL"
        case .raw: return "raw"
        case .logical: return "logical"
        case .integer: return "integer"
        case .double: return "double"
        case .complex: return "complex"
        case .character: return "character"
        case .list: return "list"
        case .expression: return "expression"
        }
    }

    /// Bytes one element takes, as R counts them for its error about memory.
    var elementSize: Int {
        switch self {
        case .raw: return 1
        case .logical, .integer: return 4
        case .complex: return 16
        default: return 8
        }
    }

    /// Bytes one element takes here.
    var storedSize: Int {
        switch self {
        case .raw, .logical: return 1
        case .integer, .double, .null: return 8
        default: return 16
        }
    }

    /// `count` elements: FALSE, 0, "", NULL.
    package func zeros(_ count: Int) -> Value {
        switch self {
        case .null: return .null
        case .raw: return .raw(Vector(Array(repeating: 0, count: count)))
        case .logical: return .logical(Vector(zeroed(count)))
        case .integer: return .integer(Vector(zeroed(count)))
        case .double: return .double(Vector(Array(repeating: 0, count: count)))
        case .complex: return .complex(Vector(Array(repeating: Complex(0, 0), count: count)))
        case .character: return .character(Vector(Array(repeating: Text(""), count: count)))
        case .list: return .list(Vector(Array(repeating: .null, count: count)))
        case .expression: return .expression(Vector(Array(repeating: .null, count: count)))
        }
    }

    /// `count` elements of NA (NULL in lists, 0 in raw vectors).
    package func missing(_ count: Int) -> Value {
        switch self {
        case .null: return .null
        case .raw: return .raw(Vector(Array(repeating: 0, count: count)))
        case .logical: return .logical(Vector(Array(repeating: nil, count: count)))
        case .integer: return .integer(Vector(Array(repeating: nil, count: count)))
        case .double: return .double(Vector(Array(repeating: .na, count: count)))
        case .complex: return .complex(Vector(Array(repeating: .na, count: count)))
        case .character: return .character(Vector(Array(repeating: nil, count: count)))
        case .list: return .list(Vector(Array(repeating: .null, count: count)))
        case .expression: return .expression(Vector(Array(repeating: .null, count: count)))
        }
    }
}

/// An element type of vectors, with what R puts where nothing is.
protocol VectorElement {
    static var absent: Self { get }
}

extension Optional: VectorElement {
    package static var absent: Wrapped? { nil }
}
extension Double: VectorElement {
    package static var absent: Double { .na }
}
extension Complex: VectorElement {
    package static var absent: Complex { .na }
}
extension UInt8: VectorElement {
    package static var absent: UInt8 { 0 }
}
extension Value: VectorElement {
    package static var absent: Value { .null }
}

/// Something that is done to the elements of a vector of whatever type, attributes aside.
protocol ElementsOperation {
    func apply<Element: VectorElement>(_ elements: [Element]) throws -> [Element]
}

extension Value {
    /// Vector type, or nil for values that are no vectors.
    package var kind: Kind? {
        switch self {
        case .null: return .null
        case .raw: return .raw
        case .logical: return .logical
        case .integer: return .integer
        case .double: return .double
        case .complex: return .complex
        case .character: return .character
        case .list: return .list
        case .expression: return .expression
        default: return nil
        }
    }

    /// The same type with other elements and no attributes; values that are no vectors stay as they are.
    func applying(_ operation: some ElementsOperation) throws -> Value {
        switch self {
        case .raw(let v): return .raw(Vector(try operation.apply(v.elements)))
        case .logical(let v): return .logical(Vector(try operation.apply(v.elements)))
        case .integer(let v): return .integer(Vector(try operation.apply(v.elements)))
        case .double(let v): return .double(Vector(try operation.apply(v.elements)))
        case .complex(let v): return .complex(Vector(try operation.apply(v.elements)))
        case .character(let v): return .character(Vector(try operation.apply(v.elements)))
        case .list(let v): return .list(Vector(try operation.apply(v.elements)))
        case .expression(let v): return .expression(Vector(try operation.apply(v.elements)))
        default: return self
        }
    }

    /// The elements at positions counted from 0, without attributes; NA wherever a position points outside.
    package func gathering(_ positions: [Int]) -> Value { (try? applying(Gather(positions: positions))) ?? self }

    /// `count` elements: cut, or filled up with NA; without attributes.
    package func resized(to count: Int) -> Value { (try? applying(Resize(count: count))) ?? self }

    /// One element of an atomic vector or list as a value of length one (of lists: the element itself).
    package func element(_ index: Int) -> Value {
        switch self {
        case .raw(let v): return .raw(Vector([v[index]]))
        case .logical(let v): return .logical(Vector([v[index]]))
        case .integer(let v): return .integer(Vector([v[index]]))
        case .double(let v): return .double(Vector([v[index]]))
        case .complex(let v): return .complex(Vector([v[index]]))
        case .character(let v): return .character(Vector([v[index]]))
        case .list(let v), .expression(let v): return v[index]
        default: return self
        }
    }

    /// The elements as a list of values; NULL gives none, calls their parts, other values themselves.
    package var itemsList: [Value] {
        switch self {
        case .null: return []
        case .list(let v), .expression(let v): return v.elements
        case .call(let call): return call.parts.map { $0.value }
        default: return isAtomic ? (0..<length).map { element($0) } : [self]
        }
    }
}

struct Gather: ElementsOperation {
    let positions: [Int]

    func apply<Element: VectorElement>(_ elements: [Element]) -> [Element] {
        elements.withUnsafeBufferPointer { source in
            let count = UInt(source.count)
            return positions.map { UInt(bitPattern: $0) < count ? source[$0] : .absent }
        }
    }
}

private struct Resize: ElementsOperation {
    let count: Int

    func apply<Element: VectorElement>(_ elements: [Element]) -> [Element] {
        if count <= elements.count { return Array(elements[..<max(count, 0)]) }
        return elements + Array(repeating: .absent, count: count - elements.count)
    }
}

/// `count` elements whose bytes are all 0, which is FALSE of `Bool?` and 0 of `Int32?`: quicker than writing each.
private func zeroed<Element: BitwiseCopyable>(_ count: Int) -> [Element] {
    [Element](unsafeUninitializedCapacity: count) { buffer, filled in
        defer { filled = count }
        guard let start = buffer.baseAddress else { return }
        let bytes = count * MemoryLayout<Element>.stride
        if bytes >= 1 << 25 {
            // The kernel hands out pages of 2 MB, where it can: most of the time goes into getting them.
            let page = 4096, address = UInt(bitPattern: start)
            if let aligned = UnsafeMutableRawPointer(bitPattern: (address + UInt(page) - 1) / UInt(page) * UInt(page)) {
                madvise(aligned, bytes - page, MADV_HUGEPAGE)
            }
        }
        memset(start, 0, bytes)
    }
}
