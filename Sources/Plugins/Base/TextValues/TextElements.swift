import Diagnostics
import RRuntime

/// Elements as text: by the class's `as.character` for objects.
package func textElements(_ value: Value, _ args: Arguments) throws -> [Text?] {
    if value.inherits("factor") { return try factorTexts(value, args) }
    if value.isObject {
        let texts = try args.context.call("as.character", [Argument(value)], environment: args.environment)
        return try args.context.asCharacters(texts).elements
    }
    switch value {
    case .character(let v): return v.elements
    case .symbol(let symbol): return [symbol.text]
    case .closure, .builtin, .environment, .object:
        throw WorkbenchError(
            .type, "cannot coerce type '\(value.typeName)' to vector of type 'character'")
    default: return try args.context.asCharacters(value).elements
    }
}

/// The labels of a factor's elements.
package func factorTexts(_ value: Value, _ args: Arguments) throws -> [Text?] {
    guard case .integer(let codes) = value, case .character(let levels)? = value.attribute(Symbol.levels) else {
        return try args.context.asCharacters(value.bare).elements
    }
    return codes.elements.map { code in
        guard let code, code >= 1, Int(code) <= levels.count else { return nil }
        return levels[Int(code) - 1]
    }
}

/// Applies a function to the texts of an argument; NA stays NA.
package func mapped(_ args: Arguments, _ name: String, _ transform: (String) -> String) throws -> Value {
    let value = try args.required(name)
    if case .list = value, !value.isObject {
        return .character(Vector(try textElements(value, args).map { $0.map { Text(transform($0.string)) } }))
    }
    let texts = try textElements(value, args)
    return .character(Vector(texts.map { $0.map { Text(transform($0.string)) } }, textAttributes(value)))
}

/// Two hexadecimal digits.
package func rawText(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16)
    return text.utf8.count == 1 ? "0" + text : text
}

/// `names`, `dim` and `dimnames` of texts: of other values, which become texts first, such functions keep nothing.
package func textAttributes(_ value: Value) -> Attributes? {
    guard case .character = value, !value.inherits("factor") else { return nil }
    return shapeAttributes(value)
}

/// `names`, `dim` and `dimnames`: what element-wise functions on texts keep.
package func shapeAttributes(_ value: Value) -> Attributes? {
    value.attributes.keeping([Symbol.names, Symbol.dim, Symbol.dimnames])
}
