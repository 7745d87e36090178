import Diagnostics
import RRuntime
import VectorValues

func registerConversion(_ base: Namespace) {
    let simple: [(String, Kind)] = [
        ("as.logical", .logical), ("as.integer", .integer), ("as.double", .double), ("as.complex", .complex),
        ("as.raw", .raw), ("as.character", .character),
    ]
    for (name, kind) in simple {
        base.function(
            name, [.value("x", nil), .dots], help: "Converts to type \(kind.name), without attributes.",
            dispatch: .internal
        ) { args in try Conversion.warning(args[0], kind, args) }
        base.function(name + ".default", [.value("x", nil), .dots], help: "Converts to type \(kind.name).") { args in
            try Conversion.warning(args[0], kind, args)
        }
    }
    base.function(
        "as.numeric", [.value("x", nil), .dots], help: "Converts to type double, without attributes.",
        dispatch: .internal
    ) { args in
        if args[0].isObject,
            let result = try args.context.dispatch(
                Symbol.named("as.double"), on: args[0], [Argument(args[0])], call: args.call,
                environment: args.environment)
        {
            return result
        }
        return try Conversion.warning(args[0], .double, args)
    }
    base.function("as.symbol", [.value("x")], help: "A name from a text.") { args in try Conversion.symbol(args) }
    base.function("as.name", [.value("x")], help: "A name from a text.") { args in try Conversion.symbol(args) }
    base.function(
        "as.vector", [.value("x"), .value("mode", "any")], help: "A vector without attributes.", dispatch: .internal
    ) { args in try Conversion.vector(try args.required("x"), try args.string("mode"), args) }
    base.function("as.null", [.value("x"), .dots], help: "NULL, whatever the argument.") { _ in .null }
    base.function("as.expression", [.value("x"), .dots], help: "An expression vector.", dispatch: .generic) { args in
        switch try args.required("x") {
        case .expression(let v): return .expression(v)
        case .list(let v): return .expression(Vector(v.elements, v.attributes.keeping([Symbol.names])))
        case let x: return .expression(Vector(x.isAtomic ? x.itemsList : [x]))
        }
    }
    let list: Builtin.Implementation = { args in try Conversion.list(try args.required("x"), args) }
    base.function(
        "as.list", [.value("x"), .dots, .value("all.names", false), .value("sorted", false)],
        help: "A list of the elements.",
        dispatch: .generic, list)
    base.function("as.list.default", [.value("x"), .dots], help: "A list of the elements.") { args in
        try Conversion.list(try args.required("x"), args)
    }
    base.function("as.pairlist", [.value("x")], help: "A list of the elements.") { args in
        let result = try Conversion.list(try args.required("x"), args)
        return result.length == 0 ? .null : result
    }
}

enum Conversion {
    /// Conversion with R's warnings about what was lost.
    static func warning(_ x: Value, _ kind: Kind, _ args: Arguments) throws -> Value {
        if x.kind == kind, x.attributes == nil { return x }
        if kind == .logical, x.inherits("factor") {
            return try args.context.call("as.character", [Argument(x)]).coerced(to: .logical, args.context).bare
        }
        switch x {
        case .environment, .closure, .builtin, .object:
            throw WorkbenchError(
                .type, "cannot coerce type '\(x.typeName)' to vector of type '\(kind.name)'")
        case .symbol, .call:
            if kind == .character { break }
            throw WorkbenchError(
                .type, "cannot coerce type '\(x.typeName)' to vector of type '\(kind.name)'")
        default: break
        }
        switch kind {
        case .integer:
            let (v, lost) = try x.asIntegersNotingLoss()
            if lost {
                var text = "NAs introduced by coercion"
                if try isOutOfRange(x) { text += " to integer range" }
                try args.context.warn(text, call: args.context.frames.last?.call)
            }
            return .integer(v)
        case .double:
            let (v, lost) = try x.asDoublesNotingLoss()
            if lost { try args.context.warn("NAs introduced by coercion", call: args.context.frames.last?.call) }
            if case .complex(let c) = x, c.elements.contains(where: { $0.imaginary != 0 && !$0.isNA }) {
                try args.context.warn("imaginary parts discarded in coercion", call: args.call)
            }
            return .double(v)
        case .complex:
            let (v, lost) = try x.asComplexNumbers()
            if lost { try args.context.warn("NAs introduced by coercion", call: args.call) }
            return .complex(v)
        case .raw:
            let (bytes, lost) = try x.asRawBytes()
            if lost {
                try args.context.warn("out-of-range values treated as 0 in coercion to raw", call: args.call)
            }
            return .raw(Vector(bytes))
        default: return try x.coerced(to: kind, args.context)
        }
    }

    /// Whether what was lost are numbers that are too large, not texts that are none.
    private static func isOutOfRange(_ x: Value) throws -> Bool {
        guard case .character(let v) = x else { return true }
        return v.elements.allSatisfy { $0 == nil || parseNumber($0?.string ?? "") != nil }
    }

    static func symbol(_ args: Arguments) throws -> Value {
        let x = try args.required("x")
        if case .symbol = x { return x }
        if case .call(let call) = x { return try symbolOf(call.function, args) }
        guard x.length >= 1 else {
            throw WorkbenchError(.type, "invalid type/length (symbol/0) in vector allocation")
        }
        return try symbolOf(x, args)
    }

    private static func symbolOf(_ x: Value, _ args: Arguments) throws -> Value {
        if case .symbol = x { return x }
        let texts = try args.context.asCharacters(x)
        guard let first = texts.elements.first else { return .null }
        return .symbol(Symbol.named(first ?? "NA"))
    }

    static func vector(_ x: Value, _ mode: String, _ args: Arguments) throws -> Value {
        switch mode {
        case "any":
            if x.isAtomic {
                return x.bare
            }
            switch x {
            case .list, .expression:
                guard let names = x.attribute(Symbol.names) else { return x.attributes == nil ? x : x.bare }
                return x.attributes?.entries.count == 1 ? x : x.bare.setting(Symbol.names, names)
            case .null, .symbol: return x
            case .call: return x
            default:
                throw WorkbenchError(.type, "cannot coerce type '\(x.typeName)' to vector of type 'any'")
            }
        case "list", "pairlist": return try list(x, args)
        case "symbol", "name": return try symbolOf(x, args)
        default:
            guard let kind = kind(ofMode: mode) else {
                throw args.invalid("mode")
            }
            if x.inherits("factor"), kind == .character {
                return try args.context.call("as.character", [Argument(x)], environment: args.environment)
            }
            return try warning(x, kind, args)
        }
    }

    static func list(_ x: Value, _ args: Arguments) throws -> Value {
        switch x {
        case .null: return .list(Vector([]))
        case .list:
            return x.inherits("data.frame") ? x.setting(Symbol.classAttribute, nil) : x
        case .expression(let v): return .list(Vector(v.elements, v.attributes))
        case .call(let call): return call.asList
        case .symbol: return .items([x])
        case .environment(let environment):
            var symbols = environment.names()
            if (try? args.flag("all.names")) != true { symbols.removeAll { $0.name.utf8.first == 46 } }
            if (try? args.flag("sorted")) == true { symbols = symbols.ordered { $0.text < $1.text } }
            let values = try symbols.map { try args.context.forced(environment.local($0) ?? .null) }
            if symbols.isEmpty { return .list(Vector([])) }
            return Value.items(values).withNames(symbols.map { $0.name })
        case .closure(let closure):
            let formals = closure.formals
            return Value.items(formals.defaults + [closure.body]).withNames(formals.names.map { $0.name } + [""])
        default:
            guard x.isAtomic else { return .items([x]) }
            if ["factor", "Date", "POSIXct", "difftime"].contains(where: { x.inherits($0) }) {
                // Elements keep the class and levels; of other classes they are plain.
                let kept = x.attributes.removing([Symbol.names, Symbol.dim, Symbol.dimnames])
                let items = (0..<x.length).map { x.element($0).settingAttributes(kept) }
                return Value.items(items).setting(Symbol.names, x.attribute(Symbol.names))
            }
            return Value.items(x.itemsList).setting(Symbol.names, x.elementNames.map { .character(Vector($0)) })
        }
    }
}
