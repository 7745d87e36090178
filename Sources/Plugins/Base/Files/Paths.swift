import Diagnostics
import Glibc
import RRuntime
import TextValues

func registerPaths(_ base: Namespace, _ tools: Namespace) {
    base.function("basename", [.value("path")], help: "The last part of paths.") { args in
        try mapped(characters(args, "path"), "path") { path in
            let trimmed = withoutTrailingSlashes(path)
            return String(
                trimmed.utf8.split(separator: 47, omittingEmptySubsequences: false).last.map { String($0) ?? "" } ?? "")
        }.bare
    }
    base.function("dirname", [.value("path")], help: "Paths without their last part.") { args in
        try mapped(characters(args, "path"), "path") { path in
            if path.isEmpty { return "" }
            let trimmed = withoutTrailingSlashes(path)
            guard let slash = trimmed.utf8.lastIndex(of: 47) else { return trimmed.isEmpty ? "/" : "." }
            let folder = withoutTrailingSlashes(String(trimmed[..<slash]))
            return folder.isEmpty ? "/" : folder
        }.bare
    }
    base.function("file.path", [.dots, .value("fsep", "/")], help: "Paths joined from their parts.") { args in
        let sep = try args.string("fsep")
        let parts = try args.dots.map { try textElements($0.value, args) }
        if parts.contains(where: { $0.isEmpty }) { return .character(Vector([])) }
        let count = parts.reduce(0) { max($0, $1.count) }
        return .strings(
            (0..<count).map { index in parts.map { $0[index % $0.count]?.string ?? "NA" }.joined(separator: sep) })
    }
    base.function("path.expand", [.value("path")], help: "Paths with ~ written out.") { args in
        try mapped(characters(args, "path"), "path") { expandedHome($0) }.bare
    }
    base.function(
        "normalizePath", [.value("path"), .value("winslash", "\\"), .value("mustWork", code: "NA")],
        help: "Absolute paths without links and dots."
    ) { args in
        let paths = try textElements(try args.required("path"), args)
        var strict: Bool?
        if args.has("mustWork") { strict = try args["mustWork"].asLogicals().elements.first.flatMap { $0 } }
        let lenient = args.has("mustWork") && strict == false
        return .character(
            Vector(
                try paths.enumerated().map { index, path -> Text? in
                    guard let path else { return nil }
                    if let real = realpath(args.context.resolved(path.string), nil) {
                        defer { free(real) }
                        return Text(String(cString: real))
                    }
                    let message = "path[\(index + 1)]=\"\(path.string)\": \(String(cString: strerror(errno)))"
                    if strict == true { throw WorkbenchError(.data, message) }
                    if !lenient { try args.context.warn(message, call: args.call) }
                    return path
                }))
    }
    base.function(
        "tempfile", [.value("pattern", "file"), .value("tmpdir", code: "tempdir()"), .value("fileext", "")],
        help: "Names of files that do not exist yet, in the session's folder for passing files."
    ) { args in
        let patterns = try textElements(args["pattern"], args)
        let extensions = try textElements(args["fileext"], args)
        let folders =
            args.has("tmpdir")
            ? try textElements(args["tmpdir"], args) : [Text(try TemporaryFolder.of(args.context).path)]
        guard !patterns.isEmpty else { throw WorkbenchError(.value, "no 'pattern'") }
        guard !folders.isEmpty else { throw WorkbenchError(.value, "no 'tempdir'") }
        guard !extensions.isEmpty else { throw WorkbenchError(.value, "no 'fileext'") }
        let count = max(patterns.count, folders.count, extensions.count)
        return .strings(
            (0..<count).map { index in
                while true {
                    let random = String(UInt64.random(in: 0..<1 << 44), radix: 16)
                    let name = (patterns[index % patterns.count]?.string ?? "NA") + random
                    let path =
                        (folders[index % folders.count]?.string ?? "NA") + "/" + name
                        + (extensions[index % extensions.count]?.string ?? "NA")
                    if access(args.context.resolved(path), F_OK) != 0 { return path }
                }
            })
    }
    base.function("tempdir", [.value("check", false)], help: "The session's folder for passing files.") { args in
        .string(try TemporaryFolder.of(args.context).path)
    }
    tools.function("file_ext", [.value("x")], help: "Extensions of file names, without the dot.") { args in
        try mapped(args, "x") { name in
            let tail = Array(name.utf8)
            guard let dot = tail.lastIndex(of: UInt8(ascii: ".")) else { return "" }
            let ext = tail[(dot + 1)...]
            let isPlain =
                !ext.isEmpty
                && ext.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) }
            return isPlain ? String(decoding: ext, as: UTF8.self) : ""
        }
    }
    tools.function(
        "file_path_sans_ext", [.value("x"), .value("compression", false)], help: "File names without extension."
    ) { args in
        let strips = try args.flag("compression")
        return try mapped(args, "x") { name in
            var name = name
            if strips, let ext = ["gz", "bz2", "xz"].first(where: { name.hasSuffix("." + $0) }) {
                name = String(name.dropLast(ext.count + 1))
            }
            let bytes = Array(name.utf8)
            guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")), dot + 1 < bytes.count,
                bytes[(dot + 1)...].allSatisfy({
                    (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                })
            else { return name }
            return String(decoding: bytes[..<dot], as: UTF8.self)
        }
    }
    tools.function("toTitleCase", [.value("text")], help: "Texts with the words of a title in upper case.") { args in
        try mapped(args, "text") { titleCased($0) }
    }
}

private func characters(_ args: Arguments, _ name: String) throws -> Arguments {
    guard case .character = try args.required(name) else {
        throw WorkbenchError(.type, "a character vector argument expected")
    }
    return args
}

private func withoutTrailingSlashes(_ path: String) -> String {
    var path = path
    while path.utf8.last == 47 { path.removeLast() }
    return path
}

private func titleCased(_ text: String) -> String {
    let small: Set<String> = [
        "a", "an", "and", "are", "as", "at", "be", "but", "by", "en", "for", "if", "in", "is", "nor", "not", "of", "on",
        "or", "per", "so", "the", "v[.]?", "via", "vs", "from", "into", "than", "that", "with", "to",
    ]
    let words = text.split(separator: " ", omittingEmptySubsequences: false).map { String($0) }
    return words.enumerated().map { index, word in
        guard let first = word.unicodeScalars.first, first.properties.isLowercase else { return word }
        if index > 0, small.contains(word) { return word }
        // Names like iPhone, and code like data.frame, stay.
        if word.unicodeScalars.dropFirst().contains(where: { $0.properties.isUppercase }) { return word }
        return first.properties.uppercaseMapping + String(word.unicodeScalars.dropFirst())
    }.joined(separator: " ")
}

/// The session's folder for passing files: made when first asked for, removed with the session.
final class TemporaryFolder {
    let path: String

    private init(_ path: String) { self.path = path }

    deinit { removeTree(path) }

    /// The folder of a session.
    /// - Throws: when none can be made.
    static func of(_ context: Context) throws -> TemporaryFolder {
        let holder = context.storage(Holder.self) { Holder() }
        if let folder = holder.folder {
            if access(folder.path, F_OK) == 0 { return folder }
        }
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/RtmpXXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw WorkbenchError(.data, "cannot create 'R_TempDir'", hint: "no folder can be made in \(parent)")
        }
        let folder = TemporaryFolder(String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
        holder.folder = folder
        return folder
    }

    private final class Holder { var folder: TemporaryFolder? }
}
