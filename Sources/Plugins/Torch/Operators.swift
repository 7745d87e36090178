import Diagnostics
import PluginAPI
import Tensors

/// `+ - * / ^ %% %/% == & ! %*%` and R's math functions on tensors.
func registerOperators(_ torch: Namespace) {
    torch.method("Ops", for: "torch_tensor", [.value("e1"), .value("e2")]) { args in
        guard let name = args.context.methodGeneric?.name, let operation = binaryOperators[name] else {
            throw WorkbenchError(.type, "this operator is not defined for tensors")
        }
        if args["e2"].isMissing {
            let x = try args.tensor("e1")
            switch name {
            case "-": return .tensor(try x.neg())
            case "!": return .tensor(try x.logicalNot())
            default: return .tensor(x)
            }
        }
        let a = try args.operand("e1")
        let b = try args.operand("e2")
        return .tensor(try operation(a, b))
    }
    torch.method("%*%", for: "torch_tensor", [.value("x"), .value("y")]) { args in
        .tensor(try args.tensor("x").matmul(try args.tensor("y")))
    }
    torch.method("Math", for: "torch_tensor", [.value("x"), .dots]) { args in
        let x = try args.tensor("x")
        guard let name = args.context.methodGeneric?.name else { return args[0] }
        switch name {
        case "round":
            let digits = try args.dots.first.map { try args.wholeNumbers(in: $0.value, "digits").first ?? 0 } ?? 0
            return .tensor(digits == 0 ? try x.round() : try x.round(decimals: digits))
        case "log":
            guard let base = args.dots.first?.value else { return .tensor(try x.log()) }
            return .tensor(try x.log().div(args.makeTensor(base, argument: "base").log()))
        case "cumsum": return .tensor(try x.cumsum(0))
        case "cumprod": return .tensor(try x.cumprod(0))
        default:
            guard let operation = mathFunctions[name] else {
                throw WorkbenchError(.unsupported, "`\(name)()` is not defined for tensors")
            }
            return .tensor(try operation(x))
        }
    }
    torch.method("Summary", for: "torch_tensor", [.dots, .value("na.rm", false)]) { args in
        guard let x = args.dots.first?.value.asTensor, let name = args.context.methodGeneric?.name else { return .null }
        switch name {
        case "sum": return .tensor(try x.sum())
        case "max": return .tensor(try x.amax())
        case "min": return .tensor(try x.amin())
        case "prod": return .tensor(try x.prod())
        case "any": return .tensor(try x.any())
        case "all": return .tensor(try x.all())
        default: throw WorkbenchError(.unsupported, "`\(name)()` is not defined for tensors")
        }
    }
    torch.method("mean", for: "torch_tensor", [.value("x"), .value("dim", nil), .value("keepdim", false), .dots]) {
        args in
        .tensor(try args.tensor("x").mean(dims: try args.dimensions("dim"), keepdim: try args.flag("keepdim")))
    }
    torch.method("t", for: "torch_tensor", [.value("x")]) { args in .tensor(try args.tensor("x").t()) }
}

private let binaryOperators: [String: @Sendable (Tensor, Tensor) throws -> Tensor] = [
    "+": { try $0.add($1) }, "-": { try $0.sub($1) }, "*": { try $0.mul($1) }, "/": { try $0.div($1) },
    "^": { try $0.pow($1) }, "%%": { try $0.fmod($1) }, "%/%": { try $0.div($1, rounding: .trunc) },
    "==": { try $0.eq($1) }, "!=": { try $0.ne($1) }, "<": { try $0.lt($1) }, "<=": { try $0.le($1) },
    ">": { try $0.gt($1) }, ">=": { try $0.ge($1) }, "&": { try $0.logicalAnd($1) }, "|": { try $0.logicalOr($1) },
    "!": { a, _ in try a.logicalNot() },
]

private let mathFunctions: [String: @Sendable (Tensor) throws -> Tensor] = [
    "abs": { try $0.abs() }, "sign": { try $0.sign() }, "sqrt": { try $0.sqrt() }, "floor": { try $0.floor() },
    "ceiling": { try $0.ceil() }, "trunc": { try $0.trunc() }, "exp": { try $0.exp() }, "expm1": { try $0.expm1() },
    "log2": { try $0.log2() }, "log10": { try $0.log10() }, "log1p": { try $0.log1p() }, "cos": { try $0.cos() },
    "sin": { try $0.sin() }, "tan": { try $0.tan() }, "acos": { try $0.acos() }, "asin": { try $0.asin() },
    "atan": { try $0.atan() }, "cosh": { try $0.cosh() }, "sinh": { try $0.sinh() },
    "tanh": { try $0.sinh().div($0.cosh()) },
    "acosh": { try $0.acosh() }, "asinh": { try $0.asinh() }, "atanh": { try $0.atanh() },
    "lgamma": { try $0.lgamma() }, "digamma": { try $0.digamma() },
]
