import Diagnostics

/// One parameter of a registered function: the source of argument matching, help, completion and hints.
public struct Parameter: Sendable {
    /// How an argument reaches the function.
    public enum Passing: Sendable {
        /// Evaluated before the call.
        case value
        /// Unevaluated: arrives as a ``Promise``, to be forced, or its expression looked at.
        case promise
        /// `...`: all arguments that match nothing else, evaluated.
        case dots
        /// `...` unevaluated: each element arrives as a promise; empty arguments as `.missing`.
        case promiseDots
    }

    /// Name, as in `f(name = …)`.
    public let name: Symbol
    /// How it is passed.
    public let passing: Passing
    /// Value when no argument is given; nil leaves `.missing`.
    public let defaultValue: Value?
    /// The default as help shows it, where that is R code and no constant.
    public let defaultText: String?
    /// One line for help: meaning, unit, range.
    public let help: String

    /// Makes a parameter.
    public init(
        _ name: String, _ passing: Passing, default defaultValue: Value? = nil, text: String? = nil, help: String = ""
    ) {
        self.name = Symbol.named(name)
        self.passing = passing
        self.defaultValue = defaultValue
        defaultText = text
        self.help = help
    }

    /// A parameter without default: `.missing` if no argument is given.
    public static func value(_ name: String, help: String = "") -> Parameter { Parameter(name, .value, help: help) }
    /// A parameter with a constant default.
    public static func value(_ name: String, _ defaultValue: Value, help: String = "") -> Parameter {
        Parameter(name, .value, default: defaultValue, help: help)
    }
    /// A parameter whose default is worked out by the function (`.missing` arrives); `text` shows it in help.
    public static func value(_ name: String, code text: String, help: String = "") -> Parameter {
        Parameter(name, .value, text: text, help: help)
    }
    /// A parameter that is passed unevaluated.
    public static func promise(_ name: String, help: String = "") -> Parameter { Parameter(name, .promise, help: help) }
    /// `...`
    public static let dots = Parameter("...", .dots)
    /// `...`, unevaluated.
    public static let promiseDots = Parameter("...", .promiseDots)
}

/// A function registered by a plug-in.
public final class Builtin: @unchecked Sendable {
    /// Takes matched arguments, returns a value. It may take values out of `arguments` to change them in place, but
    /// only after everything that can throw.
    public typealias Implementation = (inout Arguments) throws -> Value
    /// Takes the call as written, for the language's own keywords.
    public typealias Special = (Call, Environment, Context) throws -> Value
    /// Entry for calls with one or two plain arguments that needs no argument list; nil result falls back to the rest.
    public typealias Direct = (Value, Value, Context) throws -> Value?

    /// How arguments with a class attribute are handled before the implementation is reached.
    public enum Dispatch: Sendable {
        /// Not at all.
        case none
        /// As R's internal generics: S3 methods for the class attribute of the first argument.
        case `internal`
        /// As a closure that calls `UseMethod`: implicit classes too.
        case generic
        /// As the Ops group: either of two operands.
        case ops
        /// As the Math group.
        case math
        /// As the Summary group.
        case summary
    }

    /// Name under which it was registered first.
    public let name: Symbol
    /// Namespace it belongs to: `base`, `torch`, …
    public let namespace: String
    /// Parameters in order.
    public let parameters: [Parameter]
    /// What help says: first line is a summary.
    public let help: String
    /// What it does.
    public let implementation: Implementation
    /// What it does with the call as written, for keywords; then ``implementation`` is never used.
    public let special: Special?
    /// Fast entry for plain one- and two-argument calls without class attributes, or nil.
    public let direct: Direct?
    /// How it dispatches.
    public let dispatch: Dispatch
    /// Its result is printed at the prompt.
    public let isVisible: Bool
    /// Whether the result is printed depends on what ran last inside it, as for `eval` and `tryCatch`: the
    /// implementation leaves ``Context/isVisible`` as it should be, and ``isVisible`` is not used.
    public var keepsVisibility = false
    /// What to do instead, given arguments that fit no parameter; nil leaves it at the nearest names.
    public var hintForUnused: (([Value]) -> String?)?
    /// Position of `...` among the parameters, or nil.
    public let dotsIndex: Int?
    /// All parameters take values: arguments can be evaluated in order before matching.
    public let takesOnlyValues: Bool
    /// Name of the plug-in that registered it.
    public internal(set) var plugin: String = ""
    /// Its results are functions that a saved session makes again by calling it: it must do nothing else.
    public var makesFunctions = false
    /// Where it comes from, if it is no variable of a namespace.
    public var origin: Origin?

    /// Makes a function; plug-ins use ``Namespace/function(_:_:help:dispatch:visible:direct:_:)``.
    public init(
        _ name: String, namespace: String, _ parameters: [Parameter], help: String = "", dispatch: Dispatch = .none,
        visible: Bool = true, direct: Direct? = nil, special: Special? = nil,
        _ implementation: @escaping Implementation
    ) {
        self.name = Symbol.named(name)
        self.namespace = namespace
        self.parameters = parameters
        self.help = help
        self.dispatch = dispatch
        isVisible = visible
        self.direct = direct
        self.special = special
        self.implementation = implementation
        dotsIndex = parameters.firstIndex { $0.name === Symbol.dots }
        takesOnlyValues = parameters.allSatisfy { parameter in
            switch parameter.passing {
            case .value, .dots: return true
            case .promise, .promiseDots: return false
            }
        }
    }

    /// `special` for keywords, `builtin` for the functions that R builds in, `closure` for the rest.
    public var typeName: String {
        if special != nil { return "special" }
        return namespace == "base" && primitiveNames.contains(name.name) ? "builtin" : "closure"
    }

    /// Its parameters as R's `formals()` shows them.
    public var formals: Formals {
        Formals(
            parameters.map { $0.name },
            parameters.map { parameter in
                if let text = parameter.defaultText { return .symbol(Symbol.named(text)) }
                return parameter.defaultValue ?? .missing
            })
    }

    /// Position of a parameter.
    public func index(of parameter: String) -> Int? {
        parameters.firstIndex { $0.name.name == parameter }
    }
}
