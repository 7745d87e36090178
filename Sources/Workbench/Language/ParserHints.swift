import Diagnostics
import RRuntime

extension Parser {
    /// What to do about a token that cannot stand where it stands, for the slips that people make.
    func hint(for lexeme: Lexeme) -> String? {
        let text = source.text(in: lexeme.range)
        switch lexeme.kind {
        case .invalid: return hint(forInvalid: lexeme, text)
        case .placeholder:
            return previous?.kind == .number && previous?.range.upperBound == lexeme.range.lowerBound
                ? "numbers are written without _" : "a name cannot begin with _ unless it stands in backticks"
        case .endOfInput: return openBracketHint()
        case .incompleteString:
            let line = stream.scanner.line(at: lexeme.range.lowerBound)
            return "the closing \(text.hasPrefix("`") ? "backtick" : "quote") is missing: it was opened at line \(line)"
        case .elseKeyword:
            return stream.contexts.isEmpty && previousIsLineEnd
                ? "at the prompt and in files `else` must stand on the line on which the `if` part ends: } else" : nil
        case .rightParenthesis, .rightBracket, .rightBrace: return closingHint(text)
        case .equalAssign: return equalHint()
        case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual:
            guard let previous, Precedence.binary(previous.kind) == nil else { return nil }
            return "comparisons cannot be chained: write a < b & b < c"
        case .divide where previous?.kind == .divide: return "comments begin with #"
        case .inKeyword where previous?.kind == .symbol: return "to look for x in y, write x %in% y"
        case _ where previous?.kind == .dollar || previous?.kind == .at:
            return "after \(previous?.kind.spelling ?? "$") comes a name; by a computed one, x[[name]]"
        case _ where previousIsLineEnd && previous != nil && Precedence.binary(lexeme.kind) != nil:
            return "an operator goes on from the line before only if it stands at that line's end"
        case .symbol, .string, .number, .null, .function, .leftBrace: return juxtapositionHint(lexeme, text)
        default: return nil
        }
    }

    private var previousIsLineEnd: Bool { previous == nil || previous?.kind == .newline }

    private func hint(forInvalid lexeme: Lexeme, _ text: String) -> String? {
        if let complaint = lexeme.complaint {
            return complaint.contains("unrecognized escape") || complaint.contains("without hex digits")
                ? "write \\\\ for a backslash, or a raw string r\"(…)\"" : nil
        }
        switch text {
        case "“", "”", "„": return "replace the typographic quotes by \""
        case "‘", "’": return "replace the typographic quotes by '"
        case "\u{A0}", "\u{202F}", "\u{2007}": return "a no-break space stands here: replace it by a blank"
        case "−", "–", "—": return "replace the typographic dash by -"
        case "…": return "replace the ellipsis character by ..."
        case "×": return "multiplication is *"
        case "≤": return "write <="
        case "≥": return "write >="
        case "≠": return "write !="
        case "<<": return "there is no << operator: write <<- to assign"
        default:
            if text.hasPrefix("%") { return "an operator %name% needs its second % on the same line" }
            if text.hasPrefix("0x") {
                return "a hexadecimal number needs digits, and with a point an exponent: 0x1.8p3"
            }
            if text == "\u{200B}" || text == "\u{FEFF}" { return "an invisible character stands here: delete it" }
            return nil
        }
    }

    private func openBracketHint() -> String? {
        guard let open = stream.contexts.last(where: { $0.kind != .ifKeyword }) else { return nil }
        let line = stream.scanner.line(at: open.range.lowerBound)
        return "`\(source.text(in: open.range))` opened at line \(line) is not closed"
    }

    /// The stream has closed a bracket already when the parser sees the wrong one, so brackets are matched anew.
    private func closingHint(_ text: String) -> String? {
        guard let previous else { return "there is nothing to close" }
        var open: [(text: String, offset: Int)] = []
        var scanner = Scanner(source)
        while true {
            let lexeme = scanner.next()
            if lexeme.kind == .endOfInput || lexeme.range.lowerBound > previous.range.lowerBound { break }
            switch lexeme.kind {
            case .leftParenthesis, .leftBracket, .leftBrace:
                open.append((lexeme.kind.spelling, lexeme.range.lowerBound))
            case .doubleLeftBracket:
                open.append(("[", lexeme.range.lowerBound))
                open.append(("[", lexeme.range.lowerBound))
            case .rightParenthesis, .rightBracket, .rightBrace: _ = open.popLast()
            default: break
            }
        }
        guard let last = open.last else { return "there is nothing open that `\(text)` could close" }
        let closer = last.text == "(" ? ")" : last.text == "[" ? "]" : "}"
        if closer == text { return nil }
        return "`\(last.text)` opened at line \(scanner.line(at: last.offset)) must be closed by `\(closer)` first"
    }

    private func equalHint() -> String? {
        switch previous?.kind {
        case .plus?, .minus?, .times?, .divide?:
            let sign = previous?.kind.spelling ?? "+"
            return "there is no \(sign)= operator: write x <- x \(sign) 1"
        case .equal?: return "write == to compare"
        default: break
        }
        return stream.contexts.last?.kind == .parenthesis
            ? "write == to compare; names of arguments are plain names" : nil
    }

    private func juxtapositionHint(_ lexeme: Lexeme, _ text: String) -> String? {
        guard let previous, !previousIsLineEnd else { return nil }
        let before = source.text(in: previous.range)
        switch before {
        case "def": return "functions are written name <- function(x) { … }"
        case "elif": return "write else if (…)"
        case "import", "from": return "packages are attached by library(name)"
        case "lambda": return "functions without a name are written function(x) …, or \\(x) …"
        case "return": return "return takes parentheses: return(x)"
        case "not": return "write !x"
        case "if", "while", "for": return "write parentheses: \(before) (…)"
        case "print": return "call it: print(…)"
        default: break
        }
        switch text {
        case "and": return "write & or &&"
        case "or": return "write | or ||"
        case "elif": return "write else if (…)"
        case "is": return "write is.null(x), identical(x, y) or =="
        case "in" where previous.kind == .symbol: return "write %in%"
        default: break
        }
        switch previous.kind {
        case .number where lexeme.kind == .symbol && previous.range.upperBound == lexeme.range.lowerBound:
            return "a name cannot begin with a digit"
        case .placeholder: return "a name cannot begin with _ unless it stands in backticks"
        case .symbol, .number, .string, .null, .rightParenthesis, .rightBracket, .rightBrace: break
        default: return nil
        }
        switch stream.contexts.last?.kind {
        case .parenthesis?, .bracket?: return "is a comma missing before `\(text)`?"
        default: return "is an operator or a line break missing before `\(text)`?"
        }
    }
}
