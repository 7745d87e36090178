import Diagnostics
import LanguageValues
import RRuntime

/// `Reduce`, `Filter`, `Position`, `Find`.
func registerFolding(_ base: Namespace) {
    base.function(
        "Reduce",
        [
            .value("f"), .value("x"), .value("init"), .value("right", false), .value("accumulate", false),
            .value("simplify", true),
        ], help: "Joins the elements of a vector two by two with a function"
    ) { args in
        let function = try args.functionValue("f")
        let right = try args.flag("right")
        let elements = try eachElement(try args.required("x"), args.context)
        let accumulate = try args.flag("accumulate")
        let start = args.has("init") ? args["init"] : right ? elements.last : elements.first
        guard var current = start else { return .null }
        let rest = args.has("init") ? elements[...] : right ? elements.dropLast() : elements.dropFirst()
        let initial = Value.symbol(Symbol.named("init"))
        let element = Value.call(Call("[[", [.symbol(Symbol.named("x")), .symbol(Symbol.named("i"))]))
        let call = Call("f", right ? [element, initial] : [initial, element])
        var steps = [current]
        let context = args.context
        try context.activating(args.call, from: args.environment) {
            for place in 0..<rest.count {
                if place & 0xFFF == 0 { try context.pollInterrupt() }
                let next = right ? rest[rest.endIndex - 1 - place] : rest[rest.startIndex + place]
                let pair = right ? [(element, next), (initial, current)] : [(initial, current), (element, next)]
                current = try context.call(
                    function, pair.map { Argument(.promise(Promise($0.0, value: $0.1))) }, call: call,
                    environment: args.environment)
                if accumulate { steps.append(current) }
            }
        }
        guard accumulate else { return current }
        if right { steps.reverse() }
        guard try args.flag("simplify"), try steps.allSatisfy({ try lengthOf($0, context) == 1 }) else {
            return .items(steps)
        }
        return try simplified(steps, names: nil, context)
    }
    base.function("Filter", [.value("f"), .value("x")], help: "The elements for which a function is TRUE") { args in
        let x = try args.required("x")
        let chosen = try matching(args).enumerated().filter { $0.element == true }.map { $0.offset + 1 }
        return try args.context.call("[", [Argument(x), Argument(.ints(chosen))])
    }
    base.function(
        "Position", [.value("f"), .value("x"), .value("right", false), .value("nomatch", .integer(Vector([nil])))],
        help: "Position of the first element for which a function is TRUE"
    ) { args in
        guard let place = try firstMatch(args) else { return args["nomatch"] }
        return .int(place + 1)
    }
    base.function(
        "Find", [.value("f"), .value("x"), .value("right", false), .value("nomatch", nil)],
        help: "The first element for which a function is TRUE"
    ) { args in
        guard let place = try firstMatch(args) else { return args["nomatch"] }
        return try args.context.call("[[", [Argument(args["x"]), Argument(.int(place + 1))])
    }
}

private func matching(_ args: Arguments) throws -> [Bool?] {
    let function = try args.functionValue("f")
    let apply = Applier(function, args)
    let elements = try listElements(try args.required("x"), args.context)
    return try args.context.activating(args.call, from: args.environment) {
        try elements.map { element in
            let answers = try apply.call(element).asLogicals().elements
            guard answers.count == 1 else {
                throw WorkbenchError(
                    .type,
                    answers.isEmpty
                        ? "the function gave a result of length 0 where TRUE or FALSE was needed"
                        : "(list) object cannot be coerced to type 'logical'")
            }
            return answers[0]
        }
    }
}

private func firstMatch(_ args: Arguments) throws -> Int? {
    let function = try args.functionValue("f")
    let apply = Applier(function, args)
    let elements = try listElements(try args.required("x"), args.context)
    let order = try args.flag("right") ? Array(elements.indices.reversed()) : Array(elements.indices)
    return try args.context.activating(args.call, from: args.environment) {
        for place in order where try apply.call(elements[place]).asLogicals().elements.first == .some(true) {
            return place
        }
        return nil
    }
}
