import Diagnostics
import RRuntime
import VectorValues

/// The comparison operators.
enum ComparisonOperator: String, CaseIterable {
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case greater = ">"
    case atMost = "<="
    case atLeast = ">="

    @inline(__always)
    func holds<T: Comparable>(_ a: T, _ b: T) -> Bool {
        switch self {
        case .equal: return a == b
        case .unequal: return a != b
        case .less: return a < b
        case .greater: return a > b
        case .atMost: return a <= b
        case .atLeast: return a >= b
        }
    }
}

func registerComparison(_ base: Namespace) {
    for op in ComparisonOperator.allCases {
        base.function(
            op.rawValue, [.value("e1"), .value("e2")], help: "Compares element by element.", dispatch: .ops,
            direct: directComparison(op)
        ) { args in try Comparison.apply(op, args.values[0], args.values[1], args) }
    }
}

private func directComparison(_ op: ComparisonOperator) -> Builtin.Direct {
    { a, b, _ in
        switch (a, b) {
        case (.integer(let x), .integer(let y)):
            guard x.attributes == nil, y.attributes == nil, x.elements.count == 1, y.elements.count == 1,
                let left = x.elements[0], let right = y.elements[0]
            else { return nil }
            return .flag(op.holds(left, right))
        case (.character(let x), .character(let y)):
            guard x.attributes == nil, y.attributes == nil, x.elements.count == 1, y.elements.count == 1,
                let left = x.elements[0], let right = y.elements[0]
            else { return nil }
            return .flag(op.holds(left, right))
        default:
            guard let left = plainNumber(a), let right = plainNumber(b), !left.isNaN, !right.isNaN else {
                return nil
            }
            return .flag(op.holds(left, right))
        }
    }
}

enum Comparison {
    static func apply(_ op: ComparisonOperator, _ left: Value, _ right: Value, _ args: Arguments) throws -> Value {
        let a = try operand(left, op, args)
        let b = try operand(right, op, args)
        let attributes = try OperandAttributes.combined(a, b, all: false)
        try OperandAttributes.checkRecycling(a.length, b.length, args)
        let result: [Bool?]
        switch max(a.kind ?? .list, b.kind ?? .list) {
        case .list where a.kind != .character && b.kind != .character:
            let other = a.kind == .list ? b : a
            guard other.isAtomic else {
                throw WorkbenchError(.type, "comparison of these types is not implemented")
            }
            throw WorkbenchError(.type, "'list' object cannot be coerced to type '\(other.typeName)'")
        case .character, .list, .expression:
            result = strings(op, try args.context.asCharacters(a).elements, try args.context.asCharacters(b).elements)
        case .complex:
            guard op == .equal || op == .unequal else {
                throw WorkbenchError(.type, "invalid comparison with complex values")
            }
            result = recycled(try a.asComplexNumbers().0.elements, try b.asComplexNumbers().0.elements) { x, y in
                if x.real.isNaN || x.imaginary.isNaN || y.real.isNaN || y.imaginary.isNaN { return nil }
                return (x == y) == (op == .equal)
            }
        case .double: result = doubles(op, try a.doubleElements(), try b.doubleElements())
        case .null: result = []
        default:
            result = recycled(try a.integerElements(), try b.integerElements()) { x, y in
                guard let x, let y else { return nil }
                return op.holds(x, y)
            }
        }
        return .logical(Vector(result, attributes))
    }

    private static func doubles(_ op: ComparisonOperator, _ a: [Double], _ b: [Double]) -> [Bool?] {
        recycled(a, b) { x, y in x.isNaN || y.isNaN ? nil : op.holds(x, y) }
    }

    private static func strings(_ op: ComparisonOperator, _ a: [Text?], _ b: [Text?]) -> [Bool?] {
        recycled(a, b) { x, y in
            guard let x, let y else { return nil }
            return op.holds(x, y)
        }
    }

    /// What is compared: vectors; code as its text. Lists must hold single values.
    private static func operand(_ value: Value, _ op: ComparisonOperator, _ args: Arguments) throws -> Value {
        switch value {
        case .symbol(let symbol): return .character(Vector([symbol.text]))
        case .call: return .string(args.context.deparse(value).joined(separator: "\n"))
        case .list(let list):
            var kind = Kind.logical
            for element in list.elements {
                guard element.isAtomic, element.length == 1 else { return value }
                kind = max(kind, element.kind ?? .character)
            }
            return try value.coercedKeepingAttributes(to: kind, args.context)
        case .missing:
            throw WorkbenchError(.value, "operator needs two arguments")
        default:
            if value.isNull || value.isVector { return value }
            throw WorkbenchError(
                .type, "comparison (\(op.rawValue)) is possible only for atomic and list types")
        }
    }
}
