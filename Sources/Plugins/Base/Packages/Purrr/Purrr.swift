import Diagnostics
import LanguageValues
import RRuntime

/// The namespace purrr.
func registerPurrr(_ registry: Registry) {
    let purrr = registry.namespace("purrr")
    registerMaps(purrr)
    registerPurrrSelection(purrr)
    registerPurrrFolding(purrr)
    registerPurrrFunctions(purrr)
    registerPurrrShapes(purrr)
    registerOrElse(purrr)
    registerSetNames(purrr)
    registerPipes(purrr, all: false)
    for name in ["as_mapper", "as_function"] {
        purrr.function(name, [.value(".f"), .dots], help: "The function of a formula, a name or a position") { args in
            try mapper(try args.required(".f"), args)
        }
    }
    purrr.function("pluck", [.value(".x"), .dots, .value(".default", nil)], help: "A part of a nested list") { args in
        try pluck(try args.required(".x"), args.dotValues, args, fallback: args[".default"])
    }
    purrr.function("chuck", [.value(".x"), .dots], help: "A part of a nested list that must be there") { args in
        let found = try pluck(try args.required(".x"), args.dotValues, args, fallback: .missing)
        if found.isMissing { throw WorkbenchError(.value, "there is no element at this place") }
        return found
    }
    purrr.method(
        "print", for: "rlang_lambda_function", [.value("x"), .dots], help: "Writes a function made of a formula",
        visible: false
    ) { args in
        guard case .closure(let closure) = args[0] else { return args[0] }
        let lines = args.context.deparse(.closure(closure.with(attributes: Attributes.of([]))))
        args.context.console.write("<lambda>\n" + lines.joined(separator: "\n") + "\n")
        return args[0]
    }
}

/// `keep`, `discard`, `compact`, `detect`, `every`, `some`, …
private func registerPurrrSelection(_ purrr: Namespace) {
    func subset(_ args: Arguments, _ chosen: [Bool]) throws -> Value {
        try args.context.call(
            "[", [Argument(args[0]), Argument(.logical(Vector(chosen.map { Optional($0) })))],
            environment: args.environment)
    }
    purrr.function("keep", [.value(".x"), .value(".p"), .dots], help: "The elements for which a predicate is TRUE") {
        args in
        try subset(args, try predicate(args, ".p"))
    }
    purrr.function("discard", [.value(".x"), .value(".p"), .dots], help: "The elements for which a predicate is FALSE")
    {
        args in try subset(args, try predicate(args, ".p").map { !$0 })
    }
    purrr.function("compact", [.value(".x"), .value(".p", nil)], help: "The elements that are not empty") { args in
        let elements = try listElements(args[0], args.context)
        let function = args[".p"].isNull ? Optional<Value>.none : try mapper(args[".p"], args)
        let chosen = try elements.map { element -> Bool in
            let tested = try function.map { try args.context.call($0, [Argument(element)]) } ?? element
            return try lengthOf(tested, args.context) > 0
        }
        return try subset(args, chosen)
    }
    func found(_ args: Arguments) throws -> Int? {
        let elements = try listElements(args[0], args.context)
        let function = try mapper(try args.required(".f"), args)
        let backward = try args.string(".dir") == "backward"
        for place in backward ? Array(elements.indices.reversed()) : Array(elements.indices)
        where try call(function, elements[place], args).asLogicals().elements.first == .some(true) {
            return place
        }
        return nil
    }
    purrr.function(
        "detect", [.value(".x"), .value(".f"), .dots, .value(".dir", "forward"), .value(".default", nil)],
        help: "The first element for which a predicate is TRUE"
    ) { args in
        guard let place = try found(args) else { return args[".default"] }
        return try args.context.call(
            "[[", [Argument(args[0]), Argument(.int(place + 1))], environment: args.environment)
    }
    purrr.function(
        "detect_index", [.value(".x"), .value(".f"), .dots, .value(".dir", "forward")],
        help: "Position of the first element for which a predicate is TRUE, or 0"
    ) { args in .int((try found(args) ?? -1) + 1) }
    purrr.function("every", [.value(".x"), .value(".p"), .dots], help: "Whether a predicate is TRUE for all elements") {
        args in
        .flag(try predicate(args, ".p").allSatisfy { $0 })
    }
    purrr.function("some", [.value(".x"), .value(".p"), .dots], help: "Whether a predicate is TRUE for an element") {
        args in
        .flag(try predicate(args, ".p").contains(true))
    }
    purrr.function("none", [.value(".x"), .value(".p"), .dots], help: "Whether a predicate is FALSE for all elements") {
        args in
        .flag(try !predicate(args, ".p").contains(true))
    }
    purrr.function("is_empty", [.value("x")], help: "Whether it has no elements") { args in
        .flag(try lengthOf(args[0], args.context) == 0)
    }
}

/// `reduce` and `accumulate`.
private func registerPurrrFolding(_ purrr: Namespace) {
    func fold(_ args: Arguments) throws -> [Value] {
        let function = try mapper(try args.required(".f"), args)
        let backward = try args.string(".dir") == "backward"
        var elements = try listElements(try args.required(".x"), args.context)
        if backward { elements.reverse() }
        if args.has(".init") { elements.insert(args[".init"], at: 0) }
        guard var current = elements.first else { return [] }
        var steps = [current]
        let shown = Call(".f", [.symbol(Symbol.named("out")), .symbol(Symbol.named("elt")), .symbol(Symbol.dots)])
        try args.context.activating(args.call, from: args.environment) {
            for element in elements.dropFirst() {
                let pair = backward ? [element, current] : [current, element]
                current = try args.context.call(
                    function, pair.map { Argument($0) } + args.dots, call: shown, environment: args.environment)
                if case .list(let done) = current, current.inherits("rlang_box_done") {
                    current = done.elements.first ?? .null
                    steps.append(current)
                    break
                }
                steps.append(current)
            }
        }
        return steps
    }
    let parameters: [Parameter] = [.value(".x"), .value(".f"), .dots, .value(".init"), .value(".dir", "forward")]
    purrr.function("reduce", parameters, help: "Joins the elements two by two with a function") { args in
        guard let last = try fold(args).last else {
            throw WorkbenchError(.value, "Must supply `.init` when `.x` is empty.")
        }
        return last
    }
    purrr.function(
        "accumulate", parameters + [.value(".simplify", .flag(nil))], help: "reduce() with all steps"
    ) { args in
        var steps = try fold(args)
        if try args.string(".dir") == "backward" { steps.reverse() }
        var names = try elementNames(args[0], args.context)
        if args.has(".init"), let own = names { names = [".init"] + own }
        let simple = try steps.allSatisfy { try $0.isAtomic && lengthOf($0, args.context) == 1 }
        if simple, let joined = concatenated(steps) { return joined.withNames(names) }
        return Value.list(Vector(steps)).withNames(names)
    }
    purrr.function("done", [.value("x")], help: "Ends reduce() early with a value") { args in
        Value.items([args[0]]).setting(Symbol.classAttribute, .strings(["rlang_box_done", "rlang_box"]))
    }
}
