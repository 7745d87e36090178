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
            let (count, isExact) = try checkGradients(layer, input, subject)
            try checkCopy(layer, input, subject)
            let parameters = "\(count) parameter\(count == 1 ? "" : "s")"
            return Report(
                subject: subject,
                facts: [
                    "input \(text(input.shape)), output \(text(shape))",
                    "the same twice in evaluation mode, and of a copy",
                    "gradients of \(input.dtype.isFloating ? "the input and " : "")\(parameters) agree with differences"
                        + (isExact ? "" : " (within 3 %: it does not compute in double precision)"),
                ] + strayWeights(layer))
        }
    }

    /// A line for each field that asks for gradients and is no parameter: optimizers and state dicts do not see it.
    private func strayWeights(_ layer: Module) -> [String] {
        layer.modules().flatMap { path, module -> [String] in
            let known = Set(module.parameters.compactMap { $0.tensor.map { ObjectIdentifier($0) } })
            return module.fieldNames.compactMap { name in
                guard let tensor = (try? module.field(name, context: context))??.asTensor, tensor.isLeaf,
                    tensor.requiresGrad, !known.contains(ObjectIdentifier(tensor))
                else { return nil }
                return "warning: \(path.isEmpty ? name : path + "." + name) asks for gradients and is no parameter: "
                    + "optimizers do not see it; nn_parameter() makes it one"
            }
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

    /// The layer as it is to be differentiated: a copy in double precision where there can be one.
    private struct Subject {
        let layer: Module
        let input: Tensor
        let isExact: Bool
    }

    /// - Returns: How many parameters there are, and whether the check was in double precision.
    private func checkGradients(
        _ layer: Module, _ input: Tensor, _ subject: String
    ) throws -> (count: Int, isExact: Bool) {
        layer.train(true)
        let plain = Subject(layer: layer, input: try input.detached().clone(), isExact: false)
        guard let exact = try doubled(layer, input, subject) else {
            return (try checkGradients(of: plain, subject), false)
        }
        do {
            return (try checkGradients(of: exact, subject), true)
        } catch is Imprecise {
            // Somewhere inside it computes with fewer digits.
            return (try checkGradients(of: plain, subject), false)
        }
    }

    /// A copy of the layer, converted, with an input of double precision, if it computes in it and the same as the layer.
    private func doubled(_ layer: Module, _ input: Tensor, _ subject: String) throws -> Subject? {
        guard input.dtype == .float32 || !input.dtype.isFloating,
            let clone = context.registry.moduleMethods.methods[Symbol.named("clone")]
        else { return nil }
        note("\(subject): a copy in double precision")
        let made = try attempt(subject) { () -> Subject? in
            let value = try context.call(
                .builtin(clone), [Argument(.object(layer)), Argument(true, name: "deep")])
            guard case .object(let object) = value, let copy = object as? Module else { return nil }
            try copy.convert(to: .float64)
            copy.train(true)
            let mine = learned(layer)
            let others = learned(copy)
            guard mine.map({ $0.name }) == others.map({ $0.name }) else { return nil }
            let x = input.dtype.isFloating ? try input.detached().to(.float64) : input
            let output = try output(of: copy, x, subject)
            let before = try self.output(of: layer, input, subject)
            guard output.dtype == .float64, output.shape == before.shape else { return nil }
            let size = before.doubles.reduce(1e-3) { max($0, $1.magnitude) }
            let agrees = zip(output.doubles, before.doubles).allSatisfy { ($0 - $1).magnitude <= 1e-3 * size }
            return agrees ? Subject(layer: copy, input: try x.clone(), isExact: true) : nil
        }
        if case .success(let found) = made { return found }
        return nil
    }

    private struct Imprecise: Error {}

    private func checkGradients(of checked: Subject, _ subject: String) throws -> Int {
        let (layer, input) = (checked.layer, checked.input)
        let parameters = learned(layer)
        var targets: [(name: String, tensor: Tensor)] = parameters.map { ("parameter `\($0.name)`", $0.tensor) }
        if input.dtype.isFloating {
            try input.requiresGrad_()
            targets.insert(("the input", input), at: 0)
        }
        guard !targets.isEmpty else { return 0 }
        note("\(subject): forward")
        let output = try output(of: layer, input, subject)
        let weights = try context.tensors.generator.randn(output.shape).to(output.dtype)
        guard output.requiresGrad else {
            throw fail(
                subject,
                "the output has no history: gradients do not reach \(targets.map { $0.name }.joined(separator: ", "))",
                hint: "compute with operations of tensors, not on as.numeric(x) or the elements; no with_no_grad()")
        }
        note("\(subject): backward")
        let found = try Tensor.gradients(
            of: [try output.mul(weights).sum()], with: targets.map { $0.tensor }, allowUnused: true)
        let factors = weights.doubles
        let check = GradientCheck(isExact: checked.isExact) {
            let terms = try withoutGradients { try self.output(of: layer, input, subject) }.doubles
            return zip(terms, factors).reduce((0, 0)) { ($0.0 + $1.0 * $1.1, $0.1 + ($1.0 * $1.1).magnitude) }
        }
        // Elements one by one cost two computations each: of small layers only.
        let singles = targets.reduce(0) { $0 + $1.tensor.count } <= 1 << 14 ? 64 : 0
        for (target, gradient) in zip(targets, found) {
            if let gradient, gradient.shape != target.tensor.shape {
                throw fail(
                    subject,
                    "the gradient of \(target.name) has shape \(text(gradient.shape)), the tensor \(text(target.tensor.shape))"
                )
            }
            let elements = gradient?.doubles ?? Array(repeating: 0, count: target.tensor.count)
            for (direction, along) in try directions(target.tensor, elements, checked.isExact ? singles : 0) {
                let result = try check.compare(target.tensor, elements, along: direction)
                if checked.isExact, !result.agrees, !result.isSteady { throw Imprecise() }
                guard result.agrees else {
                    throw fail(
                        subject,
                        "the gradient of \(target.name) is wrong: \(number(result.expected)) \(along), by differences \(number(result.difference))",
                        hint: gradient == nil
                            ? "forward uses it, but gradients do not reach it: is it cut off by detach() or with_no_grad()?"
                            : "look at the pullback of the operation that is new")
                }
            }
        }
        return parameters.count
    }

    /// Along what a gradient is compared: all elements at once in random directions (signs alone leave none out) and along
    /// the gradient itself, where a share that is missing shows most; then single elements, all of them or as many as
    /// `most` with one of each row and the rest by chance.
    private func directions(
        _ tensor: Tensor, _ gradient: [Double], _ most: Int
    ) throws -> [(direction: [Double], along: String)] {
        let generator = context.tensors.generator
        let count = tensor.count
        var result: [([Double], String)] = []
        result.append((try generator.randn(tensor.shape).doubles, "along a random direction"))
        result.append((try generator.randn(tensor.shape).doubles.map { $0 < 0 ? -1 : 1 }, "along a random direction"))
        let length = (gradient.reduce(0) { $0 + $1 * $1 } / Double(max(1, count))).squareRoot()
        if length > 0, length.isFinite { result.append((gradient.map { $0 / length }, "along itself")) }
        guard most > 0 else { return result }
        var chosen = Array(0..<count)
        if count > most {
            let rows = max(1, tensor.shape.first ?? 1)
            let draws = try generator.rand([most]).doubles
            chosen = draws.enumerated().map { place, draw in
                // One of each row as far as that goes.
                let (start, size) = place < rows ? (place * (count / rows), count / rows) : (0, count)
                return start + min(size - 1, Int(draw * Double(size)))
            }
        }
        for place in chosen {
            var direction = [Double](repeating: 0, count: count)
            direction[place] = 1
            result.append((direction, "at element \(place + 1)"))
        }
        return result
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
