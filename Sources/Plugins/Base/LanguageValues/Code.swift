import RRuntime

/// The code a promise was made of; other values stand for themselves.
package func codeOf(_ value: Value) -> Value {
    guard case .promise(let promise) = value else { return value }
    return codeOf(promise.expression)
}

/// The `names` of arguments, or nil when none has one.
package func namesAttribute(_ items: [Argument]) -> Attributes? {
    guard items.contains(where: { $0.name != nil }) else { return nil }
    return Attributes.of([(Symbol.names, .character(Vector(items.map { $0.name?.text ?? Text("") })))])
}

/// Parameters of any function.
package func parameters(of function: Value) -> Formals? {
    switch function {
    case .closure(let closure): return closure.formals
    case .builtin(let builtin): return builtin.formals
    case .object(let object): return object.formals
    default: return nil
    }
}
