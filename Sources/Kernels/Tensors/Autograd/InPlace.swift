import Diagnostics

extension Tensor {
    /// Replaces the elements by an operation's result, recorded like the operation itself.
    ///
    /// `x.inPlace { try $0.relu() }` is `x$relu_()`: the version goes up, a view passes the change on to the tensor it
    /// is a view of, and saved tensors that shared the elements will be missed by `backward`.
    ///
    /// - Parameter operation: Makes the new elements from (an alias of) this tensor; same shape or broadcastable.
    /// - Returns: This tensor.
    /// - Throws: ``WorkbenchError`` of kind `.runtime` for a leaf that requires a gradient, or a view of one, while
    ///   gradients are on; kind `.shape` if the result has another shape.
    @discardableResult
    public func inPlace(_ operation: (Tensor) throws -> Tensor) throws -> Tensor {
        try checkMayChange()
        let before = alias()
        before.recordedNode = node
        before.leafRequiresGrad = leafRequiresGrad
        let result = try operation(before)
        guard result.shape == shape || (try? Tensor.broadcastShape(result.shape, shape)) == shape else {
            throw WorkbenchError(
                .shape,
                "output with shape \(bracketed(shape)) doesn't match the broadcast shape \(bracketed(result.shape))")
        }
        guard result.dtype.category <= dtype.category else {
            throw WorkbenchError(
                .runtime,
                "result type \(result.dtype.torchName) can't be cast to the desired output type \(dtype.torchName)")
        }
        // The source may be a view of these very elements: take them aside first.
        let aside = result.storage === storage ? try result.copied() : result
        try copyElements(from: aside)
        changed(by: result)
        return self
    }

    /// The same where autograd allows it, else a result of its own: of a leaf that requires a gradient, and of elements
    /// from which the operation that made them (or what they are a view of) takes its gradient. There torch throws, in
    /// the second case only at `backward()`.
    public func inPlaceIfAllowed(_ operation: (Tensor) throws -> Tensor) throws -> Tensor {
        guard node != nil || !requiresGrad else { return try operation(self) }
        guard !(node?.keepsOutput(in: storage) ?? false), !(viewBase?.node?.keepsOutput(in: storage) ?? false) else {
            return try operation(self)
        }
        return try inPlace(operation)
    }

    /// Throws if gradients are on and this is a leaf that requires one, or a view of such a leaf.
    func checkMayChange() throws {
        guard GradMode.isEnabled else { return }
        if leafRequiresGrad, node == nil {
            throw WorkbenchError(
                .runtime, "a leaf Variable that requires grad is being used in an in-place operation.",
                hint: "change it inside `with_no_grad({ … })`")
        }
        if let base = viewBase, base.leafRequiresGrad, base.node == nil {
            throw WorkbenchError(
                .runtime, "a view of a leaf Variable that requires grad is being used in an in-place operation.",
                hint: "change it inside `with_no_grad({ … })`")
        }
    }

    /// Notes that the elements were replaced by those of `result` and takes over its history.
    func changed(by result: Tensor) {
        storage.version += 1
        guard GradMode.isEnabled, dtype.isReal else { return }
        guard let base = viewBase else {
            if result.requiresGrad || node != nil { recordedNode = historyOf(result) }
            return
        }
        guard result.requiresGrad || base.requiresGrad else { return }
        let (region, regionStrides, distance, order) = (shape, strides, offset - base.offset, base.strides)
        let source = result.shape
        let replaced = result.requiresGrad
        base.recordedNode = Node(name: "CopySlices", like: base, edges: [base.edge, result.edge], saved: []) { dy, _ in
            let whole = try dy.copied(strides: order)
            let part = whole.alias(shape: region, strides: regionStrides, offset: distance)
            let forResult = replaced ? try part.copied().reduced(to: source) : nil
            part.clear()
            return [whole, forResult]
        }
        base.generation += 1
        regenerateView(of: base)
    }

    /// An edge-preserving node for elements that now are those of `result` (possibly broadcast or converted).
    private func historyOf(_ result: Tensor) -> Node? {
        if result.shape == shape, result.dtype == dtype, let node = result.node { return node }
        let source = result.shape
        return Node(name: "CopyBackwards", like: self, edges: [result.edge], saved: []) { dy, _ in
            [try dy.reduced(to: source)]
        }
    }

    /// Gives a view its history anew after that of its base was rewritten: the same stretch of the base.
    func regenerateView(of base: Tensor) {
        viewGeneration = base.generation
        guard base.requiresGrad else {
            recordedNode = nil
            return
        }
        let (region, regionStrides, distance) = (shape, strides, offset - base.offset)
        let (whole, order) = (base.shape, base.strides)
        recordedNode = Node(name: "AsStridedBackward0", like: self, edges: [base.edge], saved: []) { dy, _ in
            let result = try Tensor.empty(whole, dy.dtype, strides: order)
            result.clear()
            try result.alias(shape: region, strides: regionStrides, offset: distance).copyElements(from: dy)
            return [result]
        }
    }

    /// Copies another tensor's elements into this one, broadcasting and converting.
    ///
    /// - Gradient: with respect to `source`.
    @discardableResult
    public func copy_(_ source: Tensor) throws -> Tensor {
        try checkMayChange()
        let wide = try source.broadcastAlias(to: shape)
        try copyElements(from: source.storage === storage ? try wide.copied() : source)
        changed(by: source)
        return self
    }

    /// Sets every element to a number.
    @discardableResult
    public func fill_(_ value: Scalar) throws -> Tensor {
        try checkMayChange()
        fillElements(value)
        changed(by: detached())
        return self
    }

    /// Sets every element to 0.
    @discardableResult
    public func zero_() throws -> Tensor { try fill_(.int(0)) }

    /// Makes this tensor one with another's storage, shape and type, keeping its identity as a parameter.
    public func setData(_ other: Tensor) {
        storage = other.storage
        shape = other.shape
        strides = other.strides
        offset = other.offset
        dtype = other.dtype
    }
}
