import Diagnostics
import PluginAPI
import Tensors

/// A share of right answers.
final class Accuracy: TensorMetric, @unchecked Sendable {
    private let answers: (Tensor) throws -> Tensor
    private var right = 0.0
    private var total = 0

    /// - Parameter answers: What a model's output says, comparable with the target.
    init(answers: @escaping (Tensor) throws -> Tensor) {
        self.answers = answers
        super.init("Acc")
    }

    override func update(_ predictions: Tensor, _ target: Tensor) throws {
        let given = try answers(predictions)
        right += try given.eq(target).total()
        total += given.count
    }

    override func compute(_ context: Context) throws -> Value { .number(right / Double(total)) }

    override func stateDict(_ context: Context) throws -> Value? { .numbers([right, Double(total)]) }

    override func loadStateDict(_ state: Value, _ context: Context) throws {
        let numbers = try savedNumbers(state, 2)
        (right, total) = (numbers[0], Int(exactly: numbers[1]) ?? 0)
    }
}

func registerAccuracy(_ luz: Namespace) {
    luz.metric(
        "luz_metric_accuracy", [], help: "Share of items whose largest score is that of the right class (from 1)"
    ) {
        _ in
        { _ in
            Accuracy { scores in
                guard scores.dimensions >= 2 else {
                    throw WorkbenchError(
                        .shape,
                        "Dimension out of range (expected to be in range of [-\(max(1, scores.dimensions)), \(max(1, scores.dimensions))], but got 2)",
                        hint:
                            "luz_metric_accuracy() takes a score for each class; this output has no dimension of classes"
                    )
                }
                return try scores.argmax(1).add(Tensor(scalar: .int(1)))
            }
        }
    }
    let threshold: [Parameter] = [.value("threshold", 0.5, help: "above it the answer is 1")]
    luz.metric("luz_metric_binary_accuracy", threshold, help: "Share of right answers 0 or 1, from probabilities") {
        args in
        let threshold = try Tensor(scalar: .double(try args.number("threshold")))
        return { _ in Accuracy { try $0.gt(threshold).to(.float32) } }
    }
    luz.metric(
        "luz_metric_binary_accuracy_with_logits", threshold, help: "Share of right answers 0 or 1, from scores"
    ) { args in
        let threshold = try Tensor(scalar: .double(try args.number("threshold")))
        return { _ in Accuracy { try $0.sigmoid().gt(threshold).to(.float32) } }
    }
}
