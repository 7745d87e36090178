import Diagnostics
import RRuntime

/// One assignment to a place inside an object: `f(g(x, i), j) <- value` becomes
/// `` x <- `g<-`(x, i, value = `f<-`(g(x, i), j, value = value)) ``, index expressions evaluated once.
///
/// A variable lets go of plain data meanwhile, so that it is changed in place; nothing that could look at the variable
/// runs then: see `InPlaceInterruption`.
struct Replacement {
    let evaluator: Evaluator
    let environment: Environment
    let context: Context
    let outward: Bool
    /// Variables keep their values while these are changed, on copies: a handler or a method looks on.
    var leavesVariables = false

    /// One level: the setter, the getter (needed at inner levels only) and the arguments after the object.
    struct Level {
        let call: Call
        let setter: Value
        let getter: Value?
        var arguments: [Argument]
    }

    /// Replaces and stores.
    func replace(_ target: Call, with value: Value, in assignment: Call) throws {
        try checkTarget(target)
        var levels: [Level] = []
        var inner: Value = .call(target)
        while case .call(let call) = inner {
            let level = try level(call, isOutermost: levels.isEmpty)
            levels.append(level)
            guard let object = call.arguments.first?.value else {
                throw WorkbenchError(.syntax, "invalid assignment target")
            }
            inner = object
        }
        let symbol: Symbol
        switch inner {
        case .symbol(let name): symbol = name
        case .character(let text) where text.count == 1: symbol = Symbol.named(text[0] ?? "NA")
        default: throw WorkbenchError(.syntax, "target of assignment expands to non-language object")
        }
        let home = outward ? Assignment.home(of: symbol, outside: environment, context) : environment
        let allBuiltin = levels.allSatisfy { isPlainBuiltin($0.setter) && ($0.getter.map(isPlainBuiltin) ?? true) }
        let position = home.position(of: symbol)
        var current: Value
        if position >= 0 {
            current = home[position: position]
            if case .activeBinding = current { current = try context.forced(current) }
            if case .missing = current { _ = try evaluator.evaluate(inner, in: environment, context) }
        } else {
            guard let found = (outward ? environment.parent : environment)?.lookup(symbol) else {
                throw WorkbenchError(.name, "object '\(symbol.name)' not found")
            }
            current = found
        }
        current = try context.forced(current)
        // Plain data whose only holder is the variable is changed in place: the variable lets go of it meanwhile.
        let isPlain = try allBuiltin && evaluateArguments(&levels, of: current)
        let inPlace = isPlain && position >= 0 && current.isVector && !home.isLocked(symbol)
        if inPlace {
            if case .activeBinding = home[position: position] {} else { home[position: position] = .null }
            context.isReplacingInPlace = true
            do {
                try apply(levels, levels.count - 1, to: &current, value: value, in: assignment)
                context.isReplacingInPlace = false
            } catch {
                context.isReplacingInPlace = false
                home.define(symbol, current)
                guard error is InPlaceInterruption else { throw error }
                try copying.apply(levels, levels.count - 1, to: &current, value: value, in: assignment)
            }
            if home.position(of: symbol) == position, !isActive(home, position) {
                home[position: position] = current
                return
            }
        } else {
            try apply(levels, levels.count - 1, to: &current, value: value, in: assignment)
        }
        try Assignment.store(symbol, current, in: home, context)
    }

    private var copying: Replacement {
        var copying = self
        copying.leavesVariables = true
        return copying
    }

    /// What is changed in the end must be a variable: R says so before it looks for the replacement functions.
    private func checkTarget(_ target: Call) throws {
        var inner: Value = .call(target)
        while case .call(let call) = inner, let object = call.arguments.first?.value { inner = object }
        switch inner {
        case .symbol, .character, .call: return
        default: throw WorkbenchError(.syntax, "target of assignment expands to non-language object")
        }
    }

    private func isActive(_ environment: Environment, _ position: Int) -> Bool {
        if case .activeBinding = environment[position: position] { return true }
        return false
    }

    private func isPlainBuiltin(_ function: Value) -> Bool {
        guard case .builtin(let builtin) = function, builtin.special == nil else { return false }
        // `$` takes its field as a promise, but here the name is a string already.
        return builtin.takesOnlyValues || builtin.name === Symbol.dollar || builtin.name === Keyword.dollarAssign
    }

    /// Changes `object` at one level: gets what lies inside, changes that at the next level out, sets it.
    private func apply(
        _ levels: [Level], _ depth: Int, to object: inout Value, value: Value, in assignment: Call
    ) throws {
        let level = levels[depth]
        if depth == 0 {
            let before = evaluator.replacing
            evaluator.replacing = (level.call, assignment)
            defer { evaluator.replacing = before }
            try set(level, &object, value)
            return
        }
        guard let getter = level.getter else { return }
        var part = Value.null
        if takeVariable(levels, depth, object, into: &part) {
            let before = context.isReplacingInPlace
            context.isReplacingInPlace = true
            do {
                try apply(levels, depth - 1, to: &part, value: value, in: assignment)
                context.isReplacingInPlace = before
            } catch {
                context.isReplacingInPlace = before
                try? set(level, &object, part)
                guard error is InPlaceInterruption, !before else { throw error }
                try copying.apply(levels, depth, to: &object, value: value, in: assignment)
                return
            }
        } else if takePart(level, &object, into: &part) {
            do {
                try apply(levels, depth - 1, to: &part, value: value, in: assignment)
            } catch {
                // What was taken out goes back before the error leaves.
                try? set(level, &object, part)
                throw error
            }
        } else {
            let call = Call(
                level.call.function, [Argument(.symbol(Keyword.temporary))] + level.call.arguments.dropFirst(),
                span: level.call.span)
            part = try context.call(
                getter, [Argument(object)] + level.arguments, call: call, environment: environment)
            try apply(levels, depth - 1, to: &part, value: value, in: assignment)
        }
        try set(level, &object, part)
    }

    /// Takes the element of a plain list under `$name` or `[["name"]]` or `[[i]]` out, its place left empty, so that
    /// nobody else holds it while it is changed. It is handed over in place: a second reference would copy it.
    /// - Returns: false when the object is something else.
    private func takePart(_ level: Level, _ object: inout Value, into part: inout Value) -> Bool {
        guard let place = placeOfPart(level, object), case .list(var list) = object else { return false }
        object = .null
        swap(&part, &list.elements[place])
        // An empty string, not NULL, holds the place: setting NULL would remove the element.
        list.elements[place] = ""
        object = .list(list)
        return true
    }

    /// Takes the plain vector under `name` of an environment (`e$v[i] <- 1`), the variable left empty meanwhile.
    /// - Returns: false when the object is something else, or what is evaluated on the way could look at the variable.
    private func takeVariable(_ levels: [Level], _ depth: Int, _ object: Value, into part: inout Value) -> Bool {
        guard !leavesVariables, case .environment(let home) = object,
            let place = placeOfVariable(levels[depth], object),
            levels[..<depth].allSatisfy({ level in
                isPlainBuiltin(level.setter)
                    && level.arguments.allSatisfy { if case .promise = $0.value { false } else { true } }
            })
        else { return false }
        swap(&part, &home[position: place])
        return true
    }

    /// The position of the plain vector in an environment that a level speaks of, if `$` is the language's own there.
    func placeOfVariable(_ level: Level, _ object: Value) -> Int? {
        guard case .environment(let home) = object, level.arguments.count == 1,
            case .builtin(let setter) = level.setter,
            setter.name === Keyword.dollarAssign || setter.name === Keyword.elementAssign,
            case .character(let text) = level.arguments[0].value, text.count == 1, let name = text[0]
        else { return nil }
        let symbol = Symbol.named(name)
        let place = home.position(of: symbol)
        guard place >= 0, home[position: place].isVector, !home[position: place].isObject, !home.isLocked(symbol)
        else { return nil }
        if let classes = object.classAttribute {
            let names = [Symbol.dollar, Symbol.element, Keyword.dollarAssign, Keyword.elementAssign]
            guard names.allSatisfy({ evaluator.findMethod($0, classes: classes, from: environment, context) == nil })
            else { return nil }
        }
        return place
    }

    /// Where in a plain list the part lies that a level speaks of; nil when the object is something else.
    func placeOfPart(_ level: Level, _ object: Value) -> Int? {
        guard case .list(let list) = object, !object.isObject, level.arguments.count == 1,
            case .builtin(let setter) = level.setter,
            setter.name === Keyword.dollarAssign || setter.name === Keyword.elementAssign
        else { return nil }
        let place: Int?
        switch level.arguments[0].value {
        case .character(let text) where text.count == 1:
            place = object.names?.firstIndex(of: text[0])
        case .symbol(let symbol): place = object.names?.firstIndex(of: symbol.text)
        case .double(let v) where v.count == 1: place = Int(exactly: v[0]).map { $0 - 1 }
        case .integer(let v) where v.count == 1: place = v[0].map { Int($0) - 1 }
        default: place = nil
        }
        guard let place, list.elements.indices.contains(place), !list.elements[place].isNull else { return nil }
        return place
    }

    private func set(_ level: Level, _ object: inout Value, _ value: Value) throws {
        var arguments: [Argument] = []
        arguments.reserveCapacity(level.arguments.count + 2)
        arguments.append(Argument(.null))
        swap(&arguments[0].value, &object)
        arguments += level.arguments
        arguments.append(Argument(value, name: Symbol.value))
        var call = level.call
        if case .closure = level.setter, let name = call.name {
            call = evaluator.methodCall(call, Symbol.named(name.name + "<-"), arguments)
        }
        do {
            object = try evaluator.applyInPlace(
                level.setter, &arguments, call: call, environment: environment, context)
        } catch {
            swap(&arguments[0].value, &object)
            throw error
        }
    }
}
