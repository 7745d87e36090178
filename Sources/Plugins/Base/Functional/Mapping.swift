import Diagnostics
import LanguageValues
import RRuntime

/// `mapply`, `Map`, `rapply`.
func registerMapping(_ base: Namespace) {
    base.function(
        "mapply",
        [
            .value("FUN"), .dots, .value("MoreArgs", nil), .value("SIMPLIFY", true), .value("USE.NAMES", true),
        ], help: "Calls a function on the first elements of all arguments, then on the second, …"
    ) { args in
        let function = try args.functionValue("FUN")
        var (results, names) = try mapped(function, args.dots, more: args["MoreArgs"], args)
        if try !args.flag("USE.NAMES") { names = nil }
        if case .character = args["SIMPLIFY"] {
            return try simplified(results, names: names, higher: true, args.context)
        }
        guard try args.flag("SIMPLIFY"), !results.isEmpty else { return Value.list(Vector(results)).withNames(names) }
        return try simplified(results, names: names, args.context)
    }
    base.function("Map", [.value("f"), .dots], help: "List of results of a function called element by element") {
        args in
        let function = try args.functionValue("f")
        let (results, names) = try mapped(function, args.dots, more: .null, args)
        return Value.list(Vector(results)).withNames(names)
    }
    base.function(
        "rapply",
        [
            .value("object"), .value("f"), .value("classes", "ANY"), .value("deflt", nil),
            .value("how", .strings(["unlist", "replace", "list"])), .dots,
        ], help: "Calls a function on the leaves of a nested list"
    ) { args in
        switch try args.required("object") {
        case .list, .expression: break
        default: throw WorkbenchError(.type, "'object' must be a list or expression")
        }
        let function = try args.functionValue("f")
        let how = try args["how"].asCharacters().elements.first??.string ?? "unlist"
        let classes = try args["classes"].asCharacters().elements.compactMap { $0 }
        let apply = Applier(function, args)
        let context = args.context
        let fallback = args["deflt"]
        func walk(_ value: Value, depth: Int) throws -> Value {
            guard depth < 1000 else { throw WorkbenchError(.value, "the list is nested too deeply") }
            if case .expression(let list) = value {
                return .list(Vector(try list.elements.map { try walk($0, depth: depth + 1) }))
            }
            if case .list(let list) = value {
                let kept = how == "replace" ? list.attributes : list.attributes.keeping([Symbol.names])
                return .list(Vector(try list.elements.map { try walk($0, depth: depth + 1) }, kept))
            }
            let own = value.dispatchClasses
            if classes.contains("ANY") || classes.contains(where: { own.contains($0) }) {
                return try apply.call(value)
            }
            return how == "replace" ? value : fallback
        }
        let result = try context.activating(args.call, from: args.environment) {
            try walk(try args.required("object"), depth: 0)
        }
        guard how == "unlist" else { return result }
        return try context.call("unlist", [Argument(result)])
    }
}

/// Calls a function on elements of the same position; shorter arguments are recycled.
func mapped(
    _ function: Value, _ vectors: [Argument], more: Value, _ args: Arguments
) throws -> (results: [Value], names: [Text?]?) {
    let context = args.context
    let columns = try vectors.map { try mappedElements($0.value, context) }
    // One empty argument makes the result empty, as in R 4.2.
    let longest = columns.contains { $0.isEmpty } ? 0 : columns.map { $0.count }.max() ?? 0
    var extra: [Argument] = []
    if case .list(let list) = more {
        let names = more.names
        extra = list.elements.indices.map { place in
            let name = names.flatMap { place < $0.count ? $0[place] : nil }
            return Argument(list[place], name: name.flatMap { $0.isEmpty ? nil : Symbol.named($0) })
        }
    }
    let dots = Value.symbol(Symbol.named("dots"))
    var results: [Value] = []
    results.reserveCapacity(longest)
    try context.activating(args.call, from: args.environment) {
        for row in 0..<longest {
            var arguments: [Argument] = []
            for (place, column) in columns.enumerated() {
                let inner = Value.call(Call("[[", [dots, .int(place + 1)]))
                let code = Value.call(Call("[[", [inner, .int(row + 1)]))
                arguments.append(
                    Argument(
                        .promise(Promise(code, value: column[row % column.count])), name: vectors[place].name))
            }
            let call = Call(
                function,
                arguments.map { argument in Argument(codeOf(argument.value), name: argument.name) } + extra)
            results.append(
                try context.call(function, arguments + extra, call: call, environment: args.environment))
        }
    }
    if columns.contains(where: { !$0.isEmpty && longest % $0.count != 0 }) {
        try context.warn("longer argument not a multiple of length of shorter", call: args.call)
    }
    var names: [Text?]? = nil
    if let first = vectors.first {
        names = try elementNames(first.value, context)
        if names == nil, case .character(let v) = first.value, !first.value.isObject { names = v.elements }
    }
    return (results, names.flatMap { $0.count == results.count ? $0 : nil })
}
