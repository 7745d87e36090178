import Session
import TestSupport
import Testing

/// Scripts with what real R printed for them (scripts/record-r): standard output, exit status, first line of the error.
@Suite struct RecordingTests {
    static let own = RecordedScript.all(under: packageRoot + "/Tests/Recordings")
    /// Recordings that we do not reproduce yet, one `area/name reason` a line; one that starts to agree fails its test.
    static let knownDifferences: [String: String] = {
        var reasons: [String: String] = [:]
        for line in (textOfFile(packageRoot + "/Tests/Recordings/known-differences.txt") ?? "").split(separator: "\n")
        where !line.hasPrefix("#") {
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            reasons[parts[0]] = parts.count > 1 ? parts[1] : "no reason given"
        }
        return reasons
    }()

    static let reference = goldenRoot.map { RecordedScript.all(under: $0 + "/base-r") } ?? []

    @Test func `there are recordings of every area`() {
        for area in ["data", "language", "text", "vectors"] {
            let count = Self.own.filter { $0.testDescription.hasPrefix(area + "/") }.count
            #expect(count >= 30, "\(area)")
        }
    }

    @Test(arguments: own)
    func `prints what R prints`(_ recording: RecordedScript) { recording.check() }

    @Test(.enabled(if: goldenRoot != nil, "needs ../shared or WORKBENCH_GOLDEN"), arguments: reference)
    func `prints what the reference recordings hold`(_ recording: RecordedScript) { recording.check() }
}

/// A script and what R made of it.
struct RecordedScript: CustomTestStringConvertible, Sendable {
    let path: String
    let root: String

    var testDescription: String { String(path.dropFirst(root.count + 1)) }

    static func all(under root: String) -> [RecordedScript] {
        files(under: root, ending: ".R").map { RecordedScript(path: $0, root: root) }
            .filter { textOfFile($0.stem + ".out") != nil }
    }

    private var stem: String { String(path.dropLast(2)) }

    /// The name in the list of known differences; the reference recordings stand under `base-r/`.
    private var name: String {
        let relative = String(testDescription.dropLast(2))
        return root.hasSuffix("/base-r") ? "base-r/" + relative : relative
    }

    func check() {
        guard let reason = RecordingTests.knownDifferences[name] else { return compare() }
        withKnownIssue("\(reason)") { compare() }
    }

    private func compare() {
        guard let program = textOfFile(path), let expected = textOfFile(stem + ".out") else {
            Issue.record("cannot read \(path)")
            return
        }
        let run = runProgram(program, file: path)
        let difference = firstDifference(expected, run.out)
        #expect(difference == nil, "standard output: \(difference ?? "")\n\(run.error)")
        let status = Int32((textOfFile(stem + ".rc") ?? "0").filter(\.isNumber)) ?? 0
        #expect(run.status == status, "\(run.error)")
        if let error = textOfFile(stem + ".err") {
            let lines = run.error.split(separator: "\n").map(String.init)
            let first = lines.first { $0.hasPrefix("Error") } ?? ""
            #expect(first == error.split(separator: "\n").first.map(String.init) ?? "")
        }
    }

    private func firstDifference(_ expected: String, _ actual: String) -> String? {
        if Array(expected.utf8) == Array(actual.utf8) { return nil }
        let wanted = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let got = actual.split(separator: "\n", omittingEmptySubsequences: false)
        for line in 0..<max(wanted.count, got.count) {
            let left = line < wanted.count ? String(wanted[line]) : "(end)"
            let right = line < got.count ? String(got[line]) : "(end)"
            if Array(left.utf8) != Array(right.utf8) {
                return "line \(line + 1)\n  R:   \(left)\n  we:  \(right)"
            }
        }
        return "line ends"
    }
}
