import Diagnostics
import LanguageValues
import RRuntime

/// `match.arg` and `match.call`.
func registerMatching(_ base: Namespace) {
    base.function(
        "match.arg", [.promise("arg"), .value("choices"), .value("several.ok", false)],
        help: "The choice that an argument means; the choices are the default of the caller's parameter"
    ) { args in
        let severalOk = try args.flag("several.ok")
        let value = try args.forced("arg")
        let choices: Value
        var isFromDefault = false
        if args.has("choices") {
            choices = args["choices"]
        } else {
            choices = try choicesFromDefault(args)
            isFromDefault = true
        }
        if value.isNull { return choices.length == 0 ? choices : try args.context.first(of: choices) }
        guard case .character(let given) = value else {
            throw WorkbenchError(.type, "'arg' must be NULL or a character vector")
        }
        let allowed: CharacterVector =
            switch choices {
            case .list, .null: Vector(choices.isNull ? [] : try args.context.asCharacters(choices).elements)
            default: try choices.asCharacters()
            }
        let firstChoice = allowed.elements.first ?? nil
        if !severalOk {
            if given.elements == allowed.elements, isFromDefault || given.count > 1 {
                return .character(Vector([firstChoice]))
            }
            guard given.count <= 1 else { throw WorkbenchError(.value, "'arg' must be of length 1") }
        } else if given.isEmpty {
            throw WorkbenchError(.value, "'arg' must be of length >= 1")
        }
        let found = given.elements.compactMap { partialMatch($0, among: allowed.elements) }
        guard !found.isEmpty else {
            var seen: Set<Text> = []
            let shown = allowed.elements.compactMap { $0 }.filter { !$0.isEmpty && seen.insert($0).inserted }
            let list = shown.map { "\u{201C}\($0)\u{201D}" }.joined(separator: ", ")
            let message = allowed.elements.count == 1 ? "'arg' should be \(list)" : "'arg' should be one of \(list)"
            throw WorkbenchError(
                .value, message,
                hint: given.elements.first.flatMap { $0 }.flatMap {
                    didYouMean($0.string, among: shown.map { $0.string })
                })
        }
        if !severalOk, found.count > 1 { throw WorkbenchError(.value, "there is more than one match in 'match.arg'") }
        if case .list(let list) = choices { return .items(found.map { list[$0] }) }
        return .character(Vector(found.map { allowed[$0] }))
    }
    base.function(
        "match.call",
        [
            .value("definition", code: "sys.function(sys.parent())"), .value("call", code: "sys.call(sys.parent())"),
            .value("expand.dots", true), .value("envir", code: "parent.frame(2L)"),
        ], help: "The running call with all arguments named"
    ) { args in
        let frame = args.context.frame(of: args.environment)
        var definition = args["definition"]
        if definition.isMissing || definition.isNull {
            guard let frame else {
                throw WorkbenchError(.value, "match.call() was called from outside a function")
            }
            definition = .closure(frame.function)
        }
        var written: Call
        if case .call(let call) = args["call"] {
            written = call
        } else if case .expression(let list) = args["call"], case .call(let call)? = list.elements.first {
            written = call
        } else if let frame, !args.has("call") {
            written = frame.call
            // Registered functions call back with values alone; then the values stand for the code.
            if written.arguments.isEmpty, !frame.supplied.isEmpty {
                written = Call(
                    written.function, frame.supplied.map { Argument(codeOf($0.value), name: $0.name) })
            }
        } else {
            throw WorkbenchError(.type, "invalid 'call' argument")
        }
        guard let formals = parameters(of: definition) else {
            throw WorkbenchError(.type, "invalid 'definition' argument")
        }
        let caller = args.has("envir") ? try args.environmentValue("envir") : frame?.callerEnvironment
        written = expandingDots(written, from: caller)
        return .call(
            try matched(written, to: formals, expandDots: try args.flag("expand.dots")))
    }
}

private func choicesFromDefault(_ args: Arguments) throws -> Value {
    guard case .symbol(let name) = args.expression("arg") else {
        throw WorkbenchError(
            .value, "'arg' must name a parameter of the function around it when 'choices' is not given")
    }
    guard let frame = args.context.frame(of: args.environment),
        let place = frame.function.formals.names.firstIndex(where: { $0 === name })
    else {
        throw WorkbenchError(.value, "match.arg(\(name.name)) was called from outside a function with that parameter")
    }
    return try args.context.evaluate(frame.function.formals.defaults[place], in: frame.environment)
}

/// Position of the choice that is equal, or the only one that begins so.
private func partialMatch(_ wanted: Text?, among choices: [Text?]) -> Int? {
    guard let wanted else { return nil }
    if let exact = choices.firstIndex(of: wanted) { return exact }
    guard !wanted.isEmpty else { return nil }
    let begun = choices.indices.filter { choices[$0]?.hasPrefix(wanted.string) == true }
    return begun.count == 1 ? begun[0] : nil
}

/// The call with `...` among its arguments replaced by what the caller's `...` stands for.
private func expandingDots(_ call: Call, from caller: Environment?) -> Call {
    let isDots = { (argument: Argument) -> Bool in
        if case .symbol(let symbol) = argument.value { return symbol === Symbol.dots }
        return false
    }
    guard call.arguments.contains(where: isDots) else { return call }
    var arguments: [Argument] = []
    for argument in call.arguments {
        guard isDots(argument) else {
            arguments.append(argument)
            continue
        }
        guard case .dots(let dots)? = caller?.lookup(Symbol.dots) else { continue }
        for (place, element) in dots.arguments.enumerated() {
            // As R shows them: constants as they are, everything else as ..1, ..2, …
            let code = codeOf(element.value)
            switch code {
            case .call: arguments.append(Argument(.symbol(Symbol.named("..\(place + 1)")), name: element.name))
            default: arguments.append(Argument(code, name: element.name))
            }
        }
    }
    return Call(call.function, arguments, attributes: call.attributes)
}

extension Context {
    /// `x[1]`
    fileprivate func first(of x: Value) throws -> Value { try call("[", [Argument(x), Argument(.int(1))]) }
}
