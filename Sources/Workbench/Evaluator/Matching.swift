import Diagnostics
import RRuntime

extension Evaluator {
    /// Matches arguments to the parameters of a closure: exact names, then partial, then position.
    /// - Returns: one slot per parameter; `.missing` where nothing was given, `.dots` for `...`.
    /// - Throws: R's `unused argument`, `formal argument "x" matched by multiple actual arguments`.
    func match(_ formals: Formals, _ arguments: [Argument], _ context: Context) throws -> [Value] {
        var slots = [Value](repeating: .missing, count: formals.names.count)
        if formals.dotsIndex == nil, arguments.count <= slots.count, !arguments.contains(where: { $0.name != nil }) {
            for place in arguments.indices { slots[place] = arguments[place].value }
            return slots
        }
        let plan = try matchPlan(names: formals.names, dotsIndex: formals.dotsIndex, arguments, context)
        var rest: [Argument] = []
        for (place, target) in plan.enumerated() {
            if target >= 0 { slots[target] = arguments[place].value } else { rest.append(arguments[place]) }
        }
        if let dots = formals.dotsIndex {
            slots[dots] = .dots(Dots(rest))
        } else if !rest.isEmpty {
            throw unusedArguments(rest, among: formals.names, context)
        }
        return slots
    }

    /// Matches arguments to the parameters of a registered function, moving the values out of `arguments`.
    func match(
        _ builtin: Builtin, _ arguments: inout [Argument], call: Call, environment: Environment, _ context: Context
    ) throws -> Arguments {
        let parameters = builtin.parameters
        var values = [Value](repeating: .missing, count: parameters.count)
        var rest: [Argument] = []
        if !arguments.contains(where: { $0.name != nil }), builtin.dotsIndex == nil, arguments.count <= values.count {
            for place in arguments.indices { swap(&values[place], &arguments[place].value) }
        } else if builtin.dotsIndex == 0, !arguments.contains(where: { $0.name != nil }) {
            swap(&rest, &arguments)
        } else {
            let plan = try matchPlan(
                names: parameters.map { $0.name }, dotsIndex: builtin.dotsIndex, arguments, context)
            for (place, target) in plan.enumerated() {
                if target >= 0 {
                    swap(&values[target], &arguments[place].value)
                } else {
                    rest.append(arguments[place])
                    arguments[place].value = .missing
                }
            }
            if builtin.dotsIndex == nil, !rest.isEmpty {
                var error = unusedArguments(
                    written(rest, plan, arguments, call), among: parameters.map { $0.name }, context)
                if let hint = builtin.hintForUnused?(rest.map { $0.value }) { error.hint = hint }
                throw error
            }
        }
        for place in values.indices {
            guard case .missing = values[place], let value = parameters[place].defaultValue else { continue }
            values[place] = value
        }
        return Arguments(
            values: values, dots: rest, function: builtin, call: call, environment: environment, context: context)
    }

    /// For each argument the parameter it goes to, or -1 for `...` and leftovers.
    func matchPlan(
        names: [Symbol], dotsIndex: Int?, _ arguments: [Argument], _ context: Context
    ) throws -> [Int] {
        var plan = [Int](repeating: -1, count: arguments.count)
        var taken = [Bool](repeating: false, count: names.count)
        if let dotsIndex { taken[dotsIndex] = true }
        for (place, argument) in arguments.enumerated() {
            guard let name = argument.name, name !== Symbol.dots, let target = names.firstIndex(where: { $0 === name })
            else { continue }
            if taken[target] { throw matchedTwice(name) }
            taken[target] = true
            plan[place] = target
        }
        var partly: [Int] = []
        for (place, argument) in arguments.enumerated() where plan[place] < 0 {
            guard let name = argument.name, !name.name.isEmpty else { continue }
            var target = -1
            for candidate in names.indices where !taken[candidate] || partly.contains(candidate) {
                if let dotsIndex, candidate > dotsIndex { break }
                guard names[candidate].name.utf8.starts(with: name.name.utf8) else { continue }
                if taken[candidate] { throw matchedTwice(names[candidate]) }
                if target >= 0 {
                    let position = place + 1
                    throw WorkbenchError(.value, "argument \(position) matches multiple formal arguments")
                }
                target = candidate
            }
            guard target >= 0 else { continue }
            taken[target] = true
            partly.append(target)
            plan[place] = target
        }
        var next = 0
        for (place, argument) in arguments.enumerated() where plan[place] < 0 {
            if let name = argument.name, !name.name.isEmpty { continue }
            while next < names.count, taken[next], next != dotsIndex { next += 1 }
            guard next < names.count, next != dotsIndex else { break }
            taken[next] = true
            plan[place] = next
        }
        return plan
    }

    /// Arguments that fit nowhere as they were written, where the call shows it: a value may have no text of its own.
    ///
    /// The call may be another function's: `fit()` calls what makes the optimizer, and errors name `fit()`. Then the
    /// names differ.
    private func written(_ rest: [Argument], _ plan: [Int], _ given: [Argument], _ call: Call) -> [Argument] {
        guard call.arguments.count == plan.count, !call.arguments.contains(where: { $0.value.isDots }),
            zip(given, call.arguments).allSatisfy({ $0.name === $1.name })
        else { return rest }
        return zip(plan, call.arguments).filter { $0.0 < 0 }.map { $0.1 }
    }

    private func matchedTwice(_ name: Symbol) -> WorkbenchError {
        WorkbenchError(.value, "formal argument \"\(name.name)\" matched by multiple actual arguments")
    }

    private func unusedArguments(_ rest: [Argument], among names: [Symbol], _ context: Context) -> WorkbenchError {
        let texts = rest.map { argument -> String in
            var expression = argument.value
            if case .promise(let promise) = expression { expression = promise.expression }
            var text = expression.isMissing ? "alist()" : context.deparse(expression).joined(separator: " ")
            if case .object(let object) = expression, let name = object.classes.first { text = "<\(name)>" }
            guard let name = argument.name else { return text }
            return "\(name.name) = \(text)"
        }
        var error = WorkbenchError(
            .value, "unused argument\(rest.count == 1 ? "" : "s") (\(texts.joined(separator: ", ")))")
        let known = names.map { $0.name }
        for argument in rest {
            if let name = argument.name, let near = didYouMean(name.name, among: known) {
                error.hint = near
                break
            }
        }
        if error.hint == nil {
            error.hint =
                known.isEmpty ? "the function takes no arguments" : "arguments: " + known.joined(separator: ", ")
        }
        return error
    }
}

extension Value {
    /// `...` in code.
    fileprivate var isDots: Bool {
        if case .symbol(let symbol) = self { return symbol === Symbol.dots }
        return false
    }
}
