import Diagnostics
import RRuntime
import VectorValues

func registerChoices(_ base: Namespace, _ utils: Namespace) {
    base.function(
        "ifelse", [.value("test"), .promise("yes"), .promise("no")],
        help: "Elements of one vector where a test is TRUE, of another where it is FALSE."
    ) { args in try ifelse(args) }
    utils.function(
        "modifyList", [.value("x"), .value("val"), .value("keep.null", false)],
        help: "A list with elements replaced by name."
    ) { args in
        let x = try args.required("x")
        let changes = try args.required("val")
        for (name, value) in [("x", x), ("val", changes)] where value.kind != .list {
            throw WorkbenchError(.type, "is.list(\(name)) is not TRUE")
        }
        return modified(x, changes, keepsNull: try args.flag("keep.null"))
    }
}

private func ifelse(_ args: Arguments) throws -> Value {
    var test = try args.required("test")
    if test.kind != .logical {
        if test.isAtomic {
            test = try test.coercedKeepingAttributes(to: .logical, args.context)
        } else {
            test = try args.context.call("as.logical", [Argument(test)], environment: args.environment)
        }
    }
    guard case .logical(let flags) = test else { throw WorkbenchError(.type, "'test' must be logical") }
    let count = flags.count
    if count == 1, test.attributes == nil {
        guard let flag = flags[0] else { return .logical(Vector([nil])) }
        let chosen = try args.forced(flag ? "yes" : "no")
        if chosen.length == 1, chosen.attributes == nil { return chosen }
    }
    var result = test
    for (name, wanted) in [("yes", true), ("no", false)] {
        let places = flags.elements.indices.filter { flags.elements[$0] == wanted }
        guard !places.isEmpty else { continue }
        let source = try args.forced(name)
        let length = source.length
        guard source.isVector else {
            throw WorkbenchError(.type, "attempt to replicate an object of type '\(source.typeName)'")
        }
        if length == 0 { throw WorkbenchError(.value, "replacement has length zero") }
        let kind = max(result.kind ?? .logical, source.kind ?? .list)
        let picked = try source.gathering(places.map { $0 % length }).coerced(to: kind, args.context)
        result = try result.coercedKeepingAttributes(to: kind, args.context)
        result.scatter(picked, at: places, extent: 0)
    }
    return result
}

private func modified(_ x: Value, _ changes: Value, keepsNull: Bool) -> Value {
    guard case .list(let items) = changes, let names = changes.names else { return x }
    var elements = x.itemsList
    var own = x.names ?? Array(repeating: "", count: elements.count)
    for (place, name) in names.enumerated() {
        guard let name, !name.isEmpty else { continue }
        let value = items[names.firstPosition(of: name) ?? place]
        guard let known = own.firstPosition(of: name) else {
            if value.isNull, !keepsNull { continue }
            elements.append(value)
            own.append(name)
            continue
        }
        if value.isNull, !keepsNull {
            elements.remove(at: known)
            own.remove(at: known)
        } else if elements[known].kind == .list, value.kind == .list {
            elements[known] = modified(elements[known], value, keepsNull: keepsNull)
        } else {
            elements[known] = value
        }
    }
    var result = x
    result = Value.list(Vector(elements, x.attributes))
    return result.setting(Symbol.names, x.names == nil && elements.isEmpty ? nil : .character(Vector(own)))
}
