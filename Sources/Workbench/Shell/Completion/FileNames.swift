import Diagnostics
import Glibc
import PluginAPI

/// Files and folders whose names begin with what stands in quotes.
struct FileNames {
    let context: Context
    let deadline: Deadline

    /// The last part of a path: what completion changes.
    static func partial(_ path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
        return String(path[path.utf8.index(after: slash)...])
    }

    /// Candidates for a path; folders end in `/`, a file that is the only one closes the quote.
    func candidates(_ path: String, quote: UInt8) -> [Completer.Candidate] {
        let partial = FileNames.partial(path)
        let folder = absolute(String(path.utf8.dropLast(partial.utf8.count)) ?? "")
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var found: [Completer.Candidate] = []
        var seen = 0
        while let entry = readdir(directory) {
            seen += 1
            if seen % 64 == 0, deadline.isOver { return [] }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != "..", name.utf8.starts(with: partial.utf8) else { continue }
            if partial.isEmpty, name.utf8.first == UInt8(ascii: ".") { continue }
            if isFolder(entry.pointee.d_type, folder + "/" + name) {
                found.append(Completer.Candidate(insert: name + "/", label: name + "/", kind: "folder"))
            } else {
                found.append(
                    Completer.Candidate(
                        insert: name, label: name, kind: "file", suffix: String(decoding: [quote], as: UTF8.self)))
            }
        }
        return found.ordered { Text($0.label) < Text($1.label) }
    }

    private func isFolder(_ type: UInt8, _ path: String) -> Bool {
        if Int(type) == Int(DT_DIR) { return true }
        guard Int(type) == Int(DT_LNK) || Int(type) == Int(DT_UNKNOWN) else { return false }
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private func absolute(_ folder: String) -> String {
        if folder.isEmpty { return context.workingDirectory }
        if folder.hasPrefix("~/"), let home = environmentVariable("HOME") { return home + folder.dropFirst() }
        return folder.hasPrefix("/") ? folder : context.workingDirectory + "/" + folder
    }
}
