import BaseValues
import Diagnostics
import RRuntime

/// `xtabs()`: a table of counts, or of sums, by a formula.
func registerCrossTables(_ stats: Namespace) {
    stats.function(
        "xtabs",
        [.value("formula"), .value("data", code: "parent.frame()"), .value("addNA", false), .dots],
        help: "A table of counts (~ a + b) or of sums (n ~ a + b)."
    ) { args in
        guard case .call(let formula) = try args.required("formula"), formula.name?.name == "~" else {
            throw WorkbenchError(.type, "'formula' missing or incorrect", hint: "xtabs(~ a + b, data = frame)")
        }
        let data: Value = args.has("data") ? args["data"] : .items([])
        let groups = try formulaVariables(formula, data, args)
        let context = args.context
        var result: Value
        if formula.arguments.count == 2 {
            let home = frameEnvironment(data, parent: args.environment)
            let counts = try context.evaluate(formula.arguments[0].value, in: home)
            result = try context.call(
                "tapply",
                [
                    Argument(counts), Argument(groups), Argument(try context.function(Symbol.named("sum"), from: home)),
                    Argument(.int(0), name: "default"),
                ])
        } else {
            result = try context.call("table", [Argument(groups)])
        }
        result = result.setting(Symbol.classAttribute, .strings(["xtabs", "table"]))
        return result.setting(Symbol.named("call"), .call(args.call))
    }
    stats.method("print", for: "xtabs", [.value("x"), .dots], visible: false) { args in
        let plain = args[0].setting(Symbol.named("call"), nil).setting(Symbol.classAttribute, "table")
        _ = try args.context.call("print", [Argument(plain)] + args.dots, environment: args.environment)
        return args[0]
    }
}
