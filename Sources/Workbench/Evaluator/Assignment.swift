import Diagnostics
import RRuntime

/// `<-`, `<<-`, `=` and their nested replacements: `names(x)[2] <- "b"`.
struct Assignment {
    let evaluator: Evaluator

    func register(_ base: Namespace) {
        base.keyword("<-", help: "Assigns in the current environment") { call, environment, context in
            try assign(call, environment, context, outward: false)
        }
        base.keyword("=", help: "Assigns in the current environment") { call, environment, context in
            try assign(call, environment, context, outward: false)
        }
        base.keyword("<<-", help: "Assigns where the name is found in the environments around, else globally") {
            call, environment, context in
            try assign(call, environment, context, outward: true)
        }
    }

    private func assign(
        _ call: Call, _ environment: Environment, _ context: Context, outward: Bool
    ) throws -> Value {
        guard call.arguments.count == 2 else {
            throw WorkbenchError(.syntax, "invalid (do_set) left-hand side to assignment")
        }
        let value = try evaluator.evaluate(call.arguments[1].value, in: environment, context)
        switch call.arguments[0].value {
        case .symbol(let symbol): try set(symbol, value, environment, context, outward: outward)
        case .character(let text) where text.count == 1:
            try set(Symbol.named(text[0] ?? "NA"), value, environment, context, outward: outward)
        case .call(let target):
            try Replacement(evaluator: evaluator, environment: environment, context: context, outward: outward)
                .replace(target, with: value, in: call)
        case .null, .logical, .integer, .double, .complex, .character:
            throw WorkbenchError(.syntax, "invalid (do_set) left-hand side to assignment")
        default:
            throw WorkbenchError(.syntax, "invalid assignment target")
        }
        context.isVisible = false
        return value
    }

    private func set(
        _ symbol: Symbol, _ value: Value, _ environment: Environment, _ context: Context, outward: Bool
    ) throws {
        let home = outward ? Assignment.home(of: symbol, outside: environment, context) : environment
        try Assignment.store(symbol, value, in: home, context)
    }

    /// Where `<<-` assigns.
    static func home(of symbol: Symbol, outside environment: Environment, _ context: Context) -> Environment {
        environment.parent?.owner(of: symbol) ?? context.globalEnvironment
    }

    /// Sets a variable; an active binding gets the value instead.
    static func store(_ symbol: Symbol, _ value: Value, in environment: Environment, _ context: Context) throws {
        if case .activeBinding(let binding)? = environment.local(symbol) {
            _ = try context.call(binding.function, [Argument(value)])
        } else {
            try environment.set(symbol, value)
        }
    }
}
