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
    let makers = registry.makers
    func made(_ callback: Callback, by name: String) -> Callback {
        callback.construction = makers["luz::luz_callback_" + name].map { Construction($0, []) }
        return callback
    }
    registry.trainingDefaults.callbacks.append { run in
        let profile = made(Profile(), by: "profile"), metrics = made(MetricsCallback(), by: "metrics")
        let shown = [made(Progress(), by: "progress"), made(InterruptCallback(), by: "interrupt")]
        switch run {
        case .fit: return [profile, made(TrainValid(), by: "train_valid"), metrics] + shown
        case .evaluate: return [profile, metrics] + shown
        case .predict: return shown
        }
    }
}
