import Diagnostics
import PluginAPI
import Tensors

/// `luz_metric_binary_auroc()`: area under the curve of true over false positive rates, by the lower sums of thresholds.
final class BinaryCurve: TensorMetric, @unchecked Sendable {
    private var counts: ThresholdCounts
    private let isLogit: Bool

    init(_ thresholds: [Double], isLogit: Bool) {
        counts = ThresholdCounts(thresholds)
        self.isLogit = isLogit
        super.init("AUC")
    }

    override func update(_ predictions: Tensor, _ target: Tensor) throws {
        guard predictions.count == target.count else {
            throw WorkbenchError(
                .shape,
                "luz_metric_binary_auroc() needs one score for each target: \(predictions.count) and \(target.count)")
        }
        counts.add(
            try scores(isLogit ? predictions.sigmoid() : predictions), try scores(target).map { $0 == 1 })
    }

    override func stateDict(_ context: Context) throws -> Value? { .numbers(counts.numbers) }

    override func loadStateDict(_ state: Value, _ context: Context) throws {
        counts.restore(try savedNumbers(state, counts.numbers.count))
    }

    override func compute(_ context: Context) throws -> Value {
        let hits = counts.truePositiveRates
        let alarms = counts.falsePositiveRates
        var area = 0.0
        for place in hits.indices.dropLast() { area += hits[place + 1] * (alarms[place] - alarms[place + 1]) }
        return .number(area)
    }
}

func registerBinaryCurve(_ luz: Namespace) {
    luz.metric(
        "luz_metric_binary_auroc",
        [
            .value("num_thresholds", 200),
            .value("thresholds", nil, help: "between 0 and 1, in place of num_thresholds"),
            .value("from_logits", false, help: "predictions are scores, not probabilities"),
        ], help: "Area under the ROC curve of answers 0 or 1"
    ) { args in
        // A wrong number shows when the metric is made, as in luz.
        let isLogit = try args.flag("from_logits")
        return { _ in BinaryCurve(try thresholds(args), isLogit: isLogit) }
    }
}
