import Diagnostics
import PluginAPI
import TensorCalls
import Tensors

/// Tensors back to R: `as_array()`, `as.numeric()`, `$item()`, …
func registerConversion(_ torch: Namespace, _ table: TensorFunctionTable) {
    torch.function("as_array", [.value("x")], help: "An R vector, matrix or array of a tensor") { args in
        try array(args)
    }
    for name in ["as.array", "as_array"] {
        torch.method(name, for: "torch_tensor", [.value("x"), .dots]) { args in try array(args) }
    }
    torch.method("as.matrix", for: "torch_tensor", [.value("x"), .dots]) { args in
        let value = try array(args)
        return value.dim == nil ? value.setting(Symbol.dim, .ints([value.length, 1])) : value
    }
    torch.method("as.vector", for: "torch_tensor", [.value("x"), .value("mode", "any")]) { args in
        try array(args).bare
    }
    for name in ["as.numeric", "as.double"] {
        torch.method(name, for: "torch_tensor", [.value("x"), .dots]) { args in
            .double(try array(args).asDoubles())
        }
    }
    torch.method("as.integer", for: "torch_tensor", [.value("x"), .dots]) { args in
        let (numbers, lost) = try array(args).asIntegersNotingLoss()
        if lost { try args.context.warn("NAs introduced by coercion to integer range", call: args.call) }
        return .integer(numbers)
    }
    torch.method("as.logical", for: "torch_tensor", [.value("x"), .dots]) { args in
        .logical(try array(args).asLogicals())
    }
    torch.method("as.character", for: "torch_tensor", [.value("x"), .dots]) { args in
        .character(try array(args).asCharacters())
    }
    torch.method("as.list", for: "torch_tensor", [.value("x"), .dots]) { args in
        let x = try args.tensor("x")
        return x.dimensions == 0 ? .tensors([x]) : .tensors(try x.unbind(0))
    }
    torch.method("rev", for: "torch_tensor", [.value("x")]) { args in
        let x = try args.tensor("x")
        return .tensor(x.dimensions == 0 ? x : try x.flip([0]))
    }
    torch.method("dim", for: "torch_tensor", [.value("x")]) { args in .ints(try args.tensor("x").shape) }
    torch.method("length", for: "torch_tensor", [.value("x")]) { args in
        guard args[0].asTensor != nil else { return .int(0) }
        return .int(try args.tensor("x").count)
    }
    torch.function(
        "is_undefined_tensor", [.value("x")], help: "Whether a tensor has no value (a gradient not computed)"
    ) { args in
        guard case .object(let object) = args[0], let tensor = object as? TensorObject else { return false }
        return .flag(tensor.tensor == nil)
    }
    table.method("item", [.value("self")], help: "The number of a tensor with one element") { args in
        let x = try args.tensor("self")
        guard x.count == 1 else {
            throw WorkbenchError(
                .shape, "a Tensor with \(x.count) elements cannot be converted to Scalar",
                hint: "its shape is \(shapeText(x.shape)); as_array() gives all of them")
        }
        return valueFromScalar(try x.item())
    }
    let target: [Parameter] = [
        .value("self"), .value("dtype", nil), .value("device", nil), .value("tensor", nil), .value("other", nil),
        .value("non_blocking", false), .value("copy", false), .value("memory_format", nil),
    ]
    table.method("to", target, help: "The tensor with another element type") { args in
        var x = try args.tensor("self")
        if case .character(let text) = args["dtype"], text.count == 1, text[0] == "cpu" || text[0] == "cuda" {
            throw WorkbenchError(
                .value, "the first argument of $to() is dtype, not device",
                hint: "$to(device = \"\(text[0]?.string ?? "cpu")\")")
        }
        try checkDevice(args["device"])
        var dtype = try args.dtype()
        if dtype == nil, let like = args["other"].asTensor ?? args["tensor"].asTensor { dtype = like.dtype }
        let copy = try args.flag("copy")
        if let dtype, dtype != x.dtype || copy { x = try x.to(dtype, copy: copy) } else if copy { x = try x.clone() }
        return x === args[0].asTensor ? args[0] : .tensor(x)
    }
    let casts: [(String, DType)] = [
        ("float", .float32), ("double", .float64), ("int", .int32), ("long", .int64), ("bool", .bool), ("byte", .uint8),
        ("short", .int16), ("char", .int8), ("half", .float16), ("bfloat16", .bfloat16),
    ]
    for (name, dtype) in casts {
        table.method(name, [.value("self")], help: "The tensor as \(dtype.torchName)") { args in
            .tensor(try args.tensor("self").to(dtype))
        }
    }
    for name in ["cpu", "contiguous", "pin_memory", "data", "resolve_conj", "resolve_neg"] {
        table.method(name, [.value("self"), .dots], help: "The tensor itself, on the CPU and without gaps") { args in
            let x = try args.tensor("self")
            switch name {
            case "contiguous": return .tensor(try x.contiguous())
            case "data": return .tensor(x.detached())
            default: return args[0]
            }
        }
    }
    table.method("cuda", [.value("self"), .dots], help: "There is no CUDA") { args in
        throw WorkbenchError(
            .unsupported, "there is no CUDA device here", hint: "leave $cuda() out: tensors are on the CPU")
    }
}

private func array(_ args: Arguments) throws -> Value {
    guard case .object(let object) = args[0], object is TensorObject else { return args[0] }
    return try arrayFromTensor(try args.tensor("x"))
}

/// "[2, 3]".
func shapeText(_ shape: [Int]) -> String { "[" + shape.map { String($0) }.joined(separator: ", ") + "]" }
