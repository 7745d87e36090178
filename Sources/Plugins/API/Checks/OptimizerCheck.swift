import Diagnostics
import Tensors

extension Checks {
    /// Checks an optimizer on the sum of squares of two tensors that want to be 1, with a third that has no gradient.
    ///
    /// Steps must keep elements finite and lower the sum, move both tensors and leave the third alone, and remember of a
    /// tensor only what checkpoints can hold: tensors and numbers. Where groups have a rate, another rate must do something
    /// else: schedulers change it.
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
            let moved = [try Tensor.zeros([3, 2]).requiresGrad_(), try Tensor.zeros([4]).requiresGrad_()]
            let frozen = try Tensor.full([2], .double(0.5)).requiresGrad_()
            let optimizer = try make(.tensors(moved + [frozen]))
            var losses: [Double] = []
            for step in 1...max(1, steps) {
                note("\(subject): step \(step)")
                try context.pollInterrupt()
                losses.append(try self.step(optimizer, moved))
                for tensor in moved where tensor.doubles.contains(where: { !$0.isFinite }) {
                    throw fail(subject, "after step \(step) elements are not finite, on a sum of squares")
                }
            }
            guard let first = losses.first, let last = losses.last, last < first else {
                throw fail(
                    subject,
                    "\(steps) steps bring a sum of squares from \(number(losses.first ?? 0)) to \(number(losses.last ?? 0)): it must go down"
                )
            }
            if let place = moved.firstIndex(where: { $0.doubles.allSatisfy { $0 == 0 } }) {
                throw fail(
                    subject, "the \(place == 0 ? "first" : "second") of two tensors with gradients was never moved",
                    hint: "a step goes through all parameters of all groups")
            }
            let hasRate = try checkRate(make, moved.map { $0.shape }, steps: steps, subject)
            guard frozen.doubles == [0.5, 0.5] else {
                throw fail(subject, "a tensor without gradient was moved")
            }
            for tensor in moved {
                for entry in optimizer.existingState(of: tensor)?.entries ?? [] {
                    guard entry.value.isTensor || entry.value.isAtomic || entry.value.isNull else {
                        throw fail(
                            subject,
                            "it remembers `\(entry.name)` of type '\(entry.value.typeName)': checkpoints hold tensors and numbers"
                        )
                    }
                }
            }
            return Report(
                subject: subject,
                facts: [
                    "a sum of squares goes from \(number(first)) to \(number(last)) in \(steps) steps",
                    "both tensors are moved\(hasRate ? ", by the rate of their group" : ", and no group has a rate `lr`"); a tensor without gradient stays",
                ])
        }
    }

    /// Zeroes gradients, computes the sum of squares and its gradient, and does a step.
    /// - Returns: The sum before.
    private func step(_ optimizer: Optimizer, _ moved: [Tensor]) throws -> Double {
        try optimizer.zeroGradients()
        var loss = try Tensor.zeros([])
        for tensor in moved {
            let away = try tensor.sub(Tensor(scalar: .double(1)))
            loss = try loss.add(away.mul(away).sum())
        }
        try loss.backward()
        _ = try optimizer.step(closure: nil, context)
        return try loss.item().doubleValue
    }

    /// Steps with the rate of the groups as it is made, beside steps with a tenth of it, until they differ: an optimizer
    /// may wait for several gradients before it moves.
    /// - Returns: Whether the groups have a rate.
    private func checkRate(
        _ make: (_ parameters: Value) throws -> Optimizer, _ shapes: [[Int]], steps: Int, _ subject: String
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
            for run in runs { _ = try step(run.optimizer, run.moved) }
            let ends = runs.map { run in run.moved.flatMap { $0.doubles } }
            if count >= 2, ends[0] != ends[1] { return true }
        }
        throw fail(
            subject, "steps do not depend on the rate of the group: schedulers could not change it",
            hint: "read it at each step: group$lr in R, try group.number(\"lr\") in Swift")
    }

    private func number(_ value: Double) -> String { formatDouble(value, conversion: "g", precision: 4) }
}
