import Diagnostics
import LanguageValues
import RRuntime

/// `tryCatch`, `withCallingHandlers`, `try`, `suppressWarnings` and relatives.
func registerHandling(_ base: Namespace) {
    base.function(
        "tryCatch", [.promise("expr"), .dots, .promise("finally")],
        help: "Evaluates code; a condition of a named class ends it, and its handler's result is returned"
    ) { args in
        let context = args.context
        guard args.has("finally") else { return try catching(args) }
        let depth = context.savedDepth()
        let result: Value
        do {
            result = try catching(args)
        } catch {
            // A `return()` passes through here, and its value is printed or not whatever `finally` does.
            let visible = context.isVisible
            context.restore(depth)
            _ = try args.forced("finally")
            context.isVisible = visible
            throw error
        }
        let visible = context.isVisible
        _ = try args.forced("finally")
        context.isVisible = visible
        return result
    }
    base.function(
        "withCallingHandlers", [.promise("expr"), .dots],
        help: "Evaluates code; a condition of a named class calls its handler, then the code goes on"
    ) { args in
        let context = args.context
        let environment = args.environment
        let group = HandlerGroup(
            try handlers(args).map { name, function in
                HandlerGroup.Handler(name) { condition in
                    let isError = condition.inherits("simpleError")
                    let call =
                        isError
                        ? Call(
                            "h",
                            [.call(Call("simpleError", [.symbol(Symbol.named("msg")), .symbol(Symbol.named("call"))]))])
                        : Call(function, [Argument(condition)])
                    let visible = context.isVisible
                    _ = try context.call(function, [Argument(condition)], call: call, environment: environment)
                    context.isVisible = visible
                }
            })
        return try context.withHandlers(group) {
            try context.activating(args.call, from: environment) { try evaluated(args) }
        }
    }
    base.function(
        "try", [.promise("expr"), .value("silent", false), .value("outFile", code: "stderr()")],
        help: "Evaluates code; an error is written and returned as an object of class try-error"
    ) { args in
        let context = args.context
        do {
            return try context.tryCatch(["error"]) {
                try context.activating(catchCall, from: args.environment) { try evaluated(args) }
            } handler: { condition in
                try failed(condition, args)
            }
        }
    }
    registerSuppression(base)
}

/// The call that R shows for errors of code directly inside `tryCatch`.
private let catchCall = Call(
    "doTryCatch",
    [
        .call(Call("return", [.symbol(Symbol.named("expr"))])), .symbol(Symbol.named("name")),
        .symbol(Symbol.named("parentenv")), .symbol(Symbol.named("handler")),
    ])

/// The call that R shows for errors of a handler of `tryCatch`.
private let handlerCall = Call(
    .call(Call("[[", [.symbol(Symbol.value), .integer(Vector([3]))])), [Argument(.symbol(Symbol.named("cond")))])

/// The value of `expr`; `NULL` when there is none.
private func evaluated(_ args: Arguments) throws -> Value {
    let context = args.context
    guard args.has("expr") else {
        throw try context.raise(
            WorkbenchError(.value, "argument \"expr\" is missing, with no default"), call: args.call)
    }
    do {
        return try args.forced("expr")
    } catch let error as WorkbenchError {
        // Thrown below without passing a call, so the handlers have not seen it yet.
        throw try context.raise(error, call: nil)
    }
}

/// Classes and functions of the handlers in `...`.
private func handlers(_ args: Arguments) throws -> [(Text, Value)] {
    try args.dots.map { argument in
        guard let name = argument.name, !name.name.isEmpty else {
            throw WorkbenchError(.value, "condition handlers must be specified with a condition class")
        }
        guard argument.value.isFunction else {
            throw WorkbenchError(
                .type, "attempt to apply non-function", hint: "the handler for '\(name.name)' is no function")
        }
        return (name.text, argument.value)
    }
}

private func catching(_ args: Arguments) throws -> Value {
    let context = args.context
    let all = try handlers(args)
    guard !all.isEmpty else {
        return try context.activating(args.call, from: args.environment) { try evaluated(args) }
    }
    let group = HandlerGroup(all.map { HandlerGroup.Handler($0.0) })
    let depth = context.savedDepth()
    do {
        return try context.withHandlers(group) {
            try context.activating(catchCall, from: args.environment) { try evaluated(args) }
        }
    } catch let unwind as ConditionUnwind where unwind.group === group {
        context.restore(depth)
        context.isVisible = true
        return try context.activating(args.call, from: args.environment) {
            try context.call(
                all[unwind.handler].1, [Argument(unwind.condition)], call: handlerCall, environment: args.environment)
        }
    }
}

/// What `try` does with an error.
private func failed(_ condition: Value, _ args: Arguments) throws -> Value {
    let context = args.context
    let message = try conditionText(condition, context)
    var prefix = "Error : "
    if var call = condition.conditionCall {
        if call.name?.name == "doTryCatch" { call = args.call }
        let shown = context.shown(call)
        prefix = "Error in \(shown) : "
        let firstLine = message.split(separator: "\n", omittingEmptySubsequences: false).first ?? ""
        if 14 + shown.unicodeScalars.count + firstLine.unicodeScalars.count > 75 { prefix += "\n  " }
    }
    let text = prefix + message + "\n"
    LanguageState.of(context).lastErrorMessage = text
    if try !args.flag("silent"),
        context.options["show.error.messages"].map({ _ in context.options.flag("show.error.messages") }) ?? true
    {
        context.console.writeError(text)
    }
    context.isVisible = false
    return Value.string(text)
        .setting(Symbol.classAttribute, "try-error")
        .setting(Symbol.named("condition"), condition)
}

/// `conditionMessage(c)`, by method.
func conditionText(_ condition: Value, _ context: Context) throws -> String {
    let text = try context.call("conditionMessage", [Argument(condition)])
    return try text.asCharacters().elements.map { $0?.string ?? "NA" }.joined(separator: "\n")
}

private func registerSuppression(_ base: Namespace) {
    base.function(
        "suppressWarnings", [.promise("expr"), .value("classes", "warning")],
        help: "Evaluates code without its warnings"
    ) { args in
        try muffling("warning", "muffleWarning", try args["classes"].asCharacters().elements.compactMap { $0 }, args)
    }
    base.function(
        "suppressMessages", [.promise("expr"), .value("classes", "message")],
        help: "Evaluates code without its messages"
    ) { args in
        try muffling("message", "muffleMessage", try args["classes"].asCharacters().elements.compactMap { $0 }, args)
    }
    base.function(
        "suppressPackageStartupMessages", [.promise("expr")],
        help: "Evaluates code without the messages of packages being attached", visible: false
    ) { args in
        let result = try muffling("packageStartupMessage", "muffleMessage", ["packageStartupMessage"], args)
        args.context.isVisible = false
        return result
    }
}

private func muffling(_ className: String, _ restart: String, _ classes: [Text], _ args: Arguments) throws -> Value {
    let context = args.context
    let group = HandlerGroup([
        HandlerGroup.Handler(Text(className)) { condition in
            let own = condition.classAttribute ?? []
            guard classes.contains(where: { own.contains($0) }) else { return }
            try context.invokeRestart(restart)
        }
    ])
    let shown = Call("withCallingHandlers", [.symbol(Symbol.named("expr"))])
    return try context.withHandlers(group) {
        try context.activating(shown, from: args.environment) { try evaluated(args) }
    }
}
