import Diagnostics
import Tensors

extension Checks {
    /// Checks an optimizer on the sum of squares of two tensors that want to be 1, with a third that has no gradient.
    ///
    /// Steps must keep elements finite and lower the sum, leave the third tensor alone, and remember of a tensor only
    /// what checkpoints can hold: tensors and numbers.
    /// - Parameters:
    ///   - make: Makes one over tensors.
    ///   - steps: How many.
    /// - Throws: an error of kind `.plugin` for the first thing that is wrong.
    @discardableResult
    public func optimizer(
        _ make: (_ parameters: Value) throws -> Optimizer, steps: Int = 30, as subject: String
    ) throws -> Report {
        try running(subject) {
            let moved = [try Tensor.zeros([3, 2]).requiresGrad_(), try Tensor.zeros([4]).requiresGrad_()]
            let frozen = try Tensor.full([2], .double(0.5)).requiresGrad_()
            note("\(subject): make")
            let optimizer = try make(.tensors(moved + [frozen]))
            var losses: [Double] = []
            for step in 1...max(1, steps) {
                note("\(subject): step \(step)")
                try context.pollInterrupt()
                try optimizer.zeroGradients()
                var loss = try Tensor.zeros([])
                for tensor in moved {
                    let away = try tensor.sub(Tensor(scalar: .double(1)))
                    loss = try loss.add(away.mul(away).sum())
                }
                losses.append(try loss.item().doubleValue)
                try loss.backward()
                _ = try optimizer.step(closure: nil, context)
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
                    "a tensor without gradient stays",
                ])
        }
    }

    private func number(_ value: Double) -> String { formatDouble(value, conversion: "g", precision: 4) }
}
