import Diagnostics
import RRuntime
import VectorValues

func registerPredicates(_ base: Namespace) {
    func predicate(_ name: String, _ help: String, _ test: @escaping @Sendable (Value) -> Bool) {
        base.function(
            name, [.value("x")], help: help, direct: { x, _, _ in x.isMissing ? nil : .flag(test(x)) }
        ) { args in .flag(test(try args.required("x"))) }
    }
    predicate("is.null", "Whether x is NULL.") { $0.isNull }
    predicate("is.logical", "Whether x is a logical vector.") { $0.kind == .logical }
    predicate("is.integer", "Whether x is an integer vector.") { $0.kind == .integer && !$0.inherits("factor") }
    predicate("is.double", "Whether x is a double vector.") { $0.kind == .double }
    predicate("is.complex", "Whether x is a complex vector.") { $0.kind == .complex }
    predicate("is.character", "Whether x is a character vector.") { $0.kind == .character }
    predicate("is.raw", "Whether x is a raw vector.") { $0.kind == .raw }
    predicate("is.list", "Whether x is a list.") { $0.kind == .list }
    predicate("is.pairlist", "Whether x is a pairlist: NULL, here.") { $0.isNull }
    predicate("is.expression", "Whether x is an expression vector.") { $0.kind == .expression }
    predicate("is.symbol", "Whether x is a name.") { isSymbol($0) }
    predicate("is.name", "Whether x is a name.") { isSymbol($0) }
    predicate("is.call", "Whether x is a call.") { isCall($0) }
    predicate("is.language", "Whether x is code.") { isSymbol($0) || isCall($0) || $0.kind == .expression }
    predicate("is.function", "Whether x can be called.") { $0.isFunction }
    predicate("is.primitive", "Whether x is a registered function.") { x in
        if case .builtin = x { return true }
        return false
    }
    predicate("is.environment", "Whether x is an environment.") { x in
        if case .environment = x { return true }
        return false
    }
    predicate("is.atomic", "Whether x is an atomic vector or NULL.") { $0.isAtomic || $0.isNull }
    predicate("is.recursive", "Whether x has a structure like a list.") { isRecursive($0) }
    predicate("is.object", "Whether x has a class attribute.") { $0.isObject }
    predicate("isS4", "Whether x is an S4 object: never.") { _ in false }
    base.function("is.numeric", [.value("x")], help: "Whether x is integer or double.", dispatch: .internal) { args in
        .flag(try args.required("x").isNumeric)
    }
    base.function("is.matrix", [.value("x")], help: "Whether x has two dimensions.", dispatch: .internal) { args in
        let x = try args.required("x")
        if x.inherits("data.frame") { return false }
        return .flag(try dimensions(x, args)?.count == 2)
    }
    base.function("is.array", [.value("x")], help: "Whether x has dimensions.", dispatch: .internal) { args in
        .flag(try args.required("x").dim != nil)
    }
    base.function(
        "is.vector", [.value("x"), .value("mode", "any")], help: "Whether x is a vector with no attributes but names."
    ) { args in
        let x = try args.required("x")
        if let attributes = x.attributes, attributes.entries.contains(where: { $0.name !== Symbol.names }) {
            return false
        }
        return .flag(hasMode(x, try args.string("mode")))
    }
    base.function("typeof", [.value("x")], help: "Type of the data.") { args in
        .string(try args.required("x").typeName)
    }
    base.function("mode", [.value("x")], help: "Mode: the type, both number types as numeric.") { args in
        .string(modeName(try args.required("x")))
    }
    base.function("data.class", [.value("x")], help: "The class, or matrix, array or the mode.") { args in
        let x = try args.required("x")
        if let first = x.classAttribute?.first { return .character(Vector([first])) }
        if let dim = x.dim { return dim.count == 2 ? "matrix" : "array" }
        return .string(modeName(x))
    }
    base.function("storage.mode", [.value("x")], help: "Type of the data.") { args in
        let x = try args.required("x")
        if x.isFunction { return "function" }
        return .string(x.typeName)
    }
    for name in ["storage.mode<-", "mode<-"] {
        base.function(name, [.value("x"), .value("value")], help: "Converts the data, keeping attributes.") { args in
            let mode = try args.string("value")
            guard let kind = kind(ofMode: mode) else { throw WorkbenchError(.value, "invalid value") }
            if args[0].inherits("factor"), kind != .integer {
                throw WorkbenchError(
                    .type, "invalid to change the storage mode of a factor",
                    hint: "as.character(f) gives its texts, as.integer(f) its codes")
            }
            if case .character = args[0], kind == .integer || kind == .double {
                let result = try Conversion.warning(args[0], kind, args)
                return result.settingAttributes(args[0].attributes)
            }
            return try args[0].coercedKeepingAttributes(to: kind, args.context)
        }
    }
}

extension Value {
    func settingAttributes(_ attributes: Attributes?) -> Value {
        var copy = self
        copy.attributes = attributes
        return copy
    }
}

private func isSymbol(_ x: Value) -> Bool {
    switch x {
    case .symbol, .missing: return true
    default: return false
    }
}

private func isCall(_ x: Value) -> Bool {
    if case .call = x { return true }
    return false
}

private func isRecursive(_ x: Value) -> Bool {
    if x.isNull || x.isAtomic || isSymbol(x) { return false }
    return true
}

/// R's `mode`.
func modeName(_ x: Value) -> String {
    switch x {
    case .integer, .double: return "numeric"
    case .closure, .builtin: return "function"
    case .symbol, .missing: return "name"
    case .call(let call): return call.className == "(" ? "(" : "call"
    case .object(let object) where object.isCallable: return "function"
    default: return x.typeName
    }
}

/// The vector type a mode names.
func kind(ofMode mode: String) -> Kind? {
    switch mode {
    case "logical": return .logical
    case "integer": return .integer
    case "numeric", "double": return .double
    case "complex": return .complex
    case "character": return .character
    case "raw": return .raw
    case "list", "pairlist": return .list
    case "expression": return .expression
    default: return nil
    }
}

private func hasMode(_ x: Value, _ mode: String) -> Bool {
    switch mode {
    case "any": return x.isVector
    case "numeric": return (x.kind == .integer || x.kind == .double) && !x.inherits("factor")
    case "name", "symbol": return isSymbol(x)
    case "call": return isCall(x)
    case "function": return x.isFunction
    default: return x.typeName == mode || modeName(x) == mode
    }
}
