import BaseValues
import Diagnostics
import Glibc
import PluginAPI

/// Registers `saveRDS`, `readRDS`, `save`, `load`, `save.image`, `serialize`, `unserialize`.
func registerSaving(_ base: Namespace) {
    registerRDS(base)
    registerWorkspaces(base)
}

private func fullPath(_ path: String, _ context: Context) -> String {
    if path.hasPrefix("~"), let home = getenv("HOME") { return String(cString: home) + path.dropFirst() }
    return path.hasPrefix("/") ? path : context.workingDirectory + "/" + path
}

private func path(_ args: Arguments, _ name: String) throws -> String {
    guard case .character(let v) = try args.required(name), v.count == 1, let text = v[0], !text.isEmpty else {
        throw WorkbenchError(.type, "bad '\(name)' argument", hint: "a file name in quotes is wanted")
    }
    return text.string
}

/// The bytes of a file, unpacked; warns as R does if it is not there.
private func contents(_ args: Arguments, _ name: String) throws -> [UInt8] {
    let shown = try path(args, name)
    let full = fullPath(shown, args.context)
    guard access(full, R_OK) == 0 else {
        let reason = String(cString: strerror(errno))
        try args.context.warn(
            "cannot open compressed file '\(shown)', probable reason '\(reason)'",
            call: Call("gzfile", [args.call.arguments.first?.value ?? .null, "rb"]))
        throw WorkbenchError(.data, "cannot open the connection")
    }
    let bytes = try Gzip.read(full, args.context)
    if bytes.starts(with: Array("BZh".utf8)) || bytes.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A]) {
        throw WorkbenchError(
            .unsupported, "'\(shown)' is compressed with bzip2 or xz",
            hint: "gzip is read: saveRDS(x, file) without compress =")
    }
    return try Gzip.expanded(bytes)
}

private func isCompressed(_ args: Arguments) -> Bool {
    if case .logical(let v) = args["compress"] { return v.elements.first == true }
    return args["compress"].singleText != "none"
}

/// The bytes of a file, compressed if the call asks for it.
private func written(_ writer: ItemWriter, _ args: Arguments) throws -> [UInt8] {
    guard isCompressed(args) else { return writer.bytes }
    let context = args.context
    return try Gzip.compressed(writer.bytes) { try context.pollInterrupt() }
}

private func registerRDS(_ base: Namespace) {
    base.function(
        "saveRDS",
        [
            .value("object"), .value("file", ""), .value("ascii", false), .value("version", nil),
            .value("compress", true),
            .value("refhook", nil),
        ], help: "Saves one value to a file that readRDS() reads.", visible: false
    ) { args in
        var writer = ItemWriter(args.context)
        let object = try args.required("object")
        let target = try path(args, "file")
        do {
            try writer.writeAll(object)
        } catch {
            guard writer.hasMetObject else { throw error }
            try saveLive(object, target, args.context)
            return .null
        }
        let bytes = try written(writer, args)
        try Gzip.write(bytes, to: fullPath(target, args.context))
        return .null
    }
    base.function("readRDS", [.value("file"), .value("refhook", nil)], help: "The value that saveRDS() saved.") {
        args in
        if case .character(let text) = args["file"], let name = text.elements.first, let shown = name?.string {
            let full = fullPath(shown, args.context)
            if SnapshotFile.isSnapshot(full) {
                return try args.context.naming(shown) { _ in try readLive(full, args.context) }
            }
        }
        var reader = ItemReader(try contents(args, "file"), args.context)
        return try readingForeignText { try reader.readAll() }
    }
    base.function(
        "serialize",
        [
            .value("object"), .value("connection", nil), .value("ascii", false), .value("xdr", true),
            .value("version", nil),
            .value("refhook", nil),
        ], help: "A value as bytes."
    ) { args in
        guard args["connection"].isNull else {
            throw WorkbenchError(
                .unsupported, "serialize() to a connection is not there", hint: "serialize(x, NULL) gives the bytes")
        }
        var writer = ItemWriter(args.context)
        try writer.writeAll(try args.required("object"))
        return .raw(Vector(writer.bytes))
    }
    base.function("unserialize", [.value("connection"), .value("refhook", nil)], help: "The value that bytes hold.") {
        args in
        guard case .raw(let v) = try args.required("connection") else {
            throw WorkbenchError(.type, "'connection' must be a raw vector")
        }
        var reader = ItemReader(v.elements, args.context)
        return try readingForeignText { try reader.readAll() }
    }
}

/// Objects that R has no format for: models, tensors, fits.
private func saveLive(_ object: Value, _ shown: String, _ context: Context) throws {
    let skipped = try context.naming(shown) { _ in
        try context.saveObject(object, to: fullPath(shown, context))
    }
    for skip in skipped {
        try context.message("not saved: \(skip.path.isEmpty ? "a value" : skip.path): \(skip.reason)\n")
    }
    try context.message("'\(shown)' holds live objects: readRDS() reads it here, R does not.\n")
}

private func readLive(_ path: String, _ context: Context) throws -> Value {
    let read = try context.readObject(path)
    for note in read.notes { try context.message("note: \(note)\n") }
    return read.value
}

private func registerWorkspaces(_ base: Namespace) {
    base.function(
        "save",
        [
            .promiseDots, .value("list", .character(Vector([]))), .value("file"), .value("ascii", false),
            .value("version", nil),
            .value("envir", code: "parent.frame()"), .value("compress", true), .value("compression_level"),
            .value("eval.promises", true), .value("precheck", true),
        ], help: "Saves variables to a file that load() reads.", visible: false
    ) { args in
        var names = try args.context.texts(of: args["list"]).compactMap { $0?.string }
        for argument in args.dots {
            guard case .promise(let promise) = argument.value else {
                if let text = argument.value.singleText { names.append(text.string) }
                continue
            }
            switch promise.expression {
            case .symbol(let symbol): names.append(symbol.name)
            case let value:
                guard let text = value.singleText else {
                    throw WorkbenchError(.value, "'...' must contain names or character strings")
                }
                names.append(text.string)
            }
        }
        let environment: Environment
        if case .environment(let given) = args["envir"] { environment = given } else { environment = args.environment }
        guard args.has("file") else { throw WorkbenchError(.value, "'file' must be specified") }
        try saveVariables(names, environment, args)
        return .null
    }
    base.function(
        "save.image",
        [
            .value("file", ".RData"), .value("version", nil), .value("ascii", false), .value("compress", true),
            .value("safe", true),
        ], help: "Saves all variables of the global environment.", visible: false
    ) {
        args in
        let global = args.context.globalEnvironment
        try saveVariables(global.names().map { $0.name }.inByteOrder(), global, args)
        return .null
    }
    base.function(
        "load", [.value("file"), .value("envir", code: "parent.frame()"), .value("verbose", false)],
        help: "Brings back the variables that save() saved.", visible: false
    ) { args in
        let bytes = try contents(args, "file")
        guard bytes.count > 7, bytes.starts(with: Array("RDX".utf8)), bytes[4] == 10 else {
            let shown = try path(args, "file")
            let base = shown.split(separator: "/").last.map { String($0) } ?? shown
            try args.context.warn(
                "file ‘\(base)’ has magic number '\(String(decoding: bytes.prefix(5), as: UTF8.self))'\n  Use of save versions prior to 2 is deprecated",
                call: args.call)
            throw WorkbenchError(
                .data, "bad restore file magic number (file may be corrupted) -- no data loaded",
                hint: SnapshotFile.isSnapshot(fullPath(shown, args.context))
                    ? "restore_session() reads a saved session, readRDS() a saved object"
                    : "a file of saveRDS() is read by readRDS()")
        }
        var reader = ItemReader(bytes, from: 5, args.context)
        let list = try readingForeignText { try reader.readAll() }
        let environment: Environment
        if case .environment(let given) = args["envir"] { environment = given } else { environment = args.environment }
        guard case .list(let values) = list, let names = list.names else { return .character(Vector([])) }
        for (name, value) in zip(names, values.elements) {
            guard let name else { continue }
            if name == ".Random.seed", environment === args.context.globalEnvironment {
                try args.context.random.restore(value)
            } else {
                try environment.set(Symbol.named(name), value)
            }
        }
        return .character(Vector(names))
    }
}

private func saveVariables(_ names: [String], _ environment: Environment, _ args: Arguments) throws {
    var variables: [(Symbol, Value)] = []
    var unknown: [String] = []
    for name in names {
        let symbol = Symbol.named(name)
        guard let value = try args.context.variable(symbol, in: environment) else {
            unknown.append(name)
            continue
        }
        variables.append((symbol, value))
    }
    if !unknown.isEmpty {
        let list = unknown.map { "‘\($0)’" }.joined(separator: ", ")
        throw WorkbenchError(.name, "object\(unknown.count == 1 ? "" : "s") \(list) not found")
    }
    var writer = ItemWriter(args.context)
    try writer.writeVariables(variables)
    let bytes = try written(writer, args)
    try Gzip.write(bytes, to: fullPath(try path(args, "file"), args.context))
}
