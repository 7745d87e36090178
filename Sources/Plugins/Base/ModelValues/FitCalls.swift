import BaseValues
import Diagnostics
import RRuntime

/// "Call:" and the call of a fit.
package func callText(_ fit: Value, _ context: Context) -> String {
    "\nCall:\n" + context.deparse(fit.field("call") ?? .null).joined(separator: "\n") + "\n\n"
}

/// The call of a function with its arguments' full names, in order.
package func matchedCall(_ args: Arguments) -> Call {
    let parameters = args.function.parameters.map { $0.name.name }
    var taken: [(Int, Argument)] = []
    var rest: [Argument] = []
    for argument in args.call.arguments {
        guard let name = argument.name?.name else {
            rest.append(argument)
            continue
        }
        let matches = parameters.indices.filter { parameters[$0].hasPrefix(name) }
        if let place = parameters.firstIndex(of: name) ?? (matches.count == 1 ? matches[0] : nil) {
            taken.append((place, Argument(argument.value, name: Symbol.named(parameters[place]))))
        } else {
            taken.append((parameters.count, argument))
        }
    }
    var free = parameters.indices.filter { place in parameters[place] != "..." && !taken.contains { $0.0 == place } }
    for argument in rest {
        guard !free.isEmpty else {
            taken.append((parameters.count, argument))
            continue
        }
        let place = free.removeFirst()
        taken.append((place, Argument(argument.value, name: Symbol.named(parameters[place]))))
    }
    let ordered = taken.enumerated().ordered { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }
    return Call(args.call.function, ordered.map { $0.element.1 })
}

/// The terms with the classes of the variables.
package func described(_ terms: FormulaTerms, _ frame: ModelFrame) -> Value {
    let classes = frame.columns.map { column -> String in
        if column.dim?.count == 2 { return "nmatrix.\(column.dim?[1] ?? 0)" }
        if column.inherits("ordered") { return "ordered" }
        if column.isFactor { return "factor" }
        switch column {
        case .logical: return "logical"
        case .character: return "character"
        default: return column.inherits("AsIs") || column.isNumeric ? "numeric" : "other"
        }
    }
    return terms.asValue.setting(Symbol.named("predvars"), .call(Call("list", terms.variables)))
        .setting(Symbol.named("dataClasses"), Value.strings(classes).withNames(frame.names))
}

/// The argument `digits` of what prints a summary: three less than the option, at least three.
package func summaryDigits(_ args: Arguments) throws -> Int {
    let digits = args.has("digits") ? try args.int("digits") : max(3, args.context.options.int("digits", 7) - 3)
    return min(max(digits, 1), 21)
}
