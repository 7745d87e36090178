import BaseValues
import Diagnostics
import PluginAPI

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

/// A formula with its environment and nothing else.
func asFormula(_ call: Call, _ fallback: Environment) -> Value {
    let home = call.attributes?[Symbol.dotEnvironment] ?? .environment(fallback)
    return .call(
        call.with(
            attributes: Attributes.of([
                (name: Symbol.classAttribute, value: "formula"), (name: Symbol.dotEnvironment, value: home),
            ])))
}

/// The terms of a formula, a fit or a text.
func formulaTerms(_ value: Value, data: Value, _ args: Arguments) throws -> FormulaTerms {
    var value = value
    if let terms = value.field("terms") { value = terms }
    if case .character = value {
        value = try args.context.call("as.formula", [Argument(value)], environment: args.environment)
    }
    guard case .call(let formula) = value else { throw WorkbenchError(.type, "argument is not a valid model") }
    let isFrame: Bool
    if case .list = data { isFrame = true } else { isFrame = false }
    return try FormulaTerms(formula, columns: isFrame ? data.nameStrings : nil, args.context, in: args.environment)
}

/// `update.formula()`: `.` stands for the old left or right side; the terms are then written out.
func updated(_ old: Value, _ new: Value, _ args: Arguments) throws -> Value {
    guard case .call(let before) = old, case .call(let after) = new, before.name?.name == "~", after.name?.name == "~",
        let oldRight = before.arguments.last?.value, let newRight = after.arguments.last?.value
    else { throw WorkbenchError(.type, "formulas are needed") }
    func replaced(_ expression: Value, by value: Value?) -> Value {
        switch expression {
        case .symbol(let name) where name.name == ".":
            guard let value else { return expression }
            if case .call = value { return .call(Call(.symbol(Symbol.parenthesis), [Argument(value)])) }
            return value
        case .call(let call):
            return .call(
                Call(call.function, call.arguments.map { Argument(replaced($0.value, by: value), name: $0.name) }))
        default: return expression
        }
    }
    let oldLeft: Value? = before.arguments.count == 2 ? before.arguments[0].value : nil
    var left: Value? = after.arguments.count == 2 ? after.arguments[0].value : oldLeft
    if let given = left, let oldLeft {
        left = replaced(given, by: oldLeft)
        if case .call(let call) = left ?? .null, call.name === Symbol.parenthesis, let inner = call.arguments.first {
            left = inner.value
        }
    }
    let right = replaced(newRight, by: oldRight)
    let both = [left, right].compactMap { $0 }.map { Argument($0) }
    let call = Call(.symbol(Symbol.named("~")), both, attributes: before.attributes)
    let terms = try FormulaTerms(call, columns: [], args.context, in: args.environment)
    var labels = terms.terms.map { terms.label($0) }
    labels += terms.offsets.map { terms.labels[$0] }
    if labels.isEmpty { labels = [terms.hasIntercept ? "1" : "0"] } else if !terms.hasIntercept { labels.append("1") }
    var text = labels.joined(separator: " + ")
    if !terms.hasIntercept, labels.count > 1 { text = labels.dropLast().joined(separator: " + ") + " - 1" }
    guard let written = try args.context.parse(text).first else { return new }
    let parts = [left, written].compactMap { $0 }.map { Argument($0) }
    return asFormula(Call(.symbol(Symbol.named("~")), parts, attributes: before.attributes), args.environment)
}
