import Diagnostics

/// One pass of gradients from some outputs back to the leaves or to chosen tensors.
private struct BackwardPass {
    let retainGraph: Bool
    let createGraph: Bool
    /// Tensors whose gradients are returned instead of accumulated; nil for all leaves.
    let targets: [Tensor]?
    /// Whether the thread asked for it, see ``GradMode/detectsAnomalies``.
    private let detectsAnomalies = GradMode.current?.detectsAnomalies ?? false
    var captured: [ObjectIdentifier: Tensor] = [:]
    private var pending: [ObjectIdentifier: (gradient: Tensor, owned: Bool)] = [:]

    init(retainGraph: Bool, createGraph: Bool, targets: [Tensor]?) {
        self.retainGraph = retainGraph
        self.createGraph = createGraph
        self.targets = targets
    }

    /// Key under which a tensor's gradient is captured: its node, or itself if it is a leaf.
    static func key(_ tensor: Tensor) -> ObjectIdentifier {
        if let node = tensor.node { ObjectIdentifier(node) } else { ObjectIdentifier(tensor) }
    }

    mutating func run(_ roots: [(tensor: Tensor, gradient: Tensor)]) throws {
        // Every node depends only on nodes with smaller numbers: descending order is an order of execution.
        var nodes: [Node] = []
        var seen: Set<ObjectIdentifier> = []
        var stack = roots.compactMap { $0.tensor.node }
        while let node = stack.popLast() {
            guard seen.insert(ObjectIdentifier(node)).inserted else { continue }
            nodes.append(node)
            for case .node(let next) in node.edges where !seen.contains(ObjectIdentifier(next)) { stack.append(next) }
        }
        nodes.sort { $0.sequence < $1.sequence }
        let wanted = targets.map { Set($0.map(BackwardPass.key)) }
        var needed: Set<ObjectIdentifier> = []
        if let wanted {
            for node in nodes {
                let leads = node.edges.contains {
                    switch $0 {
                    case .node(let next):
                        wanted.contains(ObjectIdentifier(next)) || needed.contains(ObjectIdentifier(next))
                    case .leaf(let leaf): wanted.contains(ObjectIdentifier(leaf))
                    case .none: false
                    }
                }
                if leads { needed.insert(ObjectIdentifier(node)) }
            }
        }
        for root in roots { try send(root.gradient, along: root.tensor.edge, wanted: wanted) }
        while let node = nodes.popLast() {
            let id = ObjectIdentifier(node)
            guard let arrived = pending.removeValue(forKey: id) else { continue }
            var gradient = arrived.gradient
            for hook in node.hooks { gradient = try hooked(gradient, by: hook.body) }
            node.retained?.grad = createGraph ? gradient : gradient.detached()
            if let wanted, wanted.contains(id) { captured[id] = gradient }
            if wanted != nil, !needed.contains(id) { continue }
            do {
                try pass(gradient, through: node, wanted: wanted)
            } catch let error as WorkbenchError {
                guard let owner = node.owner, !error.trail.contains(owner) else { throw error }
                throw error.passing(owner)
            }
        }
    }

    private mutating func pass(_ gradient: Tensor, through node: Node, wanted: Set<ObjectIdentifier>?) throws {
        let edges = node.edges
        let gradients = try node.gradients(from: gradient)
        guard gradients.count == edges.count else {
            throw WorkbenchError(
                .runtime,
                "function \(node.name) returned an incorrect number of gradients (expected \(edges.count), got "
                    + "\(gradients.count))")
        }
        if detectsAnomalies {
            for (place, gradient) in gradients.enumerated() {
                guard let gradient, gradient.dtype.isFloating, try gradient.isnan().any().item().isTrue else {
                    continue
                }
                throw WorkbenchError(
                    .value, "Function '\(node.name)' returned nan values in its \(place)th output.",
                    hint: "look at what the operation was given in forward: sqrt, log and / have no slope at 0")
            }
        }
        if !retainGraph { node.releaseSaved() }
        for (edge, gradient) in zip(edges, gradients) {
            if let gradient { try send(gradient, along: edge, wanted: wanted) }
        }
    }

    private mutating func send(_ gradient: Tensor, along edge: Node.Edge, wanted: Set<ObjectIdentifier>?) throws {
        switch edge {
        case .none: return
        case .node(let node):
            let gradient = try fitted(gradient, shape: node.shape, dtype: node.dtype, name: node.name)
            try add(gradient, under: ObjectIdentifier(node))
        case .leaf(let leaf):
            var gradient = try fitted(gradient, shape: leaf.shape, dtype: leaf.dtype, name: "AccumulateGrad")
            if let wanted {
                guard wanted.contains(ObjectIdentifier(leaf)) else { return }
                for hook in leaf.leafHooks { gradient = try hooked(gradient, by: hook.body) }
                if let before = captured[ObjectIdentifier(leaf)] { gradient = try before.add(gradient) }
                captured[ObjectIdentifier(leaf)] = gradient
                return
            }
            for hook in leaf.leafHooks { gradient = try hooked(gradient, by: hook.body) }
            if let grad = leaf.grad {
                if createGraph {
                    leaf.grad = try grad.add(gradient)
                } else {
                    try grad.addElements(gradient)
                }
            } else if createGraph {
                leaf.grad = gradient
            } else {
                leaf.grad = try gradient.copied(strides: leaf.isDense ? leaf.strides : nil)
            }
        }
    }

    /// What a hook makes of a gradient.
    private func hooked(_ gradient: Tensor, by hook: (Tensor) throws -> Tensor?) throws -> Tensor {
        guard let changed = try hook(gradient) else { return gradient }
        guard changed.shape == gradient.shape else {
            throw WorkbenchError(
                .shape,
                "a hook has changed the size of the gradient: from \(bracketed(gradient.shape)) to "
                    + bracketed(changed.shape),
                hint: "what the function of $register_hook() returns takes the gradient's place")
        }
        return changed
    }

    private mutating func add(_ gradient: Tensor, under id: ObjectIdentifier) throws {
        guard let before = pending[id] else {
            pending[id] = (gradient, false)
            return
        }
        if before.owned, !createGraph {
            try before.gradient.addElements(gradient)
        } else {
            pending[id] = (try before.gradient.add(gradient), true)
        }
    }

    private func fitted(_ gradient: Tensor, shape: [Int], dtype: DType, name: String) throws -> Tensor {
        var gradient = gradient
        if gradient.shape != shape {
            guard (try? Tensor.broadcastShape(gradient.shape, shape)) == gradient.shape else {
                throw WorkbenchError(
                    .shape,
                    "function \(name) got an invalid gradient - got \(bracketed(gradient.shape)) but expected shape "
                        + "compatible with \(bracketed(shape))")
            }
            gradient = try gradient.reduced(to: shape)
        }
        return gradient.dtype == dtype ? gradient : try gradient.to(dtype)
    }
}

extension Tensor {
    /// Computes the gradients of this tensor with respect to the leaves it came from, adding them to their `grad`.
    ///
    /// - Parameters:
    ///   - gradient: Gradient of this tensor, of its shape; 1 if nil and it has one element.
    ///   - retainGraph: Keeps the saved tensors, so that it can be called again; as `createGraph` if nil.
    ///   - createGraph: Records the pass itself, for derivatives of derivatives.
    /// - Throws: ``WorkbenchError`` of kind `.runtime`: no gradient required, not a single number, passed before,
    ///   saved tensors changed in place.
    public func backward(gradient: Tensor? = nil, retainGraph: Bool? = nil, createGraph: Bool = false) throws {
        guard requiresGrad else {
            throw WorkbenchError(
                .runtime, "element 0 of tensors does not require grad and does not have a grad_fn",
                hint: "create a leaf with `requires_grad = TRUE`, or compute outside `with_no_grad()`")
        }
        let seed = try rootGradient(gradient)
        var pass = BackwardPass(retainGraph: retainGraph ?? createGraph, createGraph: createGraph, targets: nil)
        try GradMode(recordingPass: createGraph, releasesSaved: !pass.retainGraph).bound {
            try pass.run([(self, seed)])
        }
    }

    /// Gradients of outputs with respect to inputs, returned instead of accumulated.
    ///
    /// - Parameters:
    ///   - outputs: The tensors to differentiate.
    ///   - inputs: The tensors to differentiate by; leaves or results.
    ///   - gradOutputs: Gradient of each output, or nil for 1 (one element).
    ///   - retainGraph: Keeps the saved tensors; as `createGraph` if nil.
    ///   - createGraph: Records the pass.
    ///   - allowUnused: Returns nil for an input the outputs do not depend on, instead of throwing.
    /// - Returns: A gradient for each input.
    /// - Throws: ``WorkbenchError`` of kind `.runtime`.
    public static func gradients(
        of outputs: [Tensor], with inputs: [Tensor], gradOutputs: [Tensor?] = [], retainGraph: Bool? = nil,
        createGraph: Bool = false, allowUnused: Bool = false
    ) throws -> [Tensor?] {
        var roots: [(tensor: Tensor, gradient: Tensor)] = []
        for (i, output) in outputs.enumerated() {
            guard output.requiresGrad else {
                throw WorkbenchError(
                    .runtime, "element \(i) of tensors does not require grad and does not have a grad_fn")
            }
            roots.append((output, try output.rootGradient(i < gradOutputs.count ? gradOutputs[i] : nil)))
        }
        for input in inputs where !input.requiresGrad {
            throw WorkbenchError(.runtime, "One of the differentiated Tensors does not require grad")
        }
        var pass = BackwardPass(retainGraph: retainGraph ?? createGraph, createGraph: createGraph, targets: inputs)
        try GradMode(recordingPass: createGraph, releasesSaved: !pass.retainGraph).bound { try pass.run(roots) }
        return try inputs.map { input in
            let found = pass.captured[BackwardPass.key(input)]
            guard found != nil || allowUnused else {
                throw WorkbenchError(
                    .runtime, "One of the differentiated Tensors appears to not have been used in the graph",
                    hint: "set allow_unused = TRUE if this is the desired behavior")
            }
            return found
        }
    }

    private func rootGradient(_ gradient: Tensor?) throws -> Tensor {
        guard let gradient else {
            guard count == 1 else {
                throw WorkbenchError(
                    .runtime, "grad can be implicitly created only for scalar outputs",
                    hint: "the tensor has shape \(bracketed(shape)): sum or average it first, or give `gradient`")
            }
            return try onesLike()
        }
        guard gradient.shape == shape else {
            throw WorkbenchError(
                .shape,
                "Mismatch in shape: grad_output has a shape of \(bracketed(gradient.shape)) and output has a shape of "
                    + bracketed(shape))
        }
        return gradient
    }

    /// Adds elements in place, unrecorded and without a new version: for gradients only autograd knows.
    func addElements(_ other: Tensor) throws {
        try withoutGradients { _ = try Tensor.elementwise(.add, self, other, into: self) }
    }

    /// A copy with its own storage, in a given dense order in memory.
    func copied(strides wanted: [Int]? = nil) throws -> Tensor {
        let result = try Tensor.empty(shape, dtype, strides: wanted ?? contiguousStrides(shape))
        try result.copyElements(from: self)
        return result
    }
}
