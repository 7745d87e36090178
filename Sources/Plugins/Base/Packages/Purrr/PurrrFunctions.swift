import Diagnostics
import LanguageValues
import RRuntime

/// `partial`, `compose`, `negate`, `safely`, `possibly`, `quietly`: functions made of functions.
func registerPurrrFunctions(_ purrr: Namespace) {
    purrr.inner("composed", composed)
    purrr.function("partial", [.value(".f"), .promiseDots], help: "A function with some arguments given already") {
        args in
        let target = try args.functionValue(".f")
        let home = Environment(parent: args.context.baseEnvironment)
        home.define(Symbol.named(".f"), target)
        args.context.collector.track(home)
        var body: [Argument] = []
        var hasPlace = false
        for (place, argument) in args.dots.enumerated() {
            if argument.name === Symbol.dots || (argument.value.isMissing && argument.name == nil) {
                body.append(Argument(.symbol(Symbol.dots)))
                hasPlace = true
                continue
            }
            let variable = Symbol.named(".argument\(place + 1)")
            home.define(variable, argument.value)
            body.append(Argument(.symbol(variable), name: argument.name))
        }
        if !hasPlace { body.append(Argument(.symbol(Symbol.dots))) }
        return .closure(
            Closure(
                Formals([Symbol.dots], [.missing]), .call(Call(.symbol(Symbol.named(".f")), body)), home,
                attributes: Attributes.of([
                    (Symbol.classAttribute, .strings(["purrr_function_partial", "function"]))
                ])))
    }
    purrr.function(
        "compose", [.dots, .value(".dir", code: "c(\"backward\", \"forward\")")],
        help: "One function that calls several, the last one first"
    ) { args in
        var functions = try args.dotValues.map { try mapper($0, args) }
        let direction = args.has(".dir") ? try args[".dir"].asCharacters().elements.first??.string : "backward"
        if direction != "forward" { functions.reverse() }
        let home = Environment(parent: args.context.baseEnvironment)
        let list = Symbol.named(".functions")
        home.define(list, .items(functions))
        args.context.collector.track(home)
        return .closure(
            Closure(
                Formals([Symbol.dots], [.missing]),
                .call(Call(.builtin(composed), [Argument(.symbol(list)), Argument(.symbol(Symbol.dots))])), home,
                attributes: Attributes.of([
                    (Symbol.classAttribute, .strings(["purrr_function_compose", "function"]))
                ])))
    }
    purrr.function("negate", [.value(".p")], help: "The function that answers the opposite") { args in
        let f = try mapper(try args.required(".p"), args)
        return try function("function(...) !.p(...)", seeing: [(".p", f)], args.context)
    }
    let quiet: [Parameter] = [.value(".f"), .value("otherwise", nil), .value("quiet", true)]
    func wrap(_ name: String, _ parameters: [Parameter], _ help: String, _ source: String) {
        purrr.function(name, parameters, help: help) { args in
            var variables = [(".f", try mapper(try args.required(".f"), args))]
            if parameters.count > 1 { variables += [("otherwise", args["otherwise"]), ("quiet", args["quiet"])] }
            return try function(source, seeing: variables, args.context)
        }
    }
    wrap(
        "safely", quiet, "A function that returns a list of result and error, one of them NULL",
        """
        function(...) tryCatch(list(result = .f(...), error = NULL), error = function(e) {
            if (!quiet) message("Error: ", conditionMessage(e))
            list(result = otherwise, error = e)
        })
        """)
    wrap(
        "possibly", quiet, "A function that returns a value of your choice instead of an error",
        """
        function(...) tryCatch(.f(...), error = function(e) {
            if (!quiet) message("Error: ", conditionMessage(e))
            otherwise
        })
        """)
    wrap(
        "quietly", [.value(".f")], "A function that returns result, output, warnings and messages",
        """
        function(...) {
            warnings <- character()
            messages <- character()
            output <- capture.output(result <- withCallingHandlers(.f(...),
                warning = function(w) {
                    warnings <<- c(warnings, conditionMessage(w))
                    invokeRestart("muffleWarning")
                },
                message = function(m) {
                    messages <<- c(messages, conditionMessage(m))
                    invokeRestart("muffleMessage")
                }))
            list(result = result, output = paste(output, collapse = "\\n"), warnings = warnings, messages = messages)
        }
        """)
}

private let composed = Builtin(
    "composed", namespace: "purrr", [.value(".functions"), .dots], help: "Calls functions one after another"
) { args in
    guard case .list(let functions) = args[0], let first = functions.elements.first else {
        return args.dotValues.first ?? .null
    }
    let shown = Call("fn", [.symbol(Symbol.dots)])
    var value = try args.context.call(first, args.dots, call: shown, environment: args.environment)
    for function in functions.elements.dropFirst() {
        value = try args.context.call(function, [Argument(value)], call: shown, environment: args.environment)
    }
    return value
}
