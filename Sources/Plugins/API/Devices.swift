import Diagnostics

/// Accepts what names the CPU, the one device there is: `"cpu"`, `torch_device("cpu")`, nothing.
/// - Throws: `.unsupported` for any other device, `.type` for what is no device.
public func checkDevice(_ value: Value) throws {
    switch value {
    case .missing, .null: return
    case .object where value.inherits("torch_device"): return
    case .character(let text) where text.count == 1 && text[0].map({ $0 == "cpu" || $0.hasPrefix("cpu:") }) ?? false:
        return
    case .character(let text):
        throw WorkbenchError(
            .unsupported, "there is no device \"\(text.elements.first??.string ?? "NA")\" here",
            hint: "the workbench computes on \"cpu\"")
    default: throw WorkbenchError(.type, "a device is a string or torch_device(), such as \"cpu\"")
    }
}
