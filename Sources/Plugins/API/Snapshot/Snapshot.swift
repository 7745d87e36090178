import Diagnostics
import Tensors

/// A graph of R values as data: nodes, environments, objects and tensors, each once. What `save_session()` and its kin
/// write to a file.
///
/// # The description
/// `nodes` is a list; each node is an array whose first element says what it is, and refers to others by number. A node
/// only refers to nodes before it, so that they can be made one after the other; environments (`environments`) and states
/// of objects (`states`) are filled afterwards, which is how cycles close. Vectors with many elements lie in tensors of
/// their own. `sources` holds the texts that functions were written in.
///
/// | node | elements |
/// |---|---|
/// | `null`, `missing` | |
/// | `lgl` `int` `dbl` `cplx` `chr` `raw` | elements, attributes |
/// | `big` | one of these names, tensor's name (`chr`: lengths), tensor of bytes (`chr`), attributes |
/// | `list`, `expr` | nodes, attributes |
/// | `sym` | name |
/// | `call` | function, nodes, names, attributes, place |
/// | `closure` | names of parameters, defaults, body, environment, attributes, place |
/// | `env` | number of the environment |
/// | `promise` | expression, environment or −1, value or −1, is a default |
/// | `dots` | nodes, names |
/// | `active` | function |
/// | `fun` | how to find a function of Swift (``FunctionPlace``) |
/// | `tensor` | number of the tensor or −1, role, attributes |
/// | `ns` | namespace, name: an object that a plug-in registered |
/// | `made` | number of the object, maker, values, dots, their names, attributes |
/// | `kind` | number of the object, kind, parts, attributes |
/// | `bound` | function or −1, node of the object, name of the method |
/// | `gone` | why it was not saved |
public struct Snapshot {
    /// Nodes, environments, states of objects, tensors, sources.
    public var description: JSON
    /// The tensors, by the names that the description uses.
    public var tensors: [(name: String, tensor: Tensor)]
    /// What could not be saved: where it was found, and why.
    public var skipped: [(path: String, reason: String)]

    /// Keeps the parts.
    public init(
        description: JSON, tensors: [(name: String, tensor: Tensor)], skipped: [(path: String, reason: String)] = []
    ) {
        self.description = description
        self.tensors = tensors
        self.skipped = skipped
    }

    /// Vectors with more elements than this lie in a tensor.
    static let mostInline = 64
    /// Texts with more bytes than this lie in a tensor.
    static let mostTextInline = 1 << 16
    /// Lists inside each other, at most.
    static let mostDepth = 20_000
}

extension Double {
    /// As JSON keeps it without loss: numbers that JSON cannot say are texts.
    var snapshotJSON: JSON {
        if isNA { return .string("NA") }
        if isNaN {
            return bitPattern == Double.nan.bitPattern ? .string("NaN") : .string("0x" + String(bitPattern, radix: 16))
        }
        if isInfinite { return .string(self > 0 ? "Inf" : "-Inf") }
        if self == 0, sign == .minus { return .string("-0") }
        return .number(self)
    }

    /// Reads ``snapshotJSON``.
    init?(snapshotJSON json: JSON) {
        switch json {
        case .number(let number): self = number
        case .string("NA"): self = .na
        case .string("NaN"): self = .nan
        case .string("Inf"): self = .infinity
        case .string("-Inf"): self = -.infinity
        case .string("-0"): self = -0.0
        case .string(let text) where text.hasPrefix("0x"):
            guard let bits = UInt64(text.dropFirst(2), radix: 16) else { return nil }
            self = Double(bitPattern: bits)
        default: return nil
        }
    }
}
