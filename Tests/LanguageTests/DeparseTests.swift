import Diagnostics
import Language
import PluginAPI
import Testing

@Suite struct DeparseTests {
    /// Every case as R 4.2 writes it (scripts/record-deparse).
    @Test(arguments: CaseTable.names(in: "Deparse")) func recordedCases(table: String) throws {
        let cases = CaseTable(table, in: "Deparse").cases
        #expect(cases.count > 10)
        for item in cases {
            var value = try #require(try parseProgram(text: item.input).first, "\(item.input)")
            if table.hasPrefix("values") { value = try MadeValue.of(value) }
            let lines = deparse(value, options(for: value))
            if lines.joined(separator: "\n") != item.outcome.joined(separator: "\n") {
                Issue.record(
                    "\(item.input)\n  R:    \(item.outcome.joined(separator: "\n        "))\n  ours: \(lines.joined(separator: "\n        "))"
                )
            }
        }
    }

    /// What is written reads back as something that is written the same.
    @Test(arguments: CaseTable.names(in: "Grammar")) func roundTrip(table: String) throws {
        for item in CaseTable(table, in: "Grammar").cases {
            let program = parseProgram(SourceText(item.input + "\n"))
            guard program.failure == nil else { continue }
            for expression in program.expressions {
                let lines = deparse(expression.value)
                let again = try #require(try parseProgram(text: lines.joined(separator: "\n")).first, "\(lines)")
                #expect(deparse(again) == lines, "\(item.input)")
            }
        }
    }

    /// `deparse` of R writes backticks in code only.
    private func options(for value: Value) -> DeparseOptions {
        var options = DeparseOptions()
        switch value {
        case .call, .expression, .closure: options.backtick = true
        default: options.backtick = false
        }
        return options
    }
}
