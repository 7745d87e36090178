import Diagnostics

/// magrittr's pipes `%>%`, `%<>%`, `%T>%`, `%$%`, for every namespace that exports them.
///
/// A chain is taken apart from the right, its first value computed, and each step evaluated with `.` standing for the
/// value so far: a call without `.` among its arguments gets it in front; a name, `pkg::f` and `o$m` are called with it;
/// a parenthesised step is evaluated to a function; `{ }` gets `.` as its first line. A chain that begins with `.` is a
/// function (class `fseq`).
public func registerPipes(_ namespace: Namespace, all: Bool = true) {
    let names = all ? ["%>%", "%<>%", "%T>%", "%$%"] : ["%>%"]
    let helps = [
        "%>%": "Puts a value into the next call",
        "%<>%": "Puts a variable through calls and stores the result in it",
        "%T>%": "Calls for its effect and hands on the value",
        "%$%": "Evaluates with the elements of a value as variables",
    ]
    for name in names {
        let pipe = namespace.function(name, [.promise("lhs"), .promise("rhs")], help: helps[name] ?? "") { args in
            let chain = try Pipeline(
                Call(
                    .symbol(Symbol.named(name)), [Argument(args.expression("lhs")), Argument(args.expression("rhs"))]),
                in: args.environment, args.context)
            return try args.context.activating(args.call, from: args.environment) {
                try chain.run(first: args["lhs"])
            }
        }
        pipe.keepsVisibility = true
    }
}

/// A chain of pipes taken apart.
public struct Pipeline {
    /// How a step uses the value so far.
    public enum Kind: Sendable {
        /// `%>%`
        case pass
        /// `%T>%`: the step's own result is dropped.
        case tee
        /// `%$%`: the elements of the value are variables.
        case expose
    }

    /// One step: code in which `.` is the value so far.
    public struct Step {
        /// How it uses the value.
        public let kind: Kind
        /// The code.
        public let code: Value
    }

    /// The code of the first value.
    public let start: Value
    /// The steps in order.
    public let steps: [Step]
    /// The chain began with `%<>%`: the result goes back into ``start``.
    public let assigns: Bool
    private let isSingle: Bool
    private let environment: Environment
    private let context: Context

    private static let dot = Symbol.named(".")
    private static let pass = Symbol.named("%>%")
    private static let tee = Symbol.named("%T>%")
    private static let expose = Symbol.named("%$%")
    private static let compound = Symbol.named("%<>%")

    /// Takes a call of a pipe apart.
    /// - Throws: for a step that can be no call, and what a parenthesised step throws.
    public init(_ call: Call, in environment: Environment, _ context: Context) throws {
        self.environment = environment
        self.context = context
        var code = Value.call(call)
        var found: [(Kind, Value)] = []
        var assigns = false
        walk: while case .call(let current) = code, current.arguments.count == 2, let name = current.name {
            switch name {
            case Pipeline.pass: found.append((.pass, current.arguments[1].value))
            case Pipeline.tee: found.append((.tee, current.arguments[1].value))
            case Pipeline.expose: found.append((.expose, current.arguments[1].value))
            case Pipeline.compound:
                found.append((.pass, current.arguments[1].value))
                assigns = true
            default: break walk
            }
            code = current.arguments[0].value
        }
        start = code
        self.assigns = assigns
        isSingle = found.count == 1
        steps = try found.reversed().map { kind, code in
            Step(kind: kind, code: try Pipeline.stepCode(code, kind, environment, context))
        }
    }

    private static func stepCode(
        _ code: Value, _ kind: Kind, _ environment: Environment, _ context: Context
    ) throws -> Value {
        let dot = Value.symbol(Pipeline.dot)
        guard case .call(let call) = code else {
            switch code {
            case .symbol, .closure, .builtin, .object, .character: break
            default:
                throw WorkbenchError(
                    .type, "attempt to apply non-function",
                    hint: "the right side of a pipe is a call or a function: x %>% f(2) means f(x, 2)")
            }
            if kind == .expose { return code }
            let function: Value
            if case .character(let name) = code, let first = name.elements.first, let text = first {
                function = .symbol(Symbol.named(text))
            } else {
                function = code
            }
            return .call(Call(function, [Argument(dot)]))
        }
        if kind == .expose {
            return .call(Call("with", [dot, code]))
        }
        let hasDot = call.arguments.contains { argument in
            if case .symbol(let symbol) = argument.value { return symbol === Pipeline.dot }
            return false
        }
        if hasDot { return code }
        switch call.name?.name {
        case "(":
            let function = try context.evaluate(call.arguments.first?.value ?? .null, in: environment)
            return .call(Call(function, [Argument(dot)], span: call.span))
        case "function":
            throw WorkbenchError(
                .value, "Anonymous functions must be parenthesized", hint: "x %>% (function(v) …)", span: call.span)
        case "::", ":::", "$", "@": return .call(Call(code, [Argument(dot)], span: call.span))
        default: break
        }
        return .call(Call(call.function, [Argument(dot)] + call.arguments, span: call.span))
    }

    /// Runs the chain. `first` is used instead of evaluating the start when the chain has one step: it is then the
    /// promise of the left argument.
    public func run(first: Value) throws -> Value {
        if case .symbol(let symbol) = start, symbol === Pipeline.dot, !assigns { return try sequence() }
        var value: Value
        if isSingle, !assigns {
            value = try context.forced(first)
        } else {
            value = try context.evaluate(start, in: environment)
        }
        for step in steps { value = try Pipeline.apply(step, to: value, environment, context) }
        guard assigns else { return value }
        let place = Value.call(
            Call(.symbol(Symbol.assign), [Argument(start), Argument(.call(Call("quote", [value])))]))
        _ = try context.evaluate(place, in: environment)
        context.isVisible = false
        return value
    }

    private static func apply(
        _ step: Step, to value: Value, _ environment: Environment, _ context: Context
    ) throws -> Value {
        let mask = Environment(parent: environment)
        mask.define(Pipeline.dot, value)
        context.isVisible = true
        var result: Value
        do {
            result = try context.evaluating(in: mask) { try context.evaluate(step.code, in: mask) }
        } catch ControlFlow.returnValue(let returned, from: let environment) where environment === mask {
            result = returned
        }
        return step.kind == .tee ? value : result
    }

    /// The function that the chain describes: class `fseq`, its steps in the variable `_function_list`.
    private func sequence() throws -> Value {
        let formals = Formals([Pipeline.dot], [.missing])
        context.collector.track(environment)
        let functions = steps.map { step -> Value in
            var code = step.code
            if step.kind == .tee {
                code = .call(Call(.symbol(Symbol.brace), [Argument(code), Argument(.symbol(Pipeline.dot))]))
            }
            return .closure(Closure(formals, code, environment))
        }
        return PipeSequence.make(functions, in: environment, context)
    }
}

/// Functions one after another as one function, as `. %>% f() %>% g()` makes it.
public enum PipeSequence {
    private static let list = Symbol.named("_function_list")
    private static let value = Symbol.named("value")

    /// A function of class `fseq` that puts its argument through functions in order.
    public static func make(_ functions: [Value], in environment: Environment, _ context: Context) -> Value {
        let home = Environment(parent: environment)
        home.define(list, .items(functions))
        context.collector.track(home)
        let body = Value.call(
            Call(.builtin(freduce), [Argument(.symbol(value)), Argument(.symbol(list))]))
        let attributes = Attributes.of([(Symbol.classAttribute, .strings(["fseq", "function"]))])
        return .closure(Closure(Formals([value], [.missing]), body, home, attributes: attributes))
    }

    /// The functions of a sequence, or nil for anything else.
    public static func functions(of sequence: Value) -> [Value]? {
        guard case .closure(let closure) = sequence, sequence.inherits("fseq"),
            case .list(let functions)? = closure.environment.local(list)
        else { return nil }
        return functions.elements
    }

    /// `freduce(value, function_list)`: applies functions one after another. One and the same function wherever a sequence
    /// calls it, so that saved sessions find it again.
    public static let freduce = Builtin(
        "freduce", namespace: "magrittr", [.value("value"), .value("function_list")],
        help: "Applies functions one after another"
    ) { args in
        guard case .list(let functions) = try args.required("function_list") else {
            throw WorkbenchError(.type, "'function_list' is no list of functions")
        }
        var value = try args.required("value")
        for (place, function) in functions.elements.enumerated() {
            let call = Call(
                .call(Call("[[", [.symbol(Symbol.named("function_list")), .int(place + 1)])),
                [Argument(.symbol(PipeSequence.value))])
            value = try args.context.call(
                function, [Argument(value)], call: call, environment: args.environment)
        }
        return value
    }
}
