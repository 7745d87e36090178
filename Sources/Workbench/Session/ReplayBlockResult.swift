/// What a block of a session script printed, beside what is recorded for it.
struct ReplayBlockResult {
    private let block: ReplayScript.Block
    private let output: [String]
    private let messages: [String]
    /// An error ended it.
    private let hasFailed: Bool

    init(_ block: ReplayScript.Block, _ outcome: Session.Outcome, _ printed: (out: String, error: String)) {
        self.block = block
        output = screenLines(printed.out)
        messages = screenLines(printed.error)
        hasFailed = outcome == .failed
    }

    /// The differences as text; empty if there are none.
    var differences: String {
        let comparison = ReplayComparison(tolerance: block.tolerance)
        var text = ""
        if let found = comparison.differences(block.output.map(\.text), output) {
            text += rendered(found, block.output, mark: "#>")
        }
        if !block.messages.isEmpty || hasFailed {
            if let found = comparison.differences(block.messages.map(\.text), messages) {
                text += rendered(found, block.messages, mark: "#!")
            }
        }
        return text
    }

    /// The lines to record.
    var recording: [String] {
        var lines = output.map { ReplayScript.recorded($0, mark: "#>") }
        if !block.messages.isEmpty || hasFailed { lines += ReplayBlockResult.recorded(messages) }
        return lines
    }

    /// The lines of an error as a script keeps them: what it says. Where it happened is another place as soon as a line is
    /// added above; `...` stands for that and the source line.
    static func recorded(_ messages: [String]) -> [String] {
        var lines: [String] = []
        var isElided = false
        for message in messages {
            // The warnings that came before an error are reported behind it, and behind its place where it has one.
            let isWarnings = message.hasPrefix("In addition: ")
            if !isElided, isWarnings || isPlace(message) { lines.append("#! ...") }
            isElided = !isWarnings && (isElided || isPlace(message))
            if !isElided { lines.append(ReplayScript.recorded(message, mark: "#!")) }
        }
        return lines
    }

    /// `  at FILE:LINE`, or a line of source under it: `  12 | code`.
    private static func isPlace(_ line: String) -> Bool {
        if line.hasPrefix("  at ") { return true }
        let bytes = Array(line.utf8)
        let digits = bytes.drop { $0 == UInt8(ascii: " ") }
        let number = digits.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return bytes.first == UInt8(ascii: " ") && !number.isEmpty
            && digits.dropFirst(number.count).starts(with: Array(" | ".utf8))
    }

    private func rendered(
        _ found: [ReplayComparison.Difference], _ recorded: [ReplayScript.RecordedLine], mark: String
    ) -> String {
        var text = ""
        var place = 0
        for difference in found {
            let number = place < recorded.count ? String(recorded[place].number) : ""
            let margin = String(repeating: " ", count: max(0, 5 - number.count)) + number
            switch difference {
            case .same(let line):
                text += "\(margin)   \(mark) \(line)\n"
                place += 1
            case .missing(let line):
                text += "\(margin) - \(mark) \(line)\n"
                place += 1
            case .extra(let line): text += "      + \(mark) \(line)\n"
            }
        }
        return text
    }
}
