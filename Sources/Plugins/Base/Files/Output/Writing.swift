import Diagnostics
import Glibc
import RRuntime

/// Writes text where a `file` or `con` argument says: a connection, a file by name (which appears whole or not at all), or
/// the console for `""`.
func writeOutput(
    _ text: String, to target: Value, append: Bool, useBytes: Bool = false, _ args: Arguments
) throws {
    switch target {
    case .character(let v):
        guard v.count == 1, let name = v[0] else { throw WorkbenchError(.value, "invalid 'file' argument") }
        if name.isEmpty { return args.context.console.write(text) }
        try refuseAddresses(name.string)
        let path = args.context.resolved(name.string)
        do {
            guard !append else {
                try AtomicFile.append(text.keptBytes, to: path)
                return
            }
            let file = try AtomicFile(path)
            try file.write(text.keptBytes)
            try file.commit()
        } catch {
            if error.step == .open {
                throw try cannotOpen(name.string, error.number, args.context, mode: append ? "a" : "w")
            }
            throw WorkbenchError(.data, "cannot write '\(name.string)': \(error.reason)")
        }
    case .object(let object):
        guard let connection = object as? Connection else { throw WorkbenchError(.value, "invalid connection") }
        try connection.checkUsable()
        let wasOpen = connection.isOpen
        let mode = connection.mode
        if !wasOpen { try connection.open(append ? "a" : "w", args.context) }
        defer { if !wasOpen { connection.closeAgain(mode: mode) } }
        try connection.write(text, useBytes: useBytes, args.context, call: args.call)
    default: throw WorkbenchError(.value, "invalid connection")
    }
}

/// Addresses on the net are not read by base functions.
func refuseAddresses(_ name: String) throws {
    for scheme in ["http://", "https://", "ftp://"] where name.hasPrefix(scheme) {
        throw WorkbenchError(
            .unsupported, "cannot open the connection to '\(name)'",
            hint: "only files on this machine are read: download it first")
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
