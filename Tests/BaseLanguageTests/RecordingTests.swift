import BaseData
import BaseLanguage
import BaseText
import BaseVectors
import PluginAPI
import TestSupport
import Testing

/// Scripts under Tests/Recordings/language print here what they print in real R.
@Suite struct LanguageRecordings {
    static let plugins: [any Plugin.Type] = [BaseVectors.self, BaseText.self, BaseLanguage.self, BaseData.self]

    @Test func thereAreRecordings() {
        #expect(Recording.all(in: "language").count >= 30)
    }

    @Test(arguments: Recording.all(in: "language"))
    func replays(_ recording: Recording) {
        let (output, errors, status) = recording.replay(LanguageRecordings.plugins)
        #expect(status == recording.status, "\(errors)")
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
