import Diagnostics
import RRuntime
import VectorValues

func registerClasses(_ base: Namespace) {
    base.function("class", [.value("x")], help: "Classes of an object, implicit ones included.") { args in
        .character(Vector(try args.required("x").classes.map { Optional($0) }))
    }
    base.function("oldClass", [.value("x")], help: "The class attribute, or NULL.") { args in
        let x = try args.required("x")
        if case .object = x { return .character(Vector(x.classes.map { Optional($0) })) }
        return x.attribute(Symbol.classAttribute) ?? .null
    }
    base.function(".class2", [.value("x")], help: "The classes that dispatch tries.") { args in
        .character(Vector(try args.required("x").dispatchClasses.map { Optional($0) }))
    }
    base.function("class<-", [.value("x"), .value("value")], help: "Sets the class.") { args in
        let value = args[1]
        return try ClassAccess.settingImplicit(args.take(0), value, args.context)
    }
    base.function("oldClass<-", [.value("x"), .value("value")], help: "Sets the class attribute.") { args in
        let value = args[1]
        return try ClassAccess.setting(args.take(0), value)
    }
    base.function("unclass", [.value("x")], help: "The object without its class attribute.") { args in
        let x = try args.required("x")
        switch x {
        case .environment: throw WorkbenchError(.type, "cannot unclass an environment")
        case .object: return x
        default: return x.setting(Symbol.classAttribute, nil)
        }
    }
    base.function(
        "inherits", [.value("x"), .value("what"), .value("which", false)],
        help: "Whether an object has one of some classes."
    ) { args in
        let x = try args.required("x")
        let classes = x.classAttribute ?? inheritedClasses(x)
        guard case .character(let what) = try args.required("what") else {
            throw WorkbenchError(.type, "'what' must be a character vector")
        }
        guard try args.flag("which") else {
            return .flag(what.elements.contains { name in name.map { classes.contains($0) } ?? false })
        }
        return .ints(
            what.elements.map { name in name.flatMap { classes.firstIndex(of: $0) }.map { $0 + 1 } ?? 0 })
    }
}

/// Implicit classes as `inherits` sees them.
private func inheritedClasses(_ x: Value) -> [Text] {
    var classes = x.classes
    if x.dim != nil || x.kind == .integer || x.kind == .double { classes = x.dispatchClasses }
    return classes
}

enum ClassAccess {
    /// The object with a class attribute.
    static func setting(_ x: Value, _ value: Value) throws -> Value {
        if value.isNull { return x.setting(Symbol.classAttribute, nil) }
        guard case .character(let names) = value else {
            throw WorkbenchError(.type, "attempt to set invalid 'class' attribute")
        }
        if names.isEmpty { return x.setting(Symbol.classAttribute, nil) }
        if x.isNull { throw WorkbenchError(.value, "attempt to set an attribute on NULL") }
        if names.elements.contains("factor"), x.kind != .integer {
            throw WorkbenchError(.value, "adding class \"factor\" to an invalid object")
        }
        switch x {
        case .symbol, .builtin, .missing: throw WorkbenchError(.type, "cannot set attribute on a \(x.typeName)")
        default: return x.setting(Symbol.classAttribute, value)
        }
    }

    /// `class(x) <- value`: names of basic types convert instead.
    static func settingImplicit(_ x: Value, _ value: Value, _ context: Context) throws -> Value {
        guard case .character(let names) = value, names.count == 1, let name = names[0] else {
            return try setting(x, value)
        }
        let plain = x.setting(Symbol.classAttribute, nil)
        switch name.string {
        case "numeric":
            if x.kind == .double || x.kind == .integer { return plain }
            return try plain.coercedKeepingAttributes(to: .double, context)
        case "integer": return try plain.coercedKeepingAttributes(to: .integer, context)
        case "character": return try plain.coercedKeepingAttributes(to: .character, context)
        case "logical": return try plain.coercedKeepingAttributes(to: .logical, context)
        case "complex": return try plain.coercedKeepingAttributes(to: .complex, context)
        case "list":
            if x.kind == .list { return plain }
            return try plain.coercedKeepingAttributes(to: .list, context)
        case "function":
            guard x.isFunction else {
                throw WorkbenchError(.type, "only valid when object is a function")
            }
            return plain
        case "matrix":
            if x.dim?.count == 2 { return plain }
            throw WorkbenchError(
                .value,
                "invalid to set the class to matrix unless the dimension attribute is of length 2 (was \(x.dim?.count ?? 0))"
            )
        case "array":
            if x.dim != nil { return plain }
            throw WorkbenchError(
                .value, "cannot set class to \"array\" unless the dimension attribute has length > 0")
        default: return try setting(x, value)
        }
    }
}
