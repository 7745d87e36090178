import Diagnostics
import LanguageValues
import RRuntime

/// `eval`, `evalq`, `eval.parent`, `local`, `with`, `within`-free: code run where one wants it.
func registerEvaluating(_ base: Namespace) {
    base.function(
        "eval",
        [
            .value("expr"), .value("envir", code: "parent.frame()"),
            .value("enclos", code: "if (is.list(envir) || is.pairlist(envir)) parent.frame() else baseenv()"),
        ], help: "Evaluates code in an environment, a list or a data frame"
    ) { args in
        let code = try args.required("expr")
        let home = try evaluationEnvironment(args, "envir", "enclos")
        return try evaluate(code, in: home, as: args.call, args)
    }
    base.function(
        "evalq",
        [.promise("expr"), .value("envir", code: "parent.frame()"), .value("enclos", code: "parent.frame()")],
        help: "Evaluates its argument, as written, in an environment, a list or a data frame"
    ) { args in
        let home = try evaluationEnvironment(args, "envir", "enclos")
        return try evaluate(args.expression("expr"), in: home, as: args.call, args)
    }
    base.function(
        "eval.parent", [.value("expr"), .value("n", .int(1))], help: "Evaluates code where the caller was called"
    ) {
        args in
        let home = parentFrame(args.environment, try args.int("n"), args.context)
        return try evaluate(try args.required("expr"), in: home, as: args.call, args)
    }
    base.function(
        "local", [.promise("expr"), .value("envir", code: "new.env()")],
        help: "Evaluates code in an environment of its own"
    ) { args in
        let home: Environment
        if args.has("envir") {
            home = try args.environmentValue("envir")
        } else {
            home = Environment(parent: args.environment)
        }
        return try evaluate(args.expression("expr"), in: home, as: Call("eval", [args.expression("expr")]), args)
    }
    base.function(
        "with", [.value("data"), .promise("expr"), .promiseDots],
        help: "Evaluates code with the columns of a data frame or the elements of a list as variables",
        dispatch: .generic
    ) { args in
        let home = try evaluationEnvironment(args, "data", "enclos")
        return try evaluate(args.expression("expr"), in: home, as: args.call, args)
    }
    base.alias("with.default", of: "with")
}

/// The environment that the `envir` argument of `eval` stands for.
private func evaluationEnvironment(_ args: Arguments, _ name: String, _ enclosing: String) throws -> Environment {
    guard args.has(name) else { return args.environment }
    switch args[name] {
    case .environment(let environment): return environment
    case .null, .list:
        let parent = try args.has(enclosing) ? args.environmentValue(enclosing) : args.environment
        return environment(from: args[name], parent: parent)
    case .integer, .double:
        let number = try args.int(name)
        return try frameEnvironment(number, args)
    case .object(let object):
        if let environment = try? asEnvironment(.object(object), from: args.environment, args.context) {
            return environment
        }
    default: break
    }
    throw WorkbenchError(.type, "invalid '\(name)' argument of type '\(args[name].typeName)'")
}

/// Evaluates code in an environment; `return()` and `on.exit()` in it belong to this evaluation.
func evaluate(_ code: Value, in home: Environment, as call: Call, _ args: Arguments) throws -> Value {
    let context = args.context
    let steps: [Value]
    switch code {
    case .symbol, .call, .promise: steps = [code]
    case .expression(let list): steps = list.elements
    default:
        context.isVisible = true
        return code
    }
    let state = LanguageState.of(context)
    let scope = LanguageState.EvaluationScope(home, frames: context.frames.count)
    let place = state.evaluations.count
    state.evaluations.append(scope)
    let depth = context.savedDepth()
    context.evaluationHomes.enter(home)
    defer { context.evaluationHomes.leave(home) }
    func leave() throws {
        state.evaluations.removeSubrange(place...)
        guard !scope.onExit.isEmpty else { return }
        let visible = context.isVisible
        for expression in scope.onExit { _ = try context.evaluate(expression, in: home) }
        context.isVisible = visible
    }
    var result = Value.null
    do {
        try context.activating(call, from: args.environment) {
            for step in steps {
                if case .promise(let promise) = step {
                    result = try context.force(promise)
                } else {
                    context.isVisible = true
                    result = try context.evaluate(step, in: home)
                }
            }
        }
    } catch ControlFlow.returnValue(let value, from: let environment) where environment === home {
        context.restore(depth)
        try leave()
        return value
    } catch {
        if place < state.evaluations.count { try leave() }
        throw error
    }
    try leave()
    return result
}

/// `base::quote`, as R writes it around arguments that are not to be evaluated.
private let quoteFunction = Value.call(Call("::", [.symbol(Symbol.named("base")), .symbol(Symbol.named("quote"))]))

/// `do.call`.
func registerDoCall(_ base: Namespace) {
    base.function(
        "do.call",
        [.value("what"), .value("args"), .value("quote", false), .value("envir", code: "parent.frame()")],
        help: "Calls a function with the elements of a list as arguments"
    ) { args in
        let what = try args.required("what")
        let list = args.has("args") ? args["args"] : .items([])
        let elements: [Value]
        switch list {
        case .list(let v), .expression(let v): elements = v.elements
        default:
            throw WorkbenchError(
                .type, "second argument must be a list", hint: "do.call(f, list(…)), or as.list() of a vector")
        }
        let home = try args.environmentOrCaller("envir")
        let isQuoted = try args.flag("quote")
        let names = list.names
        var function: Value
        var head = what
        if case .character(let name) = what, name.count == 1, let text = name[0] {
            head = .symbol(Symbol.named(text))
            function = try args.context.function(Symbol.named(text), from: home)
        } else if what.isFunction {
            function = what
        } else {
            throw WorkbenchError(.type, "'what' must be a function or character string")
        }
        var code: [Argument] = []
        var arguments: [Argument] = []
        for (place, element) in elements.enumerated() {
            let name = (names.flatMap { place < $0.count ? $0[place] : nil })
                .flatMap { $0.isEmpty ? nil : Symbol.named($0) }
            var written = element
            var passed = element
            // The call that do.call makes is evaluated: code among the arguments is run, unless it is quoted.
            if isQuoted {
                written = .call(Call(quoteFunction, [Argument(element)]))
                passed = .promise(Promise(written, value: element))
            } else {
                switch element {
                case .symbol, .call: passed = .promise(Promise(element, in: home))
                default: break
                }
            }
            code.append(Argument(written, name: name))
            arguments.append(Argument(passed, name: name))
        }
        let call = Call(head, code)
        let context = args.context
        return try context.activating(args.call, from: args.environment) {
            if case .builtin(let builtin) = function, builtin.special != nil {
                return try context.evaluate(.call(call), in: home)
            }
            return try context.call(function, arguments, call: call, environment: home)
        }
    }
}
