import PluginAPI

/// `luz_callback_train_valid()`: puts the model into training or evaluation mode and forgets the losses of the other
/// phase.
final class TrainValid: SettingsCallback, @unchecked Sendable {
    init() { super.init(["train_valid_callback"]) }

    override func listens(to event: TrainingEvent) -> Bool { event == .trainBegin || event == .validBegin }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        let isTraining = event == .trainBegin
        guard isTraining || event == .validBegin else { return }
        // A net may have a train() or eval() of its own, to keep parts of it frozen.
        let name = isTraining ? "train" : "eval"
        if let own = try training.model.field(name, context: training.session), own.isFunction {
            _ = try training.session.call(own, [])
        } else {
            training.model.train(isTraining)
        }
        training.isTraining = isTraining
        training.loss = .items([])
    }
}
