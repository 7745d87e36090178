import Diagnostics
import RRuntime

/// What the levels of a replacement are, and how far their index expressions are evaluated before it begins.
extension Replacement {
    func level(_ call: Call, isOutermost: Bool) throws -> Level {
        let setter: Value
        var getter: Value?
        switch call.function {
        case .symbol(let symbol):
            setter = try context.function(Symbol.named(symbol.name + "<-"), from: environment)
            if !isOutermost { getter = try context.function(symbol, from: environment) }
        case .call(let qualified)
        where qualified.name === Keyword.doubleColon || qualified.name === Keyword.tripleColon:
            guard qualified.arguments.count == 2, case .symbol(let symbol) = qualified.arguments[1].value else {
                throw WorkbenchError(.syntax, "invalid function in complex assignment")
            }
            let named = Call(
                qualified.function,
                [qualified.arguments[0], Argument(.symbol(Symbol.named(symbol.name + "<-")))], span: qualified.span)
            setter = try evaluator.evaluate(.call(named), in: environment, context)
            if !isOutermost { getter = try evaluator.evaluate(call.function, in: environment, context) }
        default: throw WorkbenchError(.syntax, "invalid function in complex assignment")
        }
        return Level(call: call, setter: setter, getter: getter, arguments: try arguments(of: call))
    }

    /// Arguments after the object: as promises, shared by getter and setter; the name of `$` and `@` as a string.
    private func arguments(of call: Call) throws -> [Argument] {
        if let name = call.name, name === Symbol.dollar || name === Keyword.at, call.arguments.count == 2 {
            switch call.arguments[1].value {
            case .symbol(let symbol): return [Argument(.character(Vector([symbol.text])))]
            case .character: return [call.arguments[1]]
            default: break
            }
        }
        var result: [Argument] = []
        for argument in call.arguments.dropFirst() {
            switch argument.value {
            case .symbol(let symbol) where symbol === Symbol.dots:
                result += try evaluator.spreadDots(in: environment, context)
            case .symbol, .call:
                result.append(Argument(.promise(Promise(argument.value, in: environment)), name: argument.name))
            default: result.append(argument)
            }
        }
        return result
    }

    /// What a level speaks of in a plain list or an environment, looked at only; nil if that would run code.
    private func part(of object: Value, _ level: Level) -> Value? {
        switch object {
        case .list(let list): return placeOfPart(level, object).map { list.elements[$0] }
        case .environment(let home):
            guard level.arguments.count == 1, case .character(let text) = level.arguments[0].value, text.count == 1,
                let name = text[0], let value = home.local(Symbol.named(name))
            else { return nil }
            if case .promise(let promise) = value { return promise.value }
            return value
        default: return nil
        }
    }

    /// Evaluates index expressions from the inside out, down to where an object lies: its methods get them unevaluated
    /// (tensors read `2:N` and `..` from the code).
    /// - Returns: Whether no object was met, so that everything is evaluated.
    func evaluateArguments(_ levels: inout [Level], of object: Value) throws -> Bool {
        var object: Value? = object
        for depth in levels.indices.reversed() {
            let inEnvironment: Int? = object.flatMap { depth > 0 ? placeOfVariable(levels[depth], $0) : nil }
            if inEnvironment == nil, object?.isObject ?? false { return false }
            for place in levels[depth].arguments.indices {
                guard case .promise(let promise) = levels[depth].arguments[place].value else { continue }
                if case .symbol(let symbol) = promise.expression, levels[depth].call.isIndexing,
                    evaluator.isEmpty(symbol, in: environment)
                {
                    levels[depth].arguments[place].value = .missing
                } else {
                    levels[depth].arguments[place].value = try evaluator.force(promise, context)
                }
            }
            object = depth > 0 ? object.flatMap { part(of: $0, levels[depth]) } : nil
        }
        return true
    }
}
