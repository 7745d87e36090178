import Diagnostics
import LanguageValues
import RRuntime

/// `map`, `map2`, `pmap`, `imap`, `walk` and their typed forms.
func registerMaps(_ purrr: Namespace) {
    for kind in MapResult.allCases {
        purrr.function(
            "map" + kind.rawValue, [.value(".x"), .value(".f"), .dots], help: "Calls a function on each element"
        ) {
            args in try mapping(args, kind)
        }
        purrr.function(
            "imap" + kind.rawValue, [.value(".x"), .value(".f"), .dots],
            help:
                "Calls a function on each element and its name or position"
        ) { args in try indexed(args, kind) }
        purrr.function(
            "map2" + kind.rawValue, [.value(".x"), .value(".y"), .value(".f"), .dots],
            help: "Calls a function on the elements of two vectors"
        ) { args in
            try parallel([Argument(args[0]), Argument(args[1])], args, kind, labels: [".x", ".y"])
        }
        purrr.function(
            "pmap" + kind.rawValue, [.value(".l"), .value(".f"), .dots],
            help:
                "Calls a function on the elements of several vectors"
        ) { args in try parallel(columns(args), args, kind, labels: []) }
    }
    purrr.function(
        "walk", [.value(".x"), .value(".f"), .dots], help: "Calls a function on each element for its effect",
        visible: false
    ) {
        args in
        _ = try mapping(args, .list)
        return args[0]
    }
    purrr.function(
        "iwalk", [.value(".x"), .value(".f"), .dots], help: "walk() with the name or position", visible: false
    ) { args in
        _ = try indexed(args, .list)
        return args[0]
    }
    purrr.function(
        "walk2", [.value(".x"), .value(".y"), .value(".f"), .dots], help: "walk() over two vectors", visible: false
    ) {
        args in
        _ = try parallel([Argument(args[0]), Argument(args[1])], args, .list, labels: [".x", ".y"])
        return args[0]
    }
    purrr.function("pwalk", [.value(".l"), .value(".f"), .dots], help: "walk() over several vectors", visible: false) {
        args in
        _ = try parallel(columns(args), args, .list, labels: [])
        return args[0]
    }
    registerConditionalMaps(purrr)
}

private func registerConditionalMaps(_ purrr: Namespace) {
    purrr.function(
        "map_if", [.value(".x"), .value(".p"), .value(".f"), .dots, .value(".else", nil)],
        help: "Calls a function on the elements that a predicate chooses"
    ) { args in
        let function = try mapper(args[".f"], args)
        let other = args[".else"].isNull ? Optional<Value>.none : try mapper(args[".else"], args)
        let chosen = try predicate(args, ".p")
        let elements = try listElements(args[0], args.context)
        let results = try elements.enumerated().map { place, element -> Value in
            if chosen[place] { return try call(function, element, args) }
            return try other.map { try call($0, element, args) } ?? element
        }
        return Value.list(Vector(results)).withNames(try elementNames(args[0], args.context))
    }
    purrr.function(
        "map_at", [.value(".x"), .value(".at"), .value(".f"), .dots], help: "Calls a function on some elements"
    ) { args in
        let function = try mapper(args[".f"], args)
        let elements = try listElements(args[0], args.context)
        let names = try elementNames(args[0], args.context)
        var chosen: Set<Int> = []
        if case .character(let wanted) = args[".at"] {
            for (place, name) in (names ?? []).enumerated() where wanted.elements.contains(name) {
                chosen.insert(place)
            }
        } else {
            for place in try args[".at"].asIntegers().elements { if let place { chosen.insert(Int(place) - 1) } }
        }
        let results = try elements.enumerated().map { place, element in
            chosen.contains(place) ? try call(function, element, args) : element
        }
        return Value.list(Vector(results)).withNames(names)
    }
    purrr.function("modify", [.value(".x"), .value(".f"), .dots], help: "map() that keeps the type") { args in
        let results = try mapping(args, .list)
        guard case .list(let list) = results, case .list = args[0] else {
            guard case .list(let list) = results, let joined = concatenated(list.elements) else { return results }
            var copy = joined
            copy.attributes = args[0].attributes
            return copy
        }
        return .list(Vector(list.elements, args[0].attributes))
    }
}

/// TRUE or FALSE for each element: by a function, or given.
func predicate(_ args: Arguments, _ name: String) throws -> [Bool] {
    let elements = try listElements(args[0], args.context)
    if case .logical(let given) = args[name] {
        guard given.count == elements.count else {
            throw WorkbenchError(
                .value, "`\(name)` must have one element for each of the \(elements.count), not \(given.count)")
        }
        return given.elements.map { $0 == true }
    }
    let function = try mapper(args[name], args)
    return try args.context.activating(args.call, from: args.environment) {
        try elements.enumerated().map { place, element in
            let answer = try call(function, element, args)
            guard answer.length == 1, let flag = try answer.asLogicals().elements.first ?? nil else {
                throw WorkbenchError(
                    .type,
                    "`\(name)()` must return a single `TRUE` or `FALSE`, not \(args.context.deparse(answer).first ?? "")",
                    hint: "in index \(place + 1)")
            }
            return flag
        }
    }
}

private let mapCall = Call(
    ".f",
    [
        .call(Call("[[", [.symbol(Symbol.named(".x")), .symbol(Symbol.named("i"))])), .symbol(Symbol.dots),
    ])

/// Calls the mapper on one element with the extra arguments.
func call(_ function: Value, _ element: Value, _ args: Arguments) throws -> Value {
    try args.context.call(
        function, [Argument(element)] + args.dots, call: mapCall, environment: args.environment)
}

private func mapping(_ args: Arguments, _ kind: MapResult) throws -> Value {
    let elements = try listElements(try args.required(".x"), args.context)
    let function = try mapper(try args.required(".f"), args)
    let results = try args.context.activating(args.call, from: args.environment) {
        try elements.map { try call(function, $0, args) }
    }
    return try kind.collect(results, names: try elementNames(args[0], args.context), args.context)
}

private func indexed(_ args: Arguments, _ kind: MapResult) throws -> Value {
    let elements = try listElements(try args.required(".x"), args.context)
    let names = try elementNames(args[0], args.context)
    let function = try mapper(try args.required(".f"), args)
    let results = try args.context.activating(args.call, from: args.environment) {
        try elements.enumerated().map { place, element in
            let label: Value
            if let names, place < names.count {
                label = .character(Vector([names[place]]))
            } else {
                label = .int(place + 1)
            }
            return try args.context.call(
                function, [Argument(element), Argument(label)] + args.dots, call: mapCall, environment: args.environment
            )
        }
    }
    return try kind.collect(results, names: names, args.context)
}

private func columns(_ args: Arguments) throws -> [Argument] {
    guard case .list(let list) = try args.required(".l") else { throw WorkbenchError(.type, "`.l` must be a list.") }
    let names = args[0].names
    return list.elements.enumerated().map { place, value in
        let name = names.flatMap { place < $0.count ? $0[place] : nil }
        return Argument(value, name: name.flatMap { $0.isEmpty ? nil : Symbol.named($0) })
    }
}

private func parallel(
    _ vectors: [Argument], _ args: Arguments, _ kind: MapResult, labels: [String]
) throws -> Value {
    let context = args.context
    let function = try mapper(try args.required(".f"), args)
    let columns = try vectors.map { try listElements($0.value, context) }
    let sizes = columns.map { $0.count }
    let size = sizes.contains(0) ? 0 : sizes.max() ?? 0
    for (place, own) in sizes.enumerated() where own != size && own != 1 {
        let other = sizes.firstIndex(of: size) ?? 0
        func label(_ place: Int) -> String { place < labels.count ? labels[place] : ".l[[\(place + 1)]]" }
        throw WorkbenchError(
            .value, "Can't recycle `\(label(place))` (size \(own)) to match `\(label(other))` (size \(size)).")
    }
    let results = try context.activating(args.call, from: args.environment) {
        try (0..<size).map { row in
            let arguments = columns.enumerated().map { place, column in
                Argument(column.count == 1 ? column[0] : column[row], name: vectors[place].name)
            }
            return try context.call(function, arguments + args.dots, call: mapCall, environment: args.environment)
        }
    }
    let names = try vectors.first.flatMap { try elementNames($0.value, context) }
    return try kind.collect(results, names: names.flatMap { $0.count == size ? $0 : nil }, context)
}
