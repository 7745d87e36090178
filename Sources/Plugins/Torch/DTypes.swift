import Diagnostics
import PluginAPI
import TensorCalls
import Tensors

/// `torch_float()` and its kin, `torch_dtype` objects.
func registerDTypes(_ torch: Namespace, _ registry: Registry) {
    let names: [(String, DType)] = [
        ("torch_float32", .float32), ("torch_float", .float32), ("torch_float64", .float64),
        ("torch_double", .float64), ("torch_uint8", .uint8), ("torch_int8", .int8), ("torch_int16", .int16),
        ("torch_short", .int16), ("torch_int32", .int32), ("torch_int", .int32), ("torch_int64", .int64),
        ("torch_long", .int64), ("torch_bool", .bool), ("torch_half", .float16), ("torch_float16", .float16),
        ("torch_bfloat16", .bfloat16),
    ]
    registry.savedKinds.add("torch_dtype") { parts, _ in
        guard let dtype = DType.allCases.first(where: { $0.torchName == parts.savedText("name") }) else {
            throw WorkbenchError(.data, "the saved element type is unknown")
        }
        return DTypeObject(dtype)
    }
    registry.savedKinds.add("torch_device") { parts, _ in
        DeviceObject(parts.savedText("kind") ?? "cpu", index: try parts.savedCount("index"))
    }
    registry.savedKinds.add("autograd_function") { parts, _ in
        CustomFunction(forward: parts.saved("forward"), backward: parts.saved("backward"))
    }
    for (name, dtype) in names {
        torch.function(name, [], help: "The element type \(dtype.torchName)") { _ in .object(DTypeObject(dtype)) }
    }
    for (torchName, names) in [
        ("ComplexHalf", ["chalf", "cfloat32"]),
        ("ComplexFloat", ["cfloat", "cfloat64", "complex64"]),
        ("ComplexDouble", ["cdouble", "cfloat128", "complex128"]), ("QInt8", ["qint8"]), ("QUInt8", ["quint8"]),
        ("QInt32", ["qint32"]), ("Float8_e4m3fn", ["float8_e4m3fn"]), ("Float8_e5m2", ["float8_e5m2"]),
    ] {
        for name in names {
            torch.function("torch_\(name)", [], help: "The element type \(torchName), which no tensor has here") { _ in
                .object(UnavailableDType(torchName))
            }
        }
    }
    torch.method("print", for: "torch_dtype", [.value("x"), .dots], visible: false) { args in
        args.context.console.write(try dtypeText(args[0]) + "\n")
        return args[0]
    }
    torch.method("as.character", for: "torch_dtype", [.value("x"), .dots]) { args in
        dtypeName(args[0]).map { .string($0) } ?? .null
    }
    torch.method("format", for: "torch_dtype", [.value("x"), .dots]) { args in .string(try dtypeText(args[0])) }
    torch.method("Ops", for: "torch_dtype", [.value("e1"), .value("e2")]) { args in
        guard let first = dtypeName(args[0]), let second = dtypeName(args[1]) else {
            return .flag(args.context.methodGeneric?.name == "!=")
        }
        switch args.context.methodGeneric?.name {
        case "==": return .flag(first == second)
        case "!=": return .flag(first != second)
        default: throw WorkbenchError(.type, "dtypes can only be compared by == and !=")
        }
    }
    torch.function("is_torch_dtype", [.value("x")], help: "Whether a value is a torch dtype") { args in
        .flag(dtypeName(args[0]) != nil)
    }
    torch.function(
        "torch_set_default_dtype", [.value("d")], help: "Type of tensors of torch_zeros(), torch_randn(), …",
        visible: false
    ) {
        args in
        guard let dtype = try args.dtype("d"), dtype.isFloating else {
            throw WorkbenchError(
                .value, "only floating-point types are supported as the default type",
                hint: "torch_float() or torch_double()")
        }
        args.context.tensors.defaultType = dtype
        return .null
    }
    torch.function("torch_get_default_dtype", [], help: "Type of tensors of torch_zeros(), torch_randn(), …") { args in
        .object(DTypeObject(args.context.tensors.defaultType))
    }
}

/// "Float", or nil of what is no dtype.
private func dtypeName(_ value: Value) -> String? {
    guard case .object(let object) = value else { return nil }
    return (object as? DTypeObject)?.dtype.torchName ?? (object as? UnavailableDType)?.torchName
}

private func dtypeText(_ value: Value) throws -> String { dtypeName(value).map { "torch_" + $0 } ?? "" }
