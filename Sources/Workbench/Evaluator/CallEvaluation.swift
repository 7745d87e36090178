import Diagnostics
import RRuntime

extension Evaluator {
    /// Evaluates a call: finds the function, then hands it the arguments the way it takes them.
    func evaluate(_ call: Call, in environment: Environment, _ context: Context) throws -> Value {
        let function: Value
        if case .symbol(let symbol) = call.function {
            function = try findFunction(symbol, call: call, in: environment, context)
        } else {
            function = try evaluate(call.function, in: environment, context)
        }
        switch function {
        case .builtin(let builtin):
            context.isVisible = true
            if let special = builtin.special {
                do {
                    return try special(call, environment, context)
                } catch let error as WorkbenchError {
                    throw try context.raise(error, call: call)
                }
            }
            let result = try evaluateBuiltin(builtin, call, in: environment, context)
            if !builtin.keepsVisibility { context.isVisible = builtin.isVisible }
            return result
        case .closure(let closure):
            let arguments = try promises(for: call, in: environment, context)
            return try applyClosure(closure, arguments, call: call, caller: environment, dispatch: nil, context)
        case .object(let object) where object.isCallable:
            let arguments = try evaluatedArguments(of: call, in: environment, context)
            context.isVisible = true
            return try locating(call, context) {
                if object.owner != nil { try context.checkOwner(of: object) }
                let result = try object.call(arguments, call: call, environment: environment, context: context)
                // What `initialize` or `forward` did last does not count.
                if !(object is BoundMethod) { context.isVisible = true }
                return result
            }
        default:
            let error = WorkbenchError(
                .type, "attempt to apply non-function",
                hint: hintForNonFunction(function, named: call.function, in: environment, context))
            throw try context.raise(error, call: call)
        }
    }

    /// The function a name stands for in call position; other values of that name are passed over.
    func findFunction(
        _ symbol: Symbol, call: Call, in environment: Environment, _ context: Context
    ) throws -> Value {
        if let value = environment.lookup(symbol) {
            switch value {
            case .builtin, .closure: return value
            default: break
            }
        }
        do {
            return try context.function(symbol, from: environment)
        } catch let error as WorkbenchError {
            throw try context.raise(error, call: call)
        }
    }

    /// Runs a body; an error without a place gets this call.
    func locating<Result>(_ call: Call, _ context: Context, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            guard let error = WorkbenchError(of: error) else { throw error }
            throw try context.raise(error, call: call)
        }
    }

    // MARK: Builtins

    private func evaluateBuiltin(
        _ builtin: Builtin, _ call: Call, in environment: Environment, _ context: Context
    ) throws -> Value {
        if call.isPlain, let direct = builtin.direct, call.arguments.count == 1 || call.arguments.count == 2 {
            let first = try evaluate(call.arguments[0].value, in: environment, context)
            if first.isObject, call.isIndexing,
                let result = try dispatchIndexing(builtin, first, call, in: environment, context)
            {
                return result
            }
            var second = Value.missing
            if call.arguments.count == 2 {
                if case .symbol(let symbol) = call.arguments[1].value {
                    if call.isIndexing {
                        second = try index(symbol, in: environment, context)
                    } else {
                        second = try given(symbol, in: environment, context)
                        if second.isMissing, !AskedParameters.contains(1, of: builtin) {
                            second = try variable(symbol, in: environment, context)
                        }
                    }
                } else {
                    second = try evaluate(call.arguments[1].value, in: environment, context)
                }
            }
            if !first.isObject, !second.isObject {
                do {
                    if let result = try direct(first, second, context) { return result }
                } catch let error as WorkbenchError {
                    throw try context.raise(error, call: call)
                }
            }
            var arguments = [Argument(first)]
            if call.arguments.count == 2 { arguments.append(Argument(second)) }
            return try applyBuiltin(builtin, &arguments, call: call, environment: environment, context)
        }
        if call.isIndexing, builtin.dispatch != .none,
            let result = try dispatchIndexing(builtin, call, in: environment, context)
        {
            return result
        }
        var arguments: [Argument]
        if builtin.takesOnlyValues {
            arguments = try evaluatedArguments(of: call, for: builtin, in: environment, context)
        } else {
            arguments = try promises(for: call, in: environment, context)
            if !call.isIndexing, let last = arguments.last, last.value.isMissing, last.name == nil,
                builtin.dotsIndex.map({ builtin.parameters[$0].passing != .promiseDots }) ?? true
            {
                arguments.removeLast()
            }
        }
        return try applyBuiltin(builtin, &arguments, call: call, environment: environment, context)
    }

    /// `x[…]` for an object with a method: the method gets the index expressions unevaluated, as R's `[` hands them on
    /// (tensors read `2:N`, `..` and `1:9:2` from the code). Nil when there is no method.
    private func dispatchIndexing(
        _ builtin: Builtin, _ call: Call, in environment: Environment, _ context: Context
    ) throws -> Value? {
        guard let first = call.arguments.first, case .symbol(let symbol) = first.value, symbol !== Symbol.dots else {
            return try dispatchIndexingOfExpression(builtin, call, in: environment, context)
        }
        let object = try variable(symbol, in: environment, context)
        guard object.isObject else { return nil }
        return try dispatchIndexing(builtin, object, call, in: environment, context)
    }

    private func dispatchIndexingOfExpression(
        _ builtin: Builtin, _ call: Call, in environment: Environment, _ context: Context
    ) throws -> Value? {
        guard let first = call.arguments.first, case .call = first.value else { return nil }
        let object = try evaluate(first.value, in: environment, context)
        context.isVisible = true
        if object.isObject, let result = try dispatchIndexing(builtin, object, call, in: environment, context) {
            return result
        }
        var arguments = [Argument(object, name: first.name)]
        let rest = Call(call.function, Array(call.arguments.dropFirst()), span: call.span)
        arguments += try evaluatedArguments(of: rest, in: environment, context)
        return try applyBuiltin(
            builtin, &arguments, call: call, environment: environment, context, dispatching: false)
    }

    private func dispatchIndexing(
        _ builtin: Builtin, _ object: Value, _ call: Call, in environment: Environment, _ context: Context
    ) throws -> Value? {
        guard let classes = object.classAttribute,
            let found = findMethod(builtin.name, classes: classes, from: environment, context)
        else { return nil }
        let rest = Call(call.function, Array(call.arguments.dropFirst()), span: call.span)
        var arguments = try promises(for: rest, in: environment, context)
        emptyMissing(&arguments)
        let first = call.arguments[0]
        arguments.insert(
            Argument(.promise(Promise(first.value, value: object)), name: first.name), at: 0)
        return try callMethod(
            found, generic: builtin.name, object: object, arguments, call: call, environment: environment, context)
    }

    /// `x[…] <- value` for an object with a method, which gets the index expressions unevaluated, too. Nil when there is
    /// no method, or no index is code.
    private func dispatchReplacement(
        _ builtin: Builtin, _ arguments: [Argument], call: Call, environment: Environment, _ context: Context
    ) throws -> Value? {
        guard builtin.name === Keyword.subsetAssign || builtin.name === Keyword.elementAssign,
            let object = arguments.first?.value, object.isObject, let classes = object.classAttribute,
            arguments.contains(where: { if case .promise = $0.value { true } else { false } }),
            let found = findMethod(builtin.name, classes: classes, from: environment, context)
        else { return nil }
        var arguments = arguments
        emptyMissing(&arguments)
        return try callMethod(
            found, generic: builtin.name, object: object, arguments, call: call, environment: environment, context)
    }

    /// Index arguments that are parameters of a function which were not given count as empty.
    private func emptyMissing(_ arguments: inout [Argument]) {
        for place in arguments.indices {
            if case .promise(let promise) = arguments[place].value, case .symbol(let symbol) = promise.expression,
                let origin = promise.environment, isEmpty(symbol, in: origin)
            {
                arguments[place].value = .missing
            }
        }
    }

    /// Calls a registered function with arguments that are values, or promises where it takes promises: S3 dispatch,
    /// matching, the call. On an error the value of the first parameter is put back into `arguments[0]`.
    func applyBuiltin(
        _ builtin: Builtin, _ arguments: inout [Argument], call: Call, environment: Environment, _ context: Context,
        dispatching: Bool = true
    ) throws -> Value {
        if builtin.special != nil {
            return try applyKeyword(builtin, arguments, call: call, environment: environment, context)
        }
        if dispatching, call.isIndexing,
            let result = try dispatchReplacement(builtin, arguments, call: call, environment: environment, context)
        {
            return result
        }
        if builtin.takesOnlyValues {
            for place in arguments.indices {
                if case .promise(let promise) = arguments[place].value {
                    arguments[place].value = try force(promise, context)
                }
            }
        }
        if dispatching, builtin.dispatch != .none, !arguments.isEmpty,
            let result = try dispatchBuiltin(builtin, arguments, call: call, environment: environment, context)
        {
            return result
        }
        var isGeneric = false
        if dispatching, case .generic = builtin.dispatch { isGeneric = true }
        do {
            let call = shown(isGeneric ? defaultCall(builtin, call, arguments, from: environment, context) : call)
            var matched = try match(builtin, &arguments, call: call, environment: environment, context)
            if !builtin.takesOnlyValues { try forceValues(of: builtin, in: &matched, context) }
            let before = context.currentCall
            context.currentCall = call
            defer { context.currentCall = before }
            do {
                return try builtin.implementation(&matched)
            } catch {
                if !arguments.isEmpty, let first = matched.values.first, !first.isNull {
                    arguments[0].value = first
                }
                throw error
            }
        } catch {
            guard let error = WorkbenchError(of: error) else { throw error }
            let call = isGeneric ? defaultCall(builtin, call, arguments, from: environment, context) : call
            throw try context.raise(
                context.registry.naming(builtin.plugin, builtin.name.name, error), call: shown(call))
        }
    }

    private func forceValues(of builtin: Builtin, in matched: inout Arguments, _ context: Context) throws {
        for (place, parameter) in builtin.parameters.enumerated() {
            if case .promise(let promise) = matched.values[place], promise.value == nil,
                case .symbol(let symbol) = promise.expression, let home = promise.environment,
                AskedParameters.contains(place, of: builtin), isEmpty(symbol, in: home)
            {
                matched.values[place] = .missing
                continue
            }
            switch parameter.passing {
            case .value: matched.values[place] = try context.forced(matched.values[place])
            case .dots:
                for element in matched.dots.indices {
                    matched.dots[element].value = try context.forced(matched.dots[element].value)
                }
            case .promise:
                // Constants arrive bare; the contract says promise.
                switch matched.values[place] {
                case .promise, .missing: break
                case let value where value.isNull && parameter.defaultValue != nil: break
                case let value: matched.values[place] = .promise(Promise(value, value: value))
                }
            case .promiseDots:
                for element in matched.dots.indices {
                    let value = matched.dots[element].value
                    switch value {
                    case .promise, .missing: break
                    default: matched.dots[element].value = .promise(Promise(value, value: value))
                    }
                }
            }
        }
    }

    /// A keyword called as a function (`sapply(x, "[[", 1)`, `do.call("if", …)`): the call is put together from values.
    private func applyKeyword(
        _ builtin: Builtin, _ arguments: [Argument], call: Call, environment: Environment, _ context: Context
    ) throws -> Value {
        guard let special = builtin.special else { return .null }
        let rebuilt = Call(.symbol(builtin.name), arguments, span: call.span)
        return try locating(call, context) { try special(rebuilt, environment, context) }
    }

    // MARK: Interpreter

    /// Calls a function with arguments: values, or promises that it may force.
    public func apply(
        _ function: Value, _ arguments: [Argument], call: Call, environment: Environment, _ context: Context
    ) throws -> Value {
        var arguments = arguments
        return try applyInPlace(function, &arguments, call: call, environment: environment, context)
    }

    /// Calls a function whose arguments may be changed in place if nobody else holds them.
    public func applyInPlace(
        _ function: Value, _ arguments: inout [Argument], call: Call, environment: Environment, _ context: Context
    ) throws -> Value {
        switch function {
        case .builtin(let builtin):
            context.isVisible = true
            // `Reduce("+", x)` and its like run no closure, where Ctrl-C would be seen.
            if context.interruptFlag?.pointee ?? 0 != 0 { try context.pollInterrupt() }
            try enter(context)
            defer { context.depth -= 1 }
            let result = try applyBuiltin(builtin, &arguments, call: call, environment: environment, context)
            if builtin.special == nil, !builtin.keepsVisibility { context.isVisible = builtin.isVisible }
            return result
        case .closure(let closure):
            return try applyClosure(closure, arguments, call: call, caller: environment, dispatch: nil, context)
        case .object(let object) where object.isCallable:
            for place in arguments.indices { arguments[place].value = try context.forced(arguments[place].value) }
            let values = arguments
            context.isVisible = true
            return try locating(call, context) {
                if object.owner != nil { try context.checkOwner(of: object) }
                let result = try object.call(values, call: call, environment: environment, context: context)
                if !(object is BoundMethod) { context.isVisible = true }
                return result
            }
        default: throw try context.raise(WorkbenchError(.type, "attempt to apply non-function"), call: call)
        }
    }
}
