import Diagnostics
import Tensors

extension Checks {
    /// Checks a metric on two batches: scores of 7 classes for 4 items with the right class (from 1), or, where it takes
    /// no such thing, numbers with numbers.
    ///
    /// What it computes must be a number, or a named list of numbers; a new one must begin anew; its label must not be
    /// empty, for records and monitors are named after it.
    /// - Throws: an error of kind `.plugin` for the first thing that is wrong.
    @discardableResult
    public func metric(_ generator: MetricGenerator, as subject: String) throws -> Report {
        try running(subject) {
            var first: WorkbenchError?
            var undefined: Report?
            for trial in try metricTrials() {
                switch try attempt(subject, { try value(generator, trial.batches, subject) }) {
                case .failure(let error): first = first ?? error
                case .success(let once):
                    // Sums of the same batches again would have the same mean: others come between.
                    _ = try value(generator, [trial.between], subject)
                    let again = try value(generator, trial.batches, subject)
                    guard Checks.areSame(once.values, again.values) else {
                        throw fail(
                            subject,
                            "a second one begins with what the first has seen: \(once.text), then \(again.text)",
                            hint: "what it counts belongs into fields set in initialize()")
                    }
                    let report = Report(
                        subject: subject,
                        facts: ["\(once.label) is \(once.text) of \(trial.name)", "a new one begins anew"])
                    // Not defined for what it was given: another trial may tell more.
                    guard once.values.contains(where: { $0.isNaN }) else { return report }
                    undefined = undefined ?? report
                }
            }
            if let undefined { return undefined }
            throw first ?? fail(subject, "it could not be tried")
        }
    }

    /// Equal numbers; one that is not defined is the same as another.
    private static func areSame(_ a: [Double], _ b: [Double]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
    }

    private typealias Batch = (predictions: Tensor, target: Tensor)

    /// What metrics take, two batches each, and one that is answered much better or worse than those.
    private func metricTrials() throws -> [(name: String, batches: [Batch], between: Batch)] {
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
        _ generator: MetricGenerator, _ batches: [Batch], _ subject: String
    ) throws -> (label: String, text: String, values: [Double]) {
        note("\(subject): make")
        let metric = try generator.make(context)
        let label = metric.abbreviation
        guard !label.isEmpty else {
            throw fail(subject, "its label is empty", hint: "luz_metric(abbrev = \"Top5\", …), `abbreviation` in Swift")
        }
        for batch in batches {
            note("\(subject): update")
            try withoutGradients { try metric.update(.tensor(batch.predictions), .tensor(batch.target), context) }
        }
        note("\(subject): compute")
        let result = try metric.compute(context)
        var elements = [result]
        if case .list(let list) = result {
            guard result.names != nil else { throw fail(subject, "a list that it computes must have names") }
            elements = list.elements
        }
        let numbers = try elements.map { element -> Double in
            let plain = element.asTensor
            if let plain, plain.count == 1 { return try plain.item().doubleValue }
            guard element.isAtomic, element.length == 1, let number = try? element.asDoubles().elements.first else {
                throw fail(
                    subject,
                    "it computes a value of type '\(element.typeName)' and length \(element.length), not a number")
            }
            return number
        }
        return (label, try metric.format(result, context), numbers)
    }
}
