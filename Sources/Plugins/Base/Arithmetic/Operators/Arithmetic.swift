import Diagnostics
import RRuntime
import VectorValues

/// Element-wise arithmetic of two vectors, attributes included.
enum Arithmetic {
    static func apply(_ op: ArithmeticOperator, _ args: inout Arguments) throws -> Value {
        let a = args.values[0]
        let b = args.values[1]
        if b.isMissing { return try unary(op, a, args) }
        return try binary(op, a, b, args)
    }

    static func unary(_ op: ArithmeticOperator, _ a: Value, _ args: Arguments) throws -> Value {
        if a.isMissing { throw WorkbenchError(.value, "operator needs one or two arguments") }
        guard op == .add || op == .subtract else {
            throw WorkbenchError(.value, "invalid unary operator")
        }
        switch a {
        case .logical(let v):
            let sign: Int32 = op == .add ? 1 : -1
            return .integer(
                Vector(v.elements.map { e in e.map { $0 ? sign : 0 } }, OperandAttributes.shape(a)))
        case .integer(let v): return op == .add ? a : .integer(v.map { e in e.map { 0 - $0 } })
        case .double(let v): return op == .add ? a : .double(v.map { -$0 })
        case .complex(let v):
            return op == .add ? a : .complex(v.map { Complex(-$0.real, -$0.imaginary) })
        default: throw WorkbenchError(.type, "invalid argument to unary operator")
        }
    }

    static func binary(_ op: ArithmeticOperator, _ a: Value, _ b: Value, _ args: Arguments) throws -> Value {
        let kindA = try numericKind(a)
        let kindB = try numericKind(b)
        let attributes = try OperandAttributes.combined(a, b, all: true)
        try warnAboutSmallArray(a, b, args)
        try OperandAttributes.checkRecycling(a.length, b.length, args)
        let kind = max(kindA, kindB)
        switch kind {
        case .complex:
            if op == .modulo || op == .quotient {
                throw WorkbenchError(.type, "invalid operation on complex numbers")
            }
            let result = recycled(try a.asComplexNumbers().0.elements, try b.asComplexNumbers().0.elements) {
                op.apply($0, $1) ?? .na
            }
            return .complex(Vector(result, attributes))
        case .double:
            let (left, right) = (try a.doubleElements(), try b.doubleElements())
            if op == .modulo { try warnAboutModulo(left, right, args.context) }
            return .double(Vector(doubles(op, left, right), attributes))
        default:
            if op == .divide || op == .power {
                return .double(Vector(doubles(op, try a.doubleElements(), try b.doubleElements()), attributes))
            }
            return .integer(
                Vector(try integers(op, try a.integerElements(), try b.integerElements(), args), attributes))
        }
    }

    private static func warnAboutSmallArray(_ a: Value, _ b: Value, _ args: Arguments) throws {
        if a.attributes == nil, b.attributes == nil { return }
        let (left, right) = (a.dim, b.dim)
        var order: String?
        if left != nil, right == nil, a.length == 1, b.length > 1 { order = "array-vector" }
        if right != nil, left == nil, b.length == 1, a.length > 1 { order = "vector-array" }
        guard let order else { return }
        try args.context.warn(
            "Recycling array of length 1 in \(order) arithmetic is deprecated.\n  Use c() or as.vector() instead.\n",
            call: args.call)
    }

    /// Warns for each element whose remainder is a guess; as in R in the name of the function around.
    private static func warnAboutModulo(_ a: [Double], _ b: [Double], _ context: Context) throws {
        for isUnsure in recycled(a, b, { isModuloUnsure($0, $1) }) where isUnsure {
            try context.warn("probable complete loss of accuracy in modulus", call: context.frames.last?.call)
        }
    }

    private static func numericKind(_ value: Value) throws -> Kind {
        switch value {
        case .logical: return .logical
        case .integer: return .integer
        case .double, .null: return .double
        case .complex: return .complex
        default: throw WorkbenchError(.type, "non-numeric argument to binary operator")
        }
    }

    /// The operator over recycled doubles; the switch is outside of the loops.
    static func doubles(_ op: ArithmeticOperator, _ a: [Double], _ b: [Double]) -> [Double] {
        switch op {
        case .add: return recycled(a, b) { $0 + $1 }
        case .subtract: return recycled(a, b) { $0 - $1 }
        case .multiply: return recycled(a, b) { $0 * $1 }
        case .divide: return recycled(a, b) { $0 / $1 }
        case .power:
            if b.count == 1, b[0] == 2 { return a.map { $0 * $0 } }
            return recycled(a, b) { rPower($0, $1) }
        case .modulo: return recycled(a, b) { rModulo($0, $1) }
        case .quotient: return recycled(a, b) { rQuotient($0, $1) }
        }
    }

    private static func integers(
        _ op: ArithmeticOperator, _ a: [Int32?], _ b: [Int32?], _ args: Arguments
    ) throws -> [Int32?] {
        var overflowed = false
        @inline(__always)
        func checked(_ x: Int32?, _ y: Int32?, _ operation: (Int32, Int32) -> (partialValue: Int32, overflow: Bool))
            -> Int32?
        {
            guard let x, let y else { return nil }
            let (value, overflow) = operation(x, y)
            if overflow || value == Int32.min {
                overflowed = true
                return nil
            }
            return value
        }
        let result: [Int32?]
        switch op {
        case .add: result = recycled(a, b) { checked($0, $1) { $0.addingReportingOverflow($1) } }
        case .subtract: result = recycled(a, b) { checked($0, $1) { $0.subtractingReportingOverflow($1) } }
        case .multiply: result = recycled(a, b) { checked($0, $1) { $0.multipliedReportingOverflow(by: $1) } }
        case .modulo:
            result = recycled(a, b) { x, y in
                guard let x, let y, y != 0 else { return nil }
                return integerModulo(x, y)
            }
        default:
            result = recycled(a, b) { x, y in
                guard let x, let y, y != 0 else { return nil }
                return integerQuotient(x, y)
            }
        }
        if overflowed { try args.context.warn("NAs produced by integer overflow", call: args.call) }
        return result
    }
}

/// Element-wise result of two vectors, the shorter used again from its start; empty if one of them is.
@inline(__always)
func recycled<A, B, Result>(_ a: [A], _ b: [B], _ operation: (A, B) -> Result) -> [Result] {
    let countA = a.count
    let countB = b.count
    if countA == 0 || countB == 0 { return [] }
    let count = max(countA, countB)
    return a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
            Array(unsafeUninitializedCapacity: count) { buffer, initialized in
                guard let target = buffer.baseAddress else { return }
                if countA == countB {
                    for i in 0..<count { (target + i).initialize(to: operation(a[i], b[i])) }
                } else if countB == 1 {
                    let right = b[0]
                    for i in 0..<count { (target + i).initialize(to: operation(a[i], right)) }
                } else if countA == 1 {
                    let left = a[0]
                    for i in 0..<count { (target + i).initialize(to: operation(left, b[i])) }
                } else {
                    var j = 0
                    var k = 0
                    for i in 0..<count {
                        (target + i).initialize(to: operation(a[j], b[k]))
                        j += 1
                        if j == countA { j = 0 }
                        k += 1
                        if k == countB { k = 0 }
                    }
                }
                initialized = count
            }
        }
    }
}
