import Diagnostics
import Language

/// A session script: R code with what it printed as `#>` comments behind each expression.
///
/// `#> text` is a line of output, `#! text` a line on standard error (compared only if there are any), `#> ...` and
/// `#! ...` stand for any lines, `#~ 1e-3` sets the relative tolerance of numbers for the expressions right above, and
/// `#< text` is what the person answered when they asked for a line.
struct ReplayScript {
    /// Expressions on the same lines, and what is recorded behind them.
    struct Block {
        var expressions: [ParsedExpression]
        /// First and last line of code, from 1.
        var firstLine: Int
        var lastLine: Int
        /// Recorded output with its line numbers.
        var output: [RecordedLine] = []
        /// Recorded messages.
        var messages: [RecordedLine] = []
        /// Answers to `readline()`, in order.
        var answers: [String] = []
        /// Relative tolerance of numbers.
        var tolerance = 1e-5
        /// Tolerances that are none.
        var unread: [RecordedLine] = []
        /// Line numbers of all recorded lines: what `--update` replaces.
        var recordedLines: [Int] = []
    }

    /// A line after its mark.
    struct RecordedLine: Equatable {
        var number: Int
        var text: String
    }

    /// A line of output as a script keeps it. `...` stands for any lines: where it was printed, a second blank says so.
    static func recorded(_ line: String, mark: String) -> String {
        line.isEmpty ? mark : line == "..." ? "\(mark)  ..." : "\(mark) \(line)"
    }

    /// The text.
    let source: SourceText
    /// What it consists of, in order.
    private(set) var blocks: [Block] = []
    /// Recorded output above the first expression, which nothing has printed.
    private(set) var stray: [RecordedLine] = []
    /// Why the rest of it cannot be read, or nil.
    private(set) var failure: WorkbenchError?

    /// Reads a script.
    init(_ text: String, file: String) {
        source = SourceText(text, file: file)
        let expressions: [ParsedExpression]
        switch parse(source) {
        case .complete(let all): expressions = all
        case .incomplete(let all, let error), .failure(let all, let error):
            expressions = all
            failure = error
        }
        for expression in expressions { add(expression) }
        for number in 1..<(blocks.first?.firstLine ?? endOfRecording(after: 0)) {
            let line = source.line(number)
            // The first line may name the program that runs the script: #! is no output there.
            if line.hasPrefix("#>") || number > 1 && line.hasPrefix("#!") {
                stray.append(RecordedLine(number: number, text: line))
            }
        }
        for place in blocks.indices {
            let end =
                place + 1 < blocks.count
                ? blocks[place + 1].firstLine : endOfRecording(after: blocks[place].lastLine)
            for number in (blocks[place].lastLine + 1)..<max(end, blocks[place].lastLine + 1) {
                blocks[place].read(source.line(number), number)
            }
        }
    }

    /// The first line behind an expression that belongs to what cannot be read: the outputs below it are those of code
    /// that is not run.
    private func endOfRecording(after line: Int) -> Int {
        let end = source.lineStarts.count + 1
        guard failure != nil, line + 1 < end else { return max(end, line + 1) }
        return ((line + 1)..<end).first { number in
            let text = source.line(number).drop { $0 == " " || $0 == "\t" }
            return !text.isEmpty && text.utf8.first != UInt8(ascii: "#")
        } ?? end
    }

    private mutating func add(_ expression: ParsedExpression) {
        let first = expression.span.position.line
        let range = expression.span.range
        let last = source.position(of: max(range.lowerBound, range.upperBound - 1)).line
        if let before = blocks.last, first <= before.lastLine {
            blocks[blocks.count - 1].expressions.append(expression)
            blocks[blocks.count - 1].lastLine = max(before.lastLine, last)
        } else {
            blocks.append(Block(expressions: [expression], firstLine: first, lastLine: last))
        }
    }
}

extension ReplayScript.Block {
    fileprivate mutating func read(_ line: String, _ number: Int) {
        let bytes = Array(line.utf8)
        guard bytes.count >= 2, bytes[0] == UInt8(ascii: "#") else { return }
        let start = bytes.count > 2 && bytes[2] == UInt8(ascii: " ") ? 3 : 2
        let recorded = ReplayScript.RecordedLine(number: number, text: String(decoding: bytes[start...], as: UTF8.self))
        switch bytes[1] {
        case UInt8(ascii: ">"):
            output.append(recorded)
            recordedLines.append(number)
        case UInt8(ascii: "!"):
            messages.append(recorded)
            recordedLines.append(number)
        case UInt8(ascii: "<"): answers.append(recorded.text)
        case UInt8(ascii: "~"):
            // What follows the number is a remark.
            let words = recorded.text.split(separator: " ", omittingEmptySubsequences: true)
            if let value = words.first.flatMap({ Double($0) }), value >= 0, value.isFinite,
                words.count == 1 || words[1].hasPrefix("#")
            {
                tolerance = value
            } else {
                unread.append(recorded)
            }
        default: break
        }
    }
}
