import Diagnostics
import LanguageValues
import RRuntime

/// The namespace zeallot: `c(a, b) %<-% list(1, 2)`.
func registerZeallot(_ registry: Registry) {
    let zeallot = registry.namespace("zeallot")
    registerDestructuring(zeallot)
}

/// `%<-%` and `%->%`, for every namespace that exports them.
public func registerDestructuring(_ namespace: Namespace) {
    namespace.function(
        "%<-%", [.promise("x"), .value("value")], help: "Assigns the parts of a value to several names", visible: false
    ) { args in
        let value = try args.required("value")
        try assign(args.expression("x"), value, args, depth: 0)
        return value
    }
    namespace.function(
        "%->%", [.value("value"), .promise("x")], help: "Assigns the parts of a value to several names", visible: false
    ) { args in
        let value = try args.required("value")
        try assign(args.expression("x"), value, args, depth: 0)
        return value
    }
}

private func assign(_ target: Value, _ value: Value, _ args: Arguments, depth: Int) throws {
    guard case .call(let call) = target, call.name?.name == "c" else {
        if case .symbol(let symbol) = target {
            if symbol.name == "." { return }
            try assignVariable(symbol, value, in: args.environment, args.context)
            return
        }
        if depth > 0, case .call = target {
            let assignment = Call(.symbol(Symbol.assign), [Argument(target), Argument(.call(Call("quote", [value])))])
            _ = try args.context.evaluate(.call(assignment), in: args.environment)
            return
        }
        throw WorkbenchError(
            .value,
            "invalid `%<-%` left-hand side, expected a name or c(…), got "
                + (args.context.deparse(target).first ?? ""),
            hint: "c(a, b) %<-% list(1, 2)")
    }
    let targets = call.arguments
    let parts = try pieces(of: value, args)
    let names = value.names ?? []
    let rest = targets.firstIndex { argument in
        guard case .symbol(let symbol) = argument.value else { return false }
        return symbol.name.hasPrefix("...")
    }
    if rest == nil, parts.count < targets.count {
        throw WorkbenchError(
            .value, "invalid `%<-%` right-hand side, incorrect number of values",
            hint: "\(targets.count) names, but \(parts.count) value\(parts.count == 1 ? "" : "s")")
    }
    if rest == nil, parts.count > targets.count {
        throw WorkbenchError(
            .value, "invalid `%<-%` right-hand side, incorrect number of values",
            hint:
                "\(targets.count) name\(targets.count == 1 ? "" : "s"), but \(parts.count) values; a last name ...rest takes what is left"
        )
    }
    if rest != nil, parts.count < targets.count - 1 {
        throw WorkbenchError(.value, "invalid `%<-%` right-hand side, incorrect number of values")
    }
    for (place, argument) in targets.enumerated() {
        if let rest, place == rest {
            let behind = targets.count - 1 - rest
            let taken = Array(parts[rest..<(parts.count - behind)])
            guard case .symbol(let symbol) = argument.value, symbol.name.utf8.count > 3 else { continue }
            var collected = Value.items(taken)
            if !names.isEmpty { collected = collected.withNames(Array(names[rest..<(parts.count - behind)])) }
            if value.isAtomic { collected = concatenated(taken) ?? collected }
            try assignVariable(
                Symbol.named(String(symbol.name.dropFirst(3))), collected, in: args.environment, args.context)
            continue
        }
        var source = place
        if let rest, place > rest { source = parts.count - (targets.count - place) }
        try assign(argument.value, parts[source], args, depth: depth + 1)
    }
}

/// The parts of a value: elements of vectors and lists, columns of data frames; of objects by `destructure`, a method.
private func pieces(of value: Value, _ args: Arguments) throws -> [Value] {
    if case .object = value {
        if let parts = try args.context.dispatch(
            Symbol.named("destructure"), on: value, [Argument(value)], call: args.call, environment: args.environment)
        {
            return try listElements(parts, args.context)
        }
        return try listElements(value, args.context)
    }
    return try listElements(value, args.context)
}
