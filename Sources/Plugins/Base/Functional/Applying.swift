import Diagnostics
import LanguageValues
import RRuntime

/// `lapply`, `sapply`, `vapply`, `eapply`.
func registerApplying(_ base: Namespace) {
    base.function(
        "lapply", [.value("X", help: "vector, list or environment"), .value("FUN"), .promiseDots],
        help: "Calls a function on each element and returns the list of results"
    ) { args in
        let (results, names) = try appliedToAll(args)
        return Value.list(Vector(results)).withNames(names)
    }
    base.function(
        "sapply",
        [.value("X"), .value("FUN"), .promiseDots, .value("simplify", true), .value("USE.NAMES", true)],
        help: "Calls a function on each element and simplifies the results to a vector or matrix"
    ) { args in
        let useNames = try args.flag("USE.NAMES")
        var (results, names) = try appliedToAll(args)
        if useNames, names == nil, case .character(let v) = args[0] { names = v.elements }
        if !useNames { names = nil }
        let mode = args["simplify"]
        if case .character = mode {
            return try simplified(results, names: names, higher: try args.string("simplify") == "array", args.context)
        }
        guard try args.flag("simplify"), !results.isEmpty else { return Value.list(Vector(results)).withNames(names) }
        return try simplified(results, names: names, args.context)
    }
    base.function(
        "vapply",
        [
            .value("X"), .value("FUN"), .value("FUN.VALUE", help: "what each result looks like"), .promiseDots,
            .value("USE.NAMES", true),
        ],
        help: "Calls a function on each element; every result must have the type and length of FUN.VALUE"
    ) { args in
        let template = try args.required("FUN.VALUE")
        guard template.isVector else { throw WorkbenchError(.value, "'FUN.VALUE' must be a vector") }
        let useNames = try args.flag("USE.NAMES")
        var (results, names) = try appliedToAll(args)
        if useNames, names == nil, case .character(let v) = args[0] { names = v.elements }
        if !useNames { names = nil }
        return try checked(results, like: template, names: names)
    }
    base.function(
        "simplify2array", [.value("x"), .value("higher", true), .value("except", .ints([0, 1]))],
        help: "A vector, matrix or array made of a list of results"
    ) { args in
        guard case .list(let list) = try args.required("x") else { return args[0] }
        return try simplified(list.elements, names: args[0].names, higher: try args.flag("higher"), args.context)
    }
    base.function(
        "eapply",
        [.value("env"), .value("FUN"), .dots, .value("all.names", false), .value("USE.NAMES", true)],
        help: "Calls a function on each variable of an environment"
    ) { args in
        let environment = try args.environmentValue("env")
        let function = try args.functionValue("FUN")
        let all = try args.flag("all.names")
        let symbols = environment.names().filter { all || !$0.name.hasPrefix(".") }
        let apply = Applier(function, args)
        let results = try args.context.activating(args.call, from: args.environment) {
            try symbols.map { symbol in
                guard let value = environment.local(symbol) else { return Value.null }
                return try apply.call(try args.context.forced(value))
            }
        }
        let list = Value.list(Vector(results))
        return try args.flag("USE.NAMES") ? list.withNames(symbols.map { $0.name }) : list
    }
}

/// Calls one function on many values as `lapply` does: the call shown is `FUN(X[[i]], ...)`.
struct Applier {
    let function: Value
    /// What is passed on: promises, and the empty arguments of `sapply(list, "[", , 2)`.
    let rest: [Argument]
    let environment: Environment
    let context: Context

    private static let element = Value.call(Call("[[", [.symbol(Symbol.named("X")), .symbol(Symbol.named("i"))]))
    private static let plainCall = Call(
        .symbol(Symbol.named("FUN")), [Argument(element), Argument(.symbol(Symbol.dots))])

    init(_ function: Value, _ args: Arguments) {
        self.function = function
        rest = args.dots
        environment = args.environment
        context = args.context
    }

    func call(_ value: Value) throws -> Value {
        // A closure may look at the code of its argument; others are spared the promise.
        var first = Argument(value)
        if case .closure = function { first.value = .promise(Promise(Applier.element, value: value)) }
        return try context.call(function, [first] + rest, call: Applier.plainCall, environment: environment)
    }
}

/// Results of `FUN` for all elements of `X`, with the names of `X`.
private func appliedToAll(_ args: Arguments) throws -> (results: [Value], names: [Text?]?) {
    let function = try args.functionValue("FUN")
    let elements = try eachElement(try args.required("X"), args.context)
    let names = try elementNames(args["X"], args.context)
    let apply = Applier(function, args)
    var results: [Value] = []
    results.reserveCapacity(min(elements.count, 1 << 20))
    try args.context.activating(args.call, from: args.environment) {
        for (place, element) in elements.enumerated() {
            if place & 0xFFF == 0 { try args.context.pollInterrupt() }
            results.append(try apply.call(element))
        }
    }
    return (results, names.flatMap { $0.count == results.count ? $0 : nil })
}

/// Puts results of one type and length together.
private func checked(_ results: [Value], like template: Value, names: [Text?]?) throws -> Value {
    let length = template.length
    let type = template.typeName
    for (place, result) in results.enumerated() {
        guard result.length == length else {
            throw WorkbenchError(
                .value,
                "values must be length \(length),\n but FUN(X[[\(place + 1)]]) result is length \(result.length)")
        }
        guard fits(result, type) else {
            throw WorkbenchError(
                .type,
                "values must be type '\(type)',\n but FUN(X[[\(place + 1)]]) result is type '\(result.typeName)'")
        }
    }
    let joined: Value
    switch template {
    case .logical: joined = .logical(Vector(try results.flatMap { try $0.asLogicals().elements }))
    case .integer: joined = .integer(Vector(try results.flatMap { try $0.asIntegers().elements }))
    case .double: joined = .double(Vector(try results.flatMap { try $0.asDoubles().elements }))
    case .complex: joined = .complex(Vector(try results.flatMap { try $0.asComplexes().elements }))
    case .character: joined = .character(Vector(try results.flatMap { try $0.asCharacters().elements }))
    case .raw: joined = concatenated(results) ?? .raw(Vector([]))
    default:
        joined = .list(
            Vector(
                results.flatMap { value -> [Value] in
                    if case .list(let v) = value { return v.elements }
                    return []
                }))
    }
    if length == 1 { return joined.withNames(names) }
    let shape = template.dim ?? [length]
    let result = joined.setting(Symbol.dim, .ints(shape + [results.count]))
    let outer: Value = names.map { .character(Vector($0)) } ?? .null
    if shape.count > 1 {
        guard case .list(let own)? = template.attribute(Symbol.dimnames) else {
            return outer.isNull
                ? result : result.setting(Symbol.dimnames, .items(shape.map { _ in .null } + [outer]))
        }
        return result.setting(Symbol.dimnames, .items(own.elements + [outer]))
    }
    let inner = (template.names ?? results.first?.names).map { Value.character(Vector($0)) } ?? .null
    if inner.isNull, outer.isNull { return result }
    return result.setting(Symbol.dimnames, .items([inner, outer]))
}

private func fits(_ value: Value, _ type: String) -> Bool {
    let own = value.typeName
    if own == type { return true }
    switch type {
    case "integer": return own == "logical"
    case "double": return own == "logical" || own == "integer"
    default: return false
    }
}
