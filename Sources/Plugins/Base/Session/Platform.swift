import Glibc
import RRuntime

/// `.Machine`, `.Platform`, `Sys.info`, `sessionInfo`, locale, `object.size`.
func registerPlatform(_ base: Namespace, _ utils: Namespace) {
    base.object(
        ".Machine",
        Value.named([
            ("double.eps", .number(.ulpOfOne)), ("double.neg.eps", .number(Double.ulpOfOne / 2)),
            ("double.xmin", .number(.leastNormalMagnitude)), ("double.xmax", .number(.greatestFiniteMagnitude)),
            ("double.base", .int(2)), ("double.digits", .int(53)), ("double.rounding", .int(5)),
            ("double.guard", .int(0)), ("double.ulp.digits", .int(-52)), ("double.neg.ulp.digits", .int(-53)),
            ("double.exponent", .int(11)), ("double.min.exp", .int(-1022)), ("double.max.exp", .int(1024)),
            ("integer.max", .int(2_147_483_647)), ("sizeof.long", .int(8)), ("sizeof.longlong", .int(8)),
            ("sizeof.longdouble", .int(16)), ("sizeof.pointer", .int(8)), ("sizeof.time_t", .int(8)),
        ]))
    base.object(
        ".Platform",
        Value.named([
            ("OS.type", "unix"), ("file.sep", "/"), ("dynlib.ext", ".so"), ("GUI", "unknown"), ("endian", "little"),
            ("pkgType", "source"), ("path.sep", ":"), ("r_arch", ""),
        ]))
    base.function("Sys.which", [.value("names")], help: "Where programs are, \"\" for those not found") { args in
        let names = try args.required("names").asCharacters().elements
        let folders = getenv("PATH").map { String(cString: $0) }?.split(separator: ":").map(String.init) ?? []
        let paths = names.map { name -> Text? in
            guard let name, !name.isEmpty else { return name }
            let candidates = name.string.contains("/") ? [name.string] : folders.map { $0 + "/" + name.string }
            let found = candidates.first { path in
                var info = stat()
                return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
            }
            return Text(found ?? "")
        }
        return Value.character(Vector(paths)).withNames(names)
    }
    base.function("Sys.info", [], help: "Operating system, machine and user") { _ in
        var name = utsname()
        uname(&name)
        func text<Field>(_ field: Field) -> String {
            withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        let user = getenv("USER").map { String(cString: $0) } ?? "unknown"
        return Value.strings([
            text(name.sysname), text(name.release), text(name.version), text(name.nodename), text(name.machine), user,
            user, user,
        ]).withNames([
            "sysname", "release", "version", "nodename", "machine", "login", "user", "effective_user",
        ])
    }
    base.function(
        "Sys.setlocale", [.value("category", "LC_ALL"), .value("locale", "")], help: "The locale is always C.UTF-8"
    ) { args in
        // What differs between the two, the characters, nobody asks one category for.
        let asked = try args.string("locale")
        return .string(asked == "C" || asked == "POSIX" ? asked : "C.UTF-8")
    }
    base.function("Sys.getlocale", [.value("category", "LC_ALL")], help: "The locale is always C.UTF-8") { _ in
        "C.UTF-8"
    }
    base.function("l10n_info", [], help: "The character encoding: always UTF-8") { _ in
        Value.named([("MBCS", true), ("UTF-8", true), ("Latin-1", false), ("codeset", "UTF-8")])
    }
    utils.function("sessionInfo", [.dots], help: "The language version, and what is attached") { args in
        let attached = args.context.searchPath.environments.compactMap { $0.name }
            .filter { $0.hasPrefix("package:") }.map { String($0.dropFirst(8)) }
        let standard = attached.filter { args.context.registry.existingNamespace($0)?.isAttachedAtStart == true }
        return Value.named([
            ("R.version", args.context.baseEnvironment.local(Symbol.named("R.version")) ?? .null),
            ("platform", "x86_64-pc-linux-gnu (64-bit)"), ("locale", "C.UTF-8"),
            ("basePkgs", .strings(standard + ["base"])),
            ("otherPkgs", .strings(attached.filter { !standard.contains($0) })),
        ]).setting(Symbol.classAttribute, "sessionInfo")
    }
    utils.method("print", for: "sessionInfo", [.value("x"), .dots], help: "Writes session information", visible: false)
    {
        args in
        guard case .list(let list) = args[0], list.count >= 5 else { return args[0] }
        func words(_ value: Value) -> String {
            ((try? value.asCharacters().elements) ?? []).map { $0?.string ?? "NA" }.joined(separator: " ")
        }
        var text =
            "R version 4.2.2 (the language of this workbench)\nPlatform: \(words(list[1]))\n\nlocale: \(words(list[2]))\n"
        text += "\nattached base packages:\n\(words(list[3]))\n"
        if list[4].length > 0 { text += "\nother attached packages:\n\(words(list[4]))\n" }
        args.context.console.write(text)
        return args[0]
    }
    registerObjectSize(utils)
}

private func registerObjectSize(_ utils: Namespace) {
    utils.function("object.size", [.value("x")], help: "Bytes that a value takes, estimated") { args in
        Value.number(Double(size(of: try args.required("x"), depth: 0))).setting(Symbol.classAttribute, "object_size")
    }
    func shown(_ bytes: Double, _ units: String) -> String {
        let steps: [(String, Double)] = [("Gb", 1_073_741_824), ("Mb", 1_048_576), ("Kb", 1024)]
        func one(_ name: String, _ size: Double) -> String {
            numberText(((bytes / size) * 10).rounded() / 10) + " " + name
        }
        switch units.lowercased() {
        case "auto":
            for (name, size) in steps where bytes >= size { return one(name, size) }
            return "\(numberText(bytes)) bytes"
        case "kb": return one("Kb", 1024)
        case "mb": return one("Mb", 1_048_576)
        case "gb": return one("Gb", 1_073_741_824)
        default: return "\(numberText(bytes)) bytes"
        }
    }
    for generic in ["format", "print"] {
        utils.method(
            generic, for: "object_size", [.value("x"), .value("units", "b"), .dots], help: "Bytes as text",
            visible: generic == "format"
        ) { args in
            let text = shown(try args[0].asDoubles().elements.first ?? 0, try args.string("units"))
            if generic == "format" { return .string(text) }
            args.context.console.write(text + "\n")
            return args[0]
        }
    }
}

/// Bytes as R counts them: a header of 48, then the elements, small vectors in size classes.
private func size(of value: Value, depth: Int) -> Int {
    guard depth < 200 else { return 0 }
    func vector(_ count: Int, _ width: Int) -> Int {
        let bytes = count.multipliedReportingOverflow(by: width).partialValue
        if bytes == 0 { return 48 }
        for limit in [8, 16, 32, 48, 64, 128] where bytes <= limit { return 48 + limit }
        return 48 + (bytes + 7) / 8 * 8
    }
    var total: Int
    switch value {
    case .null, .missing: return 0
    case .logical(let v): total = vector(v.count, 4)
    case .integer(let v): total = vector(v.count, 4)
    case .double(let v): total = vector(v.count, 8)
    case .complex(let v): total = vector(v.count, 16)
    case .raw(let v): total = vector(v.count, 1)
    case .character(let v):
        total = vector(v.count, 8)
        var seen: Set<Text> = []
        for case let text? in v.elements where seen.insert(text).inserted {
            total += vector(text.string.utf8.count + 1, 1)
        }
    case .list(let v), .expression(let v):
        total = vector(v.count, 8) + v.elements.reduce(0) { $0 + size(of: $1, depth: depth + 1) }
    case .call(let call):
        total =
            56 * (call.arguments.count + 1)
            + call.arguments.reduce(0) { $0 + size(of: $1.value, depth: depth + 1) }
    default: total = 56
    }
    for entry in value.attributes?.entries ?? [] { total += 56 + size(of: entry.value, depth: depth + 1) }
    return total
}
