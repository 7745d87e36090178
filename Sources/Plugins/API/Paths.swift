import Diagnostics
import Glibc

extension Context {
    /// Runs a body with the absolute form of a path; an error that names it names it as the user wrote it.
    public func naming<Result>(_ written: String, _ body: (_ absolute: String) throws -> Result) throws -> Result {
        let absolute = resolvedPath(written)
        do {
            return try body(absolute)
        } catch var error as WorkbenchError where absolute != written {
            error.message = replacing("'\(absolute)'", by: "'\(written)'", in: error.message)
            error.hint = error.hint.map { replacing("'\(absolute)'", by: "'\(written)'", in: $0) }
            throw error
        }
    }

    /// A path as the session means it: `~` is the home folder, relative paths start at its working directory.
    public func resolvedPath(_ path: String) -> String {
        var path = path
        if path == "~" || path.hasPrefix("~/"), let home = getenv("HOME") {
            path = String(cString: home) + path.dropFirst()
        }
        return path.hasPrefix("/") ? path : workingDirectory + "/" + path
    }
}

/// A text with every occurrence of a part replaced.
private func replacing(_ part: String, by other: String, in text: String) -> String {
    let part = Array(part.utf8)
    var rest = Array(text.utf8)[...]
    var result: [UInt8] = []
    while let byte = rest.first {
        if rest.starts(with: part) {
            result += Array(other.utf8)
            rest = rest.dropFirst(part.count)
        } else {
            result.append(byte)
            rest = rest.dropFirst()
        }
    }
    return String(decoding: result, as: UTF8.self)
}
