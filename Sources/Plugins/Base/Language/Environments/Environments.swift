import Diagnostics
import LanguageValues
import RRuntime

/// `environment`, `new.env`, `globalenv`, `parent.env`, …: environments themselves.
func registerEnvironments(_ base: Namespace) {
    base.function(
        "environment", [.value("fun", nil)], help: "The environment of a function, or the current one"
    ) { args in
        switch args[0] {
        case .null: return .environment(args.environment)
        case .closure(let closure): return .environment(closure.environment)
        case .builtin(let builtin):
            guard args[0].typeName == "closure",
                let namespace = args.context.registry.existingNamespace(builtin.namespace)
            else { return .null }
            return .environment(namespace.environment)
        default: return args[0].attribute(Symbol.dotEnvironment) ?? .null
        }
    }
    base.function("environment<-", [.value("fun"), .value("value")], help: "Gives a function another environment") {
        args in
        guard case .environment(let home) = args["value"] else {
            throw WorkbenchError(.type, "replacement object is not an environment")
        }
        if case .closure(let closure) = args[0] {
            args.context.collector.track(home)
            return .closure(closure.with(environment: home))
        }
        return args[0].setting(Symbol.dotEnvironment, args["value"])
    }
    base.function(
        "new.env", [.value("hash", true), .value("parent", code: "parent.frame()"), .value("size", .int(29))],
        help: "A new empty environment"
    ) { args in
        args.context.collector.collectIfDue()
        let environment = Environment(parent: try args.environmentOrCaller("parent"))
        args.context.collector.track(environment)
        return .environment(environment)
    }
    base.function("globalenv", [], help: "The environment of the prompt") { args in
        .environment(args.context.globalEnvironment)
    }
    base.function("baseenv", [], help: "The environment of base R") { args in .environment(args.context.baseEnvironment)
    }
    base.function("emptyenv", [], help: "The environment without variables in which every lookup ends") { args in
        .environment(emptyEnvironment(args.context))
    }
    base.function(
        "topenv", [.value("envir", code: "parent.frame()"), .value("matchThisEnv", nil)],
        help:
            "The global environment or the namespace around an environment"
    ) { args in
        var current: Environment? = try args.environmentOrCaller("envir")
        while let here = current {
            if here === args.context.globalEnvironment || here.name != nil { return .environment(here) }
            current = here.parent
        }
        return .environment(args.context.globalEnvironment)
    }
    base.function("parent.env", [.value("env")], help: "The environment around an environment") { args in
        guard case .environment(let environment) = try args.required("env") else {
            throw WorkbenchError(.type, "argument is not an environment")
        }
        let empty = emptyEnvironment(args.context)
        if environment === empty { throw WorkbenchError(.value, "the empty environment has no parent") }
        return .environment(environment.parent ?? empty)
    }
    base.function("parent.env<-", [.value("env"), .value("value")], help: "Puts an environment inside another") {
        args in
        guard case .environment(let environment) = args[0], case .environment(let parent) = args["value"] else {
            throw WorkbenchError(.type, "'parent' is not an environment")
        }
        var current: Environment? = parent
        while let here = current {
            if here === environment { throw WorkbenchError(.value, "cycles in parent chains are not allowed") }
            current = here.parent
        }
        environment.parent = parent
        return args[0]
    }
    base.function("environmentName", [.value("env")], help: "The name of an environment, or an empty string") { args in
        guard case .environment(let environment) = try args.required("env") else { return .strings([]) }
        if case .character(let name)? = environment.attributes?[Symbol.named("name")], let first = name.elements.first {
            return .character(Vector([first]))
        }
        let name = environment.name ?? ""
        return .string(name.hasPrefix("package:") ? String(name.dropFirst(8)) : name)
    }
    base.function("is.environment", [.value("x")], help: "Whether it is an environment") { args in
        if case .environment = try args.required("x") { return true }
        return false
    }
    base.function("as.environment", [.value("x")], help: "The environment that a position, name or list stands for") {
        args in
        .environment(try asEnvironment(try args.required("x"), from: args.environment, args.context))
    }
    base.function(
        "list2env", [.value("x"), .value("envir", nil), .value("parent", code: "parent.frame()")],
        help: "Puts the named elements of a list into an environment"
    ) { args in
        let target: Environment
        if args["envir"].isNull {
            target = Environment(parent: try args.environmentOrCaller("parent"))
            args.context.collector.track(target)
        } else {
            target = try args.environmentValue("envir")
        }
        let list = try args.required("x")
        let elements = try listElements(list, args.context)
        let names = list.names ?? []
        guard names.count == elements.count, names.allSatisfy({ $0?.isEmpty == false }) || elements.isEmpty else {
            throw WorkbenchError(.value, "names(x) must be a character vector of the same length as x")
        }
        for (name, element) in zip(names, elements) { try target.set(Symbol.named(name ?? "NA"), element) }
        return .environment(target)
    }
    base.method(
        "as.list", for: "environment", [.value("x"), .value("all.names", false), .value("sorted", false), .dots],
        help: "The variables of an environment as a list"
    ) { args in
        let environment = try args.environmentValue("x")
        let all = try args.flag("all.names")
        var symbols = environment.names().filter { all || !$0.name.hasPrefix(".") }
        if try args.flag("sorted") { symbols = symbols.ordered { $0.text < $1.text } }
        let values = try symbols.map { symbol in try args.context.forced(environment.local(symbol) ?? .null) }
        return Value.list(Vector(values)).withNames(symbols.map { $0.name })
    }
}
