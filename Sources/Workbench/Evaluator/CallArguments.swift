import Diagnostics
import RRuntime

/// How the arguments of a call reach a function: as promises or values, `...` spread out, empty ones kept where they mean
/// something.
extension Evaluator {
    /// Arguments as promises, `...` spread out, empty ones as `.missing`.
    func promises(for call: Call, in environment: Environment, _ context: Context) throws -> [Argument] {
        var result: [Argument] = []
        result.reserveCapacity(call.arguments.count)
        for (place, argument) in call.arguments.enumerated() {
            switch argument.value {
            case .symbol(let symbol):
                if symbol === Symbol.dots, !(place == 1 && (call.name === Symbol.dollar || call.name === Keyword.at)) {
                    result += try spreadDots(in: environment, context)
                } else {
                    result.append(
                        Argument(.promise(Promise(argument.value, in: environment)), name: argument.name))
                }
            case .call:
                result.append(Argument(.promise(Promise(argument.value, in: environment)), name: argument.name))
            default: result.append(argument)
            }
        }
        return result
    }

    /// What `...` holds in a frame.
    func spreadDots(in environment: Environment, _ context: Context) throws -> [Argument] {
        switch environment.lookup(Symbol.dots) {
        case .dots(let dots)?: return dots.arguments
        case .missing?: return []
        default:
            throw try context.raise(
                WorkbenchError(.name, "'...' used in an incorrect context"), call: context.innermostCall)
        }
    }

    /// Arguments evaluated in order, `...` spread out. Empty ones stay only in `[` and `[[`; elsewhere one at the end is
    /// dropped, also where R refuses it.
    ///
    /// - Parameter builtin: Who gets them: a parameter of the caller that was not given may go on to one it asks `missing()`
    ///   for.
    func evaluatedArguments(
        of call: Call, for builtin: Builtin? = nil, in environment: Environment, _ context: Context
    ) throws -> [Argument] {
        var result: [Argument] = []
        result.reserveCapacity(call.arguments.count)
        var forwarded: [(place: Int, symbol: Symbol)] = []
        let last = call.arguments.count - 1
        for (place, argument) in call.arguments.enumerated() {
            switch argument.value {
            case .missing:
                if call.isIndexing {
                    result.append(argument)
                } else if place < last || argument.name != nil {
                    throw try context.raise(
                        WorkbenchError(.value, "argument \(place + 1) is empty"), call: call)
                }
            case .symbol(let symbol) where symbol === Symbol.dots:
                let elements = try spreadDots(in: environment, context)
                for (position, element) in elements.enumerated() {
                    if element.value.isMissing {
                        if call.isIndexing {
                            result.append(element)
                        } else if place < last || position < elements.count - 1 {
                            throw try context.raise(
                                WorkbenchError(.value, "argument is missing, with no default"),
                                call: context.innermostCall)
                        }
                        continue
                    }
                    result.append(Argument(try context.forced(element.value), name: element.name))
                }
            case .symbol(let symbol) where call.isIndexing:
                result.append(Argument(try index(symbol, in: environment, context), name: argument.name))
            case .symbol(let symbol) where builtin != nil:
                let value = try given(symbol, in: environment, context)
                if value.isMissing { forwarded.append((result.count, symbol)) }
                result.append(Argument(value, name: argument.name))
            default:
                result.append(
                    Argument(try evaluate(argument.value, in: environment, context), name: argument.name))
            }
        }
        if let builtin, !forwarded.isEmpty {
            let plan = try matchPlan(
                names: builtin.parameters.map { $0.name }, dotsIndex: builtin.dotsIndex, result, context)
            for (place, symbol) in forwarded where !AskedParameters.contains(plan[place], of: builtin) {
                result[place].value = try variable(symbol, in: environment, context)
            }
        }
        return result
    }

    /// The value of a variable, `.missing` where it is a parameter that was not given.
    func given(_ symbol: Symbol, in environment: Environment, _ context: Context) throws -> Value {
        context.isVisible = true
        guard let value = environment.lookup(symbol) else { return try variable(symbol, in: environment, context) }
        switch value {
        case .promise(let promise):
            if let known = promise.value { return known }
            return isEmpty(symbol, in: environment) ? .missing : try force(promise, context)
        case .activeBinding, .dots: return try variable(symbol, in: environment, context)
        default: return value
        }
    }

    /// The value of a variable that is an index, `.missing` where it was not given.
    func index(_ symbol: Symbol, in environment: Environment, _ context: Context) throws -> Value {
        switch environment.local(symbol) {
        case .promise(let promise)? where promise.value != nil: break
        case .promise?, .missing?:
            if isEmpty(symbol, in: environment) { return .missing }
        default: break
        }
        return try variable(symbol, in: environment, context)
    }
}

extension Call {
    /// `x[…]` or `x[[…]]`, where empty arguments mean something.
    var isIndexing: Bool {
        guard case .symbol(let symbol) = function else { return false }
        return symbol.isIndexing
    }
}

extension Symbol {
    /// `[`, `[[` or what replaces elements.
    var isIndexing: Bool {
        self === Symbol.subset || self === Symbol.element || self === Keyword.subsetAssign
            || self === Keyword.elementAssign
    }

    /// `$`, `@` or what replaces what they name.
    var takesName: Bool {
        self === Symbol.dollar || self === Keyword.at || self === Keyword.dollarAssign
    }
}
