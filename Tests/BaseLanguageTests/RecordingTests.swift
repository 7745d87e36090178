import BaseData
import BaseLanguage
import BaseText
import BaseVectors
import PluginAPI
import TestSupport
import Testing

/// Base R, as the tests of this part run it.
enum Base {
    static let plugins: [any Plugin.Type] = [BaseVectors.self, BaseText.self, BaseLanguage.self, BaseData.self]

    /// What a script writes to standard output and to standard error.
    static func run(_ script: String) -> (output: String, errors: String, status: Int32) {
        Recording(name: "", path: "test.R", script: script, output: "", status: 0, errorLine: nil).replay(plugins)
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
        let (output, errors, status) = recording.replay(Base.plugins)
        #expect(status == recording.status, "\(errors)")
        if let line = recording.errorLine {
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
