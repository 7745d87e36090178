import Diagnostics

/// What a token is.
public enum TokenKind: UInt8, Sendable {
    /// `1`, `2L`, `3i`, and the constants that R counts among numbers: `TRUE`, `NA`, `Inf`, …
    case number
    /// `"a"`, `'a'`, `r"(a)"`
    case string
    /// `NULL`
    case null
    /// A name, with backticks or without.
    case symbol
    /// `_`, which stands for the left side of a pipe.
    case placeholder
    /// `function`
    case function
    /// `\`, short for `function`.
    case lambda
    /// `while`
    case whileKeyword
    /// `repeat`
    case repeatKeyword
    /// `for`
    case forKeyword
    /// `if`
    case ifKeyword
    /// `in`
    case inKeyword
    /// `else`
    case elseKeyword
    /// `next`
    case nextKeyword
    /// `break`
    case breakKeyword
    /// `<-`, `<<-`, `:=`
    case leftAssign
    /// `->`, `->>`
    case rightAssign
    /// `=`
    case equalAssign
    /// `%any%`
    case special
    /// `|>`
    case pipe
    /// `=>`
    case pipeBind
    /// `<`
    case less
    /// `<=`
    case lessOrEqual
    /// `>`
    case greater
    /// `>=`
    case greaterOrEqual
    /// `==`
    case equal
    /// `!=`
    case notEqual
    /// `+`
    case plus
    /// `-`
    case minus
    /// `*`
    case times
    /// `/`
    case divide
    /// `^`, `**`
    case power
    /// `:`
    case colon
    /// `!`
    case not
    /// `&`
    case and
    /// `&&`
    case andAlso
    /// `|`
    case or
    /// `||`
    case orElse
    /// `~`
    case tilde
    /// `?`
    case question
    /// `$`
    case dollar
    /// `@`
    case at
    /// `::`
    case namespace
    /// `:::`
    case namespaceInternal
    /// `(`
    case leftParenthesis
    /// `)`
    case rightParenthesis
    /// `{`
    case leftBrace
    /// `}`
    case rightBrace
    /// `[`
    case leftBracket
    /// `[[`
    case doubleLeftBracket
    /// `]`
    case rightBracket
    /// `,`
    case comma
    /// `;`
    case semicolon
    /// The end of a line.
    case newline
    /// The end of the text.
    case endOfInput
    /// A string or name in backticks without its end.
    case incompleteString
    /// Bytes that begin no token, or a string or number that R refuses.
    case invalid
    /// `# …`; never seen by the parser.
    case comment
}

/// A token and where it stands.
public struct Token: Sendable {
    /// What it is.
    public let kind: TokenKind
    /// Its bytes.
    public let span: SourceSpan

    /// The text as written.
    public var text: String { span.text }
}

extension TokenKind {
    /// How R names the token in `unexpected …`.
    var description: String {
        switch self {
        case .number: return "numeric constant"
        case .string: return "string constant"
        case .symbol: return "symbol"
        case .leftAssign: return "assignment"
        case .special: return "SPECIAL"
        case .newline: return "end of line"
        case .endOfInput: return "end of input"
        case .incompleteString: return "INCOMPLETE_STRING"
        case .invalid, .placeholder, .comment: return "input"
        case .rightAssign: return "'->'"
        case .lambda: return "'\\\\'"
        default: return "'\(spelling)'"
        }
    }

    /// The token's text, where it has only one; of `**` and `->>` the usual form.
    var spelling: String {
        switch self {
        case .null: return "NULL"
        case .placeholder: return "_"
        case .function: return "function"
        case .lambda: return "\\"
        case .whileKeyword: return "while"
        case .repeatKeyword: return "repeat"
        case .forKeyword: return "for"
        case .ifKeyword: return "if"
        case .inKeyword: return "in"
        case .elseKeyword: return "else"
        case .nextKeyword: return "next"
        case .breakKeyword: return "break"
        case .leftAssign: return "<-"
        case .rightAssign: return "->"
        case .equalAssign: return "="
        case .pipe: return "|>"
        case .pipeBind: return "=>"
        case .less: return "<"
        case .lessOrEqual: return "<="
        case .greater: return ">"
        case .greaterOrEqual: return ">="
        case .equal: return "=="
        case .notEqual: return "!="
        case .plus: return "+"
        case .minus: return "-"
        case .times: return "*"
        case .divide: return "/"
        case .power: return "^"
        case .colon: return ":"
        case .not: return "!"
        case .and: return "&"
        case .andAlso: return "&&"
        case .or: return "|"
        case .orElse: return "||"
        case .tilde: return "~"
        case .question: return "?"
        case .dollar: return "$"
        case .at: return "@"
        case .namespace: return "::"
        case .namespaceInternal: return ":::"
        case .leftParenthesis: return "("
        case .rightParenthesis: return ")"
        case .leftBrace: return "{"
        case .rightBrace: return "}"
        case .leftBracket: return "["
        case .doubleLeftBracket: return "[["
        case .rightBracket: return "]"
        case .comma: return ","
        case .semicolon: return ";"
        case .number, .string, .symbol, .special, .newline, .endOfInput, .incompleteString, .invalid, .comment:
            return ""
        }
    }
}
