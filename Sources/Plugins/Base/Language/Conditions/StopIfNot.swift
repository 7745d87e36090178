import Diagnostics
import LanguageValues
import RRuntime

/// `stopifnot`, `warnings`, `traceback`.
func registerStopIfNot(_ base: Namespace) {
    base.function(
        "stopifnot", [.promiseDots, .promise("exprs"), .promise("exprObject"), .value("local", true)],
        help: "Ends with an error unless every argument is TRUE", visible: false
    ) { args in
        let context = args.context
        let caller = context.frame(of: args.environment)?.call
        func check(_ value: Value, _ code: Value, _ name: Symbol?) throws {
            if case .logical(let v) = value, v.elements.allSatisfy({ $0 == true }) { return }
            let message: String
            if let name, !name.name.isEmpty {
                message = name.name
            } else if case .call(let call) = code, call.name?.name == "all.equal",
                case .character(let differences) = value
            {
                let parts = call.arguments.prefix(2).map { context.deparse($0.value).first ?? "" }
                message =
                    "\(parts.first ?? "") and \(parts.dropFirst().first ?? "") are not equal:\n  "
                    + differences.elements.map { $0?.string ?? "NA" }.joined(separator: "\n  ")
            } else {
                var lines = context.deparse(code)
                if lines.count > 1 { lines = [lines[0] + " ..."] }
                message = (lines.first ?? "") + (value.length == 1 ? " is not TRUE" : " are not all TRUE")
            }
            throw try context.raise(
                makeCondition(message, call: caller, classes: ["simpleError", "error", "condition"]))
        }
        for argument in args.dots {
            let value = try context.activating(args.call, from: args.environment) {
                try context.forced(argument.value)
            }
            try check(value, codeOf(argument.value), argument.name)
        }
        for name in ["exprs", "exprObject"] where args.has(name) {
            var code = args.expression(name)
            if name == "exprObject" { code = try args.forced(name) }
            var steps = [code]
            if case .call(let call) = code, call.name === Symbol.brace { steps = call.arguments.map { $0.value } }
            if case .expression(let list) = code { steps = list.elements }
            for step in steps { try check(try context.evaluate(step, in: args.environment), step, nil) }
        }
        return .null
    }
    base.function("warnings", [.dots], help: "The warnings of the last top-level call", visible: false) { args in
        guard case .list(let kept)? = args.context.baseEnvironment.local(Symbol.named("last.warning")), !kept.isEmpty
        else { return .null }
        var text = kept.count == 1 ? "Warning message:\n" : "Warning messages:\n"
        for (place, condition) in kept.elements.enumerated() {
            let number = kept.count == 1 ? "" : "\(place + 1): "
            let call = condition.conditionCall.map { args.context.shown($0) }
            text += number + (call.map { "In \($0) : " } ?? "") + condition.conditionMessage + "\n"
        }
        args.context.console.write(text)
        return .null
    }
    base.function("traceback", [.value("x", nil), .dots], help: "The calls that led to the last error", visible: false)
    { args in
        let context = args.context
        guard case .list(let calls)? = context.baseEnvironment.local(Symbol.named(".Traceback")), !calls.isEmpty
        else {
            context.console.write("No traceback available \n")
            return .null
        }
        for (place, lines) in calls.elements.enumerated() {
            let text = try lines.asCharacters().elements.map { $0?.string ?? "NA" }
            let number = "\(calls.count - place): "
            context.console.write(
                number + text.joined(separator: "\n" + String(repeating: " ", count: number.count)) + "\n")
        }
        return .null
    }
}
