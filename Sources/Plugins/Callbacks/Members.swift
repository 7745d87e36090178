import Diagnostics
import PluginAPI

/// `cb$patience`, `cb$state_dict()`, `cb$weight <- 1`, `print(cb)`.
func registerMembers(_ luz: Namespace) {
    let methods = callbackMethods()
    for name in ["$", "[["] {
        luz.method(name, for: "LuzCallback", [.value("x"), .value("name")]) { args in
            let callback = try args.callback("x")
            let member = try args.string("name")
            if let value = try callback.field(member, context: args.context) { return value }
            if let method = methods[member] { return .object(BoundMethod(.builtin(method), to: args[0])) }
            return .null
        }
    }
    for name in ["$<-", "[[<-"] {
        luz.method(name, for: "LuzCallback", [.value("x"), .value("name"), .value("value")]) { args in
            try args.callback("x").setField(try args.string("name"), args["value"], context: args.context)
            return args[0]
        }
    }
    luz.method("names", for: "LuzCallback", [.value("x")]) { args in
        .strings(try args.callback("x").completions.map { $0.name })
    }
    luz.members(of: "LuzCallback") { value, _ in methods.map { .method($0.key, $0.value, of: value) } }
    luz.method("print", for: "LuzCallback", [.value("x"), .dots], visible: false) { args in
        let callback = try args.callback("x")
        var text = "<\(callback.classNames.first ?? "LuzCallback")>\n"
        for entry in callback.completions {
            guard let value = try callback.field(entry.name, context: args.context), !value.isFunction else { continue }
            text += "  \(entry.name): \(args.describe(value))\n"
        }
        args.context.console.write(text)
        return args[0]
    }
}

private func callbackMethods() -> [String: Builtin] {
    let state = Builtin("state_dict", namespace: "luz", [.value("self")], help: "What checkpoints keep of it") { args in
        try args.callback("self").stateDict(args.context) ?? .null
    }
    let load = Builtin(
        "load_state_dict", namespace: "luz", [.value("self"), .value("state_dict")],
        help: "Takes over what a checkpoint kept", visible: false
    ) { args in
        try args.callback("self").loadStateDict(args["state_dict"], args.context)
        return .null
    }
    return ["state_dict": state, "load_state_dict": load]
}

extension Arguments {
    /// A callback argument.
    func callback(_ name: String) throws -> Callback {
        if case .object(let object) = try required(name), let callback = object as? Callback { return callback }
        throw WorkbenchError(.type, "`\(name)` must be a callback, not \(describe(self[name]))")
    }
}
