import PluginAPI

/// `luz_callback_interrupt()`: Ctrl-C ends the fit, which returns what it has: the records of whole epochs, and of the one
/// that was cut short `records$partial`, a list of `epoch`, `batch`, `batches` and the metrics up to there.
final class InterruptCallback: SettingsCallback, @unchecked Sendable {
    init() { super.init(["interrupt_callback"]) }

    override func listens(to event: TrainingEvent) -> Bool { event == .fitBegin || event == .interrupt }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        if event == .fitBegin {
            training.addHandler("interrupt", calling: .interrupt)
        } else if training.epoch > 0, !training.session.isAsPublished {
            try markPartial(training)
        }
    }

    private func markPartial(_ training: TrainingContext) throws {
        let metrics = training.isTraining ? training.metrics.train : training.metrics.valid
        // A metric that has seen no batch may be unable to compute; the fit must not be lost over it.
        let values = metrics.map { ($0.abbreviation.lowercased(), (try? $0.compute(training.session)) ?? .null) }
        let batches = training.iterations.map { Value.number(Double($0)) } ?? .null
        training.records = TrainingContext.setting(
            training.records, "partial",
            .named([
                ("epoch", .number(Double(training.epoch))), ("set", .string(training.isTraining ? "train" : "valid")),
                ("batch", .number(Double(training.iteration))), ("batches", batches), ("metrics", .named(values)),
            ]))
        let of = training.iterations.map { " of \($0)" } ?? ""
        let phase = training.isTraining ? "" : " of the validation"
        let text =
            "Interrupted in epoch \(training.epoch) after batch \(training.iteration)\(of)\(phase); the records hold the epochs before it, records$partial what this one had come to."
        // A script goes on behind its fit: whoever reads its output must see that this one is not whole.
        if training.isVerbose || !training.session.isInteractive && training.session.background == nil {
            try training.session.message(text + "\n")
        }
    }
}
