import TestSupport
import Testing

/// Scripts of small luz cases with what R and luz printed (../shared/golden/luz).
@Suite struct GoldenTests {
    private static let files = [
        "03_verbose", "04_hooks", "05_callbacks", "06_early_stopping", "07_lr_scheduler", "08_checkpoint", "10_csv",
        "11_clip_mixup", "12_metrics_direct",
    ]

    @Test(.enabled(if: goldenRoot != nil, "needs ../shared or WORKBENCH_GOLDEN"), arguments: files)
    func `prints what luz prints`(_ name: String) throws {
        let root = try #require(goldenRoot)
        let program = try #require(textOfFile("\(root)/luz/\(name).R"))
        let expected = cases(try #require(textOfFile("\(root)/luz/\(name).out")))
        let session = TrainingSession(options: "options(workbench.as_published = TRUE)")
        let result = session.run(program)
        let actual = cases(result.out)
        for (title, lines) in expected where !GoldenTests.differing.contains("\(name): \(title)") {
            let got = actual.first { $0.title == title }?.lines ?? ["(the case did not run)"]
            let difference = firstDifference(lines, got)
            #expect(difference == nil, "\(name), \(title): \(difference ?? "")")
        }
    }

    /// Cases in which the workbench differs on purpose, or for reasons that lie elsewhere.
    private static let differing: Set<String> = []

    private func cases(_ text: String) -> [(title: String, lines: [String])] {
        var cases: [(title: String, lines: [String])] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("## ") {
                cases.append((String(line.dropFirst(3)), []))
            } else if !cases.isEmpty, !line.isEmpty {
                cases[cases.count - 1].lines.append(line)
            }
        }
        return cases
    }

    private func firstDifference(_ expected: [String], _ actual: [String]) -> String? {
        for place in 0..<max(expected.count, actual.count) {
            let wanted = place < expected.count ? expected[place] : "(end)"
            let got = place < actual.count ? actual[place] : "(end)"
            if !agree(wanted, got) { return "line \(place + 1)\n  luz: \(wanted)\n  we:  \(got)" }
        }
        return nil
    }

    /// Words exactly, numbers within 1e-4 of their size.
    private func agree(_ wanted: String, _ got: String) -> Bool {
        let left = wanted.split(separator: " ")
        let right = got.split(separator: " ")
        guard left.count == right.count else { return false }
        return zip(left, right).allSatisfy { a, b in
            if Array(a.utf8) == Array(b.utf8) { return true }
            guard let x = Double(a), let y = Double(b) else { return false }
            return abs(x - y) <= 1e-4 * max(abs(x), abs(y)) + 2e-6
        }
    }
}
