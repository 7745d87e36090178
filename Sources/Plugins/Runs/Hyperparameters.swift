import PluginAPI

/// The settings of a fit as texts by name: those of the net, the optimizer, the loader and the callbacks.
struct Hyperparameters {
    private(set) var list: [(name: String, value: String)] = []
    private let context: Context

    init(_ training: TrainingContext, _ data: DataFacts) {
        context = training.session
        if !training.isSearch { add("epochs", "\(training.maxEpochs)") }
        for setting in training.hparams.namedItems { add(setting.name, text(setting.value), of: "net") }
        for (name, optimizer) in training.optimizers {
            let prefix = training.optimizers.count > 1 ? name + "." : ""
            add(prefix + "optimizer", optimizer.classes.first?.string ?? "")
            for (place, group) in optimizer.groups.enumerated() {
                for option in group.options where option.name != "initial_lr" {
                    let value = text(option.value)
                    // Further groups say what is different in them.
                    if place > 0, text(optimizer.groups[0][option.name] ?? .null) == value { continue }
                    add(prefix + (place > 0 ? "group\(place + 1)." : "") + option.name, value, of: "optimizer")
                }
            }
        }
        add("loss", text(training.lossFunction))
        for setting in data.loader { add(setting.name, setting.value, of: "loader") }
        if let batches = training.batchesPlanned.train { add("train_batches", "\(batches)") }
        if let batches = training.batchesPlanned.valid { add("valid_batches", "\(batches)") }
        addCallbacks(training)
        add("threads", "\(context.computingThreads)")
        for option in ["workbench.winograd", "workbench.as_published"] {
            if let value = context.options[option] { add(option, text(value)) }
        }
    }

    private mutating func addCallbacks(_ training: TrainingContext) {
        let standard = context.registry.trainingDefaults.callbacks.flatMap { $0(.fit) }.flatMap { $0.classNames }
        for callback in training.callbacks {
            guard let name = callback.classNames.first, !standard.contains(name) else { continue }
            guard let made = callback.construction else {
                add(name, "")
                continue
            }
            let maker = made.maker.function
            var parts: [String] = []
            for (parameter, value) in zip(maker.parameters, made.values) where parameter.name !== Symbol.dots {
                if value.isMissing { continue }
                let given = text(value)
                if let standard = parameter.defaultValue, text(standard) == given { continue }
                parts.append("\(parameter.name.name) = \(given)")
            }
            for dot in made.dots { parts.append((dot.name.map { $0.name + " = " } ?? "") + text(dot.value)) }
            add(maker.name.name, parts.joined(separator: ", "))
        }
    }

    /// Adds a setting; a second one of the same name is told apart by whose it is.
    private mutating func add(_ name: String, _ value: String, of owner: String = "") {
        var name = name.isEmpty ? owner : name
        if list.contains(where: { $0.name == name }), !owner.isEmpty { name = owner + "." + name }
        var number = 2
        let first = name
        while list.contains(where: { $0.name == name }) {
            name = "\(first).\(number)"
            number += 1
        }
        list.append((name, value))
    }

    // MARK: Text

    /// A value as code, short.
    private func text(_ value: Value, depth: Int = 0) -> String {
        switch value {
        case .null, .missing: return "NULL"
        case .builtin(let builtin): return builtin.name.name
        case .closure: return short(context.deparse(value).joined(separator: " "))
        case .object(let object):
            if let generator = object as? ModuleGenerator { return generator.classNames.first ?? "nn_module" }
            if let module = object as? Module { return module.classNames.first ?? "nn_module" }
            return "<\(object.classes.first?.string ?? "object")>"
        case .environment: return "<\(value.classes.first?.string ?? "environment")>"
        case .list(let list):
            guard depth < 3, list.count <= 8 else { return "<list of \(list.count)>" }
            let parts = value.namedItems.map {
                ($0.name.isEmpty ? "" : $0.name + " = ") + text($0.value, depth: depth + 1)
            }
            return short("list(" + parts.joined(separator: ", ") + ")")
        default:
            guard value.length <= 8 else { return "<\(value.typeName) of \(value.length)>" }
            return short(context.deparse(value).joined(separator: " "))
        }
    }

    private func short(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard scalars.count > 120 else { return text }
        var cut = String.UnicodeScalarView()
        cut.append(contentsOf: scalars.prefix(119))
        return String(cut) + "…"
    }
}
