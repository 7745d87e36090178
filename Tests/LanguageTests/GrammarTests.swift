import Diagnostics
import Language
import PluginAPI
import Testing

@Suite struct GrammarTests {
    /// Every case as R 4.2 takes it (scripts/record-grammar).
    @Test(arguments: CaseTable.names(in: "Grammar")) func recordedCases(table: String) {
        let cases = CaseTable(table, in: "Grammar").cases
        #expect(cases.count > 10)
        for item in cases {
            let outcome = TreeText.outcome(parseProgram(SourceText(item.input + "\n")))
            if outcome != item.outcome {
                Issue.record(
                    "\(table): \(item.input)\n  R:    \(item.outcome.joined(separator: "\n        "))\n  ours: \(outcome.joined(separator: "\n        "))"
                )
            }
        }
    }

    /// The same without a last line end, with Windows' line ends and with a byte order mark.
    @Test(arguments: CaseTable.names(in: "Grammar")) func lineEnds(table: String) {
        for item in CaseTable(table, in: "Grammar").cases where !item.input.contains("#line") {
            let plain = TreeText.outcome(parseProgram(SourceText(item.input)))
            let windows = String(
                decoding: item.input.utf8.flatMap { $0 == 10 ? [13, 10] : [$0] }, as: UTF8.self)
            #expect(plain == item.outcome, "\(item.input)")
            #expect(TreeText.outcome(parseProgram(SourceText(windows + "\r\n"))) == item.outcome, "\(item.input)")
        }
    }

    /// The recordings of the project, where they are.
    @Test(.enabled(if: goldenFolder != nil, "no recordings: set WORKBENCH_GOLDEN")) func recordings() throws {
        let folder = try #require(goldenFolder) + "/grammar/"
        let files = filesIn(folder).filter { $0.hasSuffix(".R") && $0 != "sexp.R" }
        #expect(files.count >= 48)
        for file in files {
            let program = parseProgram(SourceText(try #require(readText(folder + file)), file: file))
            let stem = folder + file.dropLast(2)
            let expected = try #require(readText(stem + (file.contains("invalid") ? ".err" : ".sexp")))
            let text = TreeText.outcome(program).filter { !$0.hasPrefix("warning: ") }.joined(separator: "\n") + "\n"
            #expect(text == expected, "\(file)")
        }
    }
}
