import PluginAPI

/// The callbacks every fit has: ordinary ones, in luz's order.
func registerDefaults(_ luz: Namespace, _ registry: Registry) {
    luz.callback(
        "luz_callback_profile", [],
        help: "Seconds of fit, epochs and phases, and those spent waiting for batches, in records$profile"
    ) { _ in
        Profile()
    }
    luz.callback("luz_callback_train_valid", [], help: "Puts the model into training or evaluation mode") { _ in
        TrainValid()
    }
    luz.callback("luz_callback_metrics", [], help: "Feeds the metrics and logs them") { _ in MetricsCallback() }
    luz.callback("luz_callback_progress", [], help: "Shows epochs, metrics and a progress bar") { _ in Progress() }
    luz.callback("luz_callback_interrupt", [], help: "Ctrl-C ends the fit, which returns what it has") { _ in
        InterruptCallback()
    }
    registry.trainingDefaults.callbacks.append { run in
        switch run {
        case .fit: return [Profile(), TrainValid(), MetricsCallback(), Progress(), InterruptCallback()]
        case .evaluate: return [Profile(), MetricsCallback(), Progress(), InterruptCallback()]
        case .predict: return [Progress(), InterruptCallback()]
        }
    }
}
