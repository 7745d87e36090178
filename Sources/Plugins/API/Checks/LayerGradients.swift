import Diagnostics
import Tensors

extension Checks {
    // MARK: Gradients

    /// The layer as it is to be differentiated: a copy in double precision where there can be one.
    struct Subject {
        let layer: Module
        let input: Tensor
        let isExact: Bool
        let isTraining: Bool
        /// With elements that were moved.
        var isBeside = false
    }

    /// What came of comparing gradients.
    private struct Comparison {
        var parameters = 0
        /// What nothing could be compared with, by name.
        var unjudged: [String] = []
        var isExact = true
        /// Whether the elements are at a kink along some direction.
        var isKinked = false
        /// Whether a gradient is 0 in all its elements: what lies behind a factor that is 0 at first is not seen.
        var isFlat = false
        /// Whether the same input with the same elements gives something else each time.
        var isMoving = false
        /// What is wrong with one of them.
        var wrong: WorkbenchError?
    }

    /// Elements at a kink are moved by this share of their size: far enough for the steps of differences.
    private static let away = (exact: 0.02, plain: 0.2)
    /// Tensors that are 0 in all elements are moved so much farther: what they are factors of has to show.
    private static let awayFromZero = 5.0

    /// - Returns: Lines of the report.
    func checkGradients(_ layer: Module, _ input: Tensor, _ subject: String) throws -> [String] {
        let found = try compareGradients(layer, input, isTraining: true, subject)
        // Most layers do the same in evaluation mode, so that a few directions will do.
        _ = try compareGradients(layer, input, isTraining: false, subject)
        let count = found.parameters + (input.dtype.isFloating ? 1 : 0)
        guard count > 0 else { return ["nothing is learned: no gradients to compare"] }
        let limits = found.isExact ? "" : " (within 3 %: it does not compute in double precision)"
        let why =
            found.isMoving
            ? ": forward gives something else each time for the same input, so that there are no differences (it changes what no field of the layer holds)"
            : ": differences do not converge (kinks, or statistics over few values of a batch)"
        if found.unjudged.count == count { return ["warning: gradients could not be judged" + why] }
        let parameters = "\(found.parameters) parameter\(found.parameters == 1 ? "" : "s")"
        var lines = [
            "gradients of \(input.dtype.isFloating ? "the input and " : "")\(parameters) agree with differences"
                + limits
        ]
        if !found.unjudged.isEmpty {
            let shown = found.unjudged.prefix(3).joined(separator: ", ")
            let rest = found.unjudged.count - 3
            lines.append("  but \(shown)\(rest > 0 ? " and \(rest) more" : "") could not be judged" + why)
        }
        return lines
    }

    private func compareGradients(
        _ layer: Module, _ input: Tensor, isTraining: Bool, _ subject: String
    ) throws -> Comparison {
        let before = ModuleState(layer)
        defer { before.restore(context) }
        layer.train(isTraining)
        let plain = Subject(
            layer: layer, input: try input.detached().clone(), isExact: false, isTraining: isTraining)
        try refuseUndefinedGradients(of: plain, subject)
        before.restore(context)
        layer.train(isTraining)
        guard let exact = try doubled(layer, input, isTraining: isTraining, subject) else {
            return try rightGradients(of: plain, subject)
        }
        do {
            return try rightGradients(of: exact, subject)
        } catch is Imprecise {
            // Somewhere inside it computes with fewer digits.
            return try rightGradients(of: plain, subject)
        }
    }

    private func rightGradients(of checked: Subject, _ subject: String) throws -> Comparison {
        let found = try compareGradientsAround(checked, subject)
        if let wrong = found.wrong { throw wrong }
        return found
    }

    /// Compares them where the elements are and, where that says too little, also a little beside it, to both sides.
    ///
    /// That is so at a kink (weights that begin with 0 before a relu, equal elements before a maximum): no difference says
    /// there what the gradient is to be, and a pullback that is wrong is wrong beside it, too. And it is so where a
    /// gradient is 0 in all its elements: a branch behind a factor that begins with 0 shows nothing of itself.
    private func compareGradientsAround(_ checked: Subject, _ subject: String) throws -> Comparison {
        var found = try compareGradients(of: checked, subject)
        guard found.isKinked || found.isFlat, found.wrong == nil, !found.isMoving else { return found }
        // Of what is 0 on one side of a kink nothing shows there.
        for side in found.isKinked ? [1.0, -1] : [1] {
            guard let other = try compareGradients(beside: checked, side, subject) else { continue }
            found.wrong = other.wrong
            found.unjudged = found.unjudged.filter { other.unjudged.contains($0) }
            if found.wrong != nil { break }
        }
        return found
    }

    /// Compares them with all elements moved; those of the layer are put back.
    /// - Parameter side: 1, or -1 for the other side.
    /// - Returns: nil where what is computed is not defined there.
    private func compareGradients(beside checked: Subject, _ side: Double, _ subject: String) throws -> Comparison? {
        let before = ModuleState(checked.layer)
        defer { before.restore(context) }
        note("\(subject): a little beside")
        let input = try checked.input.detached().clone()
        let moved = learned(checked.layer).map { $0.tensor } + (input.dtype.isFloating ? [input] : [])
        context.tensors.generator.seed(Checks.seed + 2)
        let share = side * (checked.isExact ? Checks.away.exact : Checks.away.plain)
        for tensor in moved {
            let elements = tensor.doubles
            let isZero = elements.allSatisfy { $0 == 0 }
            let step = share * max(GradientCheck.typical(elements), 0.1) * (isZero ? Checks.awayFromZero : 1)
            let draws = try context.tensors.generator.randn(tensor.shape).doubles
            try tensor.put(zip(elements, draws).map { $0 + step * $1 })
        }
        let beside = Subject(
            layer: checked.layer, input: input, isExact: checked.isExact, isTraining: checked.isTraining,
            isBeside: true)
        guard case .success(let other) = try attempt(subject, { try compareGradients(of: beside, subject) }) else {
            return nil
        }
        return other
    }

    /// A copy of the layer, converted, with an input of double precision, if it computes in it and the same as the layer.
    private func doubled(
        _ layer: Module, _ input: Tensor, isTraining: Bool, _ subject: String
    ) throws -> Subject? {
        guard input.dtype == .float32 || input.dtype == .float64 || !input.dtype.isFloating,
            let clone = context.registry.moduleMethods.methods[Symbol.named("clone")]
        else { return nil }
        note("\(subject): a copy in double precision")
        let made = try attempt(subject) { () -> Subject? in
            let value = try context.call(
                .builtin(clone), [Argument(.object(layer)), Argument(true, name: "deep")])
            guard case .object(let object) = value, let copy = object as? Module else { return nil }
            try copy.convert(to: .float64)
            copy.train(isTraining)
            let mine = learned(layer)
            let others = learned(copy)
            guard mine.map({ $0.name }) == others.map({ $0.name }) else { return nil }
            let x = input.dtype.isFloating ? try input.detached().to(.float64) : input
            // A copy has in common with the layer what fields refer to.
            let state = ModuleState(layer)
            let output = try output(of: copy, x, subject)
            state.restore(context)
            let before = try self.output(of: layer, input, subject)
            state.restore(context)
            guard output.dtype == .float64, output.shape == before.shape else { return nil }
            let size = before.doubles.reduce(1e-3) { max($0, $1.magnitude) }
            // Statistics over few values of a batch, layer after layer, make much of little.
            let agrees = zip(output.doubles, before.doubles).allSatisfy { ($0 - $1).magnitude <= 0.05 * size }
            guard agrees else { return nil }
            return Subject(layer: copy, input: try x.clone(), isExact: true, isTraining: isTraining)
        }
        if case .success(let found) = made { return found }
        return nil
    }

    private struct Imprecise: Unwinding {}

    private func compareGradients(of checked: Subject, _ subject: String) throws -> Comparison {
        let (layer, input) = (checked.layer, checked.input)
        let parameters = learned(layer)
        var targets: [(name: String, tensor: Tensor)] = parameters.map { ("parameter `\($0.name)`", $0.tensor) }
        if input.dtype.isFloating {
            try input.requiresGrad_()
            targets.insert(("the input", input), at: 0)
        }
        var comparison = Comparison(parameters: parameters.count, isExact: checked.isExact)
        guard !targets.isEmpty else { return comparison }
        note("\(subject): forward")
        let before = ModuleState(layer)
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
        // What a forward in training mode moves, a count or running statistics, belongs to no difference.
        before.restore(context, leavesParameters: true)
        let check = GradientCheck(isExact: checked.isExact) {
            defer { before.restore(context, leavesParameters: true) }
            let terms = try withoutGradients { try self.output(of: layer, input, subject) }.doubles
            return zip(terms, factors).reduce((0, 0)) { ($0.0 + $1.0 * $1.1, $0.1 + ($1.0 * $1.1).magnitude) }
        }
        // The directions that are drawn next have nothing to do with the numbers that a forward draws.
        let generator = context.tensors.generator
        let drawn = generator.stateBytes
        let (once, twice) = (try check.sum(), try check.sum())
        try generator.restore(drawn)
        guard !((once.value - twice.value).magnitude > (checked.isExact ? 1e-10 : 1e-5) * once.size) else {
            comparison.isMoving = true
            comparison.unjudged = targets.map { $0.name }
            return comparison
        }
        // Elements one by one cost two computations each: of small layers only.
        let isSmall = targets.reduce(0) { $0 + $1.tensor.count } <= 1 << 14
        let singles = isSmall && checked.isExact && checked.isTraining ? 64 : 0
        var isFirst = checked.isExact
        for (target, gradient) in zip(targets, found) {
            if let gradient, gradient.shape != target.tensor.shape {
                throw fail(
                    subject,
                    "the gradient of \(target.name) has shape \(text(gradient.shape)), the tensor \(text(target.tensor.shape))"
                )
            }
            let elements = gradient?.doubles ?? Array(repeating: 0, count: target.tensor.count)
            if !elements.isEmpty, elements.allSatisfy({ $0 == 0 }) { comparison.isFlat = true }
            var isJudged = false
            let directions = try directions(
                target.tensor, elements, singles, areFew: !isSmall, isTraining: checked.isTraining)
            for (direction, along) in directions {
                try context.pollInterrupt()
                if isFirst, try check.isCoarse(target.tensor, along: direction) { throw Imprecise() }
                isFirst = false
                let result = try check.compare(target.tensor, elements, along: direction)
                switch result.verdict {
                case .agrees: isJudged = true
                case .unjudged: continue
                case .kinked: comparison.isKinked = true
                case .wrong(let difference):
                    if checked.isExact, try check.isCoarse(target.tensor, along: direction) { throw Imprecise() }
                    let mode =
                        (checked.isTraining ? "" : " in evaluation mode")
                        + (checked.isBeside ? " where parameters and input are moved a little" : "")
                    comparison.wrong = fail(
                        subject,
                        "the gradient of \(target.name) is wrong\(mode): \(number(result.expected)) \(along), by differences \(number(difference))",
                        hint: gradient == nil
                            ? "forward uses it, but gradients do not reach it: is it cut off by detach() or with_no_grad()?"
                            : "look at the pullback of the operation that is new; factors held fixed on purpose: gradients = FALSE"
                    )
                    return comparison
                }
            }
            if !isJudged {
                if checked.isExact, let first = directions.first,
                    try check.isCoarse(target.tensor, along: first.direction)
                {
                    throw Imprecise()
                }
                comparison.unjudged.append(target.name)
            }
        }
        return comparison
    }

    /// Along what a gradient is compared: all elements at once in random directions (signs alone leave none out) and along
    /// the gradient itself, where a share that is missing shows most; then single elements, all of them or as many as
    /// `most` with one of each row and the rest by chance.
    private func directions(
        _ tensor: Tensor, _ gradient: [Double], _ most: Int, areFew: Bool, isTraining: Bool
    ) throws -> [(direction: [Double], along: String)] {
        let generator = context.tensors.generator
        let count = tensor.count
        var result: [([Double], String)] = []
        if !areFew { result.append((try generator.randn(tensor.shape).doubles, "along a random direction")) }
        result.append((try generator.randn(tensor.shape).doubles.map { $0 < 0 ? -1 : 1 }, "along a random direction"))
        if areFew, !isTraining { return result }
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
    func learned(_ module: Module) -> [(name: String, tensor: Tensor)] {
        module.modules().flatMap { path, module in
            module.parameters.compactMap { name, tensor in
                guard let tensor, tensor.requiresGrad, tensor.dtype.isFloating else { return nil }
                return (path.isEmpty ? name : path + "." + name, tensor)
            }
        }
    }
}
