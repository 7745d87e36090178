import PluginAPI

/// `luz_callback_metrics()`: makes the metrics of a phase, feeds them its batches, logs what they have computed.
final class MetricsCallback: SettingsCallback, @unchecked Sendable {
    private var hasSaidNaN = false

    init() { super.init(["metrics_callback"]) }

    override func prepare(_ training: TrainingContext) throws { hasSaidNaN = false }

    override func progressState(_ training: TrainingContext) throws -> Value? { .flag(hasSaidNaN) }

    override func restoreProgress(_ state: Value, _ training: TrainingContext) throws {
        hasSaidNaN = (try state.asLogicals().elements.first ?? false) ?? false
    }

    override func listens(to event: TrainingEvent) -> Bool {
        switch event {
        case .trainBegin, .trainBatchEnd, .trainEnd, .validBegin, .validBatchEnd, .validEnd: return true
        default: return false
        }
    }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        switch event {
        case .trainBegin: training.metrics.train = try make(training.metricGenerators.train, training)
        case .validBegin: training.metrics.valid = try make(training.metricGenerators.valid, training)
        case .trainBatchEnd:
            try update(training.metrics.train, training)
            try noticeNaN(training)
        case .validBatchEnd: try update(training.metrics.valid, training)
        case .trainEnd: try log(training.metrics.train, training)
        case .validEnd: try log(training.metrics.valid, training)
        default: break
        }
    }

    private func make(_ generators: [MetricGenerator], _ training: TrainingContext) throws -> [Metric] {
        var generators = generators
        if let loss = training.session.registry.trainingDefaults.lossMetric,
            !generators.contains(where: { $0 === loss })
        {
            generators.insert(loss, at: 0)
        }
        return try generators.map { generator in
            let metric = try generator.make(training.session)
            try metric.begin(training)
            return metric
        }
    }

    private func update(_ metrics: [Metric], _ training: TrainingContext) throws {
        for metric in metrics {
            try evaluating("update", metric, training) {
                try metric.namingPlugin(training.session) {
                    try metric.update(training.predictions, training.target, training.session)
                }
            }
        }
    }

    /// One message for the first loss that is NaN; `options(workbench.stop_on_nan = TRUE)` ends the fit there.
    private func noticeNaN(_ training: TrainingContext) throws {
        // A search for the learning rate goes on to its end.
        let context = training.session
        guard !hasSaidNaN, !context.isAsPublished, training.metrics.train.contains(where: { isNaN($0, context) }),
            !training.callbacks.contains(where: { $0.classNames.contains("lr_finder_callback") })
        else { return }
        hasSaidNaN = true
        let text = "The loss is NaN in \(training.placeText)"
        if context.options.flag("workbench.stop_on_nan") {
            try context.message(text + ": the fit ends here.\n")
            throw StopTraining()
        }
        try context.message(text + "; options(workbench.stop_on_nan = TRUE) would end the fit.\n")
    }

    private func isNaN(_ metric: Metric, _ context: Context) -> Bool {
        guard metric.abbreviation == "Loss", let value = try? metric.compute(context), value.isAtomic,
            let number = try? value.asDoubles().elements.first
        else { return false }
        return number.isNaN
    }

    private func log(_ metrics: [Metric], _ training: TrainingContext) throws {
        for metric in metrics {
            let value = try evaluating("compute", metric, training) {
                try metric.namingPlugin(training.session) {
                    let value = try metric.compute(training.session)
                    try metric.refuseText(value)
                    return value
                }
            }
            try training.logMetric(metric.abbreviation.lowercased(), value)
        }
    }

    private func evaluating<Result>(
        _ method: String, _ metric: Metric, _ training: TrainingContext, _ body: () throws -> Result
    ) throws -> Result {
        try training.session.wrappingErrors(
            {
                let names = metric.classes.map { $0.string }.joined(separator: "/")
                return
                    "Error when evaluating \(method) for metric with abbrev \"\(metric.abbreviation)\" and class <\(names)>"
                    + "\nAt iteration \(training.iteration) of epoch \(training.epoch), \(training.isTraining ? "in training" : "in validation")."
            }, body)
    }
}
