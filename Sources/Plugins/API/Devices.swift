import Diagnostics

/// A device as R sees it: `torch_device("cpu")`. The CPU is the one there is; objects of the others can be made and
/// compared, as portable scripts do.
public final class DeviceObject: ForeignObject, @unchecked Sendable {
    /// "cpu", "cuda", "mps" or "meta".
    public let kind: String
    /// Number among those of its kind, if given.
    public let index: Int?

    /// Wraps a name of ``kinds``.
    public init(_ kind: String, index: Int? = nil) {
        self.kind = kind
        self.index = index
    }

    /// Devices that R torch knows and scripts ask for.
    public static let kinds = ["cpu", "cuda", "mps", "meta"]

    /// "cuda:0".
    public var text: String { kind + (index.map { ":\($0)" } ?? "") }

    /// `torch_device`.
    public override var classes: [Text] { ["torch_device", "R7"] }

    /// Made from its name.
    public override var savedKind: String? { "torch_device" }
    /// Kind and number.
    public override func savedParts(_ context: Context) throws -> Value {
        .named([("kind", .string(kind)), ("index", index.map { .int($0) } ?? .null)])
    }
}

/// Accepts what names the CPU, the one device there is: `"cpu"`, `torch_device("cpu")`, nothing.
/// - Throws: `.unsupported` for any other device, `.type` for what is no device.
public func checkDevice(_ value: Value) throws {
    switch value {
    case .missing, .null: return
    case .object(let object) where object is DeviceObject:
        guard let device = object as? DeviceObject, device.kind != "cpu" else { return }
        throw missingDevice(device.text)
    case .character(let text) where text.count == 1 && text[0].map({ $0 == "cpu" || $0.hasPrefix("cpu:") }) ?? false:
        return
    case .character(let text): throw missingDevice(text.elements.first??.string ?? "NA")
    default: throw WorkbenchError(.type, "a device is a string or torch_device(), such as \"cpu\"")
    }
}

/// The error of a device that is not here.
public func missingDevice(_ name: String) -> WorkbenchError {
    WorkbenchError(
        .unsupported, "there is no device \"\(name)\" here", hint: "the workbench computes on \"cpu\"")
}
