import Diagnostics
import PluginAPI

/// `torch_device()` and questions about hardware that is not there.
func registerDevices(_ torch: Namespace) {
    torch.function(
        "torch_device", [.value("type"), .value("index", nil)],
        help: "A device: tensors can be on \"cpu\" only; others can be compared with it"
    ) { args in
        let word = try args.string("type")
        let parts = word.split(separator: ":", maxSplits: 1).map(String.init)
        var index = try args.optionalInt("index")
        guard let kind = parts.first, DeviceObject.kinds.contains(kind) else { throw missingDevice(word) }
        if parts.count == 2 {
            guard let number = Int(parts[1]), number >= 0, index == nil else { throw missingDevice(word) }
            index = number
        }
        return .object(DeviceObject(kind, index: index))
    }
    func device(_ value: Value) -> DeviceObject {
        guard case .object(let object) = value, let device = object as? DeviceObject else {
            return DeviceObject("cpu")
        }
        return device
    }
    torch.method("print", for: "torch_device", [.value("x"), .dots], visible: false) { args in
        let device = device(args[0])
        let index = device.index.map { ", index=\($0)" } ?? ""
        args.context.console.write("torch_device(type='\(device.kind)'\(index)) \n")
        return args[0]
    }
    torch.method("$", for: "torch_device", [.value("x"), .value("name")]) { args in
        switch try args.string("name") {
        case "type": return .string(device(args[0]).kind)
        case "index": return device(args[0]).index.map { .int($0) } ?? .null
        case let name: throw WorkbenchError(.name, "a torch_device has no field `\(name)`", hint: "type, index")
        }
    }
    torch.members(of: "torch_device") { _, _ in
        [Completion("type", kind: "field"), Completion("index", kind: "field")]
    }
    torch.method("as.character", for: "torch_device", [.value("x"), .dots]) { args in
        .string(device(args[0]).text)
    }
    torch.method("Ops", for: "torch_device", [.value("e1"), .value("e2")]) { args in
        func name(_ value: Value) -> String? {
            if case .object(let object) = value { return (object as? DeviceObject)?.text }
            if case .character(let text) = value { return text.elements.first??.string }
            return nil
        }
        let same = name(args[0]) != nil && name(args[0]) == name(args[1])
        switch args.context.methodGeneric?.name {
        case "==": return .flag(same)
        case "!=": return .flag(!same)
        default: throw WorkbenchError(.type, "devices can only be compared by == and !=")
        }
    }
    torch.function("is_torch_device", [.value("x")], help: "Whether a value is a torch device") { args in
        guard case .object(let object) = args[0] else { return false }
        return .flag(object is DeviceObject)
    }
    for name in [
        "cuda_is_available", "backends_mps_is_available", "backends_cudnn_is_available", "backends_mkl_is_available",
        "backends_mkldnn_is_available",
    ] {
        torch.function(name, [], help: "Whether the hardware or library is there: never") { _ in false }
    }
    torch.function("backends_openmp_is_available", [], help: "Whether computations use several threads") { _ in true }
    torch.function("cuda_device_count", [], help: "Number of CUDA devices: none") { _ in .int(0) }
    torch.function("torch_is_installed", [], help: "Whether tensors can be computed with: always") { _ in true }
    for name in ["cuda_synchronize", "cuda_empty_cache"] {
        torch.function(name, [.dots], help: "Does nothing: there is no CUDA", visible: false) { _ in .null }
    }
    torch.function(
        "with_device", [.promise("code"), .dots, .value("device")], help: "Runs code; the device is the CPU"
    ) {
        args in
        try checkDevice(args["device"])
        return try args.forced("code")
    }
    torch.function("local_device", [.value("device"), .dots], help: "The device is the CPU", visible: false) { args in
        try checkDevice(args["device"])
        return .null
    }
}
