import RRuntime

func registerArithmetic(_ base: Namespace) {
    let operators: [(String, ArithmeticOperator, String)] = [
        ("+", .add, "Adds, or keeps the sign."), ("-", .subtract, "Subtracts, or changes the sign."),
        ("*", .multiply, "Multiplies element by element."), ("/", .divide, "Divides element by element."),
        ("^", .power, "Raises to a power."),
        ("%%", .modulo, "Remainder, with the sign of the divisor."),
        ("%/%", .quotient, "Quotient, rounded down."),
    ]
    for (name, op, help) in operators {
        base.function(
            name, [.value("e1"), .value("e2")], help: help, dispatch: .ops, direct: directArithmetic(op)
        ) { args in try Arithmetic.apply(op, &args) }
    }
    base.alias("**", of: "^")
}

/// The fast entry of one operator: numbers of length one without attributes, and plain vectors of doubles.
private func directArithmetic(_ op: ArithmeticOperator) -> Builtin.Direct {
    switch op {
    case .add: return { a, b, _ in directNumbers(a, b, { $0 + $1 }, { $0.addingReportingOverflow($1) }) }
    case .subtract: return { a, b, _ in directSubtract(a, b) }
    case .multiply: return { a, b, _ in directNumbers(a, b, { $0 * $1 }, { $0.multipliedReportingOverflow(by: $1) }) }
    case .divide: return { a, b, _ in directDoubles(a, b) { $0 / $1 } }
    case .power: return { a, b, _ in directDoubles(a, b) { rPower($0, $1) } }
    case .modulo:
        return { a, b, _ in
            // The slow way warns.
            if let x = plainNumber(a), let y = plainNumber(b), isModuloUnsure(x, y) { return nil }
            return directNumbers(a, b, { rModulo($0, $1) }, { ($1 == 0 ? 0 : integerModulo($0, $1), $1 == 0) })
        }
    case .quotient:
        return { a, b, _ in
            directNumbers(
                a, b, { rQuotient($0, $1) },
                { x, y in
                    guard y != 0, let q = integerQuotient(x, y) else { return (0, true) }
                    return (q, false)
                })
        }
    }
}

private func directSubtract(_ a: Value, _ b: Value) -> Value? {
    if case .missing = b {
        if case .double(let x) = a, x.attributes == nil, x.elements.count == 1 { return .number(-x.elements[0]) }
        return nil
    }
    return directNumbers(a, b, { $0 - $1 }, { $0.subtractingReportingOverflow($1) })
}

/// Two plain numbers: integers with an overflow test, anything with a double as doubles; nil for all else.
@inline(__always)
private func directNumbers(
    _ a: Value, _ b: Value, _ doubles: (Double, Double) -> Double,
    _ integers: (Int32, Int32) -> (partialValue: Int32, overflow: Bool)
) -> Value? {
    switch (a, b) {
    case (.double(let x), .double(let y)):
        guard x.attributes == nil, y.attributes == nil, x.elements.count == 1, y.elements.count == 1 else {
            return nil
        }
        return .number(doubles(x.elements[0], y.elements[0]))
    case (.integer(let x), .integer(let y)):
        guard x.attributes == nil, y.attributes == nil, x.elements.count == 1, y.elements.count == 1,
            let left = x.elements[0], let right = y.elements[0]
        else { return nil }
        let (value, overflow) = integers(left, right)
        if overflow || value == Int32.min { return nil }
        return .integer(Vector([value]))
    case (.integer(let x), .double(let y)):
        guard x.attributes == nil, y.attributes == nil, x.elements.count == 1, y.elements.count == 1,
            let left = x.elements[0]
        else { return nil }
        return .number(doubles(Double(left), y.elements[0]))
    case (.double(let x), .integer(let y)):
        guard x.attributes == nil, y.attributes == nil, x.elements.count == 1, y.elements.count == 1,
            let right = y.elements[0]
        else { return nil }
        return .number(doubles(x.elements[0], Double(right)))
    default: return nil
    }
}

/// Two plain numbers, always as doubles.
@inline(__always)
private func directDoubles(_ a: Value, _ b: Value, _ operation: (Double, Double) -> Double) -> Value? {
    guard let x = plainNumber(a), let y = plainNumber(b) else { return nil }
    return .number(operation(x, y))
}

/// The value of a number of length one without attributes that is not NA of an integer.
@inline(__always)
func plainNumber(_ value: Value) -> Double? {
    switch value {
    case .double(let v):
        guard v.attributes == nil, v.elements.count == 1 else { return nil }
        return v.elements[0]
    case .integer(let v):
        guard v.attributes == nil, v.elements.count == 1, let element = v.elements[0] else { return nil }
        return Double(element)
    default: return nil
    }
}
