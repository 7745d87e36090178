import PluginAPI
import Tensors

/// `luz_callback_keep_best_model()`: at the end of the fit the model has the weights of its best epoch.
final class KeepBestModel: SettingsCallback, @unchecked Sendable {
    private var best: Double?
    private var kept: [(name: String, tensor: Tensor)]?

    init(_ args: Arguments) throws {
        super.init(["keep_best_model_callback", "model_checkpoint_callback", "monitor_metrics"], args)
        _ = try Improvement(self, args.context)
        _ = try text("monitor")
    }

    override func prepare(_ training: TrainingContext) throws {
        best = nil
        kept = nil
        try Monitor(text: text("monitor")).check(training)
    }

    override func progressState(_ training: TrainingContext) throws -> Value? {
        guard let best, let kept else { return nil }
        return .named([("best", .number(best)), ("weights", .named(kept.map { ($0.name, .tensor($0.tensor)) }))])
    }

    override func restoreProgress(_ state: Value, _ training: TrainingContext) throws {
        guard let weights = TrainingContext.element(state, "weights"), case .list(let list) = weights else { return }
        best = try TrainingContext.element(state, "best")?.asDoubles().elements.first
        kept = zip(weights.names ?? [], list.elements).compactMap { name, value in
            value.asTensor.map { (name?.string ?? "", $0) }
        }
    }

    override func listens(to event: TrainingEvent) -> Bool { event == .epochEnd || event == .fitEnd }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        if event == .fitEnd, let state = kept {
            try training.model.loadStateDict(state)
            kept = nil
        }
        guard event == .epochEnd else { return }
        let value = try Monitor(text: text("monitor")).value(training)
        let improvement = try Improvement(self, training.session)
        if let known = best {
            guard try improvement.isBetter(value, than: known, asPublished: training.session.isAsPublished) else {
                return
            }
        }
        best = value.isNaN ? nil : value
        kept = try training.model.stateDict().map { ($0.name, try $0.tensor.detached().clone()) }
    }
}

func registerKeepBestModel(_ luz: Namespace) {
    luz.callback(
        "luz_callback_keep_best_model",
        [
            .value("monitor", "valid_loss", help: "train_ or valid_ and the name of a metric"),
            .value("mode", "min", help: "min, max or zero: where the metric should go"),
            .value("min_delta", 0, help: "less than this is no improvement"),
        ], help: "Gives the model the weights of its best epoch at the end of the fit"
    ) { args in try KeepBestModel(args) }
}
