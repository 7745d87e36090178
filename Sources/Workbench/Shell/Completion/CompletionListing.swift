import CLineEditor

/// Candidates in columns, each with its kind.
struct CompletionListing {
    private let candidates: [Completer.Candidate]
    private let width: Int
    private static let most = 60

    /// A list for a screen of so many columns.
    init(_ candidates: [Completer.Candidate], width: Int) {
        self.candidates = candidates
        self.width = width
    }

    /// The lines, each with its end.
    var text: String {
        let shown = candidates.prefix(CompletionListing.most)
        let nameWidth = min(40, shown.map { columns($0.label) }.max() ?? 0)
        let kindWidth = min(20, shown.map { columns($0.kind) }.max() ?? 0)
        let cell = nameWidth + 2 + kindWidth
        let perRow = max(1, (width + 2) / (cell + 3))
        let rows = (shown.count + perRow - 1) / perRow
        var text = ""
        for row in 0..<rows {
            var line = ""
            // Down the columns, as names are read.
            for place in stride(from: row, to: shown.count, by: rows) {
                let candidate = shown[shown.startIndex + place]
                line += padded(candidate.label, nameWidth) + "  " + padded(candidate.kind, kindWidth) + "   "
            }
            while line.utf8.last == 0x20 { line.removeLast() }
            text += line + "\n"
        }
        let rest = candidates.count - shown.count
        if rest > 0 { text += "… and \(rest) more\n" }
        return text
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - columns(text)))
    }

    private func columns(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + Int(terminal_character_width($1.value)) }
    }
}
