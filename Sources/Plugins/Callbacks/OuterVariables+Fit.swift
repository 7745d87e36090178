import PluginAPI

extension OuterVariables {
    /// Variables that functions of callbacks and modules set outside of themselves.
    static func ofObjects(_ training: TrainingContext) throws -> OuterVariables {
        var numbers: [String: Int] = [:]
        // Callbacks with a state_dict() keep their fields by it, and nobody else what is around them.
        let callbacks = training.callbacks.compactMap { $0 as? ScriptedCallback }.compactMap {
            callback -> OuterVariables.Owner? in
            let name = callback.classNames.joined(separator: "/")
            numbers[name, default: 0] += 1
            guard let instance = callback.fields else { return nil }
            return OuterVariables.Owner(
                key: "callback \(name) \(numbers[name] ?? 1)",
                whose: "the callback <\(callback.classNames.first ?? "LuzCallback")>", instance: instance)
        }
        let modules = try FieldStates.modules(training).map { path, instance in
            OuterVariables.Owner(
                key: "module \(path)", whose: FieldStates.whose(path, training), instance: instance)
        }
        return OuterVariables(callbacks + modules, training.session)
    }

    /// Variables that functions of data sets and samplers set outside of themselves.
    static func ofData(_ training: TrainingContext) throws -> OuterVariables {
        OuterVariables(
            FieldStates.data(training).map {
                OuterVariables.Owner(key: $0.path, whose: "the \($0.path)", instance: $0.instance)
            },
            training.session)
    }
}
