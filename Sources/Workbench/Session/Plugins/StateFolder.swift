import Glibc

/// The folder for what the workbench remembers between two runs: `$XDG_STATE_HOME/workbench`, by default
/// `~/.local/state/workbench`.
enum StateFolder {
    /// Its path; nil without a home.
    static var path: String? {
        if let state = environmentText("XDG_STATE_HOME"), state.hasPrefix("/") { return state + "/workbench" }
        guard let home = environmentText("HOME"), home.hasPrefix("/") else { return nil }
        return home + "/.local/state/workbench"
    }

    /// A folder in it, made if need be.
    static func made(_ name: String) -> String? {
        guard let path else { return nil }
        return makeFolders(path + "/" + name) ? path + "/" + name : nil
    }
}

/// Makes a folder and those around it; false if it is not there afterwards.
@discardableResult
public func makeFolders(_ path: String) -> Bool {
    var folder = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
        folder += "/" + part
        mkdir(folder, 0o700)
    }
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}
