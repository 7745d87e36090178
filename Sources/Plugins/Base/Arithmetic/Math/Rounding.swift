import Diagnostics
import Glibc
import RRuntime
import VectorValues

func registerRounding(_ base: Namespace) {
    base.function(
        "round", [.value("x"), .value("digits", 0)], help: "Rounds to decimals; halves go to the even digit.",
        dispatch: .math
    ) { args in
        let x = try args.required("x")
        return try rounding(x, args) { roundHalfEven($0, digits: $1) }
    }
    base.function(
        "signif", [.value("x"), .value("digits", 6)], help: "Rounds to significant digits.", dispatch: .math
    ) { args in
        let x = try args.required("x")
        return try rounding(x, args) { roundSignificant($0, digits: $1) }
    }
    base.function("trunc", [.value("x"), .dots], help: "Cuts off the fraction.", dispatch: .math) { args in
        let x = try args.required("x")
        return try mathMap(x, args) { $0.rounded(.towardZero) }
    }
    base.function("abs", [.value("x")], help: "Absolute value.", dispatch: .math) { args in
        let x = try args.required("x")
        switch x {
        case .integer(let v): return .integer(v.map { e in e.map { $0 < 0 ? 0 - $0 : $0 } })
        case .logical(let v): return .integer(Vector(v.elements.map { e in e.map { $0 ? 1 : 0 } }, v.attributes))
        case .complex(let v): return .double(v.map { $0.modulus })
        default: return try mathMap(x, args) { Swift.abs($0) }
        }
    }
    base.function("sign", [.value("x")], help: "-1, 0 or 1.", dispatch: .math) { args in
        let x = try args.required("x")
        return try mathMap(x, args) { $0.isNaN ? $0 : $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
    }
}

private func rounding(_ x: Value, _ args: Arguments, _ function: (Double, Double) -> Double) throws -> Value {
    let digits = args["digits"]
    guard digits.length > 0 || x.length == 0 else {
        throw WorkbenchError(.value, "invalid second argument of length 0")
    }
    switch digits {
    case .double, .integer, .logical: break
    default: throw WorkbenchError(.type, "non-numeric argument to mathematical function")
    }
    if case .complex(let v) = x {
        let places = try digits.asDoubles()[0]
        return .complex(v.map { Complex(function($0.real, places), function($0.imaginary, places)) })
    }
    if digits.length == 1, digits.attributes == nil {
        let places = try digits.asDoubles()[0]
        return try mathMap(x, args) { function($0, places) }
    }
    return try binaryMath(x, digits, args, function)
}
