import Diagnostics

/// A function that is nothing but registered transforms one after another, recognised so that it runs without the
/// interpreter: `. %>% transform_to_tensor() %>% …`, `function(x) x %>% …`, `function(x) transform_b(transform_a(x))`.
///
/// Arguments must be constants as far as can be seen (numbers, `c(…)`, variables that hold plain values); they are
/// evaluated once, when the chain is recognised. Anything else is left to the interpreter.
public struct TransformChain {
    /// The steps in order.
    public let steps: [TransformStep]
    /// The chain as one pass over 8-bit pixels, or nil.
    public let plan: PixelPlan?

    /// Recognises a function; nil for any other.
    public init?(_ function: Value, _ context: Context) {
        guard let steps = TransformChain.steps(of: function, context, depth: 0), !steps.isEmpty else { return nil }
        self.steps = steps
        plan = PixelPlan(steps)
    }

    /// Runs the chain on one image.
    public func apply(_ image: Value, _ streams: RandomStreams, _ context: Context) throws -> Value {
        var value = image
        for step in steps { value = try step.apply(value, streams, context) }
        return value
    }

    private static func steps(of function: Value, _ context: Context, depth: Int) -> [TransformStep]? {
        guard depth < 50 else { return nil }
        if let functions = PipeSequence.functions(of: function) {
            var all: [TransformStep] = []
            for part in functions {
                guard let found = steps(of: part, context, depth: depth + 1) else { return nil }
                all += found
            }
            return all
        }
        if let transform = context.registry.transforms.transform(of: function) {
            let call = Call(.symbol(transform.function.name), [])
            guard let step = try? transform.step([], call: call, environment: context.globalEnvironment, context)
            else { return nil }
            return [step]
        }
        guard case .closure(let closure) = function, closure.formals.names.count == 1,
            closure.formals.names[0] !== Symbol.dots
        else { return nil }
        return steps(
            in: closure.body, input: closure.formals.names[0], closure.environment, context, depth: depth + 1)
    }

    private static let pipe = Symbol.named("%>%")

    /// The steps of an expression in which `input` stands for the image.
    private static func steps(
        in code: Value, input: Symbol, _ environment: Environment, _ context: Context, depth: Int
    ) -> [TransformStep]? {
        guard depth < 100 else { return nil }
        if case .symbol(let symbol) = code { return symbol === input ? [] : nil }
        guard case .call(let call) = code else { return nil }
        if case .call(let named) = call.function, named.name?.name == "::" {
            return step(call, call.arguments, input: input, environment, context, depth: depth)
        }
        guard let name = call.name else { return nil }
        switch name.name {
        case "{", "(", "return":
            guard call.arguments.count == 1, call.arguments[0].name == nil else { return nil }
            return steps(in: call.arguments[0].value, input: input, environment, context, depth: depth + 1)
        case "%>%":
            guard call.arguments.count == 2, isBuiltin(name, environment, context),
                case .call(let right) = call.arguments[1].value
            else {
                guard call.arguments.count == 2, case .symbol(let last) = call.arguments[1].value else { return nil }
                let made = Call(.symbol(last), [call.arguments[0]])
                return steps(in: .call(made), input: input, environment, context, depth: depth + 1)
            }
            let dot = Symbol.named(".")
            let hasDot = right.arguments.contains { argument in
                if case .symbol(let symbol) = argument.value { return symbol === dot }
                return false
            }
            guard !hasDot else { return nil }
            let whole = Call(right.function, [call.arguments[0]] + right.arguments, span: right.span)
            return steps(in: .call(whole), input: input, environment, context, depth: depth + 1)
        default: return step(call, call.arguments, input: input, environment, context, depth: depth)
        }
    }

    private static func step(
        _ call: Call, _ arguments: [Argument], input: Symbol, _ environment: Environment, _ context: Context,
        depth: Int
    ) -> [TransformStep]? {
        guard let first = arguments.first, first.name == nil || first.name?.name == "img" else { return nil }
        let function: Value?
        switch call.function {
        case .symbol(let symbol): function = try? context.function(symbol, from: environment)
        case .call(let named) where named.arguments.count == 2:
            // `torchvision::transform_…`
            function = try? context.evaluate(.call(named), in: environment)
        default: function = nil
        }
        guard let function, let before = steps(in: first.value, input: input, environment, context, depth: depth + 1)
        else { return nil }
        guard let transform = context.registry.transforms.transform(of: function) else {
            // A chain that has a name: `scale <- . %>% transform_…; . %>% transform_to_tensor() %>% scale()`.
            guard arguments.count == 1, let named = steps(of: function, context, depth: depth + 1) else { return nil }
            return before + named
        }
        var values: [Argument] = []
        for argument in arguments.dropFirst() {
            guard isConstant(argument.value, environment, context, depth: 0),
                let value = try? context.evaluate(argument.value, in: environment)
            else { return nil }
            values.append(Argument(value, name: argument.name))
        }
        // Arguments that are refused are left to the interpreter, whose error names the place.
        guard let made = try? transform.step(values, call: call, environment: environment, context) else { return nil }
        return before + [made]
    }

    private static let harmless: Set<String> = [
        "c", "-", "+", "*", "/", "(", ":", "list", "rep", "torch_float", "torch_float32", "torch_uint8",
    ]

    private static func isConstant(_ code: Value, _ environment: Environment, _ context: Context, depth: Int) -> Bool {
        guard depth < 50 else { return false }
        switch code {
        case .symbol(let symbol):
            switch environment.lookup(symbol) {
            case nil, .promise?, .activeBinding?, .missing?, .dots?: return false
            case .some(let value): return value.isAtomic || value.isNull
            }
        case .call(let call):
            guard let name = call.name, harmless.contains(name.name), isBuiltin(name, environment, context) else {
                return false
            }
            return call.arguments.allSatisfy { isConstant($0.value, environment, context, depth: depth + 1) }
        case .missing, .promise, .dots: return false
        default: return true
        }
    }

    private static func isBuiltin(_ name: Symbol, _ environment: Environment, _ context: Context) -> Bool {
        guard let function = try? context.function(name, from: environment), case .builtin = function else {
            return false
        }
        return true
    }
}
