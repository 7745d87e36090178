import Diagnostics
import RRuntime

extension Scanner {
    /// A number: decimal or hexadecimal, with `L` an integer, with `i` a complex one.
    mutating func number() -> Lexeme {
        let start = offset
        var seenDot = false
        var seenExponent = false
        let isHex = bytes[start] == UInt8(ascii: "0") && (byte(at: start + 1) | 32) == UInt8(ascii: "x")
        let isComplete = isHex ? hexadecimal(&seenDot, &seenExponent) : decimal(&seenDot, &seenExponent)
        guard isComplete else { return Lexeme(kind: .invalid, range: start..<offset) }
        let digits = start..<offset
        switch byte(at: offset) {
        case UInt8(ascii: "L"):
            offset += 1
            return integer(digits, pointOnly: seenDot && !seenExponent)
        case UInt8(ascii: "i"):
            offset += 1
            return Lexeme(kind: .number, range: start..<offset, value: .complex(Vector([Complex(0, double(digits))])))
        default:
            return Lexeme(kind: .number, range: digits, value: .number(double(digits)))
        }
    }

    private mutating func decimal(_ seenDot: inout Bool, _ seenExponent: inout Bool) -> Bool {
        while true {
            let byte = byte(at: offset)
            if isDigit(byte) {
                offset += 1
            } else if byte == UInt8(ascii: "."), !seenDot, !seenExponent {
                seenDot = true
                offset += 1
            } else if byte | 32 == UInt8(ascii: "e"), !seenExponent {
                seenExponent = true
                offset += 1
                if !skipSign() { return false }
            } else {
                return true
            }
        }
    }

    private mutating func hexadecimal(_ seenDot: inout Bool, _ seenExponent: inout Bool) -> Bool {
        offset += 2
        let first = offset
        while true {
            let byte = byte(at: offset)
            if byte == UInt8(ascii: ".") {
                if seenDot { return false }
                seenDot = true
            } else if hexValue(byte) == nil {
                break
            }
            offset += 1
        }
        if offset == first { return false }
        if byte(at: offset) | 32 == UInt8(ascii: "p") {
            seenExponent = true
            offset += 1
            if !skipSign() { return false }
            while isDigit(byte(at: offset)) { offset += 1 }
        }
        return !seenDot || seenExponent
    }

    /// The sign of an exponent; false if no digit follows.
    private mutating func skipSign() -> Bool {
        let sign = byte(at: offset)
        if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { offset += 1 }
        return isDigit(byte(at: offset))
    }

    /// R keeps a value that fits no integer as a double, and warns.
    private mutating func integer(_ digits: Range<Int>, pointOnly: Bool) -> Lexeme {
        let value = double(digits)
        let range = digits.lowerBound..<offset
        let text = source.text(in: range)
        if let whole = Int32(exactly: value), whole != Int32.min {
            if pointOnly { warnings.append("integer literal \(text) contains unnecessary decimal point") }
            return Lexeme(kind: .number, range: range, value: .integer(Vector([whole])))
        }
        warnings.append(
            pointOnly
                ? "integer literal \(text) contains decimal; using numeric value"
                : "non-integer value \(text) qualified with L; using numeric value")
        return Lexeme(kind: .number, range: range, value: .number(value))
    }

    private func double(_ range: Range<Int>) -> Double {
        if range.count <= 15, bytes[range].allSatisfy(isDigit) {
            return Double(bytes[range].reduce(0) { $0 * 10 + Int($1 - 48) })
        }
        return parseNumber(source.text(in: range)) ?? .nan
    }
}

/// The value of a hexadecimal digit.
func hexValue(_ byte: UInt8) -> Int? {
    switch byte {
    case 48...57: return Int(byte) - 48
    case 65...70: return Int(byte) - 55
    case 97...102: return Int(byte) - 87
    default: return nil
    }
}
