import Diagnostics
import RRuntime

extension Parser {
    /// An operand with the calls, indices and fields that follow it.
    mutating func postfix() throws -> Node {
        var node = try operand()
        while true {
            switch try peek() {
            case .leftParenthesis: node = try called(node)
            case .leftBracket, .doubleLeftBracket: node = try indexed(node)
            case .dollar, .at: node = try field(of: node)
            default: return node
            }
        }
    }

    /// A constant, name, `pkg::name`, parenthesis or block.
    private mutating func operand() throws -> Node {
        let lexeme = try peekLexeme()
        switch lexeme.kind {
        case .number, .null:
            try take()
            return Node(value: lexeme.value, range: lexeme.range, depth: 0)
        case .symbol, .string:
            try take()
            let node = Node(value: lexeme.value, range: lexeme.range, depth: 0)
            let next = try peek()
            return next == .namespace || next == .namespaceInternal ? try qualified(node) : node
        case .placeholder:
            try take()
            hasPlaceholder = true
            return Node(value: .call(Parser.placeholder), range: lexeme.range, depth: 0)
        case .nextKeyword, .breakKeyword:
            try take()
            return try call(lexeme.value, [], from: lexeme.range.lowerBound, to: lexeme.range.upperBound)
        case .leftParenthesis:
            try take()
            let inner = try expression(Precedence.anything, assignment: true)
            let end = try take(.rightParenthesis)
            return try call(lexeme.value, [inner], from: lexeme.range.lowerBound, to: end.range.upperBound)
        case .leftBrace: return try block()
        default: throw try unexpected()
        }
    }

    private mutating func qualified(_ package: Node) throws -> Node {
        let sign = try take()
        let name = try memberName()
        return try call(sign.value, [package, name])
    }

    private mutating func field(of object: Node) throws -> Node {
        let sign = try take()
        let name = try memberName()
        return try call(sign.value, [object, name])
    }

    private mutating func memberName() throws -> Node {
        switch try peek() {
        case .symbol, .string:
            let lexeme = try take()
            return Node(value: lexeme.value, range: lexeme.range, depth: 0)
        default: throw try unexpected()
        }
    }

    private mutating func block() throws -> Node {
        let start = try take(.leftBrace)
        var statements: [Node] = []
        while true {
            switch try peek() {
            case .newline, .semicolon:
                try take()
                continue
            case .rightBrace:
                let end = try take()
                return try call(start.value, statements, from: start.range.lowerBound, to: end.range.upperBound)
            default: break
            }
            statements.append(try expression(Precedence.anything, assignment: true))
            switch try peek() {
            case .newline, .semicolon, .rightBrace: break
            default: throw try unexpected()
            }
        }
    }

    // MARK: Arguments

    private mutating func called(_ function: Node) throws -> Node {
        try take(.leftParenthesis)
        var function = function
        // f and "f" name the same function.
        if case .character(let name) = function.value, let text = name.elements.first, let text {
            function.value = .symbol(try symbol(text, at: function.range))
        }
        var (arguments, depth) = try self.arguments(.rightParenthesis)
        let end = try take(.rightParenthesis)
        if arguments.count == 1, arguments[0].name == nil, arguments[0].value.isMissing { arguments = [] }
        return try call(function, arguments, function.range.lowerBound..<end.range.upperBound, depth: depth)
    }

    private mutating func indexed(_ object: Node) throws -> Node {
        let sign = try take()
        let (arguments, depth) = try self.arguments(.rightBracket)
        var end = try take(.rightBracket)
        if sign.kind == .doubleLeftBracket { end = try take(.rightBracket) }
        return try call(
            Node(value: sign.value, range: sign.range, depth: 0), [Argument(object.value)] + arguments,
            object.range.lowerBound..<end.range.upperBound, depth: max(depth, object.depth))
    }

    /// Arguments up to a closing bracket, which is not taken; an empty list has one empty argument.
    private mutating func arguments(_ close: TokenKind) throws -> (arguments: [Argument], depth: Int) {
        var arguments: [Argument] = []
        var depth = 0
        while true {
            let (argument, argumentDepth) = try self.argument(close)
            arguments.append(argument)
            depth = max(depth, argumentDepth)
            switch try peek() {
            case .comma: try take()
            case close: return (arguments, depth)
            default: throw try unexpected()
            }
        }
    }

    private mutating func argument(_ close: TokenKind) throws -> (argument: Argument, depth: Int) {
        let first = try peekLexeme()
        if first.kind == .comma || first.kind == close { return (Argument(.missing), 0) }
        let node = try expression(Precedence.anything, assignment: false)
        guard try peek() == .equalAssign, node.range == first.range,
            first.kind == .symbol || first.kind == .string || first.kind == .null
        else { return (Argument(node.value), node.depth) }
        let name: Symbol
        switch first.value {
        case .symbol(let symbol): name = symbol
        case .character(let text): name = try symbol(text.elements.first.flatMap { $0 } ?? "", at: first.range)
        default: name = Symbol.named("NULL")
        }
        try take()
        let next = try peek()
        if next == .comma || next == close { return (Argument(.missing, name: name), 0) }
        let value = try expression(Precedence.anything, assignment: false)
        return (Argument(value.value, name: name), value.depth)
    }

    private func symbol(_ text: Text, at range: Range<Int>) throws -> Symbol {
        if text.isEmpty {
            throw stream.failure(
                "attempt to use zero-length variable name", at: Lexeme(kind: .invalid, range: range))
        }
        return Symbol.named(text)
    }
}
