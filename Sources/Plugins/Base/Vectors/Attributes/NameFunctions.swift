import Diagnostics
import RRuntime
import VectorValues

func registerNames(_ base: Namespace, _ stats: Namespace) {
    base.function("names", [.value("x")], help: "Names of the elements.", dispatch: .internal) { args in
        names(of: try args.required("x"))
    }
    base.function(
        "names<-", [.value("x"), .value("value")], help: "Sets the names of the elements.", dispatch: .internal
    ) { args in
        let value = args[1]
        let checked = try checkedNames(value, for: args[0], args.context)
        return args.taking0 { $0 = withNames($0, checked) }
    }
    stats.function(
        "setNames", [.value("object", code: "nm"), .value("nm")], help: "The object with names."
    ) { args in
        let object = args["object"].isMissing ? args["nm"] : args["object"]
        return try args.context.call(
            "names<-", [Argument(object), Argument(args["nm"].isMissing ? .null : args["nm"], name: "value")],
            environment: args.environment)
    }
    base.function("unname", [.value("obj"), .value("force", false)], help: "Without names and dimnames.") { args in
        var object = try args.required("obj")
        if object.names != nil { object = object.setting(Symbol.names, nil) }
        let isFrame = object.inherits("data.frame")
        let force = try args.flag("force")
        if object.attribute(Symbol.dimnames) != nil, !isFrame || force {
            object = object.setting(Symbol.dimnames, nil)
        }
        return object
    }
}

private func names(of x: Value) -> Value {
    switch x {
    case .environment(let environment):
        return .strings(environment.names().map { $0.name }.inByteOrder())
    case .call:
        guard let names = x.names else { return .null }
        return .character(Vector(names))
    case .object, .symbol, .closure, .builtin: return .null
    default:
        guard let names = x.elementNames else { return .null }
        return .character(Vector(names))
    }
}

/// Names ready to be set: as text, filled up with NA to the length; NULL removes them.
func checkedNames(_ value: Value, for x: Value, _ context: Context) throws -> Value {
    if value.isNull { return .null }
    let count = x.length
    switch x {
    case .environment: throw WorkbenchError(.type, "names() applied to a non-vector")
    case .null: throw WorkbenchError(.value, "attempt to set an attribute on NULL")
    case .symbol, .closure, .builtin, .object, .missing:
        throw WorkbenchError(.type, "names() applied to a non-vector")
    default: break
    }
    var texts: [Text?]
    if value.inherits("factor") {
        let result = try context.call("as.character", [Argument(value)])
        texts = try result.asCharacters().elements
    } else {
        texts = try context.asCharacters(value).elements
    }
    if texts.count > count {
        throw WorkbenchError(
            .value, "'names' attribute [\(texts.count)] must be the same length as the vector [\(count)]")
    }
    while texts.count < count { texts.append(nil) }
    return .character(Vector(texts))
}

/// The value with names already checked; of calls the argument names, of one-dimensional arrays the dimnames.
func withNames(_ x: Value, _ names: Value) -> Value {
    if case .call(let call) = x {
        guard case .character(let texts) = names else {
            return .call(Call(call.function, call.arguments.map { Argument($0.value) }, attributes: call.attributes))
        }
        let arguments = call.arguments.enumerated().map { place, argument -> Argument in
            guard place + 1 < texts.count, let name = texts[place + 1], !name.isEmpty else {
                return Argument(argument.value)
            }
            return Argument(argument.value, name: Symbol.named(name))
        }
        return .call(Call(call.function, arguments, attributes: call.attributes))
    }
    if let dim = x.dim, dim.count == 1 {
        return x.setting(Symbol.dimnames, names.isNull ? nil : .items([names]))
    }
    return settingFirst(x, Symbol.names, names)
}

/// Sets an attribute; a new `names` comes first, as R shows it.
private func settingFirst(_ x: Value, _ name: Symbol, _ value: Value) -> Value {
    x.setting(name, value.isNull ? nil : value)
}
