import Diagnostics
import PluginAPI
import TensorCalls
import Tensors

/// Element-wise functions of two tensors, or of a tensor and a number; shapes are broadcast.
func registerBinary(_ table: TensorFunctionTable) {
    func binary(_ names: [String], help: String, _ operation: @escaping (Tensor, Tensor) throws -> Tensor) {
        table.both(
            names[0], [.value("self"), .value("other")], aliases: Array(names.dropFirst()), inPlace: true, help: help
        ) { args in
            .tensor(try operation(try args.tensor("self"), try args.operand("other")))
        }
    }
    let scaled: [Parameter] = [.value("self"), .value("other"), .value("alpha", 1)]
    table.both("add", scaled, inPlace: true, help: "self + alpha · other") { args in
        .tensor(try args.tensor("self").add(try args.operand("other"), alpha: try args.real("alpha")))
    }
    table.both("sub", scaled, aliases: ["subtract"], inPlace: true, help: "self − alpha · other") { args in
        .tensor(try args.tensor("self").sub(try args.operand("other"), alpha: try args.real("alpha")))
    }
    table.both("rsub", scaled, help: "other − alpha · self") { args in
        .tensor(try args.operand("other").sub(try args.tensor("self"), alpha: try args.real("alpha")))
    }
    binary(["mul", "multiply"], help: "self · other") { try $0.mul($1) }
    table.both(
        "div", [.value("self"), .value("other"), .value("rounding_mode", nil)], aliases: ["divide", "true_divide"],
        inPlace: true, help: "self / other"
    ) { args in
        let x = try args.tensor("self")
        let other = try args.operand("other")
        switch try args.optionalString("rounding_mode") {
        case nil: return .tensor(try x.div(other))
        case "floor": return .tensor(try x.div(other, rounding: .floor))
        case "trunc": return .tensor(try x.div(other, rounding: .trunc))
        case let mode?:
            throw WorkbenchError(
                .value,
                "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '\(mode)'")
        }
    }
    binary(["floor_divide"], help: "self / other, rounded down") { try $0.floorDivide($1) }
    binary(["fmod"], help: "Remainder with the sign of self") { try $0.fmod($1) }
    binary(["remainder"], help: "Remainder with the sign of other") { try $0.remainder($1) }
    binary(["pow"], help: "self to the power other") { try $0.pow($1) }
    binary(["atan2", "arctan2"], help: "Angle of the point (other, self)") { try $0.atan2($1) }
    binary(["maximum", "fmax"], help: "The larger of two numbers") { try $0.maximum($1) }
    binary(["minimum", "fmin"], help: "The smaller of two numbers") { try $0.minimum($1) }
    binary(["hypot"], help: "√(self² + other²)") { try $0.square().add($1.square()).sqrt() }
    binary(["logaddexp"], help: "log(exp(self) + exp(other))") { a, b in
        let top = try a.maximum(b)
        return try top.add(a.sub(b).abs().neg().exp().log1p())
    }
    binary(["logical_and"], help: "Both are not zero") { try $0.logicalAnd($1) }
    binary(["logical_or"], help: "At least one is not zero") { try $0.logicalOr($1) }
    binary(["logical_xor"], help: "Exactly one is not zero") { try $0.logicalXor($1) }
    binary(["bitwise_and"], help: "Bits set in both") { try $0.bitwiseAnd($1) }
    binary(["bitwise_or"], help: "Bits set in either") { try $0.bitwiseOr($1) }
    binary(["bitwise_xor"], help: "Bits set in one") { try $0.bitwiseXor($1) }
    let products: [Parameter] = [.value("self"), .value("tensor1"), .value("tensor2"), .value("value", 1)]
    table.both("addcmul", products, inPlace: true, help: "self + value · tensor1 · tensor2") { args in
        .tensor(
            try args.tensor("self").addcmul(
                try args.tensor("tensor1"), try args.tensor("tensor2"), value: try args.real("value")))
    }
    table.both("addcdiv", products, inPlace: true, help: "self + value · tensor1 / tensor2") { args in
        .tensor(
            try args.tensor("self").addcdiv(
                try args.tensor("tensor1"), try args.tensor("tensor2"), value: try args.real("value")))
    }
    table.both(
        "lerp", [.value("self"), .value("end"), .value("weight")], inPlace: true, help: "self + weight · (end − self)"
    ) { args in
        let x = try args.tensor("self")
        let end = try args.tensor("end")
        if args["weight"].isTensor { return .tensor(try x.add(try args.tensor("weight").mul(end.sub(x)))) }
        return .tensor(try x.lerp(end, weight: try args.real("weight")))
    }
}

/// Comparisons, and tests of whole tensors.
func registerComparison(_ table: TensorFunctionTable) {
    let comparisons: [(String, String, (Tensor, Tensor) throws -> Tensor)] = [
        ("eq", "equal_elements", { try $0.eq($1) }), ("ne", "not_equal", { try $0.ne($1) }),
        ("lt", "less", { try $0.lt($1) }), ("le", "less_equal", { try $0.le($1) }),
        ("gt", "greater", { try $0.gt($1) }), ("ge", "greater_equal", { try $0.ge($1) }),
    ]
    for (name, alias, compare) in comparisons {
        table.both(
            name, [.value("self"), .value("other")], aliases: alias == "equal_elements" ? [] : [alias], inPlace: true,
            help: "Element-wise comparison \(name)"
        ) { args in
            .tensor(try compare(try args.tensor("self"), try args.operand("other")))
        }
    }
    table.both("equal", [.value("self"), .value("other")], help: "Same shape and the same numbers") { args in
        .flag(try args.tensor("self").equal(try args.tensor("other")))
    }
    let tolerances: [Parameter] = [
        .value("self"), .value("other"), .value("rtol", 1e-5), .value("atol", 1e-8), .value("equal_nan", false),
    ]
    table.both("allclose", tolerances, help: "All numbers close to each other") { args in
        .flag(
            try args.tensor("self").allclose(
                try args.tensor("other"), rtol: try args.real("rtol"), atol: try args.real("atol"),
                equalNan: try args.flag("equal_nan")))
    }
    table.both("isclose", tolerances, help: "Numbers close to each other") { args in
        .tensor(
            try args.tensor("self").isclose(
                try args.tensor("other"), rtol: try args.real("rtol"), atol: try args.real("atol"),
                equalNan: try args.flag("equal_nan")))
    }
    table.function(
        "torch_where", [.value("condition"), .value("self", nil), .value("other", nil)],
        help: "self where the condition holds, else other; indices of TRUE (from 1) for one argument"
    ) { args in
        let condition = try args.tensor("condition")
        guard !args["self"].isNull else { return .tensors(try indicesOfTrue(condition)) }
        return .tensor(try Tensor.select(condition, try args.operand("self"), try args.operand("other")))
    }
    table.method(
        "where", [.value("self"), .value("condition"), .value("other")],
        help: "self where the condition holds, else other"
    ) { args in
        .tensor(try Tensor.select(try args.tensor("condition"), try args.tensor("self"), try args.operand("other")))
    }
}

/// Indices (from 1) of the elements that are not zero, one tensor per dimension.
private func indicesOfTrue(_ condition: Tensor) throws -> [Tensor] {
    let places = try condition.nonzero().add(Tensor(scalar: .int(1)))
    return try places.unbind(1)
}
