import Diagnostics
import PluginAPI

/// `luz_callback_early_stopping()`: ends the fit when a metric has not improved for `patience` epochs.
///
/// Fewer than one epoch makes no sense (every fit would stop at epoch 2, improving or not, as in luz), so `patience = 0`
/// means 1.
final class EarlyStopping: SettingsCallback, @unchecked Sendable {
    private var best: Double?
    private var badEpochs = 0

    init(_ args: Arguments) throws {
        super.init(["early_stopping_callback", "monitor_metrics"], args)
        _ = try Improvement(self, args.context)
        _ = try text("monitor")
        let patience = try number("patience")
        guard patience >= 0 else {
            throw WorkbenchError(.value, "`patience` must be 0 or more, not \(numberText(patience))")
        }
    }

    override var weight: Double { .infinity }

    override func listens(to event: TrainingEvent) -> Bool {
        event == .fitBegin || event == .epochEnd || event == .earlyStopping
    }

    override func prepare(_ training: TrainingContext) throws { try Monitor(text: text("monitor")).check(training) }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        switch event {
        case .fitBegin: training.addHandler("early_stopping", calling: .earlyStopping)
        case .epochEnd: try judge(training)
        case .earlyStopping:
            try training.say("Early stopping at epoch \(training.epoch) of \(training.maxEpochs)")
        default: break
        }
    }

    private func judge(_ training: TrainingContext) throws {
        let asPublished = training.session.isAsPublished
        let value = try Monitor(text: text("monitor")).value(training)
        let improvement = try Improvement(self, training.session)
        if best == nil, !self["baseline"].isNull { best = try number("baseline") }
        if let known = best {
            if try improvement.isBetter(value, than: known, asPublished: asPublished) {
                best = value
                badEpochs = 0
            } else {
                badEpochs += 1
            }
        } else if !value.isNaN || asPublished {
            best = value
            return
        } else {
            badEpochs += 1
        }
        if value.isNaN {
            try training.say(
                "\(try text("monitor")) is NaN in epoch \(training.epoch): counted as no improvement (\(badEpochs) in a row)"
            )
        }
        let given = try number("patience")
        let patience = asPublished ? given : max(1, given)
        guard Double(badEpochs) >= patience, training.epoch >= training.minEpochs else { return }
        try training.session.signal(
            makeCondition("", call: nil, classes: ["early_stopping", "condition"]))
        throw StopTraining()
    }

    override func field(_ name: String, context: Context) throws -> Value? {
        switch name {
        case "current_best": return best.map { .number($0) } ?? .null
        case "patience_counter": return .int(badEpochs)
        default: return try super.field(name, context: context)
        }
    }

    override func stateDict(_ context: Context) throws -> Value? {
        .named([("current_best", best.map { .number($0) } ?? .null), ("patience_counter", .int(badEpochs))])
    }

    override func loadStateDict(_ state: Value, _ context: Context) throws {
        best = try TrainingContext.element(state, "current_best")?.asDoubles().elements.first
        let count = try TrainingContext.element(state, "patience_counter")?.asDoubles().elements.first
        badEpochs = count.flatMap { Int(exactly: $0) } ?? 0
    }
}

func registerEarlyStopping(_ luz: Namespace) {
    luz.callback(
        "luz_callback_early_stopping",
        [
            .value("monitor", "valid_loss", help: "train_ or valid_ and the name of a metric"),
            .value("min_delta", 0, help: "less than this is no improvement"),
            .value("patience", 0, help: "epochs without improvement after which it stops; 0 means 1"),
            .value("mode", "min", help: "min, max or zero: where the metric should go"),
            .value("baseline", nil, help: "value that the first epoch must beat"),
        ], help: "Ends the fit when a metric stops improving"
    ) { args in try EarlyStopping(args) }
}
