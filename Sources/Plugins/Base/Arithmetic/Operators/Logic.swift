import Diagnostics
import RRuntime
import VectorValues

func registerLogic(_ base: Namespace) {
    base.function(
        "&", [.value("e1"), .value("e2")], help: "Logical and, element by element.", dispatch: .ops
    ) { args in try Logic.binary(args, isAnd: true) }
    base.function(
        "|", [.value("e1"), .value("e2")], help: "Logical or, element by element.", dispatch: .ops
    ) { args in try Logic.binary(args, isAnd: false) }
    base.function(
        "!", [.value("x")], help: "Logical not, element by element.", dispatch: .ops,
        direct: { x, _, _ in
            guard case .logical(let v) = x, v.attributes == nil, v.elements.count == 1, let flag = v.elements[0]
            else { return nil }
            return .flag(!flag)
        }
    ) { args in try Logic.not(args.values[0]) }
    base.function("xor", [.value("x"), .value("y")], help: "Exactly one of the two is true.") { args in
        let both = try args.context.call("&", [Argument(args[0]), Argument(args[1])])
        let either = try args.context.call("|", [Argument(args[0]), Argument(args[1])])
        let notBoth = try args.context.call("!", [Argument(both)])
        return try args.context.call("&", [Argument(either), Argument(notBoth)])
    }
    base.function("isTRUE", [.value("x")], help: "Whether x is TRUE and nothing else.") { args in
        guard case .logical(let v) = try args.required("x"), v.count == 1, let flag = v[0] else { return false }
        return .flag(flag)
    }
    base.function("isFALSE", [.value("x")], help: "Whether x is FALSE and nothing else.") { args in
        guard case .logical(let v) = try args.required("x"), v.count == 1, let flag = v[0] else { return false }
        return .flag(!flag)
    }
}

enum Logic {
    static func binary(_ args: Arguments, isAnd: Bool) throws -> Value {
        let a = args.values[0]
        let b = args.values[1]
        for operand in [a, b] {
            switch operand {
            case .null, .logical, .integer, .double, .complex, .raw: break
            default:
                throw WorkbenchError(
                    .type, "operations are possible only for numeric, logical or complex types")
            }
        }
        let attributes = try OperandAttributes.combined(a, b, all: false)
        try OperandAttributes.checkRecycling(a.length, b.length, args)
        if case .raw(let x) = a, case .raw(let y) = b {
            return .raw(Vector(recycled(x.elements, y.elements) { isAnd ? $0 & $1 : $0 | $1 }, attributes))
        }
        let result: [Bool?] = recycled(try a.logicalElements(), try b.logicalElements()) { x, y in
            if isAnd {
                if x == false || y == false { return false }
                return x == nil || y == nil ? nil : true
            }
            if x == true || y == true { return true }
            return x == nil || y == nil ? nil : false
        }
        return .logical(Vector(result, attributes))
    }

    static func not(_ value: Value) throws -> Value {
        switch value {
        case .logical(let v): return .logical(v.map { e in e.map { !$0 } })
        case .raw(let v): return .raw(v.map { ~$0 })
        case .integer, .double, .complex:
            return .logical(
                Vector(try value.logicalElements().map { e in e.map { !$0 } }, OperandAttributes.shape(value)))
        case .list(let v) where v.isEmpty: return .logical(Vector([]))
        default: throw WorkbenchError(.type, "invalid argument type")
        }
    }
}
