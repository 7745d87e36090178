import Diagnostics
import RRuntime

/// A formula with its environment and nothing else.
package func asFormula(_ call: Call, _ fallback: Environment) -> Value {
    let home = call.attributes?[Symbol.dotEnvironment] ?? .environment(fallback)
    return .call(
        call.with(
            attributes: Attributes.of([
                (name: Symbol.classAttribute, value: "formula"), (name: Symbol.dotEnvironment, value: home),
            ])))
}

/// The terms of a formula, a fit or a text.
package func formulaTerms(_ value: Value, data: Value, _ args: Arguments) throws -> FormulaTerms {
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
package func updated(_ old: Value, _ new: Value, _ args: Arguments) throws -> Value {
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
