import Diagnostics
import PluginAPI

/// `luz_callback_progress()`: `Epoch 1/10` and the metrics of both phases as messages; a bar while batches run, on a
/// terminal only (or with `options(luz.force_progress_bar = TRUE)`).
final class Progress: SettingsCallback, @unchecked Sendable {
    private var bar: ProgressBar?
    private var plan: FitPlan?

    init() { super.init(["progress_callback"]) }

    override func listens(to event: TrainingEvent) -> Bool {
        switch event {
        case .fitBegin, .epochBegin, .epochEnd, .trainBegin, .trainBatchBegin, .trainBatchAfterPred, .trainBatchEnd,
            .trainEnd, .validBegin, .validBatchEnd, .validEnd,
            .predictBegin, .predictBatchEnd, .predictEnd, .fitEnd, .interrupt:
            return true
        default: return false
        }
    }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        switch event {
        case .fitBegin: plan = FitPlan.leastSeconds(training) == nil ? nil : FitPlan(clock: monotonicSeconds)
        case .trainBatchBegin: plan?.batchBegins()
        case .trainBatchAfterPred: plan?.predictionIsThere()
        case .epochBegin: try training.say("Epoch \(training.epoch)/\(training.maxEpochs)")
        case .trainBegin, .validBegin, .predictBegin: begin(training)
        case .trainBatchEnd:
            if let line = try plan?.batchEnds(training) {
                plan = nil
                bar?.clear()
                try training.say(line)
            }
            try tick(training, training.metrics.train, "train")
        case .validBatchEnd: try tick(training, training.metrics.valid, "valid")
        case .predictBatchEnd: try tick(training, [], "")
        case .trainEnd, .validEnd, .predictEnd, .fitEnd, .interrupt: end()
        case .epochEnd:
            try sayMetrics("Train", "train", training.metrics.train, training)
            try sayMetrics("Valid", "valid", training.metrics.valid, training)
        default: break
        }
    }

    // MARK: Lines

    private func sayMetrics(_ title: String, _ set: String, _ metrics: [Metric], _ training: TrainingContext) throws {
        guard training.isVerbose, !metrics.isEmpty, training.metricValues(set, epoch: training.epoch) != nil else {
            return
        }
        let texts = try formatted(metrics, set, training)
        try training.say("\(title) metrics: " + texts.joined(separator: " - "))
    }

    /// `Loss: 0.7205`, from the records if they have it, else as far as it has come.
    private func formatted(_ metrics: [Metric], _ set: String, _ training: TrainingContext) throws -> [String] {
        try metrics.map { metric in
            let label = metric.abbreviation
            let value =
                try training.metricValue(label.lowercased(), set, epoch: training.epoch)
                ?? metric.compute(training.session)
            return "\(label): \(try metric.format(value, training.session))"
        }
    }

    // MARK: Bar

    private func begin(_ training: TrainingContext) {
        end()
        let console = training.session.console
        let options = training.session.options
        let isForced = options.flag("luz.force_progress_bar")
        guard training.isVerbose, isForced || console.isInteractiveTerminal else { return }
        let width = options.int("width", console.width) - 2
        bar = ProgressBar(
            total: nil, width: width,
            showsETA: options["luz.show_progress_bar_eta"] == nil || options.flag("luz.show_progress_bar_eta"),
            delay: isForced ? 0 : 0.2, interval: isForced ? 0 : 0.1, clock: monotonicSeconds
        ) { console.writeError($0) }
        bar?.erasesLine = console.isInteractiveTerminal
    }

    private func tick(_ training: TrainingContext, _ metrics: [Metric], _ set: String) throws {
        guard let bar else { return }
        // Known only once the loader has begun.
        bar.total = training.iterations
        guard bar.advance(to: training.iteration) else { return }
        // Every entry ends in a blank, and so does the line.
        let texts = try metrics.map { metric in
            "\(metric.abbreviation): \(try metric.format(try metric.compute(training.session), training.session)) "
        }
        bar.draw(texts.joined(separator: " - "))
    }

    private func end() {
        bar?.clear()
        bar = nil
    }
}
