import Glibc

extension Context {
    /// A path as the session means it: `~` is the home folder, relative paths start at its working directory.
    public func resolvedPath(_ path: String) -> String {
        var path = path
        if path == "~" || path.hasPrefix("~/"), let home = getenv("HOME") {
            path = String(cString: home) + path.dropFirst()
        }
        return path.hasPrefix("/") ? path : workingDirectory + "/" + path
    }
}
