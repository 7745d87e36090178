import Diagnostics
import LanguageValues
import RRuntime

/// `body`, `formals`, `args`, `as.function` and the replacements of the first two.
func registerFunctionParts(_ base: Namespace) {
    base.function("body", [.value("fun", code: "sys.function(sys.parent())")], help: "The code of a function") { args in
        guard case .closure(let closure) = try functionOrCaller(args, of: "body") else { return .null }
        return closure.body
    }
    base.function(
        "formals", [.value("fun", code: "sys.function(sys.parent())"), .value("envir", code: "parent.frame()")],
        help: "The parameters of a function with their defaults"
    ) { args in formals(of: try functionOrCaller(args, of: "formals"))?.asValue ?? .null }
    base.function("args", [.value("name")], help: "The parameters of a function, as a function without body") { args in
        var function = try args.required("name")
        if case .character = function {
            function = try args.context.matchFunction(function, environment: args.environment)
        }
        guard function.isFunction else { return .null }
        let formals = parameters(of: function) ?? .none
        return .closure(Closure(formals, .null, args.context.globalEnvironment))
    }
    base.function(
        "body<-", [.value("fun"), .value("envir", code: "environment(fun)"), .value("value")],
        help: "Gives a function other code"
    ) { args in
        guard case .closure(let closure) = try args.required("fun") else {
            throw WorkbenchError(.type, "'fun' is not a function written in R")
        }
        let home = try args.has("envir") ? args.environmentValue("envir") : closure.environment
        return .closure(Closure(closure.formals, args["value"], home, attributes: closure.attributes))
    }
    base.function(
        "formals<-", [.value("fun"), .value("envir", code: "environment(fun)"), .value("value")],
        help: "Gives a function other parameters"
    ) { args in
        guard case .closure(let closure) = try args.required("fun") else {
            throw WorkbenchError(.type, "'fun' is not a function written in R")
        }
        let home = try args.has("envir") ? args.environmentValue("envir") : closure.environment
        return .closure(
            Closure(try formalsFromList(args["value"]), closure.body, home, attributes: closure.attributes))
    }
    base.function(
        "as.function", [.value("x"), .dots, .value("envir", code: "parent.frame()")],
        help:
            "The function whose parameters and body a list holds", dispatch: .generic
    ) { args in
        let value = try args.required("x")
        if value.isFunction { return value }
        guard case .list(let list) = value, let body = list.elements.last else {
            throw WorkbenchError(.value, "argument must have length at least 1")
        }
        let names = value.names ?? []
        let parameters = Value.list(Vector(Array(list.elements.dropLast())))
            .withNames(list.elements.indices.dropLast().map { $0 < names.count ? names[$0] ?? "" : "" })
        let home = try args.has("envir") ? args.environmentValue("envir") : args.environment
        args.context.collector.track(home)
        return .closure(Closure(try formalsFromList(parameters), body, home))
    }
}

/// `methods::formalArgs`.
func registerFormalArguments(_ methods: Namespace) {
    methods.function("formalArgs", [.value("def")], help: "Names of a function's parameters") { args in
        var function = try args.required("def")
        if case .character = function {
            function = try args.context.matchFunction(function, environment: args.environment)
        }
        guard let formals = formals(of: function), !formals.names.isEmpty else { return .null }
        return .strings(formals.names.map { $0.name })
    }
}

/// Parameters as `formals()` gives them: none for R's primitives.
func formals(of function: Value) -> Formals? {
    if case .builtin(let builtin) = function, primitiveNames.contains(builtin.name.name) { return nil }
    return parameters(of: function)
}

private func functionOrCaller(_ args: Arguments, of name: String) throws -> Value {
    guard args.has("fun") else {
        guard let frame = args.context.frame(of: args.environment) else { return .null }
        return .closure(frame.function)
    }
    if case .character = args["fun"] {
        return try args.context.matchFunction(args["fun"], environment: args.environment)
    }
    if !args["fun"].isFunction {
        try args.context.warn("argument is not a function", call: Call(name, [.symbol(Symbol.named("fun"))]))
    }
    return args["fun"]
}

private func formalsFromList(_ value: Value) throws -> Formals {
    if value.isNull { return .none }
    guard case .list(let list) = value else {
        throw WorkbenchError(.type, "invalid formal argument list for \"function\"")
    }
    guard !list.isEmpty else { return .none }
    guard let names = value.names, names.allSatisfy({ $0?.isEmpty == false }) else {
        throw WorkbenchError(.value, "invalid formal argument list for \"function\"")
    }
    return Formals(names.map { Symbol.named($0 ?? "") }, list.elements)
}
