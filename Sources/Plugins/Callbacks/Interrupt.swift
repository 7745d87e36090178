import PluginAPI

/// `luz_callback_interrupt()`: Ctrl-C ends the fit, which returns what it has.
final class InterruptCallback: SettingsCallback {
    init() { super.init(["interrupt_callback"]) }

    override func listens(to event: TrainingEvent) -> Bool { event == .fitBegin }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        guard event == .fitBegin else { return }
        training.addHandler("interrupt", calling: .interrupt)
    }
}

extension TrainingContext {
    /// Lets conditions of a class end the fit; callbacks are then called at an event. Keeps a handler that is there.
    func addHandler(_ className: String, calling event: TrainingEvent) {
        guard TrainingContext.element(handlers, className) == nil else { return }
        let handler = Builtin(className, namespace: "luz", [.value("condition")], visible: false) { [weak self] _ in
            try self?.call(event)
            return .null
        }
        handlers = TrainingContext.setting(handlers, className, .builtin(handler))
    }
}
