import Diagnostics
import RRuntime

/// A string as printing shows it: control characters, backslashes and the quote itself escaped.
///
/// - Parameters:
///   - text: The string.
///   - quote: The quote put around it, or nil for none.
package func escaped(_ text: String, quote: Unicode.Scalar?) -> String {
    if isPlain(text, quote: quote) {
        guard let quote else { return text }
        return "\(quote)\(text)\(quote)"
    }
    var result = ""
    if let quote { result.unicodeScalars.append(quote) }
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\t": result += "\\t"
        case "\r": result += "\\r"
        case "\u{7}": result += "\\a"
        case "\u{8}": result += "\\b"
        case "\u{B}": result += "\\v"
        case "\u{C}": result += "\\f"
        case "\0": result += "\\0"
        default:
            if scalar == quote {
                result += "\\"
                result.unicodeScalars.append(scalar)
            } else if let byte = scalar.strayByte {
                result += "\\x" + rawText(byte)
            } else if isPrintable(scalar) {
                result.unicodeScalars.append(scalar)
            } else if scalar.value < 0x80 {
                let octal = String(scalar.value, radix: 8)
                result += "\\" + String(repeating: "0", count: 3 - octal.count) + octal
            } else {
                result += unicodeEscape(scalar)
            }
        }
    }
    if let quote { result.unicodeScalars.append(quote) }
    return result
}

private func isPlain(_ text: String, quote: Unicode.Scalar?) -> Bool {
    for byte in text.utf8 {
        if byte < 0x20 || byte >= 0x7F || byte == UInt8(ascii: "\\") { return false }
        if let quote, UInt32(byte) == quote.value { return false }
    }
    return true
}

private func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x80 { return scalar.value >= 0x20 && scalar.value < 0x7F }
    switch scalar.properties.generalCategory {
    case .control, .unassigned, .privateUse, .surrogate, .lineSeparator, .paragraphSeparator: return false
    default: return true
    }
}

private func unicodeEscape(_ scalar: Unicode.Scalar) -> String {
    let hex = String(scalar.value, radix: 16)
    if scalar.value > 0xFFFF {
        return "\\U{" + String(repeating: "0", count: max(0, 6 - hex.count)) + hex + "}"
    }
    return "\\u" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
}

/// Reserved words, which need backticks to be used as names.
private let reservedWords: Set<String> = [
    "NULL", "NA", "TRUE", "FALSE", "Inf", "NaN", "NA_integer_", "NA_real_", "NA_character_", "NA_complex_", "function",
    "while", "repeat", "for", "if", "in", "else", "next", "break", "...",
]

/// Whether a text can stand in code as a name without backticks.
package func isSyntacticName(_ text: String) -> Bool {
    if text == "..." { return true }
    guard let first = text.unicodeScalars.first, !reservedWords.contains(text) else { return false }
    func isLetter(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isAlphabetic }
    func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
    if first == "." {
        if let second = text.unicodeScalars.dropFirst().first, isDigit(second) { return false }
    } else if !isLetter(first) {
        return false
    }
    return text.unicodeScalars.allSatisfy { isLetter($0) || isDigit($0) || $0 == "." || $0 == "_" }
}
