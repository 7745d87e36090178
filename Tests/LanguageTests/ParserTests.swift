import Diagnostics
import Language
import PluginAPI
import Testing

@Suite struct ParserTests {
    @Test func callsKnowTheirText() throws {
        let program = parseProgram(
            SourceText("y <- f(x, g(2))[1] # end\nh <- function(a,\n  b = 1) {\n  a # kept\n}\n"))
        #expect(program.expressions.map { $0.span.text }.first == "y <- f(x, g(2))[1]")
        guard case .call(let first)? = program.expressions.first?.value,
            case .call(let index) = first.arguments[1].value,
            case .call(let call) = index.arguments[0].value, case .call(let inner) = call.arguments[1].value,
            case .call(let second)? = program.expressions.last?.value,
            case .call(let function) = second.arguments[1].value
        else {
            Issue.record("no calls")
            return
        }
        #expect(index.span?.text == "f(x, g(2))[1]")
        #expect(call.span?.text == "f(x, g(2))")
        #expect(inner.span?.text == "g(2)")
        #expect(function.span?.text == "function(a,\n  b = 1) {\n  a # kept\n}")
        #expect(Formals(function.arguments[0].value).names.map(\.name) == ["a", "b"])
        #expect(function.arguments.count == 2)
    }

    @Test func parametersAreNullWhenThereAreNone() throws {
        guard case .call(let function)? = try parseProgram(text: "function() 1").first else {
            Issue.record("no call")
            return
        }
        #expect(function.arguments[0].value.isNull)
    }

    /// Text nested too deeply is an error, never the end of the process.
    @Test(arguments: [
        (String(repeating: "-", count: 100_000) + "1", "expression is nested too deeply"),
        (String(repeating: "!", count: 100_000), "expression is nested too deeply"),
        (String(repeating: "a <- ", count: 100_000) + "1", "expression is nested too deeply"),
        (String(repeating: "if (a) b else ", count: 50_000) + "1", "expression is nested too deeply"),
        (String(repeating: "function(x) ", count: 50_000) + "1", "expression is nested too deeply"),
        ("1" + String(repeating: "+1", count: 100_000), "expression is nested too deeply"),
        ("x" + String(repeating: "$a", count: 100_000), "expression is nested too deeply"),
        ("x" + String(repeating: " |> f()", count: 100_000), "expression is nested too deeply"),
        (String(repeating: "(", count: 100_000), "contextstack overflow at line 1"),
        (String(repeating: "{\n", count: 100_000), "contextstack overflow at line 51"),
        (String(repeating: "x[[", count: 100_000), "contextstack overflow at line 1"),
        ("{" + String(repeating: "if (a) ", count: 100_000), "contextstack overflow at line 1"),
    ]) func depth(code: String, message: String) {
        let failure = parseProgram(SourceText(code)).failure
        #expect(failure?.error.message == message)
    }

    /// As deep as is allowed: read, written and let go of without trouble.
    @Test func deepButAllowed() throws {
        #expect(try parseProgram(text: String(repeating: "-", count: 1400) + "1").count == 1)
        #expect(try parseProgram(text: "1" + String(repeating: "+1", count: 4900)).count == 1)
        #expect(
            try parseProgram(text: String(repeating: "(", count: 50) + "1" + String(repeating: ")", count: 50)).count
                == 1)
        let chain = try parseProgram(text: "1" + String(repeating: "+1", count: 4900))
        #expect(deparse(chain[0]).first?.hasPrefix("... + 1 + 1 + 1") == true)
    }

    /// Every byte sequence yields something.
    @Test func damagedText() {
        var state: UInt32 = 12345
        let alphabet = Array(
            "abc01.xL\"'`\\(){}[],;<->=!|&+*/^%~?:@$_ \n\t#rRuif else function \u{00e9}“".unicodeScalars)
        for _ in 0..<3000 {
            var text = ""
            for _ in 0..<24 {
                state = state &* 1_664_525 &+ 1_013_904_223
                text.unicodeScalars.append(alphabet[Int(state >> 8) % alphabet.count])
            }
            let source = SourceText(text)
            let program = parseProgram(source)
            _ = program.failure?.conditionMessage()
            for expression in program.expressions { #expect(!deparse(expression.value).isEmpty) }
            #expect(
                tokens(source).allSatisfy { $0.span.range.upperBound <= source.bytes.count && !$0.span.range.isEmpty })
        }
    }

    @Test func tokensOfALine() {
        let list = tokens(SourceText("x <- f(\"a\", 1L) # why\n%in% `b c` “"))
        #expect(
            list.map(\.kind) == [
                .symbol, .leftAssign, .symbol, .leftParenthesis, .string, .comma, .number, .rightParenthesis, .comment,
                .newline, .special, .symbol, .invalid,
            ])
        #expect(list.map(\.text)[4...8] == ["\"a\"", ",", "1L", ")", "# why"])
    }

    @Test(arguments: [
        ("a", true), ("a.b_1", true), (".a", true), ("..", true), ("é", true), ("变量", true), ("", false),
        (".1a", false),
        ("1a", false), ("_a", false), ("a b", false), ("if", false), ("TRUE", false), ("T", true), ("a-b", false),
    ]) func syntacticNames(name: String, isSyntactic: Bool) {
        #expect(isSyntacticName(name) == isSyntactic)
    }
}
