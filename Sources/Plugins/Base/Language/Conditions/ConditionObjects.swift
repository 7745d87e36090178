import Diagnostics
import LanguageValues
import RRuntime

/// `simpleError`, `errorCondition`, `conditionMessage`, …: conditions as objects, and how they print.
func registerConditionObjects(_ base: Namespace) {
    func maker(_ name: String, _ classes: [String], _ help: String) {
        base.function(name, [.value("message"), .value("call", nil)], help: help) { args in
            Value.named([("message", try args.required("message")), ("call", args["call"])])
                .setting(Symbol.classAttribute, .strings(classes))
        }
    }
    maker("simpleError", ["simpleError", "error", "condition"], "An error as an object")
    maker("simpleWarning", ["simpleWarning", "warning", "condition"], "A warning as an object")
    maker("simpleMessage", ["simpleMessage", "message", "condition"], "A message as an object")
    maker("simpleCondition", ["simpleCondition", "condition"], "A condition as an object")
    func fullMaker(_ name: String, _ kind: String, _ help: String) {
        base.function(name, [.value("message"), .dots, .value("class", .strings([])), .value("call", nil)], help: help)
        {
            args in
            let classes = try args["class"].asCharacters().elements.map { $0?.string ?? "NA" }
            var fields: [(String, Value)] = [
                ("message", .character(try args.context.asCharacters(try args.required("message")))),
                ("call", args["call"]),
            ]
            for argument in args.dots { fields.append((argument.name?.name ?? "", argument.value)) }
            return Value.named(fields).setting(Symbol.classAttribute, .strings(classes + [kind, "condition"]))
        }
    }
    fullMaker("errorCondition", "error", "An error with classes and fields of its own")
    fullMaker("warningCondition", "warning", "A warning with classes and fields of its own")

    base.function("conditionMessage", [.value("c")], help: "The message of a condition", dispatch: .generic) { args in
        let message = try field("message", args)
        // rlang's method names what caused the error, as its cnd_message() does.
        guard args["c"].inherits("rlang_error"), message.length == 1 else { return message }
        let causes = args.context.causes(of: args["c"])
        return causes.isEmpty ? message : .string(args["c"].conditionMessage + causes)
    }
    base.function("conditionCall", [.value("c")], help: "The call of a condition", dispatch: .generic) { args in
        try field("call", args)
    }
    registerConditionPrinting(base)
}

private func field(_ name: String, _ args: Arguments) throws -> Value {
    let condition = try args.required("c")
    guard isCondition(condition), case .list(let list) = condition else {
        throw WorkbenchError(
            .type,
            "no applicable method for 'condition\(name == "message" ? "Message" : "Call")' applied to an object of class "
                + "\"\(condition.dispatchClasses.first ?? "NULL")\"")
    }
    guard let place = condition.names?.firstIndex(of: Text(name)), place < list.count else { return .null }
    return list[place]
}

private func registerConditionPrinting(_ base: Namespace) {
    func prefix(_ condition: Value, _ context: Context) -> String? {
        condition.conditionCall.map { context.shown($0) }
    }
    base.method("print", for: "condition", [.value("x"), .dots], help: "Writes a condition", visible: false) { args in
        let name = args[0].classAttribute?.first?.string ?? "condition"
        let message = try conditionText(args[0], args.context)
        let call = prefix(args[0], args.context).map { " in \($0)" } ?? ""
        args.context.console.write("<\(name)\(call): \(message)>\n")
        return args[0]
    }
    base.method("as.character", for: "condition", [.value("x"), .dots], help: "A condition as text") { args in
        let name = args[0].classAttribute?.first?.string ?? "condition"
        let message = try conditionText(args[0], args.context)
        let call = prefix(args[0], args.context).map { " in \($0)" } ?? ""
        return .string("\(name)\(call): \(message)\n")
    }
    base.method("as.character", for: "error", [.value("x"), .dots], help: "An error as text") { args in
        let message = try conditionText(args[0], args.context)
        guard let call = prefix(args[0], args.context) else { return .string("Error: \(message)\n") }
        return .string("Error in \(call): \(message)\n")
    }
}
