import BaseValues
import Diagnostics
import RRuntime

/// Registers `replace`, `I` and `hasName`.
func registerReplacing(_ base: Namespace, _ utils: Namespace) {
    base.function(
        "replace", [.value("x"), .value("list"), .value("values")], help: "A copy with some elements replaced."
    ) { args in
        try args.context.call(
            "[<-",
            [
                Argument(try args.required("x")), Argument(try args.required("list")),
                Argument(try args.required("values"), name: "value"),
            ], environment: args.environment)
    }
    base.function("I", [.value("x")], help: "A value to be taken as it is: class AsIs in front.") { args in
        let x = try args.required("x")
        if x.inherits("AsIs") { return x }
        switch x {
        case .null, .symbol, .builtin: return x
        default:
            let own = x.classAttribute ?? []
            return x.setting(Symbol.classAttribute, .character(Vector([Text("AsIs")] + own)))
        }
    }
    base.method("print", for: "AsIs", [.value("x"), .dots], help: "Shows the value itself.", visible: false) { args in
        let rest = (args[0].classAttribute ?? []).filter { $0 != Text("AsIs") }
        let plain = args[0].setting(
            Symbol.classAttribute, rest.isEmpty ? nil : .character(Vector(rest.map { Optional($0) })))
        _ = try args.context.call("print", [Argument(plain)] + args.dots, environment: args.environment)
        return args[0]
    }
    utils.function("hasName", [.value("x"), .value("name")], help: "Whether elements of these names exist.") { args in
        let names = try args.context.call("names", [Argument(try args.required("x"))], environment: args.environment)
        return try args.context.call(
            "%in%", [Argument(try args.required("name")), Argument(names)], environment: args.environment)
    }
}
