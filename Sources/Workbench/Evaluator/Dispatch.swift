import Diagnostics
import RRuntime

/// A method found by dispatch and the classes after the one it was found for.
struct FoundMethod {
    let function: Value
    /// `generic.class`: what calls of it are named.
    let name: Symbol
    let remaining: [Text]
    let group: String

    /// Written in R, or R's own: calls of it bear its name. What plug-ins register is called as it was written.
    var isOfR: Bool {
        guard case .builtin(let builtin) = function else { return true }
        return ["base", "stats", "utils", "graphics", "grDevices", "methods"].contains(builtin.namespace)
    }
}

extension Evaluator {
    /// `generic.class`, put together once.
    func methodName(_ generic: Symbol, _ className: Text) -> Symbol {
        let key = MethodKey(generic: generic.id, className: className)
        if let known = methodNames[key] { return known }
        let symbol = Symbol.named("\(generic.name).\(className.string)")
        methodNames[key] = symbol
        return symbol
    }

    /// A function of a method's name: seen from an environment, else registered.
    func method(named name: Symbol, from environment: Environment, _ context: Context) -> Value? {
        if let value = environment.lookup(name) {
            if value.isFunction { return value }
            if case .promise(let promise) = value, let forced = promise.value, forced.isFunction { return forced }
        }
        if let value = context.sessionMethods[name] { return value }
        return context.registry.methods[name]
    }

    /// The first class of a list that has a method.
    func findMethod(
        _ generic: Symbol, classes: [Text], from environment: Environment, group: Symbol? = nil, _ context: Context
    ) -> FoundMethod? {
        for (place, className) in classes.enumerated() {
            let remaining = Array(classes[(place + 1)...])
            let name = methodName(generic, className)
            if let function = method(named: name, from: environment, context) {
                return FoundMethod(function: function, name: name, remaining: remaining, group: "")
            }
            guard let group else { continue }
            let groupName = methodName(group, className)
            if let function = method(named: groupName, from: environment, context) {
                return FoundMethod(function: function, name: groupName, remaining: remaining, group: group.name)
            }
        }
        return nil
    }

    /// Calls a method with the arguments of its generic.
    func callMethod(
        _ found: FoundMethod, generic: Symbol, object: Value, _ arguments: [Argument], call: Call,
        environment: Environment, inheriting: Frame? = nil, _ context: Context
    ) throws -> Value {
        if case .object(let object) = object, object.owner != nil { try context.checkOwner(of: object) }
        let call = found.isOfR ? methodCall(call, found.name, arguments) : call
        switch found.function {
        case .closure(let closure):
            let state = DispatchState(
                generic: generic, group: found.group, object: object, remaining: found.remaining,
                callerEnvironment: environment)
            return try applyClosure(
                closure, arguments, call: call, caller: environment, dispatch: state, inheriting: inheriting, context)
        case .builtin(let builtin):
            var arguments = arguments
            let before = context.methodGeneric
            context.methodGeneric = generic
            defer { context.methodGeneric = before }
            let result = try applyBuiltin(
                builtin, &arguments, call: call, environment: environment, context, dispatching: false)
            if !builtin.keepsVisibility { context.isVisible = builtin.isVisible }
            return result
        default:
            return try apply(found.function, arguments, call: call, environment: environment, context)
        }
    }

    /// The call of a method, as `sys.call()` and messages show it: that of the generic with the method's name; in
    /// assignments `` `[<-.class`(`*tmp*`, i, value = v) ``.
    func methodCall(_ call: Call, _ name: Symbol, _ arguments: [Argument]) -> Call {
        // What Swift calls without a call of its own has none to name.
        if call.span == nil, call.arguments.isEmpty, call.name === Keyword.anonymous { return call }
        guard let replacing, replacing.target === call, let value = arguments.last, value.name === Symbol.value else {
            return Call(.symbol(name), call.arguments, span: call.span, attributes: call.attributes)
        }
        var code = value.value
        if case .promise(let promise) = code { code = promise.value ?? promise.expression }
        return Call(
            .symbol(name),
            [Argument(.symbol(Keyword.temporary))] + call.arguments.dropFirst() + [Argument(code, name: Symbol.value)],
            span: call.span)
    }

    /// The call of a generic for which no method was found, under the name of R's default method if there is one.
    func defaultCall(
        _ builtin: Builtin, _ call: Call, _ arguments: [Argument], from environment: Environment, _ context: Context
    ) -> Call {
        let name = methodName(builtin.name, "default")
        guard case .builtin? = environment.lookup(name) else { return call }
        return methodCall(call, name, arguments)
    }

    /// S3 dispatch of a registered function; nil if its own implementation is to run.
    func dispatchBuiltin(
        _ builtin: Builtin, _ arguments: [Argument], call: Call, environment: Environment, _ context: Context
    ) throws -> Value? {
        switch builtin.dispatch {
        case .none: return nil
        case .ops: return try dispatchOps(builtin, arguments, call: call, environment: environment, context)
        case .internal, .math, .summary, .generic: break
        }
        let first = try context.forced(arguments[0].value)
        let isGeneric: Bool
        if case .generic = builtin.dispatch { isGeneric = true } else { isGeneric = false }
        guard first.isObject || isGeneric else { return nil }
        let classes = isGeneric ? first.dispatchClasses : (first.classAttribute ?? [])
        let group: Symbol?
        switch builtin.dispatch {
        case .math: group = Keyword.math
        case .summary: group = Keyword.summary
        default: group = nil
        }
        let generic = builtin.name
        guard
            let found = findMethod(generic, classes: classes, from: environment, group: group, context)
                ?? (isGeneric ? writtenDefault(generic, from: environment) : nil)
        else { return nil }
        if case .builtin(let method) = found.function, method === builtin { return nil }
        return try callMethod(
            found, generic: generic, object: first, asPromises(withName(builtin, arguments), of: call), call: call,
            environment: environment, context)
    }

    /// `generic.default` written in R, which comes before the registered function.
    private func writtenDefault(_ generic: Symbol, from environment: Environment) -> FoundMethod? {
        let name = methodName(generic, "default")
        guard let function = environment.lookup(name), case .closure = function else { return nil }
        return FoundMethod(function: function, name: name, remaining: [], group: "")
    }

    /// The name after `$` and `@` reaches methods as a string.
    private func withName(_ builtin: Builtin, _ arguments: [Argument]) -> [Argument] {
        guard builtin.name === Symbol.dollar || builtin.name === Keyword.at, arguments.count == 2,
            case .promise(let promise) = arguments[1].value
        else { return arguments }
        var named = arguments
        switch promise.expression {
        case .symbol(let symbol): named[1].value = .character(Vector([symbol.text]))
        case .character: named[1].value = promise.expression
        default: break
        }
        return named
    }

    private func dispatchOps(
        _ builtin: Builtin, _ arguments: [Argument], call: Call, environment: Environment, _ context: Context
    ) throws -> Value? {
        let operands = Array(arguments.prefix(2))
        guard operands.contains(where: { $0.value.isObject }) else { return nil }
        let found = operands.map { operand -> FoundMethod? in
            guard operand.value.isObject, let classes = operand.value.classAttribute else { return nil }
            return findMethod(builtin.name, classes: classes, from: environment, group: Keyword.ops, context)
        }
        let left = found[0]
        let right = found.count > 1 ? found[1] : nil
        guard let chosen = left ?? right else { return nil }
        if let left, let right, !isSameFunction(left.function, right.function) {
            // A method for the very operator beats one for the group; two different ones cannot both be right.
            if left.group.isEmpty == right.group.isEmpty {
                try context.warn(
                    "Incompatible methods (\"\(describe(left, builtin, operands[0].value))\", "
                        + "\"\(describe(right, builtin, operands[1].value))\") for \"\(builtin.name.name)\"", call: call
                )
                return nil
            }
            let special = left.group.isEmpty ? left : right
            return try callMethod(
                special, generic: builtin.name, object: operands[left.group.isEmpty ? 0 : 1].value,
                asPromises(arguments, of: call), call: call, environment: environment, context)
        }
        return try callMethod(
            chosen, generic: builtin.name, object: operands[left == nil ? 1 : 0].value, asPromises(arguments, of: call),
            call: call, environment: environment, context)
    }

    private func describe(_ method: FoundMethod, _ builtin: Builtin, _ object: Value) -> String {
        let classes = object.classAttribute ?? []
        let place = max(0, classes.count - method.remaining.count - 1)
        let className = place < classes.count ? classes[place].string : ""
        return (method.group.isEmpty ? builtin.name.name : method.group) + "." + className
    }

    private func isSameFunction(_ a: Value, _ b: Value) -> Bool {
        switch (a, b) {
        case (.closure(let a), .closure(let b)): return a === b || (a.body.isSameNode(as: b.body))
        case (.builtin(let a), .builtin(let b)): return a === b
        default: return false
        }
    }

    /// Values back as promises that are forced already, so that a method's `substitute()` sees the code.
    private func asPromises(_ arguments: [Argument], of call: Call) -> [Argument] {
        guard arguments.count == call.arguments.count else { return arguments }
        return zip(arguments, call.arguments).map { evaluated, written in
            switch (evaluated.value, written.value) {
            case (.promise, _), (.missing, _): return evaluated
            case (.character, .symbol) where call.name === Symbol.dollar: return evaluated
            case (_, .symbol(let symbol)) where symbol === Symbol.dots: return evaluated
            case (_, .symbol), (_, .call):
                return Argument(.promise(Promise(written.value, value: evaluated.value)), name: evaluated.name)
            default: return evaluated
            }
        }
    }

    /// Calls the S3 method for an object's class, or returns nil if there is none.
    public func dispatch(
        _ generic: Symbol, on object: Value, _ arguments: [Argument], call: Call, environment: Environment,
        _ context: Context
    ) throws -> Value? {
        guard let found = findMethod(generic, classes: object.dispatchClasses, from: environment, context) else {
            return nil
        }
        return try callMethod(
            found, generic: generic, object: object, arguments, call: call, environment: environment, context)
    }
}

extension Value {
    /// Both are the very same piece of code.
    fileprivate func isSameNode(as other: Value) -> Bool {
        if case .call(let a) = self, case .call(let b) = other { return a === b }
        return false
    }
}
