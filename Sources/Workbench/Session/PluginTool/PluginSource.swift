import Diagnostics
import Glibc

/// A plug-in that somebody is writing: a folder with a plugin.json, or a single file of R code.
struct PluginSource {
    /// Absolute path of folder or file, without a slash at its end.
    let path: String
    let name: String
    let descriptor: PluginDescriptor

    /// - Throws: when there is none, and for a descriptor that cannot be used.
    init(_ written: String) throws {
        var written = written
        while written.utf8.count > 1, written.hasSuffix("/") { written = String(written.dropLast()) }
        guard let resolved = realpath(written, nil) else {
            throw WorkbenchError(
                .data, "there is no '\(written)'", hint: "workbench plugin new NAME writes a folder NAME")
        }
        path = String(cString: resolved)
        free(resolved)
        let last = path.split(separator: "/").last.map(String.init) ?? ""
        var status = stat()
        stat(path, &status)
        if status.st_mode & S_IFMT == S_IFDIR {
            name = last
            guard let descriptor = try PluginFolders.descriptor(in: path, name: last) else {
                throw WorkbenchError(
                    .data, "there is no plug-in in '\(written)': neither plugin.json nor \(last).R",
                    hint: "workbench plugin new NAME writes one")
            }
            self.descriptor = descriptor
        } else {
            guard last.hasSuffix(".R") else {
                throw WorkbenchError(.data, "'\(written)' is neither a folder nor a file of R code")
            }
            name = String(last.dropLast(2))
            descriptor = PluginDescriptor(script: path, name: name)
        }
        guard isPluginName(name) else {
            throw WorkbenchError(
                .value, "'\(name)' is no name of a plug-in", hint: "a letter, then letters, digits, . and _")
        }
    }

    /// The shared object it is built into, nil for one in R.
    var library: String? {
        if case .library(let library, _, _, _) = descriptor.code { return library }
        return nil
    }

    /// Its files of a kind in the folder itself, or in one of its folders.
    func files(in folder: String = "", ending: String) -> [String] {
        guard path != descriptor.script else { return [] }
        let place = folder.isEmpty ? path : path + "/" + folder
        return entries(of: place).filter { $0.hasSuffix(ending) }.map { place + "/" + $0 }
    }
}

/// Names in a folder but hidden ones, sorted; none if it cannot be read.
func entries(of folder: String) -> [String] {
    fileNames(in: folder).filter { !$0.hasPrefix(".") }.inByteOrder()
}
