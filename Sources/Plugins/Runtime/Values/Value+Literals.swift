extension Value: ExpressibleByStringLiteral, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    /// A string of length one.
    public init(stringLiteral value: String) { self = .character(Vector([Text(value)])) }
    /// A double of length one.
    public init(floatLiteral value: Double) { self = .double(Vector([value])) }
    /// A double of length one, as the literal `1` is in R.
    public init(integerLiteral value: Int) { self = .double(Vector([Double(value)])) }
    /// A logical of length one.
    public init(booleanLiteral value: Bool) { self = .logical(Vector([value])) }
    /// `NULL`.
    public init(nilLiteral: ()) { self = .null }
}

extension Value {
    /// A string of length one.
    public static func string(_ value: String) -> Value { .character(Vector([Text(value)])) }
    /// Strings.
    public static func strings(_ values: some Sequence<String>) -> Value { .character(Vector(values.map { Text($0) })) }
    /// A double of length one.
    @inlinable public static func number(_ value: Double) -> Value { .double(Vector([value])) }
    /// Doubles.
    public static func numbers(_ values: [Double]) -> Value { .double(Vector(values)) }
    /// A logical of length one.
    @inlinable public static func flag(_ value: Bool) -> Value { .logical(Vector([value])) }
    /// A logical of length one, nil for NA.
    @inlinable public static func flag(_ value: Bool?) -> Value { .logical(Vector([value])) }
    /// An integer of length one; a double where 32 bits are too few, as R's `length` does.
    public static func int(_ value: Int) -> Value {
        if let small = Int32(exactly: value), small != Int32.min { return .integer(Vector([small])) }
        return .double(Vector([Double(value)]))
    }
    /// Integers; doubles if one needs more than 32 bits.
    public static func ints(_ values: [Int]) -> Value {
        var small: [Int32?] = []
        small.reserveCapacity(values.count)
        for value in values {
            guard let element = Int32(exactly: value), element != Int32.min else {
                return .double(Vector(values.map { Double($0) }))
            }
            small.append(element)
        }
        return .integer(Vector(small))
    }
    /// A list without names.
    public static func items(_ values: [Value]) -> Value { .list(Vector(values)) }
    /// A list with names.
    public static func named(_ fields: [(String, Value)]) -> Value {
        let names = Value.strings(fields.map { $0.0 })
        return .list(Vector(fields.map { $0.1 }, Attributes.of([(Symbol.names, names)])))
    }
}
