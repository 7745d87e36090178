import Diagnostics
import Language
import PluginAPI
import Testing

@Suite struct SyntaxReportTests {
    /// The whole text of R's condition (scripts/record-grammar).
    @Test func conditionMessages() throws {
        let cases = CaseTable("reports.txt", in: "Reports").cases
        #expect(cases.count > 10)
        for item in cases {
            let failure = try #require(parseProgram(SourceText(item.input + "\n")).failure, "\(item.input)")
            #expect(failure.conditionMessage() == item.outcome.joined(separator: "\n"))
        }
    }

    /// What to do about common slips; `-` where there is nothing to say.
    @Test func hints() throws {
        let cases = CaseTable("hints.txt", in: "Hints").cases
        #expect(cases.count > 40)
        for item in cases {
            let failure = try #require(parseProgram(SourceText(item.input + "\n")).failure, "\(item.input)")
            #expect([TreeText.failure(failure), failure.error.hint ?? "-"] == item.outcome, "\(item.input)")
        }
    }

    /// The span is the token that cannot stand there.
    @Test(arguments: [
        ("x <- 5 5", "5", 7), ("f(a, bcd efg)", "efg", 9), ("é <- “x”", "“", 6), ("f(1, 2", "", 6),
        ("x |> yy", "yy", 5),
    ]) func spans(code: String, text: String, offset: Int) throws {
        let span = try #require(parseProgram(SourceText(code)).failure?.error.span)
        #expect(span.text == text)
        #expect(Int(span.start) == offset)
    }

    /// A paste runs up to the failing expression; input that ends too early asks for more.
    @Test func whatIsComplete() throws {
        guard case .failure(let before, let error) = parse(SourceText("a <- 1\nb; c d\ne")) else {
            Issue.record("no failure")
            return
        }
        #expect(before.map { TreeText.tree($0.value) } == ["(<- a 1)", "b"])
        #expect(before.map { $0.span.text } == ["a <- 1", "b"])
        #expect(error.kind == .syntax)
        #expect(error.message == "unexpected symbol")
        for text in [
            "f(", "x <- 'a", "if (a) {", "a +", "function(x)", "x[[1]", "if (a) b else", "`a", "{ a\n", "a %>%\n",
        ] {
            guard case .incomplete(_, let error) = parse(SourceText("z\n" + text)) else {
                Issue.record("not incomplete: \(text)")
                continue
            }
            #expect(error.message.hasPrefix("unexpected "))
        }
        for text in ["", "\n\n", "# comment", "a", "a;", "if (a) b", "#!/usr/bin/env workbench\na"] {
            guard case .complete = parse(SourceText(text)) else {
                Issue.record("not complete: \(text)")
                continue
            }
        }
        #expect(throws: WorkbenchError.self) { try parseProgram(text: "f(") }
    }
}
