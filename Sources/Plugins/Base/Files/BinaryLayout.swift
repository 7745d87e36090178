import Diagnostics
import RRuntime

/// How `readBin()` and `writeBin()` lay out one element: type, bytes, sign, order of the bytes.
struct BinaryLayout {
    /// The types that R reads and writes.
    enum Kind: String {
        case logical, integer, double, complex, character, raw
    }

    let kind: Kind
    /// Bytes of an element; of a complex number's two parts together. 0 for texts, which end in a zero byte.
    let size: Int
    /// Whether short integers have a sign.
    var isSigned = true
    /// The first byte is the highest.
    let isBigEndian: Bool

    /// - Parameters:
    ///   - size: What the user asked for, or nil for the type's own.
    /// - Throws: R's error for a size that the type does not have.
    init(_ kind: Kind, size: Int?, isSigned: Bool = true, isBigEndian: Bool) throws {
        self.kind = kind
        self.isSigned = isSigned
        self.isBigEndian = isBigEndian
        let sizes: [Int]
        switch kind {
        case .logical, .integer: sizes = [4, 1, 2, 8]
        case .double: sizes = [8, 4]
        case .complex: sizes = [16]
        case .raw: sizes = [1]
        case .character: sizes = [0]
        }
        guard let size, kind != .raw, kind != .character else {
            self.size = sizes[0]
            return
        }
        guard sizes.contains(size) else {
            if kind == .complex {
                throw WorkbenchError(.value, "size changing is not supported for complex vectors")
            }
            throw WorkbenchError(
                .value, "size \(size) is unknown on this machine",
                hint: "\(kind.rawValue) has sizes \(sizes.ordered(by: <).map { "\($0)" }.joined(separator: ", "))")
        }
        self.size = size
    }

    // MARK: Reading

    /// The elements in bytes; a last one that is not whole is left out.
    func elements(in bytes: [UInt8]) -> Value {
        let count = size == 0 ? 0 : bytes.count / size
        switch kind {
        case .raw: return .raw(Vector(bytes))
        case .logical: return .logical(Vector((0..<count).map { integer(bytes, $0).map { $0 != 0 } }))
        case .integer: return .integer(Vector((0..<count).map { integer(bytes, $0) }))
        case .double: return .double(Vector((0..<count).map { double(bytes, $0 * size, size) }))
        case .complex:
            return .complex(
                Vector((0..<count).map { Complex(double(bytes, $0 * 16, 8), double(bytes, $0 * 16 + 8, 8)) }))
        case .character: return .character(Vector([]))
        }
    }

    /// The lowest `size` bytes from a position on, as a bit pattern.
    private func pattern(_ bytes: [UInt8], _ start: Int, _ size: Int) -> UInt64 {
        var bits: UInt64 = 0
        for place in 0..<size {
            bits = bits << 8 | UInt64(bytes[isBigEndian ? start + place : start + size - 1 - place])
        }
        return bits
    }

    private func integer(_ bytes: [UInt8], _ place: Int) -> Int32? {
        let bits = pattern(bytes, place * size, size)
        let whole: Int32
        switch size {
        case 1: whole = isSigned ? Int32(Int8(truncatingIfNeeded: bits)) : Int32(UInt8(truncatingIfNeeded: bits))
        case 2: whole = isSigned ? Int32(Int16(truncatingIfNeeded: bits)) : Int32(UInt16(truncatingIfNeeded: bits))
        default: whole = Int32(truncatingIfNeeded: bits)
        }
        return whole == Int32.min ? nil : whole
    }

    private func double(_ bytes: [UInt8], _ start: Int, _ size: Int) -> Double {
        let bits = pattern(bytes, start, size)
        return size == 4 ? Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))) : Double(bitPattern: bits)
    }

    // MARK: Writing

    /// The bytes of a vector's elements.
    func bytes(of value: Value) -> [UInt8] {
        var bytes: [UInt8] = []
        switch value {
        case .raw(let v): return v.elements
        case .character(let v):
            for text in v.elements { bytes += (text?.string ?? "NA").keptBytes + [0] }
        case .logical(let v):
            for flag in v.elements {
                append(UInt64(bitPattern: flag.map { $0 ? 1 : 0 } ?? Int64(Int32.min)), to: &bytes)
            }
        case .integer(let v):
            for number in v.elements { append(UInt64(bitPattern: Int64(number ?? Int32.min)), to: &bytes) }
        case .double(let v): for number in v.elements { append(number, size, to: &bytes) }
        case .complex(let v):
            for number in v.elements {
                append(number.real, 8, to: &bytes)
                append(number.imaginary, 8, to: &bytes)
            }
        default: break
        }
        return bytes
    }

    private func append(_ number: Double, _ size: Int, to bytes: inout [UInt8]) {
        append(size == 4 ? UInt64(Float(number).bitPattern) : number.bitPattern, size, to: &bytes)
    }

    private func append(_ bits: UInt64, _ size: Int? = nil, to bytes: inout [UInt8]) {
        let size = size ?? self.size
        for place in 0..<size {
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * (isBigEndian ? size - 1 - place : place))))
        }
    }
}
