import Glibc
import Graphics
import Images
import Plots
import PluginAPI
import Session
import TestSupport

@testable import GraphicDevices

/// A session with base R and graphics in a folder of its own.
final class GraphicsSession {
    let folder: String
    let session: Session
    private let written = Written()

    private final class Written: @unchecked Sendable {
        var out = ""
        var error = ""
    }

    init(isTerminal: Bool = false) throws {
        var template = Array("/tmp/workbench-graphics-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        folder = made ?? "/nowhere"
        let console = Console(out: { [written] in written.out += $0 }, error: { [written] in written.error += $0 })
        console.isInteractiveTerminal = isTerminal
        session = makeSession(with: [Graphics.self, Plots.self], console: console, workingDirectory: folder)
    }

    deinit {
        for name in files { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    /// Runs code and returns what it wrote to both streams.
    @discardableResult
    func run(_ code: String) -> (out: String, error: String) {
        (written.out, written.error) = ("", "")
        _ = session.onDeepStack { [session] in session.run(code) }
        return (written.out, written.error)
    }

    /// Names of the files in the folder, sorted.
    var files: [String] { entries(of: folder) }

    func image(_ name: String) throws -> DecodedImage { try decodeImage(path: "\(folder)/\(name)") }

    func bytes(_ name: String) throws -> [UInt8] { try readFile("\(folder)/\(name)", limit: 1 << 24) }

    /// The figure being drawn on the current device.
    var figure: Figure? { session.context.devices.devices[session.context.devices.current]?.figure }
}
