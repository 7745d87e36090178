import TestSupport
import Testing

/// Scripts by construct, compared with what real R prints.
@Suite struct RecordingTests {
    @Test func thereAreRecordings() {
        #expect(Recording.all(in: "text").count >= 30)
    }

    @Test(arguments: Recording.all(in: "text"))
    func printsWhatRPrints(_ recording: Recording) {
        let (output, errors, status) = recording.replay()
        #expect(output == recording.output, "\(errors)")
        #expect(status == recording.status, "\(errors)")
        if let error = recording.error, let message = error.split(separator: ":", maxSplits: 1).last {
            #expect(errors.contains(message.drop { $0 == " " }), "\(errors)")
        }
    }
}
