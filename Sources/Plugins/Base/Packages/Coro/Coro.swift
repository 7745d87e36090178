import Diagnostics
import RRuntime

/// The namespace coro: loops over iterators.
func registerCoro(_ registry: Registry) {
    let coro = registry.namespace("coro")
    coro.function("exhausted", [], help: "What an iterator returns when there are no more values") { _ in
        Iteration.exhausted
    }
    coro.function("is_exhausted", [.value("x")], help: "Whether a value says that there are no more") { args in
        .flag(Iteration.isExhausted(args[0]))
    }
    coro.function("as_iterator", [.value("x")], help: "The function that returns the next value of something") { args in
        let value = try args.required("x")
        if value.isFunction { return value }
        if value.isObject,
            let made = try args.context.dispatch(
                Symbol.named("as_iterator"), on: value, [Argument(value)], call: args.call,
                environment: args.environment)
        {
            return made
        }
        let next = try args.context.iterator(over: value, environment: args.environment)
        return .builtin(
            Builtin("iterator", namespace: "coro", [], help: "The next value") { _ in
                try next() ?? Iteration.exhausted
            })
    }
    coro.function(
        "collect", [.value("x"), .value("n", nil)], help: "The values of an iterator, all or the first n, as a list"
    ) { args in
        let limit = try args.optionalInt("n") ?? Int.max
        let next = try args.context.iterator(over: try args.required("x"), environment: args.environment)
        var values: [Value] = []
        try args.context.activating(args.call, from: args.environment) {
            while values.count < limit, let value = try next() {
                values.append(value)
                try args.context.pollInterrupt()
            }
        }
        return .items(values)
    }
    coro.function(
        "loop", [.promise("loop")], help: "A for loop over an iterator: loop(for (x in it) …)", visible: false
    ) { args in
        guard case .call(let call) = args.expression("loop"), call.name?.name == "for", call.arguments.count == 3,
            case .symbol(let variable) = call.arguments[0].value
        else {
            throw WorkbenchError(.value, "`loop()` needs a `for` loop", hint: "coro::loop(for (batch in loader) { … })")
        }
        let context = args.context
        let home = args.environment
        let source = try context.evaluate(call.arguments[1].value, in: home)
        let next = try context.iterator(over: source, environment: home)
        let depth = context.savedDepth()
        return try context.looping(in: home) {
            while let value = try next() {
                try context.pollInterrupt()
                try home.set(variable, value)
                do {
                    _ = try context.evaluate(call.arguments[2].value, in: home)
                } catch ControlFlow.breakLoop(let place) where place === home {
                    context.restore(depth)
                    break
                } catch ControlFlow.nextIteration(let place) where place === home {
                    context.restore(depth)
                }
            }
            return .null
        }
    }
    registerGenerators(coro, registry)
    for name in ["async", "async_generator", "await"] {
        coro.function(name, [.promiseDots], help: "Not supported") { _ in
            throw WorkbenchError(
                .unsupported, "coro::\(name)() is not supported",
                hint: "write the iterator as a function that returns coro::exhausted() at the end")
        }
    }
}
