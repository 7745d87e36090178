import BaseData
import BaseLanguage
import BaseText
import BaseVectors
import Glibc
import PluginAPI
import Session
import Testing

/// A script and what real R printed for it.
struct DataRecording: Sendable, CustomStringConvertible {
    let name: String
    let script: String
    let output: String

    var description: String { name }

    /// All scripts of Tests/Recordings/data.
    static let all: [DataRecording] = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        let folder = parts.joined(separator: "/") + "/Recordings/data"
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names.filter { $0.hasSuffix(".R") }.sorted().compactMap { file in
            let stem = String(file.dropLast(2))
            guard let script = text("\(folder)/\(file)"), let output = text("\(folder)/\(stem).out") else { return nil }
            return DataRecording(name: stem, script: script, output: output)
        }
    }()

    private static func text(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }

    /// Standard output and standard error of the script in a session of its own.
    func replay() -> (output: String, errors: String) {
        final class Streams: @unchecked Sendable {
            var output = ""
            var errors = ""
        }
        let streams = Streams()
        let console = Console(out: { streams.output += $0 }, error: { streams.errors += $0 })
        let session = Session(
            plugins: [BaseVectors.self, BaseText.self, BaseLanguage.self, BaseData.self], console: console,
            workingDirectory: "/tmp")
        _ = session.onDeepStack { session.run(script, file: name + ".R") }
        return (streams.output, streams.errors)
    }
}

/// Scripts by construct print what real R prints.
@Suite struct DataRecordings {
    @Test func thereAreRecordings() { #expect(DataRecording.all.count >= 30) }

    @Test(arguments: DataRecording.all)
    func printsWhatRPrints(_ recording: DataRecording) {
        let (output, errors) = recording.replay()
        let got = output.split(separator: "\n", omittingEmptySubsequences: false)
        let wanted = recording.output.split(separator: "\n", omittingEmptySubsequences: false)
        let place =
            zip(got, wanted).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(got.count, wanted.count)
        #expect(
            output == recording.output,
            """
            line \(place + 1): \(place < got.count ? String(got[place]) : "the end")
            R: \(place < wanted.count ? String(wanted[place]) : "the end")
            \(errors)
            """)
    }
}
