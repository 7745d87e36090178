import Diagnostics
import RRuntime
import TextValues

/// `justify` as given: partly matched, the first choice when it is not.
package func justification(_ value: Value) throws -> Justification {
    guard !value.isMissing else { return .left }
    guard case .character(let v) = value, let first = v.elements.first, let text = first else {
        throw WorkbenchError(.value, "'arg' must be NULL or a character vector")
    }
    if v.count == 4 { return .left }
    let choices: [(String, Justification)] = [
        ("left", .left), ("right", .right), ("centre", .centre), ("none", .none),
    ]
    for (name, choice) in choices where name.hasPrefix(text.string) { return choice }
    throw WorkbenchError(.value, "'arg' should be one of ‘left’, ‘right’, ‘centre’, ‘none’")
}

/// One element of a list as `format` shows it: its elements, each formatted on its own, with commas between.
package func listElementText(_ element: Value, _ args: Arguments, _ settings: FormatSettings? = nil) throws -> Text {
    if element.isNull { return "NULL" }
    var settings = settings ?? FormatSettings(args.context)
    settings.trim = true
    settings.justify = settings.justify == .left ? .none : settings.justify
    var flat = element
    if case .list = element {
        flat = try args.context.call("unlist", [Argument(element)], environment: args.environment)
        if flat.isNull { return "NULL" }
    }
    if flat.inherits("factor") {
        return Text(try factorTexts(flat, args).map { $0?.string ?? "NA" }.joined(separator: ", "))
    }
    switch flat {
    case .logical, .integer, .double, .complex, .character, .raw:
        return Text(formatted(flat.bare, settings).elements.map { $0?.string ?? "NA" }.joined(separator: ", "))
    case .list(let list):
        return Text(try list.elements.map { try listElementText($0, args, settings).string }.joined(separator: ", "))
    case .environment: return "<environment>"
    case .symbol(let symbol): return symbol.text
    case .object(let object): return Text("<\(object.classes.first?.string ?? "object")>")
    default: return Text(args.context.deparse(flat).joined(separator: ", "))
    }
}

/// The same value with one class fewer.
package func withoutClass(_ value: Value, _ name: String) -> Value {
    guard let classes = value.classAttribute else { return value }
    let rest = classes.filter { $0 != Text(name) }
    return value.setting(
        Symbol.classAttribute, rest.isEmpty ? nil : .character(Vector(rest.map { Optional($0) })))
}

/// The unit of a `difftime`.
package func differenceUnit(_ value: Value) -> String {
    guard case .character(let unit)? = value.attribute("units"), let first = unit.elements.first, let text = first
    else { return "days" }
    return text.string
}
