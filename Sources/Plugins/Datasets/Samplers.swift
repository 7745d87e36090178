import PluginAPI

/// `sampler()`: the order of items, written in R.
func registerSamplers(_ registry: Registry) {
    registry.namespace("torch").function(
        "sampler",
        [
            .value("name", nil), .value("inherit", code: "Sampler"), .dots, .value("private", nil),
            .value("active", nil), .value("parent_env", code: "parent.frame()"),
        ], help: "Defines an order of items: .iter = function() an iterator of numbers, .length = function() …"
    ) { args in .object(try makeClass(args, root: ["utils_sampler"], what: "sampler")) }
    let torch = registry.namespace("torch")
    torch.method("length", for: "utils_sampler", [.value("x")]) { args in
        switch args[0] {
        case .object(let object):
            return (object as? Sampler)?.count.map { .int($0) } ?? .integer(Vector([nil]))
        case .environment(let members):
            guard let method = members.local(Symbol.named(".length")), method.isFunction else {
                return .integer(Vector([nil]))
            }
            return try args.context.call(method, [])
        default: return .null
        }
    }
    torch.members(of: "utils_sampler") { value, _ in
        if case .environment = value { return [] }
        return [Completion(".iter", kind: "method"), Completion(".length", kind: "method")]
    }
    torch.method("$", for: "utils_sampler", [.value("x"), .value("name")]) { args in
        if case .environment(let members) = args[0] {
            return try args.context.forced(members.local(Symbol.named(try args.string("name"))) ?? .null)
        }
        guard case .object(let object) = args[0], let sampler = object as? Sampler else { return .null }
        switch try args.string("name") {
        case ".length":
            return .builtin(
                Builtin(".length", namespace: "torch", []) { _ in
                    sampler.count.map { .int($0) } ?? .integer(Vector([nil]))
                })
        case ".iter":
            return .builtin(
                Builtin(".iter", namespace: "torch", []) { inner in
                    let next = try sampler.iterator(inner.context)
                    return .builtin(
                        Builtin("iterator", namespace: "torch", []) { _ in
                            try next().map { .int($0 + 1) } ?? .symbol(Symbol.named(".__exhausted__."))
                        })
                })
        default: return .null
        }
    }
}
