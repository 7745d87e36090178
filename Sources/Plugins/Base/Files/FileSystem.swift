import Diagnostics
import Glibc
import RRuntime
import TextValues

func registerFileSystem(_ base: Namespace, _ utils: Namespace) {
    base.function("file.exists", [.dots], help: "Whether files exist.") { args in
        .logical(Vector(try paths(args).map { access(args.context.resolved($0), F_OK) == 0 }))
    }
    utils.function(
        "file_test", [.value("op"), .value("x"), .value("y")], help: "Whether paths are files, folders, newer, …"
    ) { args in
        let first = try textElements(try args.required("x"), args).map { args.context.resolved($0?.string ?? "NA") }
        func info(_ path: String) -> stat? {
            var found = stat()
            return stat(path, &found) == 0 ? found : nil
        }
        func time(_ path: String) -> Double? {
            info(path).map { Double($0.st_mtim.tv_sec) + Double($0.st_mtim.tv_nsec) * 1e-9 }
        }
        let op = try args.string("op")
        switch op {
        case "-f": return .logical(Vector(first.map { info($0) != nil && !isFolder($0) }))
        case "-d": return .logical(Vector(first.map { isFolder($0) }))
        case "-h", "-L": return .logical(Vector(first.map { isLink($0) }))
        case "-x": return .logical(Vector(first.map { access($0, X_OK) == 0 }))
        case "-w": return .logical(Vector(first.map { access($0, W_OK) == 0 }))
        case "-r": return .logical(Vector(first.map { access($0, R_OK) == 0 }))
        case "-nt", "-ot":
            let second = try textElements(try args.required("y"), args).map {
                args.context.resolved($0?.string ?? "NA")
            }
            guard !second.isEmpty else { return .logical(Vector([])) }
            return .logical(
                Vector(
                    first.enumerated().map { place, path -> Bool? in
                        guard let a = time(path), let b = time(second[place % second.count]) else { return false }
                        return op == "-nt" ? a > b : a < b
                    }))
        default:
            throw WorkbenchError(
                .value, "test '\(op)' is not available", hint: "-f, -d, -h, -L, -x, -w, -r, -nt or -ot")
        }
    }
    base.function("dir.exists", [.value("paths")], help: "Whether folders exist.") { args in
        .logical(Vector(try textElements(args[0], args).map { isFolder(args.context.resolved($0?.string ?? "NA")) }))
    }
    base.function(
        "dir.create",
        [.value("path"), .value("showWarnings", true), .value("recursive", false), .value("mode", "0777")],
        help: "Makes a folder.", visible: false
    ) { args in try createFolder(args) }
    base.function(
        "unlink", [.value("x"), .value("recursive", false), .value("force", false), .value("expand", true)],
        help: "Removes files, and folders if recursive.", visible: false
    ) { args in
        let recursive = try args.flag("recursive")
        var failed = false
        for path in try textElements(try args.required("x"), args).compactMap({ $0?.string }) {
            for match in globbed(args.context.resolved(path)) {
                if isFolder(match), !isLink(match) {
                    if recursive { removeTree(match) } else { failed = true }
                } else if access(match, F_OK) == 0 || isLink(match) {
                    failed = Glibc.unlink(match) != 0 || failed
                }
            }
        }
        return .integer(Vector([failed ? 1 : 0]))
    }
    base.function("file.remove", [.dots], help: "Removes files.") { args in
        .logical(
            Vector(
                try paths(args).map { path in
                    if Glibc.remove(args.context.resolved(path)) == 0 { return true }
                    let reason = String(cString: strerror(errno))
                    try args.context.warn("cannot remove file '\(path)', reason '\(reason)'", call: args.call)
                    return false
                }))
    }
    base.function("file.create", [.dots, .value("showWarnings", true)], help: "Makes empty files.") { args in
        let warns = try args.flag("showWarnings")
        return .logical(
            Vector(
                try paths(args).map { path in
                    let file = open(args.context.resolved(path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
                    if file >= 0 {
                        close(file)
                        return true
                    }
                    let reason = String(cString: strerror(errno))
                    if warns {
                        try args.context.warn("cannot create file '\(path)', reason '\(reason)'", call: args.call)
                    }
                    return false
                }))
    }
    base.function("file.rename", [.value("from"), .value("to")], help: "Gives files other names.") { args in
        let from = try textElements(try args.required("from"), args).map { $0?.string ?? "NA" }
        let to = try textElements(try args.required("to"), args).map { $0?.string ?? "NA" }
        guard from.count == to.count else { throw WorkbenchError(.value, "'from' and 'to' are of different lengths") }
        return .logical(
            Vector(
                try zip(from, to).map { from, to in
                    if rename(args.context.resolved(from), args.context.resolved(to)) == 0 { return true }
                    let reason = String(cString: strerror(errno))
                    try args.context.warn(
                        "cannot rename file '\(from)' to '\(to)', reason '\(reason)'", call: args.call)
                    return false
                }))
    }
    registerCopying(base)
}

private func registerCopying(_ base: Namespace) {
    base.function("file.append", [.value("file1"), .value("file2")], help: "Appends files to others.") { args in
        let targets = try textElements(try args.required("file1"), args).map { $0?.string ?? "NA" }
        let sources = try textElements(try args.required("file2"), args).map { $0?.string ?? "NA" }
        guard !targets.isEmpty, !sources.isEmpty else { return .logical(Vector([])) }
        return .logical(
            Vector(
                (0..<max(targets.count, sources.count)).map { index in
                    let source = args.context.resolved(sources[index % sources.count])
                    let target = args.context.resolved(targets[index % targets.count])
                    return copyBytes(from: source, to: target, flags: O_APPEND)
                }))
    }
    base.function(
        "file.copy",
        [
            .value("from"), .value("to"), .value("overwrite", code: "recursive"), .value("recursive", false),
            .value("copy.mode", true), .value("copy.date", false),
        ], help: "Copies files, and folders if recursive."
    ) { args in try copyFiles(args) }
    base.function("Sys.readlink", [.value("paths")], help: "Where links point; empty for what is none.") { args in
        try mapped(args, "paths") { path in
            var buffer = [CChar](repeating: 0, count: 4096)
            let count = readlink(args.context.resolved(path), &buffer, buffer.count - 1)
            return count > 0 ? String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) : ""
        }
    }
    base.function("Sys.chmod", [.value("paths"), .value("mode", "0777"), .value("use_umask", true)], visible: false) {
        args in
        let text = try textElements(args["mode"], args).first.flatMap { $0?.string } ?? "0777"
        guard let mode = mode_t(text, radix: 8) else {
            throw WorkbenchError(.value, "`mode` must be an octal number such as \"0755\", not \"\(text)\"")
        }
        return .logical(
            Vector(try textElements(args[0], args).map { chmod(args.context.resolved($0?.string ?? "NA"), mode) == 0 }))
    }
    base.function("file.symlink", [.value("from"), .value("to")], help: "Makes links to files.") { args in
        let from = try textElements(args[0], args)
        let to = try textElements(args[1], args)
        return .logical(
            Vector(
                zip(from, to).map { from, to in
                    symlink(args.context.resolved(from?.string ?? "NA"), args.context.resolved(to?.string ?? "NA")) == 0
                }))
    }
}

/// The paths in `...`.
func paths(_ args: Arguments) throws -> [String] {
    try args.dots.flatMap { argument -> [String] in
        guard case .character(let v) = argument.value else { throw WorkbenchError(.value, "invalid 'file' argument") }
        return v.elements.map { $0?.string ?? "NA" }
    }
}

/// Status of a path, links followed.
func fileStatus(_ path: String) -> stat? {
    var info = stat()
    return stat(path, &info) == 0 ? info : nil
}

func isFolder(_ path: String) -> Bool { fileStatus(path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false }

func isLink(_ path: String) -> Bool {
    var info = stat()
    return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFLNK
}

/// Names in a folder without `.` and `..`, by bytes; nil if it cannot be read.
func entries(of path: String) -> [String]? {
    readableFileNames(in: path)?.map { Text($0) }.inByteOrder().map { $0.string }
}

private func createFolder(_ args: Arguments) throws -> Value {
    let shown = try args.string("path")
    let path = args.context.resolved(shown)
    let warns = try args.flag("showWarnings")
    if isFolder(path) {
        if warns { try args.context.warn("'\(shown)' already exists", call: args.call) }
        return false
    }
    if try args.flag("recursive") {
        var place = path.startIndex
        while let slash = path[path.index(after: place)...].firstIndex(of: "/") {
            mkdir(String(path[..<slash]), 0o777)
            place = slash
            if path.index(after: place) == path.endIndex { break }
        }
    }
    if mkdir(path, 0o777) == 0 || isFolder(path) { return true }
    let reason = String(cString: strerror(errno))
    if warns { try args.context.warn("cannot create dir '\(shown)', reason '\(reason)'", call: args.call) }
    return false
}

private func copyBytes(from source: String, to target: String, flags: Int32) -> Bool {
    let input = open(source, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard input >= 0 else { return false }
    defer { close(input) }
    var status = stat()
    guard fstat(input, &status) == 0, status.st_mode & S_IFMT != S_IFIFO else { return false }
    let output = open(target, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o666)
    guard output >= 0 else { return false }
    defer { close(output) }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = buffer.withUnsafeMutableBytes { read(input, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        if count == 0 { return true }
        guard count > 0, (try? writeAll(Array(buffer[..<count]), to: output, shown: target)) != nil else {
            return false
        }
    }
}

private func copyTree(_ source: String, _ target: String, _ overwrite: Bool) -> Bool {
    guard isFolder(source) else {
        if !overwrite, access(target, F_OK) == 0 { return false }
        return copyBytes(from: source, to: target, flags: O_TRUNC)
    }
    if !isFolder(target), mkdir(target, 0o777) != 0 { return false }
    var all = true
    for name in entries(of: source) ?? [] {
        all = copyTree(source + "/" + name, target + "/" + name, overwrite) && all
    }
    return all
}

private func copyFiles(_ args: Arguments) throws -> Value {
    let from = try textElements(try args.required("from"), args).map { $0?.string ?? "NA" }
    let to = try textElements(try args.required("to"), args).map { $0?.string ?? "NA" }
    let recursive = try args.flag("recursive")
    let overwrite = args.has("overwrite") ? try args.flag("overwrite") : recursive
    let copiesMode = try args.flag("copy.mode")
    guard !from.isEmpty else { return .logical(Vector([])) }
    guard !to.isEmpty else { throw WorkbenchError(.value, "no files to copy to") }
    let target = args.context.resolved(to[0])
    let intoFolder = to.count == 1 && isFolder(target)
    guard intoFolder || from.count == to.count || from.count == 1 && to.count == 1 else {
        throw WorkbenchError(.value, "more 'from' files than 'to' files")
    }
    return .logical(
        Vector(
            from.enumerated().map { index, name in
                let source = args.context.resolved(name)
                var destination = args.context.resolved(to[min(index, to.count - 1)])
                if intoFolder {
                    let trimmed = source.split(separator: "/").last.map { String($0) } ?? ""
                    destination = target + "/" + trimmed
                }
                guard let info = fileStatus(source) else { return false }
                if info.st_mode & S_IFMT == S_IFDIR {
                    return recursive && intoFolder ? copyTree(source, destination, overwrite) : false
                }
                if !overwrite, access(destination, F_OK) == 0 { return false }
                guard copyBytes(from: source, to: destination, flags: O_TRUNC) else { return false }
                if copiesMode { chmod(destination, info.st_mode & 0o777) }
                return true
            }))
}
