import Diagnostics
import RRuntime

/// A string with its quotes and escapes, as R's `deparse` and `print` write it.
///
/// - Parameters:
///   - text: The string.
///   - quote: `"`, `'` or a backtick; escaped inside.
public func quotedText(_ text: String, _ quote: Unicode.Scalar = "\"") -> String {
    var result = String(Character(quote))
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\\": result += "\\\\"
        case quote: result += "\\" + String(Character(quote))
        case "\u{07}": result += "\\a"
        case "\u{08}": result += "\\b"
        case "\u{0C}": result += "\\f"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case "\u{0B}": result += "\\v"
        case "\u{0}": result += "\\0"
        case "\u{01}"..."\u{1F}", "\u{7F}":
            result += "\\" + formatInteger(Int64(scalar.value), conversion: "o", precision: 3)
        default:
            if let byte = scalar.strayByte {
                result += "\\x" + formatInteger(Int64(byte), conversion: "x", precision: 2)
            } else if scalar.value < 0x80 || isPrintable(scalar) {
                result.unicodeScalars.append(scalar)
            } else if scalar.value > 0xFFFF {
                result += "\\U{" + formatInteger(Int64(scalar.value), conversion: "x", precision: 6) + "}"
            } else {
                result += "\\u" + formatInteger(Int64(scalar.value), conversion: "x", precision: 4)
            }
        }
    }
    result.unicodeScalars.append(quote)
    return result
}

private func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator: return false
    default: return true
    }
}

/// A name as code: as it is if it reads back, else in quotes.
func quotedName(_ name: String, _ quote: Unicode.Scalar) -> String {
    isSyntacticName(name) || name == "..." ? name : quotedText(name, quote)
}

/// Whether a text is a name that can be written without backticks: no reserved word, begins like a name.
public func isSyntacticName(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, !reservedWords.contains(text) else { return false }
    let rest = text.unicodeScalars.dropFirst()
    if first == "." {
        if let second = rest.first, second.value < 0x80, isDigit(UInt8(second.value)) { return false }
    } else if !startsName(first) || (first.value >= 0x80 && first.properties.generalCategory == .decimalNumber) {
        return false
    }
    return rest.allSatisfy { scalar in
        scalar == "." || scalar == "_" || startsName(scalar)
            || (scalar.value < 0x80 && isDigit(UInt8(scalar.value)))
    }
}

private let reservedWords: Set<String> = [
    "NULL", "NA", "TRUE", "FALSE", "Inf", "NaN", "NA_integer_", "NA_real_", "NA_character_", "NA_complex_", "function",
    "while", "repeat", "for", "if", "in", "else", "next", "break",
]
