import Diagnostics
import Glibc
import RRuntime
import TextValues

func registerListing(_ base: Namespace) {
    for name in ["list.files", "dir"] {
        base.function(
            name,
            [
                .value("path", "."), .value("pattern", nil), .value("all.files", false), .value("full.names", false),
                .value("recursive", false), .value("ignore.case", false), .value("include.dirs", false),
                .value("no..", false),
            ], help: "Names of the files in folders, sorted by their bytes."
        ) { args in try listFiles(args) }
    }
    base.function(
        "list.dirs", [.value("path", "."), .value("full.names", true), .value("recursive", true)],
        help: "Names of the folders in folders."
    ) { args in
        let full = try args.flag("full.names")
        let recursive = try args.flag("recursive")
        var found: [Text] = []
        for path in try textElements(args["path"], args).compactMap({ $0?.string }) {
            let root = args.context.resolved(path)
            guard isFolder(root) else { continue }
            func visit(_ folder: String, _ relative: String, depth: Int) {
                for name in entries(of: folder) ?? [] where isFolder(folder + "/" + name) {
                    let below = relative.isEmpty ? name : relative + "/" + name
                    found.append(Text(full ? path + "/" + below : below))
                    if recursive, depth < 500 { visit(folder + "/" + name, below, depth: depth + 1) }
                }
            }
            if recursive { found.append(Text(full ? path : "")) }
            visit(root, "", depth: 0)
        }
        return .character(Vector(found.inByteOrder().map { Optional($0) }))
    }
    base.function(
        "Sys.glob", [.value("paths"), .value("dirmark", false)], help: "Files whose names fit patterns with * and ?."
    ) { args in
        let mark = try args.flag("dirmark")
        var found: [String] = []
        for path in try textElements(try args.required("paths"), args).compactMap({ $0?.string }) {
            let absolute = args.context.resolved(path)
            let isRelative = !expandedHome(path).hasPrefix("/")
            let prefix = args.context.resolved("x").dropLast()
            for match in globbed(absolute) where access(match, F_OK) == 0 {
                var shown = isRelative && match.hasPrefix(prefix) ? String(match.dropFirst(prefix.count)) : match
                if mark, isFolder(match) { shown += "/" }
                found.append(shown)
            }
        }
        return .strings(found)
    }
}

/// The paths that fit a pattern; the pattern itself if it has no wildcard.
func globbed(_ pattern: String) -> [String] {
    guard pattern.contains(where: { "*?[".contains($0) }) else { return [pattern] }
    var result = glob_t()
    defer { globfree(&result) }
    guard glob(pattern, 0, nil, &result) == 0, let list = result.gl_pathv else { return [] }
    return (0..<Int(result.gl_pathc)).compactMap { index in list[index].map { Text(String(cString: $0)) } }
        .inByteOrder()
        .map { $0.string }
}

private func listFiles(_ args: Arguments) throws -> Value {
    let full = try args.flag("full.names")
    let recursive = try args.flag("recursive")
    let hidden = try args.flag("all.files")
    let withFolders = try args.flag("include.dirs")
    let noDots = try args.flag("no..")
    var pattern: Pattern?
    if let text = try args.optionalString("pattern") {
        let isUnicode = !text.utf8.allSatisfy { $0 < 0x80 }
        pattern = try Pattern.compiled(text, args, isUnicode: isUnicode)
    }
    func fits(_ name: String) throws -> Bool {
        guard let pattern else { return true }
        do { return try pattern.firstMatch(in: Array(name.utf8)) != nil } catch is Pattern.LimitExceeded {
            return false
        }
    }
    var found: [Text] = []
    for path in try textElements(args["path"], args).compactMap({ $0?.string }) {
        let root = args.context.resolved(path)
        func visit(_ folder: String, _ relative: String, depth: Int) throws {
            var names = entries(of: folder) ?? []
            if hidden, !recursive, !noDots, isFolder(folder) { names = [".", ".."] + names }
            for name in names where hidden || !name.hasPrefix(".") {
                let below = relative.isEmpty ? name : relative + "/" + name
                let isInner = recursive && isFolder(folder + "/" + name)
                if !isInner || withFolders, try fits(name) { found.append(Text(full ? joined(path, below) : below)) }
                if isInner, depth < 500 { try visit(folder + "/" + name, below, depth: depth + 1) }
            }
        }
        try visit(root, "", depth: 0)
    }
    return .character(Vector(found.inByteOrder().map { Optional($0) }))
}

private func joined(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
}
