import Diagnostics
import RRuntime

extension Parser {
    /// What `_` is until a pipe puts its left side there; told apart from every other call by being the same object.
    static let placeholder = Call("_", [])

    /// `left |> f(y)` is `f(left, y)`; with `f(y, z = _)`, left goes where the `_` is.
    mutating func piped(_ left: Node, into right: Node, _ sign: Lexeme) throws -> Node {
        let lexeme = Lexeme(kind: .pipe, range: right.range)
        guard case .call(let target) = right.value, target !== Parser.placeholder else {
            throw stream.failure(
                "The pipe operator requires a function call as RHS", at: lexeme,
                hint: "write \(source.text(in: left.range)) |> \(source.text(in: right.range))()")
        }
        var arguments = target.arguments
        if hasPlaceholder,
            arguments.contains(where: { !Parser.isPlaceholder($0.value) && Parser.hasPlaceholder($0.value) })
        {
            throw stream.failure(
                "invalid use of pipe placeholder", at: lexeme,
                hint: "`_` must be an argument of its own: f(y, data = _)")
        }
        if hasPlaceholder, let place = arguments.firstIndex(where: { Parser.isPlaceholder($0.value) }) {
            if arguments[place].name == nil {
                throw stream.failure("pipe placeholder can only be used as a named argument", at: lexeme)
            }
            arguments[place].value = left.value
            for argument in arguments[(place + 1)...] where Parser.hasPlaceholder(argument.value) {
                throw stream.failure("pipe placeholder may only appear once", at: lexeme)
            }
        } else {
            if let name = target.name, Parser.syntaxNames.contains(name.name) {
                throw stream.failure(
                    "function '\(name.name)' not supported in RHS call of a pipe", at: lexeme,
                    hint: Parser.pipeHint(name.name, source.text(in: right.range)))
            }
            arguments.insert(Argument(left.value), at: 0)
        }
        let function = Node(value: target.function, range: right.range, depth: max(right.depth - 1, 0))
        return try call(
            function, arguments, left.range.lowerBound..<right.range.upperBound, depth: max(left.depth, right.depth - 1)
        )
    }

    /// A `_` that no pipe has filled.
    func refusePlaceholder(in node: Node) throws {
        guard hasPlaceholder, Parser.hasPlaceholder(node.value) else { return }
        throw stream.failure(
            "invalid use of pipe placeholder", at: Lexeme(kind: .invalid, range: node.range),
            hint: "`_` stands for the left side of |> as a named argument: x |> f(y, data = _)")
    }

    private static func pipeHint(_ function: String, _ text: String) -> String? {
        switch function {
        case "function": return "call the function: |> (\(text))()"
        case "(", "$", "@", "::", ":::", "[[": return "call it: |> \(text)()"
        default: return nil
        }
    }

    private static func isPlaceholder(_ value: Value) -> Bool {
        if case .call(let call) = value { return call === placeholder }
        return false
    }

    private static func hasPlaceholder(_ value: Value) -> Bool {
        switch value {
        case .call(let call):
            return call === placeholder || hasPlaceholder(call.function)
                || call.arguments.contains { hasPlaceholder($0.value) }
        case .list(let list): return list.elements.contains(where: hasPlaceholder)
        default: return false
        }
    }

    /// Functions that are syntax, which R does not let a pipe call.
    private static let syntaxNames: Set<String> = [
        "if", "while", "repeat", "for", "break", "next", "return", "function", "(", "{", "+", "-", "*", "/", "^", "%%",
        "%/%", "%*%", ":", "::", ":::", "?", "~", "@", "=>", "==", "!=", "<", ">", "<=", ">=", "&", "|", "&&", "||",
        "!", "<-", "<<-", "=", "$", "[[", "[",
    ]
}
