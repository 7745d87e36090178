import Diagnostics
import RRuntime
import VectorValues

func registerAttributes(_ base: Namespace) {
    base.function(
        "attr", [.value("x"), .value("which"), .value("exact", false)], help: "One attribute of an object."
    ) { args in
        let x = try args.required("x")
        guard case .character(let which) = try args.required("which"), which.count == 1, let name = which[0] else {
            throw WorkbenchError(.value, "exactly one attribute 'which' must be given")
        }
        if let value = AttributeAccess.get(x, Symbol.named(name)) { return value }
        if try args.flag("exact") { return .null }
        let near = (x.attributes?.entries ?? []).filter { $0.name.text.hasPrefix(name.string) }
        return near.count == 1 ? AttributeAccess.get(x, near[0].name) ?? .null : .null
    }
    base.function(
        "attr<-", [.value("x"), .value("which"), .value("value")], help: "Sets one attribute."
    ) { args in
        guard case .character(let which) = try args.required("which"), which.count == 1, let name = which[0] else {
            throw WorkbenchError(.value, "exactly one attribute 'name' must be given")
        }
        let value = args[2]
        let symbol = Symbol.named(name)
        guard !AttributeAccess.isChecked(symbol), !args[0].isNull else {
            return try AttributeAccess.set(args[0], symbol, value, args.context)
        }
        switch args[0] {
        case .symbol, .builtin, .missing: return try AttributeAccess.set(args[0], symbol, value, args.context)
        default: return args.taking0 { $0.attributes = $0.attributes.setting(symbol, value) }
        }
    }
    base.function("attributes", [.value("x")], help: "All attributes as a list.") { args in
        AttributeAccess.all(try args.required("x"))
    }
    for name in ["attributes<-", "mostattributes<-"] {
        let isMost = name.hasPrefix("most")
        base.function(
            name, [.value("obj"), .value("value")],
            help: isMost ? "Sets all attributes that fit." : "Replaces all attributes."
        ) { args in
            try AttributeAccess.replaceAll(args[0], args[1], args.context, isMost: isMost)
        }
    }
    base.function("structure", [.value(".Data"), .dots], help: "An object with attributes.") { args in
        var object = try args.required(".Data")
        if object.isNull, !args.dots.isEmpty { object = .list(Vector([])) }
        // Codes of factors are whole numbers, however they are written.
        if case .double = object,
            case .character(let names)? = args.dots.first(where: { $0.name?.name == "class" })?.value,
            names.elements.contains("factor")
        {
            object = .integer(Vector(try object.asIntegers().elements, object.attributes))
        }
        for argument in args.dots {
            guard let name = argument.name else {
                throw WorkbenchError(.value, "attributes must be named")
            }
            let renamed: [String: String] = [
                ".Dim": "dim", ".Dimnames": "dimnames", ".Names": "names", ".Tsp": "tsp", ".Label": "levels",
            ]
            let symbol = renamed[name.name].map { Symbol.named($0) } ?? name
            object = try AttributeAccess.set(object, symbol, argument.value, args.context)
        }
        return object
    }
    base.function("levels", [.value("x")], help: "Levels of a factor.", dispatch: .internal) { args in
        try args.required("x").attribute(Symbol.levels) ?? .null
    }
    base.function(
        "levels<-", [.value("x"), .value("value")], help: "Sets the levels.", dispatch: .internal
    ) { args in
        let value = args[1]
        return args.taking0 { $0.attributes = $0.attributes.setting(Symbol.levels, value) }
    }
}

enum AttributeAccess {
    /// An attribute as R code sees it.
    static func get(_ x: Value, _ name: Symbol) -> Value? {
        if name === Symbol.names {
            if case .call = x { return x.names.map { .character(Vector($0)) } }
            return x.elementNames.map { .character(Vector($0)) }
        }
        if name === Symbol.rowNames, let stored = x.attribute(Symbol.rowNames) { return expandedRowNames(stored) }
        return x.attribute(name)
    }

    /// Row names stored as `c(NA, -n)` are `1:n`.
    private static func expandedRowNames(_ stored: Value) -> Value {
        guard case .integer(let v) = stored, v.count == 2, v[0] == nil, let second = v[1] else { return stored }
        let count = Int(second.magnitude)
        return count == 0 ? .integer(Vector([])) : wholeSequence(from: 1, to: Double(count))
    }

    /// Setting it can fail.
    static func isChecked(_ name: Symbol) -> Bool {
        name === Symbol.names || name === Symbol.dim || name === Symbol.dimnames || name === Symbol.classAttribute
            || name === Symbol.rowNames
    }

    /// The object with an attribute set, checked as R's setters do.
    static func set(_ x: Value, _ name: Symbol, _ value: Value, _ context: Context) throws -> Value {
        if x.isNull {
            if value.isNull { return .null }
            return try set(.list(Vector([])), name, value, context)
        }
        switch name {
        case Symbol.names:
            if x.isObject, !value.isNull, case .list = x {
            } else if case .environment = x {
                var copy = x
                copy.attributes = copy.attributes.setting(name, value)
                return copy
            }
            return withNames(x, try checkedNames(value, for: x, context))
        case Symbol.dim:
            var copy = x
            copy.attributes = x.attributes.removing([Symbol.dimnames]).setting(name, try checkedDim(value, for: x))
            return copy
        case Symbol.dimnames: return x.setting(name, try checkedDimnames(value, for: x, context))
        case Symbol.classAttribute: return try ClassAccess.setting(x, value)
        case Symbol.rowNames:
            var stored = value
            if value.kind == .double, let whole = try? value.asIntegers() { stored = .integer(whole) }
            if case .integer(let v) = stored, v.count > 0, v.count != 2 || v[0] != nil,
                v.elements.enumerated().allSatisfy({ $0.element == Int32(clamping: $0.offset + 1) })
            {
                stored = .integer(Vector([nil, -Int32(clamping: v.count)]))
            }
            return x.setting(name, stored)
        default: break
        }
        switch x {
        case .symbol, .builtin, .missing:
            throw WorkbenchError(.type, "cannot set attribute on a \(x.typeName)")
        default: return x.setting(name, value)
        }
    }

    /// All attributes; names first.
    static func all(_ x: Value) -> Value {
        var entries = x.attributes?.entries ?? []
        if let place = entries.firstIndex(where: { $0.name === Symbol.names }), place > 0 {
            entries.insert(entries.remove(at: place), at: 0)
        }
        if case .call = x, let names = x.names {
            entries.insert((Symbol.names, .character(Vector(names))), at: 0)
        }
        if case .closure(let closure) = x, closure.source == nil { entries.removeAll { $0.name === Symbol.srcref } }
        guard !entries.isEmpty else { return .null }
        return Value.items(entries.map { get(x, $0.name) ?? $0.value }).withNames(entries.map { $0.name.name })
    }

    static func replaceAll(_ x: Value, _ value: Value, _ context: Context, isMost: Bool) throws -> Value {
        guard value.isNull || value.kind == .list else {
            throw WorkbenchError(.type, "attributes must be a list or NULL")
        }
        var object = x
        if !isMost || value.length > 0 { object.attributes = nil }
        guard case .list(let list) = value else { return object }
        guard let names = value.names, names.allSatisfy({ $0 != nil && $0 != "" }) else {
            if list.isEmpty { return object }
            throw WorkbenchError(.value, "attributes must be named")
        }
        let order = list.elements.indices.ordered { a, _ in names[a] == "dim" }
        var sequence = order.filter { names[$0] == "dim" }
        sequence += list.elements.indices.filter { names[$0] != "dim" }
        for place in sequence {
            guard let name = names[place] else { continue }
            let symbol = Symbol.named(name)
            if isMost {
                if symbol === Symbol.names, list[place].length != object.length || object.dim != nil { continue }
                if symbol === Symbol.dim || symbol === Symbol.dimnames {
                    if let fitting = try? set(object, symbol, list[place], context) { object = fitting }
                    continue
                }
            }
            object = try set(object, symbol, list[place], context)
        }
        return object
    }
}
