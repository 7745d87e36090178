import Diagnostics
import Tensors

extension Checks {
    /// Checks a scheduler over an optimizer of two groups with rates 0.1 and 0.01.
    ///
    /// After it is made and after each step there must be a finite rate ≥ 0 for each group; a second one that takes over
    /// the state of the first in the middle must go on with the same rates, as a fit does that goes on from a checkpoint.
    /// - Parameters:
    ///   - make: Makes one; its first step is done already, as `Namespace.scheduler` does it.
    ///   - steps: Steps to look at; at most those it plans.
    /// - Throws: an error of kind `.plugin` for the first thing that is wrong.
    @discardableResult
    public func scheduler(
        _ make: (Optimizer) throws -> Scheduler, steps: Int = 20, as subject: String
    ) throws -> Report {
        try running(subject) {
            let (optimizer, scheduler) = try made(make, subject)
            let most = min(max(2, steps), scheduler.plannedSteps ?? steps)
            let half = most / 2
            var rates = [try self.rates(of: optimizer, subject, "after it is made")]
            var saved: Value?
            var options: [[(name: String, value: Value)]] = []
            for step in 1...max(1, most) {
                if step == half + 1 {
                    // It may change its tensors in place.
                    saved = try Checks.copy(try scheduler.savedDictionary(context))
                    options = optimizer.groups.map { $0.options }
                }
                try self.step(scheduler, step, subject)
                rates.append(try self.rates(of: optimizer, subject, "after step \(step)"))
            }
            if let saved {
                let (other, second) = try made(make, subject)
                for (group, kept) in zip(other.groups, options) { group.options = kept }
                try second.takeDictionary(saved, context)
                for step in (half + 1)...max(half + 1, most) {
                    try self.step(second, step, subject)
                    let found = try self.rates(of: other, subject, "after step \(step)")
                    guard zip(found, rates[step]).allSatisfy({ ($0 - $1).magnitude <= 1e-9 * $1.magnitude }) else {
                        throw fail(
                            subject,
                            "with its state taken over after \(half) steps, step \(step) gives \(numbers(found)) instead of \(numbers(rates[step]))",
                            hint: "what it remembers belongs into `memory`; in R, into fields of self")
                    }
                }
            }
            let first = rates.map { $0.first ?? 0 }
            return Report(
                subject: subject,
                facts: [
                    "rates of the first group: \(number(first[0])) at first, \(number(first.min() ?? 0)) to \(number(first.max() ?? 0)), \(number(first.last ?? 0)) after \(most) steps",
                    "goes on from its state",
                ])
        }
    }

    /// An optimizer of two groups, for schedulers.
    public func optimizerOfTwoGroups() throws -> Optimizer {
        let value = try value(
            of: """
                torch::optim_sgd(list(
                    list(params = list(torch::torch_zeros(2, requires_grad = TRUE)), lr = 0.1),
                    list(params = list(torch::torch_zeros(3, requires_grad = TRUE)), lr = 0.01)), lr = 0.1)
                """)
        guard case .object(let object) = value, let optimizer = object as? Optimizer else {
            throw WorkbenchError(.fault, "optim_sgd() made no optimizer")
        }
        return optimizer
    }

    private func made(_ make: (Optimizer) throws -> Scheduler, _ subject: String) throws -> (Optimizer, Scheduler) {
        note("\(subject): make")
        let optimizer = try optimizerOfTwoGroups()
        let scheduler = try make(optimizer)
        guard scheduler.optimizer === optimizer else {
            throw fail(
                subject, "it schedules another optimizer than the one it is given",
                hint: "function(optimizer) lr_step(optimizer, …); in lr_scheduler(), super$initialize(optimizer)")
        }
        // One that follows a metric has none to step with yet; one in R with a step of its own counts as it likes.
        guard
            try scheduler.stepCount > 0 || scheduler.takesMetric || scheduler.field("step", context: context) != nil
        else {
            throw fail(
                subject, "its first step is not done when it is made",
                hint: "register it with Namespace.scheduler, or call start(_:)")
        }
        return (optimizer, scheduler)
    }

    private func step(_ scheduler: Scheduler, _ number: Int, _ subject: String) throws {
        note("\(subject): step \(number)")
        try context.pollInterrupt()
        try scheduler.step(context, metric: scheduler.takesMetric ? 1 / Double(number) : nil)
    }

    private func rates(of optimizer: Optimizer, _ subject: String, _ moment: String) throws -> [Double] {
        let rates = try optimizer.groups.map { try $0.number("lr") }
        guard rates.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
            throw fail(
                subject, "\(moment) the rates of the two groups are \(numbers(rates)): finite numbers ≥ 0 are needed")
        }
        return rates
    }

    private func number(_ value: Double) -> String { formatDouble(value, conversion: "g", precision: 6) }
    private func numbers(_ values: [Double]) -> String { values.map(number).joined(separator: ", ") }
}
