/// Any R value. Calls are data: an expression is a value, as in R.
///
/// Vectors, lists, calls and functions behave as values; environments and objects of plug-ins are references.
@frozen
public enum Value: @unchecked Sendable {
    /// `NULL`
    case null
    /// `TRUE`, `FALSE`, `NA`
    case logical(LogicalVector)
    /// `1L`
    case integer(IntegerVector)
    /// `1.5`
    case double(DoubleVector)
    /// `2i`
    case complex(ComplexVector)
    /// `"a"`
    case character(CharacterVector)
    /// `as.raw(1)`
    case raw(RawVector)
    /// `list(1, "a")`; also R's pairlists.
    case list(ListVector)
    /// `expression(a + b, c)`
    case expression(ListVector)
    /// A name in code.
    case symbol(Symbol)
    /// A call in code.
    case call(Call)
    /// A function written in R.
    case closure(Closure)
    /// A function registered by a plug-in.
    case builtin(Builtin)
    /// An environment.
    case environment(Environment)
    /// An object of a plug-in: tensor, module, loader, …
    case object(ForeignObject)
    /// An argument not evaluated yet; lives in frames only and is never handed to a function's code.
    case promise(Promise)
    /// The value of `...`; lives in frames only.
    case dots(Dots)
    /// A variable that calls a function when read or set; lives in frames only.
    case activeBinding(ActiveBinding)
    /// The empty argument: of `x[1, ]` in code, of a formal without default in a frame.
    case missing
}

/// What `...` stands for in a frame: arguments with their names.
public final class Dots: @unchecked Sendable {
    /// The arguments, promises included.
    public let arguments: [Argument]

    /// Keeps arguments.
    public init(_ arguments: [Argument]) { self.arguments = arguments }
}

/// A binding whose reading calls a function of no arguments and whose setting calls it with the new value.
public final class ActiveBinding: @unchecked Sendable {
    /// The function.
    public let function: Value

    /// Keeps the function.
    public init(_ function: Value) { self.function = function }
}

/// An argument: of a call in code (then the value is an expression) or of a call being made.
@frozen
public struct Argument: @unchecked Sendable {
    /// Name, or nil.
    public var name: Symbol?
    /// Expression or value.
    public var value: Value

    /// Makes an argument.
    @inlinable public init(_ value: Value, name: Symbol? = nil) {
        self.name = name
        self.value = value
    }

    /// Makes an argument with a name.
    public init(_ value: Value, name: String) {
        self.name = Symbol.named(name)
        self.value = value
    }
}

extension Value {
    /// `NULL`.
    @inlinable public var isNull: Bool {
        if case .null = self { return true }
        return false
    }

    /// The empty argument.
    @inlinable public var isMissing: Bool {
        if case .missing = self { return true }
        return false
    }

    /// Closure, builtin or callable object.
    public var isFunction: Bool {
        switch self {
        case .closure, .builtin: return true
        case .object(let object): return object.isCallable
        default: return false
        }
    }

    /// Number of elements as R's internal `length` counts; 1 for symbols, functions and objects.
    public var length: Int {
        switch self {
        case .null: return 0
        case .logical(let v): return v.count
        case .integer(let v): return v.count
        case .double(let v): return v.count
        case .complex(let v): return v.count
        case .character(let v): return v.count
        case .raw(let v): return v.count
        case .list(let v), .expression(let v): return v.count
        case .call(let call): return call.arguments.count + 1
        case .environment(let environment): return environment.names().count
        case .object(let object): return object.length
        case .symbol, .closure, .builtin, .promise, .dots, .activeBinding, .missing: return 1
        }
    }

    /// R's `typeof`.
    public var typeName: String {
        switch self {
        case .null: return "NULL"
        case .logical: return "logical"
        case .integer: return "integer"
        case .double: return "double"
        case .complex: return "complex"
        case .character: return "character"
        case .raw: return "raw"
        case .list: return "list"
        case .expression: return "expression"
        case .symbol, .missing: return "symbol"
        case .call: return "language"
        case .closure: return "closure"
        case .builtin(let builtin): return builtin.typeName
        case .environment: return "environment"
        case .object(let object): return object.typeName
        case .promise: return "promise"
        case .dots: return "..."
        case .activeBinding: return "closure"
        }
    }

    /// Logical, integer, double, complex, character or raw.
    public var isAtomic: Bool {
        switch self {
        case .logical, .integer, .double, .complex, .character, .raw: return true
        default: return false
        }
    }

    /// Atomic vector, list or expression vector.
    public var isVector: Bool {
        switch self {
        case .list, .expression: return true
        default: return isAtomic
        }
    }

    /// Integer or double and no factor.
    public var isNumeric: Bool {
        switch self {
        case .integer, .double: return !inherits("factor")
        default: return false
        }
    }
}
