import Diagnostics
import Tensors

extension Checks {
    /// Checks a layer, written in Swift or R, on a batch.
    ///
    /// The output must be one finite tensor whose first size is the batch's, and whose other sizes do not depend on the
    /// batch's; in evaluation mode it must be the same twice; the input must stay as it is; gradients of the input and
    /// of every parameter must be finite and agree with differences, in both modes; a deep copy must compute with tensors
    /// of its own.
    /// A gradient that there is nothing to compare with, because differences do not converge, is mentioned in the report.
    /// - Parameters:
    ///   - layer: A module of one tensor; it is as before afterwards, with its modes, buffers and fields.
    ///   - input: Two items or more.
    ///   - subject: What errors and the report call it; its class if nil.
    ///   - gradients: False where they are not those of what is computed, on purpose: rounding that passes the gradient
    ///     straight through, factors that are held fixed, rows of an embedding that are not learned.
    /// - Throws: an error of kind `.plugin` for the first thing that is wrong.
    @discardableResult
    public func layer(
        _ layer: Module, input: Tensor, as subject: String? = nil, gradients: Bool = true
    ) throws -> Report {
        let subject = subject ?? layer.classNames.first ?? "nn_module"
        let before = ModuleState(layer)
        defer { before.restore(context) }
        return try running(subject) {
            let shape = try checkShapes(layer, input, subject)
            let gradients =
                gradients ? try checkGradients(layer, input, subject) : ["gradients are not compared, as was asked for"]
            try checkCopy(layer, input, subject)
            return Report(
                subject: subject,
                facts: [
                    "input \(text(input.shape)), output \(text(shape))",
                    "the same twice in evaluation mode, and of a copy",
                ] + gradients + strayWeights(layer))
        }
    }

    /// Checks a layer on the first shape of those usual that it takes: features, images, sequences.
    /// - Returns: nil if it takes none of them.
    /// - Throws: an error of kind `.plugin` for the first thing that is wrong.
    public func layer(_ layer: Module, as subject: String, gradients: Bool = true) throws -> Report? {
        try triedLayer(layer, as: subject, gradients: gradients).report
    }

    /// The same; without a report, the error that has nothing to do with shapes: the one that it ended in whatever the
    /// shape, or that what it returns is no tensor.
    package func triedLayer(
        _ layer: Module, as subject: String, gradients: Bool = true
    ) throws -> (report: Report?, failure: WorkbenchError?) {
        var failures: [WorkbenchError] = []
        let before = ModuleState(layer)
        for usual in Checks.usualShapes.map({ TrialTensor($0) }) + [Checks.usualWords] {
            let x = try running(subject) { try usual.tensor(context) }
            note("\(subject): forward with an input \(text(usual.shape))")
            let taken = try attempt(subject) { try result(of: layer, x, subject) }
            before.restore(context)
            switch taken {
            case .success(let value):
                // It takes the shape: no other will make a tensor of what it returns.
                if case .failure(let error) = tensor(value, subject) { return (nil, error) }
                return (try self.layer(layer, input: x, as: subject, gradients: gradients), nil)
            case .failure(let error): failures.append(error)
            }
        }
        let isAlwaysTheSame = failures.allSatisfy { $0.message == failures.first?.message }
        return (nil, isAlwaysTheSame ? failures.first : nil)
    }

    /// Words or classes: from 1, as R counts, and small enough for most tables.
    private static let usualWords = TrialTensor.whole([2, 5], in: 1...2)
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
    func output(of layer: Module, _ x: Tensor, _ subject: String, seeded: Bool = true) throws -> Tensor {
        try tensor(try result(of: layer, x, subject, seeded: seeded), subject).get()
    }

    /// What it returns for an input.
    private func result(of layer: Module, _ x: Tensor, _ subject: String, seeded: Bool = true) throws -> Value {
        if seeded {
            context.tensors.generator.seed(Checks.seed)
            context.random.seed(Int32(Checks.seed))
        }
        note("\(subject): forward")
        return try layer.call(
            [Argument(.tensor(x))], call: Call("forward", [.symbol(Symbol.named("x"))]),
            environment: context.globalEnvironment, context: context)
    }

    private func tensor(_ value: Value, _ subject: String) -> Result<Tensor, WorkbenchError> {
        guard let output = value.asTensor else {
            return .failure(fail(subject, "forward returns a value of type '\(value.typeName)', not a tensor"))
        }
        return .success(output)
    }
}
