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
                // A complex number is written as a sum.
                if case .complex = expression.value { continue }
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

@Suite struct DeparseOptionTests {
    @Test func width() throws {
        let call = try parseProgram(text: "f(aaaaaaaaaa, bbbbbbbbbb, cccccccccc, dddddddddd)")[0]
        var options = DeparseOptions()
        options.width = 20
        #expect(deparse(call, options) == ["f(aaaaaaaaaa, bbbbbbbbbb, ", "    cccccccccc, dddddddddd)"])
        options.width = 500
        #expect(deparse(call, options) == ["f(aaaaaaaaaa, bbbbbbbbbb, cccccccccc, dddddddddd)"])
    }

    @Test func functionsShowTheirOwnText() throws {
        let code = "function(x){ # why\n      x+1 }"
        let function = try MadeValue.of(try parseProgram(text: code)[0])
        var options = DeparseOptions()
        options.useSource = true
        #expect(deparse(function, options).joined(separator: "\n") == code)
        #expect(deparse(.list(Vector([function])), options) == ["list(function(x){ # why", "      x+1 })"])
        #expect(deparse(function) == ["function (x) ", "{", "    x + 1", "}"])
    }

    @Test func withoutAttributes() {
        var options = DeparseOptions()
        options.showAttributes = false
        let value = Value.ints([1, 2, 3]).withNames(["a", "b", "c"])
        #expect(deparse(value, options) == ["1:3"])
        #expect(deparse(.integer(Vector([5])), options) == ["5"])
        #expect(deparse(.integer(Vector([nil])), options) == ["NA"])
    }

    @Test(arguments: [
        ("a\"b", "\"a\\\"b\""), ("\u{1}\u{7f}\u{0}", "\"\\001\\177\\0\""), ("é\u{85}\u{2028}", "\"é\\u0085\\u2028\""),
        ("\u{10FFFF}", "\"\\U{10ffff}\""), ("\r\n", "\"\\r\\n\""),
    ]) func quoting(text: String, expected: String) {
        #expect(quotedText(text) == expected)
    }
}
