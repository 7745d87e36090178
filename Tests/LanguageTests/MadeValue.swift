import Diagnostics
import Language
import PluginAPI

/// Values of the few constructors that the tables of values use, without an evaluator.
enum MadeValue {
    struct Unknown: Error { let what: String }

    static func of(_ code: Value) throws -> Value {
        guard case .call(let call) = code else { return code }
        guard let name = call.name?.name else { throw Unknown(what: "call") }
        switch name {
        case "quote": return call.arguments[0].value
        case "expression": return .expression(named(call.arguments))
        case "~": return .call(call.with(attributes: Attributes.of([(.classAttribute, "formula")])))
        case "function":
            let environment = Environment(parent: nil)
            return .closure(
                Closure(Formals(call.arguments[0].value), call.arguments[1].value, environment, source: call.span))
        default: break
        }
        let arguments = try call.arguments.map { Argument(try of($0.value), name: $0.name) }
        switch name {
        case "list": return .list(named(arguments))
        case "c": return try combined(arguments)
        case "call": return .call(Call(.symbol(Symbol.named(text(arguments[0].value))), Array(arguments.dropFirst())))
        case "as.call":
            guard case .list(let parts) = arguments[0].value else { throw Unknown(what: "as.call") }
            return .call(Call(parts[0], parts.elements.dropFirst().map { Argument($0) }))
        case "structure":
            var value = arguments[0].value
            for argument in arguments.dropFirst() { value = value.setting(argument.name ?? .names, argument.value) }
            return value
        case "as.name": return .symbol(Symbol.named(text(arguments[0].value)))
        case "-": return try negative(arguments[0].value)
        case ":": return try range(arguments[0].value, arguments[1].value)
        case "logical": return .logical(Vector([]))
        case "integer": return .integer(Vector([]))
        case "numeric": return .double(Vector([]))
        case "character": return .character(Vector([]))
        case "raw": return .raw(Vector([]))
        case "complex":
            guard arguments.count == 2 else { return .complex(Vector([])) }
            return .complex(Vector([Complex(number(arguments[0].value), number(arguments[1].value))]))
        default: throw Unknown(what: name)
        }
    }

    private static func named(_ arguments: [Argument]) -> ListVector {
        guard arguments.contains(where: { $0.name != nil }) else { return Vector(arguments.map(\.value)) }
        let names = Value.strings(arguments.map { $0.name?.name ?? "" })
        return Vector(arguments.map(\.value), Attributes.of([(.names, names)]))
    }

    private static func combined(_ arguments: [Argument]) throws -> Value {
        let names = named(arguments).attributes
        let values = arguments.map(\.value)
        if values.contains(where: { $0.typeName == "character" }) {
            return .character(
                Vector(
                    values.map { value in
                        if case .character(let v) = value { return v[0] }
                        return nil
                    }, names))
        }
        if values.contains(where: { $0.typeName == "double" }) {
            return .double(Vector(values.map(number), names))
        }
        if values.contains(where: { $0.typeName == "integer" }) {
            return .integer(
                Vector(
                    values.map { value in
                        if case .integer(let v) = value { return v[0] }
                        return nil
                    }, names))
        }
        return .logical(
            Vector(
                values.map { value in
                    if case .logical(let v) = value { return v[0] }
                    return nil
                }, names))
    }

    private static func number(_ value: Value) -> Double {
        switch value {
        case .double(let v): return v[0]
        case .integer(let v): return v[0].map { Double($0) } ?? .na
        default: return .na
        }
    }

    private static func text(_ value: Value) -> String {
        if case .character(let v) = value { return v[0]?.string ?? "" }
        return ""
    }

    private static func negative(_ value: Value) throws -> Value {
        switch value {
        case .double(let v): return .double(v.map { -$0 })
        case .integer(let v): return .integer(v.map { $0.map { -$0 } })
        case .complex(let v): return .complex(v.map { Complex(-$0.real, -$0.imaginary) })
        default: throw Unknown(what: "-")
        }
    }

    private static func range(_ from: Value, _ to: Value) throws -> Value {
        guard let first = Int(exactly: number(from)), let last = Int(exactly: number(to)) else {
            throw Unknown(what: ":")
        }
        return .ints(first <= last ? Array(first...last) : Array((last...first).reversed()))
    }
}
