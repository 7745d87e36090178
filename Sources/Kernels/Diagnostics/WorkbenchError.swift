/// The one error type of the workbench: what was expected and what came, where, and what to do about it.
///
/// Tensors, plug-ins and the language throw it without a place; the evaluator adds the call and the source span on the
/// way out, if none is there, so the innermost place wins. At the prompt it becomes an R condition whose message is
/// ``message``; caret, label and hint belong to the top level only.
public struct WorkbenchError: Error, Sendable {
    /// What went wrong; decides the class of the R condition.
    public enum Kind: String, Sendable {
        /// Text that is no R program.
        case syntax
        /// A name that nothing answers to.
        case name
        /// A value a function cannot take (R's `value_error` in torch).
        case value
        /// A value of the wrong type (R's `type_error` in torch).
        case type
        /// Tensors whose sizes do not go together.
        case shape
        /// Files and folders: missing, unreadable, damaged.
        case data
        /// More memory or a larger object than there can be.
        case memory
        /// A plug-in that cannot be loaded or broke its contract.
        case plugin
        /// Part of R or torch that the workbench does not have.
        case unsupported
        /// Anything else a computation reports (R's `runtime_error` in torch).
        case runtime
        /// A bug of the workbench itself.
        case fault
    }

    /// What went wrong, by class.
    public var kind: Kind
    /// One sentence with the values: R's own text where R has one. No trailing full stop is added.
    public var message: String
    /// What to type or look at next; shown on a line of its own.
    public var hint: String?
    /// Source text the error points at.
    public var span: SourceSpan?
    /// The R call as the user wrote it, deparsed by the evaluator.
    public var call: String?
    /// Class of the R condition, as `value_error` of torch; nil for a `simpleError`.
    public var conditionClass: String?
    /// Places the error passed through, innermost first: "callback csv_logger at on_epoch_end, epoch 3".
    public var trail: [String] = []

    /// Makes an error without a place.
    public init(_ kind: Kind, _ message: String, hint: String? = nil, span: SourceSpan? = nil) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.span = span
    }

    /// The same error with a place added to its trail.
    public func passing(_ place: String) -> WorkbenchError {
        var copy = self
        copy.trail.append(place)
        return copy
    }
}

extension WorkbenchError: CustomStringConvertible {
    /// The message, then the hint in parentheses.
    public var description: String {
        guard let hint else { return message }
        return "\(message) (\(hint))"
    }
}
