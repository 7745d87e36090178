import Diagnostics

extension Context {
    /// Runs a body; an error on its way out becomes the `parent` of one with this message, as rlang's `abort(parent = )`
    /// makes it. Unwinding that is no error passes.
    public func wrappingErrors<Result>(_ message: () -> String, _ body: () throws -> Result) throws -> Result {
        try tryCatch(["error"], body) { condition in
            let text = message()
            var wrapped = makeCondition(text, call: nil, classes: ["rlang_error", "error", "condition"])
            if case .list(let list) = wrapped, let names = wrapped.names {
                wrapped = Value.list(Vector(list.elements + [condition], list.attributes)).withNames(
                    names + [Text("parent")])
            }
            var origin = WorkbenchError(.runtime, text)
            origin.trail = [condition.conditionMessage]
            throw try raise(wrapped, origin: origin)
        }
    }

    /// `options(workbench.as_published = TRUE)`: faults of the published packages come back where recordings show them.
    public var isAsPublished: Bool { options.flag("workbench.as_published") }
}
