import Diagnostics
import RRuntime

/// A piece of the tree being built.
struct Node {
    var value: Value
    /// Bytes it covers.
    var range: Range<Int>
    /// Levels of calls in it.
    var depth: Int
}

/// Recursive descent with precedence climbing, one token ahead.
struct Parser {
    var stream: TokenStream
    let source: SourceText
    private var lookahead: Lexeme?
    /// The token taken last.
    private(set) var previous: Lexeme?
    /// Calls of ``expression(_:assignment:)`` under way.
    private var nesting = 0
    /// A `_` was seen in this top-level expression.
    var hasPlaceholder = false

    /// Deepest recursion of the parser: prefix operators, operators that group from the right, `else if`.
    static let nestingLimit = 1500
    /// Deepest tree. Chains of left-grouping operators need no recursion to read, but releasing and evaluating them do.
    static let depthLimit = 5000

    init(_ source: SourceText) {
        stream = TokenStream(source)
        self.source = source
    }

    // MARK: Tokens

    /// The kind of the next token, which is not taken.
    mutating func peek() throws -> TokenKind { try peekLexeme().kind }

    /// The next token, which is not taken.
    mutating func peekLexeme() throws -> Lexeme {
        if let lookahead { return lookahead }
        let lexeme = try stream.next()
        if let complaint = lexeme.complaint { throw stream.failure(complaint, at: lexeme, hint: hint(for: lexeme)) }
        if lexeme.kind == .pipeBind {
            throw stream.failure(
                "'=>' is disabled; set '_R_USE_PIPEBIND_' envvar to a true value to enable it", at: lexeme)
        }
        lookahead = lexeme
        return lexeme
    }

    /// Takes the next token.
    @discardableResult mutating func take() throws -> Lexeme {
        let lexeme = try peekLexeme()
        lookahead = nil
        previous = lexeme
        return lexeme
    }

    /// Takes the next token, which must be of a kind.
    @discardableResult mutating func take(_ kind: TokenKind) throws -> Lexeme {
        guard try peek() == kind else { throw try unexpected() }
        return try take()
    }

    /// The failure for a next token that nothing can be made of.
    mutating func unexpected() throws -> SyntaxFailure {
        let lexeme = try peekLexeme()
        let isIncomplete = lexeme.kind == .endOfInput || lexeme.kind == .incompleteString
        let error = WorkbenchError(
            .syntax, "unexpected \(lexeme.kind.description)", hint: hint(for: lexeme),
            span: SourceSpan(source, lexeme.range))
        return SyntaxFailure(
            error: error, position: stream.scanner.reportedPosition(of: lexeme), isIncomplete: isIncomplete,
            lastLine: stream.scanner.lastLine(of: lexeme.range))
    }

    // MARK: Programs

    /// The next top-level expression, or nil at the end.
    mutating func topLevel() throws -> Node? {
        if lookahead == nil { stream.begin() }
        while try peek() == .newline { try take() }
        if try peek() == .endOfInput { return nil }
        hasPlaceholder = false
        nesting = 0
        let node = try expression(Precedence.anything, assignment: true)
        switch try peek() {
        case .newline, .semicolon, .endOfInput: break
        default: throw try unexpected()
        }
        try refusePlaceholder(in: node)
        if try peek() != .endOfInput { try take() }
        return node
    }

    // MARK: Expressions

    /// An expression of operators that bind at least as tightly as `lowest`; `=` only if `assignment`.
    mutating func expression(_ lowest: Int, assignment: Bool) throws -> Node {
        nesting += 1
        defer { nesting -= 1 }
        if nesting > Parser.nestingLimit { throw tooDeep(try peekLexeme()) }
        var left = try prefix()
        while true {
            let kind = try peek()
            if kind == .equalAssign, assignment {
                let sign = try take()
                let right = try expression(Precedence.body, assignment: true)
                left = try call(sign.value, [left, right])
                continue
            }
            guard let (level, fromRight) = Precedence.binary(kind), level >= lowest else { return left }
            let sign = try take()
            let right = try expression(
                fromRight ? level : level + 1, assignment: assignment && level == Precedence.help)
            if level == Precedence.comparison, let next = Precedence.binary(try peek()), next.level == level {
                throw try unexpected()
            }
            left = try binary(sign, left, right)
        }
    }

    private mutating func binary(_ sign: Lexeme, _ left: Node, _ right: Node) throws -> Node {
        switch sign.kind {
        case .pipe: return try piped(left, into: right, sign)
        case .rightAssign:
            let name = sign.range.count == 3 ? "<<-" : "<-"
            var node = try call(.symbol(Symbol.named(name)), [left, right])
            if case .call(let call) = node.value {
                node.value = .call(Call(call.function, call.arguments.reversed(), span: call.span))
            }
            return node
        default: return try call(sign.value, [left, right])
        }
    }

    /// Operators in front, else an operand.
    private mutating func prefix() throws -> Node {
        let lexeme = try peekLexeme()
        switch lexeme.kind {
        case .minus, .plus: return try prefixed(Precedence.power)
        case .not: return try prefixed(Precedence.comparison)
        case .tilde: return try prefixed(Precedence.or)
        case .question: return try prefixed(Precedence.body, assignment: true)
        case .function, .lambda: return try function()
        case .ifKeyword: return try condition()
        case .whileKeyword: return try whileLoop()
        case .forKeyword: return try forLoop()
        case .repeatKeyword: return try repeatLoop()
        default: return try postfix()
        }
    }

    private mutating func prefixed(_ lowest: Int, assignment: Bool = false) throws -> Node {
        let sign = try take()
        let operand = try expression(lowest, assignment: assignment)
        return try call(sign.value, [operand], from: sign.range.lowerBound)
    }

    // MARK: Nodes

    /// A call of operands in the order in which they were written.
    mutating func call(_ function: Value, _ operands: [Node], from start: Int? = nil, to end: Int? = nil) throws -> Node
    {
        let first = start ?? operands.first?.range.lowerBound ?? 0
        let last = end ?? operands.last?.range.upperBound ?? first
        return try call(
            Node(value: function, range: first..<first, depth: 0), operands.map { Argument($0.value) },
            first..<max(first, last), depth: operands.reduce(0) { max($0, $1.depth) })
    }

    /// A call; `depth` is that of its deepest argument.
    func call(_ function: Node, _ arguments: [Argument], _ range: Range<Int>, depth: Int) throws -> Node {
        let depth = max(depth, function.depth) + 1
        if depth > Parser.depthLimit { throw tooDeep(Lexeme(kind: .invalid, range: range)) }
        return Node(
            value: .call(Call(function.value, arguments, span: SourceSpan(source, range))), range: range, depth: depth)
    }

    private func tooDeep(_ lexeme: Lexeme) -> SyntaxFailure {
        stream.failure(
            "expression is nested too deeply", at: lexeme,
            hint: "assign parts of it to variables: at most \(Parser.nestingLimit) operators may wait for each other")
    }
}
