import LanguageValues
import RRuntime

/// `sys.call`, `sys.function`, `sys.frame`, `parent.frame`, `nargs`, `on.exit`: who called, and from where.
func registerCallStack(_ base: Namespace) {
    base.function(
        "sys.call", [.value("which", .int(0))], help: "The call of the running function, or of one that led to it"
    ) { args in
        guard let activation = try activation(try args.int("which"), args) else { return .null }
        return .call(activation.call)
    }
    base.function("sys.function", [.value("which", .int(0))], help: "The running function, or one that led to it") {
        args in
        switch try activation(try args.int("which"), args) {
        case .frame(let frame)?: return .closure(frame.function)
        case .builtin(let builtin)?:
            return (try? args.context.evaluate(builtin.call.function, in: builtin.environment)) ?? .null
        case nil: return .null
        }
    }
    base.function(
        "sys.frame", [.value("which", .int(0))], help: "The variables of a running function, counted from outside"
    ) {
        args in
        let which = try args.int("which")
        if which == 0 { return .environment(args.context.globalEnvironment) }
        return .environment(try frameEnvironment(which, args))
    }
    base.function("sys.nframe", [], help: "How many functions are running") { args in
        .int(position(of: args.environment, args.context))
    }
    base.function("sys.parent", [.value("n", .int(1))], help: "Position of the caller among the running functions") {
        args in
        var home = args.environment
        var place = 0
        for _ in 0..<max(1, try args.int("n")) {
            guard let frame = args.context.frame(of: home) else { return .int(0) }
            home = frame.callerEnvironment
            place = position(of: home, args.context)
        }
        return .int(place)
    }
    base.function("sys.parents", [], help: "For each running function, the position of its caller") { args in
        .ints(args.context.frames.map { position(of: $0.callerEnvironment, args.context) })
    }
    base.function("sys.on.exit", [], help: "What the running function does when it ends") { args in
        guard let code = args.context.frame(of: args.environment)?.onExit, let first = code.first else { return .null }
        return code.count == 1 ? first : .call(Call(.symbol(Symbol.named("{")), code.map { Argument($0) }))
    }
    base.function("sys.calls", [], help: "The calls of all running functions, outermost first") { args in
        let calls = args.context.activations.map { Value.call($0.call) }
        return calls.isEmpty ? .null : .items(calls)
    }
    base.function("sys.frames", [], help: "The variables of all running functions, outermost first") { args in
        let frames = args.context.frames.map { Value.environment($0.environment) }
        return frames.isEmpty ? .null : .items(frames)
    }
    base.function(
        "parent.frame", [.value("n", .int(1))], help: "The environment that the running function was called from"
    ) {
        args in
        let count = try args.int("n")
        guard count >= 1 else { throw args.invalid("n") }
        return .environment(parentFrame(args.environment, count, args.context))
    }
    base.function("nargs", [], help: "How many arguments the running function was given") { args in
        guard let frame = args.context.frame(of: args.environment) else { return .int(0) }
        return .int(frame.supplied.count)
    }
    base.function(
        "on.exit", [.promise("expr"), .value("add", false), .value("after", true)],
        help: "Code to run when the running function ends", visible: false
    ) { args in
        let add = try args.flag("add")
        let after = try args.flag("after")
        let expression: [Value] = args.has("expr") ? [args.expression("expr")] : []
        func joined(_ before: [Value]) -> [Value] {
            guard add else { return expression }
            return after ? before + expression : expression + before
        }
        let state = LanguageState.of(args.context)
        let frame = args.context.frame(of: args.environment)
        let scope = state.evaluations.last { $0.environment === args.environment }
        if let scope, frame == nil || scope.frames >= args.context.frames.count {
            scope.onExit = joined(scope.onExit)
        } else if let frame {
            frame.onExit = joined(frame.onExit)
        }
        return .null
    }
}
