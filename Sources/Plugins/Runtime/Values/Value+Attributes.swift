extension Value {
    /// All attributes, or nil for none.
    public var attributes: Attributes? {
        get {
            switch self {
            case .logical(let v): return v.attributes
            case .integer(let v): return v.attributes
            case .double(let v): return v.attributes
            case .complex(let v): return v.attributes
            case .character(let v): return v.attributes
            case .raw(let v): return v.attributes
            case .list(let v), .expression(let v): return v.attributes
            case .call(let call): return call.attributes
            case .closure(let closure): return closure.attributes
            case .environment(let environment): return environment.attributes
            case .object(let object): return object.attributes
            case .null, .symbol, .builtin, .promise, .dots, .activeBinding, .missing: return nil
            }
        }
        set {
            // Not a switch: `case .double(var v)` of a switch over self holds the elements twice, so that every vector
            // that gets an attribute would be copied at its next change.
            if case .double(var v) = self {
                self = .null
                v.attributes = newValue
                self = .double(v)
                return
            }
            if case .integer(var v) = self {
                self = .null
                v.attributes = newValue
                self = .integer(v)
                return
            }
            if case .logical(var v) = self {
                self = .null
                v.attributes = newValue
                self = .logical(v)
                return
            }
            if case .character(var v) = self {
                self = .null
                v.attributes = newValue
                self = .character(v)
                return
            }
            if case .list(var v) = self {
                self = .null
                v.attributes = newValue
                self = .list(v)
                return
            }
            if case .raw(var v) = self {
                self = .null
                v.attributes = newValue
                self = .raw(v)
                return
            }
            if case .complex(var v) = self {
                self = .null
                v.attributes = newValue
                self = .complex(v)
                return
            }
            if case .expression(var v) = self {
                self = .null
                v.attributes = newValue
                self = .expression(v)
                return
            }
            switch self {
            case .call(let call): self = .call(call.with(attributes: newValue))
            case .closure(let closure): self = .closure(closure.with(attributes: newValue))
            case .environment(let environment): environment.attributes = newValue
            case .object(let object): object.attributes = newValue
            default: break
            }
        }
    }

    /// One attribute.
    public func attribute(_ name: Symbol) -> Value? { attributes?[name] }
    /// One attribute.
    public func attribute(_ name: String) -> Value? { attributes?[Symbol.named(name)] }

    /// The same value with an attribute set or, for nil and `NULL`, removed. No checks: `names` and `dim` must fit.
    public func setting(_ name: Symbol, _ value: Value?) -> Value {
        var copy = self
        copy.attributes = attributes.setting(name, value)
        return copy
    }

    /// The same value without attributes.
    public var bare: Value {
        guard attributes != nil else { return self }
        var copy = self
        copy.attributes = nil
        return copy
    }

    /// `names`, with nil for NA, or nil when there are none. For calls, argument names (first: the function's, empty);
    /// of arrays of one dimension, such as `table()` and `tapply()` make, their dimnames.
    public var names: [Text?]? {
        switch self {
        case .call(let call):
            guard call.arguments.contains(where: { $0.name != nil }) else { return nil }
            return [Text("")] + call.arguments.map { $0.name?.text ?? Text("") }
        case .environment(let environment): return environment.names().map { $0.text }
        default:
            return attributes?.elementNames
        }
    }

    /// The same value with names; nil removes them.
    public func withNames(_ names: [Text?]?) -> Value {
        setting(Symbol.names, names.map { .character(Vector($0)) })
    }

    /// The same value with names.
    public func withNames(_ names: [String]) -> Value { setting(Symbol.names, .strings(names)) }

    /// `dim`, or nil. Negative and missing sizes, which no valid value has, are read as 0.
    public var dim: [Int]? {
        switch attributes?[Symbol.dim] {
        case .integer(let v)?: return v.elements.map { Int(max($0 ?? 0, 0)) }
        case .double(let v)?: return v.elements.map { Int(exactly: $0.rounded(.towardZero)).map { max($0, 0) } ?? 0 }
        default: return nil
        }
    }

    /// The class attribute (objects of plug-ins: their own classes), or nil.
    public var classAttribute: [Text]? {
        if case .object(let object) = self { return object.classes }
        guard let attributes, case .character(let names)? = attributes[Symbol.classAttribute] else { return nil }
        return names.elements.compactMap { $0 }
    }

    /// Has a class attribute, so that internal generics look for a method.
    public var isObject: Bool {
        switch self {
        case .object: return true
        case .null, .symbol, .builtin, .missing: return false
        default: return attributes?[Symbol.classAttribute] != nil
        }
    }

    /// The class attribute contains a name.
    public func inherits(_ name: String) -> Bool {
        guard isObject, let classes = classAttribute else { return false }
        return classes.contains(Text(name))
    }

    /// What R's `class()` returns.
    public var classes: [Text] {
        if let explicit = classAttribute { return explicit }
        if let dim { return dim.count == 2 ? ["matrix", "array"] : ["array"] }
        switch self {
        case .double: return ["numeric"]
        case .closure, .builtin: return ["function"]
        case .symbol, .missing: return ["name"]
        case .call(let call): return [Text(call.className)]
        default: return [Text(typeName)]
        }
    }

    /// Classes that `UseMethod` tries: the class attribute, else the implicit ones (matrix, array, integer, numeric, …).
    public var dispatchClasses: [Text] {
        if let explicit = classAttribute { return explicit }
        var implicit: [Text] = []
        if let dim { implicit = dim.count == 2 ? ["matrix", "array"] : ["array"] }
        switch self {
        case .integer: return implicit + ["integer", "numeric"]
        case .double: return implicit + ["double", "numeric"]
        case .closure, .builtin: return implicit + ["function"]
        case .symbol, .missing: return implicit + ["name"]
        case .call(let call): return implicit + [Text(call.className)]
        default: return implicit + [Text(typeName)]
        }
    }
}

extension Attributes {
    /// `names`; of an array of one dimension its dimnames.
    package var elementNames: [Text?]? {
        if case .character(let names)? = self[Symbol.names] { return names.elements }
        guard case .list(let lists)? = self[Symbol.dimnames], lists.count == 1, case .character(let names) = lists[0]
        else { return nil }
        return names.elements
    }
}
