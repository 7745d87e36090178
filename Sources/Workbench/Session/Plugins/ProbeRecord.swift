import CCrypto
import Diagnostics
import Glibc
import PluginAPI

/// What is remembered of a plug-in that passed its probe, so that it need not be probed again: one small file for each
/// plug-in and workbench. One that did not pass is tried each time, for what was wrong may lie outside.
///
/// The first line says of library, descriptor and workbench which files they were (size, time, number): the same files
/// need not be read again. The second is the digest of their contents: a copy of a plug-in that passed passes.
struct ProbeRecord {
    private let path: String?
    private let files: String
    private let host: String
    private let descriptor: [UInt8]

    /// - Parameters:
    ///   - library: Path of the shared object.
    ///   - program: The workbench; another build probes anew.
    ///   - override: It may replace names.
    init(_ plugin: PluginDescriptor, library: String, program: String, override: Bool) {
        let json = plugin.path + "/plugin.json"
        host = fileIdentity(program) + " \(pluginABI)"
        files = [library, json].map(fileIdentity).joined(separator: "\t") + "\t" + host
        descriptor = contents(of: json, limit: 1 << 20) ?? []
        let place = ProbeRecord.digest([Array(program.utf8), override ? [1] : [0]]).prefix(12)
        path = UserFolder.state.made("plugins").map { "\($0)/\(plugin.name)-\(place)" }
    }

    /// These very files passed before.
    var isPassed: Bool { lines.first == files }

    /// Files with these contents passed before.
    func isPassed(_ library: [UInt8]) -> Bool { lines.count == 2 && lines[1] == digest(library) }

    /// They have passed now. What was remembered of an earlier build goes.
    func pass(_ library: [UInt8]) {
        guard let path else { return }
        try? AtomicFile.write(Array("\(files)\n\(digest(library))\n".utf8), to: path)
    }

    private var lines: [String] {
        guard let path, let bytes = contents(of: path, limit: 1 << 14) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private func digest(_ library: [UInt8]) -> String {
        ProbeRecord.digest([library, descriptor, Array(host.utf8)])
    }

    /// SHA-256 over several pieces, in hexadecimal.
    private static func digest(_ pieces: [[UInt8]]) -> String {
        var all: [UInt8] = []
        for piece in pieces {
            // Lengths go in, so that no two lists of pieces look alike.
            all += Array("\(piece.count):".utf8) + piece
        }
        var result = [UInt8](repeating: 0, count: 32)
        EVP_Digest(all, all.count, &result, nil, EVP_sha256(), nil)
        return result.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
