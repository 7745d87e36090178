import Diagnostics
import RRuntime

/// `replicate`: an expression evaluated again and again.
func registerReplicate(_ base: Namespace) {
    base.function(
        "replicate", [.value("n"), .promise("expr"), .value("simplify", "array")],
        help: "The results of evaluating an expression n times, simplified as by sapply"
    ) { args in
        let code = args.expression("expr")
        var environment = args.environment
        if case .promise(let promise) = args["expr"], let own = promise.environment { environment = own }
        let count: Int
        let times = try args.required("n")
        if times.length > 1 { count = times.length } else { count = try args.int("n") }
        guard count >= 0 else { throw WorkbenchError(.value, "invalid 'length' argument") }
        try MemoryDoor.check(count: count, elementBytes: 16)
        let function = Value.closure(Closure(Formals([Symbol.dots], [.missing]), code, environment))
        args.context.collector.track(environment)
        let call = Call(
            "FUN", [.call(Call("[[", [.symbol(Symbol.named("X")), .symbol(Symbol.named("i"))])), .symbol(Symbol.dots)])
        var results: [Value] = []
        for place in 0..<count {
            try args.context.pollInterrupt()
            results.append(
                try args.context.call(function, [Argument(.int(place))], call: call, environment: environment))
        }
        let list = Value.items(results)
        switch args["simplify"] {
        case .character(let mode) where mode.count == 1:
            if results.isEmpty { return list }
            return try args.context.call(
                "simplify2array",
                [Argument(list), Argument(.flag(mode[0] == Text("array")), name: "higher")],
                environment: args.environment)
        default:
            guard try args.flag("simplify"), !results.isEmpty else { return list }
            return try args.context.call(
                "simplify2array", [Argument(list), Argument(false, name: "higher")], environment: args.environment)
        }
    }
}
