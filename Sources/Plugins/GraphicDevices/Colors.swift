import Diagnostics
import PluginAPI

/// A colour as R code names it: a name, `#RGB`, `#RRGGBB`, `#RRGGBBAA`, `transparent`.
/// - Returns: nil for a text that names none.
func parseColor(_ text: String) -> Color? {
    if text.utf8.first == UInt8(ascii: "#") { return parseHex(Array(text.utf8.dropFirst())) }
    let name = text.lowercased().filter { $0 != " " }
    if name == "transparent" { return .clear }
    if let hex = colorTable[name] { return Color(hex) }
    for prefix in ["gray", "grey"] where name.hasPrefix(prefix) {
        guard let level = Int(name.dropFirst(4)), (0...100).contains(level) else { return nil }
        let value = UInt8((Double(level) * 2.55 + 0.5).rounded(.down))
        return Color(value, value, value)
    }
    return nil
}

private func parseHex(_ digits: [UInt8]) -> Color? {
    let text = String(decoding: digits, as: UTF8.self)
    guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }), let value = UInt32(text, radix: 16) else {
        return nil
    }
    switch digits.count {
    case 3: return Color((value >> 8 & 15) * 0x110000 + (value >> 4 & 15) * 0x1100 + (value & 15) * 0x11)
    case 6: return Color(value)
    case 8:
        var color = Color(value >> 8)
        color.alpha = UInt8(truncatingIfNeeded: value)
        return color
    default: return nil
    }
}

extension Color {
    /// `#RRGGBB`, with alpha if it is not opaque.
    package var hex: String {
        let parts = alpha == 255 ? [red, green, blue] : [red, green, blue, alpha]
        return "#" + parts.map { formatInteger(Int64($0), conversion: "X", width: 2, flags: "0") }.joined()
    }

    /// Parts as 0 … 1, rounded to 8 bits as R does.
    package init(red: Double, green: Double, blue: Double, alpha: Double = 1) {
        func byte(_ part: Double) -> UInt8 {
            part.isNaN ? 0 : UInt8((min(max(part, 0), 1) * 255 + 0.5).rounded(.down))
        }
        self.init(byte(red), byte(green), byte(blue), byte(alpha))
    }

    /// Brightness, 0 … 1.
    var luminance: Double { (0.299 * Double(red) + 0.587 * Double(green) + 0.114 * Double(blue)) / 255 }
}

/// The colours that numbers stand for in this session: `palette()`.
package final class Palette {
    package static let standard = [
        Color(0x000000), Color(0xDF536B), Color(0x61D04F), Color(0x2297E6), Color(0x28E2E5), Color(0xCD0BBC),
        Color(0xF5C710),
        Color(0x9E9E9E),
    ]
    /// What `palette()` says they are.
    package static let standardNames = [
        "black", "#DF536B", "#61D04F", "#2297E6", "#28E2E5", "#CD0BBC", "#F5C710", "gray62",
    ]
    package var colors = Palette.standard
    package var names = Palette.standardNames
}

extension Context {
    /// This session's palette.
    package var palette: Palette { storage(Palette.self) { Palette() } }

    /// Colours of an R value: names, hexadecimal texts, numbers of the palette (0 is no colour), factors; NA is none.
    /// - Throws: R's `invalid color name 'x'`, with the nearest names.
    package func colors(_ value: Value) throws -> [Color] {
        switch value {
        case .null, .missing: return []
        case .character(let texts):
            return try texts.elements.map { element in
                guard let text = element?.string else { return .clear }
                if let color = parseColor(text) { return color }
                if let number = Int(text), number >= 0 { return paletteColor(number) }
                if text.utf8.first == UInt8(ascii: "#") {
                    throw WorkbenchError(
                        .value, "invalid RGB specification", hint: "'\(text)' is not #RRGGBB or #RRGGBBAA")
                }
                throw WorkbenchError(
                    .value, "invalid color name '\(text)'", hint: didYouMean(text, among: colorTable.keys))
            }
        default:
            return try value.asDoubles().elements.map { number in
                guard number.isFinite else { return .clear }
                guard number >= 0, let whole = Int(exactly: number.rounded(.towardZero)) else {
                    throw WorkbenchError(.value, "numerical color values must be >= 0, found \(numberText(number))")
                }
                return paletteColor(whole)
            }
        }
    }

    private func paletteColor(_ number: Int) -> Color {
        if number == 0 { return .clear }
        let colors = palette.colors
        return colors.isEmpty ? .ink : colors[(number - 1) % colors.count]
    }
}
