import Diagnostics
import Tensors

extension Checks {
    /// Checks an optimizer on the sum of squares of two tensors that want to be 1, with a third that has no gradient.
    ///
    /// Steps must keep elements finite and lower the sum, move every element of both tensors and leave the third alone, and
    /// remember of a tensor only what checkpoints can hold: tensors and numbers. One whose steps fail without a closure
    /// gets one that computes the sum and its gradient again. Where groups have a rate, another rate must do something
    /// else: schedulers change it; of two groups each must go by its own. Another one that takes over what is remembered
    /// must go on with the same steps, as a fit does that goes on from a checkpoint.
    /// - Parameters:
    ///   - make: Makes one over tensors.
    ///   - steps: How many.
    /// - Throws: an error of kind `.plugin` for the first thing that is wrong.
    @discardableResult
    public func optimizer(
        _ make: (_ parameters: Value) throws -> Optimizer, steps: Int = 30, as subject: String
    ) throws -> Report {
        try running(subject) {
            note("\(subject): make")
            let frozen = try Tensor.full([2], .double(0.5)).requiresGrad_()
            func begin() throws -> (optimizer: Optimizer, moved: [Tensor]) {
                let moved = [try Tensor.zeros([3, 2]).requiresGrad_(), try Tensor.zeros([4]).requiresGrad_()]
                return (try make(.tensors(moved + [frozen])), moved)
            }
            var (optimizer, moved) = try begin()
            note("\(subject): step 1")
            var losses: [Double] = []
            var step: Step = plainStep
            switch try attempt(subject, { try step(optimizer, moved, nil) }) {
            case .success(let loss): losses.append(loss)
            case .failure(let error):
                // It may be one that computes the loss itself.
                step = stepWithClosure
                (optimizer, moved) = try begin()
                guard case .success(let loss) = try attempt(subject, { try step(optimizer, moved, nil) }) else {
                    throw error
                }
                losses.append(loss)
            }
            // A gradient is 0 nowhere at first.
            var waiting = moved.map { Set(0..<$0.count) }
            for number in 1...max(1, steps) {
                if number > 1 {
                    note("\(subject): step \(number)")
                    try context.pollInterrupt()
                    losses.append(try step(optimizer, moved, nil))
                }
                for (place, tensor) in moved.enumerated() where !waiting[place].isEmpty {
                    let elements = tensor.doubles
                    waiting[place] = waiting[place].filter { elements[$0] == 0 }
                }
                for tensor in moved where tensor.doubles.contains(where: { !$0.isFinite }) {
                    throw fail(subject, "after step \(number) elements are not finite, on a sum of squares")
                }
            }
            // A sum is that before its step: of one step there is none behind it yet.
            if losses.count == 1 { losses.append(try withoutGradients { try loss(of: moved).item().doubleValue }) }
            guard let first = losses.first, let last = losses.last, last < first else {
                throw fail(
                    subject,
                    "\(steps) step\(steps == 1 ? " brings" : "s bring") a sum of squares from \(number(losses.first ?? 0)) to \(number(losses.last ?? 0)): it must go down"
                )
            }
            if let place = waiting.firstIndex(where: { !$0.isEmpty }) {
                let (left, shape) = (waiting[place], moved[place].shape)
                let which = "the \(place == 0 ? "first" : "second") of two tensors with gradients"
                guard left.count < moved[place].count else {
                    throw fail(
                        subject, "\(which) was never moved", hint: "a step goes through all parameters of all groups")
                }
                throw fail(
                    subject,
                    "of \(which), of shape \(text(shape)), \(left.count) element\(left.count == 1 ? " was" : "s were") never moved: the first is number \((left.min() ?? 0) + 1)",
                    hint: "a step moves all of a parameter: param$add_(param$grad, alpha = -group$lr)")
            }
            let shapes = moved.map { $0.shape }
            let hasRate = try checkRate(make, step, shapes, steps: steps, subject)
            let ofGroups = try hasRate ? checkGroups(make, step, shapes, steps: steps, subject) : nil
            guard frozen.doubles == [0.5, 0.5] else {
                throw fail(subject, "a tensor without gradient was moved")
            }
            for tensor in moved {
                for entry in optimizer.existingState(of: tensor)?.entries ?? [] {
                    var tree = TensorTree(leavingCode: true)
                    _ = try tree.encode(entry.value, at: entry.name)
                    guard let place = tree.left.first else { continue }
                    let isWhole = place == entry.name
                    throw fail(
                        subject,
                        "it remembers `\(place.replacing(".", with: "$"))`\(isWhole ? " of type '\(entry.value.typeName)'" : ""), which is nothing that checkpoints hold: they hold tensors, numbers, texts and lists of them"
                    )
                }
            }
            try checkGoingOn(make, step, shapes, steps: steps, subject)
            return Report(
                subject: subject,
                facts: [
                    "a sum of squares goes from \(number(first)) to \(number(last)) in \(steps) step\(steps == 1 ? "" : "s")",
                    "both tensors are moved\(hasRate ? ", by the rate of their group" : ", and no group has a rate `lr`"); a tensor without gradient stays",
                ] + (ofGroups.map { [$0] } ?? []))
        }
    }

    /// Zeroes gradients, computes the sum of squares and its gradient, and does a step; seeded by a number, if there is one.
    /// Gives the sum before.
    private typealias Step = (_ optimizer: Optimizer, _ moved: [Tensor], _ seed: Int?) throws -> Double

    private func plainStep(_ optimizer: Optimizer, _ moved: [Tensor], _ seed: Int?) throws -> Double {
        try step(optimizer, moved, seed, withClosure: false)
    }

    private func stepWithClosure(_ optimizer: Optimizer, _ moved: [Tensor], _ seed: Int?) throws -> Double {
        try step(optimizer, moved, seed, withClosure: true)
    }

    private func step(
        _ optimizer: Optimizer, _ moved: [Tensor], _ place: Int?, withClosure: Bool
    ) throws -> Double {
        if let place {
            context.tensors.generator.seed(Checks.seed + UInt64(place))
            context.random.seed(Int32(Checks.seed) + Int32(truncatingIfNeeded: place))
        }
        func compute() throws -> Tensor {
            try optimizer.zeroGradients()
            let loss = try self.loss(of: moved)
            try loss.backward()
            return loss
        }
        let loss = try compute()
        _ = try optimizer.step(closure: withClosure ? { .tensor(try compute()) } : nil, context)
        return try loss.item().doubleValue
    }

    /// The sum of squares.
    private func loss(of moved: [Tensor]) throws -> Tensor {
        var loss = try Tensor.zeros([])
        for tensor in moved {
            let away = try tensor.sub(Tensor(scalar: .double(1)))
            loss = try loss.add(away.mul(away).sum())
        }
        return loss
    }

    /// Steps with the rate of the groups as it is made, beside steps with a tenth of it, until they differ: an optimizer
    /// may wait for several gradients before it moves.
    /// - Returns: Whether the groups have a rate.
    private func checkRate(
        _ make: (_ parameters: Value) throws -> Optimizer, _ step: Step, _ shapes: [[Int]], steps: Int,
        _ subject: String
    ) throws -> Bool {
        var runs: [(optimizer: Optimizer, moved: [Tensor])] = []
        for share in [1, 0.1] {
            let moved = try shapes.map { try Tensor.zeros($0).requiresGrad_() }
            let optimizer = try make(.tensors(moved))
            for group in optimizer.groups {
                guard let rate = try? group.number("lr"), rate > 0 else { return false }
                group["lr"] = .number(rate * share)
            }
            runs.append((optimizer, moved))
        }
        note("\(subject): steps with its rate and with a tenth of it")
        for count in 1...max(2, steps) {
            for run in runs { _ = try step(run.optimizer, run.moved, nil) }
            let ends = runs.map { run in run.moved.flatMap { $0.doubles } }
            if count >= 2, ends[0] != ends[1] { return true }
        }
        throw fail(
            subject, "steps do not depend on the rate of the group: schedulers could not change it",
            hint: "read it at each step: group$lr in R, try group.number(\"lr\") in Swift")
    }

    /// Steps over two groups with the same rate, beside steps where one of them has a tenth of it: the tensor of that group
    /// must move otherwise, for the first and for the second.
    /// - Returns: What there is to say, if it could not be tried.
    private func checkGroups(
        _ make: (_ parameters: Value) throws -> Optimizer, _ step: Step, _ shapes: [[Int]], steps: Int,
        _ subject: String
    ) throws -> String? {
        note("\(subject): steps of two groups")
        /// With the rate of a group lowered; nil lowers none.
        func run(lowered: Int?) throws -> (optimizer: Optimizer, moved: [Tensor]) {
            let moved = try shapes.map { try Tensor.zeros($0).requiresGrad_() }
            let optimizer = try make(.items(moved.map { .named([("params", .tensors([$0]))]) }))
            guard optimizer.groups.count == moved.count else {
                throw fail(subject, "of two groups of tensors it makes \(optimizer.groups.count)")
            }
            if let lowered {
                optimizer.groups[lowered]["lr"] = .number(0.1 * (try optimizer.groups[lowered].number("lr")))
            }
            return (optimizer, moved)
        }
        let runs: [(optimizer: Optimizer, moved: [Tensor])]
        switch try attempt(subject, { try [nil, 0, 1].map { try run(lowered: $0) } }) {
        case .success(let made): runs = made
        case .failure(let error):
            let reason =
                error.message.hasPrefix(subject + ": ")
                ? error.message.dropFirst(subject.count + 2) : error.message[...]
            return "not tried with two groups: \(reason.split(separator: "\n").joined(separator: " "))"
        }
        var differs = [false, false]
        for _ in 1...max(2, steps) {
            try context.pollInterrupt()
            for run in runs { _ = try step(run.optimizer, run.moved, nil) }
            for place in differs.indices where runs[0].moved[place].doubles != runs[place + 1].moved[place].doubles {
                differs[place] = true
            }
            if differs == [true, true] { return nil }
        }
        let place = differs[0] ? "second" : "first"
        throw fail(
            subject, "of two groups the \(place) is not moved by its own rate",
            hint:
                "a step goes through all groups, and reads the rate of each: group$lr in R, try group.number(\"lr\") in Swift"
        )
    }

    /// Steps, and the same steps with another one that takes over in the middle what checkpoints hold.
    private func checkGoingOn(
        _ make: (_ parameters: Value) throws -> Optimizer, _ step: Step, _ shapes: [[Int]], steps: Int,
        _ subject: String
    ) throws {
        note("\(subject): going on from its state")
        let moved = try shapes.map { try Tensor.zeros($0).requiresGrad_() }
        let optimizer = try make(.tensors(moved))
        // Early, while what it remembers tells most; then long enough for what it does every few steps.
        let before = min(3, max(1, steps)), after = 12
        for place in 1...before { _ = try step(optimizer, moved, place) }
        let others = try moved.map { tensor in try withoutGradients { try tensor.detached().clone() }.requiresGrad_() }
        let states = try moved.map { tensor in
            try optimizer.existingState(of: tensor).map { try Checks.copy($0) }
        }
        let settings = optimizer.groups.map { $0.options }
        let memory = try optimizer.memory.map { ($0.name, try Checks.copy($0.value)) }
        var ends: [[Double]] = []
        for place in 1...after {
            _ = try step(optimizer, moved, before + place)
            ends.append(moved.flatMap { $0.doubles })
        }
        let second = try make(.tensors(others))
        for (group, options) in zip(second.groups, settings) { group.options = options }
        for (tensor, state) in zip(others, states) {
            if let state { second.setState(state, of: tensor) }
        }
        if !memory.isEmpty { second.memory = memory }
        for place in 1...after {
            _ = try step(second, others, before + place)
            let found = others.flatMap { $0.doubles }
            guard zip(found, ends[place - 1]).allSatisfy({ ($0 - $1).magnitude <= 1e-5 * max(1e-3, $1.magnitude) })
            else {
                let expected = ends[place - 1]
                let first = found.indices.first { found[$0] != expected[$0] } ?? 0
                throw fail(
                    subject,
                    "with its state taken over after \(before) steps, step \(before + place) leads to \(number(found[first])) instead of \(number(expected[first]))",
                    hint:
                        "what it remembers of a tensor belongs into its state: self$state$get(param) and self$state$set(param, list(…)) in R, state.tensor(_:like:) in Swift"
                )
            }
        }
    }

    private static func copy(_ state: Optimizer.State) throws -> Optimizer.State {
        let copy = Optimizer.State()
        copy.entries = try state.entries.map { ($0.name, try Checks.copy($0.value)) }
        return copy
    }

    private func number(_ value: Double) -> String { formatDouble(value, conversion: "g", precision: 4) }
}
