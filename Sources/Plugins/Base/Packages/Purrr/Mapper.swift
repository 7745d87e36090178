import Diagnostics
import LanguageValues
import RRuntime

/// The function that purrr makes of its `.f`: functions as they are, `~ .x + 1`, and names or positions to pick out.
func mapper(_ value: Value, _ args: Arguments) throws -> Value {
    if value.isFunction { return value }
    if value.inherits("formula"), case .call(let formula) = value {
        guard formula.arguments.count == 1 else {
            throw WorkbenchError(.value, "Can't convert a two-sided formula to a function.", hint: "write ~ .x + 1")
        }
        var home = args.environment
        if case .environment(let own)? = value.attribute(Symbol.dotEnvironment) { home = own }
        args.context.collector.track(home)
        let first = Value.symbol(Symbol.named("..1"))
        let formals = Formals(
            [Symbol.dots, Symbol.named(".x"), Symbol.named(".y"), Symbol.named(".")],
            [.missing, first, .symbol(Symbol.named("..2")), first])
        return .closure(
            Closure(
                formals, formula.arguments[0].value, home,
                attributes: Attributes.of([
                    (Symbol.classAttribute, .strings(["rlang_lambda_function", "function"]))
                ])))
    }
    switch value {
    case .character, .integer, .double, .list:
        let path = try listElements(value, args.context)
        return .builtin(
            Builtin("pluck", namespace: "purrr", [.value("x"), .dots, .value(".default", nil)], help: "Picks a part") {
                args in
                try pluck(try args.required("x"), path, args, fallback: args[".default"])
            })
    default:
        throw WorkbenchError(
            .type, "Can't convert `.f`, an object of class \"\(value.classes.first ?? "")\", to a function.",
            hint: "a function, a formula like ~ .x + 1, or the name of an element")
    }
}

/// Goes into a value by names, positions and functions; the fallback where there is nothing.
func pluck(_ value: Value, _ path: [Value], _ args: Arguments, fallback: Value) throws -> Value {
    var current = value
    let context = args.context
    for step in path {
        if step.isFunction {
            current = try context.call(step, [Argument(current)], environment: args.environment)
            continue
        }
        if case .character(let name) = step, let first = name.elements.first, let text = first {
            switch current {
            case .environment(let environment):
                guard let found = environment.local(Symbol.named(text)) else { return fallback }
                current = try context.forced(found)
                continue
            case .object: break
            default:
                guard current.names?.contains(text) == true else { return fallback }
            }
        } else if let place = try step.asDoubles().elements.first {
            if case .object = current {
            } else {
                let length = try lengthOf(current, context)
                guard place >= 1, place <= Double(length) else { return fallback }
            }
        }
        current = try context.call("[[", [Argument(current), Argument(step)], environment: args.environment)
    }
    return current.isNull ? fallback : current
}

/// What a family of map functions returns.
enum MapResult: String, CaseIterable {
    case list = ""
    case logical = "_lgl"
    case integer = "_int"
    case double = "_dbl"
    case character = "_chr"
    case vector = "_vec"

    /// Puts results together.
    /// - Throws: when a result is not one element of the type.
    func collect(_ results: [Value], names: [Text?]?, _ context: Context) throws -> Value {
        if self == .list { return Value.list(Vector(results)).withNames(names) }
        for (place, result) in results.enumerated() {
            let length = try lengthOf(result, context)
            guard length == 1 else {
                throw WorkbenchError(.value, "Result must be length 1, not \(length).", hint: "in index \(place + 1)")
            }
        }
        let result: Value
        switch self {
        case .list, .vector: return try simplified(results, names: names, context)
        case .logical: result = .logical(Vector(try results.enumerated().map { try one($0, rank: 1).asLogicals()[0] }))
        case .integer:
            result = .integer(
                Vector(
                    try results.enumerated().map { place, value in
                        if case .double(let v) = value, v[0] != v[0].rounded(.towardZero) {
                            throw cannotCoerce(value, place)
                        }
                        return try one((place, value), rank: 3).asIntegers()[0]
                    }))
        case .double: result = .double(Vector(try results.enumerated().map { try one($0, rank: 3).asDoubles()[0] }))
        case .character:
            result = .character(Vector(try results.enumerated().map { try one($0, rank: 4).asCharacters()[0] }))
        }
        return result.withNames(names)
    }

    private func one(_ entry: (offset: Int, element: Value), rank: Int) throws -> Value {
        let own: Int
        switch entry.element {
        case .logical: own = 1
        case .integer: own = 2
        case .double: own = 3
        case .character: own = 4
        default: own = 9
        }
        guard own <= rank else { throw cannotCoerce(entry.element, entry.offset) }
        return entry.element
    }

    private func cannotCoerce(_ value: Value, _ place: Int) -> WorkbenchError {
        let names: [MapResult: String] = [
            .logical: "a logical", .integer: "an integer", .double: "a double", .character: "a string",
        ]
        let from: String
        switch value {
        case .double: from = "a number"
        case .integer: from = "an integer"
        case .character: from = "a string"
        case .logical: from = "a logical"
        case .list: from = "a list"
        default: from = "an object of class \"\(value.classes.first ?? "")\""
        }
        return WorkbenchError(
            .type, "Can't coerce from \(from) to \(names[self] ?? "a vector").", hint: "in index \(place + 1)")
    }
}
