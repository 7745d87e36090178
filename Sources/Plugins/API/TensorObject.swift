import Diagnostics
import Tensors

/// A tensor as R sees it: class `torch_tensor`. The object only points at the tensor; two objects of one tensor are
/// `identical()`.
public final class TensorObject: ForeignObject, @unchecked Sendable {
    /// What the tensor is to a module it is assigned to.
    public enum Role: Sendable {
        /// An ordinary field.
        case plain
        /// `nn_parameter()`: learned, listed in `$parameters`.
        case parameter
        /// `nn_buffer()`: kept in the state; saved with it if persistent.
        case buffer(persistent: Bool)
    }

    /// The tensor; nil for an undefined one (a gradient before the first `backward()`).
    public let tensor: Tensor?
    /// What it is to modules.
    public let role: Role

    /// Wraps a tensor.
    public init(_ tensor: Tensor?, role: Role = .plain) {
        self.tensor = tensor
        self.role = role
    }

    /// `torch_tensor`, and `R7` as in R torch.
    public override var classes: [Text] {
        switch role {
        case .plain: return TensorObject.plainClasses
        case .parameter: return TensorObject.parameterClasses
        case .buffer: return TensorObject.bufferClasses
        }
    }

    private static let plainClasses: [Text] = ["torch_tensor", "R7"]
    private static let parameterClasses: [Text] = ["torch_tensor", "nn_parameter", "R7"]
    private static let bufferClasses: [Text] = ["torch_tensor", "nn_buffer", "R7"]

    /// Number of elements.
    public override var length: Int { tensor?.count ?? 0 }

    /// `<torch_tensor>`, or that there is none.
    public override var messageName: String { tensor == nil ? "an undefined tensor" : super.messageName }
}

extension Value {
    /// A tensor for R.
    public static func tensor(_ tensor: Tensor) -> Value { .object(TensorObject(tensor)) }

    /// Tensors for R, in a list.
    public static func tensors(_ tensors: [Tensor]) -> Value { .list(Vector(tensors.map { .tensor($0) })) }

    /// The tensor behind a value, or nil.
    public var asTensor: Tensor? {
        guard case .object(let object) = self else { return nil }
        return (object as? TensorObject)?.tensor
    }

    /// Whether it is a tensor, an undefined one included.
    public var isTensor: Bool {
        guard case .object(let object) = self else { return false }
        return object is TensorObject
    }
}

/// A type of tensor elements as R sees it: `torch_float()`, class `torch_dtype`.
public final class DTypeObject: ForeignObject, @unchecked Sendable {
    /// The type.
    public let dtype: DType

    /// Wraps a type.
    public init(_ dtype: DType) { self.dtype = dtype }

    /// Made from its name.
    public override var savedKind: String? { "torch_dtype" }
    /// The name torch prints.
    public override func savedParts(_ context: Context) throws -> Value { .named([("name", .string(dtype.torchName))]) }

    /// `torch_dtype`.
    public override var classes: [Text] { ["torch_dtype", "R7"] }
}

/// A type of tensor elements that is known by name only: `torch_cfloat()`; there are no tensors of it.
public final class UnavailableDType: ForeignObject, @unchecked Sendable {
    /// The name torch prints, such as "Half".
    public let torchName: String

    /// Names a type.
    public init(_ torchName: String) { self.torchName = torchName }

    /// `torch_dtype`.
    public override var classes: [Text] { ["torch_dtype", "R7"] }

    /// The error of what would make a tensor of it.
    public var error: WorkbenchError {
        WorkbenchError(
            .unsupported, "tensors of type \(torchName) are not supported",
            hint: "element types: float32, float64, float16, bfloat16, uint8, int8, int16, int32, int64, bool")
    }
}

/// What tensors need of a session: the generator of `torch_manual_seed` and the switch of `with_no_grad`.
public final class TensorSession: @unchecked Sendable {
    /// libtorch's CPU generator.
    public let generator: Generator
    /// Whether operations are recorded; bound to the thread that evaluates.
    public let gradMode = GradMode()
    /// Which fast kernels may be used (`options(workbench.winograd = FALSE)`); bound to the thread that evaluates.
    public let kernels = KernelSwitches()
    /// Type of tensors made from doubles (`torch_set_default_dtype`).
    public var defaultType: DType = .float32

    private let drawnSeed: UInt64

    /// The seed that `torch_manual_seed()` was last given; nil if it has not been called.
    public var givenSeed: Int64? {
        generator.initialSeed == drawnSeed ? nil : Int64(bitPattern: generator.initialSeed)
    }

    /// A session with a generator seeded from the system.
    public init() {
        drawnSeed = UInt64.random(in: 0..<(1 << 53))
        generator = Generator(seed: drawnSeed)
    }

    /// What a computation in the background needs: the same settings, and a generator that goes on from the same state.
    init(copying other: TensorSession) throws {
        drawnSeed = other.drawnSeed
        generator = Generator()
        try generator.restore(other.generator.stateBytes)
        defaultType = other.defaultType
        kernels.take(from: other.kernels)
    }
}

extension Context {
    /// Generator and gradient switch of this session.
    public var tensors: TensorSession { background?.tensors ?? storage(TensorSession.self) { TensorSession() } }
}

extension Context {
    /// Runs a body with this session's gradient and kernel switches in force on the calling thread.
    public func withGradMode<Result>(_ body: () throws -> Result) rethrows -> Result {
        try tensors.kernels.bound { try tensors.gradMode.bound(body) }
    }
}

extension Tensor {
    /// `Float [1:2, 1:3]`, as R torch's `str()` and module listings show tensors.
    public var summaryText: String {
        "\(dtype.torchName) [" + shape.map { "1:\($0)" }.joined(separator: ", ") + "]"
    }
}
