import Glibc
import RRuntime
import TextValues

func registerFileInfo(_ base: Namespace) {
    base.function("file.size", [.dots], help: "Sizes of files in bytes.") { args in
        .numbers(try paths(args).map { fileStatus(args.context.resolved($0)).map { Double($0.st_size) } ?? .na })
    }
    base.function("file.mtime", [.dots], help: "When files were changed last.") { args in
        time(try paths(args).map { fileStatus(args.context.resolved($0)).map { seconds($0.st_mtim) } ?? .na })
    }
    base.function("file.mode", [.dots], help: "Permissions of files.") { args in
        octalMode(try paths(args).map { fileStatus(args.context.resolved($0)) })
    }
    base.function(
        "file.info", [.dots, .value("extra_cols", true)], help: "Size, kind, permissions and times of files."
    ) { args in try fileInfo(args) }
    base.function("file.access", [.value("names"), .value("mode", 0)], help: "0 where access is allowed, else -1.") {
        args in
        let names = try textElements(args[0], args)
        let mode = Int32(clamping: try args.int("mode"))
        let results = names.map { name -> Int32? in
            access(args.context.resolved(name?.string ?? "NA"), mode & 7) == 0 ? 0 : -1
        }
        return Value.integer(Vector(results)).withNames(names)
    }
}

private func seconds(_ time: timespec) -> Double { Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9 }

private func time(_ values: [Double]) -> Value {
    Value.numbers(values).setting(Symbol.classAttribute, .strings(["POSIXct", "POSIXt"]))
}

private func octalMode(_ infos: [stat?]) -> Value {
    Value.integer(Vector(infos.map { $0.map { Int32($0.st_mode & 0o7777) } }))
        .setting(Symbol.classAttribute, "octmode")
}

private func fileInfo(_ args: Arguments) throws -> Value {
    let names = try paths(args)
    let infos = names.map { fileStatus(args.context.resolved($0)) }
    var columns: [(String, Value)] = [
        ("size", .numbers(infos.map { $0.map { Double($0.st_size) } ?? .na })),
        ("isdir", .logical(Vector(infos.map { $0.map { $0.st_mode & S_IFMT == S_IFDIR } }))),
        ("mode", octalMode(infos)),
        ("mtime", time(infos.map { $0.map { seconds($0.st_mtim) } ?? .na })),
        ("ctime", time(infos.map { $0.map { seconds($0.st_ctim) } ?? .na })),
        ("atime", time(infos.map { $0.map { seconds($0.st_atim) } ?? .na })),
    ]
    if try args.flag("extra_cols") {
        columns.append(("uid", .integer(Vector(infos.map { $0.map { Int32(truncatingIfNeeded: $0.st_uid) } }))))
        columns.append(("gid", .integer(Vector(infos.map { $0.map { Int32(truncatingIfNeeded: $0.st_gid) } }))))
        columns.append(("uname", .character(Vector(infos.map { $0.flatMap { userName($0.st_uid) } }))))
        columns.append(("grname", .character(Vector(infos.map { $0.flatMap { groupName($0.st_gid) } }))))
    }
    return Value.named(columns).setting(Symbol.classAttribute, "data.frame")
        .setting(Symbol.rowNames, .strings(names))
}

private func userName(_ id: uid_t) -> Text? {
    guard let entry = getpwuid(id) else { return nil }
    return Text(String(cString: entry.pointee.pw_name))
}

private func groupName(_ id: gid_t) -> Text? {
    guard let entry = getgrgid(id) else { return nil }
    return Text(String(cString: entry.pointee.gr_name))
}
