import Diagnostics
import Language

/// Entered text on its way through the prompt: cut into top-level expressions, each with the lines it stands on.
///
/// As at R's prompt a syntax error costs the lines up to the one it is found in; what follows is read anew.
struct InputBlock {
    /// What to do with some lines.
    enum Action {
        /// Blank lines and comments.
        case nothing
        /// Expressions that share lines; when one fails the rest of them is skipped, as R skips the rest of a line.
        case run([ParsedExpression])
        /// Lines that are no R.
        case report(WorkbenchError)
        /// An expression that goes on in lines to come.
        case wait(String)
    }

    /// Lines and what to do with them.
    struct Step {
        /// Lines to be shown first.
        var lines: [String] = []
        /// Which of them continue an expression.
        var continues: [Bool] = []
        /// What history keeps, or nil.
        var entry: String?
        /// A line that holds a comment alone, or nil.
        var comment: String?
        var action: Action
    }

    /// How many lines from the top are on the screen already.
    var shownLines: Int
    private let lines: [String]
    private var steps: [Step] = []
    private var isCut = false

    /// A block whose lines are all on the screen.
    init(_ text: String) {
        lines = text.split(separator: "\n" as Unicode.Scalar)
        shownLines = lines.count
    }

    /// The next step, or nil after the last.
    mutating func next() -> Step? {
        if !isCut {
            steps = cut().reversed()
            isCut = true
        }
        return steps.popLast()
    }

    // MARK: Cutting

    private func cut() -> [Step] {
        var steps: [Step] = []
        var start = 0
        while start < lines.count {
            let part = Array(lines[start...])
            let source = SourceText(part.joined(separator: "\n"))
            let expressions: [ParsedExpression]
            var end: (action: Action, firstLine: Int, lastLine: Int)?
            switch parse(source) {
            case .complete(let all): expressions = all
            case .incomplete(let all, _):
                expressions = all
                let rest = InputBlock.rest(of: source, after: all)
                end = (.wait(rest.text), rest.firstLine, part.count - 1)
            case .failure(let all, let error):
                expressions = all
                let rest = InputBlock.rest(of: source, after: all)
                let line = (error.span?.position.line ?? part.count) - 1
                end = (.report(error), min(rest.firstLine, line), min(line, part.count - 1))
            }
            var next = 0
            for group in InputBlock.groups(expressions) {
                if group.firstLine > next { steps += idle(part, start, next..<group.firstLine) }
                steps.append(
                    step(part, start, group.firstLine...group.lastLine, from: next, .run(group.expressions), true))
                next = max(next, group.lastLine + 1)
            }
            guard let end else {
                // Blank lines at the end would only show empty prompts.
                var last = part.count
                while last > next, part[last - 1].isBlank { last -= 1 }
                return steps + idle(part, start, next..<last)
            }
            if end.firstLine > next { steps += idle(part, start, next..<end.firstLine) }
            if case .wait = end.action {
                steps.append(step(part, start, end.firstLine...end.lastLine, from: next, end.action, false))
                return steps
            }
            steps.append(step(part, start, end.firstLine...end.lastLine, from: next, end.action, true))
            start += end.lastLine + 1
        }
        return steps
    }

    /// A step for lines of a part; those before `from` have been shown with an earlier step.
    private func step(
        _ part: [String], _ offset: Int, _ range: ClosedRange<Int>, from: Int, _ action: Action, _ isEntry: Bool
    ) -> Step {
        var step = Step(entry: isEntry ? part[range].joined(separator: "\n") : nil, action: action)
        for line in range where line >= from && line + offset >= shownLines {
            step.lines.append(part[line])
            step.continues.append(line > range.lowerBound)
        }
        return step
    }

    /// Blank lines and comments; a comment entered alone is kept in the history.
    private func idle(_ part: [String], _ offset: Int, _ range: Range<Int>) -> [Step] {
        range.map { line in
            var step = Step(action: .nothing)
            if line + offset >= shownLines {
                step.lines = [part[line]]
                step.continues = [false]
            }
            guard !part[line].isBlank else { return step }
            step.comment = part[line]
            if lines.count == 1 { step.entry = part[line] }
            return step
        }
    }

    private struct Group {
        var expressions: [ParsedExpression]
        let firstLine: Int
        var lastLine: Int
    }

    /// Expressions that share lines (`a; b`) belong together.
    private static func groups(_ expressions: [ParsedExpression]) -> [Group] {
        var groups: [Group] = []
        for expression in expressions {
            let first = expression.span.position.line - 1
            let source = expression.span.source
            let last =
                source.position(of: max(expression.span.range.lowerBound, expression.span.range.upperBound - 1)).line
                - 1
            if let group = groups.last, first <= group.lastLine {
                groups[groups.count - 1].expressions.append(expression)
                groups[groups.count - 1].lastLine = max(group.lastLine, last)
            } else {
                groups.append(Group(expressions: [expression], firstLine: first, lastLine: last))
            }
        }
        return groups
    }

    /// What follows the complete expressions, without the `;` that ends the last, and the line on which it begins.
    private static func rest(
        of source: SourceText, after expressions: [ParsedExpression]
    ) -> (text: String, firstLine: Int) {
        var start = expressions.last?.span.range.upperBound ?? 0
        while start < source.bytes.count, [0x20, 0x09, 0x0A, 0x0D, 0x3B].contains(source.bytes[start]) { start += 1 }
        return (source.text(in: start..<source.bytes.count), source.position(of: start).line - 1)
    }
}

extension String {
    fileprivate var isBlank: Bool { unicodeScalars.allSatisfy { $0 == " " || $0 == "\t" } }

    /// The pieces between a scalar, empty ones too, compared scalar by scalar.
    fileprivate func split(separator: Unicode.Scalar) -> [String] {
        unicodeScalars.split(separator: separator, omittingEmptySubsequences: false).map { String($0) }
    }
}
