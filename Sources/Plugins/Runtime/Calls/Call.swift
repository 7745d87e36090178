import Diagnostics

/// A call in code: a function and argument expressions. Never changed once made, but for what the evaluator notes.
public final class Call: @unchecked Sendable {
    /// The function: mostly a symbol, else an expression or a function value.
    public let function: Value
    /// The arguments as written; `.missing` for an empty one.
    public let arguments: [Argument]
    /// Attributes, or nil (formulas have a class and an environment).
    public let attributes: Attributes?
    /// Where it was written, or nil for calls made by code.
    public let span: SourceSpan?
    /// No argument has a name, is `...` or is empty: it can be matched by position.
    public let isPlain: Bool
    /// What the evaluator remembers about this call; guarded by the evaluator lock.
    @exclusivity(unchecked) public var cache: AnyObject?

    /// Makes a call.
    public init(
        _ function: Value, _ arguments: [Argument], span: SourceSpan? = nil, attributes: Attributes? = nil
    ) {
        self.function = function
        self.arguments = arguments
        self.span = span
        self.attributes = attributes
        isPlain = arguments.allSatisfy { argument in
            if argument.name != nil { return false }
            switch argument.value {
            case .missing: return false
            case .symbol(let symbol): return symbol !== Symbol.dots
            default: return true
            }
        }
    }

    /// Makes a call of a function by name.
    public convenience init(_ name: String, _ arguments: [Value], span: SourceSpan? = nil) {
        self.init(.symbol(Symbol.named(name)), arguments.map { Argument($0) }, span: span)
    }

    /// The function's name, if it is called by name.
    public var name: Symbol? {
        if case .symbol(let symbol) = function { return symbol }
        return nil
    }

    /// R's class of the call: `if`, `for`, `while`, `(`, `{`, `<-`, `=` have one of their own, the rest is `call`.
    public var className: String {
        switch name?.name {
        case "if": return "if"
        case "for": return "for"
        case "while": return "while"
        case "(": return "("
        case "{": return "{"
        case "<-", "<<-": return "<-"
        case "=": return "="
        default: return "call"
        }
    }

    /// The same call with other attributes.
    public func with(attributes: Attributes?) -> Call {
        Call(function, arguments, span: span, attributes: attributes)
    }

    /// The call as a list of its parts: function first.
    public var parts: [Argument] { [Argument(function)] + arguments }
}
