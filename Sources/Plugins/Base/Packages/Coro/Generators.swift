import Diagnostics
import RRuntime

/// `coro::generator(function() … yield(x) …)` and `coro::gen(expr)`: iterators written as code that hands out values.
///
/// coro rewrites the function into a machine of states; here it runs as it is, on a thread that waits at each `yield()`.
func registerGenerators(_ coro: Namespace, _ registry: Registry) {
    registry.savedKinds.add("coro_generator") { parts, _ in
        guard case .closure(let closure) = parts.saved("fn") else {
            throw WorkbenchError(.data, "the saved generator has no function")
        }
        return GeneratorFactory(closure)
    }
    coro.function(
        "generator", [.value("fn", help: "a function that calls yield(value)")],
        help: "A function that returns an iterator: its next value is what fn hands to yield() next"
    ) { args in
        guard case .closure(let closure) = try args.required("fn") else {
            throw WorkbenchError(
                .type, "`fn` must be a function written in R, not \(args.describe(args["fn"]))",
                hint: "coro::generator(function(n) for (i in seq_len(n)) yield(i))")
        }
        return .object(GeneratorFactory(closure))
    }
    coro.function(
        "gen", [.promise("expr")], help: "An iterator over what code hands to yield(): gen(for (i in 1:3) yield(i))"
    ) { args in
        let closure = Closure(.none, args.expression("expr"), args.environment)
        return .object(GeneratorInstance(closure, [], args.call))
    }
    coro.function("yield", [.value("x", nil)], help: "In a generator: hands out a value") { _ in
        throw WorkbenchError(
            .value, "`yield()` can't be called directly or within function arguments",
            hint: "it hands out values in the function given to coro::generator()")
    }
}

/// What `generator()` returns: a function with the parameters of the one it was given.
private final class GeneratorFactory: ForeignObject, @unchecked Sendable {
    private let closure: Closure

    init(_ closure: Closure) { self.closure = closure }

    override var classes: [Text] { ["coro_generator", "function"] }
    override var typeName: String { "closure" }
    override var isCallable: Bool { true }
    override var formals: Formals? { closure.formals }
    override var savedKind: String? { "coro_generator" }
    override func savedParts(_ context: Context) throws -> Value { .named([("fn", .closure(closure))]) }

    override func call(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        .object(GeneratorInstance(closure, arguments, call))
    }

    override func visitReferences(_ visit: (Value) -> Void) { visit(.closure(closure)) }
}

/// An iterator: a function without parameters.
private final class GeneratorInstance: ForeignObject, @unchecked Sendable {
    private let coroutine: Coroutine
    private let context = ContextBox()

    private final class ContextBox: @unchecked Sendable { var context: Context? }

    init(_ closure: Closure, _ arguments: [Argument], _ call: Call) {
        let box = context
        coroutine = Coroutine { yield in
            guard let context = box.context else { return }
            // The function sees yield() as one of the names around it.
            let names = Environment(parent: closure.environment)
            names.define(
                Symbol.named("yield"),
                .builtin(
                    Builtin("yield", namespace: "coro", [.value("x", nil)], visible: false) { args in
                        try yield(args[0])
                        return .null
                    }))
            let body = closure.with(environment: names)
            // Called from where the function was written: the frame that made the iterator most often holds it, and the two
            // would hold each other with nobody to see it.
            _ = try context.call(.closure(body), arguments, call: call, environment: closure.environment)
        }
    }

    override var classes: [Text] { ["coro_generator_instance", "function"] }
    override var typeName: String { "closure" }
    override var isCallable: Bool { true }
    override var formals: Formals? { Formals.none }
    override var reasonNotSaved: String { "a generator in the middle of its work belongs to the running session" }

    override func call(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        guard arguments.isEmpty else { throw WorkbenchError(.value, "unused argument in a call of a generator") }
        self.context.context = context
        return try coroutine.next(context) ?? Iteration.exhausted
    }
}
