import Glibc

/// The workbench's folders in the user's home, as the XDG Base Directory Specification has them.
public enum UserFolder: Sendable {
    /// What a user wants to keep: `$XDG_DATA_HOME/workbench`, by default `~/.local/share/workbench`.
    case data
    /// What is remembered between two runs: `$XDG_STATE_HOME/workbench`, by default `~/.local/state/workbench`.
    case state

    /// Its path, whether it is there or not; nil where neither variable holds an absolute path.
    public var path: String? {
        let (variable, inHome) =
            switch self {
            case .data: ("XDG_DATA_HOME", "/.local/share")
            case .state: ("XDG_STATE_HOME", "/.local/state")
            }
        let base = UserFolder.absolute(variable) ?? UserFolder.absolute("HOME").map { $0 + inHome }
        return base.map { $0 + "/workbench" }
    }

    /// A folder in it, made if need be, for the user alone; nil if there can be none.
    public func made(_ name: String) -> String? {
        guard let path, UserFolder.make(path + "/" + name) == 0 else { return nil }
        return path + "/" + name
    }

    /// Makes a folder and those around it, for the user alone.
    /// - Returns: 0 if it is there afterwards, else the system's error number.
    public static func make(_ path: String) -> Int32 {
        var folder = path.hasPrefix("/") ? "" : "."
        var number: Int32 = 0
        for part in path.split(separator: "/") {
            folder += "/" + part
            number = mkdir(folder, 0o700) == 0 ? 0 : errno
            // Where there is none to make the next one in, this one's reason is the reason.
            guard number == 0 || access(folder, F_OK) == 0 else { return number }
        }
        var status = stat()
        guard stat(path, &status) == 0 else { return number == 0 || number == EEXIST ? errno : number }
        return status.st_mode & S_IFMT == S_IFDIR ? 0 : ENOTDIR
    }

    private static func absolute(_ variable: String) -> String? {
        environmentVariable(variable).flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
}
