import Diagnostics
import LanguageValues
import RRuntime

/// `stop`, `warning`, `message`, `signalCondition`.
func registerSignalling(_ base: Namespace) {
    base.function(
        "stop", [.promiseDots, .value("call.", true), .value("domain", nil)],
        help: "Ends what is running with an error"
    ) { args in
        let context = args.context
        let caller = context.innermostCall
        let values = try forcedDots(args)
        if values.count == 1, isCondition(values[0].value) {
            throw try context.raise(values[0].value)
        }
        let message = try messageText(values.map { $0.value }, context)
        let call = try args.flag("call.") ? caller : nil
        // In a plug-in the report says where; the user has not seen its code.
        var origin: WorkbenchError?
        if let span = args.call.span, let file = span.source.file,
            context.registry.loadedPlugins.plugin(ofFile: file) != nil
        {
            origin = WorkbenchError(.runtime, message, span: span)
        }
        let condition = makeCondition(message, call: call, classes: ["simpleError", "error", "condition"])
        throw try context.raise(condition, origin: origin)
    }
    base.function(
        "warning",
        [
            .promiseDots, .value("call.", true), .value("immediate.", false), .value("noBreaks.", false),
            .value("domain", nil),
        ],
        help: "Says that something may be wrong and goes on", visible: false
    ) { args in
        let context = args.context
        let caller = context.innermostCall
        let values = try forcedDots(args)
        if values.count == 1, isCondition(values[0].value) {
            try context.warn(values[0].value)
            return .string(values[0].value.conditionMessage)
        }
        let message = try messageText(values.map { $0.value }, context)
        let call = try args.flag("call.") ? caller : nil
        let condition = makeCondition(message, call: call, classes: ["simpleWarning", "warning", "condition"])
        if try args.flag("immediate."), context.options.int("warn", 0) == 0 {
            let before = context.options["warn"]
            context.options["warn"] = .int(1)
            defer { context.options["warn"] = before }
            try context.warn(condition)
        } else {
            try context.warn(condition)
        }
        return .string(message)
    }
    base.function(
        "message", [.promiseDots, .value("domain", nil), .value("appendLF", true)],
        help: "Writes a message to standard error", visible: false
    ) { args in
        let context = args.context
        let values = try forcedDots(args)
        if values.count == 1, isCondition(values[0].value) {
            try context.message(values[0].value)
            return .null
        }
        let text = try messageText(values.map { $0.value }, context)
        try context.message(try args.flag("appendLF") ? text + "\n" : text, call: args.call)
        return .null
    }
    base.function(
        "packageStartupMessage", [.dots, .value("domain", nil), .value("appendLF", true)],
        help:
            "A message of a package that is being attached", visible: false
    ) { args in
        let text = try messageText(args.dotValues, args.context) + (try args.flag("appendLF") ? "\n" : "")
        try args.context.message(
            makeCondition(
                text, call: args.call,
                classes: ["packageStartupMessage", "simpleMessage", "message", "condition"]))
        return .null
    }
    base.function(
        "signalCondition", [.value("cond"), .value("message"), .value("call")],
        help: "Shows a condition to the handlers; goes on if none of them takes it"
    ) { args in
        let condition = try args.required("cond")
        if isCondition(condition) {
            try args.context.signal(condition)
        } else {
            let text = try messageText([condition], args.context)
            try args.context.signal(makeCondition(text, call: nil, classes: ["simpleCondition", "condition"]))
        }
        return .null
    }
    base.function("geterrmessage", [], help: "The last error message") { args in
        .string(LanguageState.of(args.context).lastErrorMessage)
    }
    base.function(
        ".Deprecated",
        [
            .value("new"), .value("package", nil), .value("msg"),
            .value("old", code: "as.character(sys.call(sys.parent()))[1L]"),
        ],
        help: "Warns that a function is deprecated", visible: false
    ) { args in
        let caller = args.context.frame(of: args.environment)?.call
        let old = try args.has("old") ? args.string("old") : caller?.name?.name ?? ""
        var text = "'\(old)' is deprecated."
        if args.has("new") { text += "\nUse '\(try args.string("new"))' instead." }
        text += "\nSee help(\"Deprecated\")"
        if args.has("msg") { text = try args.string("msg") }
        let condition = makeCondition(
            text, call: caller, classes: ["deprecatedWarning", "warning", "condition"])
        try args.context.warn(condition)
        return .null
    }
}

/// The values of `...`, evaluated as arguments of the call: a function called there sees it as its caller.
private func forcedDots(_ args: Arguments) throws -> [Argument] {
    try args.context.activating(args.call, from: args.environment) {
        try args.dots.map { argument in
            if argument.value.isMissing { throw WorkbenchError(.value, "argument is missing, with no default") }
            return Argument(try args.context.forced(argument.value), name: argument.name)
        }
    }
}

/// All elements of all values as one text, as `stop` and `message` put it together.
func messageText(_ values: [Value], _ context: Context) throws -> String {
    var text = ""
    for value in values {
        let strings: Value
        if value.isObject {
            strings = try context.call("as.character", [Argument(value)])
        } else {
            strings = .character(try context.asCharacters(value))
        }
        for element in try strings.asCharacters().elements { text += element?.string ?? "NA" }
    }
    return text
}
