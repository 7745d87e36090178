import Glibc
import PluginAPI
import TensorCalls
import Tensors

/// Element-wise functions of one tensor.
func registerUnary(_ table: TensorFunctionTable) {
    table.unary("abs", "absolute") { try $0.abs() }
    table.unary("neg", "negative") { try $0.neg() }
    table.unary("sign", "sgn") { try $0.sign() }
    table.unary("exp") { try $0.exp() }
    table.unary("exp2") { try $0.exp2() }
    table.unary("expm1") { try $0.expm1() }
    table.unary("log") { try $0.log() }
    table.unary("log2") { try $0.log2() }
    table.unary("log10") { try $0.log10() }
    table.unary("log1p") { try $0.log1p() }
    table.unary("sqrt") { try $0.sqrt() }
    table.unary("rsqrt") { try $0.rsqrt() }
    table.unary("square") { try $0.square() }
    table.unary("reciprocal") { try $0.reciprocal() }
    table.unary("sin") { try $0.sin() }
    table.unary("cos") { try $0.cos() }
    table.unary("tan") { try $0.tan() }
    table.unary("asin", "arcsin") { try $0.asin() }
    table.unary("acos", "arccos") { try $0.acos() }
    table.unary("atan", "arctan") { try $0.atan() }
    table.unary("sinh") { try $0.sinh() }
    table.unary("cosh") { try $0.cosh() }
    table.unary("asinh", "arcsinh") { try $0.asinh() }
    table.unary("acosh", "arccosh") { try $0.acosh() }
    table.unary("atanh", "arctanh") { try $0.atanh() }
    table.unary("erf") { try $0.erf() }
    table.unary("erfc") { try $0.erfc() }
    table.unary("erfinv") { try $0.erfinv() }
    table.unary("lgamma") { try $0.lgamma() }
    table.unary("digamma") { try $0.digamma() }
    table.unary("floor") { try $0.floor() }
    table.unary("ceil") { try $0.ceil() }
    table.unary("trunc", "fix") { try $0.trunc() }
    table.unary("frac") { try $0.frac() }
    table.unary("deg2rad") { try $0.mul(Tensor(scalar: .double(.pi / 180))) }
    table.unary("rad2deg") { try $0.mul(Tensor(scalar: .double(180 / .pi))) }
    table.unary("positive") { $0 }
    table.unary("logical_not") { try $0.logicalNot() }
    table.unary("bitwise_not") { try $0.bitwiseNot() }
    table.both(
        "round", [.value("self"), .value("decimals", nil)], inPlace: true,
        help: "Rounds to whole numbers, halves to even"
    ) {
        args in
        let x = try args.tensor("self")
        guard let decimals = try args.optionalInt("decimals") else { return .tensor(try x.round()) }
        return .tensor(try x.round(decimals: decimals))
    }
    table.both(
        "logit", [.value("self"), .value("eps", nil)], inPlace: true,
        help: "log(x / (1 − x)), x clamped to eps … 1 − eps"
    ) { args in
        var x = try args.tensor("self")
        if let eps = try args.optionalReal("eps") { x = try x.clamp(min: eps, max: 1 - eps) }
        return .tensor(try x.logit())
    }
    for (name, predicate) in [
        ("isnan", { try $0.isnan() }), ("isinf", { try $0.isinf() }), ("isfinite", { try $0.isfinite() }),
    ] as [(String, (Tensor) throws -> Tensor)] {
        table.both(name, [.value("self")], help: "Element-wise \(name)") { args in
            .tensor(try predicate(try args.tensor("self")))
        }
    }
    table.both(
        "nan_to_num", [.value("self"), .value("nan", 0), .value("posinf", nil), .value("neginf", nil)], inPlace: true,
        help: "Replaces NaN and infinities"
    ) { args in
        .tensor(
            try args.tensor("self").nanToNum(
                nan: try args.optionalReal("nan") ?? 0, posinf: try args.optionalReal("posinf"),
                neginf: try args.optionalReal("neginf")))
    }
    table.both(
        "clamp", [.value("self"), .value("min", nil), .value("max", nil)], aliases: ["clip"], inPlace: true,
        help: "Numbers below min become min, above max become max"
    ) { args in
        var x = try args.tensor("self")
        if args["min"].isTensor || args["max"].isTensor {
            if let low = try args.optionalTensor("min") { x = try x.maximum(low) }
            if let high = try args.optionalTensor("max") { x = try x.minimum(high) }
            return .tensor(x)
        }
        return .tensor(
            try bounded(x, args["min"], args["max"]).clamp(
                min: try args.optionalReal("min"), max: try args.optionalReal("max")))
    }
    table.both("clamp_min", [.value("self"), .value("min")], inPlace: true, help: "Numbers below min become min") {
        args in
        .tensor(try bounded(try args.tensor("self"), args["min"]).clamp(min: try args.real("min")))
    }
    table.both("clamp_max", [.value("self"), .value("max")], inPlace: true, help: "Numbers above max become max") {
        args in
        .tensor(try bounded(try args.tensor("self"), args["max"]).clamp(max: try args.real("max")))
    }
}

/// The tensor in the type of its clamped numbers: whole numbers meet R doubles as floating-point numbers.
private func bounded(_ x: Tensor, _ bounds: Value...) throws -> Tensor {
    let isReal = bounds.contains { if case .double = $0 { true } else { false } }
    return isReal && !x.dtype.isReal ? try x.to(.float32) : x
}
