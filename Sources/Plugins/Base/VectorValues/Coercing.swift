import Diagnostics
import RRuntime

extension Value {
    /// The elements as another vector type, without attributes. Texts that are no numbers become NA silently.
    package func coerced(to kind: Kind, _ context: Context) throws -> Value {
        if self.kind == kind { return bare }
        switch kind {
        case .null: return .null
        case .raw: return .raw(Vector(try asRawBytes().bytes))
        case .logical: return .logical(try asLogicals())
        case .integer: return .integer(try asIntegers())
        case .double: return .double(try asDoubles())
        case .complex: return .complex(try asComplexNumbers().0)
        case .character: return .character(try context.asCharacters(self))
        case .list: return .list(Vector(itemsList))
        case .expression: return .expression(Vector(itemsList))
        }
    }

    /// The same with all attributes kept.
    package func coercedKeepingAttributes(to kind: Kind, _ context: Context) throws -> Value {
        if self.kind == kind { return self }
        var result = try coerced(to: kind, context)
        result.attributes = attributes
        return result
    }

    /// Elements as bytes; what is out of range becomes 0.
    package func asRawBytes() throws -> (bytes: [UInt8], lost: Bool) {
        if case .raw(let v) = self { return (v.elements, false) }
        var lost = false
        let bytes = try asIntegers().elements.map { element -> UInt8 in
            guard let element, let byte = UInt8(exactly: element) else {
                lost = true
                return 0
            }
            return byte
        }
        return (bytes, lost)
    }

    /// Elements as complex numbers; texts like `1+2i` are read, others become NA (`lost`).
    package func asComplexNumbers() throws -> (ComplexVector, lost: Bool) {
        var lost = false
        switch self {
        case .complex(let v): return (Vector(v.elements), false)
        case .character(let v):
            let numbers = v.elements.map { element -> Complex in
                guard let element else { return .na }
                guard let number = parseComplex(element.string) else {
                    lost = true
                    return .na
                }
                return number
            }
            return (Vector(numbers), lost)
        case .list(let v):
            return (
                Vector(
                    try v.elements.map { element in
                        guard element.isAtomic, element.length == 1 else {
                            throw WorkbenchError(
                                .type, "'list' object cannot be coerced to type 'complex'")
                        }
                        return try element.asComplexNumbers().0[0]
                    }), false
            )
        default: return (try asComplexes(), false)
        }
    }
}

/// Reads `1`, `2i`, `1+2i`, `-1e3-2.5i`; nil if the text is none of these.
func parseComplex(_ text: String) -> Complex? {
    if let real = parseNumber(text) { return real.isNA ? .na : Complex(real, 0) }
    var bytes = Array(text.utf8)
    while bytes.last == 32 { bytes.removeLast() }
    while bytes.first == 32 { bytes.removeFirst() }
    guard bytes.last == UInt8(ascii: "i") else { return nil }
    bytes.removeLast()
    func number(_ slice: ArraySlice<UInt8>) -> Double? { parseNumber(String(decoding: slice, as: UTF8.self)) }
    var place = bytes.count - 1
    while place > 0 {
        let isSign = bytes[place] == UInt8(ascii: "+") || bytes[place] == UInt8(ascii: "-")
        let before = bytes[place - 1]
        if isSign, before != UInt8(ascii: "e"), before != UInt8(ascii: "E") {
            guard let real = number(bytes[..<place]), let imaginary = number(bytes[place...]) else { return nil }
            return Complex(real, imaginary)
        }
        place -= 1
    }
    return number(bytes[...]).map { Complex(0, $0) }
}

/// The highest vector type among values; values that are no vectors count as list.
package func commonKind(_ values: some Sequence<Value>) -> Kind {
    var kind = Kind.null
    for value in values { kind = max(kind, value.kind ?? .list) }
    return kind
}

/// Elements of several vectors one after the other as one type, without attributes.
package func concatenated(_ values: [Value], as kind: Kind, _ context: Context) throws -> Value {
    var total = 0
    for value in values { total += value.length }
    switch kind {
    case .null: return .null
    case .raw:
        var result: [UInt8] = []
        result.reserveCapacity(total)
        for value in values { result.append(contentsOf: try value.asRawBytes().bytes) }
        return .raw(Vector(result))
    case .logical:
        var result: [Bool?] = []
        result.reserveCapacity(total)
        for value in values { result.append(contentsOf: try value.asLogicals().elements) }
        return .logical(Vector(result))
    case .integer:
        var result: [Int32?] = []
        result.reserveCapacity(total)
        for value in values { result.append(contentsOf: try value.asIntegers().elements) }
        return .integer(Vector(result))
    case .double:
        var result: [Double] = []
        result.reserveCapacity(total)
        for value in values {
            if case .double(let v) = value {
                result.append(contentsOf: v.elements)
            } else {
                result.append(contentsOf: try value.asDoubles().elements)
            }
        }
        return .double(Vector(result))
    case .complex:
        var result: [Complex] = []
        for value in values { result.append(contentsOf: try value.asComplexNumbers().0.elements) }
        return .complex(Vector(result))
    case .character:
        var result: [Text?] = []
        result.reserveCapacity(total)
        for value in values { result.append(contentsOf: try context.asCharacters(value).elements) }
        return .character(Vector(result))
    case .list, .expression:
        var result: [Value] = []
        result.reserveCapacity(total)
        for value in values {
            if case .call = value { result.append(value) } else { result.append(contentsOf: value.itemsList) }
        }
        return kind == .list ? .list(Vector(result)) : .expression(Vector(result))
    }
}
