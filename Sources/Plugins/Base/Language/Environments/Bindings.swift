import Diagnostics
import LanguageValues
import RRuntime

/// Locks, active bindings, promises by hand, the search path, `gc`.
func registerBindings(_ base: Namespace) {
    func symbolOf(_ args: Arguments, _ name: String) throws -> Symbol {
        switch try args.required(name) {
        case .symbol(let symbol): return symbol
        case .character(let text):
            if let first = text.elements.first, let name = first { return Symbol.named(name) }
        default: break
        }
        throw WorkbenchError(.type, "not a symbol")
    }
    func existing(_ symbol: Symbol, _ environment: Environment) throws {
        guard environment.local(symbol) != nil else {
            throw WorkbenchError(.name, "no binding for \"\(symbol.name)\"")
        }
    }
    base.function("lockBinding", [.value("sym"), .value("env")], help: "Makes a variable constant", visible: false) {
        args in
        let symbol = try symbolOf(args, "sym")
        let environment = try args.environmentValue("env")
        try existing(symbol, environment)
        environment.setLock(true, on: symbol)
        return .null
    }
    base.function(
        "unlockBinding", [.value("sym"), .value("env")], help: "Makes a constant variable again", visible: false
    ) {
        args in
        let symbol = try symbolOf(args, "sym")
        let environment = try args.environmentValue("env")
        try existing(symbol, environment)
        environment.setLock(false, on: symbol)
        return .null
    }
    base.function(
        "lockEnvironment", [.value("env"), .value("bindings", false)],
        help: "Lets no variable be added or removed", visible: false
    ) { args in
        try args.environmentValue("env").lock(bindings: try args.flag("bindings"))
        return .null
    }
    base.function("environmentIsLocked", [.value("env")], help: "Whether variables can be added") { args in
        .flag(try args.environmentValue("env").isLocked)
    }
    base.function("bindingIsLocked", [.value("sym"), .value("env")], help: "Whether a variable is constant") { args in
        let symbol = try symbolOf(args, "sym")
        let environment = try args.environmentValue("env")
        try existing(symbol, environment)
        return .flag(environment.isLocked(symbol))
    }
    base.function("bindingIsActive", [.value("sym"), .value("env")], help: "Whether a variable calls a function") {
        args in
        let symbol = try symbolOf(args, "sym")
        let environment = try args.environmentValue("env")
        try existing(symbol, environment)
        if case .activeBinding? = environment.local(symbol) { return true }
        return false
    }
    base.function(
        "makeActiveBinding", [.value("sym"), .value("fun"), .value("env")],
        help: "A variable that calls a function when it is read or set", visible: false
    ) { args in
        let symbol = try symbolOf(args, "sym")
        let function = try args.required("fun")
        guard function.isFunction else { throw WorkbenchError(.type, "active binding must be a function") }
        let environment = try args.environmentValue("env")
        switch environment.local(symbol) {
        case nil, .activeBinding?: break
        default: throw WorkbenchError(.value, "symbol already has a regular binding")
        }
        try environment.set(symbol, .activeBinding(ActiveBinding(function)))
        return .null
    }
    base.function(
        "delayedAssign",
        [
            .value("x"), .promise("value"), .value("eval.env", code: "parent.frame(1)"),
            .value("assign.env", code: "parent.frame(1)"),
        ], help: "A variable whose value is computed when it is first read", visible: false
    ) { args in
        let home = try args.environmentOrCaller("eval.env")
        let target = try args.environmentOrCaller("assign.env")
        try target.set(
            Symbol.named(try args.string("x")), .promise(Promise(args.expression("value"), in: home)))
        return .null
    }
    base.function(
        "gc", [.value("verbose", false), .value("reset", false), .value("full", true)],
        help: "Frees environments that only refer to each other; returns how many, and the memory in use"
    ) { args in
        let freed = args.context.collector.collectAndTrim()
        return Value.numbers([Double(freed), residentMegabytes()]).withNames(["freed", "resident MB"])
    }
}

/// `search`, `attach`, `detach`.
func registerSearchPath(_ base: Namespace) {
    base.function("search", [], help: "Where names are looked up after the current function, in order") { args in
        .strings(args.context.searchPath.environments.map { searchName($0, args.context) })
    }
    base.function(
        "attach",
        [
            .promise("what"), .value("pos", .int(2)), .value("name", code: "deparse1(substitute(what))"),
            .value("warn.conflicts", true),
        ],
        help: "Puts the elements of a list on the search path", visible: false
    ) { args in
        let what = try args.forced("what")
        let name = try args.has("name") ? args.string("name") : args.context.deparse(args.expression("what")).joined()
        let copy: Environment
        switch what {
        case .null: copy = Environment(parent: nil, name: name)
        case .list:
            copy = environment(from: what, parent: args.context.baseEnvironment)
            copy.name = name
        case .environment(let source):
            copy = Environment(parent: nil, name: name)
            for symbol in source.names() { if let value = source.local(symbol) { copy.define(symbol, value) } }
        default: throw WorkbenchError(.type, "'attach' only works for lists, data frames and environments")
        }
        args.context.searchPath.attach(copy)
        return .environment(copy)
    }
    base.function(
        "detach",
        [
            .promise("name"), .value("pos", .int(2)), .value("unload", false), .value("character.only", false),
            .value("force", false),
        ],
        help: "Takes something off the search path", visible: false
    ) { args in
        let path = args.context.searchPath
        let target: Environment
        if args.has("name") {
            let wanted: String
            switch args.expression("name") {
            case .symbol(let symbol) where try !args.flag("character.only"): wanted = symbol.name
            case .call(let call) where call.name?.name == ":" && call.arguments.count == 2:
                wanted = args.context.deparse(.call(call)).joined()
            default:
                let value = try args.forced("name")
                if case .character(let text) = value, let first = text.elements.first, let name = first {
                    wanted = name.string
                } else {
                    let place = try value.asIntegers().elements.first.flatMap { $0 } ?? 0
                    guard place >= 2, Int(place) <= path.environments.count else { throw args.invalid("pos") }
                    wanted = searchName(path.environments[Int(place) - 1], args.context)
                }
            }
            guard let found = path.environments.first(where: { searchName($0, args.context) == wanted }) else {
                throw args.invalid("name")
            }
            target = found
        } else {
            let place = try args.int("pos")
            guard place >= 2, place <= path.environments.count else { throw args.invalid("pos") }
            target = path.environments[place - 1]
        }
        guard target !== args.context.baseEnvironment else {
            throw WorkbenchError(.value, "detaching \"package:base\" is not allowed")
        }
        path.detach(target)
        return .environment(target)
    }
}
