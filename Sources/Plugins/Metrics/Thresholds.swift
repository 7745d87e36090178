import Diagnostics
import PluginAPI
import Tensors

/// Counts of scores above each of a row of thresholds, for positive and negative items; what areas under curves are
/// computed of.
struct ThresholdCounts {
    /// Ascending; the first lies below every score, the last above.
    let thresholds: [Double]
    private var positivesAbove: [Double]
    private var negativesAbove: [Double]
    private(set) var positives = 0.0
    private(set) var negatives = 0.0

    init(_ thresholds: [Double]) {
        self.thresholds = thresholds
        positivesAbove = Array(repeating: 0, count: thresholds.count)
        negativesAbove = positivesAbove
    }

    /// Takes scores in, each with the answer.
    mutating func add(_ scores: [Float], _ answers: [Bool]) {
        var positiveScores: [Float] = []
        var negativeScores: [Float] = []
        for (score, answer) in zip(scores, answers) {
            if answer { positiveScores.append(score) } else { negativeScores.append(score) }
        }
        positives += Double(positiveScores.count)
        negatives += Double(negativeScores.count)
        for (place, threshold) in thresholds.enumerated() {
            let limit = Float(threshold)
            for score in positiveScores where score > limit { positivesAbove[place] += 1 }
            for score in negativeScores where score > limit { negativesAbove[place] += 1 }
        }
    }

    /// All counts, one after the other.
    var numbers: [Double] { positivesAbove + negativesAbove + [positives, negatives] }

    /// Takes ``numbers`` over; nothing if there are not as many.
    mutating func restore(_ numbers: [Double]) {
        let count = thresholds.count
        guard numbers.count == 2 * count + 2 else { return }
        positivesAbove = Array(numbers[..<count])
        negativesAbove = Array(numbers[count..<(2 * count)])
        (positives, negatives) = (numbers[2 * count], numbers[2 * count + 1])
    }

    /// Share of positives above each threshold, NaN without any.
    var truePositiveRates: [Double] { positivesAbove.map { $0 / positives } }
    /// Share of negatives above each threshold, NaN without any.
    var falsePositiveRates: [Double] { negativesAbove.map { $0 / negatives } }
}

/// The thresholds of `num_thresholds = ` or `thresholds = `.
///
/// luz spaces them as (2:(n − 1)) / (n − 2), so that the last ones lie above 1: kept, since the numbers depend on it.
func thresholds(_ args: Arguments) throws -> [Double] {
    let margin = 1e-7
    if case .null = args["thresholds"] {
        let count = try args.int("num_thresholds")
        guard count > 1 else { throw WorkbenchError(.value, "num_thresholds must be > 1", hint: "it is \(count)") }
        guard count > 2, count < 1_000_000 else {
            throw WorkbenchError(.value, "num_thresholds must be at least 3, not \(count)")
        }
        return [-margin] + (2..<count).map { Double($0) / Double(count - 2) } + [1 + margin]
    }
    let given = try args.required("thresholds").asDoubles().elements
    guard !given.contains(where: { $0.isNaN }) else { throw WorkbenchError(.value, "`thresholds` must be numbers") }
    return [-margin] + given.ascending() + [1 + margin]
}

/// Elements of a tensor in single precision.
func scores(_ tensor: Tensor) throws -> [Float] { try tensor.contiguous().to(.float32).toArray(of: Float.self) }
