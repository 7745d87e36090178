import CKernels
import Diagnostics

/// One recorded operation: the tensors it came from and how a gradient passes through it.
public final class Node: @unchecked Sendable {
    /// Where a gradient goes: to the operation that made an input, to a leaf's `grad`, or nowhere.
    enum Edge {
        case node(Node)
        case leaf(Tensor)
        case none
    }

    /// A tensor the pullback looks at, and the version it had.
    struct Saved {
        let storage: Storage
        let version: Int
        let text: String
    }

    /// torch's name of the operation's gradient: "ReluBackward0".
    public let name: String
    /// Larger than that of every operation it depends on.
    let sequence: UInt64
    /// Type and shape of the output.
    let dtype: DType
    let shape: [Int]
    private(set) var edges: [Edge]
    private var pullback: ((Tensor, Tensor?) throws -> [Tensor?])?
    private var saved: [Saved]
    private var output: Tensor?
    /// Whether the gradient is taken from an output that stands there.
    func keepsOutput(in storage: Storage) -> Bool { output?.storage === storage }
    /// Called with the gradient of the output before it passes; may return another.
    var hooks: [(id: Int, body: (Tensor) throws -> Tensor?)] = []
    /// The output, if its gradient is to be kept.
    weak var retained: Tensor?
    /// Whose operation it is, for errors of a backward pass.
    private(set) var owner: String?

    init(
        name: String, like value: Tensor, edges: [Edge], saved: [Saved], output: Tensor? = nil,
        pullback: @escaping (Tensor, Tensor?) throws -> [Tensor?]
    ) {
        self.name = name
        sequence = kernel_next_sequence()
        dtype = value.dtype
        shape = value.shape
        self.edges = edges
        self.saved = saved
        self.output = output
        self.pullback = pullback
    }

    /// The operations that made the inputs, as far as they are recorded.
    public var inputs: [Node] {
        edges.compactMap { if case .node(let node) = $0 { node } else { nil } }
    }

    /// A number behind those of all operations so far.
    package static func now() -> UInt64 { kernel_next_sequence() }

    /// Says whose operations this one and those before it are, back to a number that ``now()`` gave; those that have an
    /// owner keep it.
    package func claim(since start: UInt64, for owner: String) {
        var waiting = [self]
        while let node = waiting.popLast() {
            guard node.sequence > start, node.owner == nil else { continue }
            node.owner = owner
            waiting += node.inputs
        }
    }

    /// Gradients of the inputs from the gradient of the output.
    func gradients(from dy: Tensor) throws -> [Tensor?] {
        guard let pullback else {
            throw WorkbenchError(
                .runtime,
                "Trying to backward through the graph a second time (or directly access saved tensors after they have "
                    + "already been freed).",
                hint: "call `$backward(retain_graph = TRUE)` the first time")
        }
        for item in saved where item.storage.version != item.version {
            throw WorkbenchError(
                .runtime,
                "one of the variables needed for gradient computation has been modified by an inplace operation: "
                    + "[\(item.text)], needed by \(name), is at version \(item.storage.version); expected version "
                    + "\(item.version) instead",
                hint: "use the function without `_` at its end for the change that came after")
        }
        // Whoever else holds a saved tensor keeps the pullback from overwriting it; this list must not.
        if GradMode.releasesSaved { saved = [] }
        var y = output
        if let output, GradMode.isEnabled { y = output.attached(to: self) }
        return try pullback(dy, y)
    }

    /// Lets go of the saved tensors; the node cannot be run again.
    func releaseSaved() {
        Graveyard.bury { waiting in
            if let pullback { waiting.append(pullback) }
            if let output { waiting.append(output) }
            pullback = nil
            output = nil
            saved = []
        }
    }

    // A long chain of nodes would release itself recursively and overflow the stack: each node hands what it holds to
    // a list that is emptied one by one.
    deinit {
        Graveyard.bury { waiting in
            waiting.append(edges)
            if let pullback { waiting.append(pullback) }
            if let output { waiting.append(output) }
            edges = []
            pullback = nil
            output = nil
        }
    }
}

/// Things waiting for their release, on the calling thread.
private final class Graveyard {
    private var waiting: [Any] = []
    private static let slot: Int32 = 1

    /// Lets `fill` put things on the list; the outermost call empties it when `fill` has let go of them.
    static func bury(_ fill: (inout [Any]) -> Void) {
        if let pointer = kernel_thread_slot_get(slot) {
            fill(&Unmanaged<Graveyard>.fromOpaque(pointer).takeUnretainedValue().waiting)
            return
        }
        let graveyard = Graveyard()
        kernel_thread_slot_set(slot, Unmanaged.passUnretained(graveyard).toOpaque())
        var first: [Any] = []
        fill(&first)
        graveyard.waiting += first
        first = []
        while true {
            let next = graveyard.waiting.popLast()
            if next == nil { break }
        }
        kernel_thread_slot_set(slot, nil)
    }
}
