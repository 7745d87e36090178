import PluginAPI

/// What help says about a matter that several functions have in common: `?saving`.
struct HelpArticle {
    /// The name to ask for.
    let name: String
    /// One line.
    let title: String
    /// What is compared, a block each on the page; a row each in the documents.
    let rows: [Row]

    /// A way of doing it.
    struct Row {
        /// As code, an example.
        let code: [String]
        /// Cells by the titles of the columns.
        let cells: [(title: String, text: String)]

        /// The functions in its code.
        var functions: [String] {
            code.compactMap { text in
                guard let open = text.utf8.firstIndex(of: UInt8(ascii: "(")) else { return nil }
                return String(text[..<open])
            }
        }
    }

    /// All there are.
    static let all = [saving]

    /// The article of a name.
    static func named(_ name: String) -> HelpArticle? { all.first { $0.name == name } }

    /// The articles that a function has a row in.
    static func about(_ function: String) -> [HelpArticle] {
        all.filter { article in article.rows.contains { $0.functions.contains(function) } }
    }

    /// The page, lines of at most so many columns.
    func text(columns: Int) -> String {
        var text = title + "\n"
        for row in rows {
            text += "\n" + row.code.joined(separator: ", ") + "\n"
            let width = row.cells.map { $0.title.unicodeScalars.count }.max() ?? 0
            for cell in row.cells {
                text += HelpPage.filled(
                    "  " + cell.title.rightPadded(to: width + 2), HelpArticle.plain(cell.text), indent: width + 4,
                    columns: columns)
            }
        }
        return text
    }

    /// The same as a table of a document.
    var markdown: String {
        let titles = rows.first?.cells.map { $0.title } ?? []
        var lines = ["| function | " + titles.joined(separator: " | ") + " |"]
        lines.append("|" + String(repeating: "---|", count: titles.count + 1))
        for row in rows {
            let code = row.code.map { "`\($0)`" }.joined(separator: ", ")
            lines.append("| \(code) | " + row.cells.map { $0.text }.joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Without the marks of code.
    private static func plain(_ text: String) -> String { String(text.filter { $0 != "`" }) }
}
