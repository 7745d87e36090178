import Diagnostics
import RRuntime

/// `UseMethod`, `NextMethod` and `missing`: keywords that look at the frame they are called in.
struct MethodKeywords {
    let evaluator: Evaluator

    func register(_ base: Namespace) {
        base.keyword("UseMethod", help: "Calls the S3 method for the class of the first argument", useMethod)
        base.keyword("NextMethod", help: "Calls the method that comes after the one that is running", nextMethod)
        base.keyword("missing", help: "Whether a parameter was given no argument", missing)
    }

    private func frame(of environment: Environment, _ context: Context) -> Frame? {
        context.frames.last { $0.environment === environment }
    }

    private func useMethod(_ call: Call, _ environment: Environment, _ context: Context) throws -> Value {
        guard let frame = frame(of: environment, context) else {
            throw WorkbenchError(.value, "'UseMethod' used in an inappropriate fashion")
        }
        guard let first = call.arguments.first,
            case .character(let text) = try evaluator.evaluate(first.value, in: environment, context),
            text.count == 1, let name = text[0]
        else { throw WorkbenchError(.value, "'generic' argument must be a character string") }
        let generic = Symbol.named(name)
        let object: Value
        if call.arguments.count > 1 {
            object = try evaluator.evaluate(call.arguments[1].value, in: environment, context)
        } else {
            object = try dispatchObject(of: frame, context)
        }
        let definedIn = frame.function.environment
        let classes = object.dispatchClasses
        let found =
            evaluator.findMethod(generic, classes: classes, from: frame.callerEnvironment, context)
            ?? evaluator.findMethod(generic, classes: classes, from: definedIn, context)
            ?? fallback(generic, from: frame.callerEnvironment, frame, context)
        guard let found else {
            let shown =
                classes.count == 1
                ? "\"\(classes[0])\"" : "\"c(" + classes.map { "'\($0)'" }.joined(separator: ", ") + ")\""
            throw WorkbenchError(
                .type, "no applicable method for '\(generic.name)' applied to an object of class \(shown)")
        }
        let result = try evaluator.callMethod(
            found, generic: generic, object: object, frame.supplied, call: frame.call,
            environment: frame.callerEnvironment, inheriting: frame, context)
        throw ControlFlow.returnValue(result, from: environment)
    }

    /// `generic.default`, else the registered function of that name when an R function hides it.
    private func fallback(
        _ generic: Symbol, from environment: Environment, _ frame: Frame?, _ context: Context
    ) -> FoundMethod? {
        let name = evaluator.methodName(generic, "default")
        if let function = evaluator.method(named: name, from: environment, context)
            ?? frame.flatMap({ evaluator.method(named: name, from: $0.function.environment, context) })
        {
            return FoundMethod(function: function, name: name, remaining: [], group: "")
        }
        for namespace in context.registry.namespaces {
            if case .builtin(let builtin)? = namespace.environment.local(generic), builtin.dispatch != .none {
                return FoundMethod(function: .builtin(builtin), name: name, remaining: [], group: "")
            }
        }
        return nil
    }

    /// The argument of the first parameter as it was given, whatever the parameter is now: exact name, then partial,
    /// then position. NULL where there is none.
    private func dispatchObject(of frame: Frame, _ context: Context) throws -> Value {
        var given = frame.supplied.first
        if let first = frame.function.formals.names.first, first !== Symbol.dots {
            given =
                frame.supplied.first { $0.name === first }
                ?? frame.supplied.first { argument in
                    guard let name = argument.name?.name, !name.isEmpty else { return false }
                    return first.name.utf8.starts(with: name.utf8)
                } ?? frame.supplied.first { $0.name == nil } ?? given
        }
        guard let given, !given.value.isMissing else { return .null }
        return try context.forced(given.value)
    }

    private func nextMethod(_ call: Call, _ environment: Environment, _ context: Context) throws -> Value {
        guard let frame = frame(of: environment, context) else {
            throw WorkbenchError(.value, "'NextMethod' called from outside a function")
        }
        let state = try frame.dispatch ?? guessedState(frame, context)
        let generic = state.generic
        var arguments = try currentArguments(of: frame, generic, context)
        // Further arguments of NextMethod(generic, object, ...) are added, or replace those of the same name.
        for (place, extra) in call.arguments.enumerated() {
            if extra.name == nil, place < 2 { continue }
            if extra.name?.name == "generic" || extra.name?.name == "object" { continue }
            if case .symbol(let symbol) = extra.value, symbol === Symbol.dots { continue }
            let value = try evaluator.evaluate(extra.value, in: environment, context)
            if let name = extra.name, let known = arguments.firstIndex(where: { $0.name === name }) {
                arguments[known].value = value
            } else {
                arguments.append(Argument(value, name: extra.name))
            }
        }
        let group = state.group.isEmpty ? nil : Symbol.named(state.group)
        if let found = evaluator.findMethod(
            generic, classes: state.remaining, from: state.callerEnvironment, group: group, context)
        {
            return try evaluator.callMethod(
                found, generic: generic, object: state.object, arguments, call: frame.call,
                environment: frame.callerEnvironment, context)
        }
        if let found = fallback(generic, from: state.callerEnvironment, frame, context) {
            if case .builtin(let builtin) = found.function {
                var arguments = arguments
                let result = try evaluator.applyBuiltin(
                    builtin, &arguments, call: evaluator.methodCall(frame.call, found.name, arguments),
                    environment: frame.callerEnvironment, context, dispatching: false)
                if !builtin.keepsVisibility { context.isVisible = builtin.isVisible }
                return result
            }
            return try evaluator.callMethod(
                found, generic: generic, object: state.object, arguments, call: frame.call,
                environment: frame.callerEnvironment, context)
        }
        if case .builtin(let builtin)? = context.baseEnvironment.local(generic) {
            var arguments = arguments
            return try evaluator.applyBuiltin(
                builtin, &arguments, call: frame.call, environment: frame.callerEnvironment, context, dispatching: false
            )
        }
        throw WorkbenchError(.value, "no method to invoke", hint: "\(generic.name) has no method after this one")
    }

    /// The arguments of the call in its order, each as what its parameter is now: a method may change its own before it
    /// hands on. What is in `...` goes on as it is.
    private func currentArguments(of frame: Frame, _ generic: Symbol, _ context: Context) throws -> [Argument] {
        let formals = frame.function.formals
        let plan = try evaluator.matchPlan(
            names: formals.names, dotsIndex: formals.dotsIndex, frame.supplied, context)
        return zip(frame.supplied, plan).map { argument, target in
            guard target >= 0 else { return argument }
            let parameter = formals.names[target]
            switch frame.environment.local(parameter) {
            case .missing?: return Argument(.missing, name: argument.name)
            case .promise(let now)? where generic.isIndexing:
                // Methods for `[` read `2:N` and `..` from the code.
                if case .promise(let given) = argument.value, given === now { return argument }
            case let value? where generic.takesName:
                // `$` takes a promise for the code of a name.
                return Argument(value, name: argument.name)
            default: break
            }
            return Argument(.promise(Promise(.symbol(parameter), in: frame.environment)), name: argument.name)
        }
    }

    /// A method called by its name, without dispatch: generic and class are read off the name.
    private func guessedState(_ frame: Frame, _ context: Context) throws -> DispatchState {
        guard let name = frame.call.name?.name else {
            throw WorkbenchError(.value, "generic function not specified")
        }
        let object = try dispatchObject(of: frame, context)
        let classes = object.dispatchClasses
        for (place, className) in classes.enumerated() {
            let suffix = "." + className.string
            guard name.utf8.count > suffix.utf8.count, name.hasSuffix(suffix) else { continue }
            return DispatchState(
                generic: Symbol.named(String(name.dropLast(suffix.count))), object: object,
                remaining: Array(classes[(place + 1)...]), callerEnvironment: frame.callerEnvironment)
        }
        let generic = name.split(separator: ".").first.map(String.init) ?? name
        return DispatchState(
            generic: Symbol.named(generic), object: object, remaining: classes,
            callerEnvironment: frame.callerEnvironment)
    }

    private func missing(_ call: Call, _ environment: Environment, _ context: Context) throws -> Value {
        guard call.arguments.count == 1 else {
            throw WorkbenchError(.value, "\(call.arguments.count) arguments passed to 'missing' which requires 1")
        }
        let symbol: Symbol
        switch call.arguments[0].value {
        case .symbol(let name): symbol = name
        case .character(let text) where text.count == 1: symbol = Symbol.named(text[0] ?? "")
        default: throw WorkbenchError(.value, "invalid use of 'missing'")
        }
        context.isVisible = true
        guard environment.local(symbol) != nil else {
            if symbol.dotsPosition > 0, case .dots(let dots)? = environment.local(Symbol.dots) {
                guard dots.arguments.count >= symbol.dotsPosition else { return true }
                return .flag(evaluator.isMissing(dots.arguments[symbol.dotsPosition - 1].value))
            }
            throw WorkbenchError(.value, "'missing' can only be used for arguments")
        }
        return .flag(evaluator.isMissing(symbol, in: environment))
    }
}
