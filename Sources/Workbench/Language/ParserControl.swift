import Diagnostics
import RRuntime

extension Parser {
    /// `function(x, y = 1) body`, also written `\(x, y = 1) body`: a call of `function` with parameters and body.
    mutating func function() throws -> Node {
        let keyword = try take()
        try take(.leftParenthesis)
        let (formals, depth) = try self.formals()
        try take(.rightParenthesis)
        stream.eatsNewlines = true
        let body = try expression(Precedence.body, assignment: true)
        return try call(
            Node(value: .symbol(Symbol.function), range: keyword.range, depth: 0),
            [Argument(formals.asValue), Argument(body.value)], keyword.range.lowerBound..<body.range.upperBound,
            depth: max(depth, body.depth))
    }

    private mutating func formals() throws -> (formals: Formals, depth: Int) {
        var names: [Symbol] = []
        var defaults: [Value] = []
        var depth = 0
        if try peek() == .rightParenthesis { return (Formals.none, 0) }
        while true {
            let lexeme = try take(.symbol)
            guard case .symbol(let name) = lexeme.value else { throw try unexpected() }
            let next = try peekLexeme()
            if next.kind == .equalAssign {
                try take()
                let value = try expression(Precedence.anything, assignment: false)
                defaults.append(value.value)
                depth = max(depth, value.depth)
            } else {
                defaults.append(.missing)
            }
            if names.contains(where: { $0 === name }) {
                let line = stream.scanner.line(at: lexeme.range.lowerBound)
                throw stream.failure("repeated formal argument '\(name.name)' on line \(line)", at: lexeme)
            }
            names.append(name)
            guard try peek() == .comma else { return (Formals(names, defaults), depth) }
            try take()
        }
    }

    /// `(expr)` of `if` and `while`; newlines behind it do not count.
    private mutating func test() throws -> Node {
        try take(.leftParenthesis)
        let test = try expression(Precedence.anything, assignment: false)
        try take(.rightParenthesis)
        stream.eatsNewlines = true
        return test
    }

    mutating func condition() throws -> Node {
        let keyword = try take(.ifKeyword)
        let test = try self.test()
        let consequence = try expression(Precedence.body, assignment: true)
        var parts = [test, consequence]
        if try peek() == .elseKeyword {
            try take()
            parts.append(try expression(Precedence.body, assignment: true))
        }
        return try call(keyword.value, parts, from: keyword.range.lowerBound)
    }

    mutating func whileLoop() throws -> Node {
        let keyword = try take(.whileKeyword)
        let test = try self.test()
        let body = try expression(Precedence.body, assignment: true)
        return try call(keyword.value, [test, body], from: keyword.range.lowerBound)
    }

    mutating func forLoop() throws -> Node {
        let keyword = try take(.forKeyword)
        try take(.leftParenthesis)
        let name = try take(.symbol)
        try take(.inKeyword)
        let sequence = try expression(Precedence.anything, assignment: false)
        try take(.rightParenthesis)
        stream.eatsNewlines = true
        let body = try expression(Precedence.body, assignment: true)
        let variable = Node(value: name.value, range: name.range, depth: 0)
        return try call(keyword.value, [variable, sequence, body], from: keyword.range.lowerBound)
    }

    mutating func repeatLoop() throws -> Node {
        let keyword = try take(.repeatKeyword)
        let body = try expression(Precedence.body, assignment: true)
        return try call(keyword.value, [body], from: keyword.range.lowerBound)
    }
}
