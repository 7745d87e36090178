import BaseValues
import Diagnostics
import ModelValues
import RRuntime

/// `formula()`, `as.formula()`, `terms()`, `update()` of formulas.
func registerFormulas(_ stats: Namespace) {
    let makeFormula: Builtin.Implementation = { args in
        let object = try args.required(args.function.parameters[0].name.name)
        switch object {
        case .call(let call) where call.name?.name == "~":
            guard call.attributes?[Symbol.dotEnvironment] == nil || object.inherits("terms") else { return object }
            return asFormula(call, args.environment)
        case .character(let text):
            let code = text.elements.map { $0?.string ?? "NA" }.joined(separator: " ")
            guard case .call(let call)? = try args.context.parse(code).first, call.name?.name == "~" else {
                throw WorkbenchError(.value, "invalid formula", hint: "as.formula(\"y ~ x\")")
            }
            return asFormula(call, args.environment)
        default:
            if let terms = object.field("terms"), case .call(let call) = terms {
                return asFormula(call, args.environment)
            }
            if case .call(let call)? = object.field("formula") { return asFormula(call, args.environment) }
            throw WorkbenchError(.type, "argument is not a valid model")
        }
    }
    stats.function(
        "formula", [.value("x"), .dots], help: "The formula of a model, or of a text", dispatch: .generic, makeFormula)
    stats.function("as.formula", [.value("object"), .value("env")], help: "A formula of a text or call", makeFormula)
    stats.function(
        "terms", [.value("x"), .dots, .value("data", nil)], help: "A formula written out: terms, variables, intercept",
        dispatch: .generic
    ) { args in
        let x = try args.required("x")
        if let known = x.field("terms") ?? x.attribute("terms") { return known }
        if x.inherits("terms") { return x }
        return try formulaTerms(x, data: args["data"], args).asValue
    }
    stats.function(
        "update.formula", [.value("old"), .value("new"), .dots], help: "A formula with `.` for what it was"
    ) { args in try updated(args["old"], args["new"], args) }
    stats.function(
        "reformulate", [.value("termlabels"), .value("response", nil), .value("intercept", true)],
        help: "A formula of the labels of its terms"
    ) { args in
        let labels = try args["termlabels"].asCharacters().elements.map { $0?.string ?? "NA" }
        var right = labels.joined(separator: " + ")
        if try !args.flag("intercept") { right += " - 1" }
        var left = ""
        switch args["response"] {
        case .null: break
        case .character(let text): left = text.elements.first??.string ?? ""
        case let value: left = args.context.deparse(value).joined()
        }
        guard case .call(let call)? = try args.context.parse("\(left) ~ \(right)").first else { return .null }
        return asFormula(call, args.environment)
    }
    stats.function("offset", [.value("object")], help: "In a formula: a term whose coefficient is 1") { args in
        try args.required("object")
    }
    stats.method("print", for: "terms", [.value("x"), .dots], visible: false) { args in
        guard case .call(let call) = args[0] else { return args[0] }
        let context = args.context
        context.console.write(
            context.deparse(.call(Call(call.function, call.arguments))).joined(separator: "\n") + "\n")
        for entry in call.attributes?.entries ?? [] where entry.name !== Symbol.classAttribute {
            context.console.write("attr(,\"\(entry.name.name)\")\n")
            try context.print(entry.value)
        }
        return args[0]
    }
    for name in ["na.omit", "na.exclude", "na.pass", "na.fail"]
    where stats.environment.local(Symbol.named(name)) == nil && name != "na.omit" {
        stats.function(name, [.value("object"), .dots], help: "What becomes of rows with NA") { args in
            let object = try args.required("object")
            let complete = try args.context.call("na.omit", [Argument(object)])
            if name == "na.fail", complete.attribute("na.action") != nil {
                throw WorkbenchError(.value, "missing values in object")
            }
            return name == "na.pass" ? object : complete
        }
    }
}
