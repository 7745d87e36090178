import Diagnostics
import RRuntime

/// Registers `intToBits`, `rawToBits`, `packBits`.
func registerBits(_ base: Namespace) {
    base.function("intToBits", [.value("x")], help: "The 32 bits of whole numbers, the lowest first.") { args in
        let x = try args.required("x")
        guard x.isNumeric || x.typeName == "logical" else {
            throw WorkbenchError(.type, "argument 'x' must be integer, numeric or logical")
        }
        let numbers = try x.asIntegers().elements
        return .raw(
            Vector(
                numbers.flatMap { number -> [UInt8] in
                    let bits = UInt32(bitPattern: number ?? .min)
                    return (0..<32 as Range<UInt32>).map { UInt8(truncatingIfNeeded: (bits >> $0) & 1) }
                }))
    }
    base.function("rawToBits", [.value("x")], help: "The 8 bits of bytes, the lowest first.") { args in
        guard case .raw(let bytes) = try args.required("x") else {
            throw WorkbenchError(.type, "argument 'x' must be raw, integer or logical")
        }
        return .raw(
            Vector(bytes.elements.flatMap { byte -> [UInt8] in (0..<8 as Range<UInt8>).map { (byte >> $0) & 1 } }))
    }
    base.function(
        "packBits", [.value("x"), .value("type", "raw", help: "raw, integer or double")],
        help: "Bits, the lowest first, put together."
    ) { args in
        let bits: [UInt8]
        switch try args.required("x") {
        case .raw(let v): bits = v.elements.map { $0 & 1 }
        case let x where x.isNumeric || x.typeName == "logical":
            bits = try x.asIntegers().elements.map { number in
                guard let number else { throw WorkbenchError(.value, "argument 'x' must not contain NAs") }
                return UInt8(truncatingIfNeeded: number & 1)
            }
        default: throw WorkbenchError(.type, "argument 'x' must be raw, integer or logical")
        }
        let type = try args.string("type")
        guard let size = ["raw": 8, "integer": 32, "double": 64][type] else {
            throw WorkbenchError(.value, "'arg' should be one of ‘raw’, ‘integer’, ‘double’")
        }
        guard bits.count % size == 0 else {
            throw WorkbenchError(.value, "argument 'x' must be a multiple of \(size) long")
        }
        let words = stride(from: 0, to: bits.count, by: size).map { start -> UInt64 in
            var word: UInt64 = 0
            for place in 0..<size { word |= UInt64(bits[start + place]) << UInt64(place) }
            return word
        }
        switch type {
        case "raw": return .raw(Vector(words.map { UInt8(truncatingIfNeeded: $0) }))
        case "double": return .numbers(words.map { Double(bitPattern: $0) })
        default:
            return .integer(
                Vector(
                    words.map { word in
                        let number = Int32(bitPattern: UInt32(truncatingIfNeeded: word))
                        return number == .min ? nil : number
                    }))
        }
    }
}
