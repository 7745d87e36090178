import PluginAPI

extension OuterVariables {
    /// Variables that functions of modules, the loss, optimizers, metrics and callbacks set outside of themselves.
    static func ofObjects(_ training: TrainingContext, forcing: Bool = false) throws -> OuterVariables {
        var owners = try FieldStates.modules(training).map { path, instance in
            Owner(
                key: "module \(path)", whose: FieldStates.whose(path, training),
                roots: [.environment(instance.members)])
        }
        owners.append(Owner(key: "loss", whose: "the loss", roots: [training.lossFunction]))
        owners += training.optimizers.map {
            Owner(key: "optimizer \($0.name)", whose: "the optimizer \($0.name)", roots: [.object($0.optimizer)])
        }
        owners += (training.metrics.train + training.metrics.valid).enumerated().map { place, metric in
            Owner(key: "metric \(place)", whose: "the metric \(metric.abbreviation)", roots: [.object(metric)])
        }
        var numbers: [String: Int] = [:]
        // Callbacks with a state_dict() keep their fields by it, and nobody else what is around them.
        owners += training.callbacks.map { callback in
            let name = callback.classNames.joined(separator: "/")
            numbers[name, default: 0] += 1
            return Owner(
                key: "callback \(name) \(numbers[name] ?? 1)",
                whose: "the callback <\(callback.classNames.first ?? "LuzCallback")>", roots: [.object(callback)])
        }
        return OuterVariables(owners, training.session, forcing: forcing)
    }

    /// Variables that functions of data sets, samplers and loaders set outside of themselves.
    static func ofData(_ training: TrainingContext) throws -> OuterVariables {
        var owners = FieldStates.data(training).map {
            Owner(key: $0.path, whose: "the \($0.path)", roots: [.environment($0.instance.members)])
        }
        for (name, value) in [("training data", training.trainData), ("validation data", training.validData)] {
            guard case .object(let object) = value, let loader = object as? Dataloader else { continue }
            owners.append(
                Owner(key: "loader \(name)", whose: "the loader of the \(name)", roots: [loader.settings.collate]))
        }
        return OuterVariables(owners, training.session)
    }
}
