import Diagnostics
import Tensors

/// Atomic vectors in a snapshot: short ones in the description, long ones as tensors, bit by bit.
enum SnapshotVector {
    static func tag(of value: Value) -> String {
        switch value {
        case .logical: return "lgl"
        case .integer: return "int"
        case .double: return "dbl"
        case .complex: return "cplx"
        case .character: return "chr"
        default: return "raw"
        }
    }

    /// The elements as JSON.
    static func inline(_ value: Value) -> JSON {
        switch value {
        case .logical(let v): return .array(v.elements.map { $0.map { .bool($0) } ?? .null })
        case .integer(let v): return .array(v.elements.map { $0.map { .number(Double($0)) } ?? .null })
        case .double(let v): return .array(v.elements.map { $0.snapshotJSON })
        case .complex(let v): return .array(v.elements.flatMap { [$0.real.snapshotJSON, $0.imaginary.snapshotJSON] })
        case .character(let v): return .array(v.elements.map { $0.map { .string($0.string) } ?? .null })
        case .raw(let v): return .array(v.elements.map { .number(Double($0)) })
        default: return .array([])
        }
    }

    /// Whether texts are too long for the description, however few they are.
    static func hasLongTexts(_ value: Value) -> Bool {
        guard case .character(let texts) = value else { return false }
        var bytes = 0
        for text in texts.elements.prefix(Snapshot.mostInline) { bytes += text?.string.utf8.count ?? 0 }
        return bytes > Snapshot.mostTextInline
    }

    /// Where the elements lie (two variables of one vector are written once), and the value itself.
    static func buffer(of value: Value) -> (UnsafeRawPointer?, Value) {
        func address<Element>(_ elements: [Element]) -> UnsafeRawPointer? {
            elements.withUnsafeBufferPointer { UnsafeRawPointer($0.baseAddress) }
        }
        switch value {
        case .logical(let v): return (address(v.elements), value)
        case .integer(let v): return (address(v.elements), value)
        case .double(let v): return (address(v.elements), value)
        case .complex(let v): return (address(v.elements), value)
        case .character(let v): return (address(v.elements), value)
        case .raw(let v): return (address(v.elements), value)
        default: return (nil, value)
        }
    }

    /// The vector of a tag from its elements.
    static func value(_ tag: String, inline elements: [JSON]) throws -> Value {
        func whole(_ json: JSON, _ range: ClosedRange<Double>) throws -> Double {
            guard case .number(let number) = json, range.contains(number), number == number.rounded() else {
                throw fault
            }
            return number
        }
        func double(_ json: JSON) throws -> Double {
            guard let number = Double(snapshotJSON: json) else { throw fault }
            return number
        }
        switch tag {
        case "lgl":
            return .logical(
                Vector(
                    try elements.map { element in
                        switch element {
                        case .bool(let flag): return flag
                        case .null: return nil
                        default: throw fault
                        }
                    }))
        case "int":
            return .integer(
                Vector(
                    try elements.map { element in
                        if case .null = element { return nil }
                        return Int32(try whole(element, -2_147_483_647...2_147_483_647))
                    }))
        case "dbl": return .double(Vector(try elements.map { try double($0) }))
        case "cplx":
            guard elements.count % 2 == 0 else { throw fault }
            return .complex(
                Vector(
                    try stride(from: 0, to: elements.count, by: 2).map {
                        Complex(try double(elements[$0]), try double(elements[$0 + 1]))
                    }))
        case "chr":
            return .character(
                Vector(
                    try elements.map { element in
                        switch element {
                        case .string(let text): return Text(text)
                        case .null: return nil
                        default: throw fault
                        }
                    }))
        case "raw": return .raw(Vector(try elements.map { UInt8(try whole($0, 0...255)) }))
        default: throw fault
        }
    }

    // MARK: As tensors

    /// One tensor, or for texts two: bytes of each (−1 for NA), and all bytes.
    static func tensors(of value: Value) throws -> [Tensor] {
        switch value {
        case .logical(let v):
            let bytes = v.elements.map { element -> UInt8 in element.map { $0 ? 1 : 0 } ?? 2 }
            return [try Tensor(bytes, shape: [bytes.count])]
        case .integer(let v):
            let numbers = v.elements.map { $0 ?? Int32.min }
            return [try Tensor(numbers, shape: [numbers.count])]
        case .double(let v): return [try Tensor(v.elements, shape: [v.count])]
        case .complex(let v): return [try Tensor(v.elements.flatMap { [$0.real, $0.imaginary] }, shape: [v.count, 2])]
        case .raw(let v): return [try Tensor(v.elements, shape: [v.count])]
        case .character(let v):
            var lengths: [Int64] = []
            var bytes: [UInt8] = []
            lengths.reserveCapacity(v.count)
            for element in v.elements {
                guard let element else {
                    lengths.append(-1)
                    continue
                }
                let before = bytes.count
                bytes.append(contentsOf: element.string.utf8)
                lengths.append(Int64(bytes.count - before))
            }
            return [try Tensor(lengths, shape: [lengths.count]), try Tensor(bytes, shape: [bytes.count])]
        default: return []
        }
    }

    /// The vector of a tag from its tensors.
    static func value(_ tag: String, _ tensors: [Tensor]) throws -> Value {
        guard let first = tensors.first else { throw fault }
        switch tag {
        case "lgl":
            return .logical(Vector(try numbers(first, .uint8, UInt8.self).map { $0 == 2 ? nil : $0 != 0 }))
        case "int":
            return .integer(Vector(try numbers(first, .int32, Int32.self).map { $0 == Int32.min ? nil : $0 }))
        case "dbl": return .double(Vector(try numbers(first, .float64, Double.self)))
        case "cplx":
            let parts = try numbers(first, .float64, Double.self)
            guard parts.count % 2 == 0 else { throw fault }
            return .complex(Vector(stride(from: 0, to: parts.count, by: 2).map { Complex(parts[$0], parts[$0 + 1]) }))
        case "raw": return .raw(Vector(try numbers(first, .uint8, UInt8.self)))
        case "chr":
            guard tensors.count == 2 else { throw fault }
            let bytes = try numbers(tensors[1], .uint8, UInt8.self)
            var place = 0
            let texts = try numbers(first, .int64, Int64.self).map { length -> Text? in
                if length == -1 { return nil }
                guard length >= 0, Int(length) <= bytes.count - place else { throw fault }
                defer { place += Int(length) }
                return Text(String(decoding: bytes[place..<(place + Int(length))], as: UTF8.self))
            }
            return .character(Vector(texts))
        default: throw fault
        }
    }

    private static func numbers<Number>(_ tensor: Tensor, _ dtype: DType, _ type: Number.Type) throws -> [Number]
    where Number: Element {
        guard tensor.dtype == dtype else { throw fault }
        return tensor.toArray(of: type)
    }

    static var fault: WorkbenchError { WorkbenchError(.data, "the saved vectors contradict themselves") }
}
