import BaseData
import BaseLanguage
import BaseText
import BaseVectors
import PluginAPI
import Session
import TestSupport
import Testing

/// Base R, as the tests of this part run it.
enum Base {
    static let plugins: [any Plugin.Type] = [BaseVectors.self, BaseText.self, BaseLanguage.self, BaseData.self]

    private final class Streams: @unchecked Sendable {
        var output = ""
        var errors = ""
    }

    /// What a script writes to standard output and to standard error, and whether it ended without an error (0 or 1).
    static func run(_ script: String) -> (output: String, errors: String, status: Int) {
        let streams = Streams()
        let console = Console(out: { streams.output += $0 }, error: { streams.errors += $0 })
        let session = Session(plugins: plugins, console: console, workingDirectory: "/tmp")
        let outcome = session.onDeepStack { session.run(script, file: "test.R") }
        return (streams.output, streams.errors, outcome == .finished ? 0 : 1)
    }

    /// The recordings use functions of all parts of base R; this names those that are not there.
    static let missing: [String] = {
        let names = [
            "letters", "pi", "sort", "order", "factor", "data.frame", "str", "%in%", "match", "mean", "writeLines",
            "tempfile", "split", "modifyList", "merge", "setNames", "head", "trimws", "capture.output",
        ]
        let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
        let script = """
            for (name in c(\(list))) if (!exists(name)) cat(name, "")
            if (length(deparse(quote(a + b))) != 1) cat("deparse ")
            """
        return run(script).output.split(separator: " ").map(String.init)
    }()
}

/// Scripts under Tests/Recordings/language print here what they print in real R.
@Suite struct LanguageRecordings {
    @Test func thereAreRecordings() {
        #expect(Recording.all(in: "language").count >= 30)
    }

    @Test(
        .enabled(if: Base.missing.isEmpty, "base R lacks \(Base.missing.joined(separator: ", "))"),
        arguments: Recording.all(in: "language"))
    func replays(_ recording: Recording) {
        let (output, errors, status) = recording.replay()
        #expect(status == recording.status, "\(errors)")
        if let line = recording.error {
            let first = errors.split(separator: "\n").first { $0.hasPrefix("Error") }.map(String.init) ?? ""
            #expect(first == line.trimmingTrailingBlanks)
        }
        let got = output.split(separator: "\n", omittingEmptySubsequences: false)
        let wanted = recording.output.split(separator: "\n", omittingEmptySubsequences: false)
        let place = zip(got, wanted).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        let first = place ?? min(got.count, wanted.count)
        #expect(
            output == recording.output,
            """
            line \(first + 1): got \(first < got.count ? String(got[first]) : "the end")
            R: \(first < wanted.count ? String(wanted[first]) : "the end")
            """)
    }
}

extension String {
    fileprivate var trimmingTrailingBlanks: String {
        var text = self
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }
}
