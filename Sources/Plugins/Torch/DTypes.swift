import Diagnostics
import PluginAPI
import Tensors

/// `torch_float()` and its kin, `torch_dtype` objects.
func registerDTypes(_ torch: Namespace, _ registry: Registry) {
    let names: [(String, DType)] = [
        ("torch_float32", .float32), ("torch_float", .float32), ("torch_float64", .float64),
        ("torch_double", .float64), ("torch_uint8", .uint8), ("torch_int8", .int8), ("torch_int16", .int16),
        ("torch_short", .int16), ("torch_int32", .int32), ("torch_int", .int32), ("torch_int64", .int64),
        ("torch_long", .int64), ("torch_bool", .bool),
    ]
    registry.savedKinds.add("torch_dtype") { parts, _ in
        guard let dtype = DType.allCases.first(where: { $0.torchName == parts.savedText("name") }) else {
            throw WorkbenchError(.data, "the saved element type is unknown")
        }
        return DTypeObject(dtype)
    }
    registry.savedKinds.add("autograd_function") { parts, _ in
        CustomFunction(forward: parts.saved("forward"), backward: parts.saved("backward"))
    }
    for (name, dtype) in names {
        torch.function(name, [], help: "The element type \(dtype.torchName)") { _ in .object(DTypeObject(dtype)) }
    }
    for name in [
        "torch_half", "torch_float16", "torch_bfloat16", "torch_cfloat", "torch_cdouble", "torch_complex64",
        "torch_complex128", "torch_qint8", "torch_quint8", "torch_qint32",
    ] {
        torch.function(name, [], help: "An element type the workbench does not have") { args in
            throw WorkbenchError(
                .unsupported, "\(args.function.name.name)() is not supported",
                hint: "element types: float32, float64, uint8, int8, int16, int32, int64, bool")
        }
    }
    torch.method("print", for: "torch_dtype", [.value("x"), .dots], visible: false) { args in
        args.context.console.write(try dtypeText(args[0]) + "\n")
        return args[0]
    }
    torch.method("as.character", for: "torch_dtype", [.value("x"), .dots]) { args in
        guard case .object(let object) = args[0], let type = object as? DTypeObject else { return .null }
        return .string(type.dtype.torchName)
    }
    torch.method("format", for: "torch_dtype", [.value("x"), .dots]) { args in .string(try dtypeText(args[0])) }
    torch.method("Ops", for: "torch_dtype", [.value("e1"), .value("e2")]) { args in
        guard case .object(let a) = args[0], let first = a as? DTypeObject, case .object(let b) = args[1],
            let second = b as? DTypeObject
        else { return .flag(args.context.methodGeneric?.name == "!=") }
        switch args.context.methodGeneric?.name {
        case "==": return .flag(first.dtype == second.dtype)
        case "!=": return .flag(first.dtype != second.dtype)
        default: throw WorkbenchError(.type, "dtypes can only be compared by == and !=")
        }
    }
    torch.function("is_torch_dtype", [.value("x")], help: "Whether a value is a torch dtype") { args in
        guard case .object(let object) = args[0] else { return false }
        return .flag(object is DTypeObject)
    }
    torch.function(
        "torch_set_default_dtype", [.value("d")], help: "Type of tensors made from R doubles", visible: false
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
    torch.function("torch_get_default_dtype", [], help: "Type of tensors made from R doubles") { args in
        .object(DTypeObject(args.context.tensors.defaultType))
    }
}

private func dtypeText(_ value: Value) throws -> String {
    guard case .object(let object) = value, let type = object as? DTypeObject else { return "" }
    return "torch_" + type.dtype.torchName
}
