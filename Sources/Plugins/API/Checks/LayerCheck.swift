import Diagnostics
import Tensors

extension Checks {
    /// Checks a layer, written in Swift or R, on a batch.
    ///
    /// The output must be one finite tensor whose first size is the batch's, and whose other sizes do not depend on the
    /// batch's; in evaluation mode it must be the same twice; the input must stay as it is; gradients of the input and
    /// of every parameter must agree with differences; a deep copy must compute with tensors of its own.
    /// - Parameters:
    ///   - layer: A module of one tensor; it is as before afterwards, with its modes, buffers and fields.
    ///   - input: Two items or more.
    ///   - subject: What errors and the report call it; its class if nil.
    /// - Throws: an error of kind `.plugin` for the first thing that is wrong.
    @discardableResult
    public func layer(_ layer: Module, input: Tensor, as subject: String? = nil) throws -> Report {
        let subject = subject ?? layer.classNames.first ?? "nn_module"
        let before = ModuleState(layer)
        defer { before.restore(context) }
        return try running(subject) {
            let shape = try checkShapes(layer, input, subject)
            let count = try checkGradients(layer, input, subject)
            try checkCopy(layer, input, subject)
            let parameters = "\(count) parameter\(count == 1 ? "" : "s")"
            return Report(
                subject: subject,
                facts: [
                    "input \(text(input.shape)), output \(text(shape))",
                    "the same twice in evaluation mode, and of a copy",
                    "gradients of \(input.dtype.isFloating ? "the input and " : "")\(parameters) agree with differences",
                ])
        }
    }

    /// Checks a layer on the first shape of those usual that it takes: features, images, sequences.
    /// - Returns: nil if it takes none of them.
    /// - Throws: an error of kind `.plugin` for the first thing that is wrong.
    public func layer(_ layer: Module, as subject: String) throws -> Report? {
        let before = ModuleState(layer)
        for shape in Checks.usualShapes {
            let x = try running(subject) { try context.tensors.generator.randn(shape) }
            note("\(subject): forward with an input \(text(shape))")
            let taken = try attempt(subject) { try output(of: layer, x, subject) }
            before.restore(context)
            if case .success = taken { return try self.layer(layer, input: x, as: subject) }
        }
        return nil
    }

    private static let usualShapes = [[2, 8], [2, 8, 6, 6], [2, 8, 6], [2, 6, 8], [2, 3, 16, 16], [2, 3]]

    // MARK: Shapes

    /// - Returns: Shape of the output.
    private func checkShapes(_ layer: Module, _ input: Tensor, _ subject: String) throws -> [Int] {
        guard let batch = input.shape.first, batch >= 2 else {
            throw fail(
                subject, "the check needs a batch of two items or more, not an input of shape \(text(input.shape))")
        }
        let before = input.doubles
        layer.train(true)
        let output = try output(of: layer, input, subject)
        guard output.shape.first == batch else {
            throw fail(
                subject,
                "the output of a batch of \(batch) has shape \(text(output.shape)): its first size must be \(batch)",
                hint: "sum, mean and reshape over all but the first dimension")
        }
        if output.doubles.contains(where: { !$0.isFinite }) {
            throw fail(subject, "the output has elements that are not finite for an input around 0")
        }
        guard input.doubles == before else {
            throw fail(subject, "forward changes its input in place", hint: "x$add_(1) changes x, x$add(1) does not")
        }
        let larger = try Tensor.cat([input, input.narrow(0, from: 0, length: 1)], 0)
        let other = try self.output(of: layer, larger, subject)
        guard Array(other.shape.dropFirst()) == Array(output.shape.dropFirst()), other.shape.first == batch + 1 else {
            throw fail(
                subject,
                "the output has shape \(text(output.shape)) for a batch of \(batch) and \(text(other.shape)) for \(batch + 1)"
            )
        }
        layer.train(false)
        let once = try self.output(of: layer, input, subject)
        context.tensors.generator.seed(Checks.seed + 1)
        let twice = try self.output(of: layer, input, subject, seeded: false)
        guard once.doubles == twice.doubles else {
            throw fail(
                subject, "two outputs of the same input differ in evaluation mode",
                hint: "what draws random numbers looks at self$training (isTraining in Swift) first")
        }
        return output.shape
    }

    // MARK: Gradients

    /// - Returns: How many parameters there are.
    private func checkGradients(_ layer: Module, _ input: Tensor, _ subject: String) throws -> Int {
        layer.train(true)
        let input = try input.detached().clone()
        let parameters = learned(layer)
        var targets: [(name: String, tensor: Tensor)] = parameters.map { ("parameter `\($0.name)`", $0.tensor) }
        if input.dtype.isFloating {
            try input.requiresGrad_()
            targets.insert(("the input", input), at: 0)
        }
        guard !targets.isEmpty else { return 0 }
        note("\(subject): forward")
        let output = try output(of: layer, input, subject)
        let weights = try context.tensors.generator.randn(output.shape)
        guard output.requiresGrad else {
            throw fail(
                subject,
                "the output has no history: gradients do not reach \(targets.map { $0.name }.joined(separator: ", "))",
                hint: "compute with operations of tensors, not on as.numeric(x) or the elements; no with_no_grad()")
        }
        note("\(subject): backward")
        let found = try Tensor.gradients(
            of: [try output.mul(weights).sum()], with: targets.map { $0.tensor }, allowUnused: true)
        let check = GradientCheck {
            let terms = try withoutGradients { try self.output(of: layer, input, subject) }.doubles
            return zip(terms, weights.doubles).reduce((0, 0)) { ($0.0 + $1.0 * $1.1, $0.1 + ($1.0 * $1.1).magnitude) }
        }
        for (target, gradient) in zip(targets, found) {
            if let gradient, gradient.shape != target.tensor.shape {
                throw fail(
                    subject,
                    "the gradient of \(target.name) has shape \(text(gradient.shape)), the tensor \(text(target.tensor.shape))"
                )
            }
            let elements = gradient?.doubles ?? Array(repeating: 0, count: target.tensor.count)
            for _ in 0..<2 {
                let direction = try context.tensors.generator.randn(target.tensor.shape).doubles
                let result = try check.compare(target.tensor, elements, along: direction)
                guard result.agrees else {
                    throw fail(
                        subject,
                        "the gradient of \(target.name) is wrong: \(number(result.expected)) along a random direction, by differences \(number(result.difference))",
                        hint: gradient == nil
                            ? "forward uses it, but gradients do not reach it: is it cut off by detach() or with_no_grad()?"
                            : "look at the pullback of the operation that is new")
                }
            }
        }
        return parameters.count
    }

    private func number(_ value: Double) -> String { formatDouble(value, conversion: "g", precision: 4) }

    /// Parameters that are learned, those of children under `child.name`.
    private func learned(_ module: Module) -> [(name: String, tensor: Tensor)] {
        module.modules().flatMap { path, module in
            module.parameters.compactMap { name, tensor in
                guard let tensor, tensor.requiresGrad, tensor.dtype.isFloating else { return nil }
                return (path.isEmpty ? name : path + "." + name, tensor)
            }
        }
    }

    // MARK: Copies

    private func checkCopy(_ layer: Module, _ input: Tensor, _ subject: String) throws {
        guard let clone = context.registry.moduleMethods.methods[Symbol.named("clone")] else { return }
        note("\(subject): clone(deep = TRUE)")
        layer.train(false)
        let made = try context.call(
            .builtin(clone), [Argument(.object(layer)), Argument(true, name: "deep")])
        guard case .object(let object) = made, let copy = object as? Module else {
            throw fail(subject, "its copy is no module")
        }
        copy.train(false)
        let before = try output(of: layer, input, subject).doubles
        guard try output(of: copy, input, subject).doubles == before else {
            throw fail(subject, "a deep copy computes something else", hint: "copy(context:) hands on all settings")
        }
        // The parameters of the copy are moved: the copy must follow as the layer would, and the layer must not.
        let mine = learned(layer)
        let others = learned(copy)
        guard !mine.isEmpty, mine.count == others.count else { return }
        let saved = mine.map { $0.tensor.doubles }
        try move(mine.map { $0.tensor }, by: 0.5)
        let moved: [Double]
        do {
            defer { for (parameter, elements) in zip(mine, saved) { try? parameter.tensor.put(elements) } }
            moved = try output(of: layer, input, subject).doubles
        }
        try move(others.map { $0.tensor }, by: 0.5)
        guard try output(of: copy, input, subject).doubles == moved,
            try output(of: layer, input, subject).doubles == before
        else {
            throw fail(
                subject, "a deep copy computes with the tensors of the layer it was copied from",
                hint: "forward takes its tensors from the layer it is handed, not from what the set-up saw")
        }
    }

    private func move(_ tensors: [Tensor], by step: Double) throws {
        for tensor in tensors { try tensor.put(tensor.doubles.map { $0 + step }) }
    }

    // MARK: Running

    /// The output for an input; random numbers the same at each call, unless not `seeded`.
    private func output(of layer: Module, _ x: Tensor, _ subject: String, seeded: Bool = true) throws -> Tensor {
        if seeded {
            context.tensors.generator.seed(Checks.seed)
            context.random.seed(Int32(Checks.seed))
        }
        note("\(subject): forward")
        let value = try layer.call(
            [Argument(.tensor(x))], call: Call("forward", [.symbol(Symbol.named("x"))]),
            environment: context.globalEnvironment, context: context)
        guard let output = value.asTensor else {
            throw fail(subject, "forward returns a value of type '\(value.typeName)', not a tensor")
        }
        return output
    }
}
