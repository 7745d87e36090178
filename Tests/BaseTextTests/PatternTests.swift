import Testing

@testable import TextValues

/// How R's default regular expressions are written for PCRE2, and what is refused.
@Suite struct PatternTests {
    @Test(arguments: [
        ("a|b", "a|b"), ("\\<x\\>", "\\b(?=\\w)x\\b(?<=\\w)"), ("[]]", "[\\]]"), ("[^]]", "[^\\]]"),
        ("[a\\d]", "[a\\\\d]"), ("[[:alpha:]_]", "[[:alpha:]_]"), ("a{,3}", "a{0,3}"), (")", "\\)"), ("*a", "a"),
        ("(ab)\\1", "(ab)\\1"), ("a+?", "a+?"), ("[a[b]", "[a\\[b]"),
    ])
    func isTranslated(_ pattern: String, _ expected: String) throws {
        #expect(try PatternTranslation.translated(pattern) == expected)
    }

    @Test(arguments: [
        ("(", "Missing ')'"), ("[", "Missing ']'"), ("[[:alpha:]", "Missing ']'"), ("a{2", "Missing '}'"),
        ("\\", "Trailing backslash"), ("[b-a]", "Invalid character range"), ("a{2,1}", "Invalid contents of {}"),
        ("[[:foo:]]", "Unknown character class name"), ("(?=a)", "Invalid regexp"),
        ("a**", "Invalid use of repetition operators"),
    ])
    func isRefused(_ pattern: String, _ reason: String) {
        do {
            let translated = try PatternTranslation.translated(pattern)
            Issue.record("\(pattern) became \(translated)")
        } catch let refusal as PatternTranslation.Refusal {
            #expect(refusal.reason == reason)
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test func runawayPatternHitsTheLimit() throws {
        let pattern = try Pattern("^(a|a)*$", .extended, ignoreCase: false, isUnicode: false)
        let subject = Array((String(repeating: "a", count: 60) + "b").utf8)
        #expect(throws: Pattern.LimitExceeded.self) { try pattern.firstMatch(in: subject) }
    }

    @Test func groupsAndOffsets() throws {
        let pattern = try Pattern("(b)(x)?", .perl, ignoreCase: false, isUnicode: false)
        let groups = try pattern.firstMatch(in: Array("abcb".utf8), from: 2)
        #expect(groups == [3..<4, 3..<4, nil])
    }

    @Test func restsAreTextsOfTheirOwn() throws {
        let start = try Pattern("^b", .perl, ignoreCase: false, isUnicode: false)
        #expect(try start.firstMatch(in: Array("abb".utf8), from: 1) == nil)
        #expect(try start.firstMatch(inRestOf: Array("abb".utf8), from: 1) == [1..<2])
        let behind = try Pattern("(?<=a)b", .perl, ignoreCase: false, isUnicode: false)
        #expect(try behind.firstMatch(inRestOf: Array("abab".utf8), from: 1) == [3..<4])
    }
}
