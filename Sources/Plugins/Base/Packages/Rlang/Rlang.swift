import Diagnostics
import LanguageValues
import RRuntime

/// The namespace rlang: the part of it that scripts use.
func registerRlang(_ registry: Registry) {
    let rlang = registry.namespace("rlang")
    registerRlangConditions(rlang)
    registerRlangTests(rlang)
    for name in ["list2", "dots_list"] {
        rlang.function(name, [.promiseDots], help: "A list of its arguments; `!!!x` is spliced in") { args in
            let items = try spliced(args)
            return .list(Vector(items.map { $0.value }, namesAttribute(items)))
        }
    }
    rlang.function(
        "exec", [.value(".fn"), .promiseDots, .value(".env", code: "caller_env()")], help: "Calls a function"
    ) {
        args in
        let items = try spliced(args)
        let function = try args.functionValue(".fn")
        var head = args[0]
        if case .character(let name) = head, let first = name.elements.first, let text = first {
            head = .symbol(Symbol.named(text))
        }
        return try args.context.call(
            function, items, call: Call(head, items), environment: try args.environmentOrCaller(".env"))
    }
    registerOrElse(rlang)
    registerSetNames(rlang)
    for name in ["as_function", "as_closure"] {
        rlang.function(name, [.value("x"), .dots], help: "The function of a formula like ~ .x + 1") { args in
            try mapper(try args.required("x"), args)
        }
    }
    rlang.function("sym", [.value("x")], help: "A name as code") { args in
        if case .symbol = args[0] { return args[0] }
        return .symbol(Symbol.named(try args.string("x")))
    }
    rlang.function("expr", [.promise("expr")], help: "Code as written") { args in args.expression("expr") }
    rlang.function("current_env", [], help: "The environment it is called in") { args in .environment(args.environment)
    }
    rlang.function("caller_env", [.value("n", .int(1))], help: "The environment of the caller") { args in
        .environment(parentFrame(args.environment, try args.int("n"), args.context))
    }
    rlang.function("is_installed", [.value("pkg"), .dots], help: "Whether there is a namespace of a name") { args in
        .flag(
            try args["pkg"].asCharacters().elements.allSatisfy {
                args.context.registry.existingNamespace($0?.string ?? "") != nil
            })
    }
    rlang.function(
        "check_installed", [.value("pkg"), .dots], help: "Ends with an error unless there is a namespace",
        visible: false
    ) {
        args in
        for name in try args["pkg"].asCharacters().elements
        where args.context.registry.existingNamespace(name?.string ?? "") == nil {
            throw try noPackage(name?.string ?? "NA", args.context, call: args.call)
        }
        return .null
    }
    rlang.function(
        "arg_match", [.promise("arg"), .value("values", nil), .dots], help: "The choice that an argument means"
    ) {
        args in
        var arguments = [Argument(args["arg"])]
        if !args["values"].isNull { arguments.append(Argument(args["values"], name: "choices")) }
        return try args.context.call(
            try args.context.function(Symbol.named("match.arg"), from: args.environment), arguments, call: args.call,
            environment: args.environment)
    }
}

/// `%||%`, for every namespace that exports it.
func registerOrElse(_ namespace: Namespace) {
    namespace.function("%||%", [.value("x"), .promise("y")], help: "The left value, or the right one if it is NULL") {
        args in
        if args[0].isNull { return try args.forced("y") }
        return args[0]
    }
}

/// `set_names`, for every namespace that exports it.
func registerSetNames(_ namespace: Namespace) {
    namespace.function(
        "set_names", [.value("x"), .value("nm", code: "x"), .dots], help: "Gives names, or changes them with a function"
    ) { args in
        let x = try args.required("x")
        var names = args.has("nm") ? args["nm"] : x
        if names.isFunction || names.inherits("formula") {
            let old = try x.names.map { Value.character(Vector($0)) } ?? .character(args.context.asCharacters(x))
            names = try args.context.call(
                try mapper(names, args), [Argument(old)] + args.dots, environment: args.environment)
        } else if !args.dots.isEmpty {
            names = .character(
                Vector(try ([names] + args.dotValues).flatMap { try args.context.asCharacters($0).elements }))
        }
        if names.isNull { return x.withNames(Optional<[Text?]>.none) }
        var texts = try args.context.asCharacters(names).elements
        if texts.count == 1, x.length > 1 { texts = Array(repeating: texts[0], count: x.length) }
        guard texts.count == x.length else {
            throw WorkbenchError(
                .value, "The size of `nm` (\(texts.count)) must be compatible with the size of `x` (\(x.length)).")
        }
        return x.withNames(texts)
    }
}

/// The values of unevaluated dots, `!!!x` replaced by the elements of x.
private func spliced(_ args: Arguments) throws -> [Argument] {
    var items: [Argument] = []
    for argument in args.dots {
        if argument.value.isMissing { continue }
        if let inner = spliceTarget(codeOf(argument.value)) {
            let value = try args.context.evaluate(inner, in: args.environment)
            let names = value.names
            for (place, element) in try listElements(value, args.context).enumerated() {
                let name = names.flatMap { place < $0.count ? $0[place] : nil }
                items.append(Argument(element, name: name.flatMap { $0.isEmpty ? nil : Symbol.named($0) }))
            }
        } else {
            items.append(Argument(try args.context.forced(argument.value), name: argument.name))
        }
    }
    return items
}

/// x of `!!!x`.
private func spliceTarget(_ code: Value) -> Value? {
    var current = code
    for _ in 0..<3 {
        guard case .call(let call) = current, call.name?.name == "!", call.arguments.count == 1 else {
            return Optional<Value>.none
        }
        current = call.arguments[0].value
    }
    return current
}

private func registerRlangTests(_ rlang: Namespace) {
    func test(_ name: String, _ help: String, _ body: @escaping (Value) -> Bool) {
        rlang.function(name, [.value("x"), .value("n", nil)], help: help) { args in
            let value = try args.required("x")
            let count = try args.optionalInt("n")
            return .flag(body(value) && (count == nil || count == value.length))
        }
    }
    test("is_null", "Whether it is NULL") { $0.isNull }
    test("is_empty", "Whether it has no elements") { $0.length == 0 }
    test("is_function", "Whether it can be called") { $0.isFunction }
    test("is_true", "Whether it is TRUE") { value in
        if case .logical(let v) = value { return v.count == 1 && v[0] == true }
        return false
    }
    test("is_false", "Whether it is FALSE") { value in
        if case .logical(let v) = value { return v.count == 1 && v[0] == false }
        return false
    }
    for (name, type) in [
        ("is_list", "list"), ("is_character", "character"), ("is_logical", "logical"), ("is_integer", "integer"),
        ("is_double", "double"), ("is_environment", "environment"), ("is_symbol", "symbol"), ("is_call", "language"),
    ] {
        test(name, "Whether it is of type \(type)") { $0.typeName == type }
    }
    test("is_string", "Whether it is one string") { $0.typeName == "character" && $0.length == 1 }
    test("is_formula", "Whether it is a formula") { $0.inherits("formula") }
    test("is_atomic", "Whether it is an atomic vector") { $0.isAtomic }
    test("is_vector", "Whether it is a vector or list") { $0.isVector }
    test("is_named", "Whether all elements have names") { value in
        value.names?.allSatisfy { $0?.isEmpty == false } == true
    }
    for (name, type) in [
        ("is_scalar_character", "character"), ("is_scalar_logical", "logical"), ("is_scalar_integer", "integer"),
        ("is_scalar_double", "double"),
    ] {
        test(name, "Whether it is one element of type \(type)") { $0.typeName == type && $0.length == 1 }
    }
    test("is_bare_list", "Whether it is a list without class") { value in
        if case .list = value { return !value.isObject }
        return false
    }
    test("is_bare_numeric", "Whether it is a number without class") { $0.isNumeric && !$0.isObject }
}
