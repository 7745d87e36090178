import Diagnostics

/// Handlers established together, by one `tryCatch` or `withCallingHandlers`.
public final class HandlerGroup: @unchecked Sendable {
    /// One handler.
    public struct Handler {
        /// Class of conditions it takes.
        public let className: Text
        /// For calling handlers, what to do while the signalling code waits; nil for exiting handlers.
        public let calling: ((Value) throws -> Void)?

        /// Makes a handler.
        public init(_ className: Text, calling: ((Value) throws -> Void)? = nil) {
            self.className = className
            self.calling = calling
        }
    }

    /// The handlers in order; of the exiting ones the first that fits is taken.
    public let handlers: [Handler]

    /// Makes a group.
    public init(_ handlers: [Handler]) { self.handlers = handlers }
}

/// A place to go on from, established by `withRestarts`, `warning()` and `message()`.
public final class Restart: @unchecked Sendable {
    /// Its name.
    public let name: String

    /// Makes a restart.
    public init(_ name: String) { self.name = name }
}

/// A condition object: `list(message = , call = )` with classes.
public func makeCondition(_ message: String, call: Call?, classes: [String]) -> Value {
    let call: Value = call.map { .call($0) } ?? .null
    return Value.named([("message", .string(message)), ("call", call)])
        .setting(Symbol.classAttribute, .strings(classes))
}

extension Value {
    /// The `message` of a condition object, or an empty text.
    public var conditionMessage: String {
        guard case .list(let list) = self, let place = names?.firstIndex(of: Text("message")),
            case .character(let text) = list[place], let first = text.elements.first, let message = first
        else { return "" }
        return message.string
    }

    /// The `call` of a condition object, or nil.
    public var conditionCall: Call? {
        guard case .list(let list) = self, let place = names?.firstIndex(of: Text("call")),
            case .call(let call) = list[place]
        else { return nil }
        return call
    }
}

extension Context {
    /// Runs a body with handlers in force.
    public func withHandlers<Result>(_ group: HandlerGroup, _ body: () throws -> Result) rethrows -> Result {
        let before = handlers
        handlers.append(group)
        defer { handlers = before }
        return try body()
    }

    /// Runs a body; a condition of one of the classes ends it, and the handler's result is returned instead.
    ///
    /// Errors thrown by Swift code below are seen as R conditions as well, if they pass an R call on the way; one that
    /// reaches this place as a ``WorkbenchError`` is turned into a condition here.
    public func tryCatch<Result>(
        _ classes: [String], _ body: () throws -> Result, handler: (Value) throws -> Result
    ) throws -> Result {
        try catching(classes, body) { try handler($0.condition) }
    }

    /// The same for a handler that also looks at where the condition came from.
    package func catching<Result>(
        _ classes: [String], _ body: () throws -> Result, handler: (ConditionUnwind) throws -> Result
    ) throws -> Result {
        let group = HandlerGroup(classes.map { HandlerGroup.Handler(Text($0)) })
        let depth = savedDepth()
        do {
            return try withHandlers(group) {
                do {
                    return try body()
                } catch {
                    guard let known = WorkbenchError(of: error) else { throw error }
                    throw try raise(known, call: nil)
                }
            }
        } catch let unwind as ConditionUnwind where unwind.group === group {
            restore(depth)
            return try handler(unwind)
        }
    }

    /// Runs a body from which a restart of this name can be invoked; then `restarted` makes the result.
    public func withRestart<Result>(
        _ name: String, _ body: () throws -> Result, restarted: ([Value]) throws -> Result
    ) throws -> Result {
        let restart = Restart(name)
        let before = restarts
        let depth = savedDepth()
        restarts.append(restart)
        defer { restarts = before }
        do {
            return try body()
        } catch let unwind as RestartUnwind where unwind.restart === restart {
            restore(depth)
            return try restarted(unwind.arguments)
        }
    }

    /// Goes on from the innermost restart of a name; does nothing if there is none.
    public func invokeRestart(_ name: String, _ arguments: [Value] = []) throws {
        guard let restart = restarts.last(where: { $0.name == name }) else { return }
        throw RestartUnwind(restart: restart, arguments: arguments)
    }

    /// Shows a condition to the handlers in force, innermost first. Returns if none of them exits.
    public func signal(_ condition: Value) throws {
        let classes = condition.classAttribute ?? []
        let all = handlers
        defer { handlers = all }
        var top = all.count
        while top > 0 {
            top -= 1
            let group = all[top]
            for (index, handler) in group.handlers.enumerated() where classes.contains(handler.className) {
                guard let calling = handler.calling else {
                    throw ConditionUnwind(group: group, handler: index, condition: condition)
                }
                if isReplacingInPlace { throw InPlaceInterruption() }
                handlers = Array(all[..<top])
                try calling(condition)
            }
        }
    }

    /// The innermost call that has a name: an error in what Swift calls without one is its caller's.
    private var namedCall: Call? {
        if let currentCall, currentCall !== Context.anonymousCall { return currentCall }
        return frames.last { $0.call !== Context.anonymousCall }?.call
    }

    /// Turns what a function threw into an R condition and shows it to the handlers.
    /// - Returns: what to throw on: an unwinding to the handler that takes it, or an ``UncaughtError``.
    public func raise(_ error: WorkbenchError, call: Call?) throws -> any Error {
        let call = call === Context.anonymousCall ? namedCall : call
        var located = error
        if located.span == nil { located.span = call?.span }
        if located.call == nil, let call { located.call = shown(call) }
        var classes = ["simpleError", "error", "condition"]
        if error.message == "subscript out of bounds" { classes[0] = "subscriptOutOfBoundsError" }
        if error.message.hasSuffix("is not subsettable") { classes[0] = "notSubsettableError" }
        if let special = error.conditionClass { classes = [special, "rlang_error", "error", "condition"] }
        let condition = makeCondition(error.message, call: call, classes: classes)
        return try raise(condition, origin: located)
    }

    /// Shows an error condition to the handlers.
    /// - Returns: what to throw on.
    public func raise(_ condition: Value, origin: WorkbenchError? = nil) throws -> any Error {
        let traceback = frames.map { $0.call }
        do {
            try signal(condition)
        } catch var unwind as ConditionUnwind where unwind.origin == nil {
            unwind.origin = origin
            return unwind
        } catch {
            return error
        }
        return UncaughtError(condition: condition, origin: origin, traceback: traceback)
    }

    /// Signals a warning; if no handler muffles it, it is kept for the end of the top-level call (or as `warn` says).
    public func warn(_ message: String, call: Call? = nil) throws {
        try warn(makeCondition(message, call: call, classes: ["simpleWarning", "warning", "condition"]))
    }

    /// Signals a warning condition.
    public func warn(_ condition: Value) throws {
        try withRestart("muffleWarning") {
            try signal(condition)
            let level = options.int("warn", 0)
            if level < 0 { return }
            if level >= 2 {
                throw try raise(
                    WorkbenchError(.value, "(converted from warning) " + condition.conditionMessage),
                    call: condition.conditionCall)
            }
            if level == 1 {
                console.writeError(warningText(condition))
            } else {
                pendingWarnings.append(condition)
            }
        } restarted: { _ in
        }
    }

    /// Signals a message; if no handler muffles it, it is written to standard error as it is (give it a line end).
    public func message(_ text: String, call: Call? = nil) throws {
        try message(makeCondition(text, call: call, classes: ["simpleMessage", "message", "condition"]))
    }

    /// Signals a message condition.
    public func message(_ condition: Value) throws {
        try withRestart("muffleMessage") {
            try signal(condition)
            console.writeError(condition.conditionMessage)
        } restarted: { _ in
        }
    }

    /// A call as messages name it: the first line of it, which R breaks after about 60 characters; of a long text in it
    /// the beginning.
    package func shown(_ call: Call) -> String {
        let line = deparse(.call(call)).first ?? ""
        let scalars = line.unicodeScalars
        guard scalars.count > 160 else { return line }
        return String(String.UnicodeScalarView(scalars.prefix(156))) + " ..."
    }

    /// One warning as R writes it at once (`options(warn = 1)`).
    public func warningText(_ condition: Value) -> String {
        guard let call = condition.conditionCall else { return "Warning: \(condition.conditionMessage)\n" }
        let text = shown(call)
        return "Warning in \(text) : \(condition.conditionMessage)\n"
    }
}
