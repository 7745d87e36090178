import CCrypto
import Diagnostics
import Glibc
import PluginAPI

/// What is remembered of a probe: the digest of library, descriptor and workbench in the name of an empty file. A plug-in
/// that passed need not be probed again; one that did not is tried each time, for what was wrong may lie outside.
struct ProbeRecord {
    private let path: String?

    /// - Parameters:
    ///   - program: The workbench; another build probes anew.
    ///   - override: It may replace names.
    init(_ descriptor: PluginDescriptor, library: [UInt8], program: String, override: Bool) {
        var status = stat()
        stat(program, &status)
        let host =
            "\(program) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_ino) \(pluginABI)"
            + (override ? " override" : "")
        let text = contents(of: descriptor.path + "/plugin.json", limit: 1 << 20) ?? []
        let digest = ProbeRecord.digest([library, text, Array(host.utf8)])
        path = UserFolder.state.made("plugins").map { "\($0)/\(descriptor.name)-\(digest)" }
    }

    /// It passed before.
    var isPassed: Bool { path.map { access($0, F_OK) == 0 } ?? false }

    /// It has passed now. Records of earlier builds of the same plug-in go.
    func pass() {
        guard let path else { return }
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        if file >= 0 { close(file) }
    }

    /// SHA-256 over several pieces, in hexadecimal.
    static func digest(_ pieces: [[UInt8]]) -> String {
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
