import Diagnostics
import Tensors

extension Checks {
    /// Checks a metric on two batches: scores of 7 classes for 4 items with the right class (from 1), or, where it takes
    /// no such thing, numbers with numbers.
    ///
    /// What it computes must be a number, or a named list of numbers, and computing it must change nothing, for it may be
    /// asked after any batch; a new one must begin anew; its label must not be empty, for records and monitors are named
    /// after it.
    /// - Parameters:
    ///   - input: What it takes, where none of that will do; with what it compares with.
    /// - Throws: an error of kind `.plugin` for the first thing that is wrong.
    @discardableResult
    public func metric(
        _ generator: MetricGenerator, input: (predictions: TrialTensor, target: TrialTensor)? = nil, as subject: String
    ) throws -> Report {
        switch try triedMetric(generator, try input.map { try given($0, subject) }, subject) {
        case .success(let report): return report
        case .failure(let error): throw error
        }
    }

    /// The same on a batch of somebody's own, once as it is and once with its items in the other order.
    @discardableResult
    public func metric(
        _ generator: MetricGenerator, batch: (predictions: Tensor, target: Tensor), as subject: String
    ) throws -> Report {
        let trial = try running(subject) { () -> MetricTrial in
            guard batch.predictions.dimensions > 0, batch.target.dimensions > 0 else {
                throw fail(subject, "predictions and target of a batch have sizes, the first is the batch")
            }
            let turned = (batch.predictions, try batch.target.flip([0]))
            return (
                "predictions \(text(batch.predictions.shape)) and target \(text(batch.target.shape))", [batch, batch],
                turned
            )
        }
        switch try triedMetric(generator, trial, subject) {
        case .success(let report): return report
        case .failure(let error): throw error
        }
    }

    /// The same; an error of what it does with any of the usual batches is a value.
    func triedMetric(
        _ generator: MetricGenerator, _ given: MetricTrial?, _ subject: String
    ) throws -> Result<Report, WorkbenchError> {
        try running(subject) {
            var first: WorkbenchError?
            var undefined: (report: Report, warnings: [Value])?
            for trial in try given.map({ [$0] }) ?? metricTrials() {
                var warnings: [Value] = []
                let tried = try attempt(subject) {
                    try quietly {
                        try value(generator, trial.batches, subject)
                    } heard: {
                        warnings.append($0)
                    }
                }
                switch tried {
                case .failure(let error): first = first ?? error
                case .success(let once):
                    // Sums of the same batches again would have the same mean: others come between.
                    let again = try quietly {
                        _ = try value(generator, [trial.between], subject)
                        return try value(generator, trial.batches, subject)
                    }
                    guard Checks.areSame(once.values, again.values) else {
                        throw fail(
                            subject,
                            "a second one begins with what the first has seen: \(once.text), then \(again.text)",
                            hint: "what it counts belongs into fields set in initialize()")
                    }
                    let looked = try quietly { try value(generator, trial.batches, subject, isLookedAt: true) }
                    guard Checks.areSame(once.values, looked.values) else {
                        throw fail(
                            subject,
                            "compute() changes what it counts: \(once.text) after two batches, \(looked.text) if it is asked after the first as well",
                            hint: "progress bars ask after each batch: update() counts, compute() only reads")
                    }
                    var facts = [
                        "\(once.label) is \(once.text) of \(trial.name)",
                        "a new one begins anew, and computing changes nothing",
                    ]
                    let isDefined = !once.values.contains { $0.isNaN }
                    if !isDefined {
                        facts.append("warning: what it computes of two usual batches is not a number (0 / 0?)")
                    }
                    let found = (report: Report(subject: subject, facts: facts), warnings: warnings)
                    if !isDefined {
                        // For what it was given it is not defined: another trial may tell more.
                        undefined = undefined ?? found
                        continue
                    }
                    for warning in found.warnings { try context.warn(warning) }
                    return .success(found.report)
                }
            }
            if let undefined {
                for warning in undefined.warnings { try context.warn(warning) }
                return .success(undefined.report)
            }
            return .failure(first ?? fail(subject, "it could not be tried"))
        }
    }

    /// Batches as somebody described them.
    func given(
        _ input: (predictions: TrialTensor, target: TrialTensor), _ subject: String
    ) throws -> MetricTrial {
        for shape in [input.predictions.shape, input.target.shape] {
            guard isSmall(shape, sizes: 1...4096, elements: 1 << 20) else {
                throw fail(
                    subject,
                    "a batch must have sizes from 1 to 4096 and at most 1048576 elements, not the shape \(text(shape))")
            }
        }
        return try running(subject) {
            let batches = try (0..<3).map { _ in
                (predictions: try input.predictions.tensor(context), target: try input.target.tensor(context))
            }
            let name = "predictions \(text(input.predictions.shape)) and targets \(text(input.target.shape))"
            return (name, Array(batches.prefix(2)), batches[2])
        }
    }

    /// Runs a body whose warnings are handed on and not shown: what is tried may be of no account.
    private func quietly<Result>(
        _ body: () throws -> Result, heard: @escaping (Value) -> Void = { _ in }
    ) throws -> Result {
        let handler = HandlerGroup.Handler("warning") { [context] condition in
            heard(condition)
            try context.invokeRestart("muffleWarning")
        }
        return try context.withHandlers(HandlerGroup([handler]), body)
    }

    /// Equal numbers; one that is not defined is the same as another.
    private static func areSame(_ a: [Double], _ b: [Double]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
    }

    typealias Batch = (predictions: Tensor, target: Tensor)
    /// Two batches, and one that comes between.
    typealias MetricTrial = (name: String, batches: [Batch], between: Batch)

    /// What metrics take, two batches each, and one that is answered much better or worse than those.
    private func metricTrials() throws -> [MetricTrial] {
        let generator = context.tensors.generator
        let scores = try (0..<2).map { _ in try generator.randn([4, 7]) }
        let classes = try [[1, 7, 3, 2], [5, 5, 6, 4]].map { try Tensor($0.map { Int64($0) }) }
        let right = try Tensor((0..<28).map { $0 % 7 == [0, 6, 2, 1][$0 / 7] ? 9 : 0 } as [Float], shape: [4, 7])
        let numbers = try (0..<4).map { _ in try generator.rand([4]) }
        let halves = try numbers.prefix(2).map { try $0.gt(Tensor(scalar: .double(0.5))).to(.float32) }
        return [
            ("scores and classes", Array(zip(scores, classes)), (right, classes[0])),
            (
                "numbers and numbers", [(numbers[0], numbers[1]), (numbers[2], numbers[3])], (halves[0], halves[0])
            ),
            (
                "probabilities and classes 0 or 1", Array(zip(numbers, halves)),
                (try Tensor(scalar: .double(1)).sub(halves[0]).to(.float32), halves[0])
            ),
        ]
    }

    private func value(
        _ generator: MetricGenerator, _ batches: [Batch], _ subject: String, isLookedAt: Bool = false
    ) throws -> (label: String, text: String, values: [Double]) {
        note("\(subject): make")
        let metric = try generator.make(context)
        let label = metric.abbreviation
        guard !label.isEmpty else {
            throw fail(subject, "its label is empty", hint: "luz_metric(abbrev = \"Top5\", …), `abbreviation` in Swift")
        }
        for batch in batches {
            note("\(subject): update")
            // The metrics after it, and the callbacks, have the same tensors.
            let before = [batch.predictions, batch.target].map { $0.doubles }
            try withoutGradients { try metric.update(.tensor(batch.predictions), .tensor(batch.target), context) }
            let after = [batch.predictions, batch.target].map { $0.doubles }
            for place in [0, 1] where !Checks.areSame(before[place], after[place]) {
                throw fail(
                    subject, "update() changes the \(place == 0 ? "predictions" : "targets") in place",
                    hint: "x$mul_(0) changes x, x$mul(0) does not")
            }
            guard isLookedAt else { continue }
            note("\(subject): compute")
            let (once, twice) = (try metric.compute(context), try metric.compute(context))
            guard Checks.areSame(try numbers(once, subject), try numbers(twice, subject)) else {
                throw fail(
                    subject,
                    "compute() changes what it counts: \(try metric.format(once, context)), and \(try metric.format(twice, context)) when it is asked again",
                    hint: "progress bars ask after each batch: update() counts, compute() only reads")
            }
        }
        note("\(subject): compute")
        let result = try metric.compute(context)
        try metric.refuseText(result)
        return (label, try metric.format(result, context), try numbers(result, subject))
    }

    private func numbers(_ result: Value, _ subject: String) throws -> [Double] {
        var elements = [result]
        if case .list(let list) = result {
            guard result.names != nil else { throw fail(subject, "a list that it computes must have names") }
            elements = list.elements
        }
        return try elements.map { element -> Double in
            let plain = element.asTensor
            if let plain, plain.count == 1 { return try plain.item().doubleValue }
            guard element.isAtomic, element.length == 1, let number = try? element.asDoubles().elements.first else {
                throw fail(
                    subject,
                    "it computes a value of type '\(element.typeName)' and length \(element.length), not a number")
            }
            return number
        }
    }
}
