import Diagnostics
import Glibc
import PluginAPI
import Tensors

/// `plugin.json` beside a compiled plug-in:
///
/// `{"name": "gelu", "version": "0.1.0", "api": 1, "library": "gelu.so"}`
///
/// `name` is what `library(NAME)` asks for, `api` the number of the plug-in interface it was built against, `library` the
/// shared object's file name in the same folder.
struct PluginDescriptor {
    let name: String
    let version: String
    let api: Int
    /// Path of the shared object.
    let library: String

    /// Reads it from a folder.
    /// - Throws: when the file cannot be read, is no JSON, or lacks an entry: names the file and the entry.
    init(folder: String) throws {
        let path = folder + "/plugin.json"
        guard let text = contents(of: path, limit: 1 << 20) else {
            throw WorkbenchError(.data, "cannot read \(path)", hint: "each plug-in folder has a plugin.json")
        }
        let json: JSON
        do {
            json = try JSON(String(decoding: text, as: UTF8.self))
        } catch {
            throw WorkbenchError(.data, "\(path) is no plug-in descriptor: \(error)")
        }
        func entry(_ key: String) throws -> String {
            guard case .string(let text)? = json[key], !text.isEmpty else {
                throw WorkbenchError(
                    .data, "\(path) has no text \"\(key)\"",
                    hint: "it needs name, version, api and library")
            }
            return text
        }
        name = try entry("name")
        version = try entry("version")
        let file = try entry("library")
        guard !file.utf8.contains(UInt8(ascii: "/")) else {
            throw WorkbenchError(.data, "\(path): the library \"\(file)\" must be a file in the same folder")
        }
        library = folder + "/" + file
        guard case .number(let number)? = json["api"], let api = Int(exactly: number) else {
            throw WorkbenchError(
                .data, "\(path) has no whole number \"api\"", hint: "this workbench has API \(pluginABI)")
        }
        self.api = api
    }
}

/// The bytes of a regular file, or nil: it cannot be read or is larger than a limit.
func contents(of path: String, limit: Int) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= limit else {
        return nil
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var count = 0
    while count < bytes.count {
        let more = bytes.withUnsafeMutableBytes {
            read(descriptor, $0.baseAddress.map { $0 + count }, $0.count - count)
        }
        guard more > 0 else { break }
        count += more
    }
    return Array(bytes.prefix(count))
}
