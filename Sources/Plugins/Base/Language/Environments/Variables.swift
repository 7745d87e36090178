import Diagnostics
import LanguageValues
import RRuntime

/// `assign`, `get`, `exists`, `rm`, `ls`: variables by name.
func registerVariables(_ base: Namespace) {
    base.function(
        "assign",
        [
            .value("x"), .value("value"), .value("pos", .int(-1)), .value("envir", code: "as.environment(pos)"),
            .value("inherits", false), .value("immediate", true),
        ], help: "Sets a variable by name", visible: false
    ) { args in
        guard case .character(let names) = try args.required("x"), let first = names.elements.first, let name = first
        else {
            throw WorkbenchError(.value, "invalid first argument")
        }
        if name.isEmpty { throw WorkbenchError(.value, "invalid variable name") }
        if names.count > 1 {
            try args.context.warn("only the first element is used as variable name", call: args.call)
        }
        let value = try args.required("value")
        var target = try placeOf(args)
        let symbol = Symbol.named(name)
        if try args.flag("inherits") { target = target.owner(of: symbol) ?? args.context.globalEnvironment }
        try assignVariable(symbol, value, in: target, args.context)
        return value
    }
    base.function(
        "get",
        [
            .value("x"), .value("pos", .int(-1)), .value("envir", code: "as.environment(pos)"), .value("mode", "any"),
            .value("inherits", true),
        ], help: "The value of a variable by name"
    ) { args in
        let name = try variableName(args)
        let mode = try args.string("mode")
        let home = try placeOf(args)
        if let value = try find(name, home, mode, inherits: try args.flag("inherits"), args.context) { return value }
        let kind = mode == "any" ? "" : " of mode '\(mode)'"
        throw WorkbenchError(
            .name, "object '\(name.name)'\(kind) \(mode == "any" ? "not found" : "was not found")",
            hint: didYouMean(name.name, among: visibleNames(from: home)))
    }
    base.function(
        "get0",
        [
            .value("x"), .value("envir", code: "pos.to.env(-1L)"), .value("mode", "any"), .value("inherits", true),
            .value("ifnotfound", nil),
        ], help: "The value of a variable by name, or a substitute"
    ) { args in
        try find(
            try variableName(args), try args.environmentOrCaller("envir"), try args.string("mode"),
            inherits: try args.flag("inherits"), args.context) ?? args["ifnotfound"]
    }
    base.function(
        "dynGet",
        [.value("x"), .promise("ifnotfound"), .value("minframe", .int(1)), .value("inherits", false)],
        help: "The value of a variable of the running functions, the innermost first"
    ) { args in
        let name = try variableName(args)
        let inherits = try args.flag("inherits")
        let lowest = max(try args.int("minframe"), 1) - 1
        for frame in args.context.frames.dropFirst(lowest).reversed() where frame.environment !== args.environment {
            if let value = try find(name, frame.environment, "any", inherits: inherits, args.context) { return value }
        }
        guard args.has("ifnotfound") else {
            throw WorkbenchError(.name, "‘\(name.name)’ not found")
        }
        return try args.forced("ifnotfound")
    }
    base.function(
        "mget",
        [
            .value("x"), .value("envir", code: "as.environment(-1L)"), .value("mode", "any"),
            .value("ifnotfound"), .value("inherits", false),
        ], help: "The values of several variables as a list"
    ) { args in
        guard case .character(let names) = try args.required("x") else {
            throw WorkbenchError(.value, "invalid first argument")
        }
        let home = try args.environmentOrCaller("envir")
        let inherits = try args.flag("inherits")
        let mode = try args["mode"].asCharacters().elements.first??.string ?? "any"
        var fallback: [Value]? = nil
        if args.has("ifnotfound") {
            fallback = try listElements(args["ifnotfound"], args.context)
            if case .list = args["ifnotfound"] {} else { fallback = [args["ifnotfound"]] }
        }
        let values = try names.elements.enumerated().map { place, name -> Value in
            let symbol = Symbol.named(name ?? "NA")
            if let value = try find(symbol, home, mode, inherits: inherits, args.context) { return value }
            guard let fallback, !fallback.isEmpty else {
                throw WorkbenchError(.name, "value for \u{2018}\(symbol.name)\u{2019} not found")
            }
            return fallback[place % fallback.count]
        }
        return Value.list(Vector(values)).withNames(names.elements)
    }
    base.function(
        "exists",
        [
            .value("x"), .value("where", .int(-1)), .value("envir", code: "as.environment(where)"), .value("frame"),
            .value("mode", "any"), .value("inherits", true),
        ], help: "Whether there is a variable of a name"
    ) { args in
        let name = try variableName(args)
        let home: Environment
        if args.has("envir") {
            home = try args.environmentValue("envir")
        } else if args.has("frame") {
            home = try frameEnvironment(try args.int("frame"), args)
        } else {
            home = try asEnvironment(args["where"], from: args.environment, args.context)
        }
        let mode = try args.string("mode")
        if mode == "any" {
            return .flag(
                try args.flag("inherits") ? home.lookup(name) != nil : home.local(name) != nil)
        }
        return .flag(try find(name, home, mode, inherits: try args.flag("inherits"), args.context) != nil)
    }
    registerRemoval(base)
}

private func registerRemoval(_ base: Namespace) {
    base.function(
        "rm",
        [
            .promiseDots, .value("list", .strings([])), .value("envir", code: "as.environment(pos)"),
            .value("inherits", false),
        ],
        help: "Removes variables", visible: false
    ) { args in
        var names: [Symbol] = []
        for argument in args.dots {
            switch codeOf(argument.value) {
            case .symbol(let symbol): names.append(symbol)
            case .character(let text): names += text.elements.compactMap { $0 }.map { Symbol.named($0) }
            default: throw WorkbenchError(.value, "... must contain names or character strings")
            }
        }
        names += try args["list"].asCharacters().elements.compactMap { $0 }.map { Symbol.named($0) }
        let home = try args.environmentOrCaller("envir")
        let inherits = try args.flag("inherits")
        for name in names {
            let owner = inherits ? home.owner(of: name) : home
            if owner === args.context.baseEnvironment {
                throw WorkbenchError(.value, "cannot remove variables from the base environment")
            }
            if try owner?.remove(name) != true {
                try args.context.warn("object '\(name.name)' not found", call: args.call)
            }
        }
        return .null
    }
    base.alias("remove", of: "rm")
    base.function(
        "ls",
        [
            .promise("name"), .value("pos", .int(-1)), .value("envir", code: "as.environment(pos)"),
            .value("all.names", false), .value("pattern"), .value("sorted", true),
        ], help: "The names of the variables of an environment"
    ) { args in
        let home: Environment
        if args.has("name") {
            var name = try args.forced("name")
            if case .builtin(let builtin) = name { name = .string("package:" + builtin.namespace) }
            home = try asEnvironment(name, from: args.environment, args.context)
        } else {
            home = try placeOf(args)
        }
        let all = try args.flag("all.names")
        var names = home.names().map { $0.text }.filter { all || !$0.hasPrefix(".") }
        if try args.flag("sorted") { names = names.ordered(by: <) }
        let result = Value.character(Vector(names))
        guard args.has("pattern") else { return result }
        return try args.context.call(
            "grep", [Argument(args["pattern"]), Argument(result), Argument(true, name: "value")],
            environment: args.environment)
    }
    base.alias("objects", of: "ls")
}

/// `envir`, else the place that `pos` means.
private func placeOf(_ args: Arguments) throws -> Environment {
    if args.has("envir") { return try args.environmentValue("envir") }
    return try asEnvironment(args["pos"], from: args.environment, args.context)
}

private func variableName(_ args: Arguments) throws -> Symbol {
    guard case .character(let names) = try args.required("x"), let first = names.elements.first, let name = first,
        !name.isEmpty
    else { throw WorkbenchError(.value, "invalid first argument") }
    return Symbol.named(name)
}

/// Names that can be seen from an environment, without base's.
private func visibleNames(from environment: Environment) -> Set<String> {
    var names: Set<String> = []
    var current: Environment? = environment
    while let here = current, here.name != "base" {
        names.formUnion(here.names().map { $0.name })
        current = here.parent
    }
    return names
}

/// The value of a variable of a mode, here or further out.
private func find(
    _ name: Symbol, _ home: Environment, _ mode: String, inherits: Bool, _ context: Context
) throws -> Value? {
    var current: Environment? = home
    while let here = current {
        if let stored = here.local(name) {
            if stored.isMissing {
                throw WorkbenchError(.value, "argument \"\(name.name)\" is missing, with no default")
            }
            let value = try context.forced(stored)
            if hasMode(value, mode) { return value }
        }
        guard inherits else { return nil }
        current = here.parent
    }
    return nil
}

private func hasMode(_ value: Value, _ mode: String) -> Bool {
    switch mode {
    case "any": return true
    case "function": return value.isFunction
    case "numeric":
        switch value {
        case .integer, .double: return true
        default: return false
        }
    case "name":
        if case .symbol = value { return true }
        return false
    case "call":
        if case .call = value { return true }
        return false
    default: return value.typeName == mode
    }
}
