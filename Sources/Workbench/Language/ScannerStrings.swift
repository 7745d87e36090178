import Diagnostics
import RRuntime

extension Scanner {
    /// A string, or a name in backticks, with escapes.
    mutating func quoted() -> Lexeme {
        let start = offset
        let quote = bytes[start]
        var contents: [UInt8] = []
        var escapes = Escapes()
        offset += 1
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == quote {
                offset += 1
                return quotedToken(start, quote, contents, escapes)
            }
            if byte == UInt8(ascii: "\\") {
                escape(start, into: &contents, &escapes)
            } else if byte == UInt8(ascii: "\r") {
                // R reads files line by line: every line end is a newline.
                contents.append(10)
                offset += self.byte(at: offset + 1) == 10 ? 2 : 1
            } else {
                contents.append(byte)
                offset += 1
            }
        }
        offset = bytes.count
        return Lexeme(kind: .incompleteString, range: start..<offset)
    }

    /// What the escapes of one string were.
    private struct Escapes {
        var numeric = false
        var unicode = false
        /// The first thing R refuses.
        var complaint: String?
    }

    private func quotedToken(_ start: Int, _ quote: UInt8, _ contents: [UInt8], _ escapes: Escapes) -> Lexeme {
        let range = start..<offset
        var complaint = escapes.complaint
        if complaint == nil, escapes.numeric, escapes.unicode {
            complaint = "mixing Unicode and octal/hex escapes in a string is not allowed"
        }
        if complaint == nil, quote == UInt8(ascii: "`"), contents.isEmpty {
            complaint = "attempt to use zero-length variable name"
        }
        if let complaint { return Lexeme(kind: .invalid, range: range, complaint: complaint) }
        let text =
            escapes.numeric
            ? String(keeping: withoutStandIns(contents)) : String(decoding: contents, as: UTF8.self)
        if quote == UInt8(ascii: "`") {
            return Lexeme(kind: .symbol, range: range, value: .symbol(Symbol.named(text)))
        }
        return Lexeme(kind: .string, range: range, value: .string(text))
    }

    /// One escape sequence; `start` is where the string begins.
    private mutating func escape(_ start: Int, into contents: inout [UInt8], _ escapes: inout Escapes) {
        guard offset + 1 < bytes.count else {
            offset = bytes.count
            return
        }
        let code = bytes[offset + 1]
        offset += 2
        switch code {
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            var value = Int(code) - 48
            var count = 1
            while count < 3, (48...55).contains(byte(at: offset)) {
                value = value * 8 + Int(byte(at: offset)) - 48
                offset += 1
                count += 1
            }
            if value > 255 {
                refuse(&escapes, "exceeded maximum allowed octal value \\377 (line \(line(at: offset)))")
            } else {
                append(UInt8(value), to: &contents, &escapes)
            }
        case UInt8(ascii: "x"):
            guard let value = hexDigits(upTo: 2) else {
                return refuse(&escapes, noHexDigits("\\x", start))
            }
            append(UInt8(truncatingIfNeeded: value), to: &contents, &escapes)
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            unicodeEscape(short: code == UInt8(ascii: "u"), start, into: &contents, &escapes)
        case UInt8(ascii: "a"): contents.append(7)
        case UInt8(ascii: "b"): contents.append(8)
        case UInt8(ascii: "f"): contents.append(12)
        case UInt8(ascii: "n"): contents.append(10)
        case UInt8(ascii: "r"): contents.append(13)
        case UInt8(ascii: "t"): contents.append(9)
        case UInt8(ascii: "v"): contents.append(11)
        case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"), 32, 10:
            contents.append(code)
        case 13:
            contents.append(10)
            if byte(at: offset) == 10 { offset += 1 }
        default:
            offset += scalar(at: offset - 1).length - 1
            let shown = source.text(in: start..<offset)
            let sequence = source.text(in: (offset - scalarLength(before: offset) - 1)..<offset)
            refuse(&escapes, "'\(sequence)' is an unrecognized escape in character string starting \"\(shown)\"")
        }
    }

    private func scalarLength(before place: Int) -> Int {
        var length = 1
        while length < 4, place - length > 0, bytes[place - length] & 0xC0 == 0x80 { length += 1 }
        return length
    }

    private mutating func unicodeEscape(
        short: Bool, _ start: Int, into contents: inout [UInt8], _ escapes: inout Escapes
    ) {
        let isBraced = byte(at: offset) == UInt8(ascii: "{")
        if isBraced { offset += 1 }
        guard let value = hexDigits(upTo: short ? 4 : 8) else {
            return refuse(&escapes, noHexDigits(short ? "\\u" : "\\U", start))
        }
        if isBraced {
            guard byte(at: offset) == UInt8(ascii: "}") else {
                let sequence = short ? "\\u{xxxx}" : "\\U{xxxxxxxx}"
                return refuse(&escapes, "invalid \(sequence) sequence (line \(line(at: offset)))")
            }
            offset += 1
        }
        escapes.unicode = true
        if value == 0 { return refuse(&escapes, "nul character not allowed (line \(line(at: offset)))") }
        guard let scalar = Unicode.Scalar(UInt32(clamping: value)) else {
            let digits = formatInteger(Int64(value), conversion: "x")
            let what = short ? "\\uxxxx" : isBraced ? "\\U{xxxxxxxx}" : "\\Uxxxxxxxx"
            return refuse(&escapes, "invalid \(what) value \(digits) (line \(line(at: offset)))")
        }
        contents.append(contentsOf: Array(String(Character(scalar)).utf8))
    }

    private mutating func hexDigits(upTo limit: Int) -> Int? {
        var value = 0
        var count = 0
        while count < limit, let digit = hexValue(byte(at: offset)) {
            value = value * 16 + digit
            offset += 1
            count += 1
        }
        return count > 0 ? value : nil
    }

    private mutating func append(_ byte: UInt8, to contents: inout [UInt8], _ escapes: inout Escapes) {
        escapes.numeric = true
        if byte == 0 { return refuse(&escapes, "nul character not allowed (line \(line(at: offset)))") }
        contents.append(byte)
    }

    private func refuse(_ escapes: inout Escapes, _ complaint: String) {
        if escapes.complaint == nil { escapes.complaint = complaint }
    }

    private func noHexDigits(_ sequence: String, _ start: Int) -> String {
        "'\(sequence)' used without hex digits in character string starting \"\(source.text(in: start..<offset))\""
    }

    /// `r"(…)"`, with any number of dashes and any of three brackets.
    mutating func rawString() -> Lexeme {
        let start = offset
        let quote = byte(at: start + 1)
        var place = start + 2
        var dashes = 0
        while byte(at: place) == UInt8(ascii: "-") {
            dashes += 1
            place += 1
        }
        let closing: UInt8
        switch byte(at: place) {
        case UInt8(ascii: "("): closing = UInt8(ascii: ")")
        case UInt8(ascii: "["): closing = UInt8(ascii: "]")
        case UInt8(ascii: "{"): closing = UInt8(ascii: "}")
        default:
            offset = min(place + 1, bytes.count)
            return Lexeme(
                kind: .invalid, range: start..<offset,
                complaint: "malformed raw string literal at line \(line(at: start))")
        }
        place += 1
        let first = place
        let end: [UInt8] = [closing] + [UInt8](repeating: UInt8(ascii: "-"), count: dashes) + [quote]
        while place < bytes.count {
            if bytes[place] == closing, bytes[place...].starts(with: end) {
                let contents = bytes[first..<place]
                offset = place + end.count
                let text = String(decoding: unixLineEnds(contents), as: UTF8.self)
                return Lexeme(kind: .string, range: start..<offset, value: .string(text))
            }
            place += 1
        }
        offset = bytes.count
        return Lexeme(kind: .incompleteString, range: start..<offset)
    }

    private func unixLineEnds(_ contents: ArraySlice<UInt8>) -> [UInt8] {
        guard contents.contains(13) else { return Array(contents) }
        var result: [UInt8] = []
        var previous: UInt8 = 0
        for byte in contents {
            if byte == 13 {
                result.append(10)
            } else if !(byte == 10 && previous == 13) {
                result.append(byte)
            }
            previous = byte
        }
        return result
    }
}
