import Diagnostics
import LanguageValues
import RRuntime

/// A function that gives the arguments of the R function it is called in: a list, named by its parameters.
private let suppliedArguments = Builtin("supplied", namespace: "base", []) { args in
    guard let frame = args.context.frame(of: args.environment) else { return .items([]) }
    let forced = try frame.supplied.map { Argument(try args.context.forced($0.value), name: $0.name) }
    let call = try matched(Call(frame.call.function, forced), to: frame.function.formals, expandDots: true)
    return .list(Vector(call.arguments.map { $0.value }, namesAttribute(call.arguments)))
}

/// `identity`, `Negate`, `Vectorize`, `force`, `forceAndCall`, `invisible`, `Recall`, `match.fun`.
func registerFunctionTools(_ base: Namespace) {
    base.inner("supplied", suppliedArguments)
    base.function("identity", [.value("x")], help: "Its argument") { args in try args.required("x") }
    base.function("force", [.value("x")], help: "Its argument, evaluated now") { args in try args.required("x") }
    base.function(
        "forceAndCall", [.value("n"), .value("FUN"), .dots], help: "Calls a function with evaluated arguments"
    ) { args in
        try args.context.call(
            try args.functionValue("FUN"), args.dots, call: Call("FUN", [.symbol(Symbol.dots)]),
            environment: args.environment)
    }
    base.function(
        "invisible", [.value("x", nil)], help: "Its argument, which the prompt does not print", visible: false
    ) {
        args in args[0]
    }
    base.function("Negate", [.value("f")], help: "The function that answers the opposite") { args in
        let f = try args.functionValue("f")
        return try function("function(...) !f(...)", seeing: [("f", f)], args.context)
    }
    base.function(
        "Vectorize",
        [
            .value("FUN"), .value("vectorize.args", code: "arg.names"), .value("SIMPLIFY", true),
            .value("USE.NAMES", true),
        ],
        help: "A function that is called for each element of its arguments"
    ) { args in
        let target = try args.functionValue("FUN")
        guard let formals = parameters(of: target) else { return target }
        let names = formals.names.filter { $0 !== Symbol.dots }.map { $0.name }
        var chosen = names
        if args.has("vectorize.args") {
            chosen = try args["vectorize.args"].asCharacters().elements.compactMap { $0?.string }
        }
        if let unknown = chosen.first(where: { !names.contains($0) }) {
            throw WorkbenchError(
                .value, "must specify names of formal arguments for 'vectorize'",
                hint: didYouMean(unknown, among: names))
        }
        guard !chosen.isEmpty else { return target }
        let code = """
            function() {
                args <- supplied()
                names <- if (is.null(names(args))) character(length(args)) else names(args)
                dovec <- names %in% vectorize.args
                do.call("mapply", c(FUN = FUN, args[dovec], MoreArgs = list(args[!dovec]), SIMPLIFY = SIMPLIFY,
                    USE.NAMES = USE.NAMES))
            }
            """
        let made = try function(
            code,
            seeing: [
                ("FUN", target), ("supplied", .builtin(suppliedArguments)), ("vectorize.args", .strings(chosen)),
                ("SIMPLIFY", args["SIMPLIFY"]),
                ("USE.NAMES", args["USE.NAMES"]),
            ], args.context)
        guard case .closure(let closure) = made else { return made }
        return .closure(Closure(formals, closure.body, closure.environment))
    }
    base.function(
        "match.fun", [.value("FUN"), .value("descend", true)], help: "The function that a name or a value stands for"
    ) { args in try args.functionValue("FUN") }
    base.function("Recall", [.dots], help: "Calls the function it is called in") { args in
        guard let frame = args.context.frame(of: args.environment) else {
            throw WorkbenchError(.value, "'Recall' called from outside a closure")
        }
        return try args.context.call(
            .closure(frame.function), args.dots, call: frame.call, environment: args.environment)
    }
}
