import Diagnostics

/// Why a text is no R program, with the place as R counts it.
public struct SyntaxFailure: Error, Sendable {
    /// R's message, the span, and a hint.
    public let error: WorkbenchError
    /// Line and column as R's parser reports them (columns from 1 in characters, a tab reaching to the next multiple of
    /// 8), or nil for the complaints that R makes without a place.
    public let position: (line: Int, column: Int)?
    /// The text ended where more could follow.
    public let isIncomplete: Bool
}

extension Scanner {
    /// Line of a byte, from 1, as `#line` directives have it.
    func line(at place: Int) -> Int {
        let line = source.position(of: place).line
        guard let directive = lineDirectives.last(where: { $0.offset <= place }) else { return line }
        return directive.line + line - source.position(of: directive.offset).line
    }

    /// Line and column as R counts them: of a newline, of the line that it begins; of the end, of the line behind it.
    func reportedPosition(of lexeme: Lexeme) -> (line: Int, column: Int) {
        let start = lexeme.range.lowerBound
        switch lexeme.kind {
        case .newline where byte(at: start) == 10 || byte(at: start) == 13: return (line(at: start) + 1, 0)
        case .endOfInput:
            let isFresh = start == 0 || bytes[start - 1] == 10 || bytes[start - 1] == 13
            return (line(at: start) + (isFresh ? 0 : 1), 0)
        default: break
        }
        let lineStart = source.lineStarts[source.position(of: start).line - 1]
        var column = 0
        for byte in bytes[lineStart..<start] {
            if byte < 0x80 || byte >= 0xC0 { column += 1 }
            if byte == 9 { column = (column + 7) & ~7 }
        }
        column += 1
        if byte(at: start) == 9 { column = (column + 7) & ~7 }
        return (line(at: start), column)
    }
}
