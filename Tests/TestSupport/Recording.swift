import BaseData
import BaseLanguage
import BaseText
import BaseVectors
import Glibc
import PluginAPI
import Session

/// A script under Tests/Recordings and what real R printed for it (`scripts/record-r` makes the recordings).
public struct Recording: Sendable, CustomStringConvertible {
    /// Area and name, as `vectors/001-arithmetic`.
    public let name: String
    /// The script.
    public let script: String
    /// R's standard output.
    public let output: String
    /// R's exit status.
    public let status: Int
    /// R's first error line, or nil.
    public let error: String?

    /// Shown by a failing test.
    public var description: String { name }

    /// All recordings of an area, in the order of their names.
    public static func all(in area: String) -> [Recording] {
        let folder = directory + "/" + area
        return files(in: folder).filter { $0.hasSuffix(".R") }.sorted().compactMap { file in
            let stem = String(file.dropLast(2))
            guard let script = read("\(folder)/\(file)"), let output = read("\(folder)/\(stem).out") else { return nil }
            return Recording(
                name: "\(area)/\(stem)", script: script, output: output,
                status: read("\(folder)/\(stem).rc").flatMap { Int($0.dropLast()) } ?? 0,
                error: read("\(folder)/\(stem).err").map { String($0.prefix { $0 != "\n" }) })
        }
    }

    /// What the workbench, with the base plug-ins alone, makes of the script.
    public func replay() -> (output: String, errors: String, status: Int) {
        let streams = Streams()
        let console = Console(out: { streams.out += $0 }, error: { streams.errors += $0 })
        let session = Session(
            plugins: [BaseVectors.self, BaseText.self, BaseLanguage.self, BaseData.self], console: console,
            workingDirectory: "/tmp")
        let outcome = session.onDeepStack(stackBytes: 64 << 20) { session.run(script, file: name + ".R") }
        return (streams.out, streams.errors, outcome == .finished ? 0 : 1)
    }

    private final class Streams: @unchecked Sendable {
        var out = ""
        var errors = ""
    }

    private static var directory: String {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(2)
        return parts.joined(separator: "/") + "/Recordings"
    }

    private static func files(in folder: String) -> [String] {
        guard let handle = opendir(folder) else { return [] }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            names.append(name)
        }
        return names
    }

    private static func read(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
