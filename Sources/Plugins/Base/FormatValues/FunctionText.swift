import Diagnostics
import RRuntime
import TextValues

/// `<environment: …>` as printing shows an environment.
package func environmentText(_ environment: Environment) -> String {
    switch environment.name {
    case "R_GlobalEnv"?: return "<environment: R_GlobalEnv>"
    case "base"?: return "<environment: base>"
    case "R_EmptyEnv"?: return "<environment: R_EmptyEnv>"
    case let name?:
        if name.hasPrefix("package:") { return "<environment: namespace:\(name.dropFirst(8))>" }
        if name.hasPrefix("namespace:") { return "<environment: \(name)>" }
        return "<environment: \(address(environment))>"
    case nil: return "<environment: \(address(environment))>"
    }
}

/// The address of a reference, as R shows it.
func address(_ object: AnyObject) -> String {
    "0x" + String(UInt(bitPattern: Unmanaged.passUnretained(object).toOpaque()), radix: 16).paddedWithZeros(to: 12)
}

extension String {
    fileprivate func paddedWithZeros(to width: Int) -> String {
        String(repeating: "0", count: max(0, width - utf8.count)) + self
    }
}

/// A function as printing shows it: as it was written, else deparsed.
package func functionText(_ value: Value, _ context: Context, useSource: Bool = true) -> String {
    switch value {
    case .closure(let closure):
        if useSource, context.options.flag("keep.source"), let source = closure.source { return source.text }
        return context.deparse(.closure(closure.with(attributes: nil))).joined(separator: "\n")
    case .builtin(let builtin): return builtinText(builtin, context)
    default: return context.deparse(value).joined(separator: "\n")
    }
}

private func builtinText(_ builtin: Builtin, _ context: Context) -> String {
    if builtin.special != nil { return ".Primitive(\"\(builtin.name.name)\")" }
    return "function (\(parameterText(builtin.formals, context)))  .Primitive(\"\(builtin.name.name)\")"
}

/// Parameters with their defaults, as between the parentheses of `function`.
package func parameterText(_ formals: Formals, _ context: Context) -> String {
    zip(formals.names, formals.defaults).map { name, value in
        switch value {
        case .missing: return name.name
        case .symbol(let code): return "\(name.name) = \(code.name)"
        default: return "\(name.name) = \(context.deparse(value).joined(separator: " "))"
        }
    }.joined(separator: ", ")
}
