import Diagnostics

/// A regular expression of R's default kind (POSIX extended as TRE reads it) written for PCRE2.
///
/// What differs in meaning stays different: PCRE2 takes the first alternative that leads to a match where TRE takes the
/// longest match, so `sub("a|ab", "X", "abc")` gives `"Xbc"` here and `"Xc"` in R. Within brackets a backslash stands for
/// itself in both.
package struct PatternTranslation {
    private let source: [UInt8]
    private var position = 0
    private var result: [UInt8] = []
    private var openGroups = 0
    /// Something that a quantifier can repeat has come.
    private var canRepeat = false

    /// The pattern for PCRE2.
    /// - Throws: ``Refusal`` with TRE's reason.
    package static func translated(_ pattern: String) throws -> String {
        var translation = PatternTranslation(pattern)
        try translation.run()
        return String(decoding: translation.result, as: UTF8.self)
    }

    /// Why a pattern is none.
    package struct Refusal: Error {
        var reason: String
        var hint: String?
    }

    private init(_ pattern: String) { source = Array(pattern.utf8) }

    private mutating func run() throws {
        while position < source.count {
            let byte = source[position]
            switch byte {
            case UInt8(ascii: "\\"): try escape()
            case UInt8(ascii: "["): try bracket()
            case UInt8(ascii: "("): try open()
            case UInt8(ascii: ")"):
                position += 1
                if openGroups > 0 {
                    openGroups -= 1
                    result.append(byte)
                } else {
                    result += Array("\\)".utf8)
                }
                canRepeat = true
            case UInt8(ascii: "|"):
                take()
                canRepeat = false
            case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"): try quantifier()
            case UInt8(ascii: "{"): try interval()
            case UInt8(ascii: "^"):
                take()
                canRepeat = false
            default:
                take()
                canRepeat = true
            }
        }
        if openGroups > 0 { throw Refusal(reason: "Missing ')'") }
    }

    private mutating func take() {
        result.append(source[position])
        position += 1
    }

    private mutating func escape() throws {
        guard position + 1 < source.count else { throw Refusal(reason: "Trailing backslash") }
        let next = source[position + 1]
        position += 2
        canRepeat = true
        switch next {
        case UInt8(ascii: "<"):
            result += Array("\\b(?=\\w)".utf8)
            canRepeat = false
        case UInt8(ascii: ">"):
            result += Array("\\b(?<=\\w)".utf8)
            canRepeat = false
        case UInt8(ascii: "y"): result += Array("y".utf8)
        default: result += [UInt8(ascii: "\\"), next]
        }
    }

    private mutating func open() throws {
        openGroups += 1
        canRepeat = false
        if position + 2 < source.count, source[position + 1] == UInt8(ascii: "?") {
            let kind = source[position + 2]
            if [UInt8(ascii: "="), UInt8(ascii: "!"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "P")]
                .contains(kind)
            {
                throw Refusal(reason: "Invalid regexp", hint: "look-arounds and named groups need perl = TRUE")
            }
            take()
            take()
            while position < source.count, source[position] != UInt8(ascii: ":"), source[position] != UInt8(ascii: ")")
            {
                take()
            }
            if position < source.count {
                if source[position] == UInt8(ascii: ")") { openGroups -= 1 }
                take()
            }
            return
        }
        take()
    }

    private mutating func quantifier() throws {
        let byte = source[position]
        guard canRepeat else {
            // A quantifier with nothing before it matches the empty text.
            position += 1
            return
        }
        take()
        if position < source.count, source[position] == UInt8(ascii: "?") {
            take()
        } else if position < source.count, source[position] == byte || source[position] == UInt8(ascii: "*") {
            if source[position] == UInt8(ascii: "*") || byte == UInt8(ascii: "*") {
                throw Refusal(reason: "Invalid use of repetition operators")
            }
        }
    }

    private mutating func interval() throws {
        guard let close = source[position...].firstIndex(of: UInt8(ascii: "}")) else {
            throw Refusal(reason: "Missing '}'")
        }
        let content = String(decoding: source[(position + 1)..<close], as: UTF8.self)
        let parts = content.split(separator: ",", omittingEmptySubsequences: false)
        let low = parts.first.map { $0.isEmpty ? 0 : Int($0) ?? -1 } ?? -1
        let high = parts.count == 2 ? (parts[1].isEmpty ? Int.max : Int(parts[1]) ?? -1) : low
        guard parts.count <= 2, !content.isEmpty, content != ",", low >= 0, high >= low, low <= 255,
            high == Int.max || high <= 255
        else { throw Refusal(reason: "Invalid contents of {}") }
        position = close + 1
        guard canRepeat else { return }
        let text = parts.count == 1 ? "{\(low)}" : high == Int.max ? "{\(low),}" : "{\(low),\(high)}"
        result += Array(text.utf8)
        if position < source.count, source[position] == UInt8(ascii: "?") { take() }
    }

    private mutating func bracket() throws {
        take()
        if position < source.count, source[position] == UInt8(ascii: "^") { take() }
        var isFirst = true
        while true {
            guard position < source.count else { throw Refusal(reason: "Missing ']'") }
            let byte = source[position]
            if byte == UInt8(ascii: "]"), !isFirst {
                take()
                break
            }
            if byte == UInt8(ascii: "["), position + 1 < source.count,
                [UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "=")].contains(source[position + 1])
            {
                try named(source[position + 1])
            } else if byte == UInt8(ascii: "\\") {
                result += Array("\\\\".utf8)
                position += 1
            } else if byte == UInt8(ascii: "[") {
                result += Array("\\[".utf8)
                position += 1
            } else if isFirst, byte == UInt8(ascii: "]") {
                result += Array("\\]".utf8)
                position += 1
            } else {
                if position + 2 < source.count, source[position + 1] == UInt8(ascii: "-"),
                    source[position + 2] != UInt8(ascii: "]"), source[position + 2] < byte, byte < 0x80
                {
                    throw Refusal(reason: "Invalid character range")
                }
                take()
            }
            isFirst = false
        }
        canRepeat = true
    }

    private mutating func named(_ kind: UInt8) throws {
        var end = position + 2
        while end + 1 < source.count, !(source[end] == kind && source[end + 1] == UInt8(ascii: "]")) { end += 1 }
        guard end + 1 < source.count else { throw Refusal(reason: "Missing ']'") }
        let name = String(decoding: source[(position + 2)..<end], as: UTF8.self)
        if kind == UInt8(ascii: ":") {
            let known = [
                "alpha", "digit", "alnum", "upper", "lower", "space", "blank", "punct", "print", "graph", "cntrl",
                "xdigit",
            ]
            guard known.contains(name) else { throw Refusal(reason: "Unknown character class name") }
            // PCRE2's [:punct:] leaves out the symbols of ASCII when it follows Unicode.
            result += Array(name == "punct" ? "[:punct:]$+<=>^`|~".utf8 : "[:\(name):]".utf8)
        } else {
            result += Array(name.utf8)
        }
        position = end + 2
    }
}
