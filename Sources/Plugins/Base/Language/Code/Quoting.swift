import Diagnostics
import LanguageValues
import RRuntime

/// `quote`, `bquote`, `substitute`, `expression`, `alist`: code as values.
func registerQuoting(_ base: Namespace) {
    base.function("quote", [.promise("expr")], help: "The code of its argument, not evaluated") { args in
        // `quote(expr = )` is how R code writes the empty argument.
        if !args.has("expr"), args.call.arguments.count == 1 { return .missing }
        _ = try args.required("expr")
        return args.expression("expr")
    }
    base.function(
        "bquote", [.promise("expr"), .value("where", code: "parent.frame()"), .value("splice", false)],
        help: "Code with the values of `.(x)` put in, and of `..(x)` spliced in"
    ) { args in
        let environment = try args.has("where") ? args.environmentValue("where") : args.environment
        return try unquote(args.expression("expr"), environment, args.context)
    }
    base.function(
        "substitute", [.promise("expr"), .value("env", code: "current environment")],
        help: "The code of its argument with the arguments of the function around it put in"
    ) { args in
        let expression = args.expression("expr")
        guard args.has("env") else {
            if args.environment === args.context.globalEnvironment { return expression }
            return try substitute(expression, in: args.environment)
        }
        switch args["env"] {
        case .environment(let environment):
            if environment === args.context.globalEnvironment { return expression }
            return try substitute(expression, in: environment)
        case .list, .null:
            return try substitute(expression, in: environment(from: args["env"], parent: args.environment))
        default: throw WorkbenchError(.type, "invalid environment specified")
        }
    }
    base.function("expression", [.promiseDots], help: "Code, kept as a vector of expressions") { args in
        let items = args.dots.map { Argument(codeOf($0.value), name: $0.name) }
        return .expression(Vector(items.map { $0.value }, namesAttribute(items)))
    }
    base.function("alist", [.promiseDots], help: "A list of unevaluated arguments; empty ones may be given") { args in
        let items = args.dots.map { Argument(codeOf($0.value), name: $0.name) }
        return .list(Vector(items.map { $0.value }, namesAttribute(items)))
    }
}

/// Puts what an environment holds in the place of names: the code of promises, the values of variables.
func substitute(_ code: Value, in environment: Environment) throws -> Value {
    switch code {
    case .symbol(let symbol):
        switch environment.local(symbol) {
        case .promise(let promise)?: return codeOf(promise.expression)
        case .dots?: throw WorkbenchError(.value, "'...' used in an incorrect context")
        case .activeBinding?, nil: return code
        case let value?: return value
        }
    case .call(let call):
        let function = try substitute(call.function, in: environment)
        return .call(
            Call(
                function, try substitute(call.arguments, in: environment), span: nil, attributes: call.attributes))
    default: return code
    }
}

private func substitute(_ arguments: [Argument], in environment: Environment) throws -> [Argument] {
    var result: [Argument] = []
    result.reserveCapacity(arguments.count)
    for argument in arguments {
        if case .symbol(let symbol) = argument.value, symbol === Symbol.dots {
            switch environment.local(symbol) {
            case .dots(let dots)?:
                result += dots.arguments.map { Argument(codeOf($0.value), name: $0.name) }
                continue
            case .missing?, .null?: continue
            default: break
            }
        }
        result.append(Argument(try substitute(argument.value, in: environment), name: argument.name))
    }
    return result
}

private let unquoteOne = Symbol.named(".")
private let unquoteMany = Symbol.named("..")

/// Evaluates `.(x)` and `..(x)` inside code.
private func unquote(_ code: Value, _ environment: Environment, _ context: Context) throws -> Value {
    guard case .call(let call) = code else { return code }
    if call.name === unquoteOne, let first = call.arguments.first {
        return try context.evaluate(first.value, in: environment)
    }
    var arguments: [Argument] = []
    for argument in call.arguments {
        if case .call(let inner) = argument.value, inner.name === unquoteMany, let first = inner.arguments.first {
            let value = try context.evaluate(first.value, in: environment)
            let names = value.names
            for (place, element) in try listElements(value, context).enumerated() {
                let name = names.flatMap { place < $0.count ? $0[place] : nil }
                arguments.append(Argument(element, name: name.flatMap { $0.isEmpty ? nil : Symbol.named($0) }))
            }
        } else {
            arguments.append(Argument(try unquote(argument.value, environment, context), name: argument.name))
        }
    }
    return .call(Call(try unquote(call.function, environment, context), arguments, attributes: call.attributes))
}
