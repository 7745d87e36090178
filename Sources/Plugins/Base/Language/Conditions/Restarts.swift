import Diagnostics
import RRuntime

/// A restart as an R value refers to it.
private final class RestartHandle: ForeignObject, @unchecked Sendable {
    let restart: Restart
    init(_ restart: Restart) { self.restart = restart }
}

/// `withRestarts`, `invokeRestart`, `computeRestarts`, …
func registerRestarts(_ base: Namespace) {
    base.function(
        "withRestarts", [.promise("expr"), .dots], help: "Evaluates code with places to go on from, each a function"
    ) { args in
        let context = args.context
        let specs = args.dots
        let restarts = try specs.map { spec -> Restart in
            guard let name = spec.name else { throw WorkbenchError(.value, "all restarts must be named") }
            guard spec.value.isFunction else { throw WorkbenchError(.type, "not a valid restart specification") }
            return Restart(name.name)
        }
        let before = context.restarts
        let depth = context.savedDepth()
        context.restarts += restarts.reversed()
        do {
            defer { context.restarts = before }
            return try context.activating(args.call, from: args.environment) {
                args.has("expr") ? try args.forced("expr") : .null
            }
        } catch let unwind as RestartUnwind where restarts.contains(where: { $0 === unwind.restart }) {
            context.restore(depth)
            guard let place = restarts.firstIndex(where: { $0 === unwind.restart }) else { return .null }
            return try context.call(
                specs[place].value, unwind.arguments.map { Argument($0) }, environment: args.environment)
        }
    }
    base.function("invokeRestart", [.value("r"), .dots], help: "Goes on from a restart") { args in
        let restart = try args.required("r")
        guard let found = try restartMeant(restart, args.context) else {
            var name = (try? restart.asCharacters().elements.first)??.string
            if case .list(let list) = restart {
                name = (try? list.elements.first?.asCharacters().elements.first)??.string
            }
            if name == "abort" { throw Interrupt() }
            throw WorkbenchError(.value, "no 'restart' '\(name ?? "?")' found")
        }
        throw RestartUnwind(restart: found, arguments: args.dotValues)
    }
    base.function("tryInvokeRestart", [.value("r"), .dots], help: "Goes on from a restart if there is one") { args in
        guard let found = try restartMeant(try args.required("r"), args.context) else { return .null }
        throw RestartUnwind(restart: found, arguments: args.dotValues)
    }
    base.function("computeRestarts", [.value("cond", nil)], help: "The restarts there are, innermost first") { args in
        .items(args.context.restarts.reversed().map(restartValue) + [restartValue(Restart("abort"))])
    }
    base.function(
        "findRestart", [.value("name"), .value("cond", nil)], help: "The innermost restart of a name, or NULL"
    ) {
        args in
        let name = try args.string("name")
        return args.context.restarts.last { $0.name == name }.map(restartValue) ?? .null
    }
    base.function("isRestart", [.value("x")], help: "Whether it is a restart") { args in
        .flag(args[0].inherits("restart"))
    }
    base.method("print", for: "restart", [.value("x"), .dots], help: "Writes a restart", visible: false) { args in
        if case .list(let list) = args[0], case .character(let name)? = list.elements.first {
            args.context.console.write("<restart: \(name.elements.first.flatMap { $0 }?.string ?? "") >\n")
        }
        return args[0]
    }
}

private func restartValue(_ restart: Restart) -> Value {
    Value.named([("name", .string(restart.name)), ("exit", .object(RestartHandle(restart)))])
        .setting(Symbol.classAttribute, "restart")
}

private func restartMeant(_ value: Value, _ context: Context) throws -> Restart? {
    if case .list(let list) = value, value.inherits("restart"), list.count > 1, case .object(let object) = list[1],
        let handle = object as? RestartHandle
    {
        return context.restarts.last { $0 === handle.restart }
    }
    guard case .character(let names) = value, let first = names.elements.first, let name = first else {
        throw WorkbenchError(.type, "bad restart argument")
    }
    return context.restarts.last { $0.name == name.string }
}
