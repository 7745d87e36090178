import Diagnostics

/// The arguments of one call of a registered function, matched to its parameters.
public struct Arguments {
    /// One value per parameter (that of `...` is unused): the argument, else the default, else `.missing`. Values of
    /// `.promise` parameters are `.promise`.
    public var values: [Value]
    /// What `...` collected.
    public var dots: [Argument]
    /// The function called.
    public let function: Builtin
    /// The call as written.
    public let call: Call
    /// The environment it was called from.
    public let environment: Environment
    /// The session.
    public let context: Context

    /// Makes the arguments of a call.
    public init(
        values: [Value], dots: [Argument] = [], function: Builtin, call: Call, environment: Environment,
        context: Context
    ) {
        self.values = values
        self.dots = dots
        self.function = function
        self.call = call
        self.environment = environment
        self.context = context
    }

    /// The value of the parameter at a position.
    public subscript(index: Int) -> Value { values[index] }

    /// The value of a parameter by name; `.missing` for a name the function does not have.
    public subscript(name: String) -> Value {
        guard let index = function.index(of: name) else { return .missing }
        return values[index]
    }

    /// Whether an argument was given or a default exists.
    public func has(_ name: String) -> Bool { !self[name].isMissing }

    /// The value of a parameter that must be given.
    /// - Throws: R's `argument "x" is missing, with no default`.
    public func required(_ name: String) throws -> Value {
        let value = self[name]
        if value.isMissing {
            throw WorkbenchError(.value, "argument \"\(name)\" is missing, with no default")
        }
        return value
    }

    /// Moves the value of a parameter out, so that it can be changed in place if nobody else holds it.
    public mutating func take(_ index: Int) -> Value {
        var value = Value.null
        swap(&value, &values[index])
        return value
    }

    /// The values of `...` without names.
    public var dotValues: [Value] { dots.map { $0.value } }

    /// Forces a promise parameter; other values are returned as they are.
    public func forced(_ name: String) throws -> Value {
        let value = try required(name)
        guard case .promise(let promise) = value else { return value }
        return try context.force(promise)
    }

    /// The expression of a promise parameter; other values stand for themselves.
    public func expression(_ name: String) -> Value {
        let value = self[name]
        guard case .promise(let promise) = value else { return value }
        return promise.expression
    }

    // MARK: Typed access

    /// One string.
    /// - Throws: R's `invalid 'name' argument` when it is none.
    public func string(_ name: String) throws -> String {
        let value = try required(name)
        guard case .character(let v) = value, v.count == 1, let text = v[0] else {
            throw invalid(name, value, wanted: "one string")
        }
        return text.string
    }

    /// One string, or nil for a missing argument and `NULL`.
    public func optionalString(_ name: String) throws -> String? {
        switch self[name] {
        case .missing, .null: return nil
        default: return try string(name)
        }
    }

    /// One truth value, numbers taken as R takes them.
    /// - Throws: when it is NA or no single value.
    public func flag(_ name: String) throws -> Bool {
        let value = try required(name)
        guard value.length == 1, let element = try? value.asLogicals().elements.first, let flag = element else {
            throw invalid(name, value, wanted: "TRUE or FALSE")
        }
        return flag
    }

    /// One finite number.
    public func number(_ name: String) throws -> Double {
        let value = try required(name)
        guard value.isAtomic, value.length == 1, let number = try? value.asDoubles().elements.first, !number.isNaN
        else {
            throw invalid(name, value, wanted: "one number")
        }
        return number
    }

    /// One whole number; fractions are cut off, as R does.
    public func int(_ name: String) throws -> Int {
        let value = try required(name)
        let number = try self.number(name)
        guard let whole = Int(exactly: number.rounded(.towardZero)) else {
            throw invalid(name, value, wanted: "one whole number")
        }
        return whole
    }

    /// One whole number, or nil for a missing argument and `NULL`.
    public func optionalInt(_ name: String) throws -> Int? {
        switch self[name] {
        case .missing, .null: return nil
        default: return try int(name)
        }
    }

    /// A function, also by name (`"sum"`), as `match.fun` finds it.
    public func functionValue(_ name: String) throws -> Value {
        try context.matchFunction(try required(name), environment: environment)
    }

    /// The error for an argument that cannot be used: R's words for R's own functions; those of other namespaces say what
    /// was given and what is wanted.
    public func invalid(_ name: String, _ value: Value? = nil, wanted: String? = nil) -> WorkbenchError {
        let isOfR = ["base", "stats", "utils", "graphics", "grDevices", "methods", "tools"].contains(function.namespace)
        guard !isOfR, let value, let wanted else { return WorkbenchError(.value, "invalid '\(name)' argument") }
        return WorkbenchError(.value, "`\(name)` must be \(wanted), not \(describe(value))")
    }

    /// "a list of length 3", "a function", "<nn_module>": for messages.
    public func describe(_ value: Value) -> String {
        switch value {
        case .null: return "NULL"
        case .missing: return "nothing"
        case .closure, .builtin: return "a function"
        case .list(let list): return "a list of length \(list.count)"
        case .object(let object): return object.messageName
        case .environment: return "an environment"
        default:
            let length = value.length
            if length != 1 { return "a \(value.typeName) vector of length \(length)" }
            let text = context.deparse(value).first ?? ""
            return text.utf8.count <= 60 ? text : String(text.unicodeScalars.prefix(57)) + "…"
        }
    }
}
