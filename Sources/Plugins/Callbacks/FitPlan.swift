import Diagnostics
import PluginAPI
import Tensors

/// What a fit is going to take, measured on its second batch and said in one line:
///
/// `157 batches × 1.9 s + 79 × 520 ms of validation: 5.7 min an epoch, at most 4.7 h for 50 epochs; memory 1.3 GB of 23 GB; learning rate 4e-04`
///
/// The first batch is left out, as it waits for memory and files. Fits of less than ten seconds say nothing;
/// `options(workbench.plan = SECONDS)` is another bound, `FALSE` is never.
struct FitPlan {
    private let clock: () -> Double
    private var begin = 0.0
    private var lastEnd: Double?
    private var secondsForward = 0.0

    /// - Parameter clock: Seconds; monotonic.
    init(clock: @escaping () -> Double) { self.clock = clock }

    /// Whole fits under so many seconds need no plan; nil for never.
    static func leastSeconds(_ training: TrainingContext) -> Double? {
        guard training.isVerbose, !training.session.isAsPublished else { return nil }
        switch training.session.options["workbench.plan"] {
        case .logical(let flag)? where flag.elements.first == false: return nil
        case .double(let seconds)?: return seconds.elements.first
        case .integer(let seconds)?: return seconds.elements.first.flatMap { $0.map { Double($0) } }
        default: return 10
        }
    }

    mutating func batchBegins() { begin = clock() }

    mutating func predictionIsThere() { secondsForward = clock() - begin }

    /// The line, after the second batch (the first, if there is one only); empty if there is nothing to say.
    mutating func batchEnds(_ training: TrainingContext) throws -> String? {
        let now = clock()
        defer { lastEnd = now }
        guard let start = lastEnd ?? (training.batchesPlanned.train == 1 ? begin : nil) else { return nil }
        return try line(secondsOfBatch: now - start, secondsForward: secondsForward, training)
    }

    /// The line for given times.
    func line(secondsOfBatch: Double, secondsForward: Double, _ training: TrainingContext) throws -> String? {
        let epochs = training.maxEpochs - max(0, training.epoch - 1)
        var parts: [String] = []
        if let batches = training.batchesPlanned.train {
            let valid = training.batchesPlanned.valid ?? 0
            let epoch = Double(batches) * secondsOfBatch + Double(valid) * secondsForward
            guard let least = FitPlan.leastSeconds(training), epoch * Double(epochs) >= least else { return nil }
            var text = "\(batches) batches × \(FitPlan.time(secondsOfBatch))"
            if valid > 0 { text += " + \(valid) × \(FitPlan.time(secondsForward)) of validation" }
            text += ": \(FitPlan.time(epoch)) an epoch"
            if epochs > 1 { text += ", at most \(FitPlan.time(epoch * Double(epochs))) for \(epochs) epochs" }
            parts.append(text)
        } else {
            parts.append("\(FitPlan.time(secondsOfBatch)) a batch")
        }
        parts.append(FitPlan.memory(MemoryDoor.tightest()))
        if let rates = try rates(training) { parts.append(rates) }
        return parts.joined(separator: "; ")
    }

    private func rates(_ training: TrainingContext) throws -> String? {
        for callback in training.callbacks {
            guard let planned = try callback.plannedRates(training) else { continue }
            var text = "learning rate \(FitPlan.rate(planned.first))"
            if planned.highest != planned.first || planned.last != planned.first {
                text += " → \(FitPlan.rate(planned.highest)) → \(FitPlan.rate(planned.last)) (first, highest, last)"
            }
            return text + (planned.remark.map { ", " + $0 } ?? "")
        }
        guard let rate = try training.optimizers.first?.optimizer.groups.first?.number("lr") else { return nil }
        return "learning rate \(FitPlan.rate(rate))"
    }

    // MARK: Text

    /// `45 ms`, `1.9 s`, `5.7 min`, `4.7 h`, `3.1 d`.
    static func time(_ seconds: Double) -> String {
        let units: [(String, Double)] = [("d", 86400), ("h", 3600), ("min", 60), ("s", 1), ("ms", 0.001)]
        let unit = units.first { seconds >= $0.1 * ($0.0 == "s" || $0.0 == "ms" ? 1 : 1.5) } ?? ("ms", 0.001)
        return numberText(seconds / unit.1, digits: 2) + " " + unit.0
    }

    /// `memory 1.3 GB of 23 GB`
    static func memory(_ memory: (used: Int, limit: Int)) -> String {
        "memory \(size(memory.used)) of \(size(memory.limit))"
    }

    private static func size(_ bytes: Int) -> String {
        bytes < 1_000_000_000
            ? numberText(Double(bytes / 1_000_000), digits: 3) + " MB"
            : numberText(Double(bytes) / 1e9, digits: 2) + " GB"
    }

    private static func rate(_ rate: Double) -> String { numberText(rate, digits: 2) }
}
