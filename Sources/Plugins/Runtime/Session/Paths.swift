import Diagnostics
import Glibc

extension Context {
    /// Runs a body with the absolute form of a path; an error that names it names it as the user wrote it.
    public func naming<Result>(_ written: String, _ body: (_ absolute: String) throws -> Result) throws -> Result {
        let absolute = resolvedPath(written)
        do {
            return try body(absolute)
        } catch var error as WorkbenchError where absolute != written {
            error.message = error.message.replacing("'\(absolute)'", with: "'\(written)'")
            error.hint = error.hint.map { $0.replacing("'\(absolute)'", with: "'\(written)'") }
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
