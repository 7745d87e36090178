import Diagnostics
import Glibc
import PluginAPI

/// Writes text where the `file` argument of `cat` and `writeLines` says: a connection, or a file by name.
func writeOutput(_ text: String, to target: Value, append: Bool, _ args: Arguments) throws {
    switch target {
    case .character(let v):
        guard v.count == 1, let name = v[0] else { throw WorkbenchError(.value, "invalid 'file' argument") }
        if name.isEmpty { return args.context.console.write(text) }
        try writeFile(Array(text.utf8), to: args.context.resolved(name.string), shown: name.string, append: append)
    default: throw WorkbenchError(.value, "invalid connection")
    }
}

extension Context {
    /// The file a path names, seen from the session's working directory; `~` is the home folder.
    func resolved(_ path: String) -> String {
        let expanded = expandedHome(path)
        if expanded.hasPrefix("/") { return expanded }
        if expanded.isEmpty { return "" }
        return workingDirectory.hasSuffix("/") ? workingDirectory + expanded : workingDirectory + "/" + expanded
    }
}

/// A path with `~` at its front replaced by the home folder.
func expandedHome(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home = getenv("HOME") else { return path }
    return String(cString: home) + path.dropFirst(1)
}

/// Writes bytes to a file, at its end if asked for.
/// - Throws: R's `cannot open the connection` when the file cannot be opened.
func writeFile(_ bytes: [UInt8], to path: String, shown: String, append: Bool) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC), 0o666)
    guard file >= 0 else {
        let reason = String(cString: strerror(errno))
        throw WorkbenchError(.data, "cannot open the connection", hint: "cannot open file '\(shown)': \(reason)")
    }
    defer { close(file) }
    try bytes.withUnsafeBytes { buffer in
        var offset = 0
        while offset < buffer.count {
            let count = write(file, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw WorkbenchError(.data, "cannot write to '\(shown)': \(String(cString: strerror(errno)))")
            }
            offset += count
        }
    }
}
