import Diagnostics
import RRuntime

/// `call`, `as.call`, `as.name`, `is.call`, …: making and recognising code.
func registerCodeParts(_ base: Namespace) {
    base.function("as.call", [.value("x")], help: "The call whose function and arguments a list holds") { args in
        let value = try args.required("x")
        switch value {
        case .call: return value
        case .list(let list), .expression(let list):
            guard let function = list.elements.first else { throw WorkbenchError(.value, "invalid argument list") }
            let names = value.names
            let arguments = list.elements.indices.dropFirst().map { place -> Argument in
                let name = names.flatMap { place < $0.count ? $0[place] : nil }
                return Argument(list[place], name: name.flatMap { $0.isEmpty ? nil : Symbol.named($0) })
            }
            return .call(Call(function, arguments))
        default: throw WorkbenchError(.value, "invalid argument list")
        }
    }
    base.function("call", [.value("name"), .dots], help: "A call of a function by name, with these values") { args in
        guard case .character(let name) = try args.required("name"), name.count == 1, let text = name[0] else {
            throw WorkbenchError(.value, "first argument must be a character string")
        }
        return .call(Call(.symbol(Symbol.named(text)), args.dots))
    }
    base.function("as.name", [.value("x")], help: "A name as code") { args in
        let value = try args.required("x")
        if case .symbol = value { return value }
        if case .call(let call) = value, case .symbol = call.function { return call.function }
        let text = try args.context.asCharacters(value).elements
        guard let first = text.first else {
            throw WorkbenchError(.value, "invalid type/length (symbol/0) in vector allocation")
        }
        let name = first ?? "NA"
        if name.isEmpty { throw WorkbenchError(.value, "attempt to use zero-length variable name") }
        return .symbol(Symbol.named(name))
    }
    base.alias("as.symbol", of: "as.name")
    registerCodeTests(base)
}

private func registerCodeTests(_ base: Namespace) {
    func test(_ name: String, _ help: String, _ body: @escaping (Value) -> Bool) {
        base.function(name, [.value("x")], help: help) { args in .flag(body(try args.required("x"))) }
    }
    test("is.name", "Whether it is a name in code") { value in
        switch value {
        case .symbol, .missing: return true
        default: return false
        }
    }
    base.alias("is.symbol", of: "is.name")
    test("is.call", "Whether it is a call in code") { value in
        if case .call = value { return true }
        return false
    }
    test("is.language", "Whether it is a name, a call or an expression vector") { value in
        switch value {
        case .symbol, .call, .expression: return true
        default: return false
        }
    }
    test("is.expression", "Whether it is an expression vector") { value in
        if case .expression = value { return true }
        return false
    }
    test("is.function", "Whether it can be called") { $0.isFunction }
    test("is.primitive", "Whether it is a function that R builds in") { value in
        guard case .builtin(let builtin) = value else { return false }
        return primitiveNames.contains(builtin.name.name)
    }
    base.function(
        "all.names",
        [
            .value("expr"), .value("functions", true), .value("max.names", .int(-1)), .value("unique", false),
        ], help: "All names in code, in order"
    ) { args in
        let limit = try args.int("max.names")
        return names(
            in: try args.required("expr"), functions: try args.flag("functions"), unique: try args.flag("unique"),
            limit: limit < 0 ? Int.max : limit)
    }
    base.function(
        "all.vars",
        [
            .value("expr"), .value("functions", false), .value("max.names", .int(-1)), .value("unique", true),
        ], help: "The variables in code"
    ) { args in
        let limit = try args.int("max.names")
        return names(
            in: try args.required("expr"), functions: try args.flag("functions"), unique: try args.flag("unique"),
            limit: limit < 0 ? Int.max : limit)
    }
}

private func names(in code: Value, functions: Bool, unique: Bool, limit: Int) -> Value {
    var found: [Text] = []
    var seen: Set<Text> = []
    func note(_ symbol: Symbol) {
        guard found.count < limit else { return }
        if unique, !seen.insert(symbol.text).inserted { return }
        found.append(symbol.text)
    }
    // A stack instead of recursion: code can be nested deeper than the machine's stack allows.
    var stack: [(value: Value, isFunction: Bool)] = [(code, false)]
    while let (value, isFunction) = stack.popLast() {
        switch value {
        case .symbol(let symbol):
            if isFunction ? functions : !symbol.name.isEmpty { note(symbol) }
        case .call(let call):
            for argument in call.arguments.reversed() { stack.append((argument.value, false)) }
            stack.append((call.function, true))
        case .expression(let list):
            for element in list.elements.reversed() { stack.append((element, false)) }
        default: break
        }
    }
    return .character(Vector(found))
}
