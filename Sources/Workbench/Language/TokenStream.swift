import Diagnostics

/// The tokens as the parser sees them: newlines only where they end an expression, brackets kept in view.
///
/// A newline does not count inside `(` and `[`, nor after an operator. After an `if` inside brackets or braces the
/// stream looks beyond newlines for an `else`.
struct TokenStream {
    var scanner: Scanner
    /// Open brackets and `if`s that may still get an `else`, innermost last.
    private(set) var contexts: [Context] = []
    /// Newlines are skipped until the next token.
    var eatsNewlines = false
    private var ahead: Lexeme?

    /// Something open.
    struct Context {
        enum Kind { case parenthesis, bracket, brace, ifKeyword }
        let kind: Kind
        /// Where it was opened.
        let range: Range<Int>
    }

    /// As many as R allows.
    static let contextLimit = 50

    init(_ source: SourceText) { scanner = Scanner(source) }

    /// Forgets what is open, for a new top-level expression.
    mutating func begin() {
        contexts.removeAll(keepingCapacity: true)
        eatsNewlines = false
    }

    /// The next token that counts.
    mutating func next() throws -> Lexeme {
        while true {
            let lexeme = raw()
            guard lexeme.kind == .newline else { return try noted(lexeme) }
            let context = contexts.last?.kind
            if eatsNewlines || context == .parenthesis || context == .bracket { continue }
            return context == .ifKeyword ? afterIf() : lexeme
        }
    }

    private mutating func raw() -> Lexeme {
        if let lexeme = ahead {
            ahead = nil
            return lexeme
        }
        return scanner.next()
    }

    /// Beyond the newlines that follow an `if` which may get an `else`.
    private mutating func afterIf() -> Lexeme {
        var lexeme = raw()
        while lexeme.kind == .newline { lexeme = raw() }
        switch lexeme.kind {
        case .rightBrace, .rightParenthesis, .rightBracket:
            close()
            return lexeme
        case .comma:
            closeIf()
            return lexeme
        case .elseKeyword:
            closeIf()
            eatsNewlines = true
            return lexeme
        default:
            closeIf()
            ahead = lexeme
            return Lexeme(kind: .newline, range: lexeme.range)
        }
    }

    private mutating func noted(_ lexeme: Lexeme) throws -> Lexeme {
        switch lexeme.kind {
        case .plus, .minus, .times, .divide, .power, .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual,
            .or, .orElse, .and, .andAlso, .pipe, .special, .function, .whileKeyword, .repeatKeyword, .forKeyword,
            .inKeyword, .question, .not, .equalAssign, .colon, .tilde, .dollar, .at, .leftAssign, .rightAssign:
            eatsNewlines = true
        case .ifKeyword:
            if !contexts.isEmpty { try open(.ifKeyword, lexeme) }
            eatsNewlines = true
        case .elseKeyword:
            closeIf()
            eatsNewlines = true
        case .semicolon, .comma:
            closeIf()
            eatsNewlines = false
        case .leftParenthesis: try open(.parenthesis, lexeme)
        case .leftBracket: try open(.bracket, lexeme)
        case .doubleLeftBracket:
            try open(.bracket, lexeme)
            try open(.bracket, lexeme)
        case .leftBrace:
            try open(.brace, lexeme)
            eatsNewlines = true
        case .rightParenthesis, .rightBracket, .rightBrace:
            close()
            eatsNewlines = false
        default: eatsNewlines = false
        }
        return lexeme
    }

    private mutating func open(_ kind: Context.Kind, _ lexeme: Lexeme) throws {
        guard contexts.count < TokenStream.contextLimit else {
            let line = scanner.line(at: lexeme.range.lowerBound)
            throw failure(
                "contextstack overflow at line \(line)", at: lexeme,
                hint: "brackets may be nested \(TokenStream.contextLimit) deep")
        }
        contexts.append(Context(kind: kind, range: lexeme.range))
    }

    private mutating func closeIf() {
        if contexts.last?.kind == .ifKeyword { contexts.removeLast() }
    }

    private mutating func close() {
        while contexts.last?.kind == .ifKeyword { contexts.removeLast() }
        _ = contexts.popLast()
    }

    /// A complaint that R makes without a place.
    func failure(_ message: String, at lexeme: Lexeme, hint: String? = nil) -> SyntaxFailure {
        let span = SourceSpan(scanner.source, lexeme.range)
        return SyntaxFailure(
            error: WorkbenchError(.syntax, message, hint: hint, span: span), position: nil, isIncomplete: false,
            lastLine: scanner.lastLine(of: lexeme.range))
    }
}
