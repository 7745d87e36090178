import Diagnostics
import RRuntime

/// `{`, `(`, `if`, loops, `function`, `return`, `switch`, `&&`, `||`, `~`.
struct ControlKeywords {
    let evaluator: Evaluator

    func register(_ base: Namespace) {
        base.keyword("{", help: "Evaluates expressions in order; the value is that of the last", brace)
        base.keyword("(", help: "The value of an expression, always printed", parenthesis)
        base.keyword("if", help: "if (cond) expr else other", conditional)
        base.keyword("while", help: "while (cond) expr", whileLoop)
        base.keyword("repeat", help: "repeat expr, until break", repeatLoop)
        base.keyword("break", help: "Leaves the innermost loop") { _, environment, context in
            try checkLoop(of: environment, context)
            throw ControlFlow.breakLoop(in: environment)
        }
        base.keyword("next", help: "Goes on with the next iteration") { _, environment, context in
            try checkLoop(of: environment, context)
            throw ControlFlow.nextIteration(in: environment)
        }
        base.keyword("function", help: "function(parameters) body", function)
        base.keyword("return", help: "Leaves the function with a value", returning)
        base.keyword("switch", help: "switch(value, name = result, …, default)", choose)
        base.keyword("&&", help: "Logical and; the right side only if the left is not FALSE", and)
        base.keyword("||", help: "Logical or; the right side only if the left is not TRUE", or)
        base.keyword("~", help: "A formula", formula)
        ForLoop(evaluator: evaluator).register(base)
    }

    private func brace(_ call: Call, _ environment: Environment, _ context: Context) throws -> Value {
        var result = Value.null
        context.isVisible = true
        for statement in call.arguments {
            result = try evaluator.evaluate(statement.value, in: environment, context)
        }
        return result
    }

    private func parenthesis(_ call: Call, _ environment: Environment, _ context: Context) throws -> Value {
        guard call.arguments.count == 1 else { throw WorkbenchError(.syntax, "invalid use of '('") }
        let value = try evaluator.evaluate(call.arguments[0].value, in: environment, context)
        context.isVisible = true
        return value
    }

    private func conditional(_ call: Call, _ environment: Environment, _ context: Context) throws -> Value {
        guard call.arguments.count >= 2 else { throw WorkbenchError(.syntax, "argument is missing in 'if'") }
        let condition = try evaluator.evaluate(call.arguments[0].value, in: environment, context)
        if try truth(condition) {
            return try evaluator.evaluate(call.arguments[1].value, in: environment, context)
        }
        if call.arguments.count > 2 {
            return try evaluator.evaluate(call.arguments[2].value, in: environment, context)
        }
        context.isVisible = false
        return .null
    }

    /// A condition of `if` or `while`.
    private func truth(_ value: Value) throws -> Bool {
        if case .logical(let v) = value, v.count == 1, let flag = v[0] { return flag }
        if value.length > 1 {
            throw WorkbenchError(
                .value, "the condition has length > 1",
                hint: value.isObject && !value.isAtomic
                    ? value.classAttribute?.first.map { "it is a \($0); take one value of it, e.g. with $all()$item()" }
                    : nil)
        }
        guard value.length == 1 else { throw WorkbenchError(.value, "argument is of length zero") }
        if case .object(let object) = value {
            throw WorkbenchError(
                .type, "argument is not interpretable as logical",
                hint: object.classes.first.map { "it is a \($0); take its value, e.g. with $item()" })
        }
        guard value.isAtomic, let flag = try value.asLogicals().elements.first else {
            throw WorkbenchError(.type, "argument is not interpretable as logical")
        }
        guard let flag else {
            if case .logical = value { throw WorkbenchError(.value, "missing value where TRUE/FALSE needed") }
            throw WorkbenchError(.type, "argument is not interpretable as logical")
        }
        return flag
    }

    /// A function called in a loop is in none of its own.
    private func checkLoop(of environment: Environment, _ context: Context) throws {
        guard !context.loopHomes.contains(environment) else { return }
        throw try context.raise(
            WorkbenchError(.value, "no loop for break/next, jumping to top level"), call: context.innermostCall)
    }

    private func whileLoop(_ call: Call, _ environment: Environment, _ context: Context) throws -> Value {
        guard call.arguments.count == 2 else { throw WorkbenchError(.syntax, "invalid 'while'") }
        let body = call.arguments[1].value
        try context.looping(in: environment) {
            while try again(call.arguments[0].value, environment, context) {
                if try iterate(body, environment, context) { break }
            }
        }
        context.isVisible = false
        return .null
    }

    private func repeatLoop(_ call: Call, _ environment: Environment, _ context: Context) throws -> Value {
        guard let body = call.arguments.first?.value else { throw WorkbenchError(.syntax, "invalid 'repeat'") }
        try context.looping(in: environment) {
            while try !iterate(body, environment, context) {}
        }
        context.isVisible = false
        return .null
    }

    /// The condition of `while`, which may be `break` or `next` itself.
    private func again(_ condition: Value, _ environment: Environment, _ context: Context) throws -> Bool {
        while true {
            do {
                return try truth(try evaluator.evaluate(condition, in: environment, context))
            } catch ControlFlow.breakLoop(let home) where home === environment {
                return false
            } catch ControlFlow.nextIteration(let home) where home === environment {
                try context.pollInterrupt()
            }
        }
    }

    /// Runs a loop's body once.
    /// - Returns: true after `break`.
    private func iterate(_ body: Value, _ environment: Environment, _ context: Context) throws -> Bool {
        if context.interruptFlag?.pointee ?? 0 != 0 { try context.pollInterrupt() }
        if context.lock.isWanted { context.giveWay() }
        do {
            _ = try evaluator.evaluate(body, in: environment, context)
        } catch ControlFlow.breakLoop(let home) where home === environment {
            return true
        } catch ControlFlow.nextIteration(let home) where home === environment {
            return false
        }
        return false
    }

    private func function(_ call: Call, _ environment: Environment, _ context: Context) throws -> Value {
        let formals: Formals
        if let known = call.cache as? Formals {
            formals = known
        } else {
            formals = Formals(call.arguments.first?.value ?? .null)
            call.cache = formals
        }
        let body = call.arguments.count > 1 ? call.arguments[1].value : .null
        if environment !== context.globalEnvironment {
            context.collector.track(environment)
            context.collector.collectIfDue()
        }
        return .closure(Closure(formals, body, environment, source: call.span))
    }

    private func returning(_ call: Call, _ environment: Environment, _ context: Context) throws -> Value {
        guard call.arguments.count <= 1 else {
            throw WorkbenchError(.value, "multi-argument returns are not permitted")
        }
        var value = Value.null
        if let argument = call.arguments.first, !argument.value.isMissing {
            value = try evaluator.evaluate(argument.value, in: environment, context)
        } else {
            context.isVisible = true
        }
        guard canReturn(from: environment, context) else {
            throw try context.raise(
                WorkbenchError(.value, "no function to return from, jumping to top level"), call: context.innermostCall)
        }
        throw ControlFlow.returnValue(value, from: environment)
    }

    /// Whether the function (or `eval()`) that has this environment still runs: an argument may be evaluated later.
    private func canReturn(from environment: Environment, _ context: Context) -> Bool {
        for frame in context.frames.reversed() where frame.environment === environment { return true }
        return context.evaluationHomes.contains(environment)
    }

    private func and(_ call: Call, _ environment: Environment, _ context: Context) throws -> Value {
        let left = try operand(call, 0, environment, context)
        if left == false { return false }
        let right = try operand(call, 1, environment, context)
        context.isVisible = true
        if right == false { return false }
        return .flag(left == nil || right == nil ? nil : true)
    }

    private func or(_ call: Call, _ environment: Environment, _ context: Context) throws -> Value {
        let left = try operand(call, 0, environment, context)
        if left == true { return true }
        let right = try operand(call, 1, environment, context)
        context.isVisible = true
        if right == true { return true }
        return .flag(left == nil || right == nil ? nil : false)
    }

    private func operand(
        _ call: Call, _ place: Int, _ environment: Environment, _ context: Context
    ) throws -> Bool? {
        let name = call.name?.name ?? "&&"
        guard call.arguments.count == 2 else {
            throw WorkbenchError(.value, "operator needs two arguments")
        }
        let value = try evaluator.evaluate(call.arguments[place].value, in: environment, context)
        context.isVisible = true
        if case .logical(let v) = value, v.count == 1 { return v[0] }
        let side = place == 0 ? "x" : "y"
        let isNumber: Bool
        switch value {
        case .logical, .double, .complex: isNumber = true
        case .integer: isNumber = !value.inherits("factor")
        default: isNumber = false
        }
        guard isNumber else { throw WorkbenchError(.type, "invalid '\(side)' type in 'x \(name) y'") }
        guard value.length > 0 else { return nil }
        if value.length > 1 {
            try context.warn("'length(x) = \(value.length) > 1' in coercion to 'logical(1)'", call: call)
        }
        return try value.asLogicals()[0]
    }

    private func choose(_ call: Call, _ environment: Environment, _ context: Context) throws -> Value {
        guard let first = call.arguments.first, !first.value.isMissing else {
            throw WorkbenchError(.value, "'EXPR' is missing")
        }
        var arms: [Argument] = []
        for argument in call.arguments.dropFirst() {
            if case .symbol(let symbol) = argument.value, symbol === Symbol.dots {
                arms += try evaluator.spreadDots(in: environment, context)
            } else {
                arms.append(argument)
            }
        }
        let value = try evaluator.evaluate(first.value, in: environment, context)
        guard value.length == 1, value.isAtomic else {
            throw WorkbenchError(.value, "EXPR must be a length 1 vector")
        }
        context.isVisible = true
        if arms.isEmpty { try context.warn("'switch' with no alternatives", call: call) }
        if case .character(let text) = value {
            if let wanted = text[0] {
                for (place, arm) in arms.enumerated() where arm.name?.text == wanted {
                    for candidate in arms[place...] where !candidate.value.isMissing {
                        return try evaluator.evaluate(candidate.value, in: environment, context)
                    }
                    context.isVisible = false
                    return .null
                }
            }
            let defaults = arms.filter { $0.name == nil }
            guard defaults.count <= 1 else { throw WorkbenchError(.value, "duplicate 'switch' defaults") }
            if let fallback = defaults.first, !fallback.value.isMissing {
                return try evaluator.evaluate(fallback.value, in: environment, context)
            }
        } else if let number = try value.asIntegers()[0], number >= 1, Int(number) <= arms.count {
            let arm = arms[Int(number) - 1].value
            if arm.isMissing { throw WorkbenchError(.value, "empty alternative in numeric switch") }
            return try evaluator.evaluate(arm, in: environment, context)
        }
        context.isVisible = false
        return .null
    }

    private func formula(_ call: Call, _ environment: Environment, _ context: Context) throws -> Value {
        context.isVisible = true
        if call.attributes?[Symbol.classAttribute] != nil { return .call(call) }
        let attributes = Attributes.of([
            (Symbol.classAttribute, "formula"), (Symbol.dotEnvironment, .environment(environment)),
        ])
        return .call(call.with(attributes: attributes))
    }
}
