import Diagnostics
import RRuntime

/// A token as the parser takes it: with the value of a constant or name.
struct Lexeme {
    var kind: TokenKind
    /// Bytes of the source.
    var range: Range<Int>
    /// The constant, or the symbol of a name or operator; `NULL` for everything else.
    var value: Value = .null
    /// Why R refuses it, for an `.invalid` token of which R says more than "unexpected input".
    var complaint: String?
}

/// Splits a text into tokens. Knows nothing of brackets or of where newlines count.
struct Scanner {
    let source: SourceText
    let bytes: [UInt8]
    /// Where the next token is looked for.
    var offset = 0
    /// What R's parser warns of, in order.
    var warnings: [String] = []
    /// `#line` directives: from which byte on, and the number of the line that begins there.
    var lineDirectives: [(offset: Int, line: Int)] = []

    init(_ source: SourceText) {
        self.source = source
        bytes = source.bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    }

    /// The byte at a place, or 0 behind the end.
    func byte(at place: Int) -> UInt8 { place < bytes.count ? bytes[place] : 0 }

    /// The next token; with `comments`, comments too.
    mutating func next(comments: Bool = false) -> Lexeme {
        skipBlanks()
        while byte(at: offset) == UInt8(ascii: "#") {
            let start = offset
            skipComment()
            if comments { return Lexeme(kind: .comment, range: start..<offset) }
            skipBlanks()
        }
        let start = offset
        guard start < bytes.count else { return Lexeme(kind: .endOfInput, range: start..<start) }
        let first = bytes[start]
        switch first {
        case UInt8(ascii: "\n"):
            offset += 1
            return Lexeme(kind: .newline, range: start..<offset)
        case UInt8(ascii: "\r"):
            offset += byte(at: start + 1) == UInt8(ascii: "\n") ? 2 : 1
            return Lexeme(kind: .newline, range: start..<offset)
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            return number()
        case UInt8(ascii: "."):
            let second = byte(at: start + 1)
            return second >= 48 && second <= 57 ? number() : name()
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"):
            return quoted()
        case UInt8(ascii: "r"), UInt8(ascii: "R"):
            let second = byte(at: start + 1)
            return second == UInt8(ascii: "\"") || second == UInt8(ascii: "'") ? rawString() : name()
        case UInt8(ascii: "%"):
            return special()
        default:
            if isNameByte(first) { return name() }
            if first >= 0x80 {
                let (scalar, length) = scalar(at: start)
                if startsName(scalar) { return name() }
                offset += length
                return Lexeme(kind: .invalid, range: start..<offset)
            }
            return operatorToken()
        }
    }

    /// Blanks, tabs, form feeds and the blank characters of Unicode (no-break ones are refused, as in R).
    private mutating func skipBlanks() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 32, 9, 12: offset += 1
            case 0xE1...0xE3:
                let (scalar, length) = scalar(at: offset)
                switch scalar.value {
                case 0x1680, 0x2000...0x2006, 0x2008...0x200A, 0x205F, 0x3000: offset += length
                default: return
                }
            default: return
            }
        }
    }

    private mutating func skipComment() {
        let start = offset
        while offset < bytes.count, bytes[offset] != 10, bytes[offset] != 13 { offset += 1 }
        let before = start == 0 ? 10 : bytes[start - 1]
        if before == 10 || before == 13, bytes[start..<offset].starts(with: Array("#line ".utf8)) {
            let digits = bytes[(start + 6)..<offset].prefix { $0 >= 48 && $0 <= 57 }
            if let line = Int(String(decoding: digits, as: UTF8.self)), line < 1_000_000_000 {
                lineDirectives.append((offset + 1, line))
            }
        }
    }

    private mutating func name() -> Lexeme {
        let start = offset
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte < 0x80 {
                guard isNameByte(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || isDigit(byte)
                else { break }
                offset += 1
            } else {
                let (scalar, length) = scalar(at: offset)
                guard startsName(scalar) else { break }
                offset += length
            }
        }
        return keywordOrSymbol(start..<offset)
    }

    private mutating func special() -> Lexeme {
        let start = offset
        var place = start + 1
        while place < bytes.count, bytes[place] != 10, bytes[place] != 13 {
            if bytes[place] == UInt8(ascii: "%") {
                offset = place + 1
                return Lexeme(
                    kind: .special, range: start..<offset, value: .symbol(Symbol.named(source.text(in: start..<offset)))
                )
            }
            place += 1
        }
        offset = place
        return Lexeme(kind: .invalid, range: start..<offset)
    }

    /// The character at a place and its length; an invalid byte is U+FFFD of length 1.
    func scalar(at place: Int) -> (scalar: Unicode.Scalar, length: Int) {
        var decoder = UTF8()
        var iterator = bytes[place..<min(place + 4, bytes.count)].makeIterator()
        if case .scalarValue(let scalar) = decoder.decode(&iterator) {
            return (scalar, UTF8.width(scalar))
        }
        return ("\u{FFFD}", 1)
    }
}

/// ASCII letters.
func isNameByte(_ byte: UInt8) -> Bool { (byte | 32) >= 97 && (byte | 32) <= 122 }

/// ASCII digits.
func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

/// Letters of any script; digits other than ASCII count, as in glibc's `iswalpha`.
func startsName(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x80 { return isNameByte(UInt8(scalar.value)) }
    return scalar.properties.isAlphabetic || scalar.properties.generalCategory == .decimalNumber
}
