import Diagnostics
import PluginAPI
import Tensors

/// `luz_metric_multiclass_auroc()`: areas under the curves of each class against the rest, by trapezoids.
final class MulticlassCurve: TensorMetric, @unchecked Sendable {
    enum Average: String, CaseIterable {
        case micro, macro, weighted, none
    }

    private let thresholds: [Double]
    private let isLogit: Bool
    private let average: Average
    private var kinds: [ThresholdCounts] = []

    init(_ thresholds: [Double], isLogit: Bool, average: Average) {
        self.thresholds = thresholds
        self.isLogit = isLogit
        self.average = average
        super.init("AUC")
    }

    override func update(_ predictions: Tensor, _ target: Tensor) throws {
        guard predictions.dimensions == 2, target.count == predictions.shape[0] else {
            throw WorkbenchError(
                .shape,
                "luz_metric_multiclass_auroc() needs probabilities [N, C] and N classes, not shapes [\(predictions.shape.map(String.init).joined(separator: ", "))] and [\(target.shape.map(String.init).joined(separator: ", "))]"
            )
        }
        let count = predictions.shape[1]
        if kinds.isEmpty {
            kinds = Array(repeating: ThresholdCounts(thresholds), count: average == .micro ? 1 : count)
        }
        let values = try scores(isLogit ? predictions.softmax(1) : predictions)
        let answers = try target.to(.int64).toArray(of: Int64.self)
        for kind in 0..<count {
            let place = average == .micro ? 0 : kind
            guard place < kinds.count else {
                throw WorkbenchError(.shape, "batches have different numbers of classes: \(kinds.count) and \(count)")
            }
            kinds[place].add(
                answers.indices.map { values[$0 * count + kind] }, answers.map { $0 == Int64(kind + 1) })
        }
    }

    override func stateDict(_ context: Context) throws -> Value? {
        .items(kinds.map { .numbers($0.numbers) })
    }

    override func loadStateDict(_ state: Value, _ context: Context) throws {
        guard case .list(let list) = state else { return }
        kinds = try list.elements.map { element in
            var counts = ThresholdCounts(thresholds)
            counts.restore(try savedNumbers(element, counts.numbers.count))
            return counts
        }
    }

    private static func area(_ counts: ThresholdCounts) -> Double {
        let hits = counts.truePositiveRates
        let alarms = counts.falsePositiveRates
        var area = 0.0
        for place in hits.indices.dropLast() {
            area += (hits[place] + hits[place + 1]) / 2 * (alarms[place] - alarms[place + 1])
        }
        return area
    }

    override func compute(_ context: Context) throws -> Value {
        let areas = kinds.map { MulticlassCurve.area($0) }
        switch average {
        case .micro: return .number(areas.first ?? .nan)
        case .macro: return .number(areas.reduce(0, +) / Double(areas.count))
        case .weighted:
            let total = kinds.reduce(0) { $0 + $1.positives }
            return .number(zip(areas, kinds).reduce(0) { $0 + $1.0 * $1.1.positives } / total)
        case .none: return .items(areas.map { .number($0) })
        }
    }
}

func registerMulticlassCurve(_ luz: Namespace) {
    luz.metric(
        "luz_metric_multiclass_auroc",
        [
            .value("num_thresholds", 200),
            .value("thresholds", nil, help: "between 0 and 1, in place of num_thresholds"),
            .value("from_logits", false, help: "predictions are scores, not probabilities"),
            .value("average", .strings(["micro", "macro", "weighted", "none"]), help: "how classes are put together"),
        ], help: "Area under the ROC curves of classes counted from 1"
    ) { args in
        let isLogit = try args.flag("from_logits")
        return { _ in
            guard case .character(let words) = args["average"], let word = words.elements.first??.string,
                let average = MulticlassCurve.Average(rawValue: word)
            else {
                let given = args.context.deparse(args["average"]).joined()
                throw WorkbenchError(
                    .value,
                    "`average` must be one of \"micro\", \"macro\", \"weighted\", or \"none\", not \(given).")
            }
            return MulticlassCurve(try thresholds(args), isLogit: isLogit, average: average)
        }
    }
}
