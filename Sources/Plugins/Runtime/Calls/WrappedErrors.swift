import Diagnostics

extension Context {
    /// Runs a body; an error on its way out becomes the `parent` of one with this message, as rlang's `abort(parent = )`
    /// makes it. Unwinding that is no error passes.
    public func wrappingErrors<Result>(_ message: () -> String, _ body: () throws -> Result) throws -> Result {
        try wrappingErrors(
            as: { (makeCondition(message(), call: nil, classes: ["rlang_error", "error", "condition"]), []) }, body)
    }

    /// Runs a body; an error on its way out becomes the `parent` of what `wrap` makes of it. Place and hint of the error
    /// go along: the innermost place is the one to look at. Unwinding that is no error passes.
    ///
    /// - Parameter wrap: The outer condition, and the places it names.
    public func wrappingErrors<Result>(
        as wrap: () -> (condition: Value, places: [String]), _ body: () throws -> Result
    ) throws -> Result {
        try catching(["error"], body) { unwind in
            let (condition, places) = wrap()
            var origin = WorkbenchError(unwind.origin?.kind ?? .runtime, condition.conditionMessage)
            origin.span = unwind.origin?.span
            origin.hint = unwind.origin?.hint
            let inner = unwind.origin?.trail ?? []
            // One callback may run the code of another, at the same place.
            origin.trail = places.filter { !inner.contains($0) } + inner
            throw try raise(condition.causedBy(unwind.condition), origin: origin)
        }
    }

    /// Runs a body that must not end what goes on around it; its error is a value. Unwinding that is no error passes.
    package func failure(_ body: (Context) throws -> Void) throws -> WorkbenchError? {
        try catching(
            ["error"],
            { () -> WorkbenchError? in
                try body(self)
                return nil
            }
        ) { unwind in
            var error = WorkbenchError(
                unwind.origin?.kind ?? .runtime, unwind.condition.conditionMessage + causes(of: unwind.condition),
                hint: unwind.origin?.hint)
            error.trail = unwind.origin?.trail ?? []
            return error
        }
    }

    /// Runs what a worker of a loader does; the message of an error names its cause, as rlang writes it.
    package func wrappingItemErrors<Result>(worker: Int, _ body: () throws -> Result) throws -> Result {
        try catching(["error"], body) { unwind in
            func condition(_ message: String) -> Value {
                makeCondition(message, call: nil, classes: ["rlang_error", "error", "condition"])
                    .causedBy(unwind.condition)
            }
            let heading = "Error when getting dataset item."
            let message = heading + causes(of: condition(heading))
            var origin = WorkbenchError(.value, message)
            origin.span = unwind.origin?.span
            origin.hint = unwind.origin?.hint
            origin.trail = ["worker \(worker + 1)"] + (unwind.origin?.trail ?? [])
            throw try raise(condition(message), origin: origin)
        }
    }

    /// Runs a piece of a file; an error that says no place, such as that of `stop()` outside of functions, has the piece's.
    package func locatingErrors<Result>(in span: SourceSpan, _ body: () throws -> Result) throws -> Result {
        try catching(["error"], body) { unwind in
            var origin = unwind.origin ?? WorkbenchError(.runtime, unwind.condition.conditionMessage)
            if origin.span == nil { origin.span = span }
            throw try raise(unwind.condition, origin: origin)
        }
    }

    /// `options(workbench.as_published = TRUE)`: faults of the published packages come back where recordings show them.
    public var isAsPublished: Bool { options.flag("workbench.as_published") }
}

extension Value {
    /// A condition with the one that caused it as its `parent`.
    public func causedBy(_ parent: Value) -> Value {
        guard case .list(let list) = self, let names else { return self }
        return Value.list(Vector(list.elements + [parent], list.attributes)).withNames(names + [Text("parent")])
    }

    /// The condition that caused this one, or nil.
    public var parentCondition: Value? {
        guard case .list(let fields) = self, let place = names?.firstIndex(of: Text("parent")),
            fields[place].inherits("condition")
        else { return nil }
        return fields[place]
    }
}

extension Context {
    /// What caused a condition, and what caused that, each as rlang writes it: `Caused by error in …:`, then `! ` and the
    /// message. Empty when its message says it already, as those of `abort(parent = )` do.
    public func causes(of condition: Value) -> String {
        var text = ""
        var last = condition
        // A chain is as long as functions were nested; the limit is for one made by hand that has no end.
        for _ in 0..<100 {
            guard !last.conditionMessage.contains("\nCaused by error"), let cause = last.parentCondition else { break }
            let call = cause.conditionCall.flatMap { shown($0) }.map { " in `\($0)`" } ?? ""
            text += "\nCaused by error\(call):\n! \(cause.conditionMessage)"
            last = cause
        }
        return text
    }
}
