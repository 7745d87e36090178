import Glibc
import Session
import TestSupport
import Testing

/// The examples of README.md and of the documents under docs/ print what stands behind them.
@Suite struct DocumentTests {
    @Test(arguments: [packageRoot + "/README.md"] + files(under: packageRoot + "/docs", ending: ".md"))
    func `examples run as printed`(_ path: String) throws {
        let document = ExampleDocument(try #require(textOfFile(path)))
        #expect(document.faults == [])
        // Of the document's name and with its line numbers, so that the report points into the document.
        let name = path.split(separator: "/").last.map { String($0) } ?? "document.md"
        let file = makeTemporaryFolder() + "/" + name
        write(document.script, to: file)
        let report = Replay(file: file) { session(writingTo: $0) }.run()
        #expect(report.agrees, "\(report.text)")
    }

    @Test func `README shows an example`() throws {
        let document = ExampleDocument(try #require(textOfFile(packageRoot + "/README.md")))
        #expect(document.script.contains("#> "))
    }

    /// Statements are headings of level 3; lists would be statements without examples.
    @Test func `every difference has an example`() throws {
        let document = ExampleDocument(try #require(textOfFile(packageRoot + "/docs/differences.md")))
        #expect(document.statements.count > 60)
        #expect(document.statementsWithoutExample == [])
        #expect(document.listItems == [])
    }
}

/// A Markdown document whose blocks fenced as ```` ```r ```` are, in order, one session script.
struct ExampleDocument {
    /// The code of all blocks, each line where it stands in the document; all other lines are empty.
    private(set) var script = ""
    /// Titles of level 3.
    private(set) var statements: [String] = []
    /// Those that no block with recorded output follows before the next title.
    private(set) var statementsWithoutExample: [String] = []
    /// Lines of text that begin an item of a list.
    private(set) var listItems: [String] = []
    /// What keeps the document from being read.
    private(set) var faults: [String] = []

    /// Reads a document.
    init(_ text: String) {
        var openedAt: Int?
        var isExample = false
        var waiting: String?
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        if lines.last == "" { lines.removeLast() }
        for (place, line) in lines.enumerated() {
            let isFence = line.hasPrefix("```")
            script += (openedAt != nil && isExample && !isFence ? line : "") + "\n"
            if isFence {
                isExample = openedAt == nil && line == "```r"
                openedAt = openedAt == nil ? place + 1 : nil
            } else if openedAt != nil {
                if isExample, line.hasPrefix("#>") || line.hasPrefix("#!") { waiting = nil }
            } else if line.hasPrefix("#") {
                if let waiting { statementsWithoutExample.append(waiting) }
                waiting = line.hasPrefix("### ") ? String(line.dropFirst(4)) : nil
                if let waiting { statements.append(waiting) }
            } else if line.hasPrefix("- ") || line.hasPrefix("* ") {
                listItems.append(line)
            }
        }
        if let waiting { statementsWithoutExample.append(waiting) }
        if let openedAt { faults.append("the block of line \(openedAt) is not closed") }
    }
}

@Suite struct ExampleDocumentTests {
    @Test func `code keeps its line numbers`() {
        let document = ExampleDocument(
            "# Title\n\n```r\nx <- 1\nx\n#> [1] 1\n```\ntext\n```\nno R\n```\n```r\nx\n```\n")
        #expect(document.script == "\n\n\nx <- 1\nx\n#> [1] 1\n\n\n\n\n\n\nx\n\n")
        #expect(document.faults == [])
    }

    @Test func `statements need an example that prints`() {
        let shown = "### shown\n```r\n1\n#> [1] 1\n```\n"
        let silent = "### silent\n```r\nx <- 1\n```\n"
        let said = "### said\ntext\n```\n#> no R\n```\n"
        let document = ExampleDocument(silent + shown + said + "## Part\n" + shown + "### last\n")
        #expect(document.statements == ["silent", "shown", "said", "shown", "last"])
        #expect(document.statementsWithoutExample == ["silent", "said", "last"])
    }

    @Test func `comments of code are no titles, items of lists are found`() {
        let document = ExampleDocument("- item\n```r\n### comment\n- 1\n#> [1] -1\n```\n* item 2\n")
        #expect(document.statements == [])
        #expect(document.listItems == ["- item", "* item 2"])
    }

    @Test func `a block that is not closed is a fault`() {
        #expect(ExampleDocument("text\n```r\n1\n").faults == ["the block of line 2 is not closed"])
    }

    @Test func `an example that prints something else is a difference at its line`() {
        let document = ExampleDocument("# Title\n\n```r\n1 + 1\n#> [1] 3\n```\n")
        let (report, file, _) = replay(document.script)
        #expect(!report.agrees)
        #expect(report.text.hasPrefix("\(file):4: 1 + 1\n"), "\(report.text)")
    }
}
