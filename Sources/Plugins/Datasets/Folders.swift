import Diagnostics
import Glibc
import PluginAPI

/// A path as the session means it: `~` is the home folder, relative paths start at its working directory.
func absolutePath(_ path: String, _ context: Context) -> String {
    let path = expandedPath(path)
    return path.hasPrefix("/") ? path : context.workingDirectory + "/" + path
}

/// The path with `~` replaced by the home folder.
func expandedPath(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home = getenv("HOME") else { return path }
    return String(cString: home) + path.dropFirst()
}

/// What lies in a folder.
struct FolderListing {
    /// Names of folders, in the order of their bytes.
    var folders: [String] = []
    /// Names of everything else, in the order of their bytes.
    var files: [String] = []

    /// Reads a folder; nil if it cannot be read. Links count as what they point to.
    init?(_ path: String) {
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name == "." || name == ".." { continue }
            switch Int32(entry.pointee.d_type) {
            case Int32(DT_DIR): folders.append(name)
            case Int32(DT_REG): files.append(name)
            default: if isFolder(path + "/" + name) { folders.append(name) } else { files.append(name) }
            }
        }
        folders = folders.inByteOrder()
        files = files.inByteOrder()
    }
}

func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
}

/// Makes a folder and those above it.
func makeFolders(_ path: String) throws {
    var made = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
        made += "/" + part
        guard mkdir(made, 0o777) == 0 || errno == EEXIST else {
            throw WorkbenchError(.data, "cannot make the folder '\(path)': \(String(cString: strerror(errno)))")
        }
    }
    guard isFolder(path) else { throw WorkbenchError(.data, "'\(path)' is there and no folder") }
}

/// Files below a folder with one of the endings, in the order in which R lists them: folder by folder, names by bytes.
func files(below folder: String, endings: [String], depth: Int = 0) -> [String] {
    guard depth < 64, let listing = FolderListing(folder) else { return [] }
    var result: [String] = []
    var (f, d) = (0, 0)
    while f < listing.files.count || d < listing.folders.count {
        let takesFile =
            d >= listing.folders.count || f < listing.files.count && Text(listing.files[f]) < Text(listing.folders[d])
        if takesFile {
            if hasEnding(listing.files[f], endings) { result.append(listing.files[f]) }
            f += 1
        } else {
            let name = listing.folders[d]
            result += files(below: folder + "/" + name, endings: endings, depth: depth + 1).map { name + "/" + $0 }
            d += 1
        }
    }
    return result
}

/// Whether a name ends in `.jpg` or another of the endings, in any case.
func hasEnding(_ name: String, _ endings: [String]) -> Bool {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return false }
    let ending = name[name.index(after: dot)...].lowercased()
    return endings.contains(ending)
}

/// The folder for downloads: `R_USER_CACHE_DIR`, `XDG_CACHE_HOME`, else `~/.cache`, and in it `torch`.
func cacheFolder() -> String {
    for (name, inner) in [("R_USER_CACHE_DIR", "/R/torch"), ("XDG_CACHE_HOME", "/torch")] {
        if let value = getenv(name), value.pointee != 0 { return String(cString: value) + inner }
    }
    return expandedPath("~/.cache/torch")
}
