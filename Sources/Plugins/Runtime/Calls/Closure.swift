import Diagnostics

/// Parameters of a function written in R.
public final class Formals: @unchecked Sendable {
    /// Names in order, `...` among them.
    public let names: [Symbol]
    /// Default expressions; `.missing` where there is none.
    public let defaults: [Value]
    /// Position of `...`, or nil.
    public let dotsIndex: Int?

    /// Makes a parameter list; names and defaults are of equal length.
    public init(_ names: [Symbol], _ defaults: [Value]) {
        self.names = names
        self.defaults = defaults
        dotsIndex = names.firstIndex { $0 === Symbol.dots }
    }

    /// No parameters.
    public static let none = Formals([], [])

    /// As R shows them: a list of default expressions by name, `NULL` when there are none.
    public var asValue: Value {
        guard !names.isEmpty else { return .null }
        return Value.list(Vector(defaults)).withNames(names.map { $0.name })
    }

    /// Reads the list that a `function` call holds as its first argument.
    public convenience init(_ value: Value) {
        guard case .list(let list) = value else {
            self.init([], [])
            return
        }
        let names = value.names ?? []
        self.init(
            list.elements.indices.map { index in
                index < names.count ? Symbol.named(names[index] ?? Text("")) : Symbol.named("")
            }, list.elements)
    }
}

extension Value {
    /// Parameters of a function of any kind; nil for what is none, and for objects that do not tell.
    public var formals: Formals? {
        switch self {
        case .closure(let closure): return closure.formals
        case .builtin(let builtin): return builtin.formals
        case .object(let object): return object.formals
        default: return nil
        }
    }
}

/// Looks at the arguments of a call, in the frame that holds them.
/// - Throws: what is wrong with one.
public typealias ArgumentCheck = (_ frame: Environment, _ context: Context) throws -> Void

/// A function written in R: parameters, body and the environment in which it was made.
public final class Closure: @unchecked Sendable {
    /// Parameters.
    public let formals: Formals
    /// Body.
    public let body: Value
    /// Where its free names are looked up.
    public let environment: Environment
    /// Attributes, or nil.
    public let attributes: Attributes?
    /// Source text as written, comments included, for printing; nil for functions made by code.
    public let source: SourceSpan?
    /// Looks at the arguments before the body runs: what the documentation of a plug-in's function says about them.
    public let check: ArgumentCheck?

    /// Makes a function.
    public init(
        _ formals: Formals, _ body: Value, _ environment: Environment, source: SourceSpan? = nil,
        attributes: Attributes? = nil, check: ArgumentCheck? = nil
    ) {
        self.formals = formals
        self.body = body
        self.environment = environment
        self.source = source
        self.check = check
        self.attributes = attributes
    }

    /// The same function with other attributes.
    public func with(attributes: Attributes?) -> Closure {
        Closure(formals, body, environment, source: source, attributes: attributes, check: check)
    }

    /// The same function with its arguments looked at.
    public func with(check: ArgumentCheck?) -> Closure {
        Closure(formals, body, environment, source: source, attributes: attributes, check: check)
    }

    /// The same function in another environment.
    public func with(environment: Environment) -> Closure {
        Closure(formals, body, environment, source: source, attributes: attributes, check: check)
    }
}
