import Diagnostics
import LanguageValues
import RRuntime

/// `library`, `require`, `::` and relatives: namespaces of the registry.
func registerPackages(_ base: Namespace) {
    base.function(
        "library",
        [
            .promise("package"), .promise("help"), .value("pos", .int(2)), .value("lib.loc", nil),
            .value("character.only", false), .value("logical.return", false), .value("warn.conflicts"),
            .value("quietly", false), .value("verbose", false), .value("mask.ok"), .value("exclude"),
            .value("include.only"), .value("attach.required"),
            .value("override", false, help: "a plug-in may replace names that are there already"),
        ], help: "Attaches a namespace, or loads and attaches a plug-in; without an argument, lists them",
        visible: false
    ) { args in
        guard args.has("package") else {
            let names = args.context.registry.namespaces.map { $0.name }.inByteOrder()
            args.context.console.write("Namespaces: \(names.joined(separator: ", "))\n")
            return .strings(names)
        }
        let name = try packageName(args)
        let logical = try args.flag("logical.return")
        let override = try args.flag("override")
        guard try args.context.registry.loadedNamespace(name, override: override) != nil, args.context.attach(name)
        else {
            if logical {
                try args.context.warn(
                    "there is no package called \u{2018}\(name)\u{2019}", call: args.call)
                return false
            }
            throw try noPackage(name, args.context, call: args.call)
        }
        noteLoaded(name, args.context)
        return logical ? true : .strings(attachedNames(args.context))
    }
    base.function(
        "require",
        [
            .promise("package"), .value("lib.loc", nil), .value("quietly", false), .value("warn.conflicts"),
            .value("character.only", false), .value("mask.ok"), .value("exclude"), .value("include.only"),
            .value("attach.required"),
        ], help: "Attaches a namespace; FALSE with a warning if there is none", visible: false
    ) { args in
        let name = try packageName(args)
        switch try loaded(name, args.context) {
        case .success(true) where args.context.attach(name):
            if try !args.flag("quietly"), !LanguageState.of(args.context).loaded.contains(name),
                args.context.registry.existingNamespace(name)?.isAttachedAtStart == false
            {
                try args.context.message(
                    makeCondition(
                        "Loading required package: \(name)\n", call: args.call,
                        classes: ["packageStartupMessage", "simpleMessage", "message", "condition"]))
            }
            noteLoaded(name, args.context)
            return true
        case .success: try args.context.warn("there is no package called \u{2018}\(name)\u{2019}", call: args.call)
        case .failure(let refused): try args.context.warn(refused.message, call: args.call)
        }
        return false
    }
    base.function(
        "requireNamespace", [.value("package"), .dots, .value("quietly", false)],
        help: "Whether there is a namespace of a name", visible: false
    ) { args in
        let name = try args.string("package")
        switch try loaded(name, args.context) {
        case .success(true):
            noteLoaded(name, args.context)
            return true
        case .success: break
        case .failure(let refused):
            if try !args.flag("quietly") { try args.context.warn(refused.message, call: args.call) }
        }
        return false
    }
    for name in ["loadNamespace", "attachNamespace"] {
        base.function(
            name, [.value("package"), .dots], help: "Makes a namespace available", visible: name == "loadNamespace"
        ) { args in
            let package = try args.string("package")
            guard let namespace = try args.context.registry.loadedNamespace(package) else {
                throw try noPackage(package, args.context)
            }
            noteLoaded(package, args.context)
            if name == "attachNamespace" { _ = args.context.attach(package) }
            return .environment(namespaceEnvironment(namespace, args.context))
        }
    }
    base.function("isNamespaceLoaded", [.value("name")], help: "Whether a namespace has been loaded") { args in
        let name = try args["name"].asCharacters().elements.first??.string ?? ""
        return .flag(isLoaded(name, args.context))
    }
    base.function("loadedNamespaces", [], help: "The namespaces that have been loaded") { args in
        .strings(args.context.registry.namespaces.map { $0.name }.filter { isLoaded($0, args.context) })
    }
    base.function("asNamespace", [.value("ns"), .dots], help: "The environment of a namespace") { args in
        if case .environment = args["ns"] { return args["ns"] }
        let name = try args["ns"].asCharacters().elements.first??.string ?? ""
        guard let namespace = args.context.registry.existingNamespace(name) else {
            throw try noPackage(name, args.context)
        }
        return .environment(namespaceEnvironment(namespace, args.context))
    }
    base.alias("getNamespace", of: "asNamespace")
    base.function(
        ".packages", [.value("all.available", false), .value("lib.loc", nil)], help: "Names of attached namespaces",
        visible: false
    ) {
        args in .strings(attachedNames(args.context))
    }
    for name in ["::", ":::"] {
        base.function(
            name, [.promise("pkg"), .promise("name")], help: "A value of a namespace that need not be attached"
        ) {
            args in
            try member(of: try nameText(args.expression("pkg")), try nameText(args.expression("name")), args.context)
        }
    }
    base.function("getExportedValue", [.value("ns"), .value("name")], help: "A value of a namespace") { args in
        let namespace = try args.context.asCharacters(args["ns"]).elements.first??.string ?? ""
        return try member(of: namespace, try args.string("name"), args.context)
    }
    base.function("getNamespaceExports", [.value("ns")], help: "The names of a namespace") { args in
        let name = try args.string("ns")
        guard let namespace = args.context.registry.existingNamespace(name) else {
            throw try noPackage(name, args.context)
        }
        return .character(Vector(namespace.environment.names().map { $0.text }))
    }
}

/// `utils::getFromNamespace` and friends.
func registerNamespaceTools(_ utils: Namespace) {
    utils.function("getFromNamespace", [.value("x"), .value("ns"), .dots], help: "A value of a namespace") { args in
        try member(of: try args.string("ns"), try args.string("x"), args.context)
    }
}

private struct Refused: Error { let message: String }

/// Whether there is a namespace of a name, or why a plug-in of that name was refused.
private func loaded(_ name: String, _ context: Context) throws -> Result<Bool, Refused> {
    try context.tryCatch(["error"]) {
        .success(try context.registry.loadedNamespace(name) != nil)
    } handler: {
        .failure(Refused(message: $0.conditionMessage + context.causes(of: $0)))
    }
}

private func nameText(_ code: Value) throws -> String {
    switch code {
    case .symbol(let symbol): return symbol.name
    case .character(let text):
        if let first = text.elements.first, let name = first { return name.string }
    default: break
    }
    throw WorkbenchError(.type, "bad variable name")
}

private func packageName(_ args: Arguments) throws -> String {
    if try !args.flag("character.only"), case .symbol(let symbol) = args.expression("package") { return symbol.name }
    let value = try args.forced("package")
    guard case .character(let text) = value, text.count == 1, let name = text[0], !name.isEmpty else {
        throw WorkbenchError(.value, "invalid package name")
    }
    return name.string
}

/// A value of a namespace: the session's own copy if it is attached, so that what the session changed is seen.
private func member(of package: String, _ name: String, _ context: Context) throws -> Value {
    guard let namespace = try context.registry.loadedNamespace(package) else { throw try noPackage(package, context) }
    let symbol = Symbol.named(name)
    noteLoaded(package, context)
    if let value = namespaceEnvironment(namespace, context).local(symbol) { return try context.forced(value) }
    throw WorkbenchError(
        .name, "'\(name)' is not an exported object from 'namespace:\(package)'",
        hint: didYouMean(name, among: namespace.environment.names().map { $0.name }))
}

/// The environment in which a namespace's values are found in this session.
func namespaceEnvironment(_ namespace: Namespace, _ context: Context) -> Environment {
    let attached = context.searchPath.environments.first {
        $0.name == "package:\(namespace.name)" || ($0.name == namespace.name && namespace.name == "base")
    }
    return attached ?? namespace.environment
}

private func noteLoaded(_ name: String, _ context: Context) {
    let state = LanguageState.of(context)
    if !state.loaded.contains(name) { state.loaded.append(name) }
}

private func isLoaded(_ name: String, _ context: Context) -> Bool {
    if LanguageState.of(context).loaded.contains(name) { return true }
    return context.registry.existingNamespace(name)?.isAttachedAtStart == true || context.isAttached(name)
}

private func attachedNames(_ context: Context) -> [String] {
    context.searchPath.environments.compactMap { environment in
        if environment === context.baseEnvironment { return "base" }
        guard let name = environment.name, name.hasPrefix("package:") else { return nil }
        return String(name.dropFirst(8))
    }
}

/// Packages whose functions live in base here, or that need no functions: `library()` of them does no harm.
func registerHarmlessNamespaces(_ registry: Registry) {
    for name in ["stats", "utils", "methods", "graphics", "grDevices", "datasets"] {
        registry.namespace(name).isAttachedAtStart = true
    }
    for name in ["tools", "parallel", "compiler", "torchdatasets"] { _ = registry.namespace(name) }
}
