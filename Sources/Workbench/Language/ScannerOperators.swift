import Diagnostics
import RRuntime

extension Scanner {
    /// The longest operator that begins here, or a byte that begins none.
    mutating func operatorToken() -> Lexeme {
        let start = offset
        let (kind, text) = longestOperator()
        offset += max(1, text.utf8.count)
        let value: Value = kind == .invalid ? .null : .symbol(Symbol.named(kind == .power ? "^" : text))
        return Lexeme(kind: kind, range: start..<offset, value: value)
    }

    private func longestOperator() -> (TokenKind, String) {
        let second = byte(at: offset + 1)
        let third = byte(at: offset + 2)
        func follows(_ byte: UInt8, _ scalar: Unicode.Scalar) -> Bool { byte == UInt8(ascii: scalar) }
        switch bytes[offset] {
        case UInt8(ascii: "<"):
            if follows(second, "=") { return (.lessOrEqual, "<=") }
            if follows(second, "-") { return (.leftAssign, "<-") }
            if follows(second, "<") { return follows(third, "-") ? (.leftAssign, "<<-") : (.invalid, "<<") }
            return (.less, "<")
        case UInt8(ascii: "-"):
            guard follows(second, ">") else { return (.minus, "-") }
            return follows(third, ">") ? (.rightAssign, "->>") : (.rightAssign, "->")
        case UInt8(ascii: ">"): return follows(second, "=") ? (.greaterOrEqual, ">=") : (.greater, ">")
        case UInt8(ascii: "!"): return follows(second, "=") ? (.notEqual, "!=") : (.not, "!")
        case UInt8(ascii: "="):
            if follows(second, "=") { return (.equal, "==") }
            return follows(second, ">") ? (.pipeBind, "=>") : (.equalAssign, "=")
        case UInt8(ascii: ":"):
            guard follows(second, ":") else { return follows(second, "=") ? (.leftAssign, ":=") : (.colon, ":") }
            return follows(third, ":") ? (.namespaceInternal, ":::") : (.namespace, "::")
        case UInt8(ascii: "&"): return follows(second, "&") ? (.andAlso, "&&") : (.and, "&")
        case UInt8(ascii: "|"):
            if follows(second, "|") { return (.orElse, "||") }
            return follows(second, ">") ? (.pipe, "|>") : (.or, "|")
        case UInt8(ascii: "*"): return follows(second, "*") ? (.power, "**") : (.times, "*")
        case UInt8(ascii: "["): return follows(second, "[") ? (.doubleLeftBracket, "[[") : (.leftBracket, "[")
        case UInt8(ascii: "+"): return (.plus, "+")
        case UInt8(ascii: "/"): return (.divide, "/")
        case UInt8(ascii: "^"): return (.power, "^")
        case UInt8(ascii: "~"): return (.tilde, "~")
        case UInt8(ascii: "?"): return (.question, "?")
        case UInt8(ascii: "$"): return (.dollar, "$")
        case UInt8(ascii: "@"): return (.at, "@")
        case UInt8(ascii: "("): return (.leftParenthesis, "(")
        case UInt8(ascii: ")"): return (.rightParenthesis, ")")
        case UInt8(ascii: "{"): return (.leftBrace, "{")
        case UInt8(ascii: "}"): return (.rightBrace, "}")
        case UInt8(ascii: "]"): return (.rightBracket, "]")
        case UInt8(ascii: ","): return (.comma, ",")
        case UInt8(ascii: ";"): return (.semicolon, ";")
        case UInt8(ascii: "\\"): return (.lambda, "\\")
        case UInt8(ascii: "_"): return (.placeholder, "_")
        default: return (.invalid, "")
        }
    }

    /// A keyword, a constant with a name, or a symbol.
    func keywordOrSymbol(_ range: Range<Int>) -> Lexeme {
        let text = source.text(in: range)
        if range.count <= 13, let found = Scanner.keywords[text] {
            return Lexeme(kind: found.kind, range: range, value: found.value)
        }
        return Lexeme(kind: .symbol, range: range, value: .symbol(Symbol.named(text)))
    }

    private static let keywords: [String: (kind: TokenKind, value: Value)] = [
        "NULL": (.null, .null),
        "NA": (.number, .flag(nil)),
        "TRUE": (.number, .flag(true)),
        "FALSE": (.number, .flag(false)),
        "Inf": (.number, .number(.infinity)),
        "NaN": (.number, .number(.nan)),
        "NA_integer_": (.number, .integer(Vector([nil]))),
        "NA_real_": (.number, .number(.na)),
        "NA_character_": (.number, .character(Vector([nil]))),
        "NA_complex_": (.number, .complex(Vector([.na]))),
        "function": (.function, .symbol(Symbol.function)),
        "while": (.whileKeyword, .symbol(Symbol.named("while"))),
        "repeat": (.repeatKeyword, .symbol(Symbol.named("repeat"))),
        "for": (.forKeyword, .symbol(Symbol.named("for"))),
        "if": (.ifKeyword, .symbol(Symbol.named("if"))),
        "in": (.inKeyword, .null),
        "else": (.elseKeyword, .null),
        "next": (.nextKeyword, .symbol(Symbol.named("next"))),
        "break": (.breakKeyword, .symbol(Symbol.named("break"))),
    ]
}
