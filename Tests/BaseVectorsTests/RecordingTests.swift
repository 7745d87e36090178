import TestSupport
import Testing

/// Scripts by construct, compared with what real R prints.
@Suite struct RecordingTests {
    @Test func thereAreRecordings() {
        #expect(Recording.all(in: "vectors").count >= 30)
    }

    @Test(arguments: Recording.all(in: "vectors"))
    func printsWhatRPrints(_ recording: Recording) {
        let (output, errors, status) = recording.replay()
        #expect(output == recording.output, "\(errors)")
        #expect(status == recording.status, "\(errors)")
        if let error = recording.error {
            let message = error.split(separator: ":", maxSplits: 1).last.map { String($0) } ?? error
            #expect(errors.contains(message.trimmingBlanks), "\(errors)")
        }
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        var text = Substring(self)
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
