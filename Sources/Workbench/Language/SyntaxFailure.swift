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
    /// Number of the last line that was read.
    let lastLine: Int

    /// The text of R's condition: place, message, the last two lines that were read, and a caret.
    ///
    /// - Parameter name: What R calls the text: the file, or `<text>` for `parse(text = )`.
    public func conditionMessage(_ name: String = "<text>") -> String {
        guard let position, let span = error.span else { return error.message }
        var lines = span.source.bytes[..<min(Int(span.end), span.source.bytes.count)]
            .split(separator: 10, omittingEmptySubsequences: false)
        if lines.count > 1, lines.last?.isEmpty == true { lines.removeLast() }
        let shown = lines.suffix(2)
        var text = "\(name):\(position.line):\(position.column): \(error.message)"
        var indent = 0
        for (index, line) in shown.enumerated() {
            let number = "\(lastLine - shown.count + 1 + index): "
            text += "\n" + number + expandingTabs(line)
            indent = number.utf8.count
        }
        // R puts the caret one column further when it shows one line only.
        let column = indent + position.column + (shown.count == 1 ? 1 : 0)
        return text + "\n" + String(repeating: " ", count: max(0, column - 1)) + "^"
    }

    private func expandingTabs(_ line: ArraySlice<UInt8>) -> String {
        var text = ""
        var column = 0
        for scalar in String(decoding: line, as: UTF8.self).unicodeScalars where scalar != "\r" {
            let width = scalar == "\t" ? 8 - column % 8 : 1
            text += scalar == "\t" ? String(repeating: " ", count: width) : String(scalar)
            column += width
        }
        return text
    }
}

extension Scanner {
    /// Number of the line on which a stretch of text ends; a line end belongs to its line.
    func lastLine(of range: Range<Int>) -> Int {
        let end = min(range.upperBound, bytes.count)
        return line(at: max(0, end - 1))
    }

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
