import Diagnostics

extension Tensor {
    /// The result of a differentiable operation: its value and how a gradient passes through it.
    ///
    /// Recorded only if gradients are on, the value is of a floating type and some input needs a gradient; else the
    /// pullback, and all it holds, is dropped at once. Pullbacks written with tensor operations can themselves be
    /// differentiated (`createGraph`). A pullback must not hold the result itself; use the form with `dy, y` for that.
    ///
    /// - Parameters:
    ///   - op: torch's name of the gradient, "ReluBackward0".
    ///   - value: The value; its storage is shared.
    ///   - inputs: The tensors it was computed from.
    ///   - saved: Those whose elements the pullback looks at: changing one in place afterwards makes `backward` throw.
    ///   - view: The input whose storage the value shares, for an operation that makes a view.
    ///   - pullback: From the gradient of the value to that of each input, nil where none is needed.
    public convenience init(
        op: String, _ value: Tensor, from inputs: [Tensor], saving saved: [Tensor] = [], viewOf view: Tensor? = nil,
        pullback: @escaping (_ dy: Tensor) throws -> [Tensor?]
    ) {
        self.init(op: op, value, from: inputs, saving: saved, viewOf: view, keepsOutput: false) { dy, _ in
            try pullback(dy)
        }
    }

    /// The same for an operation whose pullback uses the value: it gets the gradient and the value.
    public convenience init(
        op: String, _ value: Tensor, from inputs: [Tensor], saving saved: [Tensor] = [],
        pullbackOfOutput pullback: @escaping (_ dy: Tensor, _ y: Tensor) throws -> [Tensor?]
    ) {
        self.init(op: op, value, from: inputs, saving: saved, viewOf: nil, keepsOutput: true) { dy, y in
            guard let y else { throw WorkbenchError(.fault, "\(op) lost its output") }
            return try pullback(dy, y)
        }
    }

    private convenience init(
        op: String, _ value: Tensor, from inputs: [Tensor], saving saved: [Tensor], viewOf view: Tensor?,
        keepsOutput: Bool, pullback: @escaping (Tensor, Tensor?) throws -> [Tensor?]
    ) {
        self.init(
            storage: value.storage, shape: value.shape, strides: value.strides, offset: value.offset,
            dtype: value.dtype)
        if let view {
            let base = view.viewBase ?? view
            viewBase = base
            viewGeneration = base.generation
        }
        guard value.dtype.isReal, inputs.contains(where: { $0.requiresGrad }), GradMode.isEnabled else { return }
        var versions: [Node.Saved] = []
        for tensor in saved {
            versions.append(Node.Saved(storage: tensor.storage, version: tensor.storage.version, text: tensor.typeText))
        }
        if keepsOutput {
            versions.append(Node.Saved(storage: storage, version: storage.version, text: typeText))
        }
        recordedNode = Node(
            name: op, like: value, edges: inputs.map(\.edge), saved: versions,
            output: keepsOutput ? value.alias() : nil, pullback: pullback)
    }

    /// Whether gradients are to be computed for it: a leaf that asks, or the result of recorded operations.
    public var requiresGrad: Bool { leafRequiresGrad || node != nil }

    /// Whether no recorded operation made it.
    public var isLeaf: Bool { node == nil }

    /// The operation that made it, if recorded.
    public var node: Node? {
        if let base = viewBase, viewGeneration != base.generation { regenerateView(of: base) }
        return recordedNode
    }

    /// Where its gradient goes.
    var edge: Node.Edge {
        if let node { return .node(node) }
        return leafRequiresGrad ? .leaf(self) : .none
    }

    /// Sets whether gradients are wanted, and returns the tensor.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.runtime` for a type without gradients, or for taking the wish back from
    ///   the result of an operation.
    @discardableResult
    public func requiresGrad_(_ wanted: Bool = true) throws -> Tensor {
        guard !wanted || dtype.isReal else {
            throw WorkbenchError(
                .runtime, "only Tensors of floating point dtype can require gradients, not \(dtype.torchName)",
                hint: "convert it first, for example with `$to(dtype = torch_float())`")
        }
        guard wanted || node == nil else {
            throw WorkbenchError(
                .runtime,
                "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in "
                    + "a subgraph that doesn't require differentiation use `$detach()`")
        }
        if node == nil { leafRequiresGrad = wanted }
        return self
    }

    /// The same elements without their history.
    public func detached() -> Tensor { alias() }

    /// The same elements with a given history (a saved output when its pullback is recorded).
    func attached(to node: Node) -> Tensor {
        let result = alias()
        result.recordedNode = node
        return result
    }

    /// Keeps the gradient of a non-leaf at `backward()`.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.runtime` if it requires none.
    public func retainGrad() throws {
        guard requiresGrad else {
            throw WorkbenchError(.runtime, "can't retain_grad on Tensor that has requires_grad = FALSE")
        }
        node?.retained = self
    }

    /// Calls `body` with each gradient of this tensor; what it returns, if anything, is used instead.
    ///
    /// - Returns: A number for ``removeHook(_:)``.
    /// - Throws: ``WorkbenchError`` of kind `.runtime` if it requires none.
    @discardableResult
    public func registerHook(_ body: @escaping (Tensor) throws -> Tensor?) throws -> Int {
        guard requiresGrad else {
            throw WorkbenchError(.runtime, "cannot register a hook on a tensor that doesn't require gradient")
        }
        if let node {
            let id = (node.hooks.last?.id ?? 0) + 1
            node.hooks.append((id, body))
            return id
        }
        let id = (leafHooks.last?.id ?? 0) + 1
        leafHooks.append((id, body))
        return id
    }

    /// Whether ``registerHook(_:)`` has added functions that are still there.
    package var hasHooks: Bool { !leafHooks.isEmpty || !(node?.hooks.isEmpty ?? true) }

    /// Removes a hook.
    public func removeHook(_ id: Int) {
        leafHooks.removeAll { $0.id == id }
        node?.hooks.removeAll { $0.id == id }
    }
}
