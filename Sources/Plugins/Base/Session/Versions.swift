import Diagnostics
import LanguageValues
import RRuntime

/// `R.version`, `packageVersion`, `numeric_version`: versions, and comparing them.
func registerVersions(_ base: Namespace, _ utils: Namespace) {
    let fields: [(String, Value)] = [
        ("platform", "x86_64-pc-linux-gnu"), ("arch", "x86_64"), ("os", "linux-gnu"), ("system", "x86_64, linux-gnu"),
        ("status", ""), ("major", "4"), ("minor", "2.2"), ("year", "2022"), ("month", "10"), ("day", "31"),
        ("svn rev", "83211"), ("language", "R"),
        ("version.string", "R version 4.2.2 (the language of this workbench)"), ("nickname", "workbench"),
    ]
    let version = Value.named(fields).setting(Symbol.classAttribute, "simple.list")
    base.object("R.version", version)
    base.object("version", version)
    base.object("R.version.string", "R version 4.2.2 (the language of this workbench)")
    base.function("R.Version", [], help: "The version of R whose language this is, as a list") { _ in
        version.bare
            .withNames(fields.map { $0.0 })
    }
    base.function("getRversion", [], help: "The version of R whose language this is") { _ in
        versionValue([[4, 2, 2]], ["R_system_version", "package_version", "numeric_version"])
    }
    utils.function("packageVersion", [.value("pkg"), .value("lib.loc", nil)], help: "The version of a namespace") {
        args in
        let name = try args.string("pkg")
        guard let namespace = args.context.registry.existingNamespace(name) else {
            throw try noPackage(name, args.context, call: args.call)
        }
        if case .character(let text)? = namespace.environment.local(Symbol.named(".packageVersion")),
            let first = text.elements.first, let stated = first, let parts = parseVersion(stated.string)
        {
            return versionValue([parts], ["package_version", "numeric_version"])
        }
        return versionValue([standardVersions[name] ?? [4, 2, 2]], ["package_version", "numeric_version"])
    }
    for (name, classes) in [
        ("numeric_version", ["numeric_version"]), ("package_version", ["package_version", "numeric_version"]),
        ("R_system_version", ["R_system_version", "package_version", "numeric_version"]),
        ("as.numeric_version", ["numeric_version"]), ("as.package_version", ["package_version", "numeric_version"]),
    ] {
        base.function(name, [.value("x"), .value("strict", true)], help: "Versions that compare by their parts") {
            args in
            let value = try args.required("x")
            if value.inherits("numeric_version") { return value }
            let texts = try args.context.asCharacters(value).elements
            var parsed: [[Int32]] = []
            for text in texts {
                guard let text, let parts = parseVersion(text.string) else {
                    if try args.flag("strict") {
                        throw WorkbenchError(
                            .value, "invalid version specification \u{2018}\(text?.string ?? "NA")\u{2019}")
                    }
                    parsed.append([])
                    continue
                }
                parsed.append(parts)
            }
            return versionValue(parsed, classes)
        }
    }
    base.function("is.numeric_version", [.value("x")], help: "Whether it is a version") { args in
        .flag(args[0].inherits("numeric_version"))
    }
    utils.function(
        "compareVersion", [.value("a"), .value("b")], help: "-1, 0 or 1 as one version is older, equal or newer"
    ) {
        args in
        guard let a = parseVersion(try args.string("a")), let b = parseVersion(try args.string("b")) else {
            throw WorkbenchError(.value, "invalid version specification")
        }
        return .number(a == b ? 0 : a.lexicographicallyPrecedes(b) ? -1 : 1)
    }
    registerVersionMethods(base)
}

/// Versions of the packages whose functions are here, as far as a plug-in does not state its own.
private let standardVersions: [String: [Int32]] = [
    "torch": [0, 17, 0], "luz": [0, 5, 0], "torchvision": [0, 9, 0], "R6": [2, 5, 1], "magrittr": [2, 0, 3],
    "purrr": [1, 0, 1], "rlang": [1, 1, 0], "zeallot": [0, 1, 0], "coro": [1, 0, 3], "safetensors": [0, 1, 2],
]

func parseVersion(_ text: String) -> [Int32]? {
    var parts: [Int32] = []
    for piece in text.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "." || $0 == "-" }) {
        guard let number = Int32(piece), number >= 0 else { return nil }
        parts.append(number)
    }
    return parts.isEmpty ? nil : parts
}

private func versionValue(_ versions: [[Int32]], _ classes: [String]) -> Value {
    .list(
        Vector(
            versions.map { .integer(Vector($0.map { Optional($0) })) },
            Attributes.of([(Symbol.classAttribute, .strings(classes))])))
}

private func parts(_ value: Value, _ context: Context) throws -> [[Int32]] {
    if case .list(let list) = value {
        return try list.elements.map { try $0.asIntegers().elements.map { $0 ?? 0 } }
    }
    return try context.asCharacters(value).elements.map { text in
        guard let parts = parseVersion(text?.string ?? "") else {
            throw WorkbenchError(.value, "invalid version specification \u{2018}\(text?.string ?? "NA")\u{2019}")
        }
        return parts
    }
}

private func registerVersionMethods(_ base: Namespace) {
    func texts(_ args: Arguments) throws -> [String] {
        try parts(args[0], args.context).map { $0.map(String.init).joined(separator: ".") }
    }
    for generic in ["format", "as.character"] {
        base.method(generic, for: "numeric_version", [.value("x"), .dots], help: "Versions as text") { args in
            .strings(try texts(args))
        }
    }
    base.method("print", for: "numeric_version", [.value("x"), .dots], help: "Writes versions", visible: false) {
        args in
        let shown = try texts(args).map { "\u{2018}\($0)\u{2019}" }
        _ = try args.context.call(
            "print", [Argument(.strings(shown)), Argument(false, name: "quote")], environment: args.environment)
        return args[0]
    }
    for operation in ["<", ">", "<=", ">=", "==", "!="] {
        base.method(operation, for: "numeric_version", [.value("e1"), .value("e2")], help: "Compares versions") {
            args in
            let left = try parts(args[0], args.context)
            let right = try parts(args[1], args.context)
            guard !left.isEmpty, !right.isEmpty else { return .logical(Vector([])) }
            let count = max(left.count, right.count)
            return .logical(
                Vector(
                    (0..<count).map { place in
                        let a = left[place % left.count]
                        let b = right[place % right.count]
                        switch operation {
                        case "<": return a.lexicographicallyPrecedes(b)
                        case ">": return b.lexicographicallyPrecedes(a)
                        case "<=": return !b.lexicographicallyPrecedes(a)
                        case ">=": return !a.lexicographicallyPrecedes(b)
                        case "==": return a == b
                        default: return a != b
                        }
                    }))
        }
    }
    base.method("$", for: "package_version", [.value("x"), .value("name")], help: "`major`, `minor` or `patchlevel`") {
        args in
        let all = try parts(args[0], args.context)
        let name = try args.context.asCharacters(args[1]).elements.first??.string ?? ""
        guard let place = ["major", "minor", "patchlevel"].firstIndex(where: { $0.hasPrefix(name) }) else {
            return .null
        }
        return .integer(Vector(all.map { place < $0.count ? $0[place] : nil }))
    }
    base.method("[[", for: "numeric_version", [.value("x"), .dots], help: "One version, or one part of it") { args in
        let all = try parts(args[0], args.context)
        let places = try args.dots.map { try $0.value.asIntegers().elements.first.flatMap { $0 } ?? 0 }
        guard let first = places.first, first >= 1, Int(first) <= all.count else {
            throw WorkbenchError(.value, "subscript out of bounds")
        }
        let version = all[Int(first) - 1]
        guard places.count > 1 else {
            return versionValue([version], (args[0].classAttribute ?? []).map { $0.string })
        }
        guard places[1] >= 1, Int(places[1]) <= version.count else {
            throw WorkbenchError(.value, "subscript out of bounds")
        }
        return .integer(Vector([version[Int(places[1]) - 1]]))
    }
}
